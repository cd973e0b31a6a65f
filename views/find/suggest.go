package find

import (
	"strconv"
	"time"

	"foyer/views"
	"foyer/views/ui"
)

// SuggestPage is what the search box offers for what is typed so far.
type SuggestPage struct {
	Groups []Group
	Note   string // what is missing in it, or how old it is
	Spoken string // what there is, for people who hear the page
	Now    time.Time
}

// Add adds a group, unless there is nothing in it.
func (p *SuggestPage) Add(id, label string, options ...Option) {
	if len(options) == 0 {
		return
	}
	for i := range options {
		options[i].ID = "suggest-" + id + "-" + strconv.Itoa(i)
	}
	p.Groups = append(p.Groups, Group{ID: "suggest-" + id, Label: label, Options: options})
}

// Group is a group of what is offered.
type Group struct {
	ID, Label string
	Options   []Option
	Last      bool // stands apart, under the others, without its label
}

// Option is one thing that is offered.
type Option struct {
	ID     string // of the element
	Href   string
	Icon   ui.IconName // of what is no company and no person
	Name   ui.Marked
	Detail ui.Marked // an e-mail, a domain
	Aside  string    // whose it is
	State  *ui.StatusProps
	Status *views.StatusCell
}
