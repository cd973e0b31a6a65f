package kit

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"foyer/handlers/wording"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/views"
	"foyer/views/ui"
)

// FormErrors is what a use case found wrong with a form; ok is false when the
// error is of another kind.
func FormErrors(err error) (found ui.Errors, ok bool) {
	invalid, ok := errors.AsType[*portal.Invalid](err)
	if !ok {
		return nil, false
	}
	return FieldErrors(invalid.Fields), true
}

// FieldErrors puts problems at the fields of a form, whose names are those of the
// use case.
func FieldErrors(problems []portal.FieldError) ui.Errors {
	var found ui.Errors
	for _, p := range problems {
		found.Add(p.Field, wording.FieldWords(p))
	}
	return found
}

// NotSent is what a form says when nothing was sent, because Symphony could not be
// asked about it, because another change is in the way or because it can't be recorded:
// the form comes back as it was filled, with the status of the error. ok is false when the
// error is of another kind.
func (k *Kit) NotSent(c echo.Context, err error) (status int, found ui.Errors, details *ui.DetailsProps, ok bool) {
	if busy, is := errors.AsType[*change.Busy](err); is {
		found.AddLink(wording.InTheWay(busy), ui.Link{Label: "Open that change", Href: views.ChangePath(busy.Change.ID)})
		return http.StatusConflict, found, nil, true
	}
	problem, a := portal.ProblemOf(err), wording.Classify(err)
	switch {
	case errors.Is(err, portal.ErrLedger):
		k.notRecorded(c, err)
		found.Add("", a.Title+". "+a.What+" "+a.Next)
	case problem == nil || errors.Is(err, portal.ErrNotFound):
		return 0, nil, nil, false
	default:
		found.Add("", a.Title+". "+a.What)
	}
	return a.Status, found, wording.ProblemDetails(problem), true
}

// NotSaved is NotSent for a form of which Symphony hears nothing: it can't be stored now.
func (k *Kit) NotSaved(c echo.Context, err error) (status int, found ui.Errors, ok bool) {
	if !errors.Is(err, portal.ErrLedger) {
		return 0, nil, false
	}
	k.notRecorded(c, err)
	found.Add("", wording.NotSaved)
	return http.StatusServiceUnavailable, found, true
}

// notRecorded logs what no error page does.
func (k *Kit) notRecorded(c echo.Context, err error) {
	k.Logger.ErrorContext(c.Request().Context(), "request not recorded", slog.String("request", RequestID(c)), slog.String("route", c.Path()), slog.Any("error", Loggable(err)))
}

// AsksToChange is the field that a 'Change' button of a page to check sends:
// its value is the field to go back to, and the form is shown again.
const AsksToChange = "change"

// ToChange says whether a form was sent by a 'Change' button, and for which
// field.
func ToChange(form url.Values) (field string, ok bool) {
	return form.Get(AsksToChange), form.Has(AsksToChange)
}
