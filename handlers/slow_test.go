package handlers

import (
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"foyer/auth"
)

// slow is a Symphony whose answers to reading a test holds back.
type slow struct {
	mu   sync.Mutex
	held chan struct{} // closed when they may go; nil: none is held
	came chan string   // the path of each that is
}

// hold puts a test's hand before a handler.
func (s *slow) hold(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		held, came := s.held, s.came
		s.mu.Unlock()
		if held != nil && r.Method == http.MethodGet {
			came <- r.URL.Path
			<-held
		}
		next.ServeHTTP(w, r)
	})
}

// holdAll holds all answers from now on, until letGo. came says which.
func (s *slow) holdAll() (came <-chan string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held, s.came = make(chan struct{}), make(chan string, 1000)
	return s.came
}

func (s *slow) letGo() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held != nil {
		close(s.held)
		s.held = nil
	}
}

// atOnce waits until n answers are held at the same time.
func atOnce(t *testing.T, came <-chan string, n int) {
	t.Helper()
	var paths []string
	late := time.After(20 * time.Second)
	for len(paths) < n {
		select {
		case path := <-came:
			paths = append(paths, path)
		case <-late:
			t.Fatalf("only %v are asked for at once, want %d", paths, n)
		}
	}
}

// impatient waits for Symphony hardly at all.
func impatient(o *Options) { o.Patience = time.Millisecond }

// Whatever was read before is shown when Symphony takes its time, with when that was; never
// as though it had been read now.
func TestAPageDoesNotWaitForASlowSymphonyWhereItCanShowWhatWasRead(t *testing.T) {
	t.Parallel()
	b := newBench(t, impatient)
	b.readPeople()
	admin := b.as(auth.Admin)
	admin.get("/companies/"+lyondell+"/users/"+adele+"?wait=1").says("main", "and can sign in")
	b.clock.add(10 * time.Minute)
	b.slow.holdAll()
	person := "/companies/" + lyondell + "/users/" + adele
	for _, path := range []string{
		"/companies/" + lyondell, person, "/companies", "/", "/companies/" + lyondell + "/users", "/companies/" + lyondell + "/domains", "/companies/" + lyondell + "/users/new", "/companies/" + lyondell + "/reviews",
	} {
		p := admin.get(path).want(http.StatusOK)
		p.says("main", "Symphony hasn’t answered yet.", "What is shown is as of")
		if href, _ := p.find("main a:contains('Wait for its answer')").Attr("href"); href != path+"?wait=1" {
			t.Errorf("%s: the way to wait leads to %q", path, href)
		}
	}
	admin.get(person).says("main", "Active", "when last read; Symphony hasn’t answered yet.")
	admin.get("/").says("main", "Slow")
	for _, path := range []string{"/companies/" + lyondell + "/notes", "/companies/" + lyondell + "/history", person + "/note", person + "/history"} {
		admin.get(path).want(http.StatusOK)
	}
}

// What comes late is kept, for whoever looks next; who wants to wait does, and sees it as
// fresh.
func TestALateAnswerIsKeptAndCanBeWaitedFor(t *testing.T) {
	t.Parallel()
	b := newBench(t, impatient)
	b.readPeople()
	viewer := b.as(auth.Viewer)
	person := "/companies/" + lyondell + "/users/" + adele
	b.clock.add(10 * time.Minute)
	asked := b.clock.Now()
	came := b.slow.holdAll()
	viewer.get(person).says("main", "Symphony hasn’t answered yet.")
	atOnce(t, came, 1)
	b.slow.letGo()
	for late := time.Now().Add(20 * time.Second); ; {
		known, err := b.store.Users(t.Context(), lyondell, []string{adele})
		b.must(err)
		if known[adele].ReadAt.Equal(asked) {
			break
		}
		if time.Now().After(late) {
			t.Fatalf("what came late is not kept: it is as of %v, want %v", known[adele].ReadAt, asked)
		}
		runtime.Gosched()
	}
	p := viewer.get(person + "?wait=1").want(http.StatusOK)
	if text := p.text("main"); strings.Contains(text, "hasn’t answered yet") || strings.Contains(text, "What is shown is as of") {
		t.Errorf("who waited is told %q", text)
	}
}

// Of what nothing is kept, and of what is decided by, nothing can be shown in its place.
func TestWhatWasNeverReadIsWaitedForAndSoIsWhatIsDecidedBy(t *testing.T) {
	t.Parallel()
	b := newBench(t, impatient)
	b.readPeople()
	for _, path := range []string{"/companies/" + lyondell + "/users/" + adele + "/status", "/companies/" + lyondell + "/users/" + adele + "/sign-in", "/companies/" + lyondell + "/users?at=2026-01-01"} {
		b.waits(path)
	}
	newBench(t, impatient).waits("/companies/" + lyondell)
}

// waits fails the test if a page is shown before Symphony has answered.
func (b *bench) waits(path string) {
	b.t.Helper()
	came, viewer := b.slow.holdAll(), b.as(auth.Viewer)
	shown := make(chan *page, 1)
	go func() { shown <- viewer.get(path) }()
	<-came
	select {
	case p := <-shown:
		b.t.Errorf("%s is shown before Symphony answered: %s", path, p.text("main"))
	default:
	}
	b.slow.letGo()
	p := (<-shown).want(http.StatusOK)
	if strings.Contains(p.text("main"), "hasn’t answered yet") {
		b.t.Errorf("%s says %q", path, p.text("main"))
	}
}

// What doesn't build on each other's answer is asked side by side.
func TestAPageAsksSymphonyForEverythingAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	viewer := b.as(auth.Viewer)
	person := "/companies/" + lyondell + "/users/" + adele
	for _, page := range []struct {
		path string
		asks int
	}{
		{"/companies/" + lyondell, 2},
		{"/companies/" + lyondell + "/users?at=2026-01-01", 2},
		{person + "/sign-in", 4},
		{"/", 2},
	} {
		b.clock.add(10 * time.Minute)
		came, shown := b.slow.holdAll(), make(chan struct{})
		go func() { defer close(shown); viewer.get(page.path).want(http.StatusOK) }()
		atOnce(t, came, page.asks)
		b.slow.letGo()
		<-shown
	}
}

// The page has read the company; its table follows what is typed, however slow Symphony is.
func TestATableThatFollowsWhatIsTypedAsksSymphonyNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	viewer := b.as(auth.Viewer)
	viewer.get("/companies/" + lyondell + "/users").want(http.StatusOK)
	came := b.slow.holdAll()
	viewer.htmx("/companies/"+lyondell+"/users?q=adele").want(http.StatusOK).says("#people-table", "Adele Vance").says("#people-head", "Ready")
	if len(came) > 0 {
		t.Errorf("Symphony was asked for %s", <-came)
	}
}

// Nobody has to wait for Symphony to sign in.
func TestSigningInAsksSymphonyNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	came := b.slow.holdAll()
	b.stranger().get("/login").want(http.StatusOK)
	b.stranger().get("/login/start").want(http.StatusSeeOther)
	b.stranger().get("/readyz").want(http.StatusOK)
	if len(came) > 0 {
		t.Errorf("Symphony was asked for %s", <-came)
	}
}
