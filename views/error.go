package views

import "foyer/views/ui"

// ErrorPage says what happened, what did not, and what to do.
type ErrorPage struct {
	Status    int
	Title     string
	What      string // what happened, and what did not
	Next      string // what to do; may be empty
	Reference string // by which the logs know it
	Problem   *ui.DetailsProps
	SignedIn  bool
	There     *ui.Link // to the page that Next speaks of; may be nil
	RetryHref string   // of the same page, where trying again can help; else empty
}

// details are Symphony's, with Foyer's reference among them.
func (p ErrorPage) details() ui.DetailsProps {
	details := *p.Problem
	details.Reference = p.Reference
	return details
}
