package wording

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"foyer/portal"
)

func TestWhatIsUnknownIsAGenericErrorWithoutItsText(t *testing.T) {
	t.Parallel()
	a := Classify(errors.New("pq: SELECT secret FROM x"))
	if a.Status != http.StatusInternalServerError || a.Quiet || strings.Contains(a.Title+a.What+a.Next, "secret") {
		t.Errorf("classify(unknown) = %+v, want a generic 500 that is logged", a)
	}
	if a := Classify(echo.ErrMethodNotAllowed); a.Status != http.StatusMethodNotAllowed || !a.Quiet {
		t.Errorf("classify(405) = %+v", a)
	}
}

func TestWhatCouldNotBeBegunIsSaidToBeNothing(t *testing.T) {
	t.Parallel()
	a := Classify(fmt.Errorf("schedule jobs: %w: %w", portal.ErrNotScheduled, context.DeadlineExceeded))
	if a.Status != http.StatusServiceUnavailable || !strings.Contains(a.What, "nothing was begun") {
		t.Errorf("Classify = %+v, want 503 and that nothing was begun", a)
	}
}

func TestATimeThatRanOutIsNobodysMistake(t *testing.T) {
	t.Parallel()
	a := Classify(fmt.Errorf("read session: %w", context.DeadlineExceeded))
	if a.Status != http.StatusServiceUnavailable || a.Quiet || a.Title != "That took too long" {
		t.Errorf("classify(deadline) = %+v, want a 503 that is logged", a)
	}
}
