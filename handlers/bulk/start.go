package bulk

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/portal/bulk"
	"foyer/views"
	pages "foyer/views/bulk"
	"foyer/views/ui"
)

// momentLayout is how controls of browsers write a time without its zone.
const momentLayout = "2006-01-02T15:04"

// zones are the time zones to choose from, from west to east. The script adds the
// browser's own where it isn't among them.
var zones = []string{
	"UTC", "Pacific/Honolulu", "America/Anchorage", "America/Los_Angeles", "America/Denver", "America/Phoenix", "America/Chicago", "America/Mexico_City", "America/New_York",
	"America/Toronto", "America/Bogota", "America/Santiago", "America/Halifax", "America/Sao_Paulo", "America/Argentina/Buenos_Aires", "America/St_Johns", "Atlantic/Azores",
	"Europe/London", "Europe/Dublin", "Europe/Lisbon", "Europe/Madrid", "Europe/Paris", "Europe/Brussels", "Europe/Amsterdam", "Europe/Berlin", "Europe/Luxembourg", "Europe/Zurich",
	"Europe/Vienna", "Europe/Rome", "Europe/Prague", "Europe/Warsaw", "Europe/Stockholm", "Europe/Copenhagen", "Europe/Oslo", "Africa/Lagos", "Europe/Athens", "Europe/Helsinki",
	"Europe/Bucharest", "Africa/Cairo", "Africa/Johannesburg", "Asia/Jerusalem", "Europe/Istanbul", "Europe/Moscow", "Asia/Riyadh", "Africa/Nairobi", "Asia/Tehran", "Asia/Dubai",
	"Asia/Karachi", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Dhaka", "Asia/Bangkok", "Asia/Jakarta", "Asia/Singapore", "Asia/Hong_Kong", "Asia/Shanghai", "Asia/Taipei",
	"Asia/Manila", "Australia/Perth", "Asia/Tokyo", "Asia/Seoul", "Australia/Adelaide", "Australia/Brisbane", "Australia/Sydney", "Pacific/Auckland",
}

// startForm is the form that starts a bulk change, as it was filled in.
func (h *Handlers) startForm(change bulk.Change, a auth.Actor, values url.Values, found ui.Errors) pages.StartForm {
	said := func(field, before string) string { // before: when it was scheduled, and taken back or stale
		if values.Has(field) {
			return values.Get(field)
		}
		return before
	}
	form := pages.StartForm{
		Path: views.BulkDoPath(change.ID, "start"), Plan: change.Plan,
		Reason: ui.FieldProps{Kind: ui.FieldTextarea, Name: "reason", Label: "Reason", Hint: "Kept with your name in the record.", Value: said("reason", change.Reason), Error: found.For("reason"), Rows: 2},
		Ticket: ui.FieldProps{Name: "ticket", Label: "Ticket", Optional: true, Value: said("ticket", change.Ticket), Error: found.For("ticket"), Short: true, Autocomplete: "off"},
		When: ui.ChoicesProps{
			Name: "when", Legend: "When", Value: "now", Error: found.For("when"),
			Options: []ui.Option{{Value: "now", Label: "Now"}, {Value: "at", Label: "At a time", Hint: "Foyer starts it by itself. Until then it can be taken back."}},
		},
		At:   ui.FieldProps{Kind: ui.FieldMoment, Name: "at", Label: "Time", Value: values.Get("at"), Error: found.For("at")},
		Zone: ui.FieldProps{Kind: ui.FieldSelect, Name: "zone", Label: "Time zone", Value: values.Get("zone"), Error: found.For("zone")},
		Button: ui.ButtonProps{
			Label: h.InEnvironment(wording.BulkButton(change)), Variant: ui.ButtonPrimary, Forbidden: forbidden(a, change.Kind),
		},
	}
	if values.Get("when") == "at" || found.For("at")+found.For("zone") != "" {
		form.When.Value = "at"
	}
	if form.Zone.Value == "" {
		form.Zone.Value = "UTC"
		form.Zone.Attributes = map[string]any{"data-zone": true} // the script chooses the browser's
	}
	known := false
	for _, zone := range zones {
		known = known || zone == form.Zone.Value
		form.Zone.Options = append(form.Zone.Options, ui.Option{Value: zone, Label: zone})
	}
	if !known {
		form.Zone.Options = append(form.Zone.Options, ui.Option{Value: form.Zone.Value, Label: form.Zone.Value})
	}
	if change.Sums.To(bulk.ToBar) > 0 {
		form.Button.Variant = ui.ButtonDanger
	}
	return form
}

// startTime reads when a bulk change is to start: the zero time for now.
func startTime(form url.Values) (at time.Time, zone string, found ui.Errors) {
	if form.Get("when") != "at" {
		return time.Time{}, "", nil
	}
	zone = form.Get("zone")
	location, err := time.LoadLocation(zone)
	if err != nil || zone == "" || zone == "Local" {
		found.Add("zone", "Choose the time zone in which the time is meant.")
		return time.Time{}, "", found
	}
	typed := strings.Replace(strings.TrimSpace(form.Get("at")), " ", "T", 1) // where a browser has no control for it
	at, err = time.ParseInLocation(momentLayout, typed, location)
	switch {
	case err != nil:
		if at, _, ok := kit.ParseMoment(typed); ok && zone == "UTC" {
			return at, zone, nil
		}
		found.Add("at", "Enter the day and the time, such as 2027-03-01 07:00.")
	case at.Format(momentLayout) != typed:
		found.Add("at", "There is no such time in "+zone+": clocks are put forward over it. Enter another one.")
	default:
		return at.UTC(), zone, nil
	}
	return time.Time{}, "", found
}

// AskStart handles GET /bulk/:id/start.
func (h *Handlers) AskStart(c echo.Context) error {
	draft := h.TakeDraft(c)
	change, err := h.changeOf(c)
	if err != nil {
		return err
	}
	return h.startPage(c, http.StatusOK, change, draft, pages.StartPage{Draft: draft != nil})
}

// startPage asks whether a bulk change is to be started: who is meant and, where many are
// to be disabled, whether it is the wrong file.
func (h *Handlers) startPage(c echo.Context, status int, change bulk.Change, values url.Values, page pages.StartPage) error {
	if change.State != bulk.Draft || change.File.Proposed {
		return h.done(c, change.ID, bulk.ErrNotNow, ui.Flash{})
	}
	a := kit.Actor(c)
	if forbidden(a, change.Kind) != "" {
		return c.Redirect(http.StatusSeeOther, views.BulkChangePath(change.ID))
	}
	page.ID, page.Of, page.Title = change.ID, wording.BulkTitle(change), wording.BulkButton(change)+"?"
	page.Form = h.startForm(change, a, values, page.Errors)
	page.Facts = startFacts(change)
	if page.Form.Plan = change.Plan; values.Has("plan") && values.Get("plan") != change.Plan {
		page.Changed = true
	}
	if typed, wrongFile := h.Bulk.Asks(change); typed != "" {
		if page.Form.Path = views.BulkDoPath(change.ID, "start/typed"); wrongFile {
			page.Title = "Is this the wrong file?"
			page.ShareTitle = ui.Number(change.Sums.To(bulk.ToBar)) + " of the " + ui.Count(change.Listed, "person", "people") + " of " + change.Company.Name +
				" would be disabled"
			page.Share = "More than " + strconv.Itoa(h.Bulk.Share()) + " % of a company is seldom meant. Look through who they are before you type the phrase."
		}
		page.Form.Typed = &ui.FieldProps{
			Name: "typed", Label: "Type “" + typed + "”", Hint: "To confirm that these are the people.", Value: values.Get("typed"), Error: page.Errors.For("typed"), Short: true, Autocomplete: "off",
		}
	}
	if change.Sums.To(bulk.ToBar) > 0 {
		page.Consequence = "They can’t sign in to Symphony any more. Their chats are kept. It can be undone: the result offers to enable them again."
		if err := h.fillMeant(c, change, a, &page); err != nil {
			return err
		}
	}
	f := kit.Frame{Title: page.Title, Nav: "bulk", Errors: page.Errors.Any()}
	return h.RenderIn(c, status, f, pages.Start(page))
}

// whoShown is how many of those who are to be disabled stand on the page that asks.
const whoShown = 20

// fillMeant puts in who is to be disabled.
func (h *Handlers) fillMeant(c echo.Context, change bulk.Change, a auth.Actor, page *pages.StartPage) error {
	ctx, f := c.Request().Context(), bulk.Filter{States: []bulk.RowState{bulk.Planned}, Actions: []bulk.Action{bulk.ToBar}}
	rows, total, err := h.Bulk.Rows(ctx, a, change.ID, f, 0, whoShown)
	if err != nil {
		return err
	}
	for _, r := range rows {
		page.Who = append(page.Who, pages.Meant{Name: wording.BulkPerson(r), Email: r.Email, Department: r.Department, Line: lineOf(r)})
	}
	page.WhoTitle = "To be disabled: " + ui.Count(total, "person", "people")
	if total > len(rows) {
		page.All = &ui.Link{Label: "See all " + ui.Number(total), Href: views.BulkRowsOf(change.ID, showOf(bulk.Sum{State: bulk.Planned, Action: bulk.ToBar}), 0)}
	}
	counted, err := h.Bulk.Departments(ctx, a, change.ID, f)
	page.Departments = departmentWords(counted)
	return err
}

// startFacts are what is to be done, in short.
func startFacts(change bulk.Change) []ui.KeyValueItem {
	var list []ui.KeyValueItem
	add := func(key, value string) {
		if value != "" {
			list = append(list, ui.KeyValueItem{Key: key, Value: value})
		}
	}
	add("Company", change.Company.Name)
	if newCompany(change) {
		add("New company", change.NewCompany.Name)
		add("Vanity name", change.NewCompany.VanityName)
		add("E-mail domains", wording.Domains(change.NewCompany.EmailDomains))
	}
	for _, action := range []bulk.Action{bulk.ToAdd, bulk.ToAllow, bulk.ToBar} {
		if n := change.Sums.To(action); n > 0 {
			add(planWords(action), ui.Count(n, "person", "people"))
		}
	}
	if n := change.Sums.In(bulk.AlreadyThere); n > 0 {
		add("Already there", ui.Count(n, "person", "people"))
	}
	notTicked := change.Sums.Of(bulk.LeftOut, bulk.NotTicked)
	if n := change.Sums.In(bulk.LeftOut) - notTicked; n > 0 {
		add("Left out", ui.Count(n, "row", "rows"))
	}
	if notTicked > 0 {
		add("Left as they are", ui.Count(notTicked, "person", "people")+", not in the list")
	}
	calls := change.Sums.Calls()
	if newCompany(change) {
		add("Calls", ui.Number(calls+1)+", the people’s as soon as Symphony has built the company")
	} else {
		add("Calls", ui.Number(calls)+", "+aboutHowLong(calls))
	}
	return list
}

// Start handles POST /bulk/:id/start. What has to be confirmed by typing is asked for first.
func (h *Handlers) Start(c echo.Context) error { return h.start(c, false) }

// StartTyped handles POST /bulk/:id/start/typed.
func (h *Handlers) StartTyped(c echo.Context) error { return h.start(c, true) }

func (h *Handlers) start(c echo.Context, typed bool) error {
	change, err := h.changeOf(c)
	if err != nil {
		return err
	}
	form := c.Request().PostForm
	if asked, _ := h.Bulk.Asks(change); asked != "" && !typed && forbidden(kit.Actor(c), change.Kind) == "" {
		return h.startPage(c, http.StatusOK, change, form, pages.StartPage{})
	}
	if change.File.Proposed {
		return h.done(c, change.ID, bulk.ErrNotNow, ui.Flash{})
	}
	at, zone, found := startTime(form)
	r := bulk.StartRequest{Plan: form.Get("plan"), Reason: form.Get("reason"), Ticket: form.Get("ticket"), At: at, Zone: zone}
	if typed {
		r.Typed = form.Get("typed")
	}
	if found.Any() {
		return h.startPage(c, http.StatusUnprocessableEntity, change, form, pages.StartPage{Errors: found})
	}

	_, err = h.Bulk.Start(c.Request().Context(), kit.Actor(c), change.ID, r)

	if found, ok := kit.FormErrors(err); ok {
		return h.startPage(c, http.StatusUnprocessableEntity, change, form, pages.StartPage{Errors: found})
	} else if status, found, ok := h.NotSaved(c, err); ok {
		return h.startPage(c, status, change, form, pages.StartPage{Errors: found})
	} else if errors.Is(err, bulk.ErrStale) {
		if change, err = h.changeOf(c); err != nil {
			return err
		}
		return h.startPage(c, http.StatusConflict, change, form, pages.StartPage{Changed: true})
	}
	return h.done(c, change.ID, err, ui.Flash{})
}
