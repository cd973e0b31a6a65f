package companies

import (
	"foyer/views"
	"foyer/views/ui"
)

// Notes are what people note of a company themselves.
type Notes struct {
	Tags      []ui.Link
	Alias     string
	Reference string
	Change    ui.ButtonProps // leads to the form
}

func (n Notes) facts() []ui.KeyValueItem {
	var facts []ui.KeyValueItem
	if n.Alias != "" {
		facts = append(facts, ui.KeyValueItem{Key: "Alias", Content: ui.Name(n.Alias)})
	}
	if n.Reference != "" {
		facts = append(facts, ui.KeyValueItem{Key: "Reference", Value: n.Reference, Copy: true})
	}
	if len(n.Tags) > 0 {
		facts = append(facts, ui.KeyValueItem{Key: "Tags", Content: views.Tags(n.Tags)})
	}
	return facts
}

// NotesPage is the form for the notes on a company, as it was filled in.
type NotesPage struct {
	ID, Name               string
	Tags, Alias, Reference string
	Seen                   string   // the version that the form sets out from
	InUse                  []string // tags that companies have

	Changed *NotesChange // what somebody else made of them meanwhile
	Errors  ui.Errors
	Draft   bool // it was sent after the session ended
}

// NotesChange is what notes have become since the form was shown.
type NotesChange struct {
	By  string // "Omar Haddad changed what is noted at 10:02 UTC."
	Now Notes
}
