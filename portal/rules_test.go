package portal_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foyer/portal"
	"foyer/sapi"
)

func TestRulesHoldAtTheirBounds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		check func(string) portal.Fault
		good  []string
		bad   map[string]portal.FaultCode
	}{
		{
			"company name", portal.CheckName,
			[]string{"AB", strings.Repeat("n", 100), "Société Générique", "東京証券", "<b>&\""},
			map[string]portal.FaultCode{
				"": portal.Missing, "A": portal.BadLength, strings.Repeat("n", 101): portal.BadLength,
				"\u3164\u3164": portal.NotSeen, "\u2800 \u2800": portal.NotSeen, "A\u2028B": portal.Invisible, "A\u3164B": portal.Invisible,
				"A\x00B": portal.Invisible, "A\u202eB": portal.Invisible, "\xff\xfe": portal.NotText,
			},
		},
		{
			"vanity name", portal.CheckVanityName,
			[]string{"ab", "a1", "a-b", strings.Repeat("a", 63)},
			map[string]portal.FaultCode{
				"": portal.Missing, "a": portal.BadLength, strings.Repeat("a", 64): portal.BadLength, "-ab": portal.VanityCharacters,
				"ab-": portal.VanityCharacters, "Ab": portal.VanityCharacters, "a_b": portal.VanityCharacters, "a b": portal.VanityCharacters,
				"é2": portal.VanityCharacters, "ab\n": portal.VanityCharacters,
			},
		},
		{
			"e-mail", portal.CheckEmail,
			[]string{"jane@acme.com", "o'neill+x@acme.co.uk", "jane@bücher.example", "jörg@acme.com", "jo\u0308rg@acme.com", "用户@例え.example", "अजय@acme.com"},
			map[string]portal.FaultCode{
				"": portal.Missing, "jane": portal.NotAnEmail, "jane@": portal.NotAnEmail, "@acme.com": portal.NotAnEmail,
				"jane@acme": portal.NoEmailDomain, "Jane <jane@acme.com>": portal.NotAnEmail, "jane@acme.com, b@c.de": portal.NotAnEmail,
				"jane\u00a0doe@acme.com": portal.NotInEmails, "o’neill@acme.com": portal.NotInEmails, "jane\u2011doe@acme.com": portal.NotInEmails,
				"jane–doe@acme.com": portal.NotInEmails, "jane\u3000doe@acme.com": portal.NotInEmails, "jane\u2028doe@acme.com": portal.Invisible,
				"jane@acme–corp.com": portal.NotInEmails, "jane@acme．com": portal.NotInEmails, "ｊane@acme.com": portal.NotInEmails,
				"jane\u3164@acme.com": portal.Invisible, "jane\u200d@acme.com": portal.Invisible, "jane…@acme.com": portal.NotInEmails,
				"jane\u200b@acme.com": portal.Invisible, "jane@127.0.0.1": portal.NoEmailDomain, strings.Repeat("a", 250) + "@acme.com": portal.NotAnEmail,
			},
		},
		{
			"reason", portal.CheckReason,
			[]string{"x", strings.Repeat("x", 1000)},
			map[string]portal.FaultCode{"": portal.Missing, strings.Repeat("x", 1001): portal.BadLength, "\u2800": portal.NotSeen},
		},
		{
			"ticket", portal.CheckTicket,
			[]string{"", strings.Repeat("x", 100)},
			map[string]portal.FaultCode{strings.Repeat("x", 101): portal.BadLength, "CHG\u200b1": portal.Invisible},
		},
	}
	for _, test := range tests {
		for _, s := range test.good {
			if fault := test.check(s); fault.Code != "" {
				t.Errorf("%s %q: %+v, want no fault", test.name, s, fault)
			}
		}
		for s, want := range test.bad {
			if got := test.check(s).Code; got != want {
				t.Errorf("%s %q: %q, want %q", test.name, s, got, want)
			}
		}
	}
}

func TestAFaultHasTheFactsThatItIsAbout(t *testing.T) {
	t.Parallel()
	eleven := strings.Fields("a1.example a2.example a3.example a4.example a5.example a6.example a7.example a8.example a9.example a10.example a11.example")
	domains := func(typed ...string) portal.Fault {
		_, fault := portal.CheckDomains(typed)
		return fault
	}
	_, together := portal.NewDomains(sapi.Company{Name: "Tern", EmailDomains: eleven[:9]}, eleven[9:])
	tests := map[string]struct{ got, want portal.Fault }{
		"length":           {portal.CheckVanityName("a"), portal.Fault{Code: portal.BadLength, Least: 2, Most: 63, Count: 1}},
		"invisible":        {portal.CheckName("A\u202eB"), portal.Fault{Code: portal.Invisible, Rune: '\u202e'}},
		"no domain":        {domains(), portal.Fault{Code: portal.Missing}},
		"not a domain":     {domains("acme.com", "acme", "gmx.de", "x y"), portal.Fault{Code: portal.NotADomain, Domains: []string{"acme", "x y"}}},
		"public":           {domains("GMail.com"), portal.Fault{Code: portal.PublicDomain, Domains: []string{"gmail.com"}}},
		"too many domains": {domains(eleven...), portal.Fault{Code: portal.TooManyDomains, Most: 10, Count: 11}},
		"too many with those that it has": {
			together, portal.Fault{Code: portal.DomainsTogether, Most: 10, Count: 11, Company: "Tern", Domains: eleven[:9]},
		},
	}
	for name, test := range tests {
		if diff := cmp.Diff(test.want, test.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestWhatIsWrongWithPeopleStandsAtTheirRow(t *testing.T) {
	t.Parallel()
	own := []string{"acme.example"}
	people := []sapi.NewUser{
		{Email: "zoe@acme.example", FirstName: "Zoe", LastName: "Ash"},
		{Email: "ZOE@acme.example", FirstName: "Zoe", LastName: strings.Repeat("h", 257)},
		{Email: "ben@other.example", FirstName: "Ben\u200b"},
	}
	want := []portal.FieldError{
		{Row: 2, Field: "lastName", Fault: portal.Fault{Code: portal.BadLength, Most: 256, Count: 257}},
		{Row: 2, Field: "email", Fault: portal.Fault{Code: portal.Repeated, First: 1}},
		{Row: 3, Field: "email", Fault: portal.Fault{Code: portal.OtherDomain, Value: "other.example", Domains: own}},
		{Row: 3, Field: "lastName", Fault: portal.Fault{Code: portal.Missing}},
		{Row: 3, Field: "firstName", Fault: portal.Fault{Code: portal.Invisible, Rune: '\u200b'}},
	}
	if diff := cmp.Diff(want, portal.CheckPeople(people, own)); diff != "" {
		t.Errorf("CheckPeople (-want +got):\n%s", diff)
	}
	nobody := []portal.FieldError{{Fault: portal.Fault{Code: portal.HowManyPeople, Least: 1, Most: 20}}}
	if diff := cmp.Diff(nobody, portal.CheckPeople(nil, own)); diff != "" {
		t.Errorf("CheckPeople of nobody (-want +got):\n%s", diff)
	}
}

func TestANameOfWhichNothingCanBeSeenIsRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"\u3164", "\u2800", "\u200b", "\u200d", "\u115f\u1160"} {
		problems := portal.CheckPerson(sapi.NewUser{Email: "zoe@acme.example", FirstName: name, LastName: "Ash", Title: name}, []string{"acme.example"})
		want := []portal.FieldError{{Field: "firstName", Fault: portal.Fault{Code: portal.NotSeen}}, {Field: "title", Fault: portal.Fault{Code: portal.NotSeen}}}
		if diff := cmp.Diff(want, problems); diff != "" {
			t.Errorf("CheckPerson of %+q (-want +got):\n%s", name, diff)
		}
	}
}

func TestMendingChangesNothingThatCanBeSeen(t *testing.T) {
	t.Parallel()
	people := []sapi.NewUser{
		{Email: "zoe@acme.example\u200b", FirstName: "\u200eZo\u00ade\ufeff ", LastName: "Ash", PhoneNumber: "\u202d+33\u00a01\u201123\u202c"},
		{Email: "o’neill@acme.example", FirstName: "A\u202eB", LastName: "अ\u200dब", Title: "two\u2028lines"},
	}
	mended, fields := portal.MendPeople(people)
	want := []sapi.NewUser{{Email: "zoe@acme.example", FirstName: "Zoe", LastName: "Ash", PhoneNumber: "+33 1-23"}, people[1]}
	if diff := cmp.Diff(want, mended); diff != "" {
		t.Errorf("MendPeople (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]portal.Mended{{1, "email"}, {1, "firstName"}, {1, "phoneNumber"}}, fields); diff != "" {
		t.Errorf("what was mended (-want +got):\n%s", diff)
	}
}

func TestADomainIsOneInEitherSpelling(t *testing.T) {
	t.Parallel()
	for _, spellings := range [][2]string{{"bücher.example", "xn--bcher-kva.example"}, {"xn--bcher-kva.example", "Bücher.example"}} {
		own := []string{spellings[0]}
		if added, fault := portal.NewDomains(sapi.Company{EmailDomains: own}, spellings[1:]); len(added) != 0 || fault.Code != "" {
			t.Errorf("NewDomains(%s, %s) = %v, %q, want that it is there", spellings[0], spellings[1], added, fault.Code)
		}
		person := sapi.NewUser{Email: "zoe@" + spellings[1], FirstName: "Zoe", LastName: "Ash"}
		if problems := portal.CheckPerson(person, own); len(problems) != 0 {
			t.Errorf("CheckPerson(%s, %s) = %v, want no problem", person.Email, spellings[0], problems)
		}
		twice := []sapi.NewUser{person, {Email: "ZOE@" + spellings[0], FirstName: "Zoe", LastName: "Ash"}}
		if problems := portal.CheckPeople(twice, own); len(problems) != 1 {
			t.Errorf("CheckPeople(%s twice) = %v, want one problem", person.Email, problems)
		}
	}
}

func FuzzInput(f *testing.F) {
	for _, s := range []string{"a@b.c", "Acme.COM", "xn--", "a\u202eb", "\xff", "1.2.3.4", "a,b;c\td"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		portal.CheckEmail(s)
		portal.CheckName(s)
		for _, item := range portal.SplitList(s) {
			if item == "" {
				t.Errorf("SplitList(%q) has an empty item", s)
			}
		}
	})
}
