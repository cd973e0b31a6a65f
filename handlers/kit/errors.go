package kit

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"foyer/handlers/wording"
	"foyer/portal"
	"foyer/safely"
	"foyer/sapi"
	"foyer/views"
	"foyer/views/ui"
)

// HandleError answers every error that a handler or a middleware returns with
// the one error page, and logs those that somebody has to look at, once.
func (k *Kit) HandleError(err error, c echo.Context) {
	a := wording.Classify(err)
	ctx := c.Request().Context()
	if !a.Quiet {
		attrs := []any{slog.String("request", RequestID(c)), slog.String("route", c.Path()), slog.Int("status", a.Status), slog.Any("error", Loggable(err))}
		if p, ok := errors.AsType[*PanicError](err); ok {
			attrs = append(attrs, slog.String("stack", string(p.Stack)))
		}
		k.Logger.ErrorContext(ctx, "request failed", attrs...)
	}
	if c.Response().Committed {
		return
	}
	if wait, limited := sapi.IsRateLimited(err); limited {
		c.Response().Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())+1))
	}
	if a.Status == http.StatusServiceUnavailable {
		c.Response().Header().Set("Retry-After", strconv.Itoa(cmp.Or(a.After, 5)))
	}
	renderErr := k.errorPage(c, a, err)
	if renderErr == nil {
		return
	}
	level := slog.LevelError
	if ctx.Err() != nil {
		level = slog.LevelDebug // nobody is there any more to be answered
	}
	k.Logger.Log(ctx, level, "error page not rendered", "request", RequestID(c), "error", renderErr)
	if !c.Response().Committed {
		// Whatever is wrong with pages, plain text can be said.
		_ = c.String(http.StatusServiceUnavailable, lastWords+RequestID(c)+"\n") // a browser that has gone hears nothing
	}
}

// lastWords are said where no page can be made.
const lastWords = "Foyer can't show this page. If you were changing something, look whether it was done before you do it again.\nReference: "

// Loggable is the error without what is for people's eyes only: Symphony's own
// words may hold an e-mail address.
func Loggable(err error) slog.Value {
	if e, ok := errors.AsType[*sapi.Error](err); ok {
		return slog.GroupValue(slog.String("text", err.Error()), slog.Any("symphony", e))
	}
	return slog.StringValue(err.Error())
}

func (k *Kit) errorPage(c echo.Context, a wording.Answer, err error) error {
	page := views.ErrorPage{
		Status: a.Status, Title: a.Title, What: a.What, Next: a.Next,
		Reference: RequestID(c), Problem: wording.ProblemDetails(portal.ProblemOf(err)), SignedIn: Session(c) != nil,
		RetryHref: retryHref(c, a.Status), There: whatIsLeft(c, err),
	}
	return k.Render(c, a.Status, page.Title, "", views.Error(page))
}

// retryHref is where 'Try again' leads: the same page, when it was a page and
// trying again can help.
func retryHref(c echo.Context, status int) string {
	if c.Request().Method != http.MethodGet || status < http.StatusInternalServerError && status != http.StatusTooManyRequests {
		return ""
	}
	return c.Request().URL.RequestURI()
}

// whatIsLeft leads to the page of whom or what an address is about, where that is the way on:
// of somebody who is gone, and of a company that isn't ready; nil elsewhere.
func whatIsLeft(c echo.Context, err error) *ui.Link {
	switch path := c.Path(); {
	case errors.Is(err, portal.ErrGone) && strings.HasPrefix(path, "/companies/:id/users/:uid/"):
		return &ui.Link{Label: "Their page", Href: views.UserPath(CompanyID(c), UserID(c))}
	case errors.Is(err, portal.ErrCompanyUnavailable) && strings.HasPrefix(path, "/companies/:id/"):
		return &ui.Link{Label: "The company", Href: views.CompanyPath(CompanyID(c))}
	}
	return nil
}

// BadRequest is an address or a form that can't be right, said in a sentence.
func BadRequest(format string, args ...any) error {
	return echo.NewHTTPError(http.StatusBadRequest, fmt.Sprintf(format, args...))
}

// PanicError is a panic on its way to the log.
type PanicError = safely.PanicError
