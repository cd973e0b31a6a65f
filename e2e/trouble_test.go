package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/proto"
)

// report is the name of the function through which the watcher's own script
// speaks to the test.
const report = "foyerTestReport"

// tellViolations runs before any script of a page and reports what its content
// security policy has stopped. The console says it too, but not where.
const tellViolations = `addEventListener('securitypolicyviolation', e => ` + report + `(
	'CSP: ' + e.effectiveDirective + ' blocked ' + (e.blockedURI || 'inline') +
	' at ' + (e.sourceFile || e.documentURI) + ':' + e.lineNumber + ' ' + e.sample))`

// mark begins the reports that are no trouble but a place in the stream of
// events; see watcher.sync.
const mark = "mark:"

// watcher listens to a page from its birth to the end of the test. It keeps what
// no page of Foyer may cause: violations of the content security policy, uncaught
// exceptions, errors on the console, issues the browser found, requests that
// failed. It also knows what the page is waiting for.
type watcher struct {
	mu       sync.Mutex
	changed  chan struct{} // closed, and made anew, at each change
	trouble  []string
	inFlight map[proto.NetworkRequestID]string
	marks    map[string]bool
	pages    int  // that have taken the place of the one before
	loaded   bool // whether the last of them has loaded
	status   int
	bytes    int64
}

// watch begins to listen to the page.
func watch(page *rod.Page) (*watcher, error) {
	w := &watcher{
		changed:  make(chan struct{}),
		inFlight: map[proto.NetworkRequestID]string{},
		marks:    map[string]bool{},
	}
	wait := page.EachEvent(
		w.exception, w.console, w.log, w.issue, w.reported,
		w.request, w.response, w.finished, w.failed,
		w.navigated,
		func(*proto.PageLoadEventFired) { w.change(func() { w.loaded = true }) },
	)
	go wait()

	if err := (proto.RuntimeAddBinding{Name: report}).Call(page); err != nil {
		return nil, fmt.Errorf("add the report function: %w", err)
	}
	if _, err := page.EvalOnNewDocument(tellViolations); err != nil {
		return nil, fmt.Errorf("add the violation listener: %w", err)
	}
	return w, nil
}

// change applies f to the watcher's state and wakes whoever waits for a change.
func (w *watcher) change(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
	close(w.changed)
	w.changed = make(chan struct{})
}

func (w *watcher) add(format string, args ...any) {
	w.change(func() { w.trouble = append(w.trouble, fmt.Sprintf(format, args...)) })
}

// has tells whether the condition holds now, and gives a channel that is closed
// when it may have changed.
func (w *watcher) has(condition func() bool) (bool, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return condition(), w.changed
}

// waitingFor gives the addresses of the requests that are in flight.
func (w *watcher) waitingFor() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Sorted(maps.Values(w.inFlight))
}

// navigated counts the pages. What the page before tells of itself afterwards is not
// taken for the new one's.
func (w *watcher) navigated(e *proto.PageFrameNavigated) {
	if e.Frame.ParentID == "" {
		w.change(func() { w.pages++; w.loaded = false })
	}
}

func (w *watcher) reported(e *proto.RuntimeBindingCalled) {
	switch {
	case e.Name != report:
	case strings.HasPrefix(e.Payload, mark):
		w.change(func() { w.marks[e.Payload] = true })
	default:
		w.add("%s", e.Payload)
	}
}

func (w *watcher) exception(e *proto.RuntimeExceptionThrown) {
	text := e.ExceptionDetails.Text
	if thrown := e.ExceptionDetails.Exception; thrown != nil && thrown.Description != "" {
		text = thrown.Description
	}
	w.add("uncaught exception: %s", text)
}

func (w *watcher) console(e *proto.RuntimeConsoleAPICalled) {
	if e.Type != proto.RuntimeConsoleAPICalledTypeError && e.Type != proto.RuntimeConsoleAPICalledTypeAssert {
		return
	}
	var words []string
	for _, arg := range e.Args {
		words = append(words, arg.Description+arg.Value.Str())
	}
	w.said(strings.Join(words, " "), e.Type)
}

// said notes an error of the console. htmx tells two of each request that it breaks off
// because a newer one takes its place, as the page asked for: they are no trouble.
func (w *watcher) said(text string, kind proto.RuntimeConsoleAPICalledType) {
	const brokenOff, before = "htmx:sendAbort", "htmx:afterRequest"
	if !strings.HasPrefix(text, brokenOff) {
		w.add("console.%s: %s", kind, text)
		return
	}
	w.change(func() {
		if last := len(w.trouble) - 1; last >= 0 && strings.Contains(w.trouble[last], ": "+before) {
			w.trouble = w.trouble[:last]
		}
	})
}

func (w *watcher) log(e *proto.LogEntryAdded) {
	// Requests are judged one by one, by what they were for.
	if e.Entry.Level != proto.LogLogEntryLevelError || e.Entry.Source == proto.LogLogEntrySourceNetwork {
		return
	}
	w.add("log, %s: %s (%s)", e.Entry.Source, e.Entry.Text, e.Entry.URL)
}

func (w *watcher) issue(e *proto.AuditsIssueAdded) {
	details, _ := json.Marshal(e.Issue.Details)
	w.add("issue: %s %s", e.Issue.Code, details)
}

func (w *watcher) request(e *proto.NetworkRequestWillBeSent) {
	if e.Type == proto.NetworkResourceTypeDocument {
		// Of what the page before was still waiting for no end may be told.
		w.change(func() { clear(w.inFlight) })
	}
	streams := []proto.NetworkResourceType{proto.NetworkResourceTypeEventSource, proto.NetworkResourceTypeWebSocket, proto.NetworkResourceTypePing}
	if !slices.Contains(streams, e.Type) {
		w.change(func() { w.inFlight[e.RequestID] = e.Request.URL })
	}
}

// response judges the status of an answer. A document may have any: tests visit
// error pages. A fragment may be refused with 422: it is a form with its errors.
func (w *watcher) response(e *proto.NetworkResponseReceived) {
	status := e.Response.Status
	fragment := e.Type == proto.NetworkResourceTypeXHR || e.Type == proto.NetworkResourceTypeFetch
	switch {
	case e.Type == proto.NetworkResourceTypeDocument:
		w.change(func() { w.status = status })
	case status < http.StatusBadRequest, fragment && status == http.StatusUnprocessableEntity:
	default:
		w.add("request: %s %s was answered %d", strings.ToLower(string(e.Type)), e.Response.URL, status)
	}
}

func (w *watcher) finished(e *proto.NetworkLoadingFinished) {
	w.change(func() {
		delete(w.inFlight, e.RequestID)
		w.bytes += int64(e.EncodedDataLength)
	})
}

func (w *watcher) failed(e *proto.NetworkLoadingFailed) {
	var url string
	w.change(func() {
		url = w.inFlight[e.RequestID]
		delete(w.inFlight, e.RequestID)
	})
	// The browser cancels what a page still loads when it is left.
	if !e.Canceled {
		w.add("request: %s %s failed: %s %s", strings.ToLower(string(e.Type)), url, e.ErrorText, e.BlockedReason)
	}
}
