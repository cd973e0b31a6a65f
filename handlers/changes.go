package handlers

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/portal/change"
	"foyer/sapi"
	"foyer/views"
	"foyer/views/ui"
)

// changes has the handlers of what was asked of Symphony: how it ended, or that
// nobody knows yet.
type changes struct {
	*Kit
	Changes *change.Engine
}

// changeRefresh is after how many seconds the page of a change that isn't
// settled loads itself again where there is no JavaScript.
const changeRefresh = 5

// show handles GET /changes/:id.
func (h *changes) show(c echo.Context) error {
	a := actor(c)
	change, err := h.Changes.Get(c.Request().Context(), a, c.Param("id"))
	if err != nil {
		return err
	}
	f := frame{title: changeTitle(change), nav: "companies"}
	if !change.State.Settled() {
		f.refresh = changeRefresh
	}
	page := views.ChangePage{
		Title: changeTitle(change), Crumbs: changeCrumbs(change),
		Facts: changeFacts(change), Progress: newChangeProgress(change, a, h.Now()),
	}
	return h.renderIn(c, http.StatusOK, f, views.Change(page))
}

// progress handles GET /changes/:id/progress: the part of the page that changes
// until the change is settled. While it is as the page has it there is nothing
// to send, and nothing is said again to people who hear the page.
func (h *changes) progress(c echo.Context) error {
	a := actor(c)
	change, err := h.Changes.Get(c.Request().Context(), a, c.Param("id"))
	if err != nil {
		return err
	}
	if c.QueryParam("version") == strconv.FormatInt(change.Version, 10) {
		return c.NoContent(http.StatusNoContent)
	}
	return h.fragment(c, views.ChangeProgressPart(newChangeProgress(change, a, h.Now())))
}

// changeTitle names what was asked: "Disable Adele Vance".
func changeTitle(c change.Change) string {
	switch c.Kind {
	case change.CreateCompany:
		return "Create company " + cmp.Or(c.NewCompany.Name, c.Company.Name)
	case change.AddDomains:
		return "Add domains to " + c.Company.Name
	case change.CreateUsers:
		return "Add " + ui.Count(len(c.People), "person", "people") + " to " + c.Company.Name
	case change.DisableUser:
		return "Disable " + changedUser(c)
	case change.EnableUser:
		return "Enable " + changedUser(c)
	}
	return "A change"
}

// changedUser is how the person of a change of status is called.
func changedUser(c change.Change) string {
	for _, name := range []string{c.User.Name, c.User.Email, c.User.ID} {
		if name != "" {
			return name
		}
	}
	return "a person"
}

func changeCrumbs(c change.Change) []ui.Link {
	crumbs := []ui.Link{{Label: "Companies", Href: views.CompaniesPath}}
	if c.Company.ID == "" {
		return crumbs
	}
	crumbs = append(crumbs, ui.Link{Label: c.Company.Name, Href: views.CompanyPath(c.Company.ID)})
	switch c.Kind {
	case change.CreateUsers:
		crumbs = append(crumbs, ui.Link{Label: "People", Href: views.PeoplePath(c.Company.ID)})
	case change.DisableUser, change.EnableUser:
		crumbs = append(crumbs, ui.Link{Label: changedUser(c), Href: views.UserPath(c.Company.ID, c.User.ID)})
	case change.CreateCompany, change.AddDomains:
	}
	return crumbs
}

// changeFacts are what was asked, by whom, when and why.
func changeFacts(c change.Change) []ui.KeyValueItem {
	facts := []ui.KeyValueItem{{Key: "Asked by", Content: ui.Name(actorName(c.Actor, c.Erased))}, {Key: "Asked", Value: utcOrNothing(c.CreatedAt)}}
	add := func(key, value string) {
		if value != "" {
			facts = append(facts, ui.KeyValueItem{Key: key, Value: value})
		}
	}
	switch c.Kind {
	case change.CreateCompany:
		add("Company", c.NewCompany.Name)
		add("Vanity name", c.NewCompany.VanityName)
		add("E-mail domains", strings.Join(c.NewCompany.EmailDomains, ", "))
	case change.AddDomains:
		add("Company", c.Company.Name)
		add("Domains", strings.Join(c.Domains, ", "))
		if len(c.Domains) == 0 && !c.Erased {
			add("Domains", "only such as the company had already")
		}
	case change.DisableUser, change.EnableUser:
		add("E-mail", c.User.Email)
		add("Company", c.Company.Name)
	case change.CreateUsers:
		add("Company", c.Company.Name)
	}
	add("Reason", c.Reason)
	add("Ticket", c.Ticket)
	if !c.UnknownAt.IsZero() {
		add("Answer lost", ui.UTC(c.UnknownAt))
	}
	add("Settled", utcOrNothing(c.SettledAt))
	return append(facts, ui.KeyValueItem{Key: "Change id", Value: c.ID, Code: true, Copy: true})
}

// newChangeProgress maps how a change stands to its part of the page.
func newChangeProgress(c change.Change, a auth.Actor, now time.Time) views.ChangeProgress {
	if c.Erased {
		return erasedProgress(c, a)
	}
	note := changeNote(c)
	p := views.ChangeProgress{Text: note, Details: problemDetails(c.Problem), Next: nextAfter(c, a)}
	switch c.State {
	case change.Done:
		p.Kind, p.Title = ui.AlertOK, doneTitle(c)
		if partly(c) {
			p.Kind = ui.AlertAsk
		}
		if c.Reconciled {
			p.Text = strings.TrimSpace("Its answer was lost. Foyer asked Symphony how it ended. " + note)
		}
	case change.Refused, change.Expired, change.Superseded, change.Declined, change.Cancelled:
		p.Kind, p.Title = ui.AlertBad, "It was not done"
	case change.Abandoned:
		p.Kind, p.Title = ui.AlertBad, "Nobody knows whether it was done"
		p.Text = strings.TrimSpace(note + " Look at Symphony yourself before you do it again, or ask Symphony’s support with the details below.")
	case change.Proposed:
		p.Kind, p.Title, p.Text = ui.AlertInfo, "It waits for approval", "Nothing has been sent."
	case change.Queued:
		p.Kind, p.Title, p.Text = ui.AlertInfo, "Its turn has not come yet", "Nothing has been sent. You can close this page: Foyer sends it by itself."
		p.PollPath = views.ChangeProgressPath(c.ID, c.Version)
	case change.Sent:
		p.Kind, p.Title, p.Text = ui.AlertInfo, "It is being sent", "Symphony has not answered yet. You can close this page: nothing is sent twice."
		p.PollPath = views.ChangeProgressPath(c.ID, c.Version)
	case change.Unknown:
		p.Kind, p.Title = ui.AlertAsk, "We don’t know yet"
		p.Text = strings.TrimSpace(note + " It may or may not have been done. Foyer is asking Symphony for the truth, and this page will say. You can close it; don’t do it again meanwhile.")
		p.Checking = checking(c, now)
		p.PollPath = views.ChangeProgressPath(c.ID, c.Version)
	}
	if c.Corrected {
		p.Text = strings.TrimSpace("Corrected: at first this was believed to have ended otherwise. " + p.Text)
	}
	p.People = personResults(c)
	if c.State.Settled() {
		p.Again = peopleAgain(c, a)
	}
	return p
}

// erasedProgress says of a change that was erased on legal order how it ended, which is
// all that is left of it.
func erasedProgress(c change.Change, a auth.Actor) views.ChangeProgress {
	ended := map[change.State]string{
		change.Done: "It was done.", change.Abandoned: "Nobody knows whether it was done.",
		change.Refused: "It was not done.", change.Expired: "It was not done.", change.Superseded: "It was not done.",
		change.Declined: "It was not done.", change.Cancelled: "It was not done.",
	}[c.State]
	return views.ChangeProgress{
		Kind: ui.AlertInfo, Title: "Erased on legal order", Next: nextAfter(c, a),
		Text: strings.TrimSpace(ended + " Names, e-mail addresses, what exactly was asked, and the reason were erased."),
	}
}

// checking says when Symphony was asked last, and when it will be asked next.
func checking(c change.Change, now time.Time) string {
	if c.Tries == 0 {
		return "Asking for the first time."
	}
	times := ui.Count(c.Tries, "time", "times")
	if c.Tries == 1 {
		times = "once"
	}
	words := "Asked " + times + ", last at " + ui.Clock(c.UpdatedAt) + " UTC"
	if wait := c.Due.Sub(now); wait > time.Second {
		words += "; again in " + ui.Elapsed(wait)
	}
	return words + "."
}

// stateWord is how far a change has come, in a word or two.
func stateWord(s change.State) string {
	switch s {
	case change.Proposed:
		return "Waiting for approval"
	case change.Queued:
		return "Waiting for its turn"
	case change.Sent:
		return "Being sent"
	case change.Unknown:
		return "Not known yet"
	case change.Done:
		return "Done"
	case change.Refused, change.Expired, change.Superseded, change.Declined, change.Cancelled:
		return "Not done"
	case change.Abandoned:
		return "Never found out"
	}
	return string(s)
}

// doneTitle says that a change was made; of people, how many each.
func doneTitle(c change.Change) string {
	switch c.Kind {
	case change.CreateCompany:
		return c.NewCompany.Name + " is being built"
	case change.AddDomains:
		return "The domains are there"
	case change.CreateUsers:
		return tally(outcomesOf(c.People))
	case change.DisableUser:
		return changedUser(c) + " was disabled"
	case change.EnableUser:
		return changedUser(c) + " was enabled"
	}
	return "It was done"
}

// partly says whether a change that adds people did so for some of them only.
func partly(c change.Change) bool {
	return slices.ContainsFunc(c.People, func(r change.Row) bool { return r.Outcome != sapi.ItemCreated })
}

func outcomesOf(rows []change.Row) []sapi.ItemOutcome {
	outcomes := make([]sapi.ItemOutcome, len(rows))
	for i, r := range rows {
		outcomes[i] = r.Outcome
	}
	return outcomes
}

// tally counts what became of people: "38 created · 2 already there · 3 refused".
func tally(outcomes []sapi.ItemOutcome) string {
	counts := map[sapi.ItemOutcome]int{}
	for _, o := range outcomes {
		counts[o]++
	}
	var parts []string
	for _, o := range []struct {
		outcome sapi.ItemOutcome
		words   string
	}{
		{sapi.ItemCreated, "created"}, {sapi.ItemExists, "already there"}, {sapi.ItemRefused, "refused"}, {sapi.ItemUnknown, "being checked"},
	} {
		if n := counts[o.outcome]; n > 0 {
			parts = append(parts, ui.Number(n)+" "+o.words)
		}
	}
	return strings.Join(parts, " · ")
}

// nextAfter is where to go on from a change.
func nextAfter(c change.Change, a auth.Actor) []ui.ButtonProps {
	if c.Company.ID == "" {
		return []ui.ButtonProps{{Label: "Companies", Href: views.CompaniesPath}}
	}
	company := ui.ButtonProps{Label: "Open the company", Href: views.CompanyPath(c.Company.ID)}
	switch c.Kind {
	case change.CreateUsers:
		return []ui.ButtonProps{{Label: "People of the company", Href: views.PeoplePath(c.Company.ID)}}
	case change.DisableUser, change.EnableUser:
		next := []ui.ButtonProps{{Label: "Open the person", Href: views.UserPath(c.Company.ID, c.User.ID)}}
		if c.State == change.Done {
			back := ui.ButtonProps{Label: wayBack(c.Kind), Href: views.StatusPath(c.Company.ID, c.User.ID)}
			back.Forbidden = forbidden(a, auth.ChangeStatus)
			next = append(next, back)
		}
		return next
	case change.CreateCompany, change.AddDomains:
	}
	return []ui.ButtonProps{company}
}

// wayBack names what undoes a change of status.
func wayBack(k change.Kind) string {
	if k == change.EnableUser {
		return "Disable again"
	}
	return "Enable again"
}
