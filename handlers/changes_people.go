package handlers

import (
	"cmp"
	"slices"

	"foyer/auth"
	"foyer/portal"
	"foyer/sapi"
	"foyer/views"
	"foyer/views/ui"
)

// resultOrder puts what needs somebody first.
var resultOrder = []sapi.ItemOutcome{sapi.ItemRefused, sapi.ItemUnknown, "", sapi.ItemExists, sapi.ItemCreated}

// personResults are what became of each person of a change, failures first.
func personResults(c portal.Change) []views.PersonResult {
	rows := slices.Clone(c.People)
	slices.SortStableFunc(rows, func(a, b portal.PersonRow) int {
		return slices.Index(resultOrder, a.Outcome) - slices.Index(resultOrder, b.Outcome)
	})
	results := make([]views.PersonResult, len(rows))
	for i, row := range rows {
		results[i] = personResult(c, row)
	}
	return results
}

func personResult(c portal.Change, row portal.PersonRow) views.PersonResult {
	r := views.PersonResult{Name: newUserName(row.NewUser), Email: row.Email, Details: problemDetails(row.Problem)}
	switch row.Outcome {
	case sapi.ItemCreated:
		r.Status = ui.StatusProps{Kind: ui.StatusReady, Word: "Created"}
	case sapi.ItemExists:
		r.Status = ui.StatusProps{Kind: ui.StatusPartial, Word: "Already there"}
		r.Reason = "Somebody on Symphony has this e-mail address already, in this company or another."
		r.Href, r.HrefWords = views.FindPath(row.Email), "Find"
	case sapi.ItemRefused:
		r.Status = ui.StatusProps{Kind: ui.StatusFailed, Word: "Refused"}
		r.Reason = whyNotCreated(row.Problem)
	case sapi.ItemUnknown:
		r.Status = ui.StatusProps{Kind: ui.StatusUnknown, Word: "Being checked"}
		r.Reason = "Symphony’s answer is missing."
	default:
		r.Status = ui.StatusProps{Kind: ui.StatusWaiting, Word: "Being sent"}
		if c.State == portal.ChangeRefused {
			r.Status = ui.StatusProps{Kind: ui.StatusFailed, Word: "Not created"}
		}
	}
	if row.UserID != "" {
		r.Href, r.HrefWords = views.UserPath(c.Company.ID, row.UserID), "Open"
	}
	return r
}

// whyNotCreated puts Symphony's code for one person in words; where Foyer has
// none, Symphony's own stand.
func whyNotCreated(p *portal.Problem) string {
	switch {
	case p == nil:
		return "Symphony gave no reason."
	case p.Code == string(sapi.CodeEmailNotAllowed):
		return "The e-mail’s domain is not one of the company’s."
	case p.Code == string(sapi.CodeEmailTaken):
		return "Somebody on Symphony has this e-mail address already."
	case p.Detail != "":
		return p.Detail
	}
	return cmp.Or(p.Title, "Symphony gave no reason.")
}

// newUserName is how a person to be created is called.
func newUserName(u sapi.NewUser) string {
	return displayName(sapi.User{DisplayName: u.DisplayName, FirstName: u.FirstName, LastName: u.LastName, Email: u.Email})
}

// peopleAgain offers the form again, with those who were not created for a
// reason that can be mended; nil when there are none.
func peopleAgain(c portal.Change, a auth.Actor) *views.PeopleAgain {
	var people []sapi.NewUser
	for _, row := range c.People {
		if row.Outcome == sapi.ItemRefused || c.State == portal.ChangeRefused {
			people = append(people, row.NewUser)
		}
	}
	if len(people) == 0 {
		return nil
	}
	return &views.PeopleAgain{
		Path:   views.CheckPeoplePath(c.Company.ID),
		Fields: append(peopleFields(people), ui.Parameter{Name: asksToChange, Value: "users.0.email"}),
		Button: ui.ButtonProps{Label: "Try the refused again", Forbidden: forbidden(a, auth.Onboard)},
	}
}
