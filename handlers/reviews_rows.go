package handlers

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"foyer/auth"
	"foyer/portal"
	"foyer/sapi"
	"foyer/views"
	"foyer/views/ui"
)

// decisionWords are the decisions as people read them.
var decisionWords = map[portal.Decision]string{
	portal.KeepAccess: "Keep", portal.DisableAccess: "Disable", portal.AskAbout: "Ask",
}

func reviewFacts(r portal.Review) []ui.KeyValueItem {
	facts := []ui.KeyValueItem{
		{Key: "Due", Value: r.Due.Format(time.DateOnly)},
		{Key: "Who confirms", Value: r.Confirms},
		{Key: "Started", Content: views.Doing(r.StartedBy.Name, r.StartedAt)},
	}
	if r.State() == portal.ReviewFinished {
		facts = append(facts, ui.KeyValueItem{Key: "Finished", Content: views.Doing(r.FinishedBy.Name, r.FinishedAt)})
	}
	if !r.OpenedAt.IsZero() {
		facts = append(facts, ui.KeyValueItem{Key: "Access as of", Value: ui.UTC(r.OpenedAt)})
	}
	return facts
}

func reviewTotals(c portal.ReviewCounts) []ui.KeyValueItem {
	return []ui.KeyValueItem{
		{Key: "People", Value: ui.Number(c.People())},
		{Key: "Keep", Value: ui.Number(c.Keep)},
		{Key: "Disable", Value: ui.Number(c.Disable)},
		{Key: "Ask", Value: ui.Number(c.Ask)},
	}
}

func reviewPreparing(r portal.Review) *views.ReviewPreparing {
	p := views.ReviewPreparing{
		Progress: ui.ProgressProps{Label: "Reading people and statuses", Value: r.Counts.Checked, Max: r.Counts.Listed},
		Problem:  r.Note,
	}
	if r.State() == portal.ReviewPreparing {
		p.PollPath = views.ReviewProgressPath(r.ID)
	}
	if r.ListedAt.IsZero() {
		p.Progress.Words = "Reading the list of people"
	} else {
		p.Progress.Words = fmt.Sprintf("Read the status of %s of %s", ui.Number(r.Counts.Checked), ui.Count(r.Counts.Listed, "person", "people"))
	}
	return &p
}

func reviewProgress(r portal.Review) views.ReviewProgress {
	return views.ReviewProgress{Bar: ui.ProgressProps{
		Label: "Reviewed", Value: r.Counts.Decided(), Max: r.Counts.People(),
		Words: "Reviewed " + ui.Number(r.Counts.Decided()) + " of " + ui.Number(r.Counts.People()),
	}}
}

// filterWords are the filters as people read them.
var filterWords = map[portal.ReviewFilter]string{
	portal.ShowAll: "All", portal.ShowUndecided: "Undecided", portal.ShowKeep: "Keep", portal.ShowDisable: "Disable", portal.ShowAsk: "Ask",
}

func reviewSegments(r portal.Review, show portal.ReviewFilter) ui.SegmentedProps {
	s := ui.SegmentedProps{Label: "Decision"}
	for _, filter := range portal.ReviewFilters {
		if filter == portal.ShowUndecided && r.State() == portal.ReviewFinished {
			continue
		}
		s.Segments = append(s.Segments, ui.Segment{
			Label: filterWords[filter], Count: ui.Number(r.Counts.Count(filter)),
			Href: views.ReviewPageOf(r.ID, string(filter), 1), Current: filter == show,
		})
	}
	return s
}

func showQuery(show portal.ReviewFilter) url.Values {
	if show == portal.ShowAll {
		return nil
	}
	return url.Values{"show": {string(show)}}
}

func reviewPersonRow(r portal.Review, show portal.ReviewFilter, row portal.ReviewRow, a auth.Actor, now time.Time) views.ReviewPersonRow {
	view := views.ReviewPersonRow{
		Name: row.Name, Email: row.Email, Href: views.UserPath(r.Company.ID, row.UserID), Title: row.Title, Department: row.Department,
		Created: dateOf(row.CreatedAt), Status: ui.StatusProps{Kind: statusKind(row.Status)}, StatusAt: row.StatusAt, Now: now,
		Decision: decisionCell(r, show, row.ReviewPerson, now),
	}
	if row.StatusAt.IsZero() {
		view.StatusWhy = "Symphony didn’t say"
	}
	if r.State() == portal.ReviewFinished && row.Last().Decision == portal.DisableAccess {
		view.Outcome = reviewOutcome(r, row, a, now)
	}
	return view
}

func decisionCell(r portal.Review, show portal.ReviewFilter, person portal.ReviewPerson, now time.Time) views.DecisionCell {
	last := person.Last()
	cell := views.DecisionCell{
		UserID: person.UserID, Name: person.Name, Chosen: string(last.Decision), Seen: string(last.Decision),
		Word: decisionWords[last.Decision], By: last.By.Name, At: last.At, Now: now, Earlier: earlierDecisions(person),
	}
	if r.Over() {
		cell.Absolute = true
	} else {
		cell.Path = views.DecisionPath(r.ID, person.UserID, string(show))
	}
	return cell
}

// earlierDecisions says what was decided before the decision that counts.
func earlierDecisions(person portal.ReviewPerson) string {
	if len(person.Decisions) < 2 {
		return ""
	}
	var words []string
	for _, d := range person.Decisions[:len(person.Decisions)-1] {
		words = append(words, strings.ToLower(decisionWords[d.Decision])+" by "+d.By.Name+", "+ui.UTC(d.At))
	}
	return "before: " + strings.Join(words, "; ")
}

// reviewOutcome is what became of a person to be disabled, and the way to do it.
func reviewOutcome(r portal.Review, row portal.ReviewRow, a auth.Actor, now time.Time) *views.ReviewOutcome {
	known := portal.UserRecord{CompanyID: r.Company.ID, StatusAt: row.NowAt}
	known.ID, known.Status = row.UserID, row.Now
	o := &views.ReviewOutcome{Status: statusCell(known, now)}
	if now.Sub(row.NowAt) > statusFresh {
		o.Status.CheckHref = views.UserPath(r.Company.ID, row.UserID)
	}
	if row.DisabledBy != "" {
		o.By, o.At, o.ChangeHref = row.DisabledBy, row.DisabledAt, views.ChangePath(row.Change)
	}
	if row.Now == sapi.StatusDisabled {
		return o
	}
	o.Action = views.UserAction{
		ID: "review-action-" + row.UserID, Label: "Disable", Name: row.Name, Href: views.StatusForReviewPath(r.Company.ID, row.UserID, r.ID),
		Forbidden: forbidden(a, auth.ChangeStatus),
	}
	return o
}

// pageOfForm is the page of the list that a form was sent from.
func pageOfForm(form url.Values) int {
	page, err := strconv.Atoi(form.Get("page"))
	if err != nil || page < 1 || page > maxPage {
		return 1
	}
	return page
}

// showOfForm is which of the people the list showed that a form was sent from.
func showOfForm(form url.Values) portal.ReviewFilter {
	show, err := reviewFilter(form.Get("show"))
	if err != nil {
		return portal.ShowAll
	}
	return show
}
