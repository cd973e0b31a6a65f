package ui

import (
	"context"
	"io"

	"github.com/a-h/templ"
)

// The two components that stand in every row of the long tables are written by
// hand: what templ generates for them cost more than the rest of a row
// (BenchmarkPeoplePage in package handlers). Whatever may come from outside goes
// through AppendText.

// Status is a word with a shape and a colour, never a colour alone.
func Status(p StatusProps) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := w.Write(p.Append(nil))
		return err
	})
}

// Append appends what Status renders.
func (p StatusProps) Append(markup []byte) []byte {
	markup = append(markup, `<span class="`...)
	markup = append(markup, p.Kind.class()...)
	markup = append(markup, `">`...)
	markup = AppendText(markup, p.word())
	return append(markup, `</span>`...)
}

// Time writes an instant: "2 h ago" with the UTC time on hover, or the UTC time
// itself. The zero instant reads "not known".
func Time(p TimeProps) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := w.Write(p.Append(nil))
		return err
	})
}

// Append appends what Time renders.
func (p TimeProps) Append(markup []byte) []byte {
	if p.At.IsZero() {
		return append(markup, `<span class="muted">not known</span>`...)
	}
	markup = append(markup, `<time datetime="`...)
	markup = p.At.UTC().AppendFormat(markup, machineLayout)
	if p.Absolute {
		markup = append(markup, `">`...)
		markup = append(markup, p.absolute()...)
	} else {
		markup = append(markup, `" title="`...)
		markup = p.At.UTC().AppendFormat(markup, utcLayout)
		markup = append(markup, `" data-relative>`...)
		markup = append(markup, Relative(p.At, p.Now)...)
	}
	return append(markup, `</time>`...)
}
