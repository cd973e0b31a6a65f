package people

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"foyer/handlers/wording"
	"foyer/portal/directory"
	"foyer/views"
	pages "foyer/views/people"
	"foyer/views/ui"
)

// statusNames are the words for the filter by status.
var statusNames = map[directory.StatusFilter]string{
	directory.AnyStatus: "All", directory.OnlyActive: "Active", directory.OnlyDisabled: "Disabled",
	directory.OnlyUnknown: "Status unknown", directory.OnlyNotListed: "Not listed any more",
}

// statusCounts are the filter by status, with how many people each choice would show.
func (l list) statusCounts() []pages.Count {
	counts := make([]pages.Count, len(statusFilters))
	for i, status := range statusFilters {
		count := l.Counts.Of(status)
		counts[i] = pages.Count{
			Label: statusNames[status], Count: ui.Number(count.N), Current: status == l.Status,
			Href: l.href(ui.Parameter{Name: statusParameter, Value: string(status)}),
		}
		switch {
		case count.More && count.N == 0:
			counts[i].Count = "?"
		case count.More:
			counts[i].Count += "+"
		}
	}
	return counts
}

// countWords is the count within a sentence of those whom a filter by status leaves. Of one
// status those are counted who were met among all.
func countWords(c directory.Counts, status directory.StatusFilter) string {
	count := c.Of(status)
	switch {
	case !count.More:
		return ui.Number(count.N)
	case count.N == 0:
		return "an unknown number"
	case status == directory.AnyStatus:
		return "more than " + ui.Number(count.N)
	}
	return "at least " + ui.Number(count.N)
}

// matched says how many people the filters leave, of how many.
func (l list) matched() string {
	of := ui.Count(l.Total.Listed(), "person", "people")
	if !l.narrowed() && l.Status == directory.AnyStatus {
		return of
	}
	return countWords(l.Counts, l.Status) + " of " + of
}

func (l list) search() ui.SearchProps {
	const label = "Name, e-mail, department, title, phone, note"
	return ui.SearchProps{
		Action: l.path(), Name: textParameter, Value: l.asTyped(textParameter),
		Label: "Search these people by " + strings.ToLower(label), Placeholder: label,
		Keep: ui.Parameters(l.values, textParameter),
		// The table follows what is typed; the box itself stays as it is.
		Attributes: map[string]any{
			"hx-get": l.path(), "hx-trigger": "input changed delay:200ms from:find input, submit", "hx-sync": "this:replace",
			"hx-target": "#people-table", "hx-select": "#people-table", "hx-swap": "outerHTML", "hx-replace-url": "true",
			"hx-select-oob": "#people-head,#people-counts,#people-chips,#people-matched,#people-saved",
		},
	}
}

// ages are the ages of a status to choose from.
var ages = []ui.Option{{Value: "", Label: "at any time, or never"}, {Value: "1h", Label: "over 1 hour ago, or never"}, {Value: "1d", Label: "over 1 day ago, or never"}, {Value: "7d", Label: "over 7 days ago, or never"}, {Value: "30d", Label: "over 30 days ago, or never"}}

// filterNames are the words for the other filters.
var filterNames = map[string]string{
	textParameter: "Search", companyParameter: "Company", tagParameter: "Company tag", domainParameter: "Domain", departmentParameter: "Department",
	titleParameter: "Title", locationParameter: "Location", fromParameter: "Created from", toParameter: "Created to", olderParameter: "Status older than",
}

// anotherNames are the words for one more of a filter that can be set several times.
var anotherNames = map[string]string{companyParameter: "Another company", tagParameter: "Another company tag"}

// chips are the filters that are set, each with a way to remove it.
func (l list) chips() []ui.ChipProps {
	var chips []ui.ChipProps
	for _, name := range filterParameters {
		for _, value := range l.values[name] {
			chips = append(chips, ui.ChipProps{Label: filterNames[name], Value: l.filterWords(name, value), RemoveHref: l.without(name, value)})
		}
	}
	return chips
}

func (l list) filterWords(name, value string) string {
	switch name {
	case companyParameter:
		return l.Known.Name(value)
	case olderParameter:
		n, unit, _ := strings.Cut(strings.NewReplacer("h", " hour", "d", " day").Replace(value), " ")
		if n != "1" {
			unit += "s"
		}
		return n + " " + unit
	}
	return value
}

// without is the table without one filter.
func (l list) without(name, value string) string {
	q := l.with()
	q[name] = slices.DeleteFunc(slices.Clone(q[name]), func(v string) bool { return v == value })
	return views.WithQuery(l.path(), q)
}

// asTyped is the value of a filter, also of one that is refused.
func (l list) asTyped(name string) string { return cmp.Or(l.typed[name], l.values.Get(name)) }

// filterForm adds filters to those that are set, or changes them.
func (l list) filterForm() pages.FilterForm {
	var inForm []string
	f := pages.FilterForm{Action: l.path(), From: l.asTyped(fromParameter), To: l.asTyped(toParameter), Older: l.asTyped(olderParameter), Ages: ages, Errors: l.refused}
	for _, name := range []string{companyParameter, tagParameter, domainParameter, departmentParameter, titleParameter, locationParameter} {
		field := pages.FilterField{Name: name, Label: filterNames[name], Value: l.asTyped(name), ValuesHref: views.PeopleValuesPath(name)}
		if l.company != nil && (name == companyParameter || name == tagParameter) {
			continue
		}
		if another, many := anotherNames[name]; many {
			field.Value = l.typed[name] // another one beside those that are set
			if len(l.values[name]) > 0 {
				field.Label = another
			}
		} else {
			inForm = append(inForm, name)
			field.Hint = "All of it, not a part"
		}
		f.Fields = append(f.Fields, field)
	}
	f.Keep = ui.Parameters(l.values, append(inForm, fromParameter, toParameter, olderParameter)...)
	if f.Older != "" && !slices.ContainsFunc(ages, func(o ui.Option) bool { return o.Value == f.Older }) {
		label := f.Older
		if l.refused.For(olderParameter) == "" {
			label = "over " + l.filterWords(olderParameter, f.Older) + " ago, or never"
		}
		f.Ages = append(slices.Clone(ages), ui.Option{Value: f.Older, Label: label})
	}
	return f
}

// contains is strings.Contains for names that somebody typed: nothing is in all of them.
func contains(name, part string) bool { return part != "" && strings.Contains(name, part) }

// empty says why there is nobody to show, and what to do about it.
func (l list) empty(add *ui.ButtonProps) *ui.EmptyProps {
	switch {
	case l.company != nil && !l.company.State.Ready():
		return notReady(*l.company)
	case l.Total == (directory.Tally{}):
		return l.nobody(add)
	case l.Cut && l.Next != "":
		return &ui.EmptyProps{
			Kind: ui.EmptyNoMatch, Title: "Nobody was found so far", Text: "There are too many people to look through all of them at once.",
			Action: &ui.ButtonProps{Label: "Go on looking", Href: l.href(ui.Parameter{Name: afterParameter, Value: l.Next})},
		}
	}
	return l.noMatch()
}

// noMatch is the place of a table whose filters leave nobody.
func (l list) noMatch() *ui.EmptyProps {
	if l.hollow != "" {
		title, text := wording.NothingToLookFor(l.hollow)
		return &ui.EmptyProps{Kind: ui.EmptyNoMatch, Title: title, Text: text, Action: &ui.ButtonProps{Label: "Clear the filters", Href: l.cleared()}}
	}
	title := "Nobody matches these filters"
	if q := l.values.Get(textParameter); q != "" && len(l.filters()) == 1 {
		title = "Nobody matches “" + q + "”"
	} else if !l.narrowed() {
		title = map[directory.StatusFilter]string{
			directory.OnlyActive: "Nobody is active", directory.OnlyDisabled: "Nobody is disabled",
			directory.OnlyUnknown: "Everybody’s status is known", directory.OnlyNotListed: "Everybody is still listed",
		}[l.Status]
	}
	text := ui.Count(l.Total.Listed(), "person is", "people are") + " there without the filters."
	if l.company == nil {
		text = fmt.Sprintf("%s looked through, of %s.", ui.Count(l.Total.Listed(), "person was", "people were"), ui.Count(l.Known.Coverage.Read, "company", "companies"))
		if left := l.Known.Coverage.Companies - l.Known.Coverage.Read; left > 0 {
			text += fmt.Sprintf(" %s not read yet.", ui.Count(left, "company is", "companies are"))
		}
	}
	if unknown := l.Counts.Unknown; unknown.N > 0 && (l.Status == directory.OnlyActive || l.Status == directory.OnlyDisabled) {
		title = "Nobody is known to be " + map[directory.StatusFilter]string{directory.OnlyActive: "active", directory.OnlyDisabled: "disabled"}[l.Status]
		if l.narrowed() {
			title = "Nobody who matches" + strings.TrimPrefix(title, "Nobody")
		}
		text += " The status of " + countWords(l.Counts, directory.OnlyUnknown) + " isn’t known."
	}
	empty := &ui.EmptyProps{Kind: ui.EmptyNoMatch, Title: cmp.Or(title, "Nobody matches"), Text: text, Action: &ui.ButtonProps{Label: "Clear the filters", Href: l.cleared()}}
	l.notWhole(empty)
	return empty
}

// notWhole says of a filter that wants all of a value that it does, and leads to the search
// for a part of it.
func (l list) notWhole(empty *ui.EmptyProps) {
	i := slices.IndexFunc(wholeParameters, func(name string) bool { return l.values.Has(name) })
	if i < 0 {
		return
	}
	name, value := wholeParameters[i], l.values.Get(wholeParameters[i])
	if len(l.filters()) == 1 {
		empty.Title = "Nobody has exactly the " + strings.ToLower(filterNames[name]) + " “" + value + "”"
	}
	empty.Text += " " + filterNames[name] + " finds who has all of “" + value + "”; the search finds a part of it, too."
	empty.Action = &ui.ButtonProps{
		Label: "Search for “" + value + "” instead",
		Href:  l.href(ui.Parameter{Name: name}, ui.Parameter{Name: textParameter, Value: strings.TrimSpace(l.values.Get(textParameter) + " " + value)}),
	}
}

// nobody is the place of a table of nobody at all: because none was read yet, or could
// be, or because there is none.
func (l list) nobody(add *ui.ButtonProps) *ui.EmptyProps {
	cover := l.Known.Coverage
	if l.company != nil {
		r := l.Known.Reading(l.company.ID)
		switch {
		case !r.FailedAt.IsZero() && r.CompleteAt.IsZero():
			return l.failed(l.company.Name, r)
		case r.CompleteAt.IsZero():
			return &ui.EmptyProps{Kind: ui.EmptyNotLoaded, Title: "These people are being read", Text: "Foyer is reading them from Symphony for the first time."}
		}
		return &ui.EmptyProps{Kind: ui.EmptyNothing, Title: "Nobody is here yet", Text: "The company is ready: people can be added.", Action: add}
	}
	switch {
	case cover.Companies == 0:
		return &ui.EmptyProps{Kind: ui.EmptyNothing, Title: "Nobody is here yet", Text: "People are in companies that are ready, and there is none.", Action: &ui.ButtonProps{Label: "See the companies", Href: views.CompaniesPath}}
	case len(cover.Failed) > 0 && len(cover.Failed)+cover.Read >= cover.Companies:
		return l.failed(ui.Count(len(cover.Failed), "company", "companies"), cover.Failed[0].ListReading)
	case cover.Read < cover.Companies:
		return &ui.EmptyProps{Kind: ui.EmptyNotLoaded, Title: "People are being read", Text: "Foyer is reading the people of " + ui.Count(cover.Companies, "company", "companies") + " from Symphony for the first time. They are here as they come."}
	}
	return &ui.EmptyProps{Kind: ui.EmptyNothing, Title: "Nobody is here yet", Text: "None of " + ui.Count(cover.Companies, "company", "companies") + " has people.", Action: &ui.ButtonProps{Label: "See the companies", Href: views.CompaniesPath}}
}

// failed is the place of people who could never be read.
func (l list) failed(whose string, r directory.ListReading) *ui.EmptyProps {
	return &ui.EmptyProps{
		Kind: ui.EmptyFailed, Title: "The people of " + whose + " could not be read",
		Text:   failureWords(r) + " at " + ui.When(r.FailedAt, l.now) + ". Foyer goes on trying.",
		Action: &ui.ButtonProps{Label: "Look again", Href: l.href(), Icon: ui.IconRefresh},
	}
}

// notReady is the place of a company's people while it can have none.
func notReady(company directory.Company) *ui.EmptyProps {
	return &ui.EmptyProps{
		Kind: ui.EmptyNotLoaded, Title: "The company is not ready", Text: wording.NoPeopleYet(company.CompanyRecord),
		Action: &ui.ButtonProps{Label: "See how far it is", Href: views.CompanyPath(company.ID)},
	}
}
