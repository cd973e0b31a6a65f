package sapi_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"foyer/sapi"
)

// wire is a server that takes down what reaches it, byte by byte, and answers the
// first whole request on each connection.
type wire struct {
	net.Listener

	mu    sync.Mutex
	bytes bytes.Buffer
	whole int
	conns sync.WaitGroup
}

func newWire(t *testing.T) *wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{Listener: listener}
	w.conns.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			w.conns.Go(func() { w.serve(conn) })
		}
	})
	t.Cleanup(func() { listener.Close(); w.conns.Wait() })
	return w
}

// serve answers, and then reads on until the client closes: nothing that it still
// sends is missed.
func (w *wire) serve(conn net.Conn) {
	defer conn.Close()
	r := bufio.NewReader(io.TeeReader(conn, w))
	for {
		request, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, request.Body); err != nil {
			return
		}
		w.mu.Lock()
		w.whole++
		w.mu.Unlock()
		if _, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{\"id\":\"c\"}"); err != nil {
			return
		}
	}
}

func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.bytes.Write(p)
}

// received waits until the client has closed its connections, and returns how many
// whole requests came, and how many bytes.
func (w *wire) received(transport *http.Transport) (whole, size int) {
	transport.CloseIdleConnections()
	w.Close()
	w.conns.Wait()
	return w.whole, w.bytes.Len()
}

// The looks at the clock of a change with its token: two for how far the token's answer
// is from it, one before the transport is asked, one for when the change was sent, and
// then one for each reading of the body.
const (
	asked = 3
	begun = 5
)

// ticking is a clock that is past the deadline from the nth look on.
func ticking(n int64) (now func() time.Time, deadline time.Time) {
	var looks atomic.Int64
	start := time.Now()
	return func() time.Time {
		if looks.Add(1) >= n {
			return start.Add(2 * time.Minute)
		}
		return start
	}, start.Add(time.Minute)
}

// A process that is stopped anywhere on the way, and goes on when the deadline is
// over, sends nothing whole. The clock is looked at before the transport is asked,
// and at each reading of the body.
func TestChangeThatIsTooLateIsNotSent(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100_000) // more than net/http reads at once
	tests := []struct {
		name  string
		looks int64 // at which the time is over
		text  string
		fate  sapi.Fate // 0 for success
	}{
		{"before the transport is asked", asked, "", sapi.NotSent},
		{"before the body is read", begun, "", sapi.NotSent},
		{"when all is handed out", begun + 1, "", 0},
		{"a long body, before it is read", begun, long, sapi.NotSent},
		{"a long body, midway", begun + 1, long, sapi.Lost},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w, transport := newWire(t), &http.Transport{}
			now, deadline := ticking(tt.looks)
			c := start(t, newUpstream(nil), func(o *sapi.Options) {
				o.BaseURL, o.Now, o.Transport = "http://"+w.Addr().String(), now, transport
			})
			_, err := c.Companies.Create(sapi.SendBefore(t.Context(), deadline), sapi.NewCompany{
				Name: tt.text, VanityName: "v", EmailDomains: []string{"acme.example"},
			})
			whole, size := w.received(transport)
			if tt.fate == 0 {
				if err != nil || whole != 1 {
					t.Errorf("Create() = %v with %d whole requests, want success with one", err, whole)
				}
				return
			}
			wantError(t, err, tt.fate, sapi.ClassTooLate)
			if !sapi.IsTooLate(err) || whole != 0 {
				t.Errorf("Create() = %v with %d whole requests, want it too late with none", err, whole)
			}
			if size > 0 && tt.looks == 1 {
				t.Errorf("%d bytes arrived, want none", size)
			}
		})
	}
}

// A connection that was used before must not tempt the transport to send again on
// another: there too it is too late.
func TestChangeThatIsTooLateIsNotSentOnAnyConnection(t *testing.T) {
	t.Parallel()
	w, transport := newWire(t), &http.Transport{}
	now, deadline := ticking(2)
	c := start(t, newUpstream(nil), func(o *sapi.Options) {
		o.BaseURL, o.Now, o.Transport = "http://"+w.Addr().String(), now, transport
	})
	if err := read(t.Context(), c); err != nil { // leaves a connection behind
		t.Fatalf("Get() = %v", err)
	}
	wantError(t, change(sapi.SendBefore(t.Context(), deadline), c), sapi.NotSent, sapi.ClassTooLate)
	if whole, _ := w.received(transport); whole != 1 {
		t.Errorf("%d whole requests, want the read alone", whole)
	}
}

// A copy of the body, as transports take one to send again, stands behind the fence too.
func TestCopyOfABodyThatIsTooLate(t *testing.T) {
	t.Parallel()
	u := newUpstream(nil)
	now, deadline := ticking(3) // once before the transport is asked, once for the copy
	c := start(t, u, func(o *sapi.Options) {
		o.Now = now
		wired := &http.Transport{DisableKeepAlives: true}
		o.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "/oauth/token") {
				return wired.RoundTrip(r)
			}
			again, err := r.GetBody()
			if err != nil {
				t.Errorf("GetBody() in time = %v", err)
				return nil, err
			}
			if got, err := io.ReadAll(again); len(got) != 0 || err == nil {
				t.Errorf("the copy = %q, %v, want an error", got, err)
			}
			if _, err := r.GetBody(); err == nil {
				t.Error("GetBody() = nil when it is too late, want an error")
			}
			return nil, net.ErrClosed
		})
	})
	wantError(t, change(sapi.SendBefore(t.Context(), deadline), c), sapi.NotSent, sapi.ClassTooLate)
}

// To get a connection may take until it is too late.
func TestChangeThatIsTooLateOnceThereIsAConnection(t *testing.T) {
	t.Parallel()
	w := newWire(t)
	var late atomic.Bool
	began := time.Now()
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		if address == w.Addr().String() {
			late.Store(true)
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}}
	c := start(t, newUpstream(nil), func(o *sapi.Options) {
		o.BaseURL, o.Transport = "http://"+w.Addr().String(), transport
		o.Now = func() time.Time {
			if late.Load() {
				return began.Add(time.Hour)
			}
			return began
		}
	})
	wantError(t, change(sapi.SendBefore(t.Context(), began.Add(time.Minute)), c), sapi.NotSent, sapi.ClassTooLate)
	if whole, _ := w.received(transport); whole != 0 {
		t.Errorf("%d whole requests, want none", whole)
	}
}

func TestChangeThatIsTooLateOverHTTP2(t *testing.T) {
	t.Parallel()
	for looks, text := range map[int64]string{begun: "", begun + 1: strings.Repeat("x", 2_000_000)} {
		var whole atomic.Int64
		u := newUpstream(map[string]http.HandlerFunc{"/prefix/api/": func(w http.ResponseWriter, r *http.Request) {
			if _, err := io.Copy(io.Discard, r.Body); err == nil {
				whole.Add(1)
			}
			answer(w, 200, `{"id":"c"}`)
		}})
		server := httptest.NewUnstartedServer(u)
		server.EnableHTTP2 = true
		server.StartTLS()
		o := u.options(server.URL)
		o.Transport = server.Client().Transport
		now, deadline := ticking(looks)
		o.Now = now
		c := newClient(t, o)
		_, err := c.Companies.Create(sapi.SendBefore(t.Context(), deadline), sapi.NewCompany{Name: text, EmailDomains: []string{"a.example"}})
		if !sapi.IsTooLate(err) || sapi.IsUnknownOutcome(err) != (looks > begun) {
			t.Errorf("Create() over HTTP/2 = %v, want it too late, and unknown once the body has begun", err)
		}
		server.Close() // waits for the handlers
		if got := whole.Load(); got != 0 {
			t.Errorf("%d whole requests over HTTP/2, want none", got)
		}
	}
}

// The monotonic clock stops while a machine sleeps, and the wall clock may be set
// back: either can say that it is too late.
func TestEitherClockCanBeOver(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, tt := range map[string]struct {
		now, deadline time.Time
		late          bool
	}{
		"in time":                     {now, now.Add(time.Minute), false},
		"on the dot":                  {now, now, true},
		"after a sleep of an hour":    {monotonic(now.Add(time.Hour), -time.Hour), now.Add(time.Minute), true},
		"set back by an hour":         {monotonic(now.Add(-time.Hour), 2*time.Hour), now.Add(time.Minute), true},
		"no monotonic clock, in time": {now, now.Add(time.Minute).Round(0), false},
		"no monotonic clock, late":    {now, now.Add(-time.Minute).Round(0), true},
		"no time at all":              {now, time.Time{}, true},
	} {
		c := start(t, newUpstream(map[string]http.HandlerFunc{"/prefix/api/": answering(200, `{"id":"c"}`)}), func(o *sapi.Options) {
			o.Now = func() time.Time { return tt.now }
		})
		err := change(sapi.SendBefore(t.Context(), tt.deadline), c)
		if sapi.IsTooLate(err) != tt.late || !tt.late && err != nil {
			t.Errorf("%s: Create() = %v, want it too late: %v", name, err, tt.late)
		}
	}
}

// monotonic changes a time's monotonic reading and leaves the wall clock's alone, as
// happens when a machine sleeps or its clock is set. The standard library has no way.
func monotonic(t time.Time, by time.Duration) time.Time {
	parts := (*struct {
		wall uint64
		ext  int64
	})(unsafe.Pointer(&t))
	parts.ext += int64(by)
	return t
}

// Reads take no notice of the deadline, nor does a token that is on the way.
func TestDeadlineIsForChangesAlone(t *testing.T) {
	t.Parallel()
	u := newUpstream(map[string]http.HandlerFunc{"/prefix/api/": answering(200, `{"id":"c"}`)})
	c := start(t, u, nil)
	late := sapi.SendBefore(t.Context(), time.Now().Add(-time.Hour))
	if err := read(late, c); err != nil {
		t.Errorf("Get() = %v, want success", err)
	}
	wantError(t, change(late, c), sapi.NotSent, sapi.ClassTooLate)
	if err := change(sapi.SendBefore(late, time.Now().Add(time.Hour)), c); err != nil {
		t.Errorf("Create() within the innermost deadline = %v, want success", err)
	}
}
