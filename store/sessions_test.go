package store_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
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
		Person:    auth.Person{Issuer: "https://idp.example", Subject: "s", Name: "Vera", Email: "v@x.example", Roles: auth.Roles{auth.Viewer, auth.Auditor}},
		CreatedAt: at, SeenAt: at, AuthTime: at.Add(-time.Minute), Address: "192.0.2.1", UserAgent: "Browser", Values: []byte(`{"a":1}`), SID: "sid",
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
		everybody := auth.SessionFilter{SeenAfter: now.Add(-time.Second), BegunAfter: now.Add(-time.Second), Limit: 10}
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
			{"of one person", func(f *auth.SessionFilter) { f.Issuer, f.Subject = ended.Person.Issuer, ended.Person.Subject }, []string{"3", "1"}, 2},
			{"of another one", func(f *auth.SessionFilter) { f.Issuer, f.Subject = ended.Person.Issuer, "other" }, nil, 0},
			{"of another issuer's", func(f *auth.SessionFilter) { f.Issuer, f.Subject = "other", ended.Person.Subject }, nil, 0},
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

func TestWhatHasTimedOutIsPurged(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		now := b.clock.Now()
		for id, s := range map[string]auth.Session{
			"fresh": {CreatedAt: now.Add(-time.Hour), SeenAt: now},
			"idle":  {CreatedAt: now.Add(-time.Hour), SeenAt: now.Add(-time.Microsecond)},
			"old":   {CreatedAt: now.Add(-time.Hour - time.Microsecond), SeenAt: now},
		} {
			s.ID, s.Hash = id, []byte(id)
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

func TestASignInIsTakenOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		want := auth.Login{
			StateHash: []byte("state"), BrowserHash: []byte("browser"), Nonce: "n", Verifier: "v", ReturnTo: "/companies?q=1",
			Draft: []byte("draft"), CreatedAt: b.clock.Now(),
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
		sessions, err := auth.NewSessions(auth.SessionOptions{Store: b, Now: b.clock.Now})
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
