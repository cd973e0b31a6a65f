package command

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"foyer/ledger"
	"foyer/store"
)

// Whoever is refused over and over makes two events of it: the first, and how often more.
func TestRefusalsDontFillTheLedger(t *testing.T) {
	t.Parallel()
	database := "sqlite:" + filepath.Join(t.TempDir(), "foyer.db")
	p := runProgram(t, "--database-url="+database)
	p.signIn(omar)
	for range 20 {
		if answer, _ := p.do(http.MethodGet, p.foyer+"/audit", nil, nil); answer.StatusCode != http.StatusForbidden {
			t.Fatalf("GET /audit = %d, want 403", answer.StatusCode)
		}
	}
	p.stop()
	<-p.exit

	db, err := store.Open(t.Context(), database, store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	events, err := db.Events(t.Context(), ledger.Filter{Action: ledger.Denied}, ledger.Page{})
	if err != nil || len(events) != 2 || !strings.HasPrefix(string(events[0].After), `{"repeated":19,`) {
		t.Errorf("recorded: %+v, %v, want the first and the 19 others", events, err)
	}
	if report, err := db.VerifyLedger(t.Context(), ledger.VerifyOptions{}); err != nil || !report.OK() {
		t.Errorf("VerifyLedger = %v, %v", report.Problems, err)
	}
}
