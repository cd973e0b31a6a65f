package wording

import (
	"cmp"
	"fmt"
	"strings"
	"time"
	"unicode"

	"foyer/address"
	"foyer/portal"
	"foyer/views/ui"
)

// FieldWords say in a sentence or two what is wrong with a field, and what to do about
// it.
func FieldWords(e portal.FieldError) string {
	switch e.Code {
	case portal.Missing:
		return cmp.Or(missing[e.Field], "Fill this in.")
	case portal.BadLength, portal.NotText, portal.Invisible, portal.NotSeen:
		return textWords(e)
	case portal.VanityCharacters:
		return "The vanity name may have small letters a–z, digits and hyphens only, and no hyphen at either end."
	case portal.NotADomain, portal.PublicDomain, portal.TooManyDomains, portal.DomainsTogether:
		return domainWords(e.Fault)
	case portal.TakenByOwn:
		return takenWords(e)
	case portal.NotInEmails:
		return notInEmailsWords(e.Rune)
	case portal.NotAnEmail:
		return "This is not an e-mail address. Enter one such as jane.doe@acme.com."
	case portal.NoEmailDomain:
		return "The part after the @ is not a domain."
	case portal.OtherDomain:
		return address.Shown(e.Value) + " is not a domain of this company. " + ownDomains(e.Domains)
	case portal.Repeated:
		return fmt.Sprintf("This address is already in row %d.", e.First)
	case portal.HowManyPeople:
		return fmt.Sprintf("Enter %d to %d people; these are %d.", e.Least, e.Most, e.Count)
	case portal.TooManyAsked:
		return fmt.Sprintf("Ask about %d addresses or domains at most; these are %d.", e.Most, e.Count)
	case portal.NotYet:
		return "This time has not come yet. Enter a time up to now, in UTC."
	case portal.NotADay:
		return "Enter the day by which the review is to be done, such as " + e.Day.Format(time.DateOnly) + "."
	case portal.DayOver:
		return "That day is over. Enter today or a later day."
	case portal.DayTooFar:
		return "That is more than two years away. Enter an earlier day."
	case portal.OutOfDate:
		return "This form is out of date. Check what it says and send it again."
	case portal.NoDecision:
		return "Choose keep, disable or ask."
	case portal.Undecided:
		return "Decide about everybody, or let those who are left be asked about."
	case portal.TooManyTags:
		return fmt.Sprintf("A company can have %d tags at most; these are %d.", e.Most, e.Count)
	case portal.NoRows:
		return "There is nobody in the list."
	case portal.TooManyRows:
		return fmt.Sprintf("A list can have %s rows at most; this one has %s. Divide it.", ui.Number(e.Most), ui.Number(e.Count))
	case portal.RoundedIDs:
		return "A spreadsheet has rounded ids in the column " + e.Value + ", and their last digits are lost. Format the column as text and put the ids in again, or name the people by their e-mail."
	case portal.NotTyped:
		return "Type “" + e.Value + "” to confirm that these are the people."
	case portal.TimeOver:
		return "That time is over. Enter a later one, or start it now."
	case portal.TimeTooFar:
		return "That is too far away. Enter a time up to " + e.Day.Format(time.DateOnly) + "."
	case portal.TooManyFilters:
		return fmt.Sprintf("You have saved %d filters, and no more can be kept. Delete one first.", e.Most)
	}
	return string(e.Code)
}

// takenWords say what another company of the partner's own has.
func takenWords(e portal.FieldError) string {
	switch e.Field {
	case "name":
		return "You sponsor a company called " + e.Company + " already."
	case "vanityName":
		return "The vanity name " + e.Value + " is that of " + e.Company + ", which you sponsor."
	}
	return address.Shown(e.Value) + " belongs to " + e.Company + ", which you sponsor."
}

// missing are what a field that must be filled in asks for.
var missing = map[string]string{
	"name":         "Enter the company’s name.",
	"vanityName":   "Enter the vanity name.",
	"emailDomains": "Enter at least one e-mail domain, such as acme.com.",
	"email":        "Enter the e-mail address.",
	"firstName":    "Enter the first name.",
	"lastName":     "Enter the last name.",
	"reason":       "Enter the reason. It is kept with your name in the record.",
	"confirms":     "Enter who confirms the list: a name or an e-mail address.",
	"filterName":   "Enter a name for the filter.",
	"companyId":    "Choose the company.",
	"kind":         "Choose what is to be done.",
}

// subjects are the fields whose text a sentence can begin with; the others are 'this'.
var subjects = map[string]string{
	"name":        "The name",
	"vanityName":  "The vanity name",
	"email":       "The e-mail address",
	"firstName":   "The first name",
	"lastName":    "The last name",
	"displayName": "The display name",
	"title":       "The job title",
	"department":  "The department",
	"location":    "The location",
	"phoneNumber": "The phone number",
	"reason":      "The reason",
	"ticket":      "The ticket",
	"filterName":  "The name",
	"alias":       "The alias",
	"reference":   "The reference",
	"note":        "The note",
}

// textWords say what is wrong with any text.
func textWords(e portal.FieldError) string {
	subject, it := subjects[e.Field], "this one"
	switch {
	case e.Field == "tags":
		subject, it = "The tag “"+e.Value+"”", "it"
	case subject == "":
		subject, it = "This", "it"
	}
	switch {
	case e.Code == portal.NotText:
		return subject + " is not valid text."
	case e.Code == portal.NotSeen:
		return subject + " has nothing that can be seen. Type it again."
	case e.Code == portal.Invisible:
		return fmt.Sprintf("%s has an invisible character (U+%04X). Type it again.", subject, e.Rune)
	case e.Least > 0:
		return fmt.Sprintf("%s must have %d to %d characters; %s has %d.", subject, e.Least, e.Most, it, e.Count)
	}
	return fmt.Sprintf("%s must have %d characters at most; %s has %d.", subject, e.Most, it, e.Count)
}

// notInEmailsWords say which character of an address is one that no mailbox has, and what
// people mean by it.
func notInEmailsWords(r rune) string {
	what, instead := fmt.Sprintf("the character %c", r), "Type it again."
	switch {
	case unicode.IsSpace(r):
		what, instead = "a blank", "Take it out."
	case unicode.Is(unicode.Pd, r):
		what, instead = fmt.Sprintf("the dash %c", r), "Type a hyphen (-)."
	case strings.ContainsRune("‘’‛ʼʹ′´", r):
		what, instead = fmt.Sprintf("the apostrophe %c", r), "Type ' instead."
	}
	return fmt.Sprintf("The e-mail address has %s (U+%04X): no mail is delivered to that. %s", what, r, instead)
}

// ownDomains say which domains a company has.
func ownDomains(domains []string) string {
	switch len(domains) {
	case 0:
		return "It has no domains yet."
	case 1:
		return "Its domain is " + Domains(domains) + "."
	}
	return "Its domains are " + Domains(domains) + "."
}

// domainWords say what is wrong with the domains of a company.
func domainWords(f portal.Fault) string {
	switch f.Code { //nolint:exhaustive // the others are no domains'
	case portal.NotADomain:
		if len(f.Domains) == 1 {
			return fmt.Sprintf("“%s” is not a domain. Enter domains such as acme.com, one a line.", f.Domains[0])
		}
		return fmt.Sprintf("“%s” are not domains. Enter domains such as acme.com, one a line.", strings.Join(f.Domains, "”, “"))
	case portal.PublicDomain:
		if len(f.Domains) == 1 {
			return Domains(f.Domains) + " is a public e-mail service: Symphony doesn’t allow such domains for a company."
		}
		return Domains(f.Domains) + " are public e-mail services: Symphony doesn’t allow such domains for a company."
	case portal.TooManyDomains:
		return fmt.Sprintf("A company can have %d domains at most; these are %d.", f.Most, f.Count)
	}
	return fmt.Sprintf("A company can have %d domains at most. %s has %d and these would make %d. Nothing was sent.", f.Most, f.Company, len(f.Domains), f.Count)
}
