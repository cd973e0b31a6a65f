package users

import (
	"foyer/views"
	"foyer/views/ui"
)

// NotePage is the form for the note on a person, as it was filled in.
type NotePage struct {
	CompanyID, CompanyName string
	UserID, UserName       string
	Note                   string
	Seen                   string // the version that the form sets out from

	Changed *NoteChange // what somebody else made of it meanwhile
	Errors  ui.Errors
	Draft   bool // it was sent after the session ended
}

// NoteChange is what a note has become since the form was shown.
type NoteChange struct{ By, Now string }

func (p NotePage) path() string { return views.NotePath(p.CompanyID, p.UserID) }

func (p NotePage) userHref() string { return views.UserPath(p.CompanyID, p.UserID) }
