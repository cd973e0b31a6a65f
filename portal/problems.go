package portal

import (
	"errors"
	"fmt"
	"math"
	"strings"
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
		Status: e.Status, Code: string(e.Code), TraceID: e.TraceID, At: e.At,
	}
}

// Refusal says in a sentence why a change was not made.
func Refusal(err error) string {
	switch {
	case sapi.IsCredentialsRejected(err):
		return "Symphony rejected Foyer’s own credentials. Nothing was changed. Tell whoever runs Foyer."
	case sapi.IsForbidden(err):
		return "Symphony doesn’t allow this to your organisation. Nothing was changed."
	}
	if wait, limited := sapi.IsRateLimited(err); limited && wait > 0 {
		return "Symphony asked Foyer to wait " + roundUp(wait) + ". Nothing was changed."
	} else if limited {
		return "Symphony is limiting requests. Nothing was changed."
	}
	if sapi.IsNotSent(err) {
		return "Symphony could not be reached. Nothing was sent."
	}
	e, ok := errors.AsType[*sapi.Error](err)
	if !ok {
		return "It was refused. Nothing was changed."
	}
	return RefusalOf(e.Code, e.Detail)
}

// RefusalOf puts Symphony's code in words; where Foyer has none, Symphony's own
// stand.
func RefusalOf(code sapi.Code, detail string) string {
	switch code {
	case sapi.CodeEmailNotAllowed:
		return strings.TrimSpace("The e-mail’s domain is not one of the company’s. " + detail)
	case sapi.CodeEmailTaken:
		return "Somebody on Symphony has this e-mail address already."
	case sapi.CodeCompanyUnavailable:
		return "Symphony doesn’t know the company, or it is not ready."
	case sapi.CodeDomainTaken:
		return "Another company on Symphony has one of these domains already."
	case sapi.CodeUserNotFound:
		return "Symphony doesn’t know this person, or not in this company."
	}
	if detail != "" {
		return detail
	}
	return "Symphony refused it and gave no reason. Nothing was changed."
}

// roundUp writes a wait as people say it, never shorter than it is.
func roundUp(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", max(1, int(math.Ceil(d.Seconds()))))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(math.Ceil(d.Minutes())))
	}
	return fmt.Sprintf("%d h", int(math.Ceil(d.Hours())))
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
}
