package kit

import (
	"encoding/csv"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"
)

func TestCellsAreInert(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"":                  "",
		"Lyondell":          "Lyondell",
		"=1+1":              "'=1+1",
		"+44 20 7946 0000":  "'+44 20 7946 0000",
		"-1":                "'-1",
		"@SUM(A1)":          "'@SUM(A1)",
		"\t=1":              "\t'=1",
		"\r=1":              "\n'=1",
		"\n=1":              "\n'=1",
		"x;=1+1;y":          "x;'=1+1;y",
		"x; =1+1":           "x; '=1+1",
		"x\t-1\ty":          "x\t'-1\ty",
		"x\r\n@SUM(A1)":     "x\n'@SUM(A1)",
		"x;\"=1":            "x;\"'=1",
		"Doe, =1":           "Doe, =1", // quoted where the comma separates
		"a;b=c;d-e":         "a;b=c;d-e",
		"active, inferred":  "active, inferred",
		"A\x00B\x1b[0m":     "A\ufffdB\ufffd[0m",
		"\x00=1":            "\ufffd=1",
		"\xff":              "\ufffd",
		"123456789012345":   "123456789012345",
		"1234567890123456":  "'1234567890123456",
		"007":               "'007",
		"0":                 "0",
		"12e4":              "'12e4",
		"12e4f":             "12e4f",
		"＝1":                "'＝1",
		"＋1":                "'＋1",
		"－1":                "'－1",
		"＠SUM":              "'＠SUM",
		"a=b@c.example":     "a=b@c.example",
		"jane@acme.example": "jane@acme.example",
	} {
		if got := InertCell(cell); got != want {
			t.Errorf("InertCell(%q) = %q, want %q", cell, got, want)
		}
	}
}

// sendTo sends rows as a file to a browser of its own.
func sendTo(t *testing.T, rows func(yield func([]string, error) bool)) (*httptest.ResponseRecorder, error) {
	t.Helper()
	answer := httptest.NewRecorder()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/a.csv", nil)
	k := &Kit{Logger: slog.New(slog.DiscardHandler)}
	return answer, k.SendCSV(echo.New().NewContext(request, answer), "a.csv", []string{"One", "Two"}, rows)
}

func TestAFileHoldsItsRows(t *testing.T) {
	t.Parallel()
	answer, err := sendTo(t, Whole([][]string{{`quoted "x", y`, "=1"}, {"東京", "two\nlines"}}))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(answer.Body.String(), ByteOrderMark))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{{"One", "Two"}, {`quoted "x", y`, "'=1"}, {"東京", "two\nlines"}}, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestAFileThatFailsAtOnceIsAnError(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	answer, err := sendTo(t, func(yield func([]string, error) bool) { yield(nil, broken) })
	if !errors.Is(err, broken) || answer.Body.Len() > 0 || answer.Header().Get("Content-Disposition") != "" {
		t.Errorf("sendCSV() = %v with %d bytes sent, want the error and nothing sent", err, answer.Body.Len())
	}
}

func TestAFileThatFailsLaterIsCutOff(t *testing.T) {
	t.Parallel()
	defer func() {
		if got := recover(); got != http.ErrAbortHandler { //nolint:errorlint // net/http compares it so, too
			t.Errorf("sendCSV() ended with %v, want the connection cut", got)
		}
	}()
	_, err := sendTo(t, func(yield func([]string, error) bool) {
		for range 100 {
			if !yield([]string{strings.Repeat("x", 1<<10), ""}, nil) {
				return
			}
		}
		yield(nil, errors.New("broken"))
	})
	t.Errorf("sendCSV() = %v, want it not to return", err)
}
