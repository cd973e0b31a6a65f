package handlers

import (
	"net/http"
	"testing"
	"time"

	"foyer/auth"
	"foyer/ledger"
)

func TestHomeSaysWhatOthersChangedLately(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if p := b.as(auth.Viewer).get("/").want(http.StatusOK); p.find("#outside").Length() != 0 {
		t.Error("Home speaks of changes of others, and there were none")
	}
	two := []ledger.User{{ID: "u1"}, {ID: "u2"}}
	b.must(b.store.Record(t.Context(), ledger.Event{Action: ledger.StatusOutside, Outcome: ledger.Succeeded, Users: two[:1], After: []byte(`{"status":"disabled"}`)}))
	b.must(b.store.Record(t.Context(), ledger.Event{Action: ledger.NotListed, Outcome: ledger.Succeeded, Users: two}))
	b.must(b.store.Record(t.Context(), ledger.Event{Action: ledger.CompanyOutside, Outcome: ledger.Succeeded, Company: lyondellTrading}))
	b.must(b.store.Record(t.Context(), ledger.Event{Action: ledger.DomainOutside, Outcome: ledger.Succeeded}))

	viewer := b.as(auth.Viewer).get("/").want(http.StatusOK).sound()

	viewer.says("#outside", "1 person disabled", "2 people not listed any more", "1 company created", "1 company with new domains", "Each of them stands in Activity. Needs the role auditor or admin.")
	if viewer.find("#outside a").Length() != 0 {
		t.Error("a viewer is led to everybody’s activity, which isn’t open to them")
	}
	auditor := b.as(auth.Auditor)
	lines := auditor.get("/").want(http.StatusOK).sound().find("#outside a")
	for i, noticed := range []string{"Changed outside Foyer", "Not listed any more", "Created outside Foyer", "Added outside Foyer"} {
		events := auditor.get(lines.Eq(i).AttrOr("href", "")).want(http.StatusOK)
		events.says("tbody", noticed).says(".pager p", "1 event that matches in all")
		if n := events.find("tbody tr").Length(); n != 1 {
			t.Errorf("%q leads to %d events, want the one that it counts", lines.Eq(i).Text(), n)
		}
	}
	b.clock.add(8 * 24 * time.Hour)
	if p := b.as(auth.Viewer).get("/").want(http.StatusOK); p.find("#outside").Length() != 0 {
		t.Error("Home still speaks of what is more than a week ago")
	}
}
