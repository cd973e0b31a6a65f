package e2e

import "testing"

// firstVisit is the most that the first page may bring over the wire, in bytes,
// with every file that it needs.
const firstVisit = 40 << 10

func TestAFirstVisitIsLight(t *testing.T) {
	t.Parallel()
	f := startFoyer(t)

	p := newPage(t, f.address)
	p.Goto("/login")
	p.WaitIdle()
	if got := p.Transferred(); got > firstVisit {
		t.Errorf("the sign-in page brings %d bytes at a first visit, want at most %d", got, firstVisit)
	}

	// What the sign-in brought stays in the browser: the pages after it bring
	// themselves alone.
	p.SignIn(onboarder)
	for _, path := range []string{"/", "/companies", "/companies/" + lyondell + "/users?size=100"} {
		before := p.Transferred()
		p.Goto(path)
		if got := p.Transferred() - before; got > 20<<10 {
			t.Errorf("%s brings %d bytes when the files are there already, want at most %d", path, got, 20<<10)
		}
	}
}
