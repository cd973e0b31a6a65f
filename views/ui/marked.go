package ui

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// Marked is a text with the parts of it that a search found, in their order and apart
// from each other.
type Marked struct {
	Text  string
	Found []Span
}

// Span is a part of a text, in bytes: from Start up to, and without, End.
type Span struct{ Start, End int }

// Append appends the text as markup, escaped, with what was found in mark elements.
func (m Marked) Append(markup []byte) []byte {
	at := 0
	for _, found := range m.Found {
		markup = AppendText(markup, m.Text[at:found.Start])
		markup = append(markup, "<mark>"...)
		markup = AppendText(markup, m.Text[found.Start:found.End])
		markup = append(markup, "</mark>"...)
		at = found.End
	}
	return AppendText(markup, m.Text[at:])
}

// AppendText appends a text, or the value of an attribute, as markup: escaped.
func AppendText(markup []byte, text string) []byte {
	if strings.ContainsAny(text, `&<>"'`) {
		text = templ.EscapeString(text)
	}
	return append(markup, text...)
}

// Render implements templ.Component: the text, so that its writing direction can't
// disturb the words around it and no browser translates it.
func (m Marked) Render(_ context.Context, w io.Writer) error {
	markup := m.Append([]byte(`<bdi translate="no">`))
	_, err := w.Write(append(markup, "</bdi>"...))
	return err
}
