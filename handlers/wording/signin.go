package wording

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"foyer/portal"
	"foyer/portal/directory"
	"foyer/portal/signin"
	"foyer/sapi"
	"foyer/views/ui"
)

// SignInResult is the badge of a check.
func SignInResult(r signin.Result) ui.StatusProps {
	switch r {
	case signin.Fine:
		return ui.StatusProps{Kind: ui.StatusReady, Word: "Fine"}
	case signin.Why:
		return ui.StatusProps{Kind: ui.StatusFailed, Word: "This is why"}
	case signin.CantTell:
	}
	return ui.StatusProps{Kind: ui.StatusUnknown, Word: "Can’t tell"}
}

// SignInCause says to whoever looks why a person can't sign in, as far as Foyer can see,
// and what to do next.
func SignInCause(d signin.Diagnosis, f signin.Facts) (result signin.Result, words, next string) {
	result = signin.CantTell
	for _, c := range d.Checks {
		if c.Code == d.Cause {
			result = c.Result
		}
	}
	words, next = causeWords(d.Cause, f)
	return result, words, next
}

func causeWords(cause signin.Code, f signin.Facts) (words, next string) { //nolint:cyclop // a table
	switch cause { //nolint:exhaustive // the others keep nobody from signing in
	case signin.Disabled:
		return "Their account " + disabledWords(f) + ".", "Find out from whoever asked for it whether they are to be enabled again."
	case signin.CompanyFailed:
		return "Symphony could not build their company.", "Open the company: it has a message for Symphony."
	case signin.CompanyBuilding:
		return "Symphony is still building their company.", "Open the company to see how far it is."
	case signin.SearchElsewhere:
		return "Symphony finds their address on another company’s tenant, " + hostOf(f.Search.Said.TenantURL) + ".", "Ask them at which address they sign in. Which of the two accounts is to stay, that company’s administrator and Symphony can say."
	case signin.StatusChanging:
		return "A change of their status is not settled yet.", "Look again in a minute."
	case signin.WasDisabled:
		return "Their account was disabled when it was last read, and can’t be read just now.", "Look again in a moment, before anything is changed."
	case signin.WasActive:
		return "Their account was active when it was last read, and can’t be read just now.", "Look again in a moment."
	case signin.StatusUnknown:
		return "Whether their account is active can’t be read just now.", "Look again in a moment. If it stays, ask Symphony."
	case signin.CompanyOdd:
		return "Their company is in a state that Foyer doesn’t know: " + string(f.Company.State) + ".", "Ask Symphony what it means."
	case signin.CompanyUnread:
		return "Whether their company is ready can’t be read just now.", "Look again in a moment."
	case signin.DomainForeign:
		return "Their address is of no domain that their company has. That may be why.", "Compare the address with the one that they sign in with; a missing domain can be added to the company."
	case signin.LoginElsewhere:
		return "Symphony’s login service sends their address to " + f.Login.Said.Domain + ". That may be why.", "Have them begin at the company’s own address."
	case signin.SearchNobody:
		return "Symphony’s directory search doesn’t find their address. That may be why.", "Have them read out, letter by letter, the address that they sign in with."
	case signin.URLMissing:
		return "The address at which their company signs in is not known.", "Ask Symphony for it."
	case signin.NotAllAsked:
		return "Nothing that could be asked keeps them from signing in, but not everything could.", "Look again in a moment, and ask what Foyer can’t see: the last lines below."
	}
	return "Nothing that Foyer can see keeps them from signing in.", "Ask what Foyer can’t see: the last lines below."
}

// SignInSay is a sentence or two to say to whoever is on the phone. It has no reason that
// somebody gave: that is between them and whoever asked.
func SignInSay(d signin.Diagnosis, f signin.Facts) string { //nolint:cyclop // a table
	ours, theirs := hostOf(f.Company.PublicURL), ""
	if f.Search != nil {
		theirs = hostOf(f.Search.Said.TenantURL)
	}
	switch d.Cause { //nolint:exhaustive // the others keep nobody from signing in
	case signin.Disabled:
		words := "Your account " + disabledWords(f) + "; your chats are kept, and it can be enabled again."
		if ticket := f.Last.Asked.Ticket; ticket != "" && f.Last.Status == sapi.StatusDisabled && f.Last.By == directory.ByFoyer {
			words += " It was asked for in " + ticket + "."
		}
		return words
	case signin.CompanyFailed:
		return "Your company’s Symphony could not be set up, which is nothing that you did; we are asking Symphony."
	case signin.CompanyBuilding:
		return "Your company’s Symphony is still being set up; you can sign in as soon as it is ready."
	case signin.SearchElsewhere:
		return "Symphony knows your address on " + theirs + ", and the account that we look after is on " + ours + ". At which of the two do you sign in?"
	case signin.StatusChanging:
		return "Your account is being changed at this moment; I look again in a minute."
	case signin.WasDisabled:
		return "Your account was disabled when we last looked, at " + ui.UTC(f.User.StatusAt) + "; I can’t see just now whether it still is."
	case signin.WasActive:
		return "Your account was active when we last looked, at " + ui.UTC(f.User.StatusAt) + "; I can’t see just now whether it still is."
	case signin.StatusUnknown:
		return "I can’t see just now whether your account is active; I look again and come back to you."
	case signin.CompanyOdd:
		return "Your account is active, and your company’s Symphony is in a state that I don’t know; I ask Symphony."
	case signin.CompanyUnread:
		return "Your account is active; I can’t see just now whether your company’s Symphony is ready."
	case signin.DomainForeign:
		return "Your account is active, with the address " + f.User.Email + ", whose domain your company’s Symphony doesn’t have. Which address do you sign in with?"
	case signin.LoginElsewhere:
		return "Your account is active, but Symphony’s sign-in sends your address to " + f.Login.Said.Domain + ". Please begin at " + f.Company.PublicURL + " instead."
	case signin.SearchNobody:
		return "Your account is active, with the address " + f.User.Email + ". Is that, letter by letter, the one that you sign in with?"
	case signin.URLMissing:
		return "Your account is active; I have to find out at which address your company signs in."
	case signin.NotAllAsked:
		return "As far as I can see just now your account is active and your company is ready. " + tryWords(f)
	}
	return "Your account is active and your company is ready. " + tryWords(f)
}

// tryWords are what somebody can try for whom everything is fine.
func tryWords(f signin.Facts) string {
	return "Please sign in at " + f.Company.PublicURL + ", in Edge or Chrome, and tell me what it says."
}

// disabledWords say that an account is disabled and, as far as that is known, since when.
func disabledWords(f signin.Facts) string {
	switch last := f.Last; {
	case last.Status == sapi.StatusDisabled && last.By == directory.ByFoyer:
		return "has been disabled since " + ui.UTC(last.At)
	case last.Status == sapi.StatusDisabled:
		return "was disabled at some time " + between(last.Before, last.At)
	case f.Latest.Known.Status == sapi.StatusDisabled && f.Latest.From.Before(f.User.StatusAt):
		return "has been disabled at least since " + ui.UTC(f.Latest.From)
	}
	return "is disabled"
}

// between names the time from one instant to another, and a day that they share once.
func between(from, to time.Time) string {
	from, to = from.UTC(), to.UTC()
	if from.Format(time.DateOnly) == to.Format(time.DateOnly) {
		return "between " + ui.Clock(from) + " and " + ui.Clock(to) + " UTC on " + to.Format(time.DateOnly)
	}
	return "between " + ui.UTC(from) + " and " + ui.UTC(to)
}

// SignInSubject names what was checked.
func SignInSubject(s signin.Subject) string {
	switch s {
	case signin.Status:
		return "Status"
	case signin.LastChange:
		return "Last change"
	case signin.Company:
		return "Company"
	case signin.Domain:
		return "E-mail domain"
	case signin.PublicURL:
		return "Where to sign in"
	case signin.Login:
		return "Login service"
	case signin.Search:
		return "Directory search"
	case signin.Method:
		return "Way of signing in"
	case signin.Browser:
		return "Browser"
	}
	return string(s)
}

// SignInFinding says in a sentence what a check found.
func SignInFinding(c signin.Check, f signin.Facts) string { //nolint:cyclop // a table
	company := f.Company.Name
	switch c.Code {
	case signin.Active:
		return "Active."
	case signin.Disabled:
		return "It " + disabledWords(f) + "."
	case signin.StatusChanging:
		return "Being changed: how the last change of it ended is not known yet."
	case signin.WasActive, signin.WasDisabled:
		return "It was " + f.User.Status.String() + " when last read. " + unread(f.User.Stale)
	case signin.StatusUnknown:
		if f.User.Stale != nil {
			return "It was never read. " + unread(f.User.Stale)
		}
		return "Symphony didn’t say whether they are active."
	case signin.LastEnabled, signin.LastDisabled:
		return lastWords(f.Last)
	case signin.LastUnlike:
		return lastWords(f.Last) + " The status is another one now."
	case signin.NoLastChange:
		return "Foyer knows of no change of their status."
	case signin.CompanyReady:
		return company + " is ready."
	case signin.CompanyBuilding:
		return "Symphony is still building " + company + "."
	case signin.CompanyFailed:
		return strings.TrimSpace("Symphony could not build " + company + ". " + f.Company.ErrorMessage)
	case signin.CompanyOdd:
		return company + " is in a state that Foyer doesn’t know: " + portal.FirstSeen(string(f.Company.State), "none") + "."
	case signin.CompanyUnread:
		return unread(f.CompanyErr)
	case signin.DomainOurs:
		return company + " has the domain of " + f.User.Email + "."
	case signin.DomainForeign:
		return company + " doesn’t have the domain of " + portal.FirstSeen(f.User.Email, "their address, which is not known") + ". It has " + strings.Join(f.Company.EmailDomains, ", ") + "."
	case signin.DomainUnread:
		return "Not among the domains that " + company + " had when last read. " + unread(f.CompanyErr)
	case signin.URLKnown:
		return f.Company.PublicURL + " is the address to give them. Foyer doesn’t try whether it answers."
	case signin.URLMissing:
		return "Symphony gave no address for " + company + "."
	case signin.LoginHere:
		return "Sends " + f.User.Email + " to " + f.Login.Said.Domain + ", which is theirs."
	case signin.LoginElsewhere:
		return "Sends " + f.User.Email + " to " + f.Login.Said.Domain + ", which is not theirs. It answers for the address, or else for where most people of the domain are."
	case signin.LoginSomewhere:
		return "Sends " + f.User.Email + " to " + f.Login.Said.Domain + "."
	case signin.LoginNowhere:
		return "Doesn’t know " + f.User.Email + ". That proves nothing: some tenants are not listed."
	case signin.LoginUnasked:
		return unread(f.Login.Err)
	case signin.SearchHere:
		return "Finds " + f.User.Email + " on their own tenant."
	case signin.SearchElsewhere:
		return "Finds " + f.User.Email + " on " + hostOf(f.Search.Said.TenantURL) + ", which is not theirs."
	case signin.SearchSomewhere:
		return "Finds " + f.User.Email + ", and doesn’t say where."
	case signin.SearchNobody:
		return "Doesn’t find " + f.User.Email + ". It may not list who is disabled, or was added lately."
	case signin.SearchUnasked:
		return unread(f.Search.Err)
	case signin.SearchOff:
		return "Not asked: Foyer was given no partner id for it."
	case signin.AskMethod:
		return "Your organisation’s single sign-on, or a password of their own: a sponsored company can’t set up single sign-on itself. Ask which of the two they use, and whether it works elsewhere."
	case signin.AskBrowser:
		return "Embedded, Symphony works in Edge and Chrome from version 90. Ask which one they use."
	case signin.NothingFound, signin.NotAllAsked:
	}
	return string(c.Code)
}

func lastWords(m directory.StatusMoment) string {
	if m.By == directory.ByFoyer {
		return MomentWhat(m) + ", " + ui.UTC(m.At) + "."
	}
	return MomentWhat(m) + ". " + MomentNote(m)
}

// unread says why something could not be read.
func unread(err error) string { return Classify(err).Title + "." }

// SignInSource says from whom a finding is, and of when; the zero time of what has none.
func SignInSource(c signin.Check, f signin.Facts) (from string, at time.Time) {
	switch c.Subject {
	case signin.Status:
		return "Symphony", f.User.StatusAt
	case signin.LastChange:
		return "Foyer’s record", time.Time{}
	case signin.Company, signin.Domain, signin.PublicURL:
		return "Symphony", f.Company.ReadAt
	case signin.Login:
		return portal.FirstSeen(f.Login.Said.Host, "Symphony"), f.Login.At
	case signin.Search:
		if f.Search != nil {
			return portal.FirstSeen(f.Search.Said.Host, "Symphony"), f.Search.At
		}
		return "Foyer’s settings", time.Time{}
	case signin.Method, signin.Browser:
	}
	return "to be asked", time.Time{}
}

// SignInTicket is all of it as text for a ticket: who, when, what was asked and answered,
// and what was said. It has no secret, and no reason that somebody gave.
func SignInTicket(d signin.Diagnosis, f signin.Facts, by, environment, reference string, now time.Time) string {
	var b strings.Builder
	line := func(format string, args ...any) {
		b.WriteString(strings.Join(strings.Fields(fmt.Sprintf(format, args...)), " ") + "\n") // whatever a name has in it
	}
	_, cause, _ := SignInCause(d, f)
	line("Can’t sign in: %s (%s)", portal.UserName(f.User.User), f.User.Email)
	line("Company: %s (%s)", f.Company.Name, f.User.CompanyID)
	line("User id: %s", f.User.ID)
	line("Symphony id: %s", portal.FirstSeen(SymphonyID(f.User.SymphonyUserID), "not known"))
	line("Looked at: %s by %s in Foyer (%s), reference %s", ui.UTC(now), by, environment, reference)
	line("Finding: %s", cause)
	line("")
	for _, c := range d.Checks {
		if c.Subject == signin.Method || c.Subject == signin.Browser {
			continue // Foyer has nothing to say of them
		}
		from, at := SignInSource(c, f)
		if !at.IsZero() {
			from += ", " + ui.UTC(at)
		}
		line("%s: %s. %s [%s]", SignInSubject(c.Subject), SignInResult(c.Result).Word, SignInFinding(c, f), from)
	}
	line("")
	line("Said to them: %s", SignInSay(d, f))
	line("Not known to Foyer: by which sign-in and in which browser they try it.")
	if f.Last.Asked.Ticket != "" && f.Last.By == directory.ByFoyer {
		line("Ticket of the last change: %s", f.Last.Asked.Ticket)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
