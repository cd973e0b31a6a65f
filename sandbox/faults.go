package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Kind is one way of going wrong.
type Kind string

// The kinds of fault. Those of the first group take the place of the work; those
// of the second let it happen and spoil the answer.
const (
	// KindStatus answers Rule.Status (503 unless set) with a problem, or with
	// Rule.Body.
	KindStatus Kind = "status"
	// KindRetryAfter answers Rule.Status (429 unless set) with a Retry-After
	// header of Rule.RetryAfter, word for word ("1" unless set).
	KindRetryAfter Kind = "retry_after"
	// KindHTML answers Rule.Status (502 unless set) with a gateway's HTML page.
	KindHTML Kind = "html"
	// KindRedirect answers Rule.Status (302 unless set) to Rule.Location.
	KindRedirect Kind = "redirect"
	// KindNoAnswer holds the request until the client goes away.
	KindNoAnswer Kind = "no_answer"
	// KindCloseBefore drops the connection with nothing done.
	KindCloseBefore Kind = "close_before"
	// KindLate drops the connection at once and does the work Rule.Delay later, as
	// a service does that has the request in a queue: nobody sees it before.
	KindLate Kind = "late"

	// KindLatency answers rightly, after Rule.Delay.
	KindLatency Kind = "latency"
	// KindCloseAfter does and commits the work, then drops the connection
	// without an answer.
	KindCloseAfter Kind = "close_after"
	// KindCloseDuring does the work and drops the connection half-way through
	// the answer's body.
	KindCloseDuring Kind = "close_during"
	// KindTruncated answers half of the body as though it were the whole.
	KindTruncated Kind = "truncated"
	// KindEmpty answers the right status with an empty body.
	KindEmpty Kind = "empty"
	// KindWrongType answers the right status with a page of HTML, or Rule.Body.
	KindWrongType Kind = "wrong_type"
	// KindReorder turns the order of the answer's items round.
	KindReorder Kind = "reorder"
	// KindDropItems leaves the first of the answer's items out.
	KindDropItems Kind = "drop_items"
	// KindNullItems puts null in the place of the answer's first item.
	KindNullItems Kind = "null_items"
	// KindStale answers a list without what was created within Rule.Delay, as a
	// copy does that is behind.
	KindStale Kind = "stale"
	// KindTotal answers a page of people with the total Rule.Total, or Rule.Raw.
	KindTotal Kind = "total"
	// KindRespell answers with the people's e-mail addresses as Rule.Emails has
	// them: from the one to the other.
	KindRespell Kind = "respell"
)

// works tells whether the work is done when the rule does not say, and whether
// there is such a kind at all.
func (k Kind) works() (works, known bool) {
	switch k {
	case KindStatus, KindRetryAfter, KindHTML, KindRedirect, KindNoAnswer, KindCloseBefore, KindLate:
		return false, true
	case KindLatency, KindCloseAfter, KindCloseDuring, KindTruncated, KindEmpty,
		KindWrongType, KindReorder, KindDropItems, KindNullItems, KindStale, KindTotal, KindRespell:
		return true, true
	default:
		return false, false
	}
}

// A Match says which requests a rule is about. What is empty matches anything;
// what is given must all match.
type Match struct {
	// Method is the HTTP method.
	Method string `json:"method,omitempty"`
	// PathPrefix is how the request's path begins.
	PathPrefix string `json:"pathPrefix,omitempty"`
	// Operation is the published operation id, such as createUsers; getToken,
	// podLoginInformation and searchDirectory for what has none.
	Operation string `json:"operation,omitempty"`
}

func (m Match) matches(operation string, r *http.Request) bool {
	return (m.Method == "" || m.Method == r.Method) &&
		(m.Operation == "" || m.Operation == operation) &&
		strings.HasPrefix(r.URL.Path, m.PathPrefix)
}

// A Rule is one fault to inject. Of several rules that match a request the
// first that was added and is due applies, alone.
type Rule struct {
	// ID is given by Faults.Add.
	ID int `json:"id"`
	// Match says which requests the rule is about.
	Match Match `json:"match"`
	// Kind is what goes wrong.
	Kind Kind `json:"kind"`
	// After is how many matching requests pass untouched first.
	After int `json:"after,omitempty"`
	// Times is how often the rule applies; zero means until it is cleared.
	Times int `json:"times,omitempty"`
	// Delay passes before anything else is done, with every kind but KindLate and
	// KindStale. It ends early when the client goes away; then nothing is done.
	Delay time.Duration `json:"-"`
	// Status is the HTTP status of the kinds that choose one.
	Status int `json:"status,omitempty"`
	// RetryAfter is the header's value for KindRetryAfter: seconds, a date, or
	// whatever a broken server might send.
	RetryAfter string `json:"retryAfter,omitempty"`
	// Location is where KindRedirect points.
	Location string `json:"location,omitempty"`
	// Body takes the place of the body that the kind would send.
	Body string `json:"body,omitempty"`
	// Total is the total of KindTotal.
	Total int64 `json:"total,omitempty"`
	// Raw is what KindTotal puts in the total's place instead, whatever JSON it is.
	Raw json.RawMessage `json:"raw,omitempty"`
	// Emails are the addresses that KindRespell answers, by those that it finds.
	Emails map[string]string `json:"emails,omitempty"`
	// Work makes KindStatus, KindRetryAfter, KindHTML, KindRedirect and
	// KindNoAnswer do and commit the work before they go wrong.
	Work bool `json:"work,omitempty"`
	// Seen is how many requests matched so far, Fired how many met the fault.
	Seen  int `json:"seen"`
	Fired int `json:"fired"`
}

// Settings are what can be changed while the sandbox runs. They last as long as
// it does.
type Settings struct {
	// ListActive adds `active` to the people of Retrieve company users, where
	// the published answer leaves it out.
	ListActive bool
	// Provisioning is the time from STARTED to COMPLETED of companies created
	// from now on.
	Provisioning time.Duration
	// TokenLifetime is the time from iat to exp of tokens from now on.
	TokenLifetime time.Duration
	// TokenExpiresIn, unless it is zero, is answered as expires_in (seconds)
	// with every token, whatever the token's own exp says.
	TokenExpiresIn int
	// NoExpiry leaves exp out of tokens from now on.
	NoExpiry bool
	// Clock is by how much Symphony's clock is ahead, or behind when it is negative:
	// the Date of its answers, and whatever it enters a time for.
	Clock time.Duration
}

// Faults is the sandbox's back door: what makes it misbehave, and what it
// remembers of its calls. The control API is this, over HTTP.
type Faults struct {
	sandbox *Sandbox

	mu       sync.Mutex
	rules    []*Rule
	lastID   int
	settings Settings
}

// Faults gives the back door for use in the same process.
func (s *Sandbox) Faults() *Faults { return s.faults }

// Add puts a rule in force and gives it back with its ID. It refuses a rule
// that could not do what it says.
func (f *Faults) Add(r Rule) (Rule, error) {
	if err := r.check(); err != nil {
		return Rule{}, fmt.Errorf("add fault: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lastID++
	r.ID, r.Seen, r.Fired = f.lastID, 0, 0
	f.rules = append(f.rules, &r)
	return r, nil
}

// Rules gives the rules in force and those used up, oldest first, with how often
// each was met.
func (f *Faults) Rules() []Rule {
	f.mu.Lock()
	defer f.mu.Unlock()
	rules := make([]Rule, 0, len(f.rules))
	for _, r := range f.rules {
		rules = append(rules, *r)
	}
	return rules
}

// Clear removes every rule. Requests already held by one stay held.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = nil
}

// Settings gives the settings in force.
func (f *Faults) Settings() Settings {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.settings
}

// Set changes the settings through the function given, and gives the result.
func (f *Faults) Set(change func(*Settings)) Settings {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.settings)
	return f.settings
}

// next gives the rule that applies to a request, if one does, and counts it.
func (f *Faults) next(operation string, r *http.Request) (Rule, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, rule := range f.rules {
		if !rule.Match.matches(operation, r) {
			continue
		}
		rule.Seen++
		due := rule.Seen > rule.After && (rule.Times == 0 || rule.Fired < rule.Times)
		if due {
			rule.Fired++
			return *rule, true
		}
	}
	return Rule{}, false
}

func (r Rule) check() error {
	if _, known := r.Kind.works(); !known {
		return fmt.Errorf("unknown kind %q", r.Kind)
	}
	if r.After < 0 || r.Times < 0 || r.Delay < 0 {
		return errors.New("after, times and delay must not be negative")
	}
	if slices.Contains([]Kind{KindLatency, KindLate, KindStale}, r.Kind) && r.Delay == 0 {
		return fmt.Errorf("%s needs a delay", r.Kind)
	}
	if r.Kind == KindRespell && len(r.Emails) == 0 {
		return errors.New("respell needs emails")
	}
	if r.Status != 0 && (r.Status < 200 || r.Status > 599) {
		return fmt.Errorf("status %d is not one that ends a request", r.Status)
	}
	mayWork := []Kind{KindStatus, KindRetryAfter, KindHTML, KindRedirect, KindNoAnswer}
	if r.Work && !slices.Contains(mayWork, r.Kind) {
		return fmt.Errorf("kind %q decides by itself whether the work is done", r.Kind)
	}
	return nil
}
