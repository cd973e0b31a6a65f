package store_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"foyer/address"
	"foyer/auth"
	"foyer/ledger"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/portal/review"
	"foyer/sapi"
	"foyer/store"
)

// spellings are e-mails as Symphony has them, and as an order to erase names them.
var spellings = []struct{ name, kept, asked string }{
	{"decomposed", norm.NFD.String("Jörg@acme.example"), "jörg@acme.example"},
	{"asked decomposed", "Jürgen@acme.example", norm.NFD.String("jürgen@acme.example")},
	{"capital letters past ASCII", "ÖZLEM@ACME.EXAMPLE", "özlem@acme.example"},
	{"asked in capital letters", "łukasz@acme.example", "ŁUKASZ@ACME.EXAMPLE"},
	{"domain in its letters", "Zoe@Bücher.example", "zoe@xn--bcher-kva.example"},
	{"domain in ASCII", "max@xn--bcher-kva.example", "max@BÜCHER.example"},
	{"invisible character", "so\u00adphie@acme.example\u200b", "sophie@acme.example"},
	{"final sigma", "Νίκος@acme.example", "ΝΊΚΟΣ@acme.example"},
	{"characters that JSON escapes", "R&D@acme.example", "r&d@ACME.example"},
}

func TestAPersonIsErasedInWhateverSpelling(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		now := b.clock.Now()
		folded := map[string]string{} // as earlier versions kept them
		for i, s := range spellings {
			user := ledger.User{ID: "u-" + s.name, Email: s.kept}
			unborn := ledger.User{Email: s.kept}
			row := change.Row{NewUser: sapi.NewUser{Email: s.kept}, Outcome: sapi.ItemCreated}
			foyerDid(t, b, change.Change{ID: "created " + s.name, Kind: change.CreateUsers, State: change.Done, People: []change.Row{row}},
				ledger.Event{Action: ledger.CreateUsers, Users: []ledger.User{unborn}})
			inJSON, err := json.Marshal(map[string]string{"query": "/find?q=" + url.QueryEscape(s.kept), "confirms": s.kept})
			must(t, err)
			b.record(t,
				ledger.Event{Action: ledger.StatusOutside, Outcome: ledger.Succeeded, Actor: vera, Users: []ledger.User{user}},
				ledger.Event{Action: ledger.Export, Outcome: ledger.Succeeded, Actor: vera, Note: "audit.csv?user=" + url.QueryEscape(s.kept)},
				ledger.Event{Action: ledger.StartReview, Outcome: ledger.Succeeded, Actor: vera, After: inJSON},
				ledger.Event{Action: ledger.DisableUser, Outcome: ledger.Succeeded, Actor: vera, Reason: "as " + s.kept + " said"})
			must(t, b.saveUsers(t.Context(), acme.ID, []directory.UserReading{{User: sapi.User{ID: user.ID, Email: s.kept}, ReadAt: now}}, nil))
			folded[user.ID] = strings.ToLower(strings.TrimSpace(s.kept))
			person := auth.Person{Issuer: vera.Issuer, Subject: user.ID, Email: s.kept}
			must(t, b.CreateSession(t.Context(), auth.Session{ID: s.name, Hash: []byte{byte(i)}, Person: person, CreatedAt: now, SeenAt: now, FormKey: []byte("key")}))
			r := b.startReview(t, review.Review{Token: s.name, Company: acme, StartedAt: now, Confirms: s.kept})
			b.list(t, r.ID, review.Person{N: 1, UserID: user.ID, Email: s.kept})
		}

		for i, s := range spellings {
			reached, err := b.Redact(t.Context(), ledger.Event{Actor: operator, Reason: "order"}, store.Order{Person: s.asked})
			must(t, err)
			first := int64(i*7 + 1)
			want := store.Reach{
				Emails: []string{address.Key(s.asked)}, IDs: []string{"u-" + s.name},
				Events:  []int64{first, first + 1, first + 2, first + 3, first + 4, first + 5},
				Changes: []string{"created " + s.name}, People: 1, Sessions: 1, Open: []int64{int64(i + 1)},
			}
			if diff := cmp.Diff(want, reached, unseen); diff != "" {
				t.Errorf("%s: Redact(%+q) of %+q (-want +got):\n%s", s.name, s.asked, s.kept, diff)
			}
			if places := holding(t, b, s.kept, folded["u-"+s.name], ledger.Fold(s.kept), url.QueryEscape(s.kept)); len(places) > 0 {
				t.Errorf("%s: %+q is left in %v", s.name, s.kept, places)
			}
			if again, err := b.Reach(t.Context(), store.Order{Person: s.asked}); err != nil || !again.Nothing() {
				t.Errorf("%s: Reach once more = %+v, %v, want nothing", s.name, again, err)
			}
		}
		report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{})
		if wrong := wrongWithEvents(report); err != nil || len(wrong) > 0 {
			t.Errorf("VerifyLedger = %v, %v, want no problem", wrong, err)
		}
	})
}

func TestWhoDidItIsErasedInWhateverSpelling(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		for _, s := range spellings {
			b.record(t, ledger.Event{Action: ledger.SignIn, Outcome: ledger.Succeeded, Actor: auth.Actor{Issuer: vera.Issuer, Subject: "x", Email: s.kept}})
		}
		for i, s := range spellings {
			reached, err := b.Reach(t.Context(), store.Order{Actor: s.asked})
			if want := []int64{int64(i + 1)}; err != nil || !cmp.Equal(reached.Events, want) {
				t.Errorf("%s: Reach(%+q) of %+q = %v, %v, want %v", s.name, s.asked, s.kept, reached.Events, err, want)
			}
		}
	})
}

func TestEventsOfSomebodyAreListedInWhateverSpelling(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		for _, s := range spellings {
			b.record(t,
				ledger.Event{Action: ledger.StatusOutside, Outcome: ledger.Succeeded, Actor: vera, Users: []ledger.User{{Email: s.kept}}},
				ledger.Event{Action: ledger.CreateUsers, Outcome: ledger.Succeeded, Actor: vera, Users: []ledger.User{{Email: address.Key(s.kept)}}})
		}
		for i, s := range spellings {
			// As Symphony has it, which is how a person's own page asks.
			want := []int64{int64(2*i + 2), int64(2*i + 1)}
			if got := seqs(t, b, ledger.Filter{UserEmail: s.kept}, ledger.Page{}); !cmp.Equal(got, want) {
				t.Errorf("%s: Events of %+q = %v, want %v", s.name, s.kept, got, want)
			}
		}
	})
}
