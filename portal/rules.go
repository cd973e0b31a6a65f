package portal

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

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
	MaxSamples  = MaxPrecheck - MaxDomains // of a new company, so that one pre-check has room for its domains, too
	MaxField    = 256
	MaxReason   = 1000
	MaxTicket   = 100
	MaxPageSize = 100
)

var vanityCharacters = regexp.MustCompile(`^[a-z0-9-]+$`)

// CheckName says what is wrong with a company's name.
func CheckName(name string) Fault {
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		return Fault{Code: Missing}
	case n < MinName || n > MaxName:
		return Fault{Code: BadLength, Least: MinName, Most: MaxName, Count: n}
	}
	return checkSeen(name)
}

// CheckVanityName says what is wrong with a vanity name.
func CheckVanityName(v string) Fault {
	switch {
	case v == "":
		return Fault{Code: Missing}
	case !vanityCharacters.MatchString(v):
		return Fault{Code: VanityCharacters}
	case len(v) < MinVanity || len(v) > MaxVanity:
		return Fault{Code: BadLength, Least: MinVanity, Most: MaxVanity, Count: len(v)}
	case strings.HasPrefix(v, "-") || strings.HasSuffix(v, "-"):
		return Fault{Code: VanityCharacters}
	}
	return Fault{}
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

// CheckDomains normalises a list of domains; nothing is wrong with it when all are good
// and there are 1 to MaxDomains of them.
func CheckDomains(domains []string) (normal []string, fault Fault) {
	if len(domains) == 0 {
		return nil, Fault{Code: Missing}
	}
	var none, public []string
	for _, d := range domains {
		parsed, ok := address.ParseDomain(d)
		n := string(parsed)
		switch {
		case !ok:
			none = append(none, d)
		case Freemail(parsed):
			public = append(public, n)
		case !slices.Contains(normal, n):
			normal = append(normal, n)
		}
	}
	switch {
	case len(none) > 0:
		return nil, Fault{Code: NotADomain, Domains: none}
	case len(public) > 0:
		return nil, Fault{Code: PublicDomain, Domains: public}
	case len(normal) > MaxDomains:
		return nil, Fault{Code: TooManyDomains, Most: MaxDomains, Count: len(normal)}
	}
	return normal, Fault{}
}

// CheckEmail says what is wrong with an e-mail address that somebody is to be reached at.
func CheckEmail(email string) Fault {
	if email == "" {
		return Fault{Code: Missing}
	}
	if fault := CheckPrintable(email); fault.Code != "" {
		return fault
	}
	if i := strings.IndexFunc(email, notInEmails); i >= 0 {
		r, _ := utf8.DecodeRuneInString(email[i:])
		if address.Unseen(r) {
			return Fault{Code: Invisible, Rune: r} // a joiner
		}
		return Fault{Code: NotInEmails, Rune: r}
	}
	if !addressForm(email) {
		return Fault{Code: NotAnEmail}
	}
	if _, ok := address.ParseDomain(string(address.DomainOf(email))); !ok {
		return Fault{Code: NoEmailDomain}
	}
	return Fault{}
}

// HasEmailForm says whether a text has the form of an e-mail address: people are looked
// for by whatever address they have, be mail delivered to it or not.
func HasEmailForm(text string) bool {
	_, ok := address.ParseDomain(string(address.DomainOf(text)))
	return ok && addressForm(text) && CheckPrintable(text).Code == ""
}

func addressForm(email string) bool {
	const longest = 254
	at, err := mail.ParseAddress(email)
	return err == nil && at.Address == email && len(email) <= longest
}

// notInEmails says whether a character is one of those that get into addresses by
// copying or by a word processor, and that no mailbox has: blanks, typographic
// apostrophes and dashes, forms of letters that mail systems write otherwise. Letters and
// digits of every script are let through.
func notInEmails(r rune) bool {
	if r <= unicode.MaxASCII {
		return false // which of these may stand where, the form says
	}
	return !unicode.In(r, unicode.L, unicode.M, unicode.Nd) || norm.NFKC.String(string(r)) != string(r)
}

// CheckPerson says what is wrong with a person to be created in a company with
// the given domains. Fields are named as Symphony names them: email, firstName,
// lastName, displayName, title, department, location, phoneNumber.
func CheckPerson(u sapi.NewUser, domains []string) []FieldError {
	var found FieldErrors
	fault := CheckEmail(u.Email)
	if d := address.DomainOf(u.Email); fault.Code == "" && !d.In(domains) {
		fault = Fault{Code: OtherDomain, Value: string(d), Domains: domains}
	}
	found.Add("email", fault)
	if u.FirstName == "" {
		found.Add("firstName", Fault{Code: Missing})
	}
	if u.LastName == "" {
		found.Add("lastName", Fault{Code: Missing})
	}
	for _, f := range []struct{ field, value string }{
		{"firstName", u.FirstName},
		{"lastName", u.LastName},
		{"displayName", u.DisplayName},
		{"title", u.Title},
		{"department", u.Department},
		{"location", u.Location},
		{"phoneNumber", u.PhoneNumber},
	} {
		if n := utf8.RuneCountInString(f.value); n > MaxField {
			found.Add(f.field, Fault{Code: BadLength, Most: MaxField, Count: n})
			continue
		}
		found.Add(f.field, checkSeen(f.value))
	}
	return found
}

// CheckReason says what is wrong with the reason for a change of status.
func CheckReason(reason string) Fault {
	switch n := utf8.RuneCountInString(reason); {
	case n == 0:
		return Fault{Code: Missing}
	case n > MaxReason:
		return Fault{Code: BadLength, Most: MaxReason, Count: n}
	case address.Blank(reason):
		return Fault{Code: NotSeen}
	}
	return CheckPrintable(strings.NewReplacer("\n", " ", "\r", " ", "\t", " ").Replace(reason)) // it may have lines
}

// CheckTicket says what is wrong with a ticket; nothing is when there is none.
func CheckTicket(ticket string) Fault {
	if n := utf8.RuneCountInString(ticket); n > MaxTicket {
		return Fault{Code: BadLength, Most: MaxTicket, Count: n}
	}
	return CheckPrintable(ticket)
}

// CheckPast says what is wrong with a time about which something is asked that
// can only be known of the past.
func CheckPast(at, now time.Time) Fault {
	if at.After(now) {
		return Fault{Code: NotYet}
	}
	return Fault{}
}

// checkSeen refuses what a person can't see, or can see nothing of.
func checkSeen(value string) Fault {
	if value != "" && utf8.ValidString(value) && address.Blank(value) {
		return Fault{Code: NotSeen}
	}
	return CheckPrintable(value)
}

// CheckPrintable refuses what a person can't see: control and format
// characters can make one name look like another, or turn its direction round.
// The joiners that some scripts need are let through.
func CheckPrintable(value string) Fault {
	if !utf8.ValidString(value) {
		return Fault{Code: NotText}
	}
	if i := strings.IndexFunc(value, unprintable); i >= 0 {
		r, _ := utf8.DecodeRuneInString(value[i:])
		return Fault{Code: Invisible, Rune: r}
	}
	return Fault{}
}

// unprintable says whether a character has no place in a line of text: it controls
// something, ends the line, or fills a place with nothing.
func unprintable(r rune) bool {
	const nonJoiner, joiner = '\u200c', '\u200d'
	if r == nonJoiner || r == joiner {
		return false
	}
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point)
}
