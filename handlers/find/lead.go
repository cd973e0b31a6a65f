package find

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/views"
)

// lead is where a text leads by itself, to what is no company and no person.
type lead struct {
	href   string
	label  string
	closed string // why it leads nowhere for whoever asks, though it may be there
}

// lead says where what was typed leads: to a page of Foyer's own, to an event of the
// ledger, to a change, or to the events with a reference of Foyer's or a trace id of
// Symphony's. Each only where
// the role may see it, and without a look at what it may not.
func (h *Handlers) lead(c echo.Context, t directory.Typed) (lead, error) {
	switch {
	case t.URL != nil && (t.URL.Host == "" || strings.EqualFold(t.URL.Host, h.PublicURL.Host)):
		return h.ownPage(kit.Actor(c), t.URL), nil
	case t.Event != 0:
		return h.event(c, t.Event)
	case len(t.IDs) == 1:
		if l, err := h.change(c, t.IDs[0]); err != nil || l.href != "" {
			return l, err
		}
	}
	if reference := referencePattern.FindStringSubmatch(t.Text); reference != nil {
		return h.reference(c, strings.ToUpper(reference[1]))
	}
	if len(t.Emails) == 0 && t.URL == nil {
		return h.trace(c, t.Text)
	}
	return lead{}, nil
}

// referencePattern is a reference as the foot of a page has it, with or without its label.
var referencePattern = regexp.MustCompile(`(?i)^(?:reference:? ?)?([0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){2})$`)

// reference leads to what was recorded of the request with a reference, or says what that
// is: of most pages nothing is recorded.
func (h *Handlers) reference(c echo.Context, reference string) (lead, error) {
	const what = "This is a reference of Foyer’s own, as the foot of each page has one. "
	a := kit.Actor(c)
	if !a.Can(auth.SeeActivity) {
		return lead{closed: what + "Give it to whoever runs Foyer: its log has it. What is on record with it is not for you to see. " + wording.Forbidden(a, auth.SeeActivity)}, nil
	}
	page, err := h.Activity.List(c.Request().Context(), a, ledger.Filter{Request: reference}, ledger.Page{Limit: 1})
	if err != nil {
		return lead{}, err
	}
	if len(page.Events) == 0 {
		return lead{closed: what + "Nothing is on record with it. Whoever runs Foyer finds it in its log."}, nil
	}
	return lead{href: views.ActivityOfReferencePath(reference), label: "Events with the reference " + reference}, nil
}

// ownPage leads to a page of the route table.
func (h *Handlers) ownPage(a auth.Actor, u *url.URL) lead {
	needs, found := h.Page(u.Path)
	switch {
	case !found:
		return lead{closed: "Foyer has no such page."}
	case needs != "" && !a.Can(needs):
		return lead{closed: "That page is not for you. " + wording.Forbidden(a, needs)}
	}
	to := url.URL{Path: u.Path, RawQuery: u.RawQuery}
	return lead{href: to.String(), label: "Open " + u.Path}
}

func (h *Handlers) event(c echo.Context, seq int64) (lead, error) {
	a := kit.Actor(c)
	if !a.Can(auth.SeeActivity) {
		return lead{closed: "Events of the ledger are not for you to see. " + wording.Forbidden(a, auth.SeeActivity)}, nil
	}
	_, err := h.Activity.Event(c.Request().Context(), a, seq)
	if errors.Is(err, portal.ErrNotFound) {
		return lead{}, nil
	}
	return lead{href: views.EventPath(seq), label: fmt.Sprintf("Event %d", seq)}, err
}

func (h *Handlers) change(c echo.Context, id string) (lead, error) {
	change, err := h.Changes.Get(c.Request().Context(), kit.Actor(c), id)
	if errors.Is(err, portal.ErrNotFound) {
		return lead{}, nil
	}
	if err != nil {
		return lead{}, err
	}
	return lead{href: views.ChangePath(id), label: wording.ChangeTitle(change)}, nil
}

// leastTrace is the length of the shortest trace id: whatever is shorter is being typed.
const leastTrace = 6

func (h *Handlers) trace(c echo.Context, text string) (lead, error) {
	a := kit.Actor(c)
	if len(text) < leastTrace || !kit.IsID(text) || !a.Can(auth.SeeActivity) {
		return lead{}, nil
	}
	page, err := h.Activity.List(c.Request().Context(), a, ledger.Filter{Trace: text}, ledger.Page{Limit: 1})
	if err != nil || len(page.Events) == 0 {
		return lead{}, err
	}
	return lead{href: views.ActivityOfTracePath(text), label: "Events with the trace id " + text}, nil
}
