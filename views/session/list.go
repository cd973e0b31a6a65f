package session

import (
	"time"

	"foyer/views/ui"
)

// ListPage lists sessions.
type ListPage struct {
	Now      time.Time
	Everyone bool // everybody's, not only one's own
	Rows     []Row
	Pager    ui.PagerProps
}

// Row is one signed-in browser.
type Row struct {
	ID          string
	Name, Email string
	Role        string
	Address     string
	Browser     string // "Chrome on Linux"
	UserAgent   string // the browser's own words
	BeganAt     time.Time
	SeenAt      time.Time
	Own         bool // of the person who looks
	Current     bool // this very browser's
	EndAll      bool // all sessions of the person can be ended here
}
