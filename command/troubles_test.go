package command

import (
	"net/http"
	"strings"
	"testing"
)

func TestASymphonyWhoseClockDiffersIsSaidOnThePageByReadinessAndInTheLogOnce(t *testing.T) {
	t.Parallel()
	p := runProgram(t, "--log-level=warn")
	p.control(http.MethodPost, "/control/settings", `{"clock":"-7m"}`, nil)
	p.signIn(omar)
	const words = "Symphony’s clock is 6 min 5" // and some seconds
	for _, path := range []string{"/", "/", "/readyz"} {
		if _, body := p.do(http.MethodGet, p.foyer+path, nil, nil); !strings.Contains(body, words) {
			t.Errorf("%s doesn’t say %q: %.2000s", path, words, body)
		}
	}
	p.stop()
	<-p.exit
	if said := strings.Count(p.logged.String(), "clock and this machine's differ"); said != 1 {
		t.Errorf("the log says it %d times, want once: %s", said, &p.logged)
	}
}
