package ui

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// Marked is a text with the parts of it that a search found, in their order.
type Marked []MarkedPart

// MarkedPart is a part of a text.
type MarkedPart struct {
	Text  string
	Found bool
}

// String is the text without its marks.
func (m Marked) String() string {
	if len(m) == 1 {
		return m[0].Text
	}
	var b strings.Builder
	for _, part := range m {
		b.WriteString(part.Text)
	}
	return b.String()
}

// Render implements templ.Component: the text, so that its writing direction can't
// disturb the words around it and no browser translates it.
func (m Marked) Render(_ context.Context, w io.Writer) error {
	var b strings.Builder
	b.WriteString(`<bdi translate="no">`)
	for _, part := range m {
		if part.Found {
			b.WriteString("<mark>" + templ.EscapeString(part.Text) + "</mark>")
		} else {
			b.WriteString(templ.EscapeString(part.Text))
		}
	}
	b.WriteString("</bdi>")
	_, err := io.WriteString(w, b.String())
	return err
}
