package views_test

import (
	"context"
	"io"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"foyer/views"
	"foyer/views/ui"
)

// The gallery is every part in every state, arranged as pages that resemble the
// real ones, with the names that are hardest to show. Tests check their HTML;
// with FOYER_GALLERY set to a directory they are also written there, to look at.

const hostile = `<b>Bold</b> & "Quoted"`

var now = time.Date(2026, 3, 1, 9, 41, 7, 0, time.UTC)

func gallery() map[string]templ.Component {
	return map[string]templ.Component{
		"companies": layout("Companies", "companies", false, companies()),
		"company":   layout(hostile, "companies", false, company()),
		"form":      layout("New company", "companies", true, form()),
		"disable":   production("Disable Adele Vance?", disable()),
		"states":    layout("States", "imports", false, states()),
		"parts":     layout("Parts", "", false, parts()),
		"bare":      with(views.Bare(views.Chrome{Environment: "UAT", EnvironmentNote: "Symphony’s test network. Real requests, test people.", Title: "Sign in", Now: now, RequestID: "7F3K-22QD"}), markup(`<h1>Sign in</h1><p>Foyer shows and changes who at the companies you sponsor can use Symphony.</p>`), ui.Button(ui.ButtonProps{Label: "Sign in with your company", Href: "/login?start", Variant: ui.ButtonPrimary})),
	}
}

func chrome(title, nav string, errors bool) views.Chrome {
	return views.Chrome{
		Environment: "SANDBOX", EnvironmentNote: "A stand-in for Symphony on this machine. Nothing here reaches anybody.",
		Title: title, Nav: nav, HasErrors: errors, Now: now, RequestID: "7F3K-22QD", Version: "v0.1.0", Refresh: 5, Search: hostile,
		Person: &views.Person{Name: "Olive Onboarder", Email: "olive@partner.example", Initials: "OO", Role: "onboarder"},
		NavItems: []views.NavItem{
			{Key: "home", Label: "Home", Href: "/", Icon: ui.IconHome},
			{Key: "companies", Label: "Companies", Href: "/companies", Icon: ui.IconCompanies, Count: "42"},
			{Key: "find", Label: "Find people", Href: "/find", Icon: ui.IconFind},
			{Key: "precheck", Label: "Pre-check", Href: "/precheck", Icon: ui.IconPrecheck},
			{Key: "imports", Label: "Imports", Href: "/imports", Icon: ui.IconImports, Count: "2"},
			{Key: "activity", Label: "Activity", Href: "/audit", Icon: ui.IconActivity},
		},
		Flash: &ui.Flash{Kind: ui.AlertOK, Title: "Adele Vance was enabled again.", Text: "Symphony confirmed it at 09:41:07.", Links: []ui.Link{{Label: "See the record", Href: "/audit"}}},
	}
}

func layout(title, nav string, errors bool, content templ.Component) templ.Component {
	return with(views.Layout(chrome(title, nav, errors)), content)
}

func production(title string, content templ.Component) templ.Component {
	c := chrome(title, "companies", false)
	c.Environment, c.EnvironmentNote, c.Flash = "PROD", "What you change here happens to real people.", nil
	return with(views.Layout(c), content)
}

// with renders a component with children, as the braces of a template do.
func with(parent templ.Component, children ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return parent.Render(templ.WithChildren(ctx, templ.Join(children...)), w)
	})
}

func markup(html string) templ.Component { return templ.Raw(html) }

func table(columns []ui.Column, rows string) templ.Component {
	return with(ui.Table(ui.TableProps{Caption: "Companies", Columns: columns}), markup(rows))
}

func companies() templ.Component {
	query := url.Values{"q": {hostile}, "state": {"ready"}}
	return templ.Join(
		with(ui.Head(ui.HeadProps{Title: "Companies", Sub: markup(`<span>42 sponsored companies · as of 09:41:07</span>`)}),
			ui.Button(ui.ButtonProps{Label: "Read again", Icon: ui.IconRefresh}),
			ui.Button(ui.ButtonProps{Label: "Download CSV", Href: "/companies.csv", Icon: ui.IconDownload}),
			ui.Button(ui.ButtonProps{Label: "New company", Href: "/companies/new", Variant: ui.ButtonPrimary, Icon: ui.IconAdd})),
		with(ui.Card(ui.CardProps{Flush: true}),
			with(ui.FilterBar(),
				ui.Search(ui.SearchProps{Action: "/companies", Name: "q", Label: "Search companies", Placeholder: "Name, vanity name, domain, id", Keep: ui.Parameters(query, "q")}),
				ui.Segmented(ui.SegmentedProps{Label: "State", Segments: []ui.Segment{
					{Label: "All", Count: "42", Href: "?", Current: true},
					{Label: "Ready", Count: "37", Href: "?state=ready"},
					{Label: "Being built", Count: "2", Href: "?state=building"},
					{Label: "Need attention", Count: "3", Href: "?state=attention"},
				}}),
				ui.Chip(ui.ChipProps{Label: "Domain", Value: hostile, RemoveHref: "/companies"})),
			table([]ui.Column{
				{Label: "Company", SortHref: "?sort=-name", Sorted: ui.SortAscending},
				{Label: "Domains"},
				{Label: "People", SortHref: "?sort=people", Numeric: true},
				{Label: "State"},
				{Label: "Changed", SortHref: "?sort=changed"},
			}, companyRow("Lyondell Trading", "lyondell.example", "12,004", "status-ok", "Ready")+
				companyRow("Öresund Capital", "oresund.example", "", "status-building", "Being built, 6 min")+
				companyRow("Société Générique", "generique.example", "", "status-failed", "Failed: tenant")+
				companyRow("東京証券 Tōkyō Securities", "tokyo-sec.example", "1,912", "status-ok", "Ready")+
				companyRow("شركة القاسم", "alqasim.example", "640", "status-ok", "Ready")+
				companyRow("&lt;b&gt;Bold&lt;/b&gt; &amp; Partners of a Very Long Name That Goes On, Incorporated", "bold.example", "402", "status-unknown", "TENANT_MIGRATING")),
			ui.Pager(ui.NewPager("/companies", query, 3, 100, 12004, []int{20, 50, 100})),
		),
	)
}

func companyRow(name, domain, people, status, word string) string {
	return `<tr><th scope="row"><a href="/companies/1"><bdi>` + name + `</bdi></a><span class="sub">` + domain + `</span></th><td>` + domain +
		`</td><td class="num" data-label="People">` + people + `</td><td><span class="status ` + status + `">` + word + `</span></td><td><time datetime="2026-03-01T07:41:07Z" title="2026-03-01 07:41:07 UTC" data-relative>2 h ago</time></td></tr>`
}

func company() templ.Component {
	return templ.Join(
		with(ui.Head(ui.HeadProps{
			Crumbs: []ui.Link{{Label: "Companies", Href: "/companies"}}, Title: hostile,
			Sub: templ.Join(ui.Status(ui.StatusProps{Kind: ui.StatusReady}), markup(`<span>12,004 people · read just now</span>`)),
		}),
			ui.Button(ui.ButtonProps{Label: "Add domains", Href: "/d"}),
			ui.Button(ui.ButtonProps{Label: "Add people", Href: "/p", Variant: ui.ButtonPrimary})),
		with(ui.Card(ui.CardProps{}), ui.FactRow([]ui.KeyValueItem{
			{Key: "Public URL", Value: "https://lyondell.on.symphony.com", Copy: true},
			{Key: "Domains", Content: templ.Join(ui.Domain("lyondell.example"), ui.Domain("lyondell-fx.example"))},
			{Key: "Company id", Value: "e176c55e-6e49-4819-b982-12e0535db5f0", Code: true, Copy: true},
			{Key: "Created", Content: ui.Time(ui.TimeProps{At: now.Add(-48 * time.Hour), Now: now, Absolute: true})},
		})),
		with(markupAround(`<div class="columns">`, `</div>`),
			with(ui.Card(ui.CardProps{Title: "Symphony is building the tenant", Aside: "last asked 09:41:07"}), ui.Stepper([]ui.Step{
				{State: ui.StepDone, Title: "Requested", Text: "accepted by Symphony", Aside: "09:35:02"},
				{State: ui.StepNow, Title: "Tenant built", Text: "6 min 5 s so far. Symphony says about 20 minutes."},
				{State: ui.StepNext, Title: "Ready for people", Text: "this page and the company list will say so"},
			})),
			with(ui.Card(ui.CardProps{Title: "If it fails", Actions: ui.Button(ui.ButtonProps{Label: "All", Href: "/all", Small: true})}),
				ui.Stepper([]ui.Step{{State: ui.StepDone, Title: "Requested"}, {State: ui.StepFailed, Title: "Tenant built", Text: "Symphony could not create the tenant."}}))),
		with(ui.Card(ui.CardProps{Title: "People", Aside: "as of 09:41:07", Flush: true}), table([]ui.Column{
			{Label: "Person"}, {Label: "Title and department"}, {Label: "Status"}, {Label: "Symphony id"}, {Label: "Action", HideLabel: true},
		}, personRow("Adele Vance", "adele.vance@lyondell.example", "status-ok", "Active", "Disable")+
			personRow("محمد القاسم", "m.alqasim@lyondell.example", "status-off", "Disabled", "Enable")+
			personRow("Hồng O’Neill", "hong@lyondell.example", "status-unknown", "Unknown", "Check now"))),
		markup(`<p class="muted">Symphony’s API can’t remove a domain, rename a company or edit a person: ask Symphony.</p>`),
	)
}

func markupAround(before, after string) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		children := templ.GetChildren(ctx)
		return templ.Join(templ.Raw(before), children, templ.Raw(after)).Render(templ.ClearChildren(ctx), w)
	})
}

func personRow(name, email, status, word, act string) string {
	return `<tr><th scope="row"><a href="/u"><bdi>` + name + `</bdi></a><span class="sub">` + email + `</span></th><td>Analyst<span class="sub">Order Processing</span></td><td><span class="status ` +
		status + `">` + word + `</span><span class="sub">read now</span></td><td data-label="Id"><code>695734946108125</code></td><td class="actions"><a href="/s">` + act + `<span class="sr-only"> ` + name + `</span></a></td></tr>`
}

func form() templ.Component {
	var errors ui.Errors
	errors.Add("emailDomains", "lyondell.example belongs to Lyondell Trading, which you sponsor")
	errors.Add("", hostile)
	return templ.Join(
		ui.Head(ui.HeadProps{Crumbs: []ui.Link{{Label: "Companies", Href: "/companies"}}, Title: "New company"}),
		with(markupAround(`<form class="form" method="post" action="/companies/check">`, `</form>`),
			ui.ErrorSummary(errors), ui.FormToken("token"),
			ui.Field(ui.FieldProps{Name: "name", Label: "Company name", Hint: "People see it in the Directory. 2 to 100 characters.", Value: hostile, MaxLength: 100}),
			ui.Field(ui.FieldProps{Name: "vanityName", Label: "Vanity name", Preview: &ui.Preview{Before: "Becomes ", Placeholder: "name", After: ".on.symphony.com."}, Hint: "Can’t be changed later.", Value: "lyondell-fx", Autocomplete: "off", Mono: true}),
			with(ui.Field(ui.FieldProps{Name: "emailDomains", Kind: ui.FieldTextarea, Label: "E-mail domains", Hint: "Only people with these addresses can be added. One a line, 10 at most.", Value: "lyondell.example\nlyondell-fx.example", Error: errors.For("emailDomains"), Mono: true}),
				markup(`<p class="hint"><a href="/companies/1">Add domains to Lyondell Trading instead</a></p>`)),
			ui.Field(ui.FieldProps{Name: "phoneNumber", Kind: ui.FieldTel, Label: "Phone number", Optional: true, Autocomplete: "tel", InputMode: "tel", Short: true}),
			ui.Field(ui.FieldProps{Name: "region", Kind: ui.FieldSelect, Label: "Region", Value: "emea", Options: []ui.Option{{Value: "amer", Label: "Americas"}, {Value: "emea", Label: "Europe"}}}),
			ui.Field(ui.FieldProps{Name: "list", Kind: ui.FieldFile, Label: "List of people", Accept: ".csv"}),
			ui.Choices(ui.ChoicesProps{Name: "active", Legend: "What should happen", Value: "true", Error: "Choose one", Options: []ui.Option{{Value: "true", Label: "Enable", Hint: "They can sign in."}, {Value: "false", Label: "Disable"}}}),
			ui.Checkbox(ui.CheckboxProps{Name: "sure", Value: "yes", Label: "I have asked them", Hint: "Kept in the record."}),
			with(markupAround(`<div class="row">`, `</div>`),
				ui.Button(ui.ButtonProps{Label: "Check your answers", Variant: ui.ButtonPrimary}),
				ui.Button(ui.ButtonProps{Label: "Cancel", Href: "/companies"}))),
	)
}

func disable() templ.Component {
	return templ.Join(
		ui.Head(ui.HeadProps{Crumbs: []ui.Link{{Label: "Lyondell Trading", Href: "/c"}, {Label: "محمد القاسم", Href: "/u"}}, Title: "Disable Adele Vance?"}),
		with(markupAround(`<form class="form" method="post" action="/s">`, `</form>`),
			with(ui.Card(ui.CardProps{}), ui.KeyValue([]ui.KeyValueItem{
				{Key: "Person", Content: ui.Name("Adele Vance")},
				{Key: "E-mail", Value: "adele.vance@lyondell.example"},
				{Key: "Status now", Content: templ.Join(ui.Status(ui.StatusProps{Kind: ui.StatusActive}), markup(`<span class="muted">read 3 s ago</span>`))},
			})),
			with(ui.Alert(ui.AlertProps{Kind: ui.AlertAsk}), markup(`<p>They <b>can’t sign in to Symphony</b> any more. Their chats are kept. It can be undone: enable them again from here.</p>`)),
			ui.Field(ui.FieldProps{Name: "reason", Kind: ui.FieldTextarea, Label: "Reason", Hint: "Kept with your name in the record.", Rows: 2}),
			ui.Field(ui.FieldProps{Name: "ticket", Label: "Ticket", Optional: true, Short: true}),
			with(markupAround(`<div class="row">`, `</div>`),
				ui.Button(ui.ButtonProps{Label: "Keep active", Href: "/u", Variant: ui.ButtonPrimary, Focus: true}),
				ui.Button(ui.ButtonProps{Label: "Disable in PROD", Variant: ui.ButtonDanger, Name: "active", Value: "false"}))),
	)
}

func states() templ.Component {
	return templ.Join(
		ui.Head(ui.HeadProps{Title: "States, side by side"}),
		with(markupAround(`<div class="halves">`, `</div>`),
			with(ui.Card(ui.CardProps{Flush: true}), ui.Empty(ui.EmptyProps{Kind: ui.EmptyNothing, Title: "No companies yet", Text: "Sponsor the first one: its people can be added about 20 minutes later.", Action: &ui.ButtonProps{Label: "New company", Href: "/n", Variant: ui.ButtonPrimary}})),
			with(ui.Card(ui.CardProps{Flush: true}), ui.Empty(ui.EmptyProps{Kind: ui.EmptyNoMatch, Title: "Nobody matches “" + hostile + "”", Text: "37 people are in this company.", Action: &ui.ButtonProps{Label: "Clear the search", Href: "/c"}})),
			with(ui.Card(ui.CardProps{Flush: true}), ui.Empty(ui.EmptyProps{Kind: ui.EmptyFailed, Title: "Symphony could not be read", Text: "It did not answer in 15 s. Nothing was changed.", Reference: "7F3K-22QD", Action: &ui.ButtonProps{Label: "Try again", Href: "/c", Icon: ui.IconRefresh}})),
			with(ui.Card(ui.CardProps{Flush: true}), ui.Empty(ui.EmptyProps{Kind: ui.EmptyNotLoaded, Title: "We don’t know yet", Text: "The request to disable Adele Vance was sent, and its answer was lost. We are asking Symphony for the truth; this page will say."}))),
		with(ui.Card(ui.CardProps{Title: "Import of 87 people", Aside: "you can close this page"}), with(markupAround(`<div class="stack">`, `</div>`),
			ui.Progress(ui.ProgressProps{Label: "Import of 87 people", Value: 60, Max: 87, Words: "60 of 87 people, 3 of 5 calls. Symphony asked us to wait 12 s."}),
			with(ui.Alert(ui.AlertProps{Kind: ui.AlertAsk, Live: true}), markup(`<p><b>38 created · 2 already there · 3 not created</b> (so far)</p>`)))),
		with(ui.Alert(ui.AlertProps{Kind: ui.AlertBad, Title: "Symphony refused the request"}),
			markup(`<p>The token’s partner may not do this. Nothing was changed.</p>`),
			ui.Details(ui.DetailsProps{Title: "Forbidden", Detail: hostile, Code: "40103", HTTPStatus: 403, TraceID: "KUfkYm", Endpoint: "PATCH /api/v2/users/695734946108125", Time: now, Reference: "7F3K-22QD", Open: true})),
		with(ui.Alert(ui.AlertProps{Kind: ui.AlertInfo, Title: "Information"}), markup(`<p>Some <a href="/x">words</a>.</p>`)),
		with(ui.Card(ui.CardProps{Title: "Check your answers"}), ui.Summary([]ui.KeyValueItem{
			{Key: "Company name", Value: hostile, ChangeHref: "#a"},
			{Key: "Vanity name", Value: "lyondell-fx", Code: true, ChangeHref: "#b"},
			{Key: "Domains", Value: "a.example\nb.example", ChangeHref: "#c"},
			{Key: "Ticket", ChangeHref: "#d"},
		})),
	)
}

func parts() templ.Component {
	var all []templ.Component
	for _, kind := range []ui.StatusKind{ui.StatusActive, ui.StatusDisabled, ui.StatusUnknown, ui.StatusReady, ui.StatusBuilding, ui.StatusFailed, ui.StatusWaiting, ui.StatusPartial} {
		all = append(all, ui.Status(ui.StatusProps{Kind: kind}), markup(" "))
	}
	all = append(all, ui.Status(ui.StatusProps{Kind: ui.StatusUnrecognised, Word: "TENANT_MIGRATING"}))
	return templ.Join(
		ui.Head(ui.HeadProps{Title: "Parts"}),
		with(ui.Card(ui.CardProps{Title: "Statuses"}), with(markupAround(`<div class="row">`, `</div>`), all...)),
		with(ui.Card(ui.CardProps{Title: "Buttons"}), with(markupAround(`<div class="row">`, `</div>`),
			ui.Button(ui.ButtonProps{Label: "Primary", Variant: ui.ButtonPrimary}), ui.Button(ui.ButtonProps{Label: "Secondary"}),
			ui.Button(ui.ButtonProps{Label: "Danger", Variant: ui.ButtonDanger}), ui.Button(ui.ButtonProps{Label: "Small", Small: true, Icon: ui.IconAdd}),
			ui.CopyButton(ui.CopyProps{Text: hostile, What: "name"}),
			ui.Button(ui.ButtonProps{Label: "Add people", Forbidden: "The company isn’t ready yet."}))),
		with(ui.Card(ui.CardProps{Title: "Words"}), with(markupAround(`<div class="row">`, `</div>`),
			ui.Badge("auditor"), ui.Clip("A very long department name that does not fit into the column it was put in"), ui.Code("695734946108125"),
			ui.Time(ui.TimeProps{At: now.Add(-2 * time.Hour), Now: now}), ui.Time(ui.TimeProps{}),
			ui.Icon(ui.IconExternal), markup("<kbd>?</kbd>"))),
		ui.Empty(ui.EmptyProps{Kind: ui.EmptyNothing, Title: "Nothing"}),
		ui.Pager(ui.NewPager("/c", nil, 1, 20, 0, nil)),
	)
}
