package handlers

import (
	"regexp"
	"strings"
	"time"

	"foyer/portal/directory"
	"foyer/sapi"
	"foyer/views/ui"
)

// companyStatus maps how far a company is to its badge. A state that Foyer
// doesn't know is shown as Symphony wrote it, and never taken for ready.
func companyStatus(r directory.CompanyRecord, overdue bool, now time.Time) ui.StatusProps {
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
	return ", " + briefly(now.Sub(began))
}

// briefly writes a duration in its largest unit: "6 min", "3 h".
func briefly(d time.Duration) string {
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

// failureTitle says in a sentence what Symphony could not do.
func failureTitle(s sapi.CompanyState) string {
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

var traceIDPattern = regexp.MustCompile(`(?i)trace-?id\W{0,5}([0-9a-z][0-9a-z_-]{2,63})`)

// traceIDOf finds the trace id in the words with which Symphony says that a
// company failed; empty when there is none.
func traceIDOf(errorMessage string) string {
	if found := traceIDPattern.FindStringSubmatch(errorMessage); found != nil {
		return found[1]
	}
	return ""
}

// companySteps are the three steps from the request to a company that is ready.
func companySteps(c directory.Company, usual time.Duration, now time.Time) []ui.Step {
	requested := ui.Step{State: ui.StepDone, Title: "Requested", Text: "accepted by Symphony", Aside: moment(c.CreatedAt, now)}
	tenant := ui.Step{State: ui.StepNext, Title: "Tenant built"}
	ready := ui.Step{State: ui.StepNext, Title: "Ready for people", Text: "people can be added then"}
	soFar := "Symphony says about " + usually(usual) + "."
	if !c.CreatedAt.IsZero() {
		soFar = ui.Elapsed(now.Sub(c.CreatedAt)) + " so far. " + soFar
	}
	switch c.State {
	case sapi.StateStarted:
		tenant.State, tenant.Text = ui.StepNow, soFar
	case sapi.StateTenantCreated:
		tenant.State, tenant.Text, tenant.Aside = ui.StepDone, "", seen(c.StateSeenAt, now)
		ready.State, ready.Text = ui.StepNow, "Symphony is setting it up. "+soFar
	case sapi.StateTenantCreationError:
		tenant.State, tenant.Title, tenant.Text, tenant.Aside = ui.StepFailed, "Tenant not built", "Symphony gave up here", seen(c.StateSeenAt, now)
		ready.Text = ""
	case sapi.StateAuth0ConfigError, sapi.StateTenantConfigError:
		tenant.State = ui.StepDone
		ready.State, ready.Title, ready.Text, ready.Aside = ui.StepFailed, "Not ready for people", "Symphony gave up here", seen(c.StateSeenAt, now)
	case sapi.StateCompleted:
		tenant.State, ready.State, ready.Text, ready.Aside = ui.StepDone, ui.StepDone, "", seen(c.StateSeenAt, now)
	}
	return []ui.Step{requested, tenant, ready}
}

// moment is a time of day, with the date unless it was today.
func moment(at, now time.Time) string {
	switch {
	case at.IsZero():
		return ""
	case at.UTC().Truncate(24 * time.Hour).Equal(now.UTC().Truncate(24 * time.Hour)):
		return ui.Clock(at)
	}
	return at.UTC().Format("2006-01-02 15:04")
}

// seen says when Foyer first saw something, which is later than it happened.
func seen(at, now time.Time) string {
	if at.IsZero() {
		return ""
	}
	return "seen " + moment(at, now)
}

// usually writes how long Symphony says that it takes: "20 minutes".
func usually(d time.Duration) string {
	if d < time.Minute {
		return ui.Count(int(d/time.Second), "second", "seconds")
	}
	return ui.Count(int(d/time.Minute), "minute", "minutes")
}

// messageToSymphony is a message to Symphony's support about a company that
// failed or takes too long, ready to be sent.
func messageToSymphony(c directory.Company, environment string, now time.Time) string {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			b.WriteString(name + ": " + value + "\n")
		}
	}
	subject, ask := "A company could not be created", "Please tell us why, and whether we should ask for it again."
	if !c.State.Failed() {
		subject, ask = "A company is not ready yet", "Please tell us what it is waiting for, and when it will be ready."
	}
	line("Subject", subject+" ("+c.ID+")")
	b.WriteString("\nThis company, which we sponsor, was requested through the Sponsored Access API.\n\n")
	line("Company", c.Name)
	line("Company id", c.ID)
	line("Vanity name", c.VanityName)
	line("E-mail domains", strings.Join(c.EmailDomains, ", "))
	line("Environment", environment)
	line("Requested", utcOrNothing(c.CreatedAt))
	line("State", string(c.State))
	line("First seen so", utcOrNothing(c.StateSeenAt))
	line("Last read", utcOrNothing(c.ReadAt))
	line("Error message", c.ErrorMessage)
	line("X-Trace-Id", traceIDOf(c.ErrorMessage))
	if c.State.Building() && !c.CreatedAt.IsZero() {
		line("Waiting for", ui.Elapsed(now.Sub(c.CreatedAt)))
	}
	b.WriteString("\n" + ask + "\n")
	return b.String()
}

func utcOrNothing(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return ui.UTC(at)
}
