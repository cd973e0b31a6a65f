package wording

import (
	"foyer/portal/directory"
	"foyer/sapi"
	"foyer/views"
	"foyer/views/ui"
)

// MomentWhat says what became of a person's status, and by whom: "Disabled by Vera
// Lindqvist".
func MomentWhat(m directory.StatusMoment) string {
	what := "Disabled"
	if m.Status == sapi.StatusActive {
		what = "Enabled"
	}
	switch m.By {
	case directory.ByFoyer:
		return what + " by " + MomentActor(m)
	case directory.PerhapsByFoyer:
		return what + ", perhaps by " + MomentActor(m)
	case directory.OutsideFoyer:
	}
	return what + " outside Foyer"
}

// MomentNote says what is known of a change that Foyer did not make, or doesn't know to
// have made; empty for its own.
func MomentNote(m directory.StatusMoment) string {
	if m.By == directory.ByFoyer {
		return ""
	}
	words := "Between " + ui.UTC(m.Before) + " and " + ui.UTC(m.At) + "."
	if m.By == directory.PerhapsByFoyer {
		words += " How the change that was asked for in Foyer ended is not known."
	}
	return words
}

// MomentActor is who asked for a change of Foyer's own.
func MomentActor(m directory.StatusMoment) string {
	return ActorName(m.Asked.Actor, m.Asked.Redacted)
}

// MomentHref is the page of the change that Foyer made, or may have made; empty where
// there is none.
func MomentHref(m directory.StatusMoment) string {
	if m.Asked.Change == "" {
		return ""
	}
	return views.ChangePath(m.Asked.Change)
}
