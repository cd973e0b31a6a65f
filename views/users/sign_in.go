package users

import (
	"time"

	"foyer/views/ui"
)

// SignInPage says why somebody can't sign in, as far as can be seen.
type SignInPage struct {
	Name                   string
	CompanyID, CompanyName string
	UserHref, Href         string
	Cause                  ui.StatusProps
	Words, Next            string // the cause, and what to do
	Say                    string // to whoever is on the phone
	Checks                 []SignInCheck
	Ticket                 string // all of it as text
	Actions                []ui.ButtonProps
	Now                    time.Time
}

// Title is the question that the page answers.
func (p SignInPage) Title() string { return "Why can’t " + p.Name + " sign in?" }

// SignInCheck is one thing that was looked at.
type SignInCheck struct {
	Subject string
	Result  ui.StatusProps
	Words   string
	Href    string // of the change that it is about
	Reason  string // of that
	Ticket  string
	Copy    string // what of it is copied
	From    string // who said so
	At      time.Time
}
