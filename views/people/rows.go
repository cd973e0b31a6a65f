package people

import (
	"context"
	"io"
	"time"

	"github.com/a-h/templ"

	"foyer/views"
	"foyer/views/ui"
)

// rows are the rows of a table of up to a hundred people. They are written by hand, as
// ui.Status is and for the same reason: a page of a hundred is what Foyer shows most
// (BenchmarkPeoplePage in package handlers). Whatever may come from outside goes through
// text or marked, which escape it.
func rows(p ListPage, people []Row) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var out writer
		for i := range people {
			out.row(&people[i], p.Columns, p.CompanyID != "", p.Now)
			if err := out.flush(w); err != nil {
				return err
			}
		}
		return nil
	})
}

// writer gathers the markup of a row.
type writer struct{ markup []byte }

// flush writes what was gathered.
func (w *writer) flush(to io.Writer) error {
	_, err := to.Write(w.markup)
	w.markup = w.markup[:0]
	return err
}

// raw writes markup of Foyer's own.
func (w *writer) raw(markup string) { w.markup = append(w.markup, markup...) }

// text writes a text, or the value of an attribute.
func (w *writer) text(s string) { w.markup = ui.AppendText(w.markup, s) }

// marked writes a text with what was searched for in it.
func (w *writer) marked(m ui.Marked) { w.markup = m.Append(w.markup) }

// row writes one person. live gives what may be read again ids, by which a fragment
// finds it; of several companies' people it isn't read again.
func (w *writer) row(r *Row, columns []Column, live bool, now time.Time) {
	w.raw(`<tr><td class="pick"><label><input type="checkbox" name="pick" value="`)
	w.text(r.CompanyID)
	w.raw("/")
	w.text(r.ID)
	w.raw(`" data-email="`)
	w.text(r.Email.Text)
	w.raw(`"><span class="sr-only">Select `)
	w.text(r.Name.Text)
	w.raw(`</span></label></td><th scope="row"><a href="`)
	w.text(views.UserPath(r.CompanyID, r.ID))
	w.raw(`"><bdi translate="no">`)
	w.marked(r.Name)
	w.raw(`</bdi></a>`)
	if r.FoundBy.Text != "" {
		w.raw(`<span class="sub" dir="auto">`)
		w.marked(r.FoundBy)
		w.raw("</span>")
	}
	w.raw("</th>")
	for i := range columns {
		w.cell(r, columns[i].Key, live, now)
	}
	w.raw("</tr>")
}

func (w *writer) cell(r *Row, key ColumnKey, live bool, now time.Time) {
	switch key {
	case Email:
		w.words(`<td translate="no"`, r.Email)
	case Company:
		w.words(`<td translate="no"`, ui.Marked{Text: r.Company})
	case Department:
		w.words(`<td class="muted"`, r.Department)
	case Title:
		w.words(`<td class="muted"`, r.Title)
	case Location:
		w.words(`<td class="muted"`, ui.Marked{Text: r.Location})
	case Phone:
		w.words(`<td translate="no"`, r.Phone)
	case SymphonyID:
		w.raw(`<td data-label="Symphony id" translate="no">`)
		w.text(r.SymphonyID)
		w.raw("</td>")
	case Tags:
		w.words(`<td data-label="Company tags" class="muted"`, ui.Marked{Text: r.Tags})
	case Reference:
		w.words(`<td data-label="Company reference" translate="no"`, ui.Marked{Text: r.Reference})
	case Note:
		w.words(`<td data-label="Note"`, ui.Marked{Text: r.Noted})
	case Created:
		w.raw(`<td data-label="Created" class="muted">`)
		w.text(r.Created)
		w.raw("</td>")
	case Status:
		w.raw("<td>")
		w.status(r, live, "")
		w.raw("</td>")
	case Seen:
		w.raw(`<td data-label="Seen" class="num muted">`)
		w.seen(r, now, live, "")
		w.raw("</td>")
	case Action:
		w.raw(`<td class="actions">`)
		w.action(r, live, "")
		w.raw("</td>")
	case Person:
	}
}

// words writes a cell of words, whose whole stands in its title where it may be cut off.
func (w *writer) words(open string, m ui.Marked) {
	w.raw(open)
	if cut(m.Text) {
		w.raw(` title="`)
		w.text(m.Text)
		w.raw(`"`)
	}
	w.raw(` dir="auto">`)
	w.marked(m)
	w.raw("</td>")
}

// cut says whether a text may be too long for its column.
func cut(text string) bool { return len(text) > 24 }

// element opens an element with an id, so that a fragment can replace it.
func (w *writer) element(id, of string, live bool, swap string) {
	w.raw("<span")
	if live {
		w.raw(` id="`)
		w.raw(id)
		w.text(of)
		w.raw(`"`)
	}
	w.raw(swap)
	w.raw(">")
}

// swapped has htmx put an element in the place of the one with its id.
const swapped = ` hx-swap-oob="true"`

func (w *writer) status(r *Row, live bool, swap string) {
	w.element("status-", r.ID, live, swap)
	w.markup = ui.StatusProps{Kind: r.Status}.Append(w.markup)
	if r.Note != "" {
		w.raw(`<span class="sub">`)
		w.text(r.Note)
		w.raw("</span>")
	}
	w.raw("</span>")
}

// seen writes when the status was told, and leads to where one that never was is asked.
func (w *writer) seen(r *Row, now time.Time, live bool, swap string) {
	w.element("seen-", r.ID, live, swap)
	if r.StatusAt.IsZero() {
		w.raw(`<a href="`)
		w.text(views.UserPath(r.CompanyID, r.ID))
		w.raw(`">Check now<span class="sr-only">: `)
		w.text(r.Name.Text)
		w.raw("</span></a>")
	} else {
		w.markup = ui.TimeProps{At: r.StatusAt, Now: now}.Append(w.markup)
	}
	w.raw("</span>")
}

func (w *writer) action(r *Row, live bool, swap string) {
	w.element("action-", r.ID, live, swap)
	if r.WhyNot != "" {
		w.raw(`<span class="muted">`)
		w.text(r.WhyNot)
		w.raw("</span></span>")
		return
	}
	w.raw(`<a href="`)
	w.text(views.StatusPath(r.CompanyID, r.ID))
	w.raw(`">`)
	w.text(r.Action)
	w.raw(`<span class="sr-only">&nbsp;<bdi translate="no">`)
	w.text(r.Name.Text)
	w.raw("</bdi></span></a></span>")
}

// Statuses are the cells of people whose statuses were read after the page was shown.
// Each finds its own place in the page. actions says whether the page has those.
func Statuses(read []Row, now time.Time, seen, actions bool) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var out writer
		for i := range read {
			r := &read[i]
			out.status(r, true, swapped)
			if seen {
				out.seen(r, now, true, swapped)
			}
			if actions {
				out.action(r, true, swapped)
			}
		}
		return out.flush(w)
	})
}
