package wording

import (
	"errors"

	"foyer/ledger"
	"foyer/portal/directory"
	"foyer/views"
)

// Unkept says that what a page read could not be kept, as read says why, or that nothing
// can be recorded, as unwritable does; and what follows from that. Nil where both are nil.
func Unkept(read, unwritable error) *views.Unkept {
	const refused = "While that is so changes are refused: what Foyer cannot record, it doesn’t send."
	down, ofDirectory := errors.AsType[*directory.Unavailable](read)
	switch {
	case read == nil && unwritable == nil:
		return nil
	case errors.Is(unwritable, ledger.ErrKey), errors.Is(read, ledger.ErrKey):
		return &views.Unkept{
			Title: "Foyer can’t record anything now.",
			Text:  "It runs without the ledger’s key. What it reads may not be kept. " + refused + " Nobody else can sign in. Tell whoever runs Foyer.",
		}
	case read == nil:
		return &views.Unkept{Title: "Foyer can’t record anything now.", Text: "Its own store can’t be written. " + refused}
	case ofDirectory && unwritable == nil:
		return &views.Unkept{
			Title: "Foyer can’t keep what it reads of people now.",
			Text:  "What is shown is what Symphony says. " + DirectoryDown(down) + " Changes are made and recorded as usual.",
		}
	}
	return &views.Unkept{
		Title: "Foyer can’t keep what it reads now.",
		Text:  "What is shown is what Symphony says, and it isn’t kept: Foyer’s own store can’t be written, or not soon enough. " + refused,
	}
}
