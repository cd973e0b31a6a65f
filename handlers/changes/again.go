package changes

import (
	"strings"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/portal/change"
	"foyer/views"
	pages "foyer/views/changes"
	"foyer/views/ui"
)

// formAgain offers the form of a settled change again, filled with what was not done; nil
// where there is nothing of that. A status is asked for on the person's own page.
func formAgain(c change.Change, a auth.Actor) *pages.FormAgain {
	if c.Kind == change.CreateUsers {
		return peopleAgain(c, a)
	}
	if c.State == change.Done || c.State == change.Abandoned {
		return nil
	}
	again := pages.FormAgain{Button: ui.ButtonProps{Label: "Try again", Forbidden: wording.Forbidden(a, auth.Onboard)}}
	switch c.Kind {
	case change.CreateCompany:
		again.Path = views.CheckCompanyPath
		again.Fields = []ui.Parameter{
			{Name: "name", Value: c.NewCompany.Name},
			{Name: "vanityName", Value: c.NewCompany.VanityName},
			{Name: "emailDomains", Value: strings.Join(c.NewCompany.EmailDomains, "\n")},
			{Name: kit.AsksToChange, Value: "name"},
		}
	case change.AddDomains:
		again.Path = views.CheckDomainsPath(c.Company.ID)
		again.Fields = []ui.Parameter{{Name: "emailDomains", Value: strings.Join(c.Domains, "\n")}, {Name: kit.AsksToChange, Value: "emailDomains"}}
	default:
		return nil
	}
	return &again
}
