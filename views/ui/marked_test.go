package ui

import (
	"strings"
	"testing"
)

func TestWhatWasFoundIsMarkedAndIsText(t *testing.T) {
	t.Parallel()
	m := Marked{{Text: "<b>"}, {Text: "A&", Found: true}, {Text: "z"}}
	var b strings.Builder
	if err := m.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if got, want := b.String(), `<bdi translate="no">&lt;b&gt;<mark>A&amp;</mark>z</bdi>`; got != want {
		t.Errorf("Render = %s, want %s", got, want)
	}
	if got := m.String(); got != "<b>A&z" {
		t.Errorf("String = %q", got)
	}
}
