package bulk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/lists"
	"foyer/portal"
	"foyer/portal/bulk"
	"foyer/views"
	pages "foyer/views/bulk"
	"foyer/views/ui"
)

// The rows of a bulk change that its page can show besides those of one line of its plan:
// a state, and behind a point the action or the code.
const (
	showAll         = "all"
	showNeedsLook   = "needs-a-look" // those that came to no good, or may have
	showToMend      = "to-mend"      // left out before anything was sent, for a reason that somebody can do something about
	showDiffers     = "stale"        // that differ from the plan that was to be started
	showDifferences = "differences"  // in which the list says otherwise than Symphony
)

// toMend are the codes of rows that somebody can do something about.
var toMend = []bulk.Code{bulk.Faulty, bulk.Duplicate, bulk.Elsewhere, bulk.NotFound, bulk.Several, bulk.NotListed, bulk.OtherPerson}

// parseShow is the filter for the rows that a query asks for; an empty one leaves it to
// the page.
func parseShow(show string) (f bulk.Filter, ok bool) {
	switch show {
	case "", showAll:
		return bulk.Filter{}, true
	case showNeedsLook:
		return bulk.Filter{States: []bulk.RowState{bulk.Refused, bulk.Unknown, bulk.Unsettled}}, true
	case showToMend:
		return bulk.Filter{States: []bulk.RowState{bulk.LeftOut}, Codes: toMend}, true
	case showDiffers:
		return bulk.Filter{Differs: true}, true
	case showDifferences:
		return bulk.Filter{States: []bulk.RowState{bulk.AlreadyThere}}, true
	}
	state, part, narrowed := strings.Cut(show, ".")
	if state == showPrecheck {
		return parsePrechecked(part)
	}
	if !slices.Contains(bulk.RowStates(), bulk.RowState(state)) {
		return bulk.Filter{}, false
	}
	f.States = []bulk.RowState{bulk.RowState(state)}
	switch {
	case !narrowed:
	case bulk.RowState(state) == bulk.Planned:
		f.Actions = []bulk.Action{bulk.Action(part)}
	default:
		f.Codes = []bulk.Code{bulk.Code(part)}
	}
	return f, true
}

// showOf names the rows of one line of the plan.
func showOf(sum bulk.Sum) string {
	switch {
	case sum.State == bulk.Planned:
		return string(sum.State) + "." + string(sum.Action)
	case sum.Code != bulk.NoCode:
		return string(sum.State) + "." + string(sum.Code)
	}
	return string(sum.State)
}

// usualRows are those that the page shows by itself: what somebody has to look at.
func usualRows(change bulk.Change) string {
	switch {
	case change.State == bulk.Draft && change.Differs > 0 && change.Trouble.Code == "":
		return showDiffers
	case change.Sums.In(bulk.Refused, bulk.Unknown, bulk.Unsettled) > 0:
		return showNeedsLook
	case !change.State.Started() || !change.EndedAt.IsZero():
		for _, code := range toMend {
			if change.Sums.Of(bulk.LeftOut, code) > 0 {
				return showToMend
			}
		}
		if change.Sums.Of(bulk.LeftOut, bulk.NotTicked) > 0 && !change.State.Started() {
			return showOf(bulk.Sum{State: bulk.LeftOut, Code: bulk.NotTicked})
		}
	}
	return ""
}

// rowsCard is the table of the rows that are asked for; nil where nobody asks and none
// need somebody.
func (h *Handlers) rowsCard(c echo.Context, change bulk.Change, s shown) (*pages.RowsCard, error) {
	show, polled := s.show, change.State == bulk.Running || change.State == bulk.Paused || change.State.Started() && change.EndedAt.IsZero()
	if show == "" {
		if show = usualRows(change); show == "" || polled && show == showNeedsLook || change.State == bulk.Checking {
			return nil, nil // there are none, or they are in the part that is asked for again
		}
	}
	a := kit.Actor(c)
	rows, total, err := h.readRows(c.Request().Context(), a, change, show, s.after, rowsShown)
	if err != nil {
		return nil, err
	}
	card := &pages.RowsCard{
		ID: change.ID, Title: rowsTitle(show) + ": " + ui.Count(total, "row", "rows"), Stale: show == showDiffers,
		OneState: show == showToMend || strings.Contains(show, ".") || show == showDifferences,
		Version:  strconv.FormatInt(change.Version, 10), Show: show,
	}
	if err := h.fillRows(c.Request().Context(), card, change, rows, a); err != nil {
		return nil, err
	}
	if s.after > 0 {
		card.First = views.BulkRowsOf(change.ID, show, 0)
	}
	if len(rows) == rowsShown {
		card.Next = views.BulkRowsOf(change.ID, show, rows[len(rows)-1].N)
	}
	if s.show != "" {
		card.Close = views.BulkChangePath(change.ID)
	}
	if canEdit(a, change) && change.State == bulk.Draft {
		card.Together = together(change, show)
		card.Every = len(card.Together) > 0 && total > len(rows)
		card.EveryWords = "All " + ui.Number(total) + " of these rows"
	}
	if show == showOf(bulk.Sum{State: bulk.LeftOut, Code: bulk.NotTicked}) || show == showOf(bulk.Sum{State: bulk.Planned, Action: bulk.ToBar}) {
		if card.Departments, err = h.departments(c, change, show); err != nil {
			return nil, err
		}
	}
	return card, nil
}

// readRows reads the rows that are asked for.
func (h *Handlers) readRows(ctx context.Context, a auth.Actor, change bulk.Change, show string, after, limit int) (rows []bulk.Row, total int, err error) {
	f, _ := parseShow(show)
	if show != showDifferences {
		return h.Bulk.Rows(ctx, a, change.ID, f, after, limit)
	}
	there, _, err := h.Bulk.Rows(ctx, a, change.ID, f, 0, 0)
	for _, r := range there {
		if len(r.Facts.Differs) == 0 {
			continue
		}
		if total++; r.N > after && len(rows) < limit {
			rows = append(rows, r)
		}
	}
	return rows, total, err
}

func rowsTitle(show string) string {
	switch show {
	case showAll:
		return "All"
	case showNeedsLook:
		return "Needs a look"
	case showToMend:
		return "Left out"
	case showDiffers:
		return "Not as it was planned"
	case showDifferences:
		return "The list says otherwise than Symphony"
	}
	state, part, _ := strings.Cut(show, ".")
	switch {
	case part == unanswered:
		return wording.BulkPrecheckName(bulk.Unanswered()[0])
	case state == showPrecheck:
		return wording.BulkPrecheckName(bulk.Prechecked(part))
	case bulk.RowState(state) == bulk.Planned:
		return wording.BulkAction(bulk.Action(part))
	}
	return wording.BulkLine(bulk.RowState(state), bulk.Code(part))
}

// fillRows maps rows to those of a table.
func (h *Handlers) fillRows(ctx context.Context, card *pages.RowsCard, change bulk.Change, rows []bulk.Row, a auth.Actor) error {
	for _, r := range rows {
		earlier := 0
		if r.Code == bulk.Duplicate {
			first, _, err := h.Bulk.Rows(ctx, a, change.ID, bulk.Filter{}, r.Facts.Row-1, 1)
			if err != nil {
				return err
			}
			if len(first) == 1 {
				earlier = first[0].Line
			}
		}
		row := h.row(change, r, earlier, a)
		if card.OneState && r.Code == bulk.NotTicked {
			row.Why = "" // the title says it for all of them
		}
		card.Rows = append(card.Rows, row)
	}
	return nil
}

// row maps one row.
func (h *Handlers) row(change bulk.Change, r bulk.Row, earlier int, a auth.Actor) pages.Row {
	row := pages.Row{
		Pick: pickOf(r), Line: lineOf(r), Name: wording.BulkPerson(r), Email: r.Email, Status: wording.BulkRowStatus(r.State, r.Action),
		Department: r.Department, Details: wording.ProblemDetails(r.Facts.Problem),
	}
	company := r.CompanyID
	if company == "" {
		company = change.Company.ID
	}
	if r.UserID != "" && company != "" && kit.IsID(r.UserID) {
		row.Href = views.UserPath(company, r.UserID)
	}
	if r.Facts.Was != "" {
		row.Was = wording.BulkRowStatus(r.Facts.Was, plannedOf(change, r)).Word
	}
	if r.Code == bulk.Faulty {
		for _, f := range r.Facts.Faults {
			field := lists.Field(f.Field)
			fault := pages.Fault{Field: wording.FieldLabel(field), Value: valueOf(change, r, field), Words: wording.FieldWords(f)}
			if fault.Value == row.Email {
				fault.Value = "" // it stands under the name
			}
			if f.Code == portal.OtherDomain && change.Company.ID != "" && a.Can(auth.Onboard) && change.State.Open() {
				fault.Add = &ui.Link{Label: "Add domain " + f.Value, Href: views.DomainsForBulkPath(change.Company.ID, f.Value, change.ID)}
			}
			row.Faults = append(row.Faults, fault)
		}
	} else {
		row.Why = wording.BulkRowWhy(r, earlier)
	}
	if r.State == bulk.Planned || r.Code == bulk.ByPerson {
		row.Precheck = wording.BulkPrecheck(r.Precheck)
	}
	if canEdit(a, change) && change.State == bulk.Draft {
		row.Edit, row.Acts = editOf(change, r), actsOn(change, r)
	}
	return row
}

// plannedOf is what most likely was planned for a row: that itself is not kept.
func plannedOf(change bulk.Change, r bulk.Row) bulk.Action {
	switch change.Kind {
	case bulk.Disable:
		return bulk.ToBar
	case bulk.Enable:
		return bulk.ToAllow
	case bulk.Reconcile:
		if r.Line == 0 {
			return bulk.ToBar
		}
	case bulk.Create, bulk.Onboard:
	}
	return bulk.ToAdd
}

// lineOf is where people find a row in their list.
func lineOf(r bulk.Row) string {
	if r.Line == 0 {
		return "not in the list"
	}
	return ui.Number(r.Line)
}

func editOf(change bulk.Change, r bulk.Row) string {
	if r.Line == 0 || change.File.Selected {
		return ""
	}
	return views.BulkRowPath(change.ID, r.N)
}

// actsOn are what can be said about one row. Their words tell them from acts at Symphony:
// nothing is sent before the plan is started.
func actsOn(change bulk.Change, r bulk.Row) []pages.Act {
	act := func(label string, d bulk.Decision) []pages.Act {
		return []pages.Act{{Label: label, Value: pickOf(r) + "." + string(d)}}
	}
	switch {
	case r.Code == bulk.ByPerson:
		return act("Include again", bulk.Undecided)
	case r.Code == bulk.NotTicked:
		return act("Plan to disable", bulk.In)
	case r.State == bulk.Planned && r.Line == 0 && change.Kind == bulk.Reconcile:
		return act("Don’t disable", bulk.Undecided)
	case r.State == bulk.AlreadyThere && r.Code == bulk.IsDisabled && change.Kind != bulk.Disable && change.Kind != bulk.Enable:
		return act("Plan to enable", bulk.In)
	case r.Line > 0 && r.State == bulk.Planned:
		return act("Leave out", bulk.Out)
	}
	return nil
}

// together are what can be said about several rows of a table at once.
func together(change bulk.Change, show string) []ui.ButtonProps {
	button := func(label string, d bulk.Decision) []ui.ButtonProps {
		value := string(d)
		if d == bulk.Undecided {
			value = undecided
		}
		return []ui.ButtonProps{{Label: label, Name: "decision", Value: value, Small: true}}
	}
	switch show {
	case showOf(bulk.Sum{State: bulk.LeftOut, Code: bulk.ByPerson}):
		return button("Include these again", bulk.Undecided)
	case showOf(bulk.Sum{State: bulk.LeftOut, Code: bulk.NotTicked}):
		return button("Plan to disable these", bulk.In)
	case showOf(bulk.Sum{State: bulk.AlreadyThere, Code: bulk.IsDisabled}):
		if change.Kind == bulk.Disable || change.Kind == bulk.Enable {
			return nil
		}
		return button("Plan to enable these", bulk.In)
	case showOf(bulk.Sum{State: bulk.Planned, Action: bulk.ToBar}):
		if change.Kind == bulk.Reconcile {
			return button("Don’t disable these", bulk.Undecided)
		}
		return button("Leave these out", bulk.Out)
	}
	state, _, _ := strings.Cut(show, ".")
	if bulk.RowState(state) == bulk.Planned || state == showPrecheck {
		return button("Leave these out", bulk.Out)
	}
	return nil
}

// undecided takes back what was said about a row, in forms: an empty value says nothing.
const undecided = "undecided"

// decisionOf reads a decision of a form.
func decisionOf(value string) (d bulk.Decision, ok bool) {
	switch d = bulk.Decision(value); d {
	case bulk.In, bulk.Out:
		return d, true
	case undecided, bulk.Undecided:
		return bulk.Undecided, true
	}
	return "", false
}

// Decide handles POST /bulk/:id/decisions.
func (h *Handlers) Decide(c echo.Context) error {
	id, err := changeID(c)
	if err != nil {
		return err
	}
	form := c.Request().PostForm
	rows, decision, filter, err := parseDecision(form)
	if err != nil {
		return err
	}
	if len(rows) == 0 && form.Get("all") == "" {
		return h.SeeOther(c, views.BulkRowsOf(id, form.Get("show"), 0), ui.Flash{Kind: ui.AlertAsk, Title: "Nothing was changed.", Text: "Tick the rows first."})
	}
	if form.Get("all") != "" {
		_, err = h.Bulk.DecideAll(c.Request().Context(), kit.Actor(c), id, versionOf(form), filter, decision)
	} else {
		_, err = h.Bulk.Decide(c.Request().Context(), kit.Actor(c), id, rows, decision)
	}
	return h.done(c, id, err, ui.Flash{})
}

// pickOf names a row, and what its page showed of it, in forms.
func pickOf(r bulk.Row) string { return strconv.Itoa(r.N) + "." + r.Seen() }

// parseDecision reads about which rows something is said, and what.
func parseDecision(form url.Values) (rows map[int]string, d bulk.Decision, f bulk.Filter, err error) {
	wrong := kit.BadRequest("The form doesn’t say what is to be done with which rows.")
	value, picked := form.Get("decision"), form["pick"]
	if one := form.Get("one"); one != "" {
		at := max(strings.LastIndex(one, "."), 0)
		value, picked = strings.TrimPrefix(one[at:], "."), []string{one[:at]}
		form.Del("all")
	}
	d, ok := decisionOf(value)
	if !ok || !form.Has("decision") && !form.Has("one") {
		return nil, "", f, wrong
	}
	if form.Get("all") != "" {
		if f, ok = parseShow(form.Get("show")); !ok || form.Get("show") == "" || form.Get("show") == showDifferences {
			return nil, "", f, wrong
		}
		return nil, d, f, nil
	}
	rows = map[int]string{}
	for _, text := range picked {
		place, seen, _ := strings.Cut(text, ".")
		n, err := strconv.Atoi(place)
		if err != nil {
			return nil, "", f, wrong
		}
		rows[n] = seen
	}
	return rows, d, f, nil
}

// departments count the people of some rows by department.
func (h *Handlers) departments(c echo.Context, change bulk.Change, show string) (string, error) {
	f, _ := parseShow(show)
	counted, err := h.Bulk.Departments(c.Request().Context(), kit.Actor(c), change.ID, f)
	if err != nil {
		return "", err
	}
	return departmentWords(counted), nil
}

// departmentWords are the departments with the most people, and how many are in the others.
func departmentWords(counted []bulk.Department) string {
	const most = 8
	var parts []string
	others := 0
	for i, d := range counted {
		if i >= most {
			others += d.N
			continue
		}
		parts = append(parts, portal.FirstSeen(d.Name, "no department")+" ("+ui.Number(d.N)+")")
	}
	if others > 0 {
		parts = append(parts, "others ("+ui.Number(others)+")")
	}
	if len(parts) == 0 {
		return ""
	}
	return "By department: " + strings.Join(parts, " · ")
}

// valueOf is what a row's cell says of a field.
func valueOf(change bulk.Change, r bulk.Row, f lists.Field) string {
	i := slices.IndexFunc(change.Columns, func(column bulk.Column) bool { return column.Field == f })
	if i < 0 || i >= len(r.Cells) {
		return ""
	}
	return r.Cells[i]
}

// EditRow handles GET /bulk/:id/rows/:n.
func (h *Handlers) EditRow(c echo.Context) error {
	draft := h.TakeDraft(c)
	return h.rowPage(c, http.StatusOK, draft, pages.RowPage{Draft: draft != nil})
}

// rowPage shows the cells of a row to be edited: as they are, or as they were filled in.
func (h *Handlers) rowPage(c echo.Context, status int, values url.Values, page pages.RowPage) error {
	change, err := h.changeOf(c)
	if err != nil {
		return err
	}
	a := kit.Actor(c)
	n, err := strconv.Atoi(c.Param("n"))
	if err != nil {
		return portal.ErrNotFound
	}
	rows, _, err := h.Bulk.Rows(c.Request().Context(), a, change.ID, bulk.Filter{}, n-1, 1)
	if err != nil {
		return err
	}
	if len(rows) == 0 || rows[0].N != n || rows[0].Line == 0 {
		return portal.ErrNotFound
	}
	if !canEdit(a, change) {
		return h.done(c, change.ID, bulk.ErrNotNow, ui.Flash{})
	}
	r := rows[0]
	page.ID, page.Title, page.Path = change.ID, "Row "+lineOf(r), views.BulkRowPath(change.ID, n)
	page.Of, page.Seen = wording.BulkTitle(change), r.SeenCells()
	if values == nil {
		page.Errors = ui.Errors{}
		for _, f := range r.Facts.Faults {
			if r.Code == bulk.Faulty {
				page.Errors.Add(f.Field, wording.FieldWords(f))
			}
		}
	}
	for _, f := range bulk.Fields(change.Kind) {
		is := valueOf(change, r, f)
		value := is
		if values != nil {
			value = values.Get(string(f))
		}
		if status == http.StatusConflict && value != is {
			page.Errors.Add(string(f), wording.FieldLabel(f)+" is now "+nowIs(is)+".")
		}
		page.Fields = append(page.Fields, ui.FieldProps{
			Name: string(f), Label: wording.FieldLabel(f), Value: value, Error: page.Errors.For(string(f)), Autocomplete: "off", Optional: optional(change.Kind, f),
		})
	}
	return h.RenderIn(c, status, kit.Frame{Title: page.Title + " of " + page.Of, Nav: "bulk", Errors: page.Errors.Any()}, pages.EditRow(page))
}

// nowIs says what a cell is that somebody else changed.
func nowIs(value string) string {
	if value == "" {
		return "empty"
	}
	return "“" + value + "”"
}

func optional(kind bulk.Kind, f lists.Field) bool {
	if kind == bulk.Disable || kind == bulk.Enable {
		return true
	}
	return f != lists.Email && f != lists.FirstName && f != lists.LastName
}

// SaveRow handles POST /bulk/:id/rows/:n.
func (h *Handlers) SaveRow(c echo.Context) error {
	change, err := h.changeOf(c)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(c.Param("n"))
	if err != nil {
		return portal.ErrNotFound
	}
	rows, _, err := h.Bulk.Rows(c.Request().Context(), kit.Actor(c), change.ID, bulk.Filter{}, n-1, 1)
	if err != nil {
		return err
	}
	form, values := c.Request().PostForm, map[lists.Field]string{}
	for _, f := range bulk.Fields(change.Kind) {
		// What stays as it is makes no column that the list doesn't have.
		if value := form.Get(string(f)); form.Has(string(f)) && (len(rows) == 0 || value != valueOf(change, rows[0], f)) {
			values[f] = value
		}
	}
	_, err = h.Bulk.EditRow(c.Request().Context(), kit.Actor(c), change.ID, n, form.Get(seenField), values)
	if errors.Is(err, bulk.ErrStale) {
		return h.rowPage(c, http.StatusConflict, form, pages.RowPage{Errors: ui.Errors{{
			Message: "Somebody changed this row since the page was opened. Nothing of yours was kept. What you typed is still here; where it differs, it is said what the row has now. Put it right, and send it again.",
		}}})
	}
	return h.done(c, change.ID, err, ui.Flash{Kind: ui.AlertOK, Title: "The row was changed.", Text: "The list is checked again."})
}
