package companies

import (
	"regexp"
	"strings"
	"time"

	"foyer/handlers/wording"
	"foyer/portal/directory"
	"foyer/views/ui"
)

var traceIDPattern = regexp.MustCompile(`(?i)trace-?id\W{0,5}([0-9a-z][0-9a-z_-]{2,63})`)

// traceIDOf finds the trace id in the words with which Symphony says that a
// company failed; empty when there is none.
func traceIDOf(errorMessage string) string {
	if found := traceIDPattern.FindStringSubmatch(errorMessage); found != nil {
		return found[1]
	}
	return ""
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
	line("Requested", wording.UTC(c.CreatedAt))
	line("State", string(c.State))
	line("First seen so", wording.UTC(c.StateSeenAt))
	line("Last read", wording.UTC(c.ReadAt))
	line("Error message", c.ErrorMessage)
	line("X-Trace-Id", traceIDOf(c.ErrorMessage))
	if c.State.Building() && !c.CreatedAt.IsZero() {
		line("Waiting for", ui.Elapsed(now.Sub(c.CreatedAt)))
	}
	b.WriteString("\n" + ask + "\n")
	return b.String()
}
