package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

// maxBody is far more than 20 people with every field take.
const maxBody = 1 << 20

// An operation is one thing that Symphony does.
type operation struct {
	name   string
	bearer bool // only with a token of the partner
	do     func(context.Context, *sql.Tx, *exchange) (answer, error)
}

// An exchange is one request on its way.
type exchange struct {
	*http.Request
	body  []byte
	now   time.Time
	ahead time.Duration // Settings.Clock
	call  *Call
}

// An answer is what will be written, unless a fault gets at it.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func jsonAnswer(status int, body any) (answer, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return answer{}, fmt.Errorf("write answer: %w", err)
	}
	return answer{status: status, header: contentType("application/json"), body: text}, nil
}

func contentType(value string) http.Header {
	return http.Header{"Content-Type": {value}}
}

// byMethod picks the operation of one path, and answers 405 for the others.
func (s *Sandbox) byMethod(operations map[string]operation) http.Handler {
	allowed := strings.Join(slices.Sorted(maps.Keys(operations)), ", ")
	other := s.serve(operation{name: "unknown", do: func(_ context.Context, _ *sql.Tx, x *exchange) (answer, error) {
		refusal, err := newProblem(http.StatusMethodNotAllowed,
			fmt.Sprintf("Method '%s' is not supported.", x.Method)).answer(x)
		if err == nil {
			refusal.header.Set("Allow", allowed)
		}
		return refusal, err
	}})
	handlers := make(map[string]http.Handler, len(operations))
	for method, op := range operations {
		handlers[method] = s.serve(op)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h, ok := handlers[r.Method]; ok {
			h.ServeHTTP(w, r)
			return
		}
		other.ServeHTTP(w, r)
	})
}

// onlyCleanPaths keeps http.ServeMux from redirecting "//" and "..", which
// Symphony does not: such a path is simply not there.
func onlyCleanPaths(next, missing http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if clean := path.Clean(r.URL.Path); clean != r.URL.Path && clean+"/" != r.URL.Path {
			missing.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func notFound(_ context.Context, _ *sql.Tx, x *exchange) (answer, error) {
	return answer{}, newProblem(http.StatusNotFound, "No static resource "+strings.TrimPrefix(x.URL.Path, "/")+".")
}

// serve does one operation, lets the rules in force go wrong with it, and
// enters the call into the ledger of calls.
func (s *Sandbox) serve(op operation) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		// The body is read first: the server only notices that a client went
		// away once nothing of its request is left unread.
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		op := op // of this request alone
		if err != nil {
			op = operation{name: op.name, do: func(context.Context, *sql.Tx, *exchange) (answer, error) {
				return answer{}, newProblem(http.StatusBadRequest, "Failed to read request")
			}}
		}
		now := s.time()
		s.later.catchUp(now)
		x := &exchange{Request: r, body: body, now: now, ahead: s.faults.Settings().Clock, call: &Call{
			At: now, Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Operation: op.name,
			CompanyID: r.PathValue("companyId"), UserID: r.PathValue("userId"), TraceID: newTraceID(),
		}}

		// The work goes on when the client has gone, as in a real server.
		ctx := context.WithoutCancel(r.Context())
		rule, faulty := s.faults.next(op.name, r)
		if !faulty {
			write(w, x, s.perform(ctx, op, x))
			return
		}
		x.call.Fault = rule.Kind
		s.misbehave(ctx, w, rule, op, x)
	}
}

// perform does the work and records it, both or neither: one transaction holds
// the change and its entry in the ledger of calls.
func (s *Sandbox) perform(ctx context.Context, op operation, x *exchange) answer {
	var done answer
	err := s.inTx(ctx, func(tx *sql.Tx) (err error) {
		if op.bearer {
			if err := s.authorise(ctx, tx, x); err != nil {
				return err
			}
			if err := checkMediaType(x); err != nil {
				return err
			}
		}
		if done, err = op.do(ctx, tx, x); err != nil {
			return err
		}
		x.call.Status = done.status
		return record(ctx, tx, x.call)
	})
	if err == nil {
		s.log.DebugContext(ctx, "sandbox call", "operation", op.name, "status", done.status, "trace", x.call.TraceID)
		return done
	}

	refusal, ok := errors.AsType[*problem](err)
	if !ok {
		s.log.ErrorContext(ctx, "sandbox call went wrong", "operation", op.name, "trace", x.call.TraceID, "error", err)
		refusal = newProblem(http.StatusInternalServerError, "Internal error")
	}
	x.call.Applied, x.call.Created = false, 0
	s.recordAlone(ctx, x, refusal.httpStatus())
	done, err = refusal.answer(x)
	if err != nil {
		s.log.ErrorContext(ctx, "sandbox problem not written", "error", err)
		return answer{status: http.StatusInternalServerError}
	}
	return done
}

// checkMediaType refuses a change that does not say that it is JSON.
func checkMediaType(x *exchange) error {
	mediaType, _, _ := mime.ParseMediaType(x.Header.Get("Content-Type"))
	if x.Method != http.MethodGet && mediaType != "application/json" {
		return newProblem(http.StatusUnsupportedMediaType, "Content-Type '"+mediaType+"' is not supported.")
	}
	return nil
}

// recordAlone enters a call that changed nothing. status is zero when there is
// no answer.
func (s *Sandbox) recordAlone(ctx context.Context, x *exchange, status int) {
	x.call.Status = status
	err := s.inTx(ctx, func(tx *sql.Tx) error { return record(ctx, tx, x.call) })
	if err != nil {
		s.log.ErrorContext(ctx, "sandbox call not recorded", "operation", x.call.Operation, "error", err)
	}
}

func write(w http.ResponseWriter, x *exchange, a answer) {
	maps.Copy(w.Header(), a.header)
	w.Header().Set("X-Trace-Id", x.call.TraceID)
	if x.ahead != 0 { // otherwise net/http sets it
		w.Header().Set("Date", time.Now().Add(x.ahead).UTC().Format(http.TimeFormat))
	}
	w.WriteHeader(a.status)
	// The client may be gone; there is nobody left to tell.
	_, _ = w.Write(a.body)
}
