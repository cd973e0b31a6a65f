package users

import (
	"time"

	"foyer/views/ui"
)

// AtForm asks for a status at a date.
type AtForm struct {
	Action  string
	Value   string // as it was typed, or as the control for a time has it
	Error   string
	NowHref string // the same page without a time; empty when it has none
}

// kind is the control of a time. What it can't show stays the text that it is.
func (f AtForm) kind() ui.FieldKind {
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if _, err := time.Parse(layout, f.Value); err == nil {
			return ui.FieldMoment
		}
	}
	if f.Value == "" {
		return ui.FieldMoment
	}
	return ui.FieldText
}

func (f AtForm) attributes() map[string]any {
	if len(f.Value) == len("2006-01-02T15:04:05") {
		return map[string]any{"step": "1"} // else the control takes whole minutes only
	}
	return nil
}

// PastStatus is a status at a time, with how it is known.
type PastStatus struct {
	Status   ui.StatusProps
	How      string // Observed, Inferred; empty of what isn't known
	Why      string
	Event    string // the words of the link to the event of the ledger that it follows from
	EventRef string // empty: there is none, or who looks may not see it
	Created  bool   // the person was there at that time
}

// PastNote says what a page as of a time shows.
type PastNote struct {
	At    string // "2026-09-30 18:00:00 UTC"
	Since string // since when Foyer watches; empty: it doesn't yet
	Whom  string // the company or the person that it watches
}
