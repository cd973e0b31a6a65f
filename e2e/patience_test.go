package e2e

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/proto"
	"github.com/go-rod/rod/lib/utils"
)

// limited gives the page with patience's limit on what is done with it.
func (p *Page) limited() (*rod.Page, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.t.Context()), patience)
	return p.page.Context(ctx), cancel
}

func (p *Page) must(what string, command interface{ Call(proto.Client) error }) {
	p.t.Helper()
	page, cancel := p.limited()
	defer cancel()
	if err := command.Call(page); err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
}

// sync waits until everything that the page has told the browser so far has
// reached the watcher. Events of one page come in order, so a report sent now
// comes after all of them.
func (p *Page) sync() {
	p.t.Helper()
	page, cancel := p.limited()
	defer cancel()

	token := mark + rand.Text()
	for {
		arrived, changed := p.watcher.has(func() bool { return p.watcher.marks[token] })
		if arrived {
			return
		}
		// A page that is just being replaced can't run it: then the next one does.
		_, _ = page.Eval(`(token) => `+report+`(token)`, token)
		select {
		case <-changed:
		case <-page.GetContext().Done():
			p.t.Fatalf("the browser is silent on %s", p.base)
		}
	}
}

// navigate does what leads to a new page and waits until that has loaded.
func (p *Page) navigate(what string, do func(*rod.Page) error) {
	p.t.Helper()
	page, cancel := p.limited()
	defer cancel()

	p.sync()
	var before int
	p.watcher.has(func() bool { before = p.watcher.pages; return true })
	if err := do(page); err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
	for {
		loaded, changed := p.watcher.has(func() bool { return p.watcher.pages > before && p.watcher.loaded })
		if loaded {
			return
		}
		select {
		case <-changed:
		case <-page.GetContext().Done():
			p.t.Fatalf("%s: no page has loaded", what)
		}
	}
}

// until asks again and again until the answer is yes. An error is a no: it comes
// from a page that is just being replaced.
func (p *Page) until(what string, holds func(*rod.Page) (bool, error)) {
	p.t.Helper()
	page, cancel := p.limited()
	defer cancel()

	var last error
	sleeper := utils.BackoffSleeper(5*time.Millisecond, 100*time.Millisecond, nil)
	if err := utils.Retry(page.GetContext(), sleeper, func() (bool, error) {
		ok, err := holds(page)
		last = err
		return ok, nil
	}); err != nil {
		p.t.Fatalf("waited in vain for %s: %v", what, errors.Join(err, last))
	}
}

func (p *Page) find(page *rod.Page, selector string) *rod.Element {
	p.t.Helper()
	element, err := page.Element(selector)
	if err != nil {
		p.t.Fatalf("find %s: %v", selector, err)
	}
	return element
}

func (p *Page) findNamed(page *rod.Page, role, name string) *rod.Element {
	p.t.Helper()
	var element *rod.Element
	p.until("a "+role+" named "+name, func(*rod.Page) (bool, error) {
		root, err := page.Evaluate(rod.Eval(`() => document`).ByObject())
		if err != nil {
			return false, err
		}
		found, err := proto.AccessibilityQueryAXTree{ObjectID: root.ObjectID, Role: role, AccessibleName: name}.Call(page)
		if err != nil || len(found.Nodes) == 0 {
			return false, err
		}
		if len(found.Nodes) > 1 {
			p.t.Fatalf("the page has %d elements of the role %s named %q", len(found.Nodes), role, name)
		}
		element, err = page.ElementFromNode(&proto.DOMNode{BackendNodeID: found.Nodes[0].BackendDOMNodeID})
		return err == nil, err
	})
	return element
}

// clickElement clicks by hand what rod's own Click can't where scripts are off:
// that waits for an animation frame, which never comes.
func (p *Page) clickElement(page *rod.Page, element *rod.Element, what string) {
	p.t.Helper()
	if err := (proto.DOMScrollIntoViewIfNeeded{ObjectID: element.Object.ObjectID}).Call(page); err != nil {
		p.t.Fatalf("scroll to %s: %v", what, err)
	}
	place, err := element.Interactable()
	if err != nil {
		p.t.Fatalf("click %s: %v", what, err)
	}
	if disabled, err := element.Disabled(); err != nil || disabled {
		p.t.Fatalf("click %s: it is disabled (%v)", what, err)
	}
	if err := page.Mouse.MoveTo(*place); err != nil {
		p.t.Fatalf("move to %s: %v", what, err)
	}
	if err := page.Mouse.Click(proto.InputMouseButtonLeft, 1); err != nil {
		p.t.Fatalf("click %s: %v", what, err)
	}
}

// load runs a whole script in the page. It comes through the debugger, which the
// content security policy does not concern.
func (p *Page) load(script string) {
	p.t.Helper()
	page, cancel := p.limited()
	defer cancel()
	result, err := proto.RuntimeEvaluate{Expression: script}.Call(page)
	if err != nil || result.ExceptionDetails != nil {
		p.t.Fatalf("run a script: %v %v", err, result)
	}
}
