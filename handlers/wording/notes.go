package wording

import (
	"encoding/json"
	"slices"
	"strings"

	"foyer/folding"
	"foyer/ledger"
	"foyer/portal/directory"
	"foyer/views"
	"foyer/views/ui"
)

// Tags are tags of a company, each of which leads to the companies that have it.
func Tags(tags []string) []ui.Link {
	links := make([]ui.Link, len(tags))
	for i, tag := range tags {
		links[i] = ui.Link{Label: tag, Href: views.TaggedPath(tag)}
	}
	return links
}

// notedValues are the values of an event about what people note themselves; nil is what
// didn't change.
type notedValues struct {
	Tags                   []string
	Alias, Reference, Note *string
}

// notesNote says what of the notes on a company or a person an event changed.
func notesNote(e ledger.Event) string {
	var was, is notedValues
	if json.Unmarshal(e.Before, &was) != nil || json.Unmarshal(e.After, &is) != nil {
		return "" // erased
	}
	var parts []string
	add := func(name string, was, is *string) {
		switch {
		case was == nil || is == nil:
		case *is == "":
			parts = append(parts, name+" removed, it was “"+briefly(*was)+"”")
		case *was == "":
			parts = append(parts, name+" “"+briefly(*is)+"”")
		default:
			parts = append(parts, name+" “"+briefly(*is)+"”, before “"+briefly(*was)+"”")
		}
	}
	add("Note", was.Note, is.Note)
	add("Alias", was.Alias, is.Alias)
	add("Reference", was.Reference, is.Reference)
	parts = append(parts, tagsNote("Tags added", was.Tags, is.Tags)...)
	parts = append(parts, tagsNote("Tags removed", is.Tags, was.Tags)...)
	if len(parts) == 0 {
		return "The order of the tags"
	}
	return strings.Join(parts, " · ")
}

// tagsNote names the tags that only the second list has.
func tagsNote(what string, without, with []string) []string {
	more := slices.DeleteFunc(slices.Clone(with), func(tag string) bool { return slices.Contains(without, tag) })
	if len(more) == 0 {
		return nil
	}
	return []string{what + ": " + strings.Join(more, ", ")}
}

// notedBriefly is how much of a note stands in a history, in characters.
const notedBriefly = 200

// briefly is a text in one line, cut where it is long.
func briefly(text string) string {
	line := []rune(strings.Join(strings.Fields(text), " "))
	if len(line) <= notedBriefly {
		return string(line)
	}
	return string(line[:notedBriefly]) + "…"
}

// NotedBy says who changed notes last, of events of which the newest come first.
func NotedBy(events []ledger.Event, action ledger.Action) string {
	i := slices.IndexFunc(events, func(e ledger.Event) bool { return e.Action == action })
	if i < 0 {
		return "Somebody changed what is noted."
	}
	return ActorName(events[i].Actor, events[i].Redacted) + " changed what is noted at " + ui.Clock(events[i].At) + " UTC."
}

// NotesFound are the notes on a company in which words of a search stand; empty when they
// stand in none.
func NotesFound(n directory.CompanyNotes, words []string) ui.Marked {
	var found ui.Marked
	add := func(name, text string) {
		m := Marked(text, words)
		if len(m.Found) > 0 {
			found = beside(found, name, m)
		}
	}
	add("Alias", n.Alias)
	add("Reference", n.Reference)
	for _, tag := range n.Tags {
		add("Tag", tag)
	}
	return found
}

// How much of a note is shown around what was found in it, in bytes.
const (
	excerptBefore = 40
	excerptAfter  = 120
)

// NoteFound is the part of a note in which words of a search stand.
func NoteFound(note string, words []string) ui.Marked {
	note = strings.Join(strings.Fields(note), " ")
	from, to := 0, len(note)
	if marks := folding.Marks(note, words); len(marks) > 0 {
		start, end := marks[0].Start, marks[0].End
		if start > excerptBefore {
			from = start - excerptBefore
			from += strings.Index(note[from:start], " ") + 1
		}
		if end+excerptAfter < len(note) {
			to = end + excerptAfter
			if blank := strings.LastIndex(note[end:to], " "); blank > 0 {
				to = end + blank
			}
		}
	}
	part := strings.ToValidUTF8(note[from:to], "")
	if from > 0 {
		part = "…" + part
	}
	if to < len(note) {
		part += "…"
	}
	return behind("Note: ", Marked(part, words))
}
