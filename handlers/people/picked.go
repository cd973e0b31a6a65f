package people

import (
	"github.com/labstack/echo/v4"

	"foyer/handlers/kit"
	"foyer/portal"
	"foyer/portal/bulk"
	"foyer/portal/directory"
	"foyer/views"
)

// PickedForm is the form of a table with whose people it has, by which those who are ticked
// are disabled or enabled. Empty for everybody.
func PickedForm(companyID string) kit.Form {
	return kit.Form{Path: views.BulkSelectedPath, Shown: companyID}
}

// Picked are the people who were ticked in a table: one by one, or all whom its filters
// leave.
func (h *Handlers) Picked(c echo.Context) ([]directory.UserRef, error) {
	form := c.Request().PostForm
	if form.Get("all") != "" {
		return h.everybodyPicked(c)
	}
	picked, ok := picksUpTo(form["pick"], bulk.MaxRows)
	if !ok {
		return nil, kit.BadRequest("Tick somebody first.")
	}
	return picked, nil
}

// everybodyPicked are all whom the filters of a table leave.
func (h *Handlers) everybodyPicked(c echo.Context) ([]directory.UserRef, error) {
	t, err := h.parseFile(c, "", c.Request().PostForm)
	if err != nil {
		return nil, err
	}
	q := t.PeopleQuery
	q.Limit, q.Whole = portal.MaxPageSize, true
	var picked []directory.UserRef
	for {
		list, err := h.Directory.ListPeople(c.Request().Context(), kit.Actor(c), q, t.company, false)
		if err != nil {
			return nil, err
		}
		for _, u := range list.Rows {
			picked = append(picked, directory.UserRef{CompanyID: u.CompanyID, UserID: u.ID})
		}
		if len(picked) > bulk.MaxRows {
			return nil, kit.BadRequest("These are more than %d people. Narrow the list.", bulk.MaxRows)
		}
		if list.Next == "" {
			return picked, nil
		}
		q.After, q.Before = list.Next, ""
	}
}
