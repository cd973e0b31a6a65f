package views

import "foyer/views/ui"

// Coverage is how much of the directory is read, in words.
type Coverage struct {
	Words   string            // "12 companies, read within the last 20 min"
	Gaps    []Gap             // whose people could not be read
	Filling *ui.ProgressProps // how far the first reading is; nil when it is over
	// FillingTitle says what is being read.
	FillingTitle string
	// LookAgain has the page look how far it is, and load again when it is over: where
	// that sends no form again.
	LookAgain bool
}

// Gap is a company whose people could not be read.
type Gap struct {
	Company, ReadPath string // empty: Words are about several
	Words             string // "could not be read, shown as of 08:12:31 UTC"
}
