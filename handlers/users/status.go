package users

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/sapi"
	"foyer/views"
	"foyer/views/ui"
	pages "foyer/views/users"
)

// whoLooksBack is how many lines of a person's history are searched for who
// changed their status meanwhile.
const whoLooksBack = 10

// EditStatus handles GET /companies/:id/users/:uid/status.
func (h *Handlers) EditStatus(c echo.Context) error {
	draft := h.TakeDraft(c)
	page := pages.StatusPage{Draft: draft != nil}
	if review := c.QueryParam("review"); review != "" && draft == nil {
		var err error
		if draft, err = h.reasonOfReview(c, review); err != nil {
			return err
		}
	}
	return h.statusPage(c, http.StatusOK, draft, page)
}

// reasonOfReview fills the form for a person whom a finished access review wants
// disabled.
func (h *Handlers) reasonOfReview(c echo.Context, review string) (url.Values, error) {
	id, err := strconv.ParseInt(review, 10, 64)
	if err != nil {
		return nil, kit.BadRequest("A review is named by its number.")
	}
	wanting, err := h.Reviews.Wanting(c.Request().Context(), kit.Actor(c), id, kit.CompanyID(c), kit.UserID(c))
	if err != nil {
		return nil, err
	}
	return url.Values{"reason": {wording.DisableReason(wanting)}, "review": {review}}, nil
}

// statusPage reads the person and shows the form as it was filled, with what the
// page has to say about it.
func (h *Handlers) statusPage(c echo.Context, status int, form url.Values, page pages.StatusPage) error {
	user, err := h.Directory.User(c.Request().Context(), kit.Actor(c), kit.CompanyID(c), kit.UserID(c))
	if err != nil {
		return err
	}
	now := h.Now()
	page.Path = views.StatusPath(user.CompanyID, user.ID)
	page.CompanyID, page.CompanyName = user.CompanyID, user.Company.Name
	page.UserHref, page.UserName, page.Email = views.UserPath(user.CompanyID, user.ID), portal.UserName(user.User), user.Email
	page.Reason, page.Ticket, page.Review = form.Get("reason"), form.Get("ticket"), form.Get("review")
	page.Token, page.Seen = changeOfStatus(c, user.Status).NewToken(c), user.Status.String()
	page.Status = wording.StatusCell(user.UserRecord, now)
	page.KeepLabel = keepLabel(user.Status)
	if user.Stale != nil {
		// A status that could not be read is nothing to decide by.
		page.Stale = wording.Stale(user.Stale, user.ReadAt, now, page.Path)
		status = max(status, wording.Classify(user.Stale).Status)
	} else {
		page.Ways = h.statusWays(user.Status)
	}
	f := kit.Frame{Title: page.Title(), Nav: "companies", Errors: page.Errors.Any()}
	return h.RenderIn(c, status, f, pages.Status(page))
}

// statusWays are the ways in which a status can be changed: both, where it isn't
// known.
func (h *Handlers) statusWays(now sapi.Status) []pages.StatusWay {
	disable := pages.StatusWay{
		Active: "false", Label: h.InEnvironment("Disable"), Danger: true,
		Consequence: "They can’t sign in to Symphony any more. Their chats are kept. It can be undone: enable them again from here.",
	}
	enable := pages.StatusWay{
		Active: "true", Label: h.InEnvironment("Enable"),
		Consequence: "They can sign in to Symphony again. It can be undone: disable them again from here.",
	}
	switch now {
	case sapi.StatusActive:
		return []pages.StatusWay{disable}
	case sapi.StatusDisabled:
		return []pages.StatusWay{enable}
	case sapi.StatusUnknown:
	}
	disable.Consequence = "Disabled, they can’t sign in to Symphony; their chats are kept."
	enable.Consequence = "Enabled, they can sign in to Symphony. Each can be undone by the other."
	return []pages.StatusWay{disable, enable}
}

func keepLabel(now sapi.Status) string {
	switch now {
	case sapi.StatusActive:
		return "Keep active"
	case sapi.StatusDisabled:
		return "Keep disabled"
	case sapi.StatusUnknown:
	}
	return "Change nothing"
}

// UpdateStatus handles POST /companies/:id/users/:uid/status.
func (h *Handlers) UpdateStatus(c echo.Context) error {
	ctx, a, form := c.Request().Context(), kit.Actor(c), c.Request().PostForm
	active, err := strconv.ParseBool(form.Get("active"))
	if err != nil {
		return kit.BadRequest("The form doesn’t say whether the person is to be active.")
	}
	seen, ok := parseStatus(form.Get("seen"))
	if !ok {
		return kit.BadRequest("The form doesn’t say which status its page showed.")
	}
	token, issued := changeOfStatus(c, seen).Token(c)

	made, err := h.Changes.SetStatus(ctx, a, change.StatusRequest{
		CompanyID: kit.CompanyID(c), UserID: kit.UserID(c), Active: active, Seen: seen,
		Reason: form.Get("reason"), Ticket: form.Get("ticket"), Token: token, Again: !issued,
	})
	if err != nil {
		return h.statusNotSent(c, form, err)
	}
	switch made.State {
	case change.Done:
		flash := statusFlash(made)
		if review, err := strconv.ParseInt(form.Get("review"), 10, 64); err == nil {
			flash.Links = append(flash.Links, ui.Link{Label: "Back to the access review", Href: views.ToDisablePath(review)})
		}
		return h.SeeOther(c, views.UserPath(made.Company.ID, made.User.ID), flash)
	case change.Refused, change.Expired, change.Superseded:
		note := &pages.StatusNote{Text: wording.ChangeNote(made), Details: wording.ProblemDetails(made.Problem)}
		return h.statusPage(c, http.StatusUnprocessableEntity, form, pages.StatusPage{Refused: note})
	case change.Proposed, change.Queued, change.Sent, change.Unknown, change.Abandoned, change.Declined, change.Cancelled:
	}
	return c.Redirect(http.StatusSeeOther, views.ChangePath(made.ID))
}

// changeOfStatus is the form on a page that showed a status.
func changeOfStatus(c echo.Context, seen sapi.Status) kit.Form {
	return kit.Form{Path: views.StatusPath(kit.CompanyID(c), kit.UserID(c)), Shown: seen}
}

// statusNotSent answers a change that was not sent to Symphony with the form
// again, where that can help.
func (h *Handlers) statusNotSent(c echo.Context, form url.Values, err error) error {
	if meanwhile, ok := errors.AsType[*change.ChangedMeanwhile](err); ok {
		words, err := h.whoChanged(c, meanwhile.Now)
		if err != nil {
			return err
		}
		return h.statusPage(c, http.StatusConflict, form, pages.StatusPage{Changed: words})
	}
	if errs, ok := kit.FormErrors(err); ok {
		return h.statusPage(c, http.StatusUnprocessableEntity, form, pages.StatusPage{Errors: errs})
	}
	if status, errs, _, ok := h.NotSent(c, err); ok {
		return h.statusPage(c, status, form, pages.StatusPage{Errors: errs})
	}
	return err
}

// whoChanged says what a status has become meanwhile and, where Foyer's record
// tells, by whom.
func (h *Handlers) whoChanged(c echo.Context, now sapi.Status) (string, error) {
	action, word := ledger.DisableUser, "disabled"
	if now == sapi.StatusActive {
		action, word = ledger.EnableUser, "active"
	}
	if now == sapi.StatusUnknown {
		return "Symphony doesn’t say any more whether the person is active.", nil
	}
	about := ledger.User{ID: kit.UserID(c)}
	history, err := h.Activity.UserHistory(c.Request().Context(), kit.Actor(c), kit.CompanyID(c), about, ledger.Page{Limit: whoLooksBack})
	if err != nil {
		return "", err
	}
	words := "The person is " + word + " now"
	for _, e := range history.Events {
		switch {
		case e.Action == ledger.StatusOutside:
			return words + "; it was not changed through Foyer.", nil
		case e.Action == action && wording.WasDone(e):
			return words + ": " + wording.ActorName(askedBy(history.Events, e), e.Redacted) + " did it at " + ui.Clock(e.At) + " UTC.", nil
		}
	}
	if history.Next == 0 {
		return words + "; it was not changed through Foyer.", nil
	}
	return words + ".", nil
}

// askedBy is who asked for what an event says the end of: that itself may have been
// found out by Foyer.
func askedBy(events []ledger.Event, end ledger.Event) auth.Actor {
	for _, e := range events {
		if e.Change == end.Change && e.Outcome == ledger.Intent {
			return e.Actor
		}
	}
	return end.Actor
}

// parseStatus reads what sapi.Status.String writes.
func parseStatus(word string) (sapi.Status, bool) {
	for _, st := range []sapi.Status{sapi.StatusUnknown, sapi.StatusActive, sapi.StatusDisabled} {
		if st.String() == word {
			return st, true
		}
	}
	return sapi.StatusUnknown, false
}

// statusFlash says how a change of status ended, and offers the way back.
func statusFlash(c change.Change) ui.Flash {
	flash := ui.Flash{
		Kind: ui.AlertOK, Title: wording.DoneTitle(c) + ".", Text: "Symphony confirmed it at " + ui.Clock(c.SettledAt) + " UTC.",
		Links: []ui.Link{
			{Label: wording.WayBack(c.Kind), Href: views.StatusPath(c.Company.ID, c.User.ID)},
			{Label: "See the record", Href: views.ChangePath(c.ID)},
		},
	}
	if note := wording.ChangeNote(c); note != "" && !c.Reconciled {
		flash.Kind, flash.Text = ui.AlertAsk, note
	}
	return flash
}
