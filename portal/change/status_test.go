package change_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/internal/testworld"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/sandbox"
	"foyer/sapi"
)

func TestDisablingAPersonIsRecordedBeforeAndAfter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	user := w.Someone(company.ID)

	made, err := w.Disable(company, user, portal.NewToken())

	if err != nil || made.State != change.Done {
		t.Fatalf("SetStatus = %v, %v, want done", made.State, err)
	}
	if got := w.Status(company.ID, user.ID); got != sapi.StatusDisabled {
		t.Errorf("Symphony says %v, want disabled", got)
	}
	if diff := cmp.Diff([]ledger.Outcome{ledger.Intent, ledger.Succeeded}, w.Outcomes(made.ID)); diff != "" {
		t.Errorf("ledger (-want +got):\n%s", diff)
	}
	events, err := w.DB.Events(t.Context(), ledger.Filter{UserID: user.ID}, ledger.Page{Limit: 5})
	if err != nil || len(events) != 2 {
		t.Fatalf("events of the person = %d, %v, want 2", len(events), err)
	}
	e := events[0]
	if e.Reason != "left the desk" || e.Ticket != "HR-2231" || e.Actor.Email != "viewer@partner.example" || e.Actor.Address != "192.0.2.7" ||
		string(e.Before) != `{"status":"active"}` || string(e.After) != `{"status":"disabled"}` {
		t.Errorf("event = %+v, want reason, ticket, actor, address, before and after", e)
	}
}

// Every way in which the answer to a change can be lost ends in the truth.
func TestALostAnswerIsNeitherSuccessNorFailureUntilSymphonyWasRead(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		fault   sandbox.Rule
		applied bool
	}{
		{"closed before the work", sandbox.Rule{Kind: sandbox.KindCloseBefore}, false},
		{"closed after the work", sandbox.Rule{Kind: sandbox.KindCloseAfter}, true},
		{"500 and nothing done", sandbox.Rule{Kind: sandbox.KindStatus, Status: 500}, false},
		{"500 although it was done", sandbox.Rule{Kind: sandbox.KindStatus, Status: 500, Work: true}, true},
		{"HTML 502", sandbox.Rule{Kind: sandbox.KindHTML, Status: 502}, false},
		{"503", sandbox.Rule{Kind: sandbox.KindStatus, Status: 503}, false},
		{"a redirect", sandbox.Rule{Kind: sandbox.KindRedirect, Status: 302, Location: "https://evil.example/"}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			company := w.Ready()
			user := w.Someone(company.ID)
			w.Inject("updateUser", test.fault)

			made, err := w.Disable(company, user, portal.NewToken())
			if err != nil {
				t.Fatal(err)
			}

			want := []ledger.Outcome{ledger.Intent, ledger.Unknown, ledger.Reconciled}
			if test.applied {
				if made.State != change.Done || !made.Reconciled {
					t.Errorf("change = %v, reconciled %v, want done by reading", made.State, made.Reconciled)
				}
			} else {
				if made.State != change.Unknown {
					t.Fatalf("change = %v, want unknown: it may still take effect", made.State)
				}
				last := w.Waker.Jobs[len(w.Waker.Jobs)-1]
				if last.ID != made.ID || last.Turn != made.Version || !last.At.Equal(made.Due) {
					t.Errorf("the last job is %+v, want one that goes on with the change", last)
				}
				made = w.Settle(made.ID)
				if made.State != change.Refused || !made.Reconciled {
					t.Errorf("change = %v, want refused by reading", made.State)
				}
			}
			if diff := cmp.Diff(want, w.Outcomes(made.ID)); diff != "" {
				t.Errorf("ledger (-want +got):\n%s", diff)
			}
			if n := w.Calls("updateUser"); n > 1 {
				t.Errorf("Symphony was asked %d times to disable, want once: a change is never repeated", n)
			}
		})
	}
}

func TestAChangeThatSymphonyRefusesChangesNothing(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		fault sandbox.Rule
		code  change.Code
	}{
		{"429", sandbox.Rule{Kind: sandbox.KindRetryAfter, Status: 429, RetryAfter: "7"}, change.HeldBack},
		{"403", sandbox.Rule{Kind: sandbox.KindStatus, Status: 403}, change.NotAllowed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			company := w.Ready()
			user := w.Someone(company.ID)
			w.Inject("updateUser", test.fault)

			made, err := w.Disable(company, user, portal.NewToken())

			if err != nil || made.State != change.Refused || made.Code != test.code {
				t.Errorf("SetStatus = %v %q, %v, want refused %q", made.State, made.Code, err, test.code)
			}
			if diff := cmp.Diff([]ledger.Outcome{ledger.Intent, ledger.Failed}, w.Outcomes(made.ID)); diff != "" {
				t.Errorf("ledger (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAFormIsGoodForOneChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	user := w.Someone(company.ID)
	token := portal.NewToken()

	first, err := w.Disable(company, user, token)
	if err != nil {
		t.Fatal(err)
	}
	second, err := w.Disable(company, user, token)

	if err != nil || second.ID != first.ID {
		t.Errorf("second click = change %s, %v, want the first one's %s", second.ID, err, first.ID)
	}
	if n := w.Calls("updateUser"); n != 1 {
		t.Errorf("Symphony was asked %d times, want once", n)
	}
}

func TestAStaleTabChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	user := w.Someone(company.ID)
	if _, err := w.Disable(company, user, portal.NewToken()); err != nil {
		t.Fatal(err)
	}

	_, err := w.Disable(company, user, portal.NewToken())

	stale, ok := errors.AsType[*change.ChangedMeanwhile](err)
	if !ok || stale.Seen != sapi.StatusActive || stale.Now != sapi.StatusDisabled {
		t.Errorf("SetStatus from a stale tab = %v, want ChangedMeanwhile from active to disabled", err)
	}
}

func TestAReasonIsRequired(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	user := w.Someone(company.ID)

	_, err := w.Changes.SetStatus(t.Context(), testworld.As(auth.Admin), change.StatusRequest{
		CompanyID: company.ID, UserID: user.ID, Reason: "  ", Token: portal.NewToken(), Seen: user.Status,
	})

	invalid, ok := errors.AsType[*portal.Invalid](err)
	if !ok || invalid.Fields[0].Field != "reason" || invalid.Fields[0].Code != portal.Missing {
		t.Errorf("SetStatus without a reason = %v, want Invalid naming it", err)
	}
	if n := w.Calls("updateUser"); n != 0 {
		t.Errorf("Symphony was asked %d times, want never", n)
	}
}

func TestNothingIsSentThatCannotBeRecorded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	user := w.Someone(company.ID)
	if _, err := w.DB.SQLite().ExecContext(t.Context(), `PRAGMA query_only = on`); err != nil {
		t.Fatal(err)
	}

	_, err := w.Disable(company, user, portal.NewToken())

	if err == nil || w.Calls("updateUser") != 0 {
		t.Errorf("SetStatus = %v with %d calls, want an error and none", err, w.Calls("updateUser"))
	}
}

func TestACrashWhileSendingIsSettledAfterTheRestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	user := w.Someone(company.ID)
	made := w.leave(change.Change{
		Kind: change.DisableUser, State: change.Sent, SentAt: w.Clock.Now(), Company: ledger.Company{ID: company.ID, Name: company.Name}, User: ledger.User{ID: user.ID},
		Seen: change.Seen{Status: user.Status}, Due: w.Clock.Now().Add(40 * time.Second),
	})
	w.Clock.Forward(time.Second)

	w.Start()
	if err := w.Changes.Sweep(t.Context(), true, w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	w.Settle(made.ID)

	if took := w.Clock.Now().Sub(w.Began); took > time.Minute {
		t.Errorf("it took %v, want at most a minute", took)
	}
	if diff := cmp.Diff([]ledger.Outcome{ledger.Intent, ledger.Unknown, ledger.Reconciled}, w.Outcomes(made.ID)); diff != "" {
		t.Errorf("ledger (-want +got):\n%s", diff)
	}
}

func TestNobodyChangesAPersonWhileAnotherChangeOfThemIsUnsettled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	user := w.Someone(company.ID)
	w.Inject("updateUser", sandbox.Rule{Kind: sandbox.KindCloseBefore})
	first, err := w.Disable(company, user, portal.NewToken())
	if err != nil || first.State != change.Unknown {
		t.Fatalf("the first change = %v, %v, want unknown", first.State, err)
	}

	_, err = w.Disable(company, user, portal.NewToken())

	if busy, ok := errors.AsType[*change.Busy](err); !ok || busy.Change.ID != first.ID || busy.Change.State != change.Unknown {
		t.Errorf("a second change = %v, want that the first is in the way", err)
	}
	if n := w.Calls("updateUser"); n > 1 {
		t.Errorf("Symphony was asked %d times, want once", n)
	}
}
