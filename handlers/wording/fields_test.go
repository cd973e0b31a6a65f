package wording

import (
	"strings"
	"testing"
	"time"

	"foyer/portal"
)

func TestWhatIsWrongWithAFieldInWords(t *testing.T) {
	t.Parallel()
	tests := []struct {
		field string
		fault portal.Fault
		want  string
	}{
		{"name", portal.Fault{Code: portal.Missing}, "Enter the company’s name."},
		{"vanityName", portal.Fault{Code: portal.Missing}, "Enter the vanity name."},
		{"emailDomains", portal.Fault{Code: portal.Missing}, "Enter at least one e-mail domain, such as acme.com."},
		{"email", portal.Fault{Code: portal.Missing}, "Enter the e-mail address."},
		{"firstName", portal.Fault{Code: portal.Missing}, "Enter the first name."},
		{"lastName", portal.Fault{Code: portal.Missing}, "Enter the last name."},
		{"reason", portal.Fault{Code: portal.Missing}, "Enter the reason. It is kept with your name in the record."},
		{"confirms", portal.Fault{Code: portal.Missing}, "Enter who confirms the list: a name or an e-mail address."},
		{"name", portal.Fault{Code: portal.BadLength, Least: 2, Most: 100, Count: 1}, "The name must have 2 to 100 characters; this one has 1."},
		{"phoneNumber", portal.Fault{Code: portal.BadLength, Most: 256, Count: 300}, "The phone number must have 256 characters at most; this one has 300."},
		{"confirms", portal.Fault{Code: portal.BadLength, Most: 200, Count: 201}, "This must have 200 characters at most; it has 201."},
		{"email", portal.Fault{Code: portal.NotText}, "The e-mail address is not valid text."},
		{"ticket", portal.Fault{Code: portal.Invisible, Rune: '\u200b'}, "The ticket has an invisible character (U+200B). Type it again."},
		{"confirms", portal.Fault{Code: portal.Invisible, Rune: '\u202e'}, "This has an invisible character (U+202E). Type it again."},
		{"vanityName", portal.Fault{Code: portal.VanityCharacters}, "The vanity name may have small letters a–z, digits and hyphens only, and no hyphen at either end."},
		{"emailDomains", portal.Fault{Code: portal.NotADomain, Domains: []string{"acme"}}, "“acme” is not a domain. Enter domains such as acme.com, one a line."},
		{"emailDomains", portal.Fault{Code: portal.NotADomain, Domains: []string{"acme", "tern"}}, "“acme”, “tern” are not domains. Enter domains such as acme.com, one a line."},
		{"emailDomains", portal.Fault{Code: portal.PublicDomain, Domains: []string{"gmx.de"}}, "gmx.de is a public e-mail service: Symphony doesn’t allow such domains for a company."},
		{"emailDomains", portal.Fault{Code: portal.TooManyDomains, Most: 10, Count: 11}, "A company can have 10 domains at most; these are 11."},
		{
			"emailDomains",
			portal.Fault{Code: portal.DomainsTogether, Most: 10, Count: 12, Company: "Tern", Domains: make([]string, 9)},
			"A company can have 10 domains at most. Tern has 9 and these would make 12. Nothing was sent.",
		},
		{"vanityName", portal.Fault{Code: portal.TakenByOwn, Value: "tern", Company: "Tern"}, "The vanity name tern is that of Tern, which you sponsor."},
		{"name", portal.Fault{Code: portal.TakenByOwn, Value: "Tern", Company: "Tern"}, "You sponsor a company called Tern already."},
		{"firstName", portal.Fault{Code: portal.NotSeen}, "The first name has nothing that can be seen. Type it again."},
		{"email", portal.Fault{Code: portal.NotInEmails, Rune: '’'}, "The e-mail address has the apostrophe ’ (U+2019): no mail is delivered to that. Type ' instead."},
		{"email", portal.Fault{Code: portal.NotInEmails, Rune: '–'}, "The e-mail address has the dash – (U+2013): no mail is delivered to that. Type a hyphen (-)."},
		{"email", portal.Fault{Code: portal.NotInEmails, Rune: '\u00a0'}, "The e-mail address has a blank (U+00A0): no mail is delivered to that. Take it out."},
		{"email", portal.Fault{Code: portal.NotInEmails, Rune: '…'}, "The e-mail address has the character … (U+2026): no mail is delivered to that. Type it again."},
		{"email", portal.Fault{Code: portal.NotAnEmail}, "This is not an e-mail address. Enter one such as jane.doe@acme.com."},
		{"email", portal.Fault{Code: portal.NoEmailDomain}, "The part after the @ is not a domain."},
		{
			"email",
			portal.Fault{Code: portal.OtherDomain, Value: "c.example", Domains: []string{"a.example", "b.example"}},
			"c.example is not a domain of this company. Its domains are a.example, b.example.",
		},
		{"email", portal.Fault{Code: portal.OtherDomain, Value: "c.example", Domains: []string{"a.example"}}, "c.example is not a domain of this company. Its domain is a.example."},
		{"email", portal.Fault{Code: portal.OtherDomain, Value: "c.example"}, "c.example is not a domain of this company. It has no domains yet."},
		{"email", portal.Fault{Code: portal.Repeated, First: 3}, "This address is already in row 3."},
		{"", portal.Fault{Code: portal.HowManyPeople, Least: 1, Most: 20, Count: 21}, "Enter 1 to 20 people; these are 21."},
		{"email", portal.Fault{Code: portal.TooManyAsked, Most: 50, Count: 51}, "Ask about 50 addresses or domains at most; these are 51."},
		{"at", portal.Fault{Code: portal.NotYet}, "This time has not come yet. Enter a time up to now, in UTC."},
		{
			"due",
			portal.Fault{Code: portal.NotADay, Day: time.Date(2026, 12, 8, 0, 0, 0, 0, time.UTC)},
			"Enter the day by which the review is to be done, such as 2026-12-08.",
		},
		{"due", portal.Fault{Code: portal.DayOver}, "That day is over. Enter today or a later day."},
		{"due", portal.Fault{Code: portal.DayTooFar}, "That is more than two years away. Enter an earlier day."},
		{"", portal.Fault{Code: portal.OutOfDate}, "This form is out of date. Check what it says and send it again."},
		{"decision.1", portal.Fault{Code: portal.NoDecision}, "Choose keep, disable or ask."},
		{"filterName", portal.Fault{Code: portal.TooManyFilters, Most: 100}, "You have saved 100 filters, and no more can be kept. Delete one first."},
		{"tags", portal.Fault{Code: portal.TooManyTags, Most: 20, Count: 21}, "A company can have 20 tags at most; these are 21."},
		{"tags", portal.Fault{Code: portal.BadLength, Value: "too long", Most: 40, Count: 41}, "The tag “too long” must have 40 characters at most; it has 41."},
		{"file", portal.Fault{Code: portal.NoRows}, "There is nobody in the list."},
		{"file", portal.Fault{Code: portal.TooManyRows, Most: 10_000, Count: 12_345}, "A list can have 10,000 rows at most; this one has 12,345. Divide it."},
		{"file", portal.Fault{Code: portal.RoundedIDs, Value: "User ID"}, "A spreadsheet has rounded ids in the column User ID, and their last digits are lost. Format the column as text and put the ids in again, or name the people by their e-mail."},
		{"typed", portal.Fault{Code: portal.NotTyped, Value: "disable 37"}, "Type “disable 37” to confirm that these are the people."},
		{"at", portal.Fault{Code: portal.TimeOver}, "That time is over. Enter a later one, or start it now."},
		{"at", portal.Fault{Code: portal.TimeTooFar, Day: time.Date(2027, 2, 28, 0, 0, 0, 0, time.UTC)}, "That is too far away. Enter a time up to 2027-02-28."},
		{"rest", portal.Fault{Code: portal.Undecided}, "Decide about everybody, or let those who are left be asked about."},
	}
	told := map[string]bool{}
	for _, tt := range tests {
		told[string(tt.fault.Code)] = true
		if got := FieldWords(portal.FieldError{Field: tt.field, Fault: tt.fault}); got != tt.want {
			t.Errorf("FieldWords(%s of %q) = %q, want %q", tt.fault.Code, tt.field, got, tt.want)
		}
	}
	for _, code := range codesIn(t, "portal/faults.go", "FaultCode") {
		if !told[code] {
			t.Errorf("the code %s has no words", code)
		}
	}
}

func TestAFieldThatHasNoWordsOfItsOwnIsStillTold(t *testing.T) {
	t.Parallel()
	for _, code := range codesIn(t, "portal/faults.go", "FaultCode") {
		got := FieldWords(portal.FieldError{Field: "new", Fault: portal.Fault{Code: portal.FaultCode(code)}})
		if !strings.HasSuffix(got, ".") {
			t.Errorf("FieldWords(%s of a new field) = %q, want a sentence", code, got)
		}
	}
	if got, want := FieldWords(portal.FieldError{Fault: portal.Fault{Code: "later"}}), "later"; got != want {
		t.Errorf("FieldWords(later) = %q, want %q", got, want)
	}
}
