package wording

import (
	"encoding/json"
	"strings"
	"testing"

	"foyer/ledger"
	"foyer/portal/directory"
	"foyer/views/ui"
)

func TestAHistorySaysWhatOfTheNotesChanged(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ before, after, want string }{
		"all at once":    {`{"alias":"","reference":"","tags":[]}`, `{"alias":"LYB","reference":"17","tags":["Gold","Süd"]}`, "Alias “LYB” · Reference “17” · Tags added: Gold, Süd"},
		"some of it":     {`{"alias":"LYB","tags":["Gold","Süd"]}`, `{"alias":"Lyo","tags":["Süd","New"]}`, "Alias “Lyo”, before “LYB” · Tags added: New · Tags removed: Gold"},
		"taken away":     {`{"alias":"LYB","tags":["Gold"]}`, `{"alias":"","tags":[]}`, "Alias removed, it was “LYB” · Tags removed: Gold"},
		"the order":      {`{"tags":["A","B"]}`, `{"tags":["B","A"]}`, "The order of the tags"},
		"a note":         {`{"note":""}`, `{"note":"On\nleave"}`, "Note “On leave”"},
		"a long note":    {`{"note":"x"}`, `{"note":"` + strings.Repeat("ö", 300) + `"}`, "Note “" + strings.Repeat("ö", 200) + "…”, before “x”"},
		"what is erased": {``, ``, ""},
	} {
		e := ledger.Event{Action: ledger.NoteCompany, Before: json.RawMessage(tt.before), After: json.RawMessage(tt.after)}
		if got := notesNote(e); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// bracketed writes a text with brackets around what was found in it.
func bracketed(m ui.Marked) string {
	return strings.NewReplacer("<mark>", "[", "</mark>", "]").Replace(string(m.Append(nil)))
}

func TestWhatWasFoundByANoteSaysByWhich(t *testing.T) {
	t.Parallel()
	notes := directory.CompanyNotes{Alias: "Élan", Reference: "CRM-17", Tags: []string{"Gold", "Elan 2"}}
	for name, tt := range map[string]struct {
		found ui.Marked
		want  string
	}{
		"several":          {NotesFound(notes, []string{"elan"}), "Alias: [Élan] · Tag: [Elan] 2"},
		"one":              {NotesFound(notes, []string{"17"}), "Reference: CRM-[17]"},
		"none":             {NotesFound(notes, []string{"silver"}), ""},
		"the whole note":   {NoteFound("On\n leave", []string{"leave"}), "Note: On [leave]"},
		"a part of a note": {NoteFound(strings.Repeat("ö ", 50)+"Zoë"+strings.Repeat(" ü", 100), []string{"zoe"}), "Note: …" + strings.Repeat("ö ", 13) + "[Zoë]" + strings.Repeat(" ü", 39) + "…"},
		"a part of a word": {NoteFound(strings.Repeat("ö", 50)+"Zoë"+strings.Repeat("ü", 100), []string{"zoe"}), "Note: …" + strings.Repeat("ö", 20) + "[Zoë]" + strings.Repeat("ü", 60) + "…"},
	} {
		if got := bracketed(tt.found); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
