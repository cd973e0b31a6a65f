package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"foyer/portal"
	"foyer/portal/change"
	"foyer/views"
	"foyer/views/ui"
)

// formToken is the token that the form was given when it was shown.
func formToken(c echo.Context) string { return c.Request().PostForm.Get(ui.FormTokenField) }

// formErrors is what a use case found wrong with a form; ok is false when the
// error is of another kind.
func formErrors(err error) (found ui.Errors, ok bool) {
	invalid, ok := errors.AsType[*portal.Invalid](err)
	if !ok {
		return nil, false
	}
	return fieldErrors(invalid.Fields), true
}

func fieldErrors(problems []portal.FieldError) ui.Errors {
	var found ui.Errors
	for _, p := range problems {
		found.Add(p.Field, p.Message)
	}
	return found
}

// notSent is what a form says when nothing was sent, because Symphony could not be
// asked about it or because another change is in the way: the form comes back as it
// was filled, with the status of the error. ok is false when the error is of another
// kind.
func notSent(err error) (status int, found ui.Errors, details *ui.DetailsProps, ok bool) {
	if busy, is := errors.AsType[*change.Busy](err); is {
		found.AddLink(inTheWay(busy), ui.Link{Label: "Open that change", Href: views.ChangePath(busy.Change.ID)})
		return http.StatusConflict, found, nil, true
	}
	problem := portal.ProblemOf(err)
	if problem == nil || errors.Is(err, portal.ErrNotFound) {
		return 0, nil, nil, false
	}
	a := classify(err)
	found.Add("", a.title+". "+a.what)
	return a.status, found, problemDetails(problem), true
}

// inTheWay says which other change keeps one from being sent, and where it stands.
func inTheWay(busy *change.Busy) string {
	c := busy.Change
	words := "“" + changeTitle(c) + "”, which " + actorName(c.Actor, c.Erased) + " asked for at " + ui.Clock(c.CreatedAt) + " UTC, "
	if busy.Row >= 0 {
		words = "The person in row " + strconv.Itoa(busy.Row+1) + " is in another change. " + words
	}
	if c.State.Settled() {
		return words + "was settled after this page had been read. Nothing of this was sent. Look at how it ended, and do it again if it is still needed."
	}
	return words + "is not settled yet: " + strings.ToLower(stateWord(c.State)) + ". Nothing of this was sent."
}

// asksToChange is the field that a 'Change' button of a page to check sends:
// its value is the field to go back to, and the form is shown again.
const asksToChange = "change"

// toChange says whether a form was sent by a 'Change' button, and for which
// field.
func toChange(form url.Values) (field string, ok bool) {
	return form.Get(asksToChange), form.Has(asksToChange)
}
