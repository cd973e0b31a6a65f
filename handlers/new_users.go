package handlers

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/portal"
	"foyer/sapi"
	"foyer/views"
	"foyer/views/ui"
)

// newUsers has the handlers of adding people to a company: the form, the page to
// check it, and the request itself.
type newUsers struct{ *server }

// new handles GET /companies/:id/users/new.
func (h *newUsers) new(c echo.Context) error {
	company, err := h.Portal.Company(c.Request().Context(), h.actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	draft, err := h.takeDraft(c)
	if err != nil {
		return err
	}
	page := views.NewUsersPage{Draft: draft != nil}
	return h.form(c, http.StatusOK, company, parsePeopleForm(draft), page, "")
}

// form shows the form: as it was filled, with what the page has to say about it.
// A company that can't take people says why instead.
func (h *newUsers) form(c echo.Context, status int, company portal.Company, form peopleForm, page views.NewUsersPage, focus string) error {
	page.CompanyID, page.CompanyName, page.Domains = company.ID, company.Name, company.EmailDomains
	page.Stale = stale(company.Stale, company.ReadAt, h.Now(), views.NewPeoplePath(company.ID))
	if !company.State.Ready() {
		page.NotReady = noPeopleYet(company)
		return h.render(c, status, "Add people to "+company.Name, "companies", views.NewUsers(page))
	}
	verdicts := page.Verdicts
	page.Rows = gridRows(form, page.Errors, focus)
	for i, v := range verdicts {
		page.Rows[i].Verdict = &v
	}
	page.Paste = form.paste
	page.Full = form.shown() == portal.MaxPeople
	page.Max = strconv.Itoa(portal.MaxPeople)
	f := frame{title: "Add people to " + company.Name, nav: "companies", errors: page.Errors.Any()}
	return h.renderIn(c, status, f, views.NewUsers(page))
}

// check handles POST /companies/:id/users/check: the form again where something
// has to be filled in, asked for or mended, else the page to check it.
func (h *newUsers) check(c echo.Context) error {
	ctx, a, values := c.Request().Context(), h.actor(c), c.Request().PostForm
	company, err := h.Portal.Company(ctx, a, c.Param("id"))
	if err != nil {
		return err
	}
	if !company.State.Ready() {
		return h.form(c, http.StatusConflict, company, peopleForm{}, views.NewUsersPage{}, "")
	}
	form, page := parsePeopleForm(values), views.NewUsersPage{}

	if focus, ok := toChange(values); ok {
		return h.form(c, http.StatusOK, company, form, page, focus)
	}
	if form.paste != "" {
		note, problem := form.fill()
		if problem != "" {
			page.Errors.Add(pasteField, problem)
			return h.form(c, http.StatusUnprocessableEntity, company, form, page, "")
		}
		page.Note = note
		return h.form(c, http.StatusOK, company, form, page, "")
	}
	if values.Has("more") {
		form.rows = max(form.shown(), form.rows) + moreRows
		return h.form(c, http.StatusOK, company, form, page, personFieldName(len(form.people), "email"))
	}
	if values.Has("precheck") && len(form.people) > 0 {
		if page.Verdicts, err = h.verdicts(c, form); err != nil {
			return err
		}
		return h.form(c, http.StatusOK, company, form, page, "")
	}
	if problems := portal.CheckPeople(form.people, company.EmailDomains); len(problems) > 0 {
		page.Errors = personErrors(problems)
		if len(form.people) == 0 {
			page.Errors = ui.Errors{{Field: "users.0.email", Message: "Enter at least one person, or paste rows from a spreadsheet."}}
		}
		return h.form(c, http.StatusUnprocessableEntity, company, form, page, "")
	}
	return h.checkPage(c, company, form.people)
}

// checkPage shows everybody who would be created, before they are.
func (h *newUsers) checkPage(c echo.Context, company portal.Company, people []sapi.NewUser) error {
	label := fmt.Sprintf("Add %s to %s", ui.Count(len(people), "person", "people"), company.Name)
	page := views.CheckUsersPage{
		CompanyID: company.ID, CompanyName: company.Name, Title: label + "?",
		Fields: peopleFields(people), Token: portal.NewToken(), Submit: h.inEnvironment(label),
	}
	for i, u := range people {
		page.Rows = append(page.Rows, checkRow(i, u))
	}
	return h.render(c, http.StatusOK, "Check: add people to "+company.Name, "companies", views.CheckUsers(page))
}

func checkRow(i int, u sapi.NewUser) views.CheckUserRow {
	row := views.CheckUserRow{
		Name: newUserName(u), Email: u.Email, FirstName: u.FirstName, LastName: u.LastName, DisplayName: u.DisplayName,
		Title: u.Title, Department: u.Department, Location: u.Location, PhoneNumber: u.PhoneNumber,
		Change: personFieldName(i, "email"),
	}
	if u.DisplayName == "" {
		row.DisplayName = "made by Symphony from the names"
	}
	return row
}

// verdicts asks who of the form is on Symphony already.
func (h *newUsers) verdicts(c echo.Context, form peopleForm) ([]views.PersonVerdict, error) {
	emails := make([]string, len(form.people))
	for i, u := range form.people {
		emails[i] = u.Email
	}
	rows, err := h.Portal.Precheck(c.Request().Context(), h.actor(c), emails)
	if err != nil {
		return nil, err
	}
	verdicts := make([]views.PersonVerdict, len(rows))
	for i, row := range rows {
		verdicts[i] = personVerdict(row)
	}
	return verdicts, nil
}

// personVerdict maps what a pre-check found out to what stands beside a row.
func personVerdict(row portal.PrecheckRow) views.PersonVerdict {
	v := views.PersonVerdict{Words: row.Words, Next: row.Next}
	switch row.Verdict {
	case portal.Yours:
		v.Status = ui.StatusProps{Kind: ui.StatusReady, Word: "Your company’s domain"}
		v.Words, v.Next = "The domain is this company’s. Foyer has not seen this person in it.", ""
		if row.User != nil {
			v.Status = ui.StatusProps{Kind: ui.StatusPartial, Word: "In your companies already"}
			v.Words, v.Next = "Foyer has seen this person in one of your companies.", "Symphony will refuse to create them again."
		}
	case portal.OnPod:
		v.Status = ui.StatusProps{Kind: ui.StatusPartial, Word: "On Symphony"}
	case portal.NotOnRecord:
		v.Status = ui.StatusProps{Kind: ui.StatusUnknown, Word: "Nothing found"}
	case portal.CouldNotAsk:
		v.Status = ui.StatusProps{Kind: ui.StatusUnknown, Word: "Could not ask"}
	case portal.NotAnInput:
		v.Status = ui.StatusProps{Kind: ui.StatusFailed, Word: "Not an address"}
	}
	for _, e := range row.Asked {
		source := e.Source
		if e.Host != "" {
			source += " at " + e.Host
		}
		if e.Err != nil {
			source += " (no answer)"
		}
		v.Asked = append(v.Asked, source)
	}
	return v
}

// create handles POST /companies/:id/users.
func (h *newUsers) create(c echo.Context) error {
	ctx, a, id := c.Request().Context(), h.actor(c), c.Param("id")
	form := parsePeopleForm(c.Request().PostForm)

	change, err := h.Portal.CreateUsers(ctx, a, portal.CreateUsersRequest{CompanyID: id, People: form.people, Token: formToken(c)})
	if err == nil {
		return c.Redirect(http.StatusSeeOther, views.ChangePath(change.ID))
	}
	status, page := http.StatusUnprocessableEntity, views.NewUsersPage{}
	if invalid, ok := errors.AsType[*portal.Invalid](err); ok {
		page.Errors = personErrors(invalid.Fields)
	} else if status, page.Errors, page.Details, ok = notSent(err); !ok {
		return err
	}
	company, readErr := h.Portal.Company(ctx, a, id)
	if readErr != nil {
		return err
	}
	return h.form(c, status, company, form, page, "")
}

// canAdd is the button that leads to the form, or why it can't be used.
func canAdd(a auth.Actor, companyID string) ui.ButtonProps {
	return ui.ButtonProps{
		Label: "Add people", Variant: ui.ButtonPrimary, Icon: ui.IconAdd,
		Href: views.NewPeoplePath(companyID), Forbidden: forbidden(a, auth.Onboard),
	}
}
