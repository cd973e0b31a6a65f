package store_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/store"
)

func session(id string, at time.Time) auth.Session {
	return auth.Session{
		ID: id, Hash: bytes.Repeat([]byte(id), 32),
		Person: auth.Person{Issuer: "https://idp.example", Subject: "s", Name: "Vera", Email: "v@x.example"}, RoleValues: []string{"foyer-viewer", `CN=a,"b"`},
		CreatedAt: at, SeenAt: at, AuthTime: at.Add(-time.Minute), Address: "192.0.2.1", UserAgent: "Browser", Values: []byte(`{"a":1}`), SID: "sid", FormKey: []byte("a key of the session"),
	}
}

func TestASessionLivesUntilItIsEnded(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		now := b.clock.Now()
		want := session("1", now)
		if err := b.CreateSession(t.Context(), want); err != nil {
			t.Fatalf("CreateSession: %v", err)
		}
		if err := b.CreateSession(t.Context(), want); err == nil {
			t.Error("CreateSession twice: no error")
		}
		got, err := b.Session(t.Context(), want.Hash)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("Session, %v (-want +got):\n%s", err, diff)
		}

		// Use and values are written, and nothing else.
		changed := want
		changed.SeenAt, changed.Values, changed.Person.Name = now.Add(time.Minute), nil, "Somebody else"
		if err := b.SaveSession(t.Context(), changed); err != nil {
			t.Fatalf("SaveSession: %v", err)
		}
		want.SeenAt, want.Values = changed.SeenAt, nil
		got, err = b.Session(t.Context(), want.Hash)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("Session, %v (-want +got):\n%s", err, diff)
		}

		// A use alone leaves the values, which another request may have changed.
		want.SeenAt, want.Values = now.Add(2*time.Minute), []byte(`{"b":2}`)
		if err := b.SaveSession(t.Context(), auth.Session{Hash: want.Hash, SeenAt: now, Values: want.Values}); err != nil {
			t.Fatalf("SaveSession: %v", err)
		}
		if err := b.TouchSession(t.Context(), want.Hash, want.SeenAt); err != nil {
			t.Fatalf("TouchSession: %v", err)
		}
		got, err = b.Session(t.Context(), want.Hash)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("Session, %v (-want +got):\n%s", err, diff)
		}

		if err := b.DeleteSession(t.Context(), want.Hash); err != nil {
			t.Errorf("DeleteSession: %v", err)
		}
		if err := b.DeleteSession(t.Context(), want.Hash); err != nil {
			t.Errorf("DeleteSession of none: %v", err)
		}
		if err := b.SaveSession(t.Context(), want); !errors.Is(err, auth.ErrNoSession) {
			t.Errorf("SaveSession of an ended one = %v, want ErrNoSession", err)
		}
		if err := b.TouchSession(t.Context(), want.Hash, now); !errors.Is(err, auth.ErrNoSession) {
			t.Errorf("TouchSession of an ended one = %v, want ErrNoSession", err)
		}
		if _, err := b.Session(t.Context(), want.Hash); !errors.Is(err, auth.ErrNoSession) {
			t.Errorf("Session = %v, want ErrNoSession", err)
		}
	})
}

func TestSessionsAreListedTheLastUsedFirstAndEndedByID(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		now := b.clock.Now()
		for i, id := range []string{"1", "2", "3"} {
			if err := b.CreateSession(t.Context(), session(id, now.Add(time.Duration(i)*time.Minute))); err != nil {
				t.Fatalf("CreateSession: %v", err)
			}
		}
		ended, err := b.EndSession(t.Context(), "2")
		if diff := cmp.Diff(session("2", now.Add(time.Minute)), ended); err != nil || diff != "" {
			t.Errorf("EndSession, %v (-want +got):\n%s", err, diff)
		}
		if _, err := b.SessionByID(t.Context(), "2"); !errors.Is(err, auth.ErrNoSession) {
			t.Errorf("SessionByID of an ended one = %v, want ErrNoSession", err)
		}
		if s, err := b.SessionByID(t.Context(), "3"); err != nil || s.ID != "3" {
			t.Errorf("SessionByID = %v, %v, want 3", s, err)
		}
		if _, err := b.EndSession(t.Context(), "2"); !errors.Is(err, auth.ErrNoSession) {
			t.Errorf("EndSession twice = %v, want ErrNoSession", err)
		}
		everybody := auth.SessionFilter{Issuer: ended.Person.Issuer, SeenAfter: now.Add(-time.Second), BegunAfter: now.Add(-time.Second), Limit: 10}
		for _, tt := range []struct {
			name   string
			change func(*auth.SessionFilter)
			want   []string
			total  int
		}{
			{"everybody's", func(*auth.SessionFilter) {}, []string{"3", "1"}, 2},
			{"the first page", func(f *auth.SessionFilter) { f.Limit = 1 }, []string{"3"}, 2},
			{"the second page", func(f *auth.SessionFilter) { f.Offset, f.Limit = 1, 1 }, []string{"1"}, 2},
			{"seen later", func(f *auth.SessionFilter) { f.SeenAfter = now }, []string{"3"}, 1},
			{"begun later", func(f *auth.SessionFilter) { f.BegunAfter = now }, []string{"3"}, 1},
			{"of one person", func(f *auth.SessionFilter) { f.Subject = ended.Person.Subject }, []string{"3", "1"}, 2},
			{"of another one", func(f *auth.SessionFilter) { f.Subject = "other" }, nil, 0},
			{"of another issuer's", func(f *auth.SessionFilter) { f.Issuer = "other" }, nil, 0},
		} {
			f := everybody
			tt.change(&f)
			list, total, err := b.Sessions(t.Context(), f)
			var got []string
			for _, s := range list {
				got = append(got, s.ID)
			}
			if err != nil || total != tt.total || !cmp.Equal(got, tt.want) {
				t.Errorf("%s: Sessions = %v of %d, %v, want %v of %d", tt.name, got, total, err, tt.want, tt.total)
			}
		}
	})
}

// What the provider said last of somebody counts in all of their browsers.
func TestSigningInAgainRenewsTheRightsOfOnesOtherSessions(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		older, others, newer := session("1", b.clock.Now()), session("2", b.clock.Now()), session("3", b.clock.Now())
		others.Person.Subject, newer.RoleValues = "somebody else", nil
		for _, s := range []auth.Session{older, others, newer} {
			if err := b.CreateSession(t.Context(), s); err != nil {
				t.Fatalf("CreateSession: %v", err)
			}
		}
		for _, tt := range []struct {
			subject string
			want    []string
			err     error
		}{{"s", nil, nil}, {"somebody else", others.RoleValues, nil}, {"nobody", nil, auth.ErrNoSession}} {
			if got, err := b.RoleValues(t.Context(), older.Person.Issuer, tt.subject); !cmp.Equal(got, tt.want) || !errors.Is(err, tt.err) {
				t.Errorf("RoleValues(%s) = %q, %v, want %q, %v", tt.subject, got, err, tt.want, tt.err)
			}
		}
		if got, err := b.Session(t.Context(), older.Hash); err != nil || len(got.RoleValues) != 0 {
			t.Errorf("the older session has %q, %v, want no values", got.RoleValues, err)
		}
	})
}

func TestSessionsEndByPersonAndByTheProvidersName(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		const issuer = "https://idp.example"
		for _, tt := range []struct {
			name string
			end  auth.Ending
			want []string
		}{
			{"all of one person", auth.Ending{Issuer: issuer, Subject: "s"}, []string{"1", "2", "3"}},
			{"one of the provider's sessions", auth.Ending{Issuer: issuer, SID: "sid"}, []string{"1", "4"}},
			{"one of a person's", auth.Ending{Issuer: issuer, Subject: "s", SID: "sid"}, []string{"1", "3"}},
			{"another provider's", auth.Ending{Issuer: "https://other.example", Subject: "s"}, []string{"5"}},
			{"nobody's", auth.Ending{Issuer: issuer, Subject: "nobody"}, nil},
		} {
			for id, change := range map[string]func(*auth.Session){
				"1": func(*auth.Session) {}, "2": func(s *auth.Session) { s.SID = "another" }, "3": func(s *auth.Session) { s.SID = "" },
				"4": func(s *auth.Session) { s.Person.Subject = "t" }, "5": func(s *auth.Session) { s.Person.Issuer = "https://other.example" },
			} {
				s := session(id, b.clock.Now())
				change(&s)
				if err := b.CreateSession(t.Context(), s); err != nil {
					t.Fatalf("CreateSession: %v", err)
				}
			}
			ended, err := b.EndSessions(t.Context(), tt.end)
			var got []string
			for _, s := range ended {
				got = append(got, s.ID)
			}
			slices.Sort(got)
			if err != nil || !cmp.Equal(got, tt.want) {
				t.Errorf("%s: EndSessions = %q, %v, want %q", tt.name, got, err, tt.want)
			}
			b.exec(t, `DELETE FROM session`)
		}
	})
}

func TestALogoutTokenEndsSessionsOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		must(t, b.CreateSession(t.Context(), session("1", b.clock.Now())))
		end := auth.Ending{Issuer: "https://idp.example", Subject: "s", Token: []byte("hash"), Until: b.clock.Now().Add(time.Minute)}
		if ended, err := b.EndSessions(t.Context(), end); err != nil || len(ended) != 1 {
			t.Errorf("EndSessions = %v, %v, want the session", ended, err)
		}
		must(t, b.CreateSession(t.Context(), session("2", b.clock.Now())))
		if ended, err := b.EndSessions(t.Context(), end); len(ended) > 0 || !errors.Is(err, auth.ErrTokenUsed) {
			t.Errorf("EndSessions again = %v, %v, want ErrTokenUsed", ended, err)
		}
		if _, err := b.SessionByID(t.Context(), "2"); err != nil {
			t.Errorf("the session begun since: %v", err)
		}
		must(t, b.PurgeSessions(t.Context(), time.Time{}, time.Time{}, end.Until.Add(time.Microsecond)))
		if ended, err := b.EndSessions(t.Context(), end); err != nil || len(ended) != 1 {
			t.Errorf("EndSessions after the token was forgotten = %v, %v", ended, err)
		}
	})
}

func TestWhatHasTimedOutIsPurged(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		now := b.clock.Now()
		for id, s := range map[string]auth.Session{
			"fresh": {CreatedAt: now.Add(-time.Hour), SeenAt: now},
			"idle":  {CreatedAt: now.Add(-time.Hour), SeenAt: now.Add(-time.Microsecond)},
			"old":   {CreatedAt: now.Add(-time.Hour - time.Microsecond), SeenAt: now},
		} {
			s.ID, s.Hash, s.FormKey = id, []byte(id), []byte("key")
			if err := b.CreateSession(t.Context(), s); err != nil {
				t.Fatalf("CreateSession: %v", err)
			}
		}
		for id, at := range map[string]time.Time{"fresh": now, "old": now.Add(-time.Microsecond)} {
			if err := b.SaveLogin(t.Context(), auth.Login{StateHash: []byte(id), BrowserHash: []byte("b"), CreatedAt: at}); err != nil {
				t.Fatalf("SaveLogin: %v", err)
			}
		}
		if err := b.PurgeSessions(t.Context(), now, now.Add(-time.Hour), now); err != nil {
			t.Fatalf("PurgeSessions: %v", err)
		}
		if list, _, err := b.Sessions(t.Context(), auth.SessionFilter{Limit: 10}); err != nil || len(list) != 1 || list[0].ID != "fresh" {
			t.Errorf("Sessions = %v, %v, want the fresh one", list, err)
		}
		if _, err := b.TakeLogin(t.Context(), []byte("old")); !errors.Is(err, auth.ErrNoLogin) {
			t.Errorf("TakeLogin(old) = %v, want ErrNoLogin", err)
		}
		if _, err := b.TakeLogin(t.Context(), []byte("fresh")); err != nil {
			t.Errorf("TakeLogin(fresh): %v", err)
		}
	})
}

// Who is signed in while Foyer is updated stays so, and has forms of their own.
func TestSessionsOfTheVersionBeforeAreGivenKeys(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		dialect, _, _ := strings.Cut(b.address, ":")
		if dialect != "sqlite" {
			dialect = "postgres"
		}
		migration, err := os.ReadFile(filepath.Join("migrations", dialect, "00012_form_key.sql"))
		must(t, err)
		b.exec(t, `ALTER TABLE login DROP COLUMN draft_owner`)
		b.exec(t, `ALTER TABLE session DROP COLUMN form_key`)
		for _, id := range []string{"a", "b"} {
			b.exec(t, `INSERT INTO session (hash, id, issuer, subject, name, email, role_values, created_at, seen_at, auth_time, address, user_agent, sid)
				VALUES ($1, $2, 'i', 's', '', '', '[]', 0, 0, 0, '', '', '')`, []byte(id), id)
		}

		b.exec(t, string(migration))

		first, err := b.SessionByID(t.Context(), "a")
		must(t, err)
		second, err := b.SessionByID(t.Context(), "b")
		must(t, err)
		if len(first.FormKey) != 32 || len(second.FormKey) != 32 || bytes.Equal(first.FormKey, second.FormKey) {
			t.Errorf("keys = %x and %x, want two of 32 bytes", first.FormKey, second.FormKey)
		}
	})
}

func TestASignInIsTakenOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		want := auth.Login{
			StateHash: []byte("state"), BrowserHash: []byte("browser"), Nonce: "n", Verifier: "v", ReturnTo: "/companies?q=1",
			Draft: []byte("draft"), DraftOwner: "whose it is", MaxAge: 10 * time.Minute, CreatedAt: b.clock.Now(),
		}
		if err := b.SaveLogin(t.Context(), want); err != nil {
			t.Fatalf("SaveLogin: %v", err)
		}
		var wg sync.WaitGroup
		logins, errs := make([]auth.Login, 8), make([]error, 8)
		for i := range errs {
			wg.Go(func() { logins[i], errs[i] = b.TakeLogin(t.Context(), want.StateHash) })
		}
		wg.Wait()
		won := 0
		for i, err := range errs {
			if errors.Is(err, auth.ErrNoLogin) {
				continue
			}
			won++
			if diff := cmp.Diff(want, logins[i]); err != nil || diff != "" {
				t.Errorf("TakeLogin, %v (-want +got):\n%s", err, diff)
			}
		}
		if won != 1 {
			t.Errorf("%d took it, want 1", won)
		}
	})
}

// The writer is held for as long as the request takes: who waited for it would wait
// for ever.
func TestARequestDoesNotWaitForWhoeverWrites(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		sessions, err := auth.NewSessions(auth.SessionOptions{Store: b, Issuer: "https://idp.example", PublicURL: "https://foyer.example", Now: b.clock.Now})
		if err != nil {
			t.Fatal(err)
		}
		signIn, signedIn := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil), httptest.NewRecorder()
		begun, err := sessions.Begin(signedIn, signIn, auth.Identity{Person: session("1", b.clock.Now()).Person}, nil)
		if err != nil {
			t.Fatal(err)
		}
		b.clock.add(5 * time.Minute)
		tx, err := b.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback() }()
		if _, err := tx.(*store.Tx).SQL().ExecContext(t.Context(), `UPDATE session SET sid = 'held'`); err != nil {
			t.Fatal(err)
		}

		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		for _, cookie := range signedIn.Result().Cookies() {
			request.AddCookie(cookie)
		}
		loaded, err := sessions.Load(request)

		if err != nil || loaded == nil || !loaded.SeenAt.Equal(begun.SeenAt) {
			t.Errorf("Load while somebody writes = %+v, %v, want the session as it was last used", loaded, err)
		}
	})
}
