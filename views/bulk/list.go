package bulk

import (
	"time"

	"foyer/views/ui"
)

// ListPage is the list of bulk changes.
type ListPage struct {
	Now   time.Time
	Rows  []ListRow
	Pager ui.PagerProps
	New   ui.ButtonProps
}

// ListRow is one of them.
type ListRow struct {
	Href, Number, Title, From string
	Status                    ui.StatusProps
	When                      string // when it starts, or what it waits for
	Sums                      string
	By                        string
	At                        time.Time
	Started                   bool // By started it, and did not only bring its list
	Reason                    string
}
