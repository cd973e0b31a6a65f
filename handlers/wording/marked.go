package wording

import (
	"foyer/folding"
	"foyer/views/ui"
)

// Marked marks in a text where the words of a search stand, which are folded.
func Marked(text string, words []string) ui.Marked {
	if text == "" {
		return nil
	}
	var parts ui.Marked
	at := 0
	for _, mark := range folding.Marks(text, words) {
		if mark.Start > at {
			parts = append(parts, ui.MarkedPart{Text: text[at:mark.Start]})
		}
		parts = append(parts, ui.MarkedPart{Text: text[mark.Start:mark.End], Found: true})
		at = mark.End
	}
	if at < len(text) {
		parts = append(parts, ui.MarkedPart{Text: text[at:]})
	}
	return parts
}
