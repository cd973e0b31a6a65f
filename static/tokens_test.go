package static_test

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// What WCAG 2.2 AA asks for: text against what it stands on (1.4.3), and the
// edges and shapes that a part is known by (1.4.11).
const (
	text  = 4.5
	shape = 3.0
)

// meetings are the pairs of colours that meet on a page.
var meetings = []struct {
	least  float64
	colour string
	on     []string
}{
	{text, "ink", []string{"paper", "card", "hover", "off-soft", "accent-soft", "ok-soft", "ask-soft", "bad-soft", "mark"}},
	{text, "quiet", []string{"paper", "card", "hover", "off-soft", "accent-soft", "ok-soft", "ask-soft", "bad-soft"}},
	{text, "faint", []string{"paper", "card", "hover", "off-soft", "accent-soft", "ok-soft", "ask-soft", "bad-soft", "mark"}},
	{text, "accent", []string{"paper", "card", "hover", "accent-soft", "mark"}},
	{text, "on-accent", []string{"accent", "accent-strong"}},
	{text, "ok", []string{"paper", "card", "hover", "ok-soft"}},
	{text, "off", []string{"paper", "card", "hover", "off-soft"}},
	{text, "ask", []string{"paper", "card", "hover", "ask-soft", "accent-soft", "bad-soft"}},
	{text, "bad", []string{"paper", "card", "hover", "bad-soft"}},
	{text, "on-environment", []string{"sandbox", "uat", "prod"}},
	{shape, "edge", []string{"paper", "card"}},
	{shape, "accent", []string{"off-soft", "ok-soft", "ask-soft", "bad-soft"}},
}

func TestColoursThatMeetAreFarEnoughApart(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{"light", "dark"} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			colours := tokens(t, scheme)
			for _, m := range meetings {
				for _, on := range m.on {
					if got := contrast(t, colours[m.colour], colours[on]); got < m.least {
						t.Errorf("contrast of %s on %s = %.2f, want at least %.1f", m.colour, on, got, m.least)
					}
				}
			}
		})
	}
}

func TestTheSchemesHaveTheSameColours(t *testing.T) {
	t.Parallel()
	light, dark := tokens(t, "light"), tokens(t, "dark")
	for name := range light {
		if dark[name] == "" {
			t.Errorf("dark has no %s", name)
		}
	}
	if len(light) != len(dark) {
		t.Errorf("light has %d colours and dark %d", len(light), len(dark))
	}
}

func TestTheBuiltStylesheetHasTheTokens(t *testing.T) {
	t.Parallel()
	css, err := os.ReadFile("app.css")
	if err != nil {
		t.Fatal(err)
	}
	for name := range tokens(t, "light") {
		if strings.Count(string(css), "--"+name+":") < 2 {
			t.Errorf("app.css does not set --%s in both schemes: run make css", name)
		}
	}
}

// tokens reads one scheme of tailwind.config.js.
func tokens(t *testing.T, scheme string) map[string]string {
	t.Helper()
	source, err := os.ReadFile("../tailwind.config.js")
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(source), "const "+scheme+" = {")
	block, _, closed := strings.Cut(after, "};")
	if !found || !closed {
		t.Fatalf("tailwind.config.js has no %s scheme", scheme)
	}
	colours := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^\s*"?([a-z-]+)"?: "#([0-9a-f]{6})"`).FindAllStringSubmatch(block, -1) {
		colours[m[1]] = m[2]
	}
	if want := strings.Count(block, "#"); len(colours) != want {
		t.Fatalf("read %d colours of the %s scheme, want %d", len(colours), scheme, want)
	}
	return colours
}

// contrast is WCAG's ratio of the relative luminances of two colours.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	rgb, err := strconv.ParseUint(colour, 16, 32)
	if err != nil {
		t.Fatalf("a colour that is none: %q", colour)
	}
	channel := func(v uint64) float64 {
		c := float64(v&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(rgb>>16) + 0.7152*channel(rgb>>8) + 0.0722*channel(rgb)
}
