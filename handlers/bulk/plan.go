package bulk

import (
	"cmp"
	"slices"
	"time"

	"foyer/auth"
	"foyer/handlers/wording"
	"foyer/portal"
	"foyer/portal/bulk"
	"foyer/views"
	pages "foyer/views/bulk"
	"foyer/views/ui"
)

// planLines are what will happen, a line for each thing and the number of rows: what is
// done first, then what is left as it is, then what is left out.
func (h *Handlers) planLines(change bulk.Change, a auth.Actor) []pages.PlanLine {
	var lines []pages.PlanLine
	first := newCompany(change)
	if first {
		lines = append(lines, pages.PlanLine{
			Status: wording.BulkRowStatus(bulk.Created, bulk.Nothing), Words: "Create the company " + change.NewCompany.Name, Rows: "1 company",
			How: change.NewCompany.VanityName + " · " + wording.Domains(change.NewCompany.EmailDomains) + " · 1 call, then Symphony builds it",
		})
	}
	for _, planned := range []struct {
		action bulk.Action
		calls  int
	}{
		{bulk.ToAdd, (change.Sums.To(bulk.ToAdd) + portal.MaxPeople - 1) / portal.MaxPeople},
		{bulk.ToAllow, change.Sums.To(bulk.ToAllow)},
		{bulk.ToBar, change.Sums.To(bulk.ToBar)},
	} {
		n := change.Sums.To(planned.action)
		if n == 0 {
			continue
		}
		line := pages.PlanLine{
			Status: wording.BulkRowStatus(doneBy(planned.action), bulk.Nothing), Words: planWords(planned.action), Rows: ui.Count(n, "person", "people"),
			Href: views.BulkRowsOf(change.ID, showOf(bulk.Sum{State: bulk.Planned, Action: planned.action}), 0),
			How:  ui.Count(planned.calls, "call", "calls") + ", " + aboutHowLong(planned.calls),
		}
		if first {
			line.How = ui.Count(planned.calls, "call", "calls") + ", as soon as the company is ready"
		}
		if planned.action == bulk.ToAllow && change.EnableDisabled && change.Kind != bulk.Enable {
			line.Control = h.enableDisabled(change, a, "false", "Leave them disabled")
		}
		lines = append(lines, line)
	}
	rest := slices.DeleteFunc(slices.Clone(change.Sums), func(s bulk.Sum) bool { return s.State == bulk.Planned || s.N == 0 })
	slices.SortFunc(rest, func(x, y bulk.Sum) int {
		return cmp.Or(cmp.Compare(planPlace(x), planPlace(y)), cmp.Compare(y.N, x.N), cmp.Compare(x.Code, y.Code))
	})
	for _, sum := range rest {
		lines = append(lines, h.restLine(change, sum, a))
	}
	return lines
}

// newCompany says whether the company is created before its people are.
func newCompany(c bulk.Change) bool { return c.Kind == bulk.Onboard && c.Company.ID == "" }

// planPlace puts who is there before what is left out.
func planPlace(s bulk.Sum) int {
	if s.State == bulk.AlreadyThere {
		return 0
	}
	return 1
}

// restLine is the line of rows for which nothing is done.
func (h *Handlers) restLine(change bulk.Change, sum bulk.Sum, a auth.Actor) pages.PlanLine {
	line := pages.PlanLine{
		Words: wording.BulkLine(sum.State, sum.Code), Rows: ui.Count(sum.N, "row", "rows"), Href: views.BulkRowsOf(change.ID, showOf(sum), 0),
		Status: wording.BulkRowStatus(sum.State, sum.Action), How: "nothing is sent",
	}
	ofStatus := change.Kind == bulk.Disable || change.Kind == bulk.Enable
	switch {
	case sum.State == bulk.AlreadyThere:
		line.Rows = ui.Count(sum.N, "person", "people")
		switch {
		case ofStatus && sum.Code == bulk.IsDisabled:
			line.Words = "Disabled already"
		case ofStatus && sum.Code == bulk.IsActive:
			line.Words = "Active already"
		case sum.Code == bulk.IsDisabled:
			line.Status = ui.StatusProps{Kind: ui.StatusDisabled}
			line.How, line.Control = "nothing is sent unless you say so", h.enableDisabled(change, a, "true", "Enable them too")
		case sum.Code == bulk.StatusUnknown:
			line.Status = ui.StatusProps{Kind: ui.StatusUnknown}
		}
	case sum.Code == bulk.NotTicked:
		line.Rows, line.How = ui.Count(sum.N, "person", "people"), "nothing is done to them unless you tick them"
	case sum.Code == bulk.Elsewhere:
		line.Status, line.How = ui.StatusProps{Kind: ui.StatusFailed}, "ask their Symphony administrator"
	case slices.Contains(toMend, sum.Code):
		line.Status = ui.StatusProps{Kind: ui.StatusFailed}
	}
	return line
}

// enableDisabled is the form that says whether people of the list who are disabled are
// enabled; nil where nobody may say so now.
func (h *Handlers) enableDisabled(change bulk.Change, a auth.Actor, enable, label string) *pages.Control {
	if !canEdit(a, change) || change.State != bulk.Draft {
		return nil
	}
	control := h.control(change, a, "disabled", label, ui.ButtonSecondary)
	control.Fields = append(control.Fields, ui.Parameter{Name: "enable", Value: enable})
	control.ID = "disabled-" + enable + "-form"
	control.Inline = true
	return &control
}

func planWords(a bulk.Action) string {
	switch a {
	case bulk.ToAdd:
		return "Create"
	case bulk.ToAllow:
		return "Enable"
	case bulk.ToBar:
		return "Disable"
	case bulk.Nothing:
	}
	return string(a)
}

// doneBy is the state in which an action ends when it is done.
func doneBy(a bulk.Action) bulk.RowState {
	switch a {
	case bulk.ToAllow:
		return bulk.Enabled
	case bulk.ToBar:
		return bulk.Disabled
	case bulk.ToAdd, bulk.Nothing:
	}
	return bulk.Created
}

// callsASecond is how many calls Foyer is expected to make in a second: several at once,
// of which each takes about as long.
const callsASecond = 4

// aboutHowLong says how long calls are expected to take.
func aboutHowLong(calls int) string {
	return about(time.Duration(calls) * time.Second / callsASecond)
}

// about is a duration as people say it who don't know it exactly.
func about(d time.Duration) string {
	switch minutes := int((d + time.Minute - 1) / time.Minute); {
	case minutes <= 1:
		return "less than a minute"
	case minutes < 120:
		return "about " + ui.Number(minutes) + " min"
	default:
		return "about " + ui.Number((minutes+59)/60) + " h"
	}
}
