package ui

import (
	"strings"
	"testing"
)

func TestWhatWasFoundIsMarkedAndIsText(t *testing.T) {
	t.Parallel()
	m := Marked{Text: "<b>A&z", Found: []Span{{3, 5}}}
	var b strings.Builder
	if err := m.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if got, want := b.String(), `<bdi translate="no">&lt;b&gt;<mark>A&amp;</mark>z</bdi>`; got != want {
		t.Errorf("Render = %s, want %s", got, want)
	}
}
