package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"foyer/internal/testneeds"
)

// axeScript is where npm ci puts the accessibility checker.
var axeScript = filepath.Join("..", "node_modules", "axe-core", "axe.min.js")

// axeRun runs the rules it is given.
const axeRun = `async (rules) => JSON.stringify((await axe.run(document, {
	runOnly: rules,
	resultTypes: ['violations'],
	preload: false,
})).violations)`

// The rules there are for WCAG 2.2 AA, with axe's best practices; and those of
// them that depend on colours.
var (
	everyRule   = []string{"wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"}
	colourRules = []string{"color-contrast", "link-in-text-block"}
	// lookRules are those that depend on the colours or on the size of the window.
	lookRules = append([]string{"target-size", "scrollable-region-focusable"}, colourRules...)
)

// violation is what axe-core says of one rule that a page breaks.
type violation struct {
	ID     string `json:"id"`
	Impact string `json:"impact"`
	Help   string `json:"help"`
	Nodes  []struct {
		HTML           string `json:"html"`
		FailureSummary string `json:"failureSummary"`
	} `json:"nodes"`
}

func (v violation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s): %s", v.ID, v.Impact, v.Help)
	for _, node := range v.Nodes {
		fmt.Fprintf(&b, "\n    %s\n        %s", node.HTML, strings.ReplaceAll(node.FailureSummary, "\n", "\n        "))
	}
	return b.String()
}

// Axe fails the test for everything that axe-core finds wrong on the page as it
// is.
func (p *Page) Axe() {
	p.t.Helper()
	p.axe(everyRule)
}

// AxeLook is Axe for how the page looks alone.
func (p *Page) AxeLook() {
	p.t.Helper()
	p.axe(lookRules)
}

func (p *Page) axe(rules []string) {
	p.t.Helper()
	for _, v := range p.violations(rules) {
		p.t.Errorf("%s: %s", p.URL(), v)
	}
}

func (p *Page) violations(rules []string) []violation {
	p.t.Helper()
	if !p.scripts {
		p.t.Fatal("axe-core needs the scripts that the test has disabled")
	}
	if p.Eval(`() => typeof axe`) != "object" {
		p.load(axeSource(p.t))
	}

	var found []violation
	if err := json.Unmarshal([]byte(p.Eval(axeRun, rules)), &found); err != nil {
		p.t.Fatalf("read axe-core's findings: %v", err)
	}
	return found
}

func axeSource(t testing.TB) string {
	t.Helper()
	source, err := os.ReadFile(axeScript)
	if os.IsNotExist(err) {
		testneeds.Missing(t, "axe-core", "run npm ci")
	}
	if err != nil {
		t.Fatalf("read axe-core: %v", err)
	}
	return string(source)
}
