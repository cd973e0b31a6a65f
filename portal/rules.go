package portal

import (
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"foyer/address"
	"foyer/sapi"
)

// The limits of Symphony's contract, which Foyer checks before it sends
// anything. MaxField is Foyer's own: Symphony publishes none.
const (
	MinName     = 2
	MaxName     = 100
	MinVanity   = 2
	MaxVanity   = 63
	MaxDomains  = 10
	MaxPeople   = 20
	MaxPrecheck = 50
	MaxField    = 256
	MaxReason   = 1000
	MaxTicket   = 100
	MaxPageSize = 100
)

var vanityPattern = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$`)

// CheckName says what is wrong with a company's name; empty when nothing is.
func CheckName(name string) string {
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		return "Enter the company’s name."
	case n < MinName || n > MaxName:
		return fmt.Sprintf("The name must have %d to %d characters; this one has %d.", MinName, MaxName, n)
	}
	return CheckPrintable("The name", name)
}

// CheckVanityName says what is wrong with a vanity name; empty when nothing is.
func CheckVanityName(v string) string {
	switch {
	case v == "":
		return "Enter the vanity name."
	case len(v) < MinVanity || len(v) > MaxVanity:
		return fmt.Sprintf("The vanity name must have %d to %d characters; this one has %d.", MinVanity, MaxVanity, utf8.RuneCountInString(v))
	case !vanityPattern.MatchString(v):
		return "The vanity name may have small letters a–z, digits and hyphens only, and no hyphen at either end."
	}
	return ""
}

// SplitList splits what people type or paste as a list: lines, commas,
// semicolons, tabs or spaces between the items. Items are trimmed; empty and
// repeated ones are left out, in whatever case they are written.
func SplitList(text string) []string {
	var items []string
	seen := map[string]bool{}
	for item := range strings.FieldsFuncSeq(text, func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ';' }) {
		if key := strings.ToLower(item); !seen[key] {
			seen[key] = true
			items = append(items, item)
		}
	}
	return items
}

// CheckDomains normalises a list of domains; problem is empty when all are good
// and there are 1 to MaxDomains of them.
func CheckDomains(domains []string) (normal []string, problem string) {
	if len(domains) == 0 {
		return nil, "Enter at least one e-mail domain, such as acme.com."
	}
	for _, d := range domains {
		parsed, ok := address.ParseDomain(d)
		if !ok {
			return nil, fmt.Sprintf("“%s” is not a domain. Enter domains such as acme.com, one a line.", d)
		}
		n := string(parsed)
		if slices.Contains(publicMail, n) {
			return nil, fmt.Sprintf("%s is a public e-mail service: Symphony doesn’t allow such domains for a company.", n)
		}
		if !slices.Contains(normal, n) {
			normal = append(normal, n)
		}
	}
	if len(normal) > MaxDomains {
		return nil, fmt.Sprintf("A company can have %d domains at most; these are %d.", MaxDomains, len(normal))
	}
	return normal, ""
}

// publicMail are the public e-mail services that people most often type by
// mistake; Symphony refuses such domains.
var publicMail = []string{
	"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "icloud.com",
	"me.com", "aol.com", "gmx.com", "gmx.de", "gmx.net", "web.de", "proton.me", "protonmail.com", "mail.com", "qq.com", "163.com", "yandex.ru",
}

// CheckEmail says what is wrong with an e-mail address; empty when nothing is.
func CheckEmail(email string) string {
	if email == "" {
		return "Enter the e-mail address."
	}
	if problem := CheckPrintable("The e-mail address", email); problem != "" {
		return problem
	}
	at, err := mail.ParseAddress(email)
	if err != nil || at.Address != email || len(email) > 254 {
		return "This is not an e-mail address. Enter one such as jane.doe@acme.com."
	}
	if _, ok := address.ParseDomain(string(address.DomainOf(email))); !ok {
		return "The part after the @ is not a domain."
	}
	return ""
}

// CheckPerson says what is wrong with a person to be created in a company with
// the given domains. Fields are named as Symphony names them: email, firstName,
// lastName, displayName, title, department, location, phoneNumber.
func CheckPerson(u sapi.NewUser, domains []string) []FieldError {
	var problems []FieldError
	add := func(field, message string) {
		if message != "" {
			problems = append(problems, FieldError{Field: field, Message: message})
		}
	}
	if message := CheckEmail(u.Email); message != "" {
		add("email", message)
	} else if d := address.DomainOf(u.Email); !d.In(domains) {
		add("email", fmt.Sprintf("%s is not a domain of this company. Its domains are %s.", d, strings.Join(domains, ", ")))
	}
	if u.FirstName == "" {
		add("firstName", "Enter the first name.")
	}
	if u.LastName == "" {
		add("lastName", "Enter the last name.")
	}
	for _, f := range []struct{ field, name, value string }{
		{"firstName", "The first name", u.FirstName},
		{"lastName", "The last name", u.LastName},
		{"displayName", "The display name", u.DisplayName},
		{"title", "The job title", u.Title},
		{"department", "The department", u.Department},
		{"location", "The location", u.Location},
		{"phoneNumber", "The phone number", u.PhoneNumber},
	} {
		if n := utf8.RuneCountInString(f.value); n > MaxField {
			add(f.field, fmt.Sprintf("%s must have %d characters at most; this one has %d.", f.name, MaxField, n))
			continue
		}
		add(f.field, CheckPrintable(f.name, f.value))
	}
	return problems
}

// CheckReason says what is wrong with the reason for a change of status.
func CheckReason(reason string) string {
	switch n := utf8.RuneCountInString(reason); {
	case n == 0:
		return "Enter the reason. It is kept with your name in the record."
	case n > MaxReason:
		return fmt.Sprintf("The reason must have %d characters at most; this one has %d.", MaxReason, n)
	}
	return ""
}

// CheckTicket says what is wrong with a ticket; empty when nothing is, or when
// there is none.
func CheckTicket(ticket string) string {
	if n := utf8.RuneCountInString(ticket); n > MaxTicket {
		return fmt.Sprintf("The ticket must have %d characters at most; this one has %d.", MaxTicket, n)
	}
	return CheckPrintable("The ticket", ticket)
}

// CheckPast says what is wrong with a time about which something is asked that
// can only be known of the past.
func CheckPast(at, now time.Time) string {
	if at.After(now) {
		return "This time has not come yet. Enter a time up to now, in UTC."
	}
	return ""
}

// CheckPrintable refuses what a person can't see: control and format
// characters can make one name look like another, or turn its direction round.
// The joiners that some scripts need are let through.
func CheckPrintable(name, value string) string {
	if !utf8.ValidString(value) {
		return name + " is not valid text."
	}
	for _, r := range value {
		invisible := unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d'
		if invisible {
			return fmt.Sprintf("%s has an invisible character (U+%04X). Type it again.", name, r)
		}
	}
	return ""
}
