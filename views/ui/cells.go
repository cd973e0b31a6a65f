package ui

import (
	"context"
	"io"

	"github.com/a-h/templ"
)

// The two components that stand in every row of the long tables are written by
// hand: what templ generates for them cost more than the rest of a row
// (BenchmarkUsersPage in package handlers). Whatever may come from outside goes
// through templ.EscapeString, as templ itself does it.

// Status is a word with a shape and a colour, never a colour alone.
func Status(p StatusProps) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, `<span class="`+p.Kind.class()+`">`+templ.EscapeString(p.word())+`</span>`)
		return err
	})
}

// Time writes an instant: "2 h ago" with the UTC time on hover, or the UTC time
// itself. The zero instant reads "not known".
func Time(p TimeProps) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		markup := `<span class="muted">not known</span>`
		switch {
		case p.At.IsZero():
		case p.Absolute:
			markup = `<time datetime="` + machineTime(p.At) + `">` + p.absolute() + `</time>`
		default:
			markup = `<time datetime="` + machineTime(p.At) + `" title="` + UTC(p.At) + `" data-relative>` + Relative(p.At, p.Now) + `</time>`
		}
		_, err := io.WriteString(w, markup)
		return err
	})
}
