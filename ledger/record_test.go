package ledger_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/ledger"
)

var salt = bytes.Repeat([]byte{1}, ledger.SaltSize)

func event() ledger.Event {
	return ledger.Event{
		Seq: 7, At: time.Date(2026, 9, 30, 18, 0, 0, 120_000, time.UTC), Action: ledger.DisableUser, Outcome: ledger.Succeeded, Change: "c1",
		Actor: auth.Actor{
			Issuer: "https://idp.example", Subject: "vera-1", Name: "Vera", Email: "vera@partner.example", Roles: auth.Roles{auth.Viewer},
			Session: "s1", RequestID: "r1", Address: "192.0.2.7", UserAgent: "Browser",
		},
		Company: ledger.Company{ID: "k1", Name: "Acme <&>"},
		Users:   []ledger.User{{ID: "u1", Email: "ann@acme.example", Name: "Ann", Result: "refused", Note: "no"}},
		Before:  json.RawMessage(`{"active": true}`), After: json.RawMessage(`{"active": false}`),
		Reason: "left", Ticket: "INC-1", Note: "done",
		Symphony: ledger.Symphony{Operation: "updateUser", Status: 200, Code: "0", TraceID: "t1"},
		Redacts:  []int64{1, 2}, Binary: "v1",
	}
}

func seal(t testing.TB, e ledger.Event) ledger.Record {
	t.Helper()
	r, err := ledger.Seal(e, salt)
	if err != nil {
		t.Fatalf("Seal: %v", err)
	}
	return r
}

// The bytes are hashed and signed, and must be read for ever: who changes them
// needs a new version of the body beside this one.
func TestTheFormOfARecordStays(t *testing.T) {
	t.Parallel()
	r := seal(t, event())
	const body = `{"v":1,"seq":7,"at":"2026-09-30T18:00:00.000120Z","action":"user.disable","outcome":"succeeded","change":"c1",` +
		`"actor":{"iss":"https://idp.example","sub":"vera-1","roles":["viewer"],"session":"s1","request":"r1"},` +
		`"company":{"id":"k1","name":"Acme <&>"},"users":[{"id":"u1","result":"refused"}],` +
		`"symphony":{"operation":"updateUser","status":200,"code":"0","trace":"t1"},"redacts":[1,2],"binary":"v1",` +
		`"personal":"`
	if got := string(r.Body); !strings.HasPrefix(got, body) {
		t.Errorf("body = %s, want it to begin with %s", got, body)
	}
	const personal = `{"name":"Vera","email":"vera@partner.example","address":"192.0.2.7","agent":"Browser",` +
		`"users":[{"email":"ann@acme.example","name":"Ann","note":"no"}],"before":{"active":true},"after":{"active":false},` +
		`"reason":"left","ticket":"INC-1","note":"done"}`
	if got := string(r.Personal); got != personal {
		t.Errorf("personal part = %s, want %s", got, personal)
	}
	if got, want := r.Leaf().String(), "fqMLZpSk5fSnNIGDnzxAf0sGB5/btrsF7InT3wx49u4="; got != want {
		t.Errorf("leaf = %s, want %s", got, want)
	}
}

func TestTheFormOfARecordWithACodeStays(t *testing.T) {
	t.Parallel()
	e := event()
	e.Code = "found-status"
	r := seal(t, e)
	const body = `{"v":2,"seq":7,"at":"2026-09-30T18:00:00.000120Z","action":"user.disable","outcome":"succeeded","change":"c1","code":"found-status",` +
		`"actor":{"iss":"https://idp.example",`
	if got := string(r.Body); !strings.HasPrefix(got, body) {
		t.Errorf("body = %s, want it to begin with %s", got, body)
	}
	if got, err := r.Event(); err != nil || got.Code != e.Code {
		t.Errorf("Event().Code = %q, %v, want %q", got.Code, err, e.Code)
	}
}

func TestTheFormOfARecordWithAHashStays(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"", "found-status"} {
		e := event()
		e.Code, e.SHA256 = code, "0123abcd"
		r := seal(t, e)
		if got := string(r.Body); !strings.HasPrefix(got, `{"v":3,"seq":7,`) || !strings.Contains(got, `"redacts":[1,2],"sha256":"0123abcd","binary":"v1",`) {
			t.Errorf("body = %s", got)
		}
		if got, err := r.Event(); err != nil || got.SHA256 != e.SHA256 || got.Code != code {
			t.Errorf("Event() = %+v, %v", got, err)
		}
	}
}

func TestABodyOfAFormThatItDoesNotHaveIsRefused(t *testing.T) {
	t.Parallel()
	for _, edit := range [][2]string{{`"v":1`, `"v":2`}, {`"v":1`, `"v":3`}, {`"v":1`, `"v":4`}, {`"change":"c1"`, `"change":"c1","code":"x"`}, {`"binary"`, `"sha256":"x","binary"`}} {
		r := seal(t, event())
		r.Body = bytes.Replace(r.Body, []byte(edit[0]), []byte(edit[1]), 1)
		if _, err := r.Event(); err == nil || !strings.Contains(err.Error(), "is not known") {
			t.Errorf("Event() of %s = %v, want that its form is not known", r.Body, err)
		}
	}
}

func TestTheBodyHoldsNothingPersonal(t *testing.T) {
	t.Parallel()
	r := seal(t, event())
	for _, word := range []string{"Vera\"", "partner.example", "192.0.2.7", "Browser", "ann@", "Ann", "active", "left", "INC-1"} {
		if bytes.Contains(r.Body, []byte(word)) {
			t.Errorf("the body holds %q", word)
		}
	}
	other, err := ledger.Seal(event(), bytes.Repeat([]byte{2}, ledger.SaltSize))
	if err != nil || bytes.Equal(r.Body, other.Body) {
		t.Errorf("another salt makes the same commitment, %v: it can be guessed", err)
	}
}

func TestARecordReadsAsItsEvent(t *testing.T) {
	t.Parallel()
	want := event()
	want.Before, want.After = json.RawMessage(`{"active":true}`), json.RawMessage(`{"active":false}`)
	got, err := seal(t, event()).Event()
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("Event, %v (-want +got):\n%s", err, diff)
	}

	erased := seal(t, event())
	erased.Salt, erased.Personal = nil, nil
	got, err = erased.Event()
	if err != nil || !got.Redacted || got.Actor.Subject != "vera-1" || got.Actor.Name != "" || got.Reason != "" || got.Users[0].Email != "" {
		t.Errorf("Event of an erased record = %+v, %v, want ids alone", got, err)
	}
}

func TestWhatIsNotTheRecordIsRefused(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(*ledger.Record){
		"another personal part": func(r *ledger.Record) { r.Personal = []byte(`{}`) },
		"another salt":          func(r *ledger.Record) { r.Salt = bytes.Repeat([]byte{2}, ledger.SaltSize) },
		"the salt alone erased": func(r *ledger.Record) { r.Salt = nil },
		"no JSON":               func(r *ledger.Record) { r.Body = r.Body[1:] },
		"a later form":          func(r *ledger.Record) { r.Body = bytes.Replace(r.Body, []byte(`"v":1`), []byte(`"v":3`), 1) },
		"a bad time":            func(r *ledger.Record) { r.Body = bytes.Replace(r.Body, []byte(`2026-09`), []byte(`2026-99`), 1) },
	} {
		r := seal(t, event())
		damage(&r)
		if e, err := r.Event(); err == nil {
			t.Errorf("%s: Event = %+v, want an error", name, e)
		}
	}
	if _, err := ledger.Seal(event(), nil); err == nil {
		t.Error("Seal without a salt: no error")
	}
	bad := event()
	bad.After = json.RawMessage(`{`)
	if _, err := ledger.Seal(bad, salt); err == nil {
		t.Error("Seal of a value that is no JSON: no error")
	}
}

func FuzzAnyTextIsReadBackAsItWasRecorded(f *testing.F) {
	f.Add("Łódź", "nul\x00", "\xff\xfe", "<b>&\u2028")
	f.Fuzz(func(t *testing.T, a, b, c, d string) {
		e := event()
		e.Actor.Name, e.Reason, e.Company.Name, e.Users[0].Email, e.Actor.RequestID = a, b, c, d, a
		read, err := seal(t, e).Event()
		if err != nil {
			t.Fatalf("Event: %v", err)
		}
		again, err := seal(t, read).Event()
		if diff := cmp.Diff(read, again); err != nil || diff != "" {
			t.Errorf("recorded again, %v (-first +second):\n%s", err, diff)
		}
		if diff := cmp.Diff(ledger.IndexOf(read), ledger.IndexOf(again)); diff != "" {
			t.Errorf("IndexOf (-first +second):\n%s", diff)
		}
	})
}
