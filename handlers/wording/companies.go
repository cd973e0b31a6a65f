package wording

import (
	"cmp"
	"strings"
	"time"

	"foyer/address"
	"foyer/auth"
	"foyer/portal/directory"
	"foyer/sapi"
	"foyer/views"
	"foyer/views/ui"
)

// withoutScheme writes a public URL as people read it.
func withoutScheme(raw string) string {
	return strings.TrimSuffix(strings.TrimPrefix(raw, "https://"), "/")
}

// CompanyRow maps a company to its row in lists.
func CompanyRow(r directory.CompanyRecord, now time.Time, overdue bool) views.CompanyRow {
	row := views.CompanyRow{
		Href: views.CompanyPath(r.ID), Name: r.Name, Alias: r.Notes.Alias, Tags: Tags(r.Notes.Tags), Address: withoutScheme(r.PublicURL),
		AllDomains: Domains(r.EmailDomains), State: CompanyStatus(r, overdue, now), ChangedAt: r.UpdatedAt,
	}
	if len(r.EmailDomains) > 0 {
		row.Domain = address.Shown(r.EmailDomains[0])
	}
	if more := len(r.EmailDomains) - 1; more > 0 {
		row.MoreDomains = "+" + ui.Number(more)
	}
	switch {
	case !r.PeopleReadAt.IsZero():
		row.People = ui.Number(int(r.People))
	case r.State.Ready():
		row.Uncounted = "not counted yet"
	default:
		row.Uncounted = "nobody before it is ready"
	}
	return row
}

// CompanyStatus maps how far a company is to its badge. A state that Foyer
// doesn't know is shown as Symphony wrote it, and never taken for ready.
func CompanyStatus(r directory.CompanyRecord, overdue bool, now time.Time) ui.StatusProps {
	switch {
	case r.State.Ready():
		return ui.StatusProps{Kind: ui.StatusReady}
	case overdue:
		return ui.StatusProps{Kind: ui.StatusWaiting, Word: "Overdue" + since(r.CreatedAt, now)}
	case r.State.Building():
		return ui.StatusProps{Kind: ui.StatusBuilding, Word: "Being built" + since(r.CreatedAt, now)}
	case r.State.Failed():
		return ui.StatusProps{Kind: ui.StatusFailed, Word: "Failed: " + failedStep(r.State)}
	case r.State == "":
		return ui.StatusProps{Kind: ui.StatusUnrecognised, Word: "State not told"}
	}
	return ui.StatusProps{Kind: ui.StatusUnrecognised, Word: string(r.State)}
}

// since says how long something has taken; nothing while that isn't known.
func since(began, now time.Time) string {
	if began.IsZero() {
		return ""
	}
	return ", " + Briefly(now.Sub(began))
}

// Briefly writes a duration in its largest unit: "6 min", "3 h".
func Briefly(d time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "min"}} {
		if n := int(d / u.unit); n > 0 {
			return ui.Number(n) + " " + u.name
		}
	}
	return ui.Elapsed(d)
}

// failedStep names what Symphony could not do.
func failedStep(s sapi.CompanyState) string {
	switch s {
	case sapi.StateTenantCreationError:
		return "tenant"
	case sapi.StateAuth0ConfigError:
		return "sign-in"
	case sapi.StateTenantConfigError:
		return "configuration"
	case sapi.StateStarted, sapi.StateTenantCreated, sapi.StateCompleted:
	}
	return string(s)
}

// FailureTitle says in a sentence what Symphony could not do.
func FailureTitle(s sapi.CompanyState) string {
	switch s {
	case sapi.StateTenantCreationError:
		return "Failed: the tenant could not be created"
	case sapi.StateAuth0ConfigError:
		return "Failed: the tenant’s sign-in could not be set up"
	case sapi.StateTenantConfigError:
		return "Failed: the tenant could not be configured"
	case sapi.StateStarted, sapi.StateTenantCreated, sapi.StateCompleted:
	}
	return "Failed: " + string(s)
}

// Domains writes domains in a row.
func Domains(domains []string) string {
	shown := make([]string, len(domains))
	for i, domain := range domains {
		shown[i] = address.Shown(domain)
	}
	return strings.Join(shown, ", ")
}

// BuildTime writes how long Symphony says that building a company takes, and how long
// the stand-in takes here, if there is one.
func BuildTime(usual, standIn time.Duration) string {
	words := Usually(usual)
	if standIn > 0 && standIn != usual {
		words += " (" + Usually(standIn) + " here in the sandbox)"
	}
	return words
}

// Usually writes how long Symphony says that it takes: "20 minutes".
func Usually(d time.Duration) string {
	if d < time.Minute {
		return ui.Count(int(d/time.Second), "second", "seconds")
	}
	return ui.Count(int(d/time.Minute), "minute", "minutes")
}

// WhyClosed says why a company can't take people or domains; empty when it can.
func WhyClosed(s sapi.CompanyState) string {
	switch {
	case s.Ready():
		return ""
	case s.Building():
		return "Once Symphony has built the company."
	case s.Failed():
		return "Symphony could not build the company."
	}
	return "Foyer doesn’t know the state that Symphony reports."
}

// NoPeopleYet says why a company has no people yet.
func NoPeopleYet(r directory.CompanyRecord) string {
	switch {
	case r.State.Building():
		return "Symphony is still building it. People can be seen and added once it is ready."
	case r.State.Failed():
		return "Symphony could not build it, so it can have no people. The company’s page has what to tell Symphony."
	}
	return "Symphony reports the state " + string(r.State) + ", which Foyer doesn’t know. People can be seen and added once it is ready."
}

// AddPeople is the button that leads to the form that adds people to a company, or why it
// can't be used.
func AddPeople(r directory.CompanyRecord, a auth.Actor) ui.ButtonProps {
	return ui.ButtonProps{
		Label: "Add people", Variant: ui.ButtonPrimary, Icon: ui.IconAdd,
		Href: views.NewPeoplePath(r.ID), Forbidden: cmp.Or(Forbidden(a, auth.Onboard), WhyClosed(r.State)),
	}
}
