package bulk

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/address"
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

// shown is what of the page of a bulk change a request asks for, or what came back of one
// of its forms.
type shown struct {
	show  string // which rows
	after int    // the place of the row behind which they begin

	errors       ui.Errors  // of one of its forms of a button
	values       url.Values // of the form for a mended list
	listErrors   ui.Errors
	columnErrors ui.Errors
	chooseAgain  bool // a file came with it
	draft        bool
}

// Show handles GET /bulk/:id.
func (h *Handlers) Show(c echo.Context) error {
	change, err := h.changeOf(c)
	if err != nil {
		return err
	}
	s := shown{show: c.QueryParam("show")}
	if _, ok := parseShow(s.show); !ok {
		return kit.BadRequest("A bulk change has no such rows.")
	}
	if after := c.QueryParam("after"); after != "" {
		if s.after, err = strconv.Atoi(after); err != nil || s.after < 0 {
			return kit.BadRequest("A row is named by its number.")
		}
	}
	if draft := h.TakeDraft(c); draft != nil {
		s.draft, s.values = true, draft
	}
	return h.show(c, http.StatusOK, change, s)
}

// show answers with the page of a bulk change.
func (h *Handlers) show(c echo.Context, status int, change bulk.Change, s shown) error {
	page, err := h.page(c, change, s)
	if err != nil {
		return err
	}
	f := kit.Frame{Title: page.Title, Nav: "bulk", Errors: page.Errors.Any()}
	if page.Progress != nil && page.Progress.Poll != "" && !page.Errors.Any() {
		f.Refresh = refresh
	}
	return h.RenderIn(c, status, f, pages.Show(page))
}

// page maps a bulk change to what its state needs.
func (h *Handlers) page(c echo.Context, change bulk.Change, s shown) (pages.ShowPage, error) {
	a, now := kit.Actor(c), h.Now()
	page := pages.ShowPage{
		ID: change.ID, Title: wording.BulkTitle(change), Now: now, Status: wording.BulkStatus(change),
		Facts: facts(change), Steps: steps(change), Errors: slices.Concat(s.errors, s.listErrors, s.columnErrors), Draft: s.draft,
	}
	if change.Erased {
		page.Notes = append(page.Notes, pages.Note{Kind: ui.AlertInfo, Title: "Something of it was erased on legal order", Text: "Names and e-mail addresses of those who were erased are not shown any more."})
	}
	if err := h.fillState(c, &page, change, a); err != nil {
		return pages.ShowPage{}, err
	}
	page.Controls = sayOnce(page.Controls)
	page.Activity = h.activityLink(change, a)
	if change.State == bulk.Discarded {
		return page, nil
	}
	page.Downloads = downloads(change)
	if change.State.Open() {
		page.Columns = columnCard(change, a, s)
		if change.State == bulk.Draft && canEdit(a, change) && !change.File.Selected { // the end of a check would take a chosen file away
			page.Mended = mendedList(change, s)
		}
	}
	rows, err := h.rowsCard(c, change, s)
	if err != nil {
		return pages.ShowPage{}, err
	}
	page.Rows = rows
	return page, nil
}

// fillState puts into a page what its state needs besides rows.
func (h *Handlers) fillState(c echo.Context, page *pages.ShowPage, change bulk.Change, a auth.Actor) error {
	switch change.State {
	case bulk.Checking, bulk.Starting:
		progress, err := h.progress(c, change, a)
		page.Progress = progress
		end := h.control(change, a, "discard", "Discard", ui.ButtonSecondary)
		if change.State == bulk.Starting {
			end = h.control(change, a, "takeback", "Don’t start it", ui.ButtonSecondary)
		}
		page.Controls = []pages.Control{end}
		return err
	case bulk.Draft:
		return h.fillDraft(c, page, change, a)
	case bulk.Scheduled:
		progress, err := h.progress(c, change, a)
		page.Progress, page.Plan = progress, h.planLines(change, a)
		page.Controls = []pages.Control{h.control(change, a, "takeback", "Don’t start it then", ui.ButtonSecondary)}
		return err
	case bulk.Running, bulk.Paused, bulk.Stopped, bulk.Done:
		progress, err := h.progress(c, change, a)
		if err != nil {
			return err
		}
		page.Progress = progress
		page.Controls = h.runControls(change, a)
		if !change.EndedAt.IsZero() {
			h.fillResult(c, page, change, a)
		}
	case bulk.Discarded:
		page.Notes = append(page.Notes, pages.Note{Kind: ui.AlertInfo, Title: "It was discarded", Text: "It was never started, and nothing was sent. What was in its rows is erased."})
	}
	return nil
}

// runControls are what can be said about a bulk change that runs.
func (h *Handlers) runControls(change bulk.Change, a auth.Actor) []pages.Control {
	switch change.State { //nolint:exhaustive // the others don't run
	case bulk.Running:
		return []pages.Control{h.control(change, a, "pause", "Pause", ui.ButtonSecondary), h.control(change, a, "stop", "Stop after these calls", ui.ButtonDanger)}
	case bulk.Paused:
		return []pages.Control{h.control(change, a, "resume", h.InEnvironment("Go on"), ui.ButtonPrimary), h.control(change, a, "stop", "Stop", ui.ButtonDanger)}
	}
	return nil
}

// activityLink leads to all events of a bulk change, for who may see them.
func (h *Handlers) activityLink(c bulk.Change, a auth.Actor) *ui.Link {
	if !a.Can(auth.SeeActivity) {
		return nil
	}
	return &ui.Link{Label: "See all of it in the activity", Href: views.ActivityOfReferencePath(bulk.RequestID(c.ID))}
}

// control is a form of one button.
func (h *Handlers) control(change bulk.Change, a auth.Actor, what, label string, variant ui.ButtonVariant) pages.Control {
	return pages.Control{
		ID: what + "-form", Path: views.BulkDoPath(change.ID, what), Fields: []ui.Parameter{{Name: "version", Value: strconv.FormatInt(change.Version, 10)}, {Name: seenField, Value: change.Seen()}},
		Button: ui.ButtonProps{Label: label, Variant: variant, Forbidden: forbidden(a, change.Kind)},
	}
}

// sayOnce says once why none of several controls can be used.
func sayOnce(controls []pages.Control) []pages.Control {
	if len(controls) < 2 {
		return controls
	}
	var labels []string
	for _, c := range controls {
		if c.Button.Forbidden == "" || c.Button.Forbidden != controls[0].Button.Forbidden {
			return controls
		}
		labels = append(labels, c.Button.Label)
	}
	return []pages.Control{{Button: ui.ButtonProps{Label: strings.Join(labels, " · "), Forbidden: controls[0].Button.Forbidden}}}
}

// facts are the line under the title.
func facts(change bulk.Change) []pages.Fact {
	list := []pages.Fact{{Words: wording.BulkFrom(change)}}
	if change.Of > 0 {
		list[0].Href = views.BulkChangePath(change.Of)
	}
	if change.Company.ID != "" {
		list = append(list, pages.Fact{Words: change.Company.Name, Href: views.CompanyPath(change.Company.ID)})
	}
	switch {
	case change.State.Started():
		list = append(list, pages.Fact{Words: "started by " + wording.ActorName(change.StartedBy, change.Erased), At: change.StartedAt})
		if change.Reason != "" {
			list = append(list, pages.Fact{Words: "“" + change.Reason + "”"})
		}
		if change.Ticket != "" {
			list = append(list, pages.Fact{Words: change.Ticket})
		}
		if !change.EndedAt.IsZero() {
			list = append(list, pages.Fact{Words: "ended", At: change.EndedAt})
		}
	default:
		list = append(list, pages.Fact{Words: "uploaded by " + wording.ActorName(change.UploadedBy, change.Erased), At: change.CreatedAt})
		if !change.CheckedAt.IsZero() {
			list = append(list, pages.Fact{Words: "checked against the directory and Symphony", At: change.CheckedAt})
		}
		list = append(list, pages.Fact{Words: "nothing has been sent"})
	}
	return list
}

// steps say how far a bulk change is on its way.
func steps(c bulk.Change) []pages.Step {
	now := map[bulk.State]int{
		bulk.Checking: 1, bulk.Draft: 2, bulk.Scheduled: 2, bulk.Starting: 2, bulk.Running: 3, bulk.Paused: 3, bulk.Stopped: 4, bulk.Done: 4, bulk.Discarded: 2,
	}[c.State]
	if c.State == bulk.Stopped && c.EndedAt.IsZero() {
		now = 3
	}
	list := []pages.Step{{Name: "Upload"}, {Name: "Checked"}, {Name: "Plan"}, {Name: "Running"}, {Name: "Result"}}
	for i := range list {
		list[i].Now, list[i].Done = i == now, i < now
	}
	return list
}

// fillDraft puts into a page what is to be looked at before a bulk change is started.
func (h *Handlers) fillDraft(c echo.Context, page *pages.ShowPage, change bulk.Change, a auth.Actor) error {
	page.Notes = append(page.Notes, draftNotes(change, h.Now())...)
	same, found, err := h.Bulk.SameAs(c.Request().Context(), a, change)
	if err != nil {
		return err
	}
	if found {
		page.Notes = append(page.Notes, pages.Note{
			Kind: ui.AlertInfo, Title: "The same list was used before", Text: "It does no harm: who is there already stays as they are.",
			Links: []ui.Link{{Label: wording.BulkName(same.ID), Href: views.BulkChangePath(same.ID)}},
		})
	}
	h.domainsAdded(c, page, change, a)
	if unnamed(change) && canEdit(a, change) {
		page.Notes = append(page.Notes, pages.Note{
			Kind: ui.AlertAsk, Title: "The list has no headings", Text: "Foyer knows a column of e-mail addresses when it sees one. What the others are it doesn’t guess:",
			Links: []ui.Link{{Label: "Say what each column is", Href: "#columns"}},
		})
	}
	if err := h.mendable(c, page, change, a); err != nil {
		return err
	}
	if change.File.Proposed {
		page.Letters = lettersCard(change, h.control(change, a, "letters", "Yes, they are right", ui.ButtonPrimary))
	}
	page.Plan = h.planLines(change, a)
	if page.Precheck, err = h.precheckCard(c, change, a); err != nil {
		return err
	}
	page.Controls = []pages.Control{
		h.control(change, a, "check", "Check again", ui.ButtonSecondary), h.control(change, a, "discard", "Discard", ui.ButtonSecondary),
	}
	if change.Plan == "" {
		return nil // it could not be checked, as was said
	}
	if !change.File.Proposed && (change.Sums.In(bulk.Planned) > 0 || change.Kind == bulk.Onboard) {
		start := h.startForm(change, a, url.Values{}, nil)
		page.Start = &start
	} else if !change.File.Proposed {
		idle := pages.Note{Kind: ui.AlertInfo, Title: "There is nothing to do", Text: "As the list stands, nothing would be sent to Symphony."}
		if wording.BulkMissed(change.Sums) {
			idle.Title, idle.Text = "Nothing would be sent as the list stands", "Correct the rows that are left out, or discard it."
		}
		if n := change.Sums.Of(bulk.LeftOut, bulk.NotTicked); n > 0 {
			idle.Text += " Tick who of those not in the list is to be disabled:"
			idle.Links = []ui.Link{{Label: "See all " + ui.Number(n), Href: views.BulkRowsOf(change.ID, showOf(bulk.Sum{State: bulk.LeftOut, Code: bulk.NotTicked}), 0)}}
		}
		page.Notes = append(page.Notes, idle)
	}
	return nil
}

// unnamed says whether a list has columns that nothing says what they are.
func unnamed(change bulk.Change) bool {
	return slices.ContainsFunc(change.Columns, func(c bulk.Column) bool {
		return c.Used && c.Field == lists.Unused && !c.Secret && !c.Result && !c.Added && address.Blank(c.Name)
	})
}

// draftNotes say what is the matter with a bulk change that could be started.
func draftNotes(change bulk.Change, now time.Time) (notes []pages.Note) {
	title, text := wording.BulkWait(change.Trouble, now)
	switch {
	case title != "":
		notes = append(notes, pages.Note{Kind: ui.AlertAsk, Title: title, Text: text, Details: wording.ProblemDetails(change.Trouble.Problem)})
	case change.Differs > 0:
		notes = append(notes, pages.Note{
			Kind: ui.AlertAsk, Title: "The plan is stale: " + ui.Count(change.Differs, "row differs", "rows differ"),
			Text:  "Something changed after it was planned, so nothing was sent. This is the plan for how it is now: look at it, and start it again.",
			Links: []ui.Link{{Label: "See what differs", Href: views.BulkRowsOf(change.ID, showDiffers, 0)}},
		})
	}
	return notes
}

// mendable offers to mend at once what can be.
func (h *Handlers) mendable(c echo.Context, page *pages.ShowPage, change bulk.Change, a auth.Actor) error {
	if change.Sums.Of(bulk.LeftOut, bulk.Faulty) == 0 {
		return nil
	}
	rows, _, err := h.Bulk.Rows(c.Request().Context(), a, change.ID, bulk.Filter{States: []bulk.RowState{bulk.LeftOut}, Codes: []bulk.Code{bulk.Faulty}}, 0, 0)
	if err != nil {
		return err
	}
	h.misspelt(page, change, rows, a)
	n := 0
	for _, r := range rows {
		if r.Facts.Mendable {
			n++
		}
	}
	if n > 0 {
		mend := h.control(change, a, "mend", "Correct "+ui.Count(n, "row", "rows"), ui.ButtonSecondary)
		page.Notes = append(page.Notes, pages.Note{
			Kind: ui.AlertInfo, Title: ui.Count(n, "row", "rows") + " can be corrected at once",
			Text:    "Characters that nobody sees, such as marks of direction, are taken out; what can be seen stays as it is.",
			Control: &mend,
		})
	}
	return nil
}

// misspelt offers to change domains that look like one of the company's.
func (h *Handlers) misspelt(page *pages.ShowPage, change bulk.Change, rows []bulk.Row, a auth.Actor) {
	const most = 3 // of more it is the wrong company rather than a slip
	for i, m := range change.Misspelt(rows) {
		if i >= most || change.File.Selected {
			return
		}
		control := h.control(change, a, "domain", "Change to "+m.Meant, ui.ButtonSecondary)
		control.ID += "-" + strconv.Itoa(i+1)
		control.Fields = append(control.Fields, ui.Parameter{Name: "from", Value: m.Domain}, ui.Parameter{Name: "to", Value: m.Meant})
		note := pages.Note{
			Kind: ui.AlertInfo, Title: fmt.Sprintf("%s %s, which is not a domain of this company", ui.Count(m.Rows, "address has", "addresses have"), m.Domain),
			Text: "It looks like " + m.Meant + ". If that is meant, change it in all of them at once; if not, add the domain.", Control: &control,
		}
		if change.Company.ID != "" && a.Can(auth.Onboard) {
			note.Links = []ui.Link{{Label: "Add domain " + m.Domain, Href: views.DomainsForBulkPath(change.Company.ID, m.Domain, change.ID)}}
		}
		page.Notes = append(page.Notes, note)
	}
}

// domainsAdded says that the company has other domains by now than when the list was checked.
func (h *Handlers) domainsAdded(c echo.Context, page *pages.ShowPage, change bulk.Change, a auth.Actor) {
	if change.Company.ID == "" || change.CheckedAt.IsZero() || change.Kind == bulk.Disable || change.Kind == bulk.Enable {
		return
	}
	company, err := h.Directory.KnownCompany(c.Request().Context(), change.Company.ID)
	if err != nil {
		return // the check finds out
	}
	var added []string
	for _, d := range company.EmailDomains {
		if !address.Domain(d).In(change.Domains) {
			added = append(added, d)
		}
	}
	if len(added) == 0 {
		return
	}
	again := h.control(change, a, "check", "Check again", ui.ButtonSecondary)
	again.ID = "domains-check-form"
	page.Notes = append(page.Notes, pages.Note{
		Kind: ui.AlertAsk, Title: "Since the list was checked the company got " + wording.Domains(added),
		Text: "Check again, so that the rows with it are taken in.", Control: &again,
	})
}

// lettersCard asks whether a text was read with the right letters.
func lettersCard(change bulk.Change, yes pages.Control) *pages.Letters {
	card := &pages.Letters{Encoding: wording.Encoding(change.File.Form.Encoding), Yes: yes}
	for i, sample := range change.File.Samples {
		if i > 0 && change.File.Samples[i-1].Line == sample.Line {
			card.Samples[len(card.Samples)-1].Text += " · " + sample.Cell
			continue
		}
		card.Samples = append(card.Samples, pages.Sample{Line: fmt.Sprintf("Line %d", sample.Line), Text: sample.Cell})
	}
	return card
}

// fileKinds are the kind of file that a list was brought in, and the other one.
func fileKinds(change bulk.Change) (kind, other string) {
	if change.File.Form.Ext() == ".xlsx" {
		return "xlsx", "csv"
	}
	return "csv", "xlsx"
}

// kindAgain is for what kind of bulk change the rows of one are brought again: of a company that
// is there by now they are added.
func kindAgain(change bulk.Change) bulk.Kind {
	if change.Kind == bulk.Onboard && change.Company.ID != "" {
		return bulk.Create
	}
	return change.Kind
}

// downloads are the files of a bulk change.
func downloads(change bulk.Change) []ui.ButtonProps {
	if change.CheckedAt.IsZero() {
		return nil
	}
	kind, other := fileKinds(change)
	what, names := "Download the plan", map[string]string{"csv": "CSV", "xlsx": "Excel"}
	if change.State.Started() {
		what = "Download the result"
	}
	files := []ui.ButtonProps{
		{Label: what + ", " + names[kind], Href: views.BulkResultPath(change.ID, kind, false), Icon: ui.IconDownload},
		{Label: names[other], Href: views.BulkResultPath(change.ID, other, false), Icon: ui.IconDownload},
	}
	if change.State.Over() && failed(change.Sums) > 0 {
		files = append(files, ui.ButtonProps{Label: "Failed rows only", Href: views.BulkResultPath(change.ID, kind, true), Icon: ui.IconDownload})
	}
	return files
}

// failed is how many rows came to no good: those of the file of them.
func failed(sums bulk.Sums) int { return sums.MayGoWell() + sums.ToMend() }

// fillResult puts into a page how a bulk change ended, and how to go on from there.
func (h *Handlers) fillResult(c echo.Context, page *pages.ShowPage, change bulk.Change, a auth.Actor) {
	page.Answer = wording.BulkTally(change.Sums)
	if n := change.Sums.ToMend(); n > 0 {
		kind, _ := fileKinds(change)
		page.Notes = append(page.Notes, pages.Note{
			Kind: ui.AlertInfo, Title: ui.Count(n, "row needs", "rows need") + " a corrected list",
			Text:  "Without that the same would happen again. Download the failed rows, correct them, and upload them as a new list.",
			Links: []ui.Link{{Label: "Failed rows only", Href: views.BulkResultPath(change.ID, kind, true)}, {Label: "New bulk change", Href: views.NewBulkPath(string(kindAgain(change)), change.Company.ID)}},
		})
	}
	if n := change.Sums.MayGoWell(); n > 0 {
		again := h.control(change, a, "again", "Try the "+ui.Count(n, "row", "rows")+" again", ui.ButtonSecondary)
		again.Token = newOf(change.ID, "again").NewToken(c)
		page.Controls = append(page.Controls, again)
	}
	if disabled := change.Sums.In(bulk.Disabled); disabled > 0 {
		undo := h.control(change, a, "undo", "Enable the "+ui.Count(disabled, "person", "people")+" again", ui.ButtonSecondary)
		undo.Button.Forbidden = forbidden(a, bulk.Enable)
		undo.Token = newOf(change.ID, "undo").NewToken(c)
		page.Controls = append(page.Controls, undo)
	}
	if change.State == bulk.Stopped {
		page.Notes = append(page.Notes, pages.Note{
			Kind: ui.AlertAsk, Title: "It was stopped by " + portal.FirstSeen(change.StoppedBy.Name, change.StoppedBy.Email, "somebody"),
			Text: "What was not sent before is left out. What was done stays done.",
		})
	}
}

// newOf is the form that makes another bulk change of one.
func newOf(id int64, what string) kit.Form { return kit.Form{Path: views.BulkDoPath(id, what)} }
