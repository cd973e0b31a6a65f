package e2e

import (
	"strconv"
	"testing"
)

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
		p.Goto(path)
		if got := p.brought(); got > 20<<10 {
			t.Errorf("%s brings %d bytes when the files are there already, want at most %d", path, got, 20<<10)
		}
	}
}

// brought is the number of bytes that the page took, and the files it names. What it
// asks for afterwards, such as the statuses of people, is not of it.
func (p *Page) brought() (bytes int) {
	p.t.Helper()
	sum := p.Eval(`() => String(performance.getEntries()
		.filter(e => e.transferSize !== undefined && e.initiatorType !== 'xmlhttprequest')
		.reduce((sum, e) => sum + e.transferSize, 0))`)
	bytes, err := strconv.Atoi(sum)
	if err != nil || bytes == 0 {
		p.t.Fatalf("the page brought %q bytes: %v", sum, err)
	}
	return bytes
}
