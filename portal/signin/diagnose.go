package signin

import (
	"net/url"
	"slices"
	"strings"

	"foyer/address"
	"foyer/sapi"
)

// Subject is what a check is about.
type Subject string

// The subjects, in the order in which they are shown.
const (
	Status     Subject = "status"
	LastChange Subject = "last-change"
	Company    Subject = "company"
	Domain     Subject = "domain"
	PublicURL  Subject = "public-url"
	Login      Subject = "login-service"
	Search     Subject = "directory-search"
	Method     Subject = "method"
	Browser    Subject = "browser"
)

// Result is what a check came to.
type Result string

// The results. What isn't known is CantTell, and never Fine.
const (
	Fine     Result = "fine"
	Why      Result = "why"
	CantTell Result = "cant-tell"
)

// Code says what was found, for pages to put in words.
type Code string

// The codes, by subject.
const (
	Active         Code = "active"
	Disabled       Code = "disabled"
	StatusChanging Code = "status-changing" // a change of Foyer's own is not settled
	WasActive      Code = "was-active"      // when last read
	WasDisabled    Code = "was-disabled"    // when last read
	StatusUnknown  Code = "status-unknown"

	LastEnabled  Code = "last-enabled"
	LastDisabled Code = "last-disabled"
	LastUnlike   Code = "last-unlike" // the status is another one than after the last change that is known
	NoLastChange Code = "no-last-change"

	CompanyReady    Code = "company-ready"
	CompanyBuilding Code = "company-building"
	CompanyFailed   Code = "company-failed"
	CompanyOdd      Code = "company-odd"    // in a state that Foyer doesn't know
	CompanyUnread   Code = "company-unread" // just now

	DomainOurs    Code = "domain-ours"
	DomainForeign Code = "domain-foreign"
	DomainUnread  Code = "domain-unread" // not among those last read

	URLKnown   Code = "url-known"
	URLMissing Code = "url-missing"

	LoginHere      Code = "login-here"
	LoginElsewhere Code = "login-elsewhere"
	LoginSomewhere Code = "login-somewhere" // whether that is here can't be told without a public URL
	LoginNowhere   Code = "login-nowhere"   // which proves nothing
	LoginUnasked   Code = "login-unasked"

	SearchHere      Code = "search-here"
	SearchElsewhere Code = "search-elsewhere"
	SearchSomewhere Code = "search-somewhere"
	SearchNobody    Code = "search-nobody"
	SearchUnasked   Code = "search-unasked"
	SearchOff       Code = "search-off" // Foyer has no partner id

	AskMethod  Code = "ask-method"
	AskBrowser Code = "ask-browser"
)

// The causes that are no finding of one check.
const (
	NothingFound Code = "nothing-found" // all that Foyer can see is fine
	NotAllAsked  Code = "not-all-asked" // what could be asked is
)

// Check is one thing that was looked at.
type Check struct {
	Subject Subject
	Result  Result
	Code    Code
}

// Diagnosis is what follows from the facts.
type Diagnosis struct {
	Cause  Code // what to say to whoever asks
	Checks []Check
}

// byImportance are the findings that keep, or may keep, somebody from signing in: what is
// certain before what may be, and of that what reaches furthest.
var byImportance = []Code{
	Disabled, CompanyFailed, CompanyBuilding, SearchElsewhere,
	StatusChanging, WasDisabled, StatusUnknown, WasActive, CompanyOdd, CompanyUnread,
	DomainForeign, LoginElsewhere, SearchNobody, URLMissing,
}

// Diagnose says what the facts come to. It asks nobody.
func Diagnose(f Facts) Diagnosis {
	d := Diagnosis{Cause: NothingFound, Checks: []Check{
		status(f), lastChange(f), company(f), domain(f), publicURL(f), login(f), search(f),
		{Method, CantTell, AskMethod},
		{Browser, CantTell, AskBrowser},
	}}
	found := func(code Code) bool {
		return slices.ContainsFunc(d.Checks, func(c Check) bool { return c.Code == code })
	}
	if i := slices.IndexFunc(byImportance, found); i >= 0 {
		d.Cause = byImportance[i]
	} else if found(LoginUnasked) || found(SearchUnasked) {
		d.Cause = NotAllAsked
	}
	return d
}

func status(f Facts) Check {
	fresh := f.User.Stale == nil
	switch is := f.User.Status; {
	case fresh && is == sapi.StatusDisabled:
		return Check{Status, Why, Disabled}
	case f.Unsettled:
		return Check{Status, CantTell, StatusChanging}
	case fresh && is == sapi.StatusActive:
		return Check{Status, Fine, Active}
	case is == sapi.StatusActive:
		return Check{Status, CantTell, WasActive}
	case is == sapi.StatusDisabled:
		return Check{Status, CantTell, WasDisabled}
	}
	return Check{Status, CantTell, StatusUnknown}
}

// lastChange is as good as the status after it.
func lastChange(f Facts) Check {
	after := status(f)
	switch {
	case f.Last.At.IsZero():
		return Check{LastChange, CantTell, NoLastChange}
	case f.Last.Status != f.User.Status:
		return Check{LastChange, CantTell, LastUnlike}
	case f.Last.Status == sapi.StatusActive:
		return Check{LastChange, after.Result, LastEnabled}
	}
	return Check{LastChange, after.Result, LastDisabled}
}

func company(f Facts) Check {
	switch state := f.Company.State; {
	case f.CompanyErr != nil:
		return Check{Company, CantTell, CompanyUnread}
	case state.Ready():
		return Check{Company, Fine, CompanyReady}
	case state.Building():
		return Check{Company, Why, CompanyBuilding}
	case state.Failed():
		return Check{Company, Why, CompanyFailed}
	}
	return Check{Company, CantTell, CompanyOdd}
}

// domain is fine once it was among the company's: Symphony can't remove one.
func domain(f Facts) Check {
	switch {
	case address.DomainOf(f.User.Email).In(f.Company.EmailDomains):
		return Check{Domain, Fine, DomainOurs}
	case f.CompanyErr != nil:
		return Check{Domain, CantTell, DomainUnread}
	}
	return Check{Domain, CantTell, DomainForeign}
}

func publicURL(f Facts) Check {
	if hostOf(f.Company.PublicURL) == "" {
		return Check{PublicURL, CantTell, URLMissing}
	}
	return Check{PublicURL, Fine, URLKnown}
}

// login never says why: the service answers for an address or for its company.
func login(f Facts) Check {
	ours := hostOf(f.Company.PublicURL)
	switch said := f.Login.Said; {
	case f.Login.Err != nil:
		return Check{Login, CantTell, LoginUnasked}
	case !said.Found:
		return Check{Login, CantTell, LoginNowhere}
	case ours == "":
		return Check{Login, CantTell, LoginSomewhere}
	case strings.EqualFold(said.Domain, ours):
		return Check{Login, Fine, LoginHere}
	}
	return Check{Login, CantTell, LoginElsewhere}
}

func search(f Facts) Check {
	if f.Search == nil {
		return Check{Search, CantTell, SearchOff}
	}
	ours, theirs := hostOf(f.Company.PublicURL), hostOf(f.Search.Said.TenantURL)
	switch {
	case f.Search.Err != nil:
		return Check{Search, CantTell, SearchUnasked}
	case !f.Search.Said.UserFound:
		return Check{Search, CantTell, SearchNobody}
	case ours == "" || theirs == "":
		return Check{Search, CantTell, SearchSomewhere}
	case theirs == ours:
		return Check{Search, Fine, SearchHere}
	}
	return Check{Search, Why, SearchElsewhere}
}

// hostOf is the host of an address, in small letters; empty when it has none.
func hostOf(publicURL string) string {
	u, err := url.Parse(publicURL)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}
