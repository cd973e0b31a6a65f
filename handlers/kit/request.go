package kit

import (
	"context"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/portal"
	"foyer/sapi"
	"foyer/views"
)

// The keys under which middleware leaves things for handlers.
const (
	requestIDKey = "request id"
	sessionKey   = "session"
	overKey      = "over"
)

// SetRequestID gives a request the id by which people and logs refer to it.
func SetRequestID(c echo.Context, id string) { c.Set(requestIDKey, id) }

// pageWait is how long a page waits in all because Symphony asked to.
const pageWait = 3 * time.Second

// Prepare has the page of a request say when something that was read for it could not
// be kept, and not wait long because Symphony asks to.
func Prepare(c echo.Context) {
	ctx := sapi.WaitUntil(portal.NoteUnkept(c.Request().Context()), time.Now().Add(pageWait))
	c.SetRequest(c.Request().WithContext(ctx))
}

// Patient has a page wait for Symphony only so long where it can show what was read
// before, unless its address says that it waits.
func Patient(c echo.Context, d time.Duration) {
	if c.QueryParam(views.WaitParameter) == "" {
		c.SetRequest(c.Request().WithContext(portal.WithPatience(c.Request().Context(), d)))
	}
}

// Bound gives a request so long. Over is to be called when it has been answered.
func Bound(c echo.Context, within time.Duration) {
	ctx, over := context.WithTimeout(c.Request().Context(), within)
	c.SetRequest(c.Request().WithContext(ctx))
	c.Set(overKey, over)
}

// Over is for a request that has been answered, be it with the error page.
func Over(c echo.Context) {
	if over, bounded := c.Get(overKey).(context.CancelFunc); bounded {
		over()
	}
}

// RequestID is the id of a request; empty before it was given one.
func RequestID(c echo.Context) string {
	id, _ := c.Get(requestIDKey).(string)
	return id
}

// SetSession leaves the session of whoever makes a request for its handler.
func SetSession(c echo.Context, signedIn *auth.Session) { c.Set(sessionKey, signedIn) }

// Session is the session of whoever makes a request; nil when nobody has signed in.
func Session(c echo.Context) *auth.Session {
	found, _ := c.Get(sessionKey).(*auth.Session)
	return found
}

// Actor is who makes this request, and from where.
func Actor(c echo.Context) auth.Actor {
	var a auth.Actor
	if signedIn := Session(c); signedIn != nil {
		a = signedIn.Actor()
	}
	a.RequestID = RequestID(c)
	a.Address = c.RealIP()
	a.UserAgent = Cut(c.Request().UserAgent(), 512)
	return a
}

// Cut shortens text to so many bytes, never within a character.
func Cut(s string, size int) string {
	return strings.ToValidUTF8(s[:min(len(s), size)], "")
}
