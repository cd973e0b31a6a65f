package portal

import "time"

// FieldError is one thing wrong with one field of an input. Which field of a page that
// is, the page's form knows.
type FieldError struct {
	Row   int    // of a list, counted from 1 as people count; 0 where there is no list, and for all of it
	Field string // the field's name, of a row where there is one; empty for the form as a whole
	Fault
}

// FieldErrors collects what is wrong with an input.
type FieldErrors []FieldError

// Add adds what is wrong with a field, if anything is.
func (e *FieldErrors) Add(field string, f Fault) {
	if f.Code != "" {
		*e = append(*e, FieldError{Field: field, Fault: f})
	}
}

// Fault says what is wrong with a value: a code, and the facts that belong to it. Zero
// when nothing is wrong.
type Fault struct {
	Code        FaultCode
	Value       string    // what it is about, where that is only a part of the field, or is written otherwise
	Least, Most int       // the limits; Least is 0 where there is none
	Count       int       // what was counted: characters, domains, people
	Rune        rune      // the character that nobody sees
	Day         time.Time // one that would do
	First       int       // the row that has the same
	Company     string    // the name of the company that it is about
	Domains     []string  // which the company has, or which are wrong
}

// FaultCode says what is wrong with a value, for package wording to put in words.
type FaultCode string

// The codes, with the facts that each has besides.
const (
	// Of every field.

	Missing   FaultCode = "missing"    // nothing was given
	BadLength FaultCode = "bad-length" // Least, Most, Count: too few or too many characters
	NotText   FaultCode = "not-text"   // not valid UTF-8
	Invisible FaultCode = "invisible"  // Rune: a character that nobody sees
	NotSeen   FaultCode = "not-seen"   // nothing that can be seen

	// Of companies and domains.

	VanityCharacters FaultCode = "vanity-characters" // characters that a vanity name can't have, or not there
	NotADomain       FaultCode = "not-a-domain"      // Domains: what is none
	PublicDomain     FaultCode = "public-domain"     // Domains: those of public e-mail services
	TooManyDomains   FaultCode = "too-many-domains"  // Most, Count
	DomainsTogether  FaultCode = "domains-together"  // Most, Count, Company, Domains: too many with those that it has
	TakenByOwn       FaultCode = "taken-by-own"      // Value, Company: which the partner sponsors itself

	// Of people.

	NotAnEmail    FaultCode = "not-an-email"
	NotInEmails   FaultCode = "not-in-emails"   // Rune: a character to which no mail is delivered
	NoEmailDomain FaultCode = "no-email-domain" // what follows the @ can't be a domain
	OtherDomain   FaultCode = "other-domain"    // Value, Domains: the address is of none of them
	Repeated      FaultCode = "repeated"        // First
	HowManyPeople FaultCode = "how-many-people" // Least, Most, Count
	TooManyAsked  FaultCode = "too-many-asked"  // Most, Count: addresses and domains of a pre-check

	// Of times.

	NotYet    FaultCode = "not-yet"     // a time that only the past can have
	NotADay   FaultCode = "not-a-day"   // Day
	DayOver   FaultCode = "day-over"    // a day that only the future can have
	DayTooFar FaultCode = "day-too-far" // more than two years away

	TimeOver   FaultCode = "time-over"    // a time that only the future can have
	TimeTooFar FaultCode = "time-too-far" // Day: the last one that would do

	// Of lists.

	NoRows      FaultCode = "no-rows"       // about nobody
	TooManyRows FaultCode = "too-many-rows" // Most, Count

	RoundedIDs FaultCode = "rounded-ids" // Value: the column with ids of which a spreadsheet took the last digits

	// Of forms.

	NotTyped FaultCode = "not-typed" // Value: what has to be typed

	OutOfDate  FaultCode = "out-of-date" // its token isn't one that was issued for it, or did something else
	NoDecision FaultCode = "no-decision" // about one person of a review
	Undecided  FaultCode = "undecided"   // about some of the people of a review that is to be finished

	TooManyFilters FaultCode = "too-many-filters" // Most: saved by one person
	TooManyTags    FaultCode = "too-many-tags"    // Most, Count: of one company
)
