package lists_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foyer/lists"
)

// opened reads a file that can be read.
func opened(t *testing.T, content []byte, o lists.Options) lists.File {
	t.Helper()
	f, err := lists.Open(content, o)
	if err != nil {
		t.Fatalf("Open(%.80q) = %v", content, err)
	}
	return f
}

// refusal is why a file is not read.
func refusal(t *testing.T, content []byte, o lists.Options) lists.Refused {
	t.Helper()
	f, err := lists.Open(content, o)
	var refused *lists.Refused
	if !errors.As(err, &refused) {
		t.Fatalf("Open(%.80q) = %+v, %v, want it refused", content, f, err)
	}
	return *refused
}

func TestAFileIsWhatItsContentSays(t *testing.T) {
	t.Parallel()
	got := opened(t, []byte("\xef\xbb\xbfE-mail;First name\r\njane@acme.example;Jane\r\n"), lists.Options{})
	want := lists.Form{Format: lists.Text, Encoding: lists.UTF8, BOM: true, LineEnd: "\r\n", Separator: ';'}
	if diff := cmp.Diff(want, got.Form); diff != "" {
		t.Errorf("form (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"email=jane@acme.example | firstName=Jane"}, people(got.Table)); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
	var b bytes.Buffer
	rows := func(yield func([]string, error) bool) {
		for _, r := range got.Rows {
			if !yield(slices.Clone(r.Cells), nil) {
				return
			}
		}
	}
	if _, err := lists.Write(&b, got.Form, []string{"E-mail", "First name"}, rows); err != nil || b.String() != "\xef\xbb\xbfE-mail;First name\r\njane@acme.example;Jane\r\n" {
		t.Errorf("Write = %q, %v", b.String(), err)
	}
	if got := refusal(t, []byte("%PDF-1.7"), lists.Options{}); got.Code != lists.PDF {
		t.Errorf("a PDF is refused as %q", got.Code)
	}
}
