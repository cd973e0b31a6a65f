package activity

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/ledger"
	"foyer/views"
	pages "foyer/views/activity"
	"foyer/views/ui"
)

// maxFilter is the longest text of a filter, in characters.
const maxFilter = 254

type activityField struct {
	name, label string
	folded      bool // away, in the form, as long as it isn't used
}

// activityFields are the filters by their query parameters, in the order of the
// form, with the words that a chip has for them.
var activityFields = []activityField{
	{name: "person", label: "Done by"},
	{name: "user", label: "Done to", folded: true},
	{name: "company", label: "Company"},
	{name: "action", label: "Action"},
	{name: "outcome", label: "Outcome", folded: true},
	{name: "from", label: "From"},
	{name: "to", label: "To"},
	{name: "text", label: "Why", folded: true},
	{name: "request", label: "Reference", folded: true},
	{name: "trace", label: "Trace id", folded: true},
	{name: "change", label: "Change id", folded: true},
}

// callsParam says, with callsListed, that the calls of bulk changes are listed, too. It
// filters nothing.
const (
	callsParam  = "calls"
	callsListed = "listed"
)

// readActivityFilter reads the filter of a query string. What can't be is said,
// field by field, and never ignored: a list that leaves out a filter would show
// what was not asked for. q is what filters, as it was typed, without the place
// in the list; also names the parameters that are no filters.
func readActivityFilter(query url.Values, also ...string) (q url.Values, f ledger.Filter, problems ui.Errors) {
	q = url.Values{}
	for _, field := range activityFields {
		typed := query[field.name]
		if len(typed) > 1 {
			problems.Add(field.name, field.label+" can be given once only.")
		}
		if v := strings.TrimSpace(query.Get(field.name)); v != "" {
			q.Set(field.name, v)
		}
	}
	if calls := query[callsParam]; len(calls) == 1 && calls[0] == callsListed {
		q.Set(callsParam, callsListed)
	} else if len(calls) > 0 {
		problems.Add("", "‘"+callsParam+"’ can only be ‘"+callsListed+"’, once.")
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		known := name == callsParam || slices.ContainsFunc(activityFields, func(f activityField) bool { return f.name == name })
		if !known && !slices.Contains(also, name) {
			problems.Add("", fmt.Sprintf("Foyer knows no filter ‘%s’.", kit.Cut(name, maxFilter)))
		}
	}
	f, wrong := parseActivityFilter(q)
	return q, f, append(problems, wrong...)
}

func parseActivityFilter(q url.Values) (f ledger.Filter, problems ui.Errors) {
	for _, field := range activityFields {
		if v := q.Get(field.name); !utf8.ValidString(v) || utf8.RuneCountInString(v) > maxFilter {
			problems.Add(field.name, fmt.Sprintf("%s can have %d characters at most.", field.label, maxFilter))
		}
	}
	f = ledger.Filter{
		Actor: q.Get("person"), Company: kit.OneSpelling(q.Get("company")), User: kit.OneSpelling(q.Get("user")), Action: ledger.Action(q.Get("action")), Outcome: ledger.Outcome(q.Get("outcome")),
		Text: q.Get("text"), Request: q.Get("request"), Trace: q.Get("trace"), Change: kit.OneSpelling(q.Get("change")),
	}
	if f.Action != "" && wording.WordsOf(f.Action).Name == string(f.Action) {
		problems.Add("action", "Choose one of the actions.")
	}
	if f.Outcome != "" && wording.OutcomeName(f.Outcome) == "" {
		problems.Add("outcome", "Choose one of the outcomes.")
	}
	var fromOK, toOK bool
	f.From, _, fromOK = momentOf(q.Get("from"))
	_, f.To, toOK = momentOf(q.Get("to"))
	if !fromOK {
		problems.Add("from", notAMoment)
	}
	if !toOK {
		problems.Add("to", notAMoment)
	}
	if !f.From.IsZero() && !f.To.IsZero() && !f.From.Before(f.To) {
		problems.Add("to", "The end is before the beginning.")
	}
	return f, problems
}

const notAMoment = "Enter a day such as 2026-03-01, or a day and a time such as 2026-03-01 09:30, in UTC."

// momentOf reads one end of a time: when it begins, and when it is over. Nothing is the
// zero time.
func momentOf(s string) (begin, end time.Time, ok bool) {
	if s == "" {
		return time.Time{}, time.Time{}, true
	}
	return kit.ParseMoment(s)
}

// activityForm maps the filter, as it was typed, and what is wrong with it to
// its form.
func activityForm(q url.Values, problems ui.Errors) pages.Form {
	form := pages.Form{
		Person: q.Get("person"), Company: q.Get("company"), User: q.Get("user"), Action: q.Get("action"), Outcome: q.Get("outcome"),
		From: q.Get("from"), To: q.Get("to"), Text: q.Get("text"), Request: q.Get("request"), Trace: q.Get("trace"), Change: q.Get("change"),
		Actions: []ui.Option{{Label: "Any action"}}, Outcomes: []ui.Option{{Label: "Any outcome"}},
	}
	form.More = slices.ContainsFunc(activityFields, func(f activityField) bool {
		return f.folded && (q.Get(f.name) != "" || problems.For(f.name) != "")
	})
	for _, a := range wording.Actions {
		form.Actions = append(form.Actions, ui.Option{Value: string(a.Action), Label: a.Name})
	}
	for _, o := range wording.Outcomes {
		form.Outcomes = append(form.Outcomes, ui.Option{Value: string(o.Outcome), Label: o.Name})
	}
	return form
}

// activityChips are the filters that are set, each with the list without it.
func activityChips(q url.Values) []ui.ChipProps {
	var chips []ui.ChipProps
	for _, f := range activityFields {
		value := q.Get(f.name)
		if value == "" {
			continue
		}
		switch f.name {
		case "action":
			value = wording.WordsOf(ledger.Action(value)).Name
		case "outcome":
			if name := wording.OutcomeName(ledger.Outcome(value)); name != "" {
				value = name
			}
		}
		chips = append(chips, ui.ChipProps{Label: f.label, Value: value, RemoveHref: activityHref(q, f.name, "")})
	}
	return chips
}

// activityRanges are the times that are asked for most, up to now.
func activityRanges(q url.Values, now time.Time) ui.SegmentedProps {
	today := now.UTC().Truncate(24 * time.Hour)
	quarter := time.Date(today.Year(), (today.Month()-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC)
	props := ui.SegmentedProps{Label: "Time"}
	for _, r := range []struct{ label, from string }{
		{"All time", ""},
		{"Today", today.Format(time.DateOnly)},
		{"7 days", today.AddDate(0, 0, -6).Format(time.DateOnly)},
		{"30 days", today.AddDate(0, 0, -29).Format(time.DateOnly)},
		{"This quarter", quarter.Format(time.DateOnly)},
	} {
		props.Segments = append(props.Segments, ui.Segment{
			Label: r.label, Href: activityHref(q, "from", r.from, "to", ""), Current: q.Get("to") == "" && q.Get("from") == r.from,
		})
	}
	return props
}

// activityHref is the list with some filters set otherwise, from its newest
// event; an empty value removes one.
func activityHref(q url.Values, changes ...string) string {
	changed := url.Values{}
	for name := range q {
		changed.Set(name, q.Get(name))
	}
	for i := 0; i+1 < len(changes); i += 2 {
		changed.Set(changes[i], changes[i+1])
		if changes[i+1] == "" {
			changed.Del(changes[i])
		}
	}
	return views.WithQuery(views.ActivityPath, changed)
}
