package handlers

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"foyer/auth"
	"foyer/ledger"
)

// That nothing is signed is said where people and machines look, and since when.
func TestThatTheLedgerIsNotSignedIsSaid(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 11, 28, 7, 5, 0, 0, time.UTC)
	for _, tt := range []struct {
		trouble    Trouble
		word, text string
	}{
		{Trouble{Code: LedgerUnsigned, Since: since}, "Not signed", "The ledger can’t be signed, since 2026-11-28 07:05:00 UTC"},
		{Trouble{Code: LedgerAltered, Since: since, Err: &ledger.AlteredError{First: ledger.Problem{Seq: 7}}}, "Altered", "the first is number 7"},
	} {
		b := newBench(t, func(o *Options) { o.Troubles = func() []Trouble { return []Trouble{tt.trouble} } })
		b.as(auth.Viewer).get("/").want(http.StatusOK).sound().says("#health li:nth-child(3)", tt.word, tt.text)
		b.as(auth.Auditor).get("/audit").want(http.StatusOK).sound().says("main", "The ledger: "+strings.ToLower(tt.word), tt.text)
		p := b.stranger().get("/readyz").want(http.StatusOK)
		if first, rest, _ := strings.Cut(p.body, "\n"); first != "degraded: nothing is signed since 2026-11-28 07:05:00 UTC" || !strings.Contains(rest, tt.text) {
			t.Errorf("/readyz = %q, want degraded, and then %q", p.body, tt.text)
		}
	}
}

// Why this process can't sign, or record, is said in words that fit.
func TestReadinessSaysWhatOfTheLedgerIsWrong(t *testing.T) {
	t.Parallel()
	var state error
	b := newBench(t, func(o *Options) { o.Ready = func() error { return state } })
	for err, says := range map[error]string{
		ledger.ErrNoAnchor:     "degraded: the ledger's anchor is missing here, so nothing is signed\n",
		ledger.ErrOtherAnchor:  "degraded: the ledger's anchor here is another ledger's, so nothing is signed\n",
		ledger.ErrNotContinued: "degraded: the ledger doesn't go on from what was signed before, so nothing is signed\n",
		ledger.ErrHead:         "degraded: the ledger's head was altered or lost, so nothing can be recorded or changed\n",
	} {
		state = fmt.Errorf("check: %w", err)
		if p := b.stranger().get("/readyz").want(http.StatusOK); p.body != says {
			t.Errorf("/readyz while %v = %q, want %q", err, p.body, says)
		}
	}
}
