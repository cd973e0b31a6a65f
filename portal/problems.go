package portal

import (
	"errors"
	"fmt"
	"time"

	"foyer/sapi"
)

// ProblemOf is what Symphony said in an error of a use case, for the page and for its
// support. Nil for an error that isn't Symphony's.
func ProblemOf(err error) *Problem {
	e, ok := errors.AsType[*sapi.Error](err)
	if !ok {
		return nil
	}
	return &Problem{
		Title: e.Title, Detail: e.Detail, Operation: e.Operation, Method: e.Method, Path: e.Path,
		Status: e.Status, Code: string(e.Code), TraceID: e.TraceID, At: e.At, RetryAfter: e.RetryAfter,
	}
}

// NotFound turns Symphony's ways of saying 'no such thing' into ErrNotFound and
// ErrCompanyUnavailable, and leaves every other error as it is.
func NotFound(err error) error {
	switch {
	case sapi.IsCompanyUnavailable(err):
		return fmt.Errorf("%w: %w", ErrCompanyUnavailable, err)
	case sapi.IsUserNotFound(err) || sapi.IsNotFound(err):
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	return err
}

// Problem is what Symphony said, in a form that can be kept and shown.
type Problem struct {
	Title, Detail string // Symphony's own words
	Operation     string
	Method, Path  string
	Status        int
	Code          string
	TraceID       string
	At            time.Time
	RetryAfter    time.Duration `json:",omitempty"` // how long it asked to wait; 0 when it didn't
}
