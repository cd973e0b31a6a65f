package system

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"foyer/handlers/kit"
)

// Anybody can send reports, as many as the line carries.
func TestReportsOfBrowsersDontFillTheLog(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	h := &Handlers{Kit: &kit.Kit{Logger: slog.New(slog.NewTextHandler(&log, nil))}, Reports: NewReports()}
	const report = `[{"body":{"effectiveDirective":"script-src","blockedURL":"https://evil.example/?who=zoe"}}]`
	var refused int
	for range 1000 {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/csp-report", strings.NewReader(report))
		w := httptest.NewRecorder()
		if err := h.CSPReport(echo.New().NewContext(r, w)); err != nil {
			t.Fatal(err)
		}
		if w.Code == http.StatusTooManyRequests {
			refused++
		}
	}
	lines := strings.Count(log.String(), "\n")
	if lines == 0 || lines > 100 || refused != 1000-lines {
		t.Errorf("%d lines logged and %d refused of 1000 reports, want a few logged and the rest refused", lines, refused)
	}
	if strings.Contains(log.String(), "zoe") {
		t.Errorf("logged: %.200s, want no address", log.String())
	}
}
