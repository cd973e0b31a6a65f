package portal_test

import (
	"strings"
	"testing"

	"foyer/portal"
	"foyer/sapi"
)

func TestRulesHoldAtTheirBounds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		check func(string) string
		good  []string
		bad   []string
	}{
		{
			"company name", portal.CheckName,
			[]string{"AB", strings.Repeat("n", 100), "Société Générique", "東京証券", "<b>&\""},
			[]string{"", "A", strings.Repeat("n", 101), "A\x00B", "A\u202eB", "\xff\xfe"},
		},
		{
			"vanity name", portal.CheckVanityName,
			[]string{"ab", "a1", "a-b", strings.Repeat("a", 63)},
			[]string{"", "a", "-ab", "ab-", "Ab", "a_b", "a b", "é2", strings.Repeat("a", 64), "ab\n"},
		},
		{
			"e-mail", portal.CheckEmail,
			[]string{"jane@acme.com", "o'neill+x@acme.co.uk", "jane@bücher.example"},
			[]string{"", "jane", "jane@", "@acme.com", "jane@acme", "Jane <jane@acme.com>", "jane@acme.com, b@c.de", "jane\u200b@acme.com", "jane@127.0.0.1", strings.Repeat("a", 250) + "@acme.com"},
		},
		{
			"reason", portal.CheckReason,
			[]string{"x", strings.Repeat("x", 1000)},
			[]string{"", strings.Repeat("x", 1001)},
		},
	}
	for _, test := range tests {
		for _, s := range test.good {
			if problem := test.check(s); problem != "" {
				t.Errorf("%s %q: %s, want no problem", test.name, s, problem)
			}
		}
		for _, s := range test.bad {
			if test.check(s) == "" {
				t.Errorf("%s %q: no problem, want one", test.name, s)
			}
		}
	}
}

func TestADomainIsOneInEitherSpelling(t *testing.T) {
	t.Parallel()
	for _, spellings := range [][2]string{{"bücher.example", "xn--bcher-kva.example"}, {"xn--bcher-kva.example", "Bücher.example"}} {
		own := []string{spellings[0]}
		if added, problem := portal.NewDomains(sapi.Company{EmailDomains: own}, spellings[1:]); len(added) != 0 || problem != "" {
			t.Errorf("NewDomains(%s, %s) = %v, %q, want that it is there", spellings[0], spellings[1], added, problem)
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
