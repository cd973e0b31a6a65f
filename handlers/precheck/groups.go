package precheck

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"foyer/address"
	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/users"
	"foyer/handlers/wording"
	"foyer/lists"
	"foyer/portal"
	"foyer/portal/precheck"
	"foyer/sapi"
	"foyer/views"
	pages "foyer/views/precheck"
	"foyer/views/ui"
)

// asked is what was asked about, and the verdict on each.
type asked struct {
	input    string          // as it was typed, without what looks like a password
	subjects []lists.Subject // of it, one for each of rows
	unseen   []string        // the columns of a list that were not looked at
	rows     []precheck.Row
}

// group is the verdicts that one thing can be done about.
type group struct {
	asked
	at []int // of asked.rows
}

// groups sorts the verdicts: what needs a look comes first, and those of one company
// together.
func (a asked) groups(actor auth.Actor) []pages.Group {
	var found []group
	var keys []string
	for _, verdict := range precheck.Verdicts {
		for i, r := range a.rows {
			if r.Verdict != verdict {
				continue
			}
			key := groupKey(r)
			at := slices.Index(keys, key)
			if at < 0 {
				at = len(keys)
				keys, found = append(keys, key), append(found, group{asked: a})
			}
			found[at].at = append(found[at].at, i)
		}
	}
	mapped := make([]pages.Group, len(found))
	for i, g := range found {
		mapped[i] = g.page(actor)
	}
	return mapped
}

// groupKey is the same for rows about which the same is done.
func groupKey(r precheck.Row) string {
	key := string(r.Verdict)
	switch {
	case r.Verdict == precheck.DomainKnown:
		key += r.Company.ID + strconv.FormatBool(r.OfDomain())
	case r.Verdict == precheck.Free && r.Near != nil:
		key += r.Near.ID
	case r.Verdict == precheck.CantTell:
		key += strconv.FormatBool(wording.AskingAgainHelps(r))
	}
	return key
}

// filters are the verdicts that there are, each with how many have it; none where all
// have the same.
func filters(rows []precheck.Row) []pages.Filter {
	var found []pages.Filter
	for _, verdict := range precheck.Verdicts {
		n := 0
		for _, r := range rows {
			if r.Verdict == verdict {
				n++
			}
		}
		if n > 0 {
			found = append(found, pages.Filter{Code: string(verdict), Label: wording.VerdictName(verdict), Count: ui.Number(n)})
		}
	}
	if len(found) < 2 {
		return nil
	}
	return append([]pages.Filter{{Code: "all", Label: "All", Count: ui.Number(len(rows))}}, found...)
}

// first is the row that stands for the group.
func (g group) first() precheck.Row { return g.rows[g.at[0]] }

func (g group) page(actor auth.Actor) pages.Group {
	page := pages.Group{
		Code: string(g.first().Verdict), Status: wording.VerdictStatus(g.first()), Count: ui.Number(len(g.at)),
		Words: wording.PrecheckGroupWords(g.first()),
	}
	for _, i := range g.at {
		page.Rows = append(page.Rows, wording.PrecheckRow(g.rows[i], actor))
	}
	switch g.first().Verdict {
	case precheck.CantTell:
		if page.Actions = g.leaveOut(); wording.AskingAgainHelps(g.first()) {
			page.Actions = []views.PrecheckAction{ask("Ask again", g.input)}
		}
	case precheck.Elsewhere:
		page.Actions = g.leaveOut()
	case precheck.Active, precheck.Disabled:
		if page.Actions = g.leaveOut(); len(g.at) == 1 {
			page.Actions = openOne(page.Rows[0])
		}
	case precheck.DomainKnown:
		page.Actions = g.add(actor)
	case precheck.Free:
		g.onboard(actor, &page)
	case precheck.NotAnInput:
	}
	return page
}

// ask asks about a list, as the form does.
func ask(label, input string) views.PrecheckAction {
	return views.PrecheckAction{
		Path: views.PrecheckPath, Fields: []ui.Parameter{{Name: "email", Value: input}}, Button: ui.ButtonProps{Label: label, Small: true},
	}
}

// leaveOut asks about all the others.
func (g group) leaveOut() []views.PrecheckAction {
	var rest []string
	for i, s := range g.subjects {
		if !slices.Contains(g.at, i) {
			rest = append(rest, s.Mailbox())
		}
	}
	if len(rest) == 0 {
		return nil
	}
	return []views.PrecheckAction{ask("Leave out", strings.Join(rest, "\n"))}
}

// openOne is the group's action where one person is all of it: what their row leads to.
func openOne(row views.PrecheckRow) []views.PrecheckAction {
	var actions []views.PrecheckAction
	for _, link := range row.Links {
		actions = append(actions, views.PrecheckAction{Button: ui.ButtonProps{Label: link.Label, Href: link.Href, Small: true}})
	}
	return actions
}

// add carries people to the form that adds them to the company that has their domain, as
// many at once as fit.
func (g group) add(actor auth.Actor) []views.PrecheckAction {
	company := g.first().Company
	forbidden := cmp.Or(wording.WhyClosed(company.State), wording.Forbidden(actor, auth.Onboard))
	if g.first().OfDomain() {
		return []views.PrecheckAction{{Button: ui.ButtonProps{
			Label: "Add people to " + company.Name, Href: views.NewPeoplePath(company.ID), Small: true, Forbidden: forbidden,
		}}}
	}
	var actions []views.PrecheckAction
	for part := range slices.Chunk(g.at, portal.MaxPeople) {
		actions = append(actions, views.PrecheckAction{
			Path: views.CheckPeoplePath(company.ID), Fields: g.people(part),
			Button: ui.ButtonProps{Label: g.addLabel(len(part), len(actions)), Small: true, Forbidden: forbidden},
		})
	}
	return actions
}

// addLabel names how many are added, and to what; of a later form that it is about others.
func (g group) addLabel(n, before int) string {
	people := ui.Count(n, "person", "people")
	if before > 0 {
		people = ui.Count(n, "more person", "more people")
	}
	return fmt.Sprintf("Add %s to %s", people, g.first().Company.Name)
}

// people are the fields of the form that adds people, filled with what the list says of
// them. It opens at the first who has no name yet.
func (g group) people(part []int) []ui.Parameter {
	people := make([]sapi.NewUser, len(part))
	for n, i := range part {
		people[n] = users.OfList(lists.Subject{Text: g.rows[i].Input, Beside: g.subjects[i].Beside})
	}
	nameless := max(0, slices.IndexFunc(people, func(u sapi.NewUser) bool { return u.FirstName == "" }))
	return append(users.FormFields(people), openAt(users.FieldName(nameless, "firstName")))
}

// openAt has a form shown as it is filled, at one of its fields.
func openAt(field string) ui.Parameter {
	return ui.Parameter{Name: kit.AsksToChange, Value: field}
}

// onboard carries domains to the form for a new company, or to that of the company that
// is near. Each domain is a company's of its own until somebody says otherwise, so that
// where there are several the first row of each has the button.
func (g group) onboard(actor auth.Actor, page *pages.Group) {
	byDomain := map[string][]int{}
	var domains []string
	for _, i := range g.at {
		d := g.rows[i].Domain
		if byDomain[d] == nil {
			domains = append(domains, d)
		}
		byDomain[d] = append(byDomain[d], i)
	}
	if near := g.first().Near; near != nil {
		label := "Add " + ui.Count(len(domains), "domain", "domains") + " to " + near.Name
		page.Actions = []views.PrecheckAction{{
			Path:   views.CheckDomainsPath(near.ID),
			Fields: []ui.Parameter{{Name: "emailDomains", Value: strings.Join(domains, "\n")}, openAt("emailDomains")},
			Button: ui.ButtonProps{Label: label, Small: true, Forbidden: cmp.Or(wording.WhyClosed(near.State), wording.Forbidden(actor, auth.Onboard))},
		}}
		return
	}
	for _, d := range domains {
		action := g.newCompany(actor, d, byDomain[d])
		if len(domains) == 1 {
			page.Actions = []views.PrecheckAction{action}
			continue
		}
		action.Button.Attributes = templ.Attributes{"aria-label": action.Button.Label}
		action.Button.Label = "Onboard" // beside the address, where there is little room
		first, others := byDomain[d][0], byDomain[d][1:]
		page.Rows[slices.Index(g.at, first)].Action = &action
		for _, i := range others {
			page.Rows[slices.Index(g.at, i)].Act = "Onboard with " + g.rows[first].Input
		}
	}
}

// newCompany carries a domain to the form for a new company, with its people as samples.
func (g group) newCompany(actor auth.Actor, domain string, people []int) views.PrecheckAction {
	var samples []string
	for _, i := range people {
		if !g.rows[i].OfDomain() {
			samples = append(samples, g.rows[i].Input)
		}
	}
	return views.PrecheckAction{
		Path: views.CheckCompanyPath,
		Fields: []ui.Parameter{
			{Name: "emailDomains", Value: domain}, {Name: "samples", Value: strings.Join(samples[:min(len(samples), portal.MaxSamples)], "\n")}, openAt("name"),
		},
		Button: ui.ButtonProps{Label: "Onboard " + address.Shown(domain), Small: true, Forbidden: wording.Forbidden(actor, auth.Onboard)},
	}
}
