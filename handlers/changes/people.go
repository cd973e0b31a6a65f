package changes

import (
	"cmp"
	"slices"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/users"
	"foyer/handlers/wording"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/sapi"
	"foyer/views"
	pages "foyer/views/changes"
	"foyer/views/ui"
)

// resultOrder puts what needs somebody first.
var resultOrder = []sapi.ItemOutcome{sapi.ItemRefused, sapi.ItemUnknown, "", sapi.ItemExists, sapi.ItemCreated}

// personResults are what became of each person of a change, failures first.
func personResults(c change.Change) []pages.PersonResult {
	rows := slices.Concat(c.People, c.Others)
	slices.SortStableFunc(rows, func(a, b change.Row) int {
		return slices.Index(resultOrder, a.Outcome) - slices.Index(resultOrder, b.Outcome)
	})
	results := make([]pages.PersonResult, len(rows))
	for i, row := range rows {
		results[i] = personResult(c, row)
	}
	return results
}

func personResult(c change.Change, row change.Row) pages.PersonResult {
	r := pages.PersonResult{Name: portal.NewUserName(row.NewUser), Email: row.Email, Details: wording.ProblemDetails(row.Problem)}
	switch row.Outcome {
	case sapi.ItemCreated:
		r.Status = ui.StatusProps{Kind: ui.StatusReady, Word: "Created"}
	case sapi.ItemExists:
		r.Status = ui.StatusProps{Kind: ui.StatusPartial, Word: "Already there"}
		r.Reason = "Somebody on Symphony has this e-mail address already, in this company or another."
		r.Href, r.HrefWords = views.PrecheckOfPath(row.Email), "See where"
	case sapi.ItemRefused:
		r.Status = ui.StatusProps{Kind: ui.StatusFailed, Word: "Refused"}
		if row.Problem == nil {
			r.Status.Word = "Not created" // nobody refused what never came to Symphony
		}
		r.Reason = whyNotCreated(row.Problem)
	case sapi.ItemUnknown:
		r.Status = ui.StatusProps{Kind: ui.StatusUnknown, Word: "Being checked"}
		r.Reason = "Symphony’s answer is missing."
	default:
		r.Status = ui.StatusProps{Kind: ui.StatusWaiting, Word: "Being sent"}
		if c.State.Settled() {
			r.Status = ui.StatusProps{Kind: ui.StatusFailed, Word: "Not created"}
		}
	}
	if row.UserID != "" {
		r.Href, r.HrefWords = views.UserPath(c.Company.ID, row.UserID), "Open"
	}
	return r
}

// whyNotCreated says why one person was not created.
func whyNotCreated(p *portal.Problem) string {
	if p == nil {
		return "Symphony doesn’t show this person in the company."
	}
	return wording.RefusalWords(sapi.Code(p.Code), cmp.Or(p.Detail, p.Title))
}

// peopleAgain offers the form again, with those who were not created for a
// reason that can be mended; nil when there are none.
func peopleAgain(c change.Change, a auth.Actor) *pages.FormAgain {
	var people []sapi.NewUser
	for _, row := range c.People {
		if row.Outcome == sapi.ItemRefused || row.Outcome == "" {
			people = append(people, row.NewUser)
		}
	}
	if len(people) == 0 {
		return nil
	}
	return &pages.FormAgain{
		Path:   views.CheckPeoplePath(c.Company.ID),
		Fields: append(users.FormFields(people), ui.Parameter{Name: kit.AsksToChange, Value: "users.0.email"}),
		Button: ui.ButtonProps{Label: "Try those not created again", Forbidden: wording.Forbidden(a, auth.Onboard)},
	}
}
