package portal_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
)

// recorder keeps events, unless it fails.
type recorder struct {
	events []ledger.Event
	err    error
}

func (r *recorder) Record(_ context.Context, events ...ledger.Event) error {
	if r.err != nil {
		return r.err
	}
	r.events = append(r.events, events...)
	return nil
}

// watched gathers in front of a recorder, by a clock that stands still.
func watched() (repeats *portal.Repeats, kept *recorder, forward func(time.Duration)) {
	at, kept := time.Date(2026, 9, 30, 18, 0, 0, 0, time.UTC), &recorder{}
	return portal.NewRepeats(kept, func() time.Time { return at }), kept, func(d time.Duration) { at = at.Add(d) }
}

func denied(subject, company string) ledger.Event {
	return ledger.Event{
		Action: ledger.Denied, Outcome: ledger.Failed, Code: "change.status", Company: ledger.Company{ID: company},
		Actor: auth.Actor{Issuer: "https://idp.example", Subject: subject, Address: "10.0.0.1"},
	}
}

func TestWhatIsRefusedAgainAndAgainIsOneEventWithItsNumber(t *testing.T) {
	t.Parallel()
	repeats, kept, forward := watched()
	for n := range 500 {
		if err := repeats.Record(t.Context(), denied("vera", fmt.Sprint(n))); err != nil {
			t.Fatal(err)
		}
		forward(time.Second)
	}
	if err := repeats.Record(t.Context(), denied("omar", "1")); err != nil {
		t.Fatal(err)
	}
	if len(kept.events) != 2 || kept.events[0].Company.ID != "0" || kept.events[1].Actor.Subject != "omar" {
		t.Fatalf("recorded at once: %+v, want the first of each", kept.events)
	}
	if err := repeats.Flush(t.Context(), false); err != nil || len(kept.events) != 2 {
		t.Errorf("before the hour is over: %d events, %v, want no more", len(kept.events), err)
	}
	forward(time.Hour)
	if err := repeats.Flush(t.Context(), false); err != nil || len(kept.events) != 3 {
		t.Fatalf("after the hour: %d events, %v, want one more", len(kept.events), err)
	}
	if e := kept.events[2]; e.Actor.Subject != "vera" || e.Company.ID != "" || string(e.After) != `{"repeated":499,"until":"2026-09-30T18:08:19Z"}` {
		t.Errorf("gathered: %+v with %s, want 499 of Vera's", e, e.After)
	}
	if err := repeats.Record(t.Context(), denied("vera", "1")); err != nil || len(kept.events) != 4 {
		t.Errorf("in the next hour: %d events, %v, want the first at once", len(kept.events), err)
	}
}

func TestWhatIsNoRefusalIsRecordedAtOnce(t *testing.T) {
	t.Parallel()
	repeats, kept, _ := watched()
	for range 3 {
		for _, e := range []ledger.Event{{Action: ledger.SignIn, Outcome: ledger.Succeeded}, {Action: ledger.Export, Outcome: ledger.Succeeded}} {
			if err := repeats.Record(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(kept.events) != 6 {
		t.Errorf("%d events are recorded, want all six", len(kept.events))
	}
}

// Whoever makes up addresses, subjects and reasons can't fill the ledger either.
func TestRefusalsOfManyKindsAreBounded(t *testing.T) {
	t.Parallel()
	repeats, kept, _ := watched()
	for n := range 5000 {
		e := ledger.Event{Action: ledger.SignIn, Outcome: ledger.Failed, Note: "state", Actor: auth.Actor{Address: fmt.Sprintf("2001:db8:0:%x::1", n)}}
		if err := repeats.Record(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	if err := repeats.Flush(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if n := len(kept.events); n > 1010 {
		t.Errorf("5,000 refusals from as many networks are %d events, want a bound", n)
	}
	if last := kept.events[len(kept.events)-1]; string(last.After) != `{"repeated":3999,"until":"2026-09-30T18:00:00Z"}` {
		t.Errorf("the others: %s, want all of them counted", last.After)
	}
}

func TestWhatCouldNotBeRecordedIsCountedOn(t *testing.T) {
	t.Parallel()
	repeats, kept, forward := watched()
	kept.err = errors.New("locked")
	if err := repeats.Record(t.Context(), denied("vera", "1")); err == nil {
		t.Error("Record = nil, want the error: the first is recorded or nothing is")
	}
	kept.err = nil
	for range 3 {
		_ = repeats.Record(t.Context(), denied("vera", "1"))
	}
	forward(time.Hour)
	kept.err = errors.New("locked")
	if err := repeats.Flush(t.Context(), false); err == nil {
		t.Error("Flush = nil, want the error")
	}
	kept.err = nil
	if err := repeats.Flush(t.Context(), true); err != nil || len(kept.events) != 2 || string(kept.events[1].After) != `{"repeated":2,"until":"2026-09-30T18:00:00Z"}` {
		t.Errorf("Flush = %v, recorded %+v, want the two", err, kept.events)
	}
}
