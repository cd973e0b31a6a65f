package command

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
)

// program is Foyer as main runs it, with everything embedded.
type program struct {
	t               *testing.T
	foyer, symphony string // addresses
	stop            context.CancelFunc
	exit            chan int
	client          *http.Client
	logged          bytes.Buffer // errors; to be read after the end
}

// runProgram starts the whole program on free ports, with data of its own.
func runProgram(t *testing.T, args ...string) *program {
	t.Helper()
	folder := t.TempDir()
	symphony := seededStandIn(t, folder)
	ctx, stop := context.WithCancel(t.Context())
	out, stdout := io.Pipe()
	p := &program{t: t, stop: stop, exit: make(chan int, 1)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		status := Run(ctx, Process{Stdout: stdout, Stderr: &p.logged, Args: append([]string{
			"--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--sandbox-listen=127.0.0.1:0", "--log-level=error",
			"--database-url=sqlite:" + filepath.Join(folder, "foyer.db"), "--sandbox-database=" + symphony,
		}, args...)})
		_ = stdout.Close()
		p.exit <- status
	}()
	t.Cleanup(func() { // it writes to its folders until it has ended
		stop()
		<-ended
	})

	address := regexp.MustCompile(`http://127\.0\.0\.1:\d+`)
	lines := bufio.NewScanner(out)
	for p.symphony == "" && lines.Scan() {
		found := address.FindString(lines.Text())
		if p.foyer == "" {
			p.foyer = found
		} else {
			p.symphony = found
		}
	}
	if p.symphony == "" {
		t.Fatalf("the program ended with status %d before it told its addresses", <-p.exit)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	p.client = &http.Client{Jar: jar, Timeout: 20 * time.Second}
	return p
}

// do sends a request and reads the answer, following redirects.
func (p *program) do(method, address string, form url.Values, header http.Header) (*http.Response, string) {
	p.t.Helper()
	request, err := http.NewRequestWithContext(p.t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	maps.Copy(request.Header, header)
	answer, err := p.client.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return answer, string(body)
}

// form reads a page's form as it was filled by the server.
func (p *program) form(page *http.Response, body, selector string) (address string, values url.Values) {
	p.t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	form := doc.Find(selector).Closest("form")
	if form.Length() != 1 {
		p.t.Fatalf("%s has %d forms for %s", page.Request.URL.Path, form.Length(), selector)
	}
	values = url.Values{}
	form.Find("input[name]").Each(func(_ int, s *goquery.Selection) { values.Set(s.AttrOr("name", ""), s.AttrOr("value", "")) })
	button := doc.Find(selector)
	if name, ok := button.Attr("name"); ok {
		values.Set(name, button.AttrOr("value", ""))
	}
	action, err := page.Request.URL.Parse(form.AttrOr("action", ""))
	if err != nil {
		p.t.Fatal(err)
	}
	return action.String(), values
}

// faults speaks to the stand-in's control API of what goes wrong.
func (p *program) faults(method, body string, into any) {
	p.t.Helper()
	p.control(method, "/control/faults", body, into)
}

// control asks the stand-in's control API.
func (p *program) control(method, path, body string, into any) {
	p.t.Helper()
	request, err := http.NewRequestWithContext(p.t.Context(), method, p.symphony+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer sandbox-admin")
	request.Header.Set("Content-Type", "application/json")
	answer, err := p.client.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode >= http.StatusMultipleChoices {
		p.t.Fatalf("%s %s = %d", method, path, answer.StatusCode)
	}
	if into != nil {
		if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
			p.t.Fatal(err)
		}
	}
}

const (
	adele = "/companies/e176c55e-6e49-4819-b982-12e0535db5f0/users/5bec2e8b-da45-46c7-9370-5669de1b1a78"

	omar   = "button:contains('Omar')"   // an onboarder
	audrey = "button:contains('Audrey')" // an auditor
)

// signIn signs in through the demo provider, as the browser does.
func (p *program) signIn(as string) {
	p.t.Helper()
	page, body := p.do(http.MethodGet, p.foyer+"/login/start", nil, nil)
	address, values := p.form(page, body, as)
	page, _ = p.do(http.MethodPost, address, values, nil)
	if page.StatusCode != http.StatusOK || page.Request.URL.Path != "/" {
		p.t.Fatalf("signing in leads to %s with %d, want the first page", page.Request.URL.Path, page.StatusCode)
	}
}

func TestWhatIsInFlightIsFinishedBeforeTheEnd(t *testing.T) {
	t.Parallel()
	p := runProgram(t)
	p.signIn(omar)
	page, body := p.do(http.MethodGet, p.foyer+adele+"/status", nil, nil)
	address, values := p.form(page, body, "input[name=active]")
	values.Set("reason", "left the desk")
	p.faults(http.MethodPost, `{"match":{"operation":"updateUser"},"kind":"latency","delay":"1s"}`, nil)

	answered := make(chan string, 1)
	go func() {
		answer, body := p.do(http.MethodPost, address, values, http.Header{"Origin": {p.foyer}})
		answered <- answer.Request.URL.Path + " " + body
	}()
	for sent := false; !sent; {
		var faults []struct {
			Seen int `json:"seen"`
		}
		p.faults(http.MethodGet, "", &faults)
		sent = len(faults) == 1 && faults[0].Seen == 1
	}
	// The redirect's own page can't be had any more, so it isn't followed.
	p.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	p.stop()

	if got := <-answered; !strings.HasPrefix(got, adele) {
		t.Errorf("the change in flight was answered with %.200s", got)
	}
	if status := <-p.exit; status != 0 {
		t.Errorf("the program ended with status %d, want 0", status)
	}
	if p.logged.Len() > 0 {
		t.Errorf("an orderly end logged: %s", &p.logged)
	}
}

func TestReadinessIsTakenBackBeforeTheEndBegins(t *testing.T) {
	t.Parallel()
	p := runProgram(t, "--drain=2s")
	if answer, body := p.do(http.MethodGet, p.foyer+"/readyz", nil, nil); answer.StatusCode != http.StatusOK || body != "ready\n" {
		t.Errorf("/readyz = %d %s, want 200 ready", answer.StatusCode, body)
	}
	p.stop()
	for {
		answer, _ := p.do(http.MethodGet, p.foyer+"/readyz", nil, nil) // fails the test when nobody listens
		if answer.StatusCode == http.StatusServiceUnavailable {
			break
		}
	}
	if answer, _ := p.do(http.MethodGet, p.foyer+"/login", nil, nil); answer.StatusCode != http.StatusOK {
		t.Errorf("/login = %d, want people served until others have noticed", answer.StatusCode)
	}
	if status := <-p.exit; status != 0 || p.logged.Len() > 0 {
		t.Errorf("the program ended with status %d and logged: %s", status, &p.logged)
	}
}

func TestASettingThatIsWrongIsSaidBeforeAnythingStarts(t *testing.T) {
	t.Parallel()
	for name, environ := range map[string][]string{
		"FOYER_OIDC_ISSUR":         {"FOYER_OIDC_ISSUR=https://idp.example"},
		"FOYER_TRUSTED_PROXIES":    {},
		"must be set in the envir": {},
	} {
		var said strings.Builder
		args := map[string][]string{"FOYER_TRUSTED_PROXIES": {"--trusted-proxies=everywhere"}, "must be set in the envir": {"--environment=prod"}}[name]
		if status := Run(t.Context(), Process{Args: args, Environ: environ, Stdout: io.Discard, Stderr: &said}); status != 2 || !strings.Contains(said.String(), name) {
			t.Errorf("status %d, saying %s; want 2 and %s", status, said.String(), name)
		}
	}
}
