package e2e

import (
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/input"
	"github.com/google/go-cmp/cmp"
)

// serve answers each path with its page, under a content security policy like
// Foyer's.
func serve(t *testing.T, pages map[string]string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		body, ok := pages[r.URL.Path]
		switch {
		case !ok:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, document("<h1>Not found</h1>"))
		case strings.HasSuffix(r.URL.Path, ".js"):
			w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
			fmt.Fprint(w, body)
		default:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, body)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// document is a whole page without a fault, around the body given.
func document(body string) string {
	return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title>` +
		`<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"></head><body><main>` + body + `</main></body></html>`
}

func TestTroubleOnAPageIsCaught(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name   string
		body   string
		script string
		want   string
	}{
		{name: "inline script", body: `<h1>x</h1><script>document.title = 'y'</script>`, want: "CSP: script-src-elem blocked inline"},
		{name: "inline style", body: `<h1 style="color: red">x</h1>`, want: "CSP: style-src-attr blocked inline"},
		{name: "inline handler", body: `<h1 onclick="alert(1)">x</h1>`, want: "CSP: script-src-attr blocked inline"},
		{name: "foreign image", body: `<h1>x</h1><img alt="" src="http://localhost:1/x.png">`, want: "CSP: img-src blocked http://localhost:1/x.png"},
		{name: "uncaught exception", body: `<h1>x</h1>`, script: `throw new Error('oh dear')`, want: "uncaught exception: Error: oh dear"},
		{name: "unhandled rejection", body: `<h1>x</h1>`, script: `Promise.reject(new Error('oh dear'))`, want: "uncaught exception: Error: oh dear"},
		{name: "console error", body: `<h1>x</h1>`, script: `console.error('oh', 'dear')`, want: "console.error: oh dear"},
		{name: "missing script", body: `<h1>x</h1><script src="/gone.js"></script>`, want: "/gone.js was answered 404"},
		{name: "missing fragment", body: `<h1>x</h1>`, script: `fetch('/gone')`, want: "/gone was answered 404"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := newPage(t, serve(t, map[string]string{
				"/":          document(test.body + `<script src="/script.js"></script>`),
				"/script.js": test.script,
			}))
			p.Goto("/")
			p.WaitIdle()

			got := p.Unexpected()
			if !slices.ContainsFunc(got, func(line string) bool { return strings.Contains(line, test.want) }) {
				t.Errorf("Unexpected() = %q, want a line with %q", got, test.want)
			}
			for _, line := range got {
				p.Expect(line)
			}
		})
	}
}

func TestAPolicyIsWatchedWithoutScripts(t *testing.T) {
	t.Parallel()
	p := newPage(t, serve(t, map[string]string{"/": document(`<h1 style="color: red">x</h1>`)}))
	p.DisableScripts()
	p.Goto("/")

	p.Expect("Applying inline style violates")
	p.Expect("ContentSecurityPolicyIssue")
}

func TestARequestThatANewerOneReplacesIsNoTrouble(t *testing.T) {
	t.Parallel()
	htmx, err := os.ReadFile("../static/htmx.min.js")
	if err != nil {
		t.Fatal(err)
	}
	p := newPage(t, serve(t, map[string]string{
		"/": strings.Replace(document(`<div hx-get="/part" hx-trigger="ask from:body" hx-sync="this:replace" hx-swap="innerHTML"></div>`+
			`<script src="/htmx.js"></script><script src="/script.js"></script>`),
			"<head>", `<head><meta name="htmx-config" content='{"includeIndicatorStyles":false,"allowEval":false}'>`, 1),
		"/part":      `<h1>All is well</h1>`,
		"/htmx.js":   string(htmx),
		"/script.js": `addEventListener('load', () => { for (let i = 0; i < 3; i++) htmx.trigger(document.body, 'ask') })`,
	}))

	p.Goto("/")
	p.WaitForText("h1", "All is well")
	if got := p.Unexpected(); len(got) > 0 {
		t.Errorf("Unexpected() = %q, want nothing", got)
	}
}

func TestAPageWithoutFaultCausesNoTrouble(t *testing.T) {
	t.Parallel()
	p := newPage(t, serve(t, map[string]string{"/": document(`<h1>All is well</h1>`)}))

	if status := p.Goto("/"); status != http.StatusOK {
		t.Errorf("Goto(/) = %d, want 200", status)
	}
	if status := p.Goto("/elsewhere"); status != http.StatusNotFound {
		t.Errorf("Goto(/elsewhere) = %d, want 404", status)
	}
	p.Axe()
	p.FitsWidth()
	if got := p.Unexpected(); len(got) > 0 {
		t.Errorf("Unexpected() = %q, want none", got)
	}
}

func TestAxeFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	p := newPage(t, serve(t, map[string]string{"/": document(`<h1>A form</h1><form><input name="reason"></form><p><font color="#eeeeee">faint</font></p>`)}))
	p.Goto("/")

	for _, test := range []struct {
		rules []string
		want  []string
	}{
		{everyRule, []string{"color-contrast", "label"}},
		{colourRules, []string{"color-contrast"}},
	} {
		var got []string
		for _, v := range p.violations(test.rules) {
			got = append(got, v.ID)
		}
		slices.Sort(got)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("violations(%v) (-want +got):\n%s", test.rules, diff)
		}
	}
}

func TestAFormIsFilledAndSent(t *testing.T) {
	t.Parallel()
	pages := map[string]string{
		"/": document(`<h1>Ask</h1><form action="/answer"><label for="q">Question</label>` +
			`<input id="q" name="q" value="old"><button>Send it</button></form>`),
		"/answer": document(`<h1>Answer</h1>`),
	}

	for _, scripts := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %v", scripts), func(t *testing.T) {
			t.Parallel()
			p := newPage(t, serve(t, pages))
			if !scripts {
				p.DisableScripts()
			}
			p.Goto("/")
			p.Fill("#q", "new")
			if got := p.Value("#q"); got != "new" {
				t.Errorf("Value(#q) = %q, want %q", got, "new")
			}

			p.FollowNamed("button", "Send it")
			if got := p.Text("h1"); got != "Answer" {
				t.Errorf("Text(h1) = %q, want %q", got, "Answer")
			}
			if !strings.HasSuffix(p.URL(), "/answer?q=new") {
				t.Errorf("URL() = %q, want it to end in /answer?q=new", p.URL())
			}

			p.Back()
			if got := p.Text("h1"); got != "Ask" {
				t.Errorf("after Back, Text(h1) = %q, want %q", got, "Ask")
			}
		})
	}
}

func TestTheKeyboardAloneIsEnough(t *testing.T) {
	t.Parallel()
	p := newPage(t, serve(t, map[string]string{
		"/":     document(`<h1>Links</h1><p><a id="next" href="/next">Next</a></p>`),
		"/next": document(`<h1>Next</h1>`),
	}))
	p.Goto("/")
	p.Press(input.Tab)
	if got := p.Focused(); got != "a#next" {
		t.Errorf("Focused() = %q, want %q", got, "a#next")
	}
	p.FollowKey(input.Enter)
	if got := p.Text("h1"); got != "Next" {
		t.Errorf("Text(h1) = %q, want %q", got, "Next")
	}
}

func TestWhatAScriptBringsLaterIsWaitedFor(t *testing.T) {
	t.Parallel()
	p := newPage(t, serve(t, map[string]string{
		"/": document(`<h1>Late</h1><button>Bring</button><p id="out"></p><script src="/script.js"></script>`),
		"/script.js": `document.querySelector('button').onclick = async () => {
			document.querySelector('#out').textContent = await (await fetch('/late')).text() }`,
		"/late": "here",
	}))
	p.Goto("/")
	p.ClickNamed("button", "Bring")
	p.WaitForText("#out", "here")
	p.WaitIdle()
}

func TestAPageTooWideForAPhoneIsCaught(t *testing.T) {
	t.Parallel()
	p := newPage(t, serve(t, map[string]string{"/": document(`<h1>` + strings.Repeat("W", 100) + `</h1>`)}))
	p.Resize(phone)
	p.Goto("/")
	if p.widest() == "" {
		t.Error("widest() is empty, want the heading")
	}
}

func TestAPictureIsTakenOfTheWholePage(t *testing.T) {
	t.Parallel()
	p := newPage(t, serve(t, map[string]string{"/": document(`<h1>Long</h1>` + strings.Repeat("<p>line</p>", 100))}))
	p.Goto("/")

	file, err := os.Open(p.picture("harness"))
	if err != nil {
		t.Fatalf("picture: %v", err)
	}
	defer file.Close()
	got, err := png.DecodeConfig(file)
	if err != nil {
		t.Fatalf("decode the picture: %v", err)
	}
	if got.Width != desktop.width || got.Height <= desktop.height {
		t.Errorf("the picture is %d × %d, want %d and more than %d", got.Width, got.Height, desktop.width, desktop.height)
	}
}
