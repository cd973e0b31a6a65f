package auth_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
)

type flash struct{ Kind, Text string }

// takeFlashes is what a page does.
func takeFlashes(t *testing.T, l *lobby, r *http.Request) (flashes []flash) {
	t.Helper()
	if err := l.sessions.TakeFlashes(httptest.NewRecorder(), r, &flashes); err != nil {
		t.Fatalf("TakeFlashes() = %v, want no error", err)
	}
	return flashes
}

func addFlash(t *testing.T, l *lobby, r *http.Request, f flash) {
	t.Helper()
	if err := l.sessions.AddFlash(httptest.NewRecorder(), r, f); err != nil {
		t.Fatalf("AddFlash() = %v, want no error", err)
	}
}

func TestFlashesAreShownOnce(t *testing.T) {
	t.Parallel()
	l, b := newLobby(t), newBrowser()
	l.begin(t, b, nil)
	first, second := flash{"success", "Created <b>&\""}, flash{"warning", "Still building"}
	post := b.request(t, http.MethodPost, "/companies")
	addFlash(t, l, post, first)
	addFlash(t, l, post, second)

	if diff := cmp.Diff([]flash{first, second}, takeFlashes(t, l, b.request(t, http.MethodGet, "/"))); diff != "" {
		t.Errorf("flashes (-want +got):\n%s", diff)
	}
	_, writes := l.store.counts()
	if got := takeFlashes(t, l, b.request(t, http.MethodGet, "/")); got != nil {
		t.Errorf("flashes of the second page = %v, want none", got)
	}
	if _, after := l.store.counts(); after != writes {
		t.Errorf("a page without flashes wrote %d times, want 0", after-writes)
	}
}

func TestFlashInTheRequestThatSignsIn(t *testing.T) {
	t.Parallel()
	l, b := newLobby(t), newBrowser()
	b.visit(t, http.MethodGet, "/auth/callback", func(w http.ResponseWriter, r *http.Request) {
		if _, err := l.sessions.Begin(w, r, vera(), nil); err != nil {
			t.Fatalf("Begin() = %v, want no error", err)
		}
		addFlash(t, l, r, flash{"success", "Hello"})
	})
	if got := takeFlashes(t, l, b.request(t, http.MethodGet, "/")); len(got) != 1 {
		t.Errorf("flashes = %v, want one", got)
	}
}

// A slow request in one tab must not undo what another tab did meanwhile.
func TestTabsDoNotUndoEachOther(t *testing.T) {
	t.Parallel()
	l, b := newLobby(t), newBrowser()
	l.begin(t, b, nil)
	addFlash(t, l, b.request(t, http.MethodPost, "/"), flash{"success", "before"})
	slow := b.request(t, http.MethodPost, "/companies")
	if _, err := l.sessions.Load(slow); err != nil {
		t.Fatalf("Load() = %v, want no error", err)
	}

	takeFlashes(t, l, b.request(t, http.MethodGet, "/"))
	if err := l.sessions.SetValue(httptest.NewRecorder(), b.request(t, http.MethodPost, "/"), "size", "50"); err != nil {
		t.Fatalf("SetValue() = %v, want no error", err)
	}
	addFlash(t, l, slow, flash{"success", "after"})

	r := b.request(t, http.MethodGet, "/")
	if diff := cmp.Diff([]flash{{"success", "after"}}, takeFlashes(t, l, r)); diff != "" {
		t.Errorf("flashes (-want +got):\n%s", diff)
	}
	if got := l.sessions.Value(r, "size"); got != "50" {
		t.Errorf("Value(size) = %q, want 50", got)
	}
}

func TestNobodyHasNoValues(t *testing.T) {
	t.Parallel()
	l, b := newLobby(t), newBrowser()
	r := b.request(t, http.MethodGet, "/")
	addFlash(t, l, r, flash{"success", "lost"})
	if err := l.sessions.SetValue(httptest.NewRecorder(), r, "size", "50"); err != nil {
		t.Errorf("SetValue() = %v, want nothing done", err)
	}
	draft, err := l.sessions.TakeDraft(httptest.NewRecorder(), r, wanted)
	if draft != nil || err != nil {
		t.Errorf("TakeDraft() = %q, %v; want nothing", draft, err)
	}
	if got := takeFlashes(t, l, r); got != nil {
		t.Errorf("flashes = %v, want none", got)
	}
	if _, writes := l.store.counts(); writes != 0 {
		t.Errorf("writes = %d, want 0", writes)
	}
}

func wanted([]byte) bool { return true }

func TestADraftThatIsNotWantedStays(t *testing.T) {
	t.Parallel()
	l, b := newLobby(t), newBrowser()
	l.begin(t, b, []byte("for another page"))
	_, before := l.store.counts()
	got, err := l.sessions.TakeDraft(httptest.NewRecorder(), b.request(t, http.MethodGet, "/precheck"), func([]byte) bool { return false })
	if _, after := l.store.counts(); got != nil || err != nil || after != before {
		t.Errorf("TakeDraft() = %q, %v and %d writes; want nothing", got, err, after-before)
	}
	if got, err := l.sessions.TakeDraft(httptest.NewRecorder(), b.request(t, http.MethodGet, "/companies/new"), wanted); string(got) != "for another page" || err != nil {
		t.Errorf("TakeDraft() on its page = %q, %v; want it", got, err)
	}
}

func TestDraftIsTakenOnce(t *testing.T) {
	t.Parallel()
	l, b := newLobby(t), newBrowser()
	want := []byte("name=Acme&x=\x00\xff")
	l.begin(t, b, want)
	got, err := l.sessions.TakeDraft(httptest.NewRecorder(), b.request(t, http.MethodGet, "/companies/new"), wanted)
	if err != nil || !cmp.Equal(got, want) {
		t.Errorf("TakeDraft() = %q, %v; want %q", got, err, want)
	}
	got, err = l.sessions.TakeDraft(httptest.NewRecorder(), b.request(t, http.MethodGet, "/companies/new"), wanted)
	if got != nil || err != nil {
		t.Errorf("TakeDraft() again = %q, %v; want nothing", got, err)
	}
}

func TestPreferencesAreWrittenWhenTheyChange(t *testing.T) {
	t.Parallel()
	l, b := newLobby(t), newBrowser()
	l.begin(t, b, nil)
	_, before := l.store.counts()
	for _, size := range []string{"50", "50", "100", "100"} {
		if err := l.sessions.SetValue(httptest.NewRecorder(), b.request(t, http.MethodGet, "/"), "size", size); err != nil {
			t.Fatalf("SetValue() = %v, want no error", err)
		}
	}
	if _, after := l.store.counts(); after-before != 2 {
		t.Errorf("writes = %d, want 2", after-before)
	}
	if got := l.sessions.Value(b.request(t, http.MethodGet, "/"), "size"); got != "100" {
		t.Errorf("Value(size) = %q, want 100", got)
	}
}

// Sessions is a gorilla Store like any other.
func TestGorillaStore(t *testing.T) {
	t.Parallel()
	const name = "__Host-foyer"
	l, b := newLobby(t), newBrowser()
	begun := l.begin(t, b, nil)
	b.visit(t, http.MethodPost, "/", func(w http.ResponseWriter, r *http.Request) {
		session, err := l.sessions.Get(r, name)
		if err != nil || session.IsNew || session.ID != begun.ID || session.Name() != name {
			t.Fatalf("Get() = %+v, %v; want the session that was begun", session, err)
		}
		session.Values["size"] = "20"
		if err := session.Save(r, w); err != nil {
			t.Errorf("Save() = %v, want no error", err)
		}
		session.Values[7] = "no string as a key"
		if err := session.Save(r, w); err == nil {
			t.Error("Save() with a key that is no string = nil, want an error")
		}
	})
	if got := l.sessions.Value(b.request(t, http.MethodGet, "/"), "size"); got != "20" {
		t.Errorf("Value(size) = %q, want 20", got)
	}

	b.visit(t, http.MethodPost, "/logout", func(w http.ResponseWriter, r *http.Request) {
		session, err := l.sessions.Get(r, name)
		if err != nil {
			t.Fatalf("Get() = %v, want no error", err)
		}
		session.Options.MaxAge = -1
		if err := session.Save(r, w); err != nil {
			t.Errorf("Save() with MaxAge below zero = %v, want no error", err)
		}
	})
	if len(b.cookies) != 0 || len(l.store.sessions) != 0 {
		t.Errorf("cookies = %v, sessions = %d; want both gone", b.cookies, len(l.store.sessions))
	}
}

func TestGorillaStoreKeepsNothingForNobody(t *testing.T) {
	t.Parallel()
	l, b := newLobby(t), newBrowser()
	r := b.request(t, http.MethodGet, "/")
	session, err := l.sessions.Get(r, "__Host-foyer")
	if err != nil || !session.IsNew {
		t.Fatalf("Get() = %+v, %v; want a new session", session, err)
	}
	if err := session.Save(r, httptest.NewRecorder()); !errors.Is(err, auth.ErrNoSession) {
		t.Errorf("Save() = %v, want %v", err, auth.ErrNoSession)
	}
	if _, err := l.sessions.New(r, "another"); err == nil {
		t.Error("New(another name) = nil, want an error")
	}
}
