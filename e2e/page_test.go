package e2e

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"

	"foyer/internal/testneeds"
)

// patience is how long a page may take to do what a test waits for. It is long
// because a test's machine may be slow, and costs nothing when all is well.
const patience = 90 * time.Second

// size is a window's, in CSS pixels.
type size struct{ width, height int }

// The windows that pages are looked at in.
var (
	desktop = size{1280, 900}
	laptop  = size{1024, 768}
	tablet  = size{768, 1024}
	phone   = size{360, 740}
)

// Page is a tab of a browser with nobody signed in, at the desktop's size, in
// the light scheme, with motion reduced. Each method fails the test at once if
// it can't do its work within patience.
//
// Whatever the page does that no page of Foyer may do (see watcher) fails the
// test at its end, unless the test has announced it by Expect.
type Page struct {
	t        testing.TB
	page     *rod.Page
	watcher  *watcher
	base     string
	scripts  bool
	expected []string
}

// newPage opens a tab for t. Addresses given to Goto are relative to base.
func newPage(t testing.TB, base string) *Page {
	t.Helper()

	browser, err := chromium()
	switch {
	case errors.Is(err, errNoChromium):
		testneeds.Missing(t, "Chromium", "install it, or set FOYER_TEST_CHROMIUM")
	case err != nil:
		t.Fatalf("start Chromium: %v", err)
	}
	incognito, err := browser.Incognito()
	if err != nil {
		t.Fatalf("open a browser context: %v", err)
	}
	t.Cleanup(func() {
		if err := incognito.Close(); err != nil {
			t.Errorf("close the browser context: %v", err)
		}
	})
	tab, err := incognito.Page(proto.TargetCreateTarget{})
	if err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	watcher, err := watch(tab)
	if err != nil {
		t.Fatalf("watch the tab: %v", err)
	}

	p := &Page{t: t, page: tab, watcher: watcher, base: base, scripts: true}
	t.Cleanup(p.judge)
	p.Resize(desktop)
	p.Scheme("light")
	return p
}

// judge ends the test's look at the page: everything unexpected that happened on
// it fails the test, and so does everything expected that didn't.
func (p *Page) judge() {
	p.t.Helper()
	for _, line := range p.Unexpected() {
		p.t.Errorf("the page caused: %s", line)
	}
	for _, part := range p.expected {
		if !strings.Contains(strings.Join(p.watcher.trouble, "\n"), part) {
			p.t.Errorf("the page was expected to cause %q and did not", part)
		}
	}
	if p.t.Failed() && !p.t.Skipped() {
		p.t.Logf("the page was at %s, pictured in %s", p.URL(), p.picture("failed-"+strings.ReplaceAll(p.t.Name(), "/", "-")))
	}
}

// Expect announces trouble: lines that contain part are no failure, and their
// absence is.
func (p *Page) Expect(part string) { p.expected = append(p.expected, part) }

// Unexpected gives the trouble so far that was not announced.
func (p *Page) Unexpected() []string {
	p.t.Helper()
	p.sync()
	p.watcher.mu.Lock()
	defer p.watcher.mu.Unlock()

	var lines []string
next:
	for _, line := range p.watcher.trouble {
		for _, part := range p.expected {
			if strings.Contains(line, part) {
				continue next
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// Goto opens the path, waits for it to load, and gives the status of the answer.
func (p *Page) Goto(path string) int {
	p.t.Helper()
	p.navigate("open "+path, func(page *rod.Page) error {
		answer, err := proto.PageNavigate{URL: p.base + path}.Call(page)
		if err == nil && answer.ErrorText != "" {
			err = errors.New(answer.ErrorText)
		}
		return err
	})
	return p.Status()
}

// Peek puts the content of another page in the place of what the tab shows, and
// gives the status of the answer. It takes a tenth of the work of Goto, because
// nothing is loaded anew: for pages that are only read.
func (p *Page) Peek(path string) int {
	p.t.Helper()
	status, err := strconv.Atoi(p.Eval(`async (path) => {
		const answer = await fetch(path)
		const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
		document.querySelector('main').replaceWith(page.querySelector('main') ?? document.createElement('main'))
		history.replaceState(null, '', path)
		return String(answer.status)
	}`, path))
	if err != nil {
		p.t.Fatalf("peek at %s: %v", path, err)
	}
	return status
}

// Back goes one page back, as the browser's button does.
func (p *Page) Back() {
	p.t.Helper()
	p.navigate("go back", func(page *rod.Page) error {
		history, err := page.GetNavigationHistory()
		if err != nil {
			return err
		}
		if history.CurrentIndex == 0 {
			return errors.New("this is the first page")
		}
		return proto.PageNavigateToHistoryEntry{EntryID: history.Entries[history.CurrentIndex-1].ID}.Call(page)
	})
}

// Reload loads the page again.
func (p *Page) Reload() {
	p.t.Helper()
	p.navigate("reload", func(page *rod.Page) error { return proto.PageReload{}.Call(page) })
}

// Status is that of the last document.
func (p *Page) Status() int {
	p.t.Helper()
	p.sync()
	p.watcher.mu.Lock()
	defer p.watcher.mu.Unlock()
	return p.watcher.status
}

// Transferred is the number of bytes that the page has brought over the wire so
// far, headers included.
func (p *Page) Transferred() int64 {
	p.t.Helper()
	p.sync()
	p.watcher.mu.Lock()
	defer p.watcher.mu.Unlock()
	return p.watcher.bytes
}

// URL is the address of the page as the address bar shows it.
func (p *Page) URL() string {
	p.t.Helper()
	return p.Eval(`() => location.href`)
}

// Title is what the tab shows.
func (p *Page) Title() string {
	p.t.Helper()
	return p.Eval(`() => document.title`)
}

// Eval runs a function of JavaScript in the page and gives its result as text.
func (p *Page) Eval(function string, args ...any) string {
	p.t.Helper()
	page, cancel := p.limited()
	defer cancel()
	result, err := page.Eval(function, args...)
	if err != nil {
		p.t.Fatalf("eval %s: %v", function, err)
	}
	return result.Value.Str()
}

// Has tells whether the page has an element that the selector matches.
func (p *Page) Has(selector string) bool {
	p.t.Helper()
	return p.Count(selector) > 0
}

// Count is the number of elements that the selector matches.
func (p *Page) Count(selector string) int {
	p.t.Helper()
	page, cancel := p.limited()
	defer cancel()
	found, err := page.Elements(selector)
	if err != nil {
		p.t.Fatalf("find %s: %v", selector, err)
	}
	return len(found)
}

// Text waits for the element and gives its visible text without the space
// around it.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	page, cancel := p.limited()
	defer cancel()
	text, err := p.find(page, selector).Text()
	if err != nil {
		p.t.Fatalf("text of %s: %v", selector, err)
	}
	return strings.TrimSpace(text)
}

// Value waits for the form field and gives what is in it.
func (p *Page) Value(selector string) string {
	p.t.Helper()
	page, cancel := p.limited()
	defer cancel()
	value, err := p.find(page, selector).Property("value")
	if err != nil {
		p.t.Fatalf("value of %s: %v", selector, err)
	}
	return value.Str()
}

// Focused describes the element that has the focus by its tag and, where it has
// one, its id: "input#reason".
func (p *Page) Focused() string {
	p.t.Helper()
	return p.Eval(`() => { const e = document.activeElement; return e.localName + (e.id && '#' + e.id) }`)
}

// WaitFor waits until an element matches the selector.
func (p *Page) WaitFor(selector string) {
	p.t.Helper()
	p.until(selector+" on the page", func(page *rod.Page) (bool, error) {
		found, _, err := page.Has(selector)
		return found, err
	})
}

// WaitForText waits until the visible text of an element that the selector
// matches contains the words.
func (p *Page) WaitForText(selector, words string) {
	p.t.Helper()
	p.until(selector+" saying "+words, func(page *rod.Page) (bool, error) {
		result, err := page.Eval(`(selector, words) => [...document.querySelectorAll(selector)].some(e => e.innerText.includes(words))`, selector, words)
		return err == nil && result.Value.Bool(), err
	})
}

// WaitIdle waits until the page is loaded, no request is in flight, and htmx has
// put every answer in its place.
func (p *Page) WaitIdle() {
	p.t.Helper()
	p.until("an idle page", func(page *rod.Page) (bool, error) {
		p.sync()
		quiet, _ := p.watcher.has(func() bool { return len(p.watcher.inFlight) == 0 })
		if !quiet {
			return false, fmt.Errorf("waiting for %v", p.watcher.waitingFor())
		}
		result, err := page.Eval(`() => document.readyState === 'complete' && !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')`)
		return err == nil && result.Value.Bool(), err
	})
}

// Click scrolls to the element and clicks it, failing if something covers it or
// it is disabled. It waits for nothing that the click causes.
func (p *Page) Click(selector string) {
	p.t.Helper()
	page, cancel := p.limited()
	defer cancel()
	p.clickElement(page, p.find(page, selector), selector)
}

// Follow clicks the element and waits until the page it leads to has loaded.
func (p *Page) Follow(selector string) {
	p.t.Helper()
	p.navigate("follow "+selector, func(page *rod.Page) error {
		p.clickElement(page, p.find(page, selector), selector)
		return nil
	})
}

// Download clicks the link to a file, waits until all of it has arrived, and gives
// the name that the browser keeps it under, and what is in it.
func (p *Page) Download(selector string) (name string, content []byte) {
	p.t.Helper()
	page, cancel := p.limited()
	defer cancel()
	dir := p.t.TempDir()
	p.must("choose where files go", proto.BrowserSetDownloadBehavior{
		Behavior: proto.BrowserSetDownloadBehaviorBehaviorAllowAndName, BrowserContextID: p.page.Browser().BrowserContextID, DownloadPath: dir,
	})

	// Rod's own WaitDownload takes any tab's file for this one's.
	var file *proto.PageDownloadWillBegin
	arrived := page.EachEvent(
		func(e *proto.PageDownloadWillBegin) { file = e },
		func(e *proto.PageDownloadProgress) bool {
			return file != nil && e.GUID == file.GUID && e.State != proto.PageDownloadProgressStateInProgress
		},
	)
	p.clickElement(page, p.find(page, selector), selector)
	arrived()
	if file == nil {
		p.t.Fatalf("%s brought no file", selector)
	}
	content, err := os.ReadFile(filepath.Join(dir, file.GUID))
	if err != nil {
		p.t.Fatalf("read what %s brought: %v", selector, err)
	}
	return file.SuggestedFilename, content
}

// ClickNamed clicks the element with that role and accessible name, as a person
// with a screen reader finds it: ClickNamed("button", "Check answers").
func (p *Page) ClickNamed(role, name string) {
	p.t.Helper()
	page, cancel := p.limited()
	defer cancel()
	p.clickElement(page, p.findNamed(page, role, name), name)
}

// FollowNamed is ClickNamed for what leads to a new page.
func (p *Page) FollowNamed(role, name string) {
	p.t.Helper()
	p.navigate("follow "+role+" "+name, func(page *rod.Page) error {
		p.clickElement(page, p.findNamed(page, role, name), name)
		return nil
	})
}

// DoubleClickNamed clicks twice what leads to a new page, and waits until that
// has loaded.
func (p *Page) DoubleClickNamed(role, name string) {
	p.t.Helper()
	p.navigate("click twice "+role+" "+name, func(page *rod.Page) error {
		p.clickElement(page, p.findNamed(page, role, name), name)
		return page.Mouse.Click(proto.InputMouseButtonLeft, 1)
	})
}

// Type types the text, wherever the focus is.
func (p *Page) Type(text string) {
	p.t.Helper()
	page, cancel := p.limited()
	defer cancel()
	if err := page.InsertText(text); err != nil {
		p.t.Fatalf("type: %v", err)
	}
}

// Fill replaces what is in the form field, as typing does.
func (p *Page) Fill(selector, text string) {
	p.t.Helper()
	page, cancel := p.limited()
	defer cancel()
	if _, err := p.find(page, selector).Eval(`() => { this.focus(); this.select() }`); err != nil {
		p.t.Fatalf("select the text of %s: %v", selector, err)
	}
	if text == "" {
		p.Press(input.Delete)
		return
	}
	if err := page.InsertText(text); err != nil {
		p.t.Fatalf("fill %s: %v", selector, err)
	}
}

// Press presses the keys one after the other, wherever the focus is.
func (p *Page) Press(keys ...input.Key) {
	p.t.Helper()
	page, cancel := p.limited()
	defer cancel()
	if err := page.Keyboard.Type(keys...); err != nil {
		p.t.Fatalf("press: %v", err)
	}
}

// Choose types into what takes no free text: a select has the option chosen whose
// words begin so, in small letters; a control for a day has its parts filled one
// after the other.
func (p *Page) Choose(selector, words string) {
	p.t.Helper()
	page, cancel := p.limited()
	defer cancel()
	if _, err := p.find(page, selector).Eval(`() => this.focus()`); err != nil {
		p.t.Fatalf("focus %s: %v", selector, err)
	}
	p.Press([]input.Key(words)...)
}

// FollowKey presses the key and waits until the page it leads to has loaded.
func (p *Page) FollowKey(key input.Key) {
	p.t.Helper()
	p.navigate("follow a key", func(page *rod.Page) error { return page.Keyboard.Type(key) })
}

// DisableScripts makes the browser one without JavaScript, from the next page
// that is opened.
func (p *Page) DisableScripts() {
	p.t.Helper()
	p.scripts = false
	p.must("disable scripts", proto.EmulationSetScriptExecutionDisabled{Value: true})
}

// Scheme sets the colour scheme that the person prefers: light or dark.
func (p *Page) Scheme(name string) {
	p.t.Helper()
	p.must("set the colour scheme", proto.EmulationSetEmulatedMedia{Features: []*proto.EmulationMediaFeature{
		{Name: "prefers-color-scheme", Value: name},
		{Name: "prefers-reduced-motion", Value: "reduce"},
	}})
}

// Resize sets the size of the window.
func (p *Page) Resize(s size) {
	p.t.Helper()
	p.must("set the window's size", proto.EmulationSetDeviceMetricsOverride{Width: s.width, Height: s.height, DeviceScaleFactor: 1})
}

// FitsWidth fails the test if the page has to be scrolled sideways.
func (p *Page) FitsWidth() {
	p.t.Helper()
	if widest := p.widest(); widest != "" {
		p.t.Errorf("%s has to be scrolled sideways, because of %s", p.URL(), widest)
	}
}

// widest names what makes the page wider than its window, and nothing if it
// isn't.
func (p *Page) widest() string {
	p.t.Helper()
	return p.Eval(`() => {
		const limit = document.documentElement.clientWidth
		if (document.documentElement.scrollWidth <= limit) return ''
		return [...document.querySelectorAll('body *')]
			.filter(e => e.scrollWidth > limit || e.getBoundingClientRect().right > limit + 1)
			.map(e => e.localName + (e.className && '.' + e.className)).slice(0, 5).join(', ') || 'the page'
	}`)
}
