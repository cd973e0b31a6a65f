package auth_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"foyer/auth"
)

// 7.4.1: signing out ends the session itself, not just the cookie.
func TestEnd(t *testing.T) {
	t.Parallel()
	l, b, thief := newLobby(t), newBrowser(), newBrowser()
	l.begin(t, b, nil)
	name, value := b.cookie(t, "__Host-foyer")
	thief.cookies[name] = value

	b.visit(t, http.MethodPost, "/logout", func(w http.ResponseWriter, r *http.Request) {
		if err := l.sessions.End(w, r); err != nil {
			t.Fatalf("End() = %v, want no error", err)
		}
		if session, err := l.sessions.Load(r); session != nil || err != nil {
			t.Errorf("Load() in the same request = %v, %v; want nobody", session, err)
		}
	})
	if len(b.cookies) != 0 {
		t.Errorf("cookies = %v, want none", b.cookies)
	}
	if l.signedIn(t, thief) {
		t.Error("a captured cookie outlives signing out")
	}
	b.visit(t, http.MethodPost, "/logout", func(w http.ResponseWriter, r *http.Request) {
		if err := l.sessions.End(w, r); err != nil {
			t.Errorf("End() of nobody = %v, want no error", err)
		}
	})
}

// F15: with the database down the browser forgets, and the caller is told that
// the server could not.
func TestEndWithTheStoreDown(t *testing.T) {
	t.Parallel()
	l, b := newLobby(t), newBrowser()
	l.begin(t, b, nil)
	l.store.fail(errDown, nil)
	b.visit(t, http.MethodPost, "/logout", func(w http.ResponseWriter, r *http.Request) {
		if err := l.sessions.End(w, r); !errors.Is(err, errDown) {
			t.Errorf("End() = %v, want %v", err, errDown)
		}
	})
	if len(b.cookies) != 0 {
		t.Errorf("cookies = %v, want none", b.cookies)
	}
}

// 16.5.3: who cannot be checked is not let in.
func TestFailsClosed(t *testing.T) {
	t.Parallel()
	l, b := newLobby(t), newBrowser()
	l.begin(t, b, nil)
	l.store.fail(errDown, nil)
	for name, load := range map[string]func(*http.Request) (*auth.Session, error){"Load": l.sessions.Load, "Peek": l.sessions.Peek} {
		session, err := load(b.request(t, http.MethodGet, "/"))
		if session != nil || !errors.Is(err, errDown) {
			t.Errorf("%s() = %v, %v; want no session and %v", name, session, err, errDown)
		}
	}
	b.visit(t, http.MethodGet, "/auth/callback", func(w http.ResponseWriter, r *http.Request) {
		if _, err := l.sessions.Begin(w, r, vera(), nil); !errors.Is(err, errDown) {
			t.Errorf("Begin() = %v, want %v", err, errDown)
		}
	})
}

// A full disk takes nobody's reading away.
func TestReadOnlyStoreLetsPeopleRead(t *testing.T) {
	t.Parallel()
	l, b := newLobby(t), newBrowser()
	l.begin(t, b, nil)
	l.store.fail(nil, errors.New("disk full"))
	l.clock.advance(2 * time.Minute)
	if !l.signedIn(t, b) {
		t.Error("signed out because use could not be written")
	}
}

// 7.4.5: an administrator ends somebody's session; their next request, and a
// form that is under way, find it gone.
func TestEndByID(t *testing.T) {
	t.Parallel()
	l, b, other := newLobby(t), newBrowser(), newBrowser()
	session := l.begin(t, b, nil)
	l.begin(t, other, nil)
	underway := b.request(t, http.MethodPost, "/companies")
	if _, err := l.sessions.Load(underway); err != nil {
		t.Fatalf("Load() = %v, want no error", err)
	}

	ended, err := l.sessions.EndByID(t.Context(), session.ID)
	if err != nil || ended.Person.Subject != "u-1" {
		t.Fatalf("EndByID() = %v, %v; want the session as it was", ended, err)
	}
	if l.signedIn(t, b) {
		t.Error("signed in after the session was ended")
	}
	if !l.signedIn(t, other) {
		t.Error("another session of the same person ended too")
	}
	if err := l.sessions.AddFlash(httptest.NewRecorder(), underway, "done"); err != nil {
		t.Errorf("AddFlash() to an ended session = %v, want nothing done", err)
	}
	if l.signedIn(t, b) {
		t.Error("a flash brought the session back")
	}
	if _, err := l.sessions.EndByID(t.Context(), session.ID); !errors.Is(err, auth.ErrNoSession) {
		t.Errorf("EndByID() again = %v, want %v", err, auth.ErrNoSession)
	}
}

func TestListAndPurge(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	forgotten, used := newBrowser(), newBrowser()
	gone := l.begin(t, forgotten, nil)
	l.clock.advance(20 * time.Minute)
	kept := l.begin(t, used, nil)
	l.clock.advance(10 * time.Minute)

	listed, err := l.sessions.List(t.Context(), auth.Person{}, 1)
	if err != nil || listed.Total != 1 || len(listed.Rows) != 1 || listed.Rows[0].ID != kept.ID {
		t.Errorf("List() = %v, %v; want the one that has not timed out", listed, err)
	}
	other := kept.Person
	other.Subject = "somebody else"
	if listed, err := l.sessions.List(t.Context(), other, 1); err != nil || listed.Total != 0 || len(listed.Rows) != 0 {
		t.Errorf("List() of somebody else = %v, %v; want none", listed, err)
	}
	if found, err := l.sessions.ByID(t.Context(), kept.ID); err != nil || found.ID != kept.ID {
		t.Errorf("ByID() = %v, %v; want the one that has not timed out", found, err)
	}
	if _, err := l.sessions.ByID(t.Context(), gone.ID); !errors.Is(err, auth.ErrNoSession) {
		t.Errorf("ByID() of one that has timed out = %v, want %v", err, auth.ErrNoSession)
	}
	l.clock.advance(time.Second)
	if err := l.sessions.Purge(t.Context()); err != nil {
		t.Fatalf("Purge() = %v, want no error", err)
	}
	if got := len(l.store.sessions); got != 1 {
		t.Errorf("sessions in the store = %d, want 1", got)
	}
}

func TestPurgeRemovesOldLogins(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBrowser()
	sessions, err := auth.NewSessions(auth.SessionOptions{Store: w.store, Issuer: w.idp.issuer(), PublicURL: "https://foyer.example", Now: w.clock.Now})
	if err != nil {
		t.Fatalf("NewSessions() = %v, want no error", err)
	}
	w.start(t, b, auth.Resume{})
	w.clock.advance(auth.LoginTimeout + time.Second)
	w.start(t, b, auth.Resume{})
	if err := sessions.Purge(t.Context()); err != nil {
		t.Fatalf("Purge() = %v, want no error", err)
	}
	if got := len(w.store.logins); got != 1 {
		t.Errorf("sign-ins in the store = %d, want the new one alone", got)
	}
}
