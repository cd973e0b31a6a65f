package wording

import (
	"strings"
	"testing"

	"foyer/lists"
)

func TestEveryFileThatIsNotReadIsExplained(t *testing.T) {
	t.Parallel()
	said := map[string]string{}
	for _, code := range codesIn(t, "lists/refused.go", "Code") {
		words := FileRefused(&lists.Refused{
			Code: lists.Code(code), Bytes: lists.MaxBytes + 1, Rows: 18204, Line: 17, Byte: 5210, Column: "Notes", Cell: "XFD5", Encoding: lists.UTF8, Sheet: "Leavers",
		})
		if words == code || !strings.HasSuffix(words, ".") || said[words] != "" {
			t.Errorf("%s reads %q", code, words)
		}
		said[words] = code
	}
}

func TestAFileThatIsTooLargeIsSaidToBeLarger(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]lists.Refused{
		"The file has 11 MB, and Foyer reads up to 10 MB.":                                       {Code: lists.TooBig, Bytes: lists.MaxBytes + 1},
		"The file has 18,204 rows, and Foyer reads up to 10,000 at a time.":                      {Code: lists.TooManyRows, Rows: 18204},
		"The file has more than 10,000 rows of the sheet June, and Foyer reads up to 10,000 at ": {Code: lists.TooManyRows, Rows: 10004, More: true, Sheet: "June"},
	} {
		if got := FileRefused(&r); !strings.HasPrefix(got, want) {
			t.Errorf("%+v reads %q, want %q", r, got, want)
		}
	}
}

func TestEveryEncodingAndReasonHasAName(t *testing.T) {
	t.Parallel()
	for _, e := range codesIn(t, "lists/encoding.go", "Encoding") {
		if got := Encoding(lists.Encoding(e)); got == e {
			t.Errorf("encoding %s has no name", e)
		}
	}
	for _, r := range codesIn(t, "lists/table.go", "Reason") {
		if got := LeftOut(lists.Reason(r)); got == r {
			t.Errorf("a row that is left out as %s has no words", r)
		}
	}
}
