package sandbox

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// misbehave answers one request as the rule has it. What the rule leaves alone
// happens as it would without it.
func (s *Sandbox) misbehave(ctx context.Context, w http.ResponseWriter, rule Rule, op operation, x *exchange) {
	switch rule.Kind {
	case KindLate:
		s.later.add(x.now.Add(rule.Delay), func(now time.Time) {
			x.now = now
			s.perform(ctx, op, x)
		})
		panic(http.ErrAbortHandler)
	case KindStale: // its delay is how far behind the answer is
	default:
		if !s.wait(x, rule.Delay) {
			s.recordAlone(ctx, x, 0)
			panic(http.ErrAbortHandler)
		}
	}

	var done answer
	byNature, _ := rule.Kind.works()
	worked := byNature || rule.Work
	if worked {
		done = s.perform(ctx, op, x)
	}

	switch rule.Kind {
	case KindCloseBefore, KindCloseAfter, KindNoAnswer:
		if !worked {
			s.recordAlone(ctx, x, 0)
		}
		if rule.Kind == KindNoAnswer {
			s.hold(x)
		}
		// The server closes the connection and says nothing more.
		panic(http.ErrAbortHandler)
	case KindCloseDuring:
		done.header.Set("Content-Length", strconv.Itoa(len(done.body)))
		done.body = done.body[:len(done.body)/2]
		write(w, x, done)
		_ = http.NewResponseController(w).Flush() // so that the half arrives
		panic(http.ErrAbortHandler)
	case KindStatus, KindRetryAfter, KindHTML, KindRedirect:
		done = s.instead(ctx, rule, x)
		if !worked {
			s.recordAlone(ctx, x, done.status)
		}
	default:
		done = spoil(rule, done, x.now)
	}
	write(w, x, done)
}

// later is work whose time has not come. It is done before the first request after
// its time is answered, so that nobody can tell that it was not done just then.
type later struct {
	mu   sync.Mutex
	work []lateWork
}

type lateWork struct {
	at time.Time
	do func(now time.Time)
}

func (l *later) add(at time.Time, do func(now time.Time)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.work = append(l.work, lateWork{at, do})
}

// catchUp does the work whose time has come by now.
func (l *later) catchUp(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.work = slices.DeleteFunc(l.work, func(w lateWork) bool {
		due := !now.Before(w.at)
		if due {
			w.do(w.at)
		}
		return due
	})
}

// wait lets the delay pass. It gives false when the client went away before.
func (s *Sandbox) wait(x *exchange, delay time.Duration) bool {
	if delay <= 0 {
		return true
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-x.Context().Done():
		return false
	case <-s.closing:
		return false
	}
}

// hold keeps the request until the client goes away, or the sandbox is closed.
func (s *Sandbox) hold(x *exchange) {
	select {
	case <-x.Context().Done():
	case <-s.closing:
	}
}

const gatewayPage = `<!doctype html>
<html><head><title>502 Bad Gateway</title></head>
<body><center><h1>502 Bad Gateway</h1></center><hr><center>gateway</center></body></html>
`

// instead makes the answer of the kinds that put theirs in the place of
// Symphony's.
func (s *Sandbox) instead(ctx context.Context, rule Rule, x *exchange) answer {
	switch rule.Kind {
	case KindHTML:
		return answer{
			status: cmp.Or(rule.Status, http.StatusBadGateway),
			header: contentType("text/html; charset=utf-8"),
			body:   []byte(cmp.Or(rule.Body, gatewayPage)),
		}
	case KindRedirect:
		return answer{
			status: cmp.Or(rule.Status, http.StatusFound),
			header: http.Header{"Location": {cmp.Or(rule.Location, "https://elsewhere.invalid/")}},
			body:   []byte(rule.Body),
		}
	case KindRetryAfter:
		refusal := s.refusal(ctx, cmp.Or(rule.Status, http.StatusTooManyRequests), rule.Body, x)
		refusal.header.Set("Retry-After", cmp.Or(rule.RetryAfter, "1"))
		return refusal
	default:
		return s.refusal(ctx, cmp.Or(rule.Status, http.StatusServiceUnavailable), rule.Body, x)
	}
}

func (s *Sandbox) refusal(ctx context.Context, status int, body string, x *exchange) answer {
	if body != "" {
		return answer{status: status, header: contentType("application/json"), body: []byte(body)}
	}
	refusal, err := newProblem(status, "Injected by a fault rule").answer(x)
	if err != nil {
		s.log.ErrorContext(ctx, "sandbox problem not written", "error", err)
	}
	return refusal
}

// spoil changes a good answer as the rule has it.
func spoil(rule Rule, done answer, now time.Time) answer {
	switch rule.Kind {
	case KindStale:
		done.body = changeItems(done.body, func(items []json.RawMessage) []json.RawMessage {
			return slices.DeleteFunc(items, func(item json.RawMessage) bool { return createdAfter(item, now.Add(-rule.Delay)) })
		})
	case KindTotal:
		var page map[string]json.RawMessage
		if json.Unmarshal(done.body, &page) == nil && page["total"] != nil {
			if page["total"] = rule.Raw; len(rule.Raw) == 0 {
				page["total"] = encoded(rule.Total, nil)
			}
			done.body = encoded(page, done.body)
		}
	case KindRespell:
		for from, to := range rule.Emails {
			done.body = bytes.ReplaceAll(done.body, encoded(from, nil), encoded(to, nil))
		}
	case KindTruncated:
		done.body = done.body[:len(done.body)/2]
	case KindEmpty:
		done.body = nil
	case KindWrongType:
		done.header = contentType("text/html; charset=utf-8")
		done.body = []byte(cmp.Or(rule.Body, "<!doctype html><title>Sign in to the network</title>\n"))
	case KindReorder:
		done.body = changeItems(done.body, func(items []json.RawMessage) []json.RawMessage {
			slices.Reverse(items)
			return items
		})
	case KindDropItems:
		done.body = changeItems(done.body, func(items []json.RawMessage) []json.RawMessage {
			return items[1:]
		})
	case KindNullItems:
		done.body = changeItems(done.body, func(items []json.RawMessage) []json.RawMessage {
			items[0] = json.RawMessage("null")
			return items
		})
	default: // latency: the answer is right
	}
	return done
}

// createdAfter says whether an item says that it was created after a time.
func createdAfter(item json.RawMessage, at time.Time) bool {
	var made struct {
		CreatedAt time.Time `json:"createdAt"`
	}
	return json.Unmarshal(item, &made) == nil && made.CreatedAt.After(at)
}

// changeItems applies change to the items of an array, or of the `users` of a
// page; other bodies, and empty ones, stay as they are. The items themselves are
// not decoded, so no number passes through a float.
func changeItems(body []byte, change func([]json.RawMessage) []json.RawMessage) []byte {
	var items []json.RawMessage
	if json.Unmarshal(body, &items) == nil && len(items) > 0 {
		return encoded(change(items), body)
	}
	var page map[string]json.RawMessage
	if json.Unmarshal(body, &page) != nil || json.Unmarshal(page["users"], &items) != nil || len(items) == 0 {
		return body
	}
	page["users"] = encoded(change(items), page["users"])
	return encoded(page, body)
}

// encoded gives v as JSON, or otherwise when that can't be.
func encoded(v any, otherwise []byte) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		return otherwise
	}
	return text
}
