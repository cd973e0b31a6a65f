package changes

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/handlers/wording"
	"foyer/ledger"
	"foyer/portal/change"
	"foyer/sapi"
	pages "foyer/views/changes"
	"foyer/views/ui"
)

func TestChangeProgress(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 41, 7, 0, time.UTC)
	made := func(state change.State) change.Change {
		return change.Change{
			ID: "c1", Version: 3, Kind: change.DisableUser, State: state, Note: "A note.",
			Company: ledger.Company{ID: "k", Name: "Acme"}, User: ledger.User{ID: "u", Name: "Jane"},
			Tries: 2, UpdatedAt: now.Add(-3 * time.Second), Due: now.Add(12 * time.Second),
		}
	}
	tests := []struct {
		state       change.State
		kind        ui.AlertKind
		title, poll string
		checking    string
	}{
		{change.Sent, ui.AlertInfo, "It is being sent", "/changes/c1/progress?version=3", ""},
		{change.Done, ui.AlertOK, "Jane was disabled", "", ""},
		{change.Refused, ui.AlertBad, "It was not done", "", ""},
		{change.Unknown, ui.AlertAsk, "We don’t know yet", "/changes/c1/progress?version=3", "Asked 2 times, last at 09:41:04 UTC; again in 12 s."},
		{change.Abandoned, ui.AlertBad, "Nobody knows whether it was done", "", ""},
	}
	for _, test := range tests {
		got := newChangeProgress(made(test.state), auth.Actor{}, now)
		want := pages.Progress{Kind: test.kind, Title: test.title, PollPath: test.poll, Checking: test.checking}
		got.Text, got.Next, got.People = "", nil, nil
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("newChangeProgress(%s) (-want +got):\n%s", test.state, diff)
		}
	}
}

func TestOfAnErasedChangeItsKindAndEndAreLeft(t *testing.T) {
	t.Parallel()
	for kind, title := range map[change.Kind]string{
		change.CreateCompany: "Create company Lyondell", change.AddDomains: "Add domains to Lyondell",
		change.CreateUsers: "Add 2 people to Lyondell", change.DisableUser: "Disable u1", change.EnableUser: "Enable u1",
	} {
		c := change.Change{
			Kind: kind, State: change.Refused, Erased: true, Company: ledger.Company{ID: "k", Name: "Lyondell"}, User: ledger.User{ID: "u1"},
			People: []change.Row{{Outcome: sapi.ItemRefused}, {Outcome: sapi.ItemCreated, UserID: "u2"}},
		}
		if got := wording.ChangeTitle(c); got != title {
			t.Errorf("changeTitle(%s) = %q, want %q", kind, got, title)
		}
		p := newChangeProgress(c, auth.Actor{Roles: auth.Roles{auth.Onboarder}}, time.Now())
		if p.Title != "Erased on legal order" || !strings.HasPrefix(p.Text, "It was not done.") || p.Again != nil || p.People != nil || p.PollPath != "" {
			t.Errorf("newChangeProgress(%s) = %+v", kind, p)
		}
	}
}
