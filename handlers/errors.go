package handlers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/portal"
	"foyer/portal/activity"
	"foyer/portal/change"
	"foyer/sapi"
	"foyer/views"
	"foyer/views/ui"
)

// answer is what people are told of an error: what happened, what did not, and
// what to do next.
type answer struct {
	status int
	title  string
	what   string // what happened, and what did not
	next   string // what to do
	quiet  bool   // an error of the asker's, or nobody's: not logged as ours
}

// handleError answers every error that a handler or a middleware returns with
// the one error page, and logs those that somebody has to look at, once.
func (k *Kit) handleError(err error, c echo.Context) {
	a := classify(err)
	ctx := c.Request().Context()
	if !a.quiet {
		attrs := []any{slog.String("request", requestID(c)), slog.String("route", c.Path()), slog.Int("status", a.status), slog.Any("error", loggable(err))}
		if p, ok := errors.AsType[*panicked](err); ok {
			attrs = append(attrs, slog.String("stack", string(p.stack)))
		}
		k.Logger.ErrorContext(ctx, "request failed", attrs...)
	}
	if c.Response().Committed {
		return
	}
	if wait, limited := sapi.IsRateLimited(err); limited {
		c.Response().Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())+1))
	}
	if a.status == http.StatusServiceUnavailable {
		c.Response().Header().Set("Retry-After", "5")
	}
	if renderErr := k.errorPage(c, a, err); renderErr != nil {
		k.Logger.ErrorContext(ctx, "error page not rendered", "request", requestID(c), "error", renderErr)
	}
}

// loggable is the error without what is for people's eyes only: Symphony's own
// words may hold an e-mail address.
func loggable(err error) slog.Value {
	if e, ok := errors.AsType[*sapi.Error](err); ok {
		return slog.GroupValue(slog.String("text", err.Error()), slog.Any("symphony", e))
	}
	return slog.StringValue(err.Error())
}

func (k *Kit) errorPage(c echo.Context, a answer, err error) error {
	page := views.ErrorPage{
		Status: a.status, Title: a.title, What: a.what, Next: a.next,
		Reference: requestID(c), Problem: problemDetails(portal.ProblemOf(err)), SignedIn: currentSession(c) != nil,
		RetryHref: retryHref(c, a.status),
	}
	return k.render(c, a.status, page.Title, "", views.Error(page))
}

// retryHref is where 'Try again' leads: the same page, when it was a page and
// trying again can help.
func retryHref(c echo.Context, status int) string {
	if c.Request().Method != http.MethodGet || status < http.StatusInternalServerError {
		return ""
	}
	return c.Request().URL.RequestURI()
}

const nothingChanged = "Nothing was changed."

// classify is the table from errors to what people are told. What it doesn't
// know is a generic 500.
func classify(err error) answer {
	if forbidden, ok := errors.AsType[*portal.Forbidden](err); ok {
		return answer{
			status: http.StatusForbidden, quiet: true, title: "Your role doesn’t allow this",
			what: fmt.Sprintf("To %s you need the role %s. %s", forbidden.Permission, orList(auth.RolesWith(forbidden.Permission)), nothingChanged),
			next: "Ask whoever manages access to Foyer in your organisation.",
		}
	}
	switch {
	case errors.Is(err, portal.ErrLedger):
		return answer{
			status: http.StatusServiceUnavailable, title: "It can’t be recorded, so it was not done",
			what: "Foyer could not write to its ledger. Nothing was sent to Symphony.", next: "Try again in a moment. If it stays like this, tell whoever runs Foyer.",
		}
	case errors.Is(err, change.ErrUnrecorded):
		return answer{
			status: http.StatusServiceUnavailable, title: "We don’t know yet",
			what: "The request was sent to Symphony, and Foyer could not record how it ended. Foyer finds out by itself.", next: "Look at the company or the person in a minute, before you do it again.",
		}
	case errors.Is(err, portal.ErrOther):
		return answer{
			status: http.StatusBadGateway, title: "Symphony answered about something else",
			what: "Its answer is about another company or person than was asked for, so Foyer doesn’t believe it. " + nothingChanged, next: "Try again. If it stays, ask Symphony with the reference below.",
		}
	case errors.Is(err, portal.ErrCompanyUnavailable):
		return answer{
			status: http.StatusConflict, quiet: true, title: "The company is not ready",
			what: "Symphony doesn’t know this company, or it is not ready yet. " + nothingChanged, next: "Open the company to see how far it is.",
		}
	case errors.Is(err, portal.ErrNotFound), errors.Is(err, echo.ErrNotFound), sapi.IsNotFound(err):
		return answer{
			status: http.StatusNotFound, quiet: true, title: "There is nothing here",
			what: "Neither Foyer nor Symphony knows what this address names.", next: "Check the address, or search for it in Foyer.",
		}
	case errors.Is(err, context.Canceled):
		return answer{status: 499, quiet: true, title: "The browser went away", what: nothingChanged}
	case errors.Is(err, activity.ErrUnsigned):
		return answer{
			status: http.StatusInternalServerError, title: "The ledger could not be signed",
			what: "Foyer signs only what continues the last checkpoint, and could not do so. Nothing was exported.",
			next: "Tell whoever runs Foyer at once: ‘foyer audit verify’ says what is wrong.",
		}
	case sapi.IsInvalid(err):
		return answer{
			status: http.StatusBadRequest, quiet: true, title: "That can’t be an id",
			what: "The address holds something that Symphony can’t have given. " + nothingChanged, next: "Check the address, or search for it in Foyer.",
		}
	}
	if a, ok := classifySymphony(err); ok {
		return a
	}
	if he, ok := errors.AsType[*echo.HTTPError](err); ok {
		return classifyHTTP(he)
	}
	return answer{
		status: http.StatusInternalServerError, title: "Something went wrong in Foyer",
		what: "It is not your fault. If you were changing something, look whether it was done before you do it again.", next: "Try again. If it happens again, tell whoever runs Foyer the reference below.",
	}
}

// classifySymphony is the part of the table that is about reading Symphony: the
// errors of changes are answered by their own pages.
func classifySymphony(err error) (answer, bool) {
	if wait, limited := sapi.IsRateLimited(err); limited {
		return answer{
			status: http.StatusServiceUnavailable, title: "Symphony asked us to wait",
			what: limiting(wait) + " " + nothingChanged, next: "Try again after that.",
		}, true
	}
	switch {
	case sapi.IsCredentialsRejected(err):
		return answer{
			status: http.StatusBadGateway, title: "Symphony rejected Foyer’s credentials",
			what: "Symphony doesn’t accept the client id and secret that Foyer was given. " + nothingChanged, next: "Tell whoever runs Foyer: the credentials have to be renewed.",
		}, true
	case sapi.IsForbidden(err):
		return answer{
			status: http.StatusBadGateway, title: "Symphony doesn’t allow this",
			what: "Symphony refused it to your organisation. " + nothingChanged, next: "Ask Symphony, with the details below.",
		}, true
	case sapi.IsNotSent(err):
		return answer{
			status: http.StatusBadGateway, title: "Symphony can’t be reached",
			what: "Nothing was sent, and nothing was changed.", next: "Try again in a moment.",
		}, true
	case sapi.IsUnavailable(err):
		return answer{
			status: http.StatusBadGateway, title: "Symphony could not be read",
			what: "It did not answer, or not in a way that can be understood. " + nothingChanged, next: "Try again in a moment.",
		}, true
	}
	if _, ok := errors.AsType[*sapi.Error](err); ok {
		return answer{
			status: http.StatusBadGateway, title: "Symphony answered with an error",
			what: "What you asked for could not be read. " + nothingChanged, next: "Try again. If it stays, ask Symphony with the details below.",
		}, true
	}
	return answer{}, false
}

// limiting says that Symphony asked to wait and, where it did, for how long.
func limiting(wait time.Duration) string {
	if wait <= 0 {
		return "Symphony is limiting requests, and didn’t say for how long."
	}
	return "Symphony is limiting requests and asked to wait " + ui.Elapsed(wait.Round(time.Second)) + "."
}

// classifyHTTP is the part of the table for what HTTP itself refuses.
func classifyHTTP(he *echo.HTTPError) answer {
	a := answer{status: he.Code, quiet: he.Code < http.StatusInternalServerError}
	switch he.Code {
	case http.StatusForbidden:
		a.title, a.what, a.next = "That came from another site", "Foyer takes requests only from its own pages. "+nothingChanged, "Open Foyer directly and do it there."
	case http.StatusMethodNotAllowed:
		a.title, a.what, a.next = "That can’t be done here", "This address doesn’t take such a request. "+nothingChanged, "Go back to the page before."
	case http.StatusRequestEntityTooLarge:
		a.title, a.what, a.next = "That is too much at once", nothingChanged, "Send it in smaller parts."
	case http.StatusUnsupportedMediaType:
		a.title, a.what, a.next = "Foyer can’t read that", "It was not sent as one of Foyer’s forms. "+nothingChanged, "Use the form on the page."
	case http.StatusBadRequest:
		a.title, a.what, a.next = "Foyer can’t make sense of that", "The address or the form has a part that can’t be right. "+nothingChanged, "Check the address, or go back to the page before."
	case http.StatusTooManyRequests:
		a.title, a.what, a.next = "Too many requests", nothingChanged, "Wait a minute and try again."
	case http.StatusServiceUnavailable:
		a.title, a.what, a.next = "Foyer’s own store doesn’t answer", "Without it Foyer knows nobody and changes nothing.", "Try again in a moment. If it stays like this, tell whoever runs Foyer."
	default:
		a.title, a.what, a.next = http.StatusText(he.Code), nothingChanged, "Go back to the page before."
	}
	// Who refused it may say in a sentence what was wrong.
	if text, ok := he.Message.(string); ok && text != http.StatusText(he.Code) && a.quiet {
		a.what = text + " " + nothingChanged
	}
	return a
}

// badRequest is an address or a form that can't be right, said in a sentence.
func badRequest(format string, args ...any) error {
	return echo.NewHTTPError(http.StatusBadRequest, fmt.Sprintf(format, args...))
}

func orList(roles auth.Roles) string {
	list := roles.String()
	if last := strings.LastIndex(list, ", "); last >= 0 {
		return list[:last] + " or " + list[last+len(", "):]
	}
	return list
}
