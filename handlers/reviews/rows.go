package reviews

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/portal/directory"
	"foyer/portal/review"
	"foyer/sapi"
	"foyer/views"
	pages "foyer/views/reviews"
	"foyer/views/ui"
)

func reviewFacts(r review.Review) []ui.KeyValueItem {
	facts := []ui.KeyValueItem{
		{Key: "Due", Value: r.Due.Format(time.DateOnly)},
		{Key: "Who confirms", Value: r.Confirms},
		{Key: "Started", Content: pages.Doing(r.StartedBy.Name, r.StartedAt)},
	}
	if r.State() == review.Finished {
		facts = append(facts, ui.KeyValueItem{Key: "Finished", Content: pages.Doing(r.FinishedBy.Name, r.FinishedAt)})
	}
	if !r.OpenedAt.IsZero() {
		facts = append(facts, ui.KeyValueItem{Key: "Access as of", Value: ui.UTC(r.OpenedAt)})
	}
	return facts
}

func reviewTotals(c review.Counts) []ui.KeyValueItem {
	return []ui.KeyValueItem{
		{Key: "People", Value: ui.Number(c.People())},
		{Key: "Keep", Value: ui.Number(c.Keep)},
		{Key: "Disable", Value: ui.Number(c.Disable)},
		{Key: "Ask", Value: ui.Number(c.Ask)},
	}
}

func reviewPreparing(r review.Review) *pages.Preparing {
	p := pages.Preparing{
		Progress: ui.ProgressProps{Label: "Reading people and statuses", Value: r.Counts.Checked, Max: r.Counts.Listed},
		Problem:  wording.ReviewWaits(r.Waits),
	}
	if r.State() == review.Preparing {
		p.PollPath = views.ReviewProgressPath(r.ID)
	}
	if r.ListedAt.IsZero() {
		p.Progress.Words = "Reading the list of people"
	} else {
		p.Progress.Words = fmt.Sprintf("Read the status of %s of %s", ui.Number(r.Counts.Checked), ui.Count(r.Counts.Listed, "person", "people"))
	}
	return &p
}

func reviewProgress(r review.Review) pages.Progress {
	return pages.Progress{Bar: ui.ProgressProps{
		Label: "Reviewed", Value: r.Counts.Decided(), Max: r.Counts.People(),
		Words: "Reviewed " + ui.Number(r.Counts.Decided()) + " of " + ui.Number(r.Counts.People()),
	}}
}

// filterWords are the filters as people read them.
var filterWords = map[review.Filter]string{
	review.ShowAll: "All", review.ShowUndecided: "Undecided", review.ShowKeep: "Keep", review.ShowDisable: "Disable", review.ShowAsk: "Ask",
}

func reviewSegments(r review.Review, show review.Filter) ui.SegmentedProps {
	s := ui.SegmentedProps{Label: "Decision"}
	for _, filter := range review.Filters {
		if filter == review.ShowUndecided && r.State() == review.Finished {
			continue
		}
		s.Segments = append(s.Segments, ui.Segment{
			Label: filterWords[filter], Count: ui.Number(r.Counts.Count(filter)),
			Href: views.ReviewPageOf(r.ID, string(filter), 1), Current: filter == show,
		})
	}
	return s
}

func showQuery(show review.Filter) url.Values {
	if show == review.ShowAll {
		return nil
	}
	return url.Values{"show": {string(show)}}
}

func reviewPersonRow(r review.Review, show review.Filter, row review.Row, a auth.Actor, now time.Time) pages.PersonRow {
	view := pages.PersonRow{
		Name: row.Name, Email: row.Email, Href: views.UserPath(r.Company.ID, row.UserID), Title: row.Title, Department: row.Department,
		Created: wording.DateOf(row.CreatedAt), Status: ui.StatusProps{Kind: wording.StatusKind(row.Status)}, StatusAt: row.StatusAt, Now: now,
		Decision: decisionCell(r, show, row.Person, now),
	}
	if row.StatusAt.IsZero() {
		view.StatusWhy = "Symphony didn’t say"
	}
	if r.State() == review.Finished && row.Last().Decision == review.DisableAccess {
		view.Outcome = reviewOutcome(r, row, a, now)
	}
	return view
}

func decisionCell(r review.Review, show review.Filter, person review.Person, now time.Time) pages.DecisionCell {
	last := person.Last()
	cell := pages.DecisionCell{
		UserID: person.UserID, Name: person.Name, Chosen: string(last.Decision), Seen: string(last.Decision),
		Word: wording.DecisionWords[last.Decision], By: last.By.Name, At: last.At, Now: now, Earlier: earlierDecisions(person),
	}
	if r.Over() {
		cell.Absolute = true
	} else {
		cell.Path = views.DecisionPath(r.ID, person.UserID, string(show))
	}
	return cell
}

// earlierDecisions says what was decided before the decision that counts.
func earlierDecisions(person review.Person) string {
	if len(person.Decisions) < 2 {
		return ""
	}
	var words []string
	for _, d := range person.Decisions[:len(person.Decisions)-1] {
		words = append(words, strings.ToLower(wording.DecisionWords[d.Decision])+" by "+d.By.Name+", "+ui.UTC(d.At))
	}
	return "before: " + strings.Join(words, "; ")
}

// reviewOutcome is what became of a person to be disabled, and the way to do it.
func reviewOutcome(r review.Review, row review.Row, a auth.Actor, now time.Time) *pages.Outcome {
	known := directory.UserRecord{CompanyID: r.Company.ID, StatusAt: row.NowAt}
	known.ID, known.Status = row.UserID, row.Now
	o := &pages.Outcome{Status: wording.StatusCell(known, now)}
	if now.Sub(row.NowAt) > wording.StatusFresh {
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
		Forbidden: wording.Forbidden(a, auth.ChangeStatus),
	}
	return o
}

// pageOfForm is the page of the list that a form was sent from.
func pageOfForm(form url.Values) int {
	page, err := strconv.Atoi(form.Get("page"))
	if err != nil || page < 1 || page > kit.MaxPage {
		return 1
	}
	return page
}

// showOfForm is which of the people the list showed that a form was sent from.
func showOfForm(form url.Values) review.Filter {
	show, err := reviewFilter(form.Get("show"))
	if err != nil {
		return review.ShowAll
	}
	return show
}
