package wording

import (
	"foyer/folding"
	"foyer/views/ui"
)

// Marked marks in a text where the words of a search stand, which are folded.
func Marked(text string, words []string) ui.Marked {
	m := ui.Marked{Text: text}
	for _, found := range folding.Marks(text, words) {
		m.Found = append(m.Found, ui.Span(found))
	}
	return m
}

// behind gives a marked text behind some words.
func behind(words string, m ui.Marked) ui.Marked {
	all := ui.Marked{Text: words + m.Text}
	for _, found := range m.Found {
		all.Found = append(all.Found, ui.Span{Start: len(words) + found.Start, End: len(words) + found.End})
	}
	return all
}
