package views

import "time"

// LeftToDisable tells whoever may disable people what is left to be done after an
// access review of the company.
type LeftToDisable struct {
	Title      string // "3 people are to be disabled"
	Review     string
	FinishedAt time.Time
	Href       string
}
