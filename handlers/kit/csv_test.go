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
