package users

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/lists"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/portal/precheck"
	"foyer/sapi"
	"foyer/views"
	"foyer/views/ui"
	pages "foyer/views/users"
)

// New handles GET /companies/:id/users/new.
func (h *Handlers) New(c echo.Context) error {
	company, err := h.Directory.Company(c.Request().Context(), kit.Actor(c), kit.CompanyID(c))
	if err != nil {
		return err
	}
	draft := h.TakeDraft(c)
	page := pages.FormPage{Draft: draft != nil}
	return h.showForm(c, http.StatusOK, company, parsePeopleForm(draft), page, "")
}

// showForm shows the form: as it was filled, with what the page has to say about it.
// A company that can't take people says why instead.
func (h *Handlers) showForm(c echo.Context, status int, company directory.Company, form peopleForm, page pages.FormPage, focus string, verdicts ...views.PrecheckRow) error {
	page.CompanyID, page.CompanyName, page.Domains = company.ID, company.Name, wording.Domains(company.EmailDomains)
	page.Stale = wording.Stale(company.Stale, company.ReadAt, h.Now(), views.NewPeoplePath(company.ID))
	if !company.State.Ready() {
		page.NotReady = wording.NoPeopleYet(company.CompanyRecord)
		return h.Render(c, status, "Add people to "+company.Name, "companies", pages.Form(page))
	}
	page.Rows = gridRows(form, page.Errors, focus)
	for i, v := range verdicts {
		page.Rows[i].Verdict = &v
	}
	page.Paste, page.List = lists.WithoutPasswords(form.paste), columnChoices(form.list, page.Errors)
	page.Full = form.shown() == portal.MaxPeople
	page.Max = strconv.Itoa(portal.MaxPeople)
	f := kit.Frame{Title: "Add people to " + company.Name, Nav: "companies", Errors: page.Errors.Any()}
	return h.RenderIn(c, status, f, pages.Form(page))
}

// Check handles POST /companies/:id/users/check: the form again where something
// has to be filled in, asked for or mended, else the page to check it.
func (h *Handlers) Check(c echo.Context) error {
	ctx, a, values := c.Request().Context(), kit.Actor(c), c.Request().PostForm
	company, err := h.Directory.Company(ctx, a, kit.CompanyID(c))
	if err != nil {
		return err
	}
	if !company.State.Ready() {
		return h.showForm(c, http.StatusConflict, company, peopleForm{}, pages.FormPage{}, "")
	}
	form, page := parsePeopleForm(values), pages.FormPage{}

	if focus, ok := kit.ToChange(values); ok {
		return h.showForm(c, http.StatusOK, company, form, page, focus)
	}
	if form.paste != "" || values.Has("fill") {
		return h.showRead(c, company, &form, form.fill)
	}
	if form.list.changed() || form.list != nil && values.Has(rereadButton) {
		return h.showRead(c, company, &form, form.reread)
	}
	if values.Has("mend") {
		page.Note = form.mend()
		return h.showForm(c, http.StatusOK, company, form, page, "")
	}
	if values.Has("more") {
		form.rows = max(form.shown(), form.rows) + moreRows
		return h.showForm(c, http.StatusOK, company, form, page, FieldName(len(form.people), "email"))
	}
	if values.Has("precheck") && len(form.people) > 0 {
		return h.precheckPeople(c, company, form)
	}
	if problems := portal.CheckPeople(form.people, company.EmailDomains); len(problems) > 0 {
		page.Errors = personErrors(problems)
		if n := form.mendable(problems); n > 0 {
			page.Mend = &ui.ButtonProps{Label: "Correct " + ui.Count(n, "field", "fields"), Name: "mend", Value: "true", Form: "people-form"}
		}
		if len(form.people) == 0 {
			page.Errors = ui.Errors{{Field: "users.0.email", Message: "Enter at least one person, or paste rows from a spreadsheet."}}
		}
		return h.showForm(c, http.StatusUnprocessableEntity, company, form, page, "")
	}
	return h.checkPage(c, company, form)
}

// showRead shows the form after rows of a list were read into it, or why they were not.
func (h *Handlers) showRead(c echo.Context, company directory.Company, form *peopleForm, read func() (string, ui.FieldError)) error {
	note, problem := read()
	page, status := pages.FormPage{Note: note}, http.StatusOK
	if problem.Message != "" {
		page.Errors, status = ui.Errors{problem}, http.StatusUnprocessableEntity
	}
	return h.showForm(c, status, company, *form, page, "")
}

// checkPage shows everybody who would be created, before they are. Who is known to be
// there already is left out.
func (h *Handlers) checkPage(c echo.Context, company directory.Company, form peopleForm) error {
	known, err := h.Precheck.Known(c.Request().Context(), kit.Actor(c), form.emails())
	if err != nil {
		return err
	}
	page := pages.CheckPage{CompanyID: company.ID, CompanyName: company.Name, Title: "Everybody is there already", Fields: FormFields(form.people)}
	var sent []sapi.NewUser
	for i, u := range form.people {
		row := checkRow(i, u)
		page.Unlooked = page.Unlooked || known[i].Unlooked()
		if known[i].Verdict != "" {
			row.There = insteadOf(known[i], kit.Actor(c))
		}
		if row.LeftOut = known[i].Verdict == precheck.Active || known[i].Verdict == precheck.Disabled; row.LeftOut {
			page.LeftOut++
			page.Fields = append(page.Fields, ui.Parameter{Name: FieldName(i, leftOut), Value: "true"})
		} else {
			sent = append(sent, u)
		}
		page.Rows = append(page.Rows, row)
	}
	if page.Token = creation(c, sent).NewToken(c); len(sent) > 0 {
		label := fmt.Sprintf("Add %s to %s", ui.Count(len(sent), "person", "people"), company.Name)
		page.Title, page.Submit = label+"?", h.InEnvironment(label)
	}
	return h.Render(c, http.StatusOK, "Check: add people to "+company.Name, "companies", pages.Check(page))
}

// insteadOf is the verdict on somebody who was to be added, with what to do instead.
func insteadOf(r precheck.Row, a auth.Actor) *views.PrecheckRow {
	row := wording.PrecheckRow(r, a)
	if r.Verdict == precheck.Disabled && a.Can(auth.ChangeStatus) {
		row.Links[0].Label = "Enable instead"
	}
	return &row
}

func checkRow(i int, u sapi.NewUser) pages.CheckRow {
	return pages.CheckRow{
		Name: portal.NewUserName(u), Email: u.Email, FirstName: u.FirstName, LastName: u.LastName, DisplayName: u.DisplayName,
		Title: u.Title, Department: u.Department, Location: u.Location, PhoneNumber: u.PhoneNumber,
		Change: FieldName(i, "email"),
	}
}

// precheckPeople asks who of the form is on Symphony already, and puts each verdict
// beside its row.
func (h *Handlers) precheckPeople(c echo.Context, company directory.Company, form peopleForm) error {
	asked, err := h.Precheck.Check(c.Request().Context(), kit.Actor(c), form.emails())
	if err != nil {
		return err
	}
	verdicts := make([]views.PrecheckRow, len(asked))
	for i, r := range asked {
		verdicts[i] = *insteadOf(r, kit.Actor(c))
	}
	return h.showForm(c, http.StatusOK, company, form, pages.FormPage{}, "", verdicts...)
}

// Create handles POST /companies/:id/users.
func (h *Handlers) Create(c echo.Context) error {
	ctx, a, id := c.Request().Context(), kit.Actor(c), kit.CompanyID(c)
	form := parsePeopleForm(c.Request().PostForm)
	form.leaveOut(c.Request().PostForm)
	token, issued := creation(c, form.people).Token(c)

	change, err := h.Changes.CreateUsers(ctx, a, change.CreateUsersRequest{CompanyID: id, People: form.people, Token: token, Again: !issued})
	if err == nil {
		return c.Redirect(http.StatusSeeOther, views.ChangePath(change.ID))
	}
	status, page := http.StatusUnprocessableEntity, pages.FormPage{}
	if invalid, ok := errors.AsType[*portal.Invalid](err); ok {
		page.Errors = personErrors(invalid.Fields)
	} else if status, page.Errors, page.Details, ok = h.NotSent(c, err); !ok {
		return err
	}
	company, readErr := h.Directory.Company(ctx, a, id)
	if readErr != nil {
		return err
	}
	return h.showForm(c, status, company, form, page, "")
}

// creation is the form that creates the people who were checked.
func creation(c echo.Context, people []sapi.NewUser) kit.Form {
	return kit.Form{Path: views.PeoplePath(kit.CompanyID(c)), Shown: people}
}
