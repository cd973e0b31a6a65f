package handlers

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foyer/sapi"
)

func TestParsePaste(t *testing.T) {
	t.Parallel()
	jane := sapi.NewUser{Email: "jane@acme.example", FirstName: "Jane", LastName: "Doe"}
	full := jane
	full.DisplayName, full.Title, full.Department, full.Location, full.PhoneNumber = "Jane Q. Doe", "Trader", "FX", "Paris", "+33 1 23"
	tests := []struct {
		name    string
		text    string
		want    []sapi.NewUser
		ignored []string
	}{
		{"nothing", "", nil, nil},
		{"blank lines", "\r\n\r\n \t \n", nil, nil},
		{"tabs", "jane@acme.example\tJane\tDoe\r\n", []sapi.NewUser{jane}, nil},
		{"semicolons", "jane@acme.example;Jane;Doe", []sapi.NewUser{jane}, nil},
		{"commas", "jane@acme.example, Jane, Doe", []sapi.NewUser{jane}, nil},
		{"every column", "jane@acme.example\tJane\tDoe\tJane Q. Doe\tTrader\tFX\tParis\t+33 1 23\tand more", []sapi.NewUser{full}, nil},
		{"the address elsewhere", "Jane\tDoe\tjane@acme.example", []sapi.NewUser{jane}, nil},
		{"a heading", "E-mail\tFirst name\tLast name\njane@acme.example\tJane\tDoe", []sapi.NewUser{jane}, nil},
		{
			"a heading in another order and spelling",
			"SURNAME;given_name;e mail address;Job Title;Dept.;Office;Mobile phone;Full Name\nDoe;Jane;jane@acme.example;Trader;FX;Paris;+33 1 23;Jane Q. Doe",
			[]sapi.NewUser{full},
			nil,
		},
		{
			"columns that have no place",
			"Manager,E-mail,First name,Cost centre,Last name,Mail\nBob,jane@acme.example,Jane,7,Doe,other@acme.example",
			[]sapi.NewUser{jane},
			[]string{"Manager", "Cost centre", "Mail"},
		},
		{"quotes", `"jane@acme.example","Jane","Doe"`, []sapi.NewUser{jane}, nil},
		{"a comma in a cell", "E-mail,First name,Last name,Title\njane@acme.example,Jane,Doe,\"Head, FX\"", []sapi.NewUser{{Email: jane.Email, FirstName: "Jane", LastName: "Doe", Title: "Head, FX"}}, nil},
		{"a quote in a cell", "jane@acme.example\tJane \"JJ\"\tDoe", []sapi.NewUser{{Email: jane.Email, FirstName: `Jane "JJ"`, LastName: "Doe"}}, nil},
		{"a byte order mark", "\ufeffE-mail;First name;Last name\njane@acme.example;Jane;Doe", []sapi.NewUser{jane}, nil},
		{"rows that are short", "E-mail\tFirst name\tLast name\njane@acme.example\tJane", []sapi.NewUser{{Email: jane.Email, FirstName: "Jane"}}, nil},
		{"a heading alone", "E-mail\tFirst name", nil, nil},
		{"many", strings.Repeat("jane@acme.example\tJane\tDoe\n", 3), []sapi.NewUser{jane, jane, jane}, nil},
		{"addresses alone", "a@acme.example\nb@acme.example", []sapi.NewUser{{Email: "a@acme.example"}, {Email: "b@acme.example"}}, nil},
	}
	for _, test := range tests {
		got, ignored := parsePaste(test.text)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: parsePaste(%q) (-want +got):\n%s", test.name, test.text, diff)
		}
		if diff := cmp.Diff(test.ignored, ignored); diff != "" {
			t.Errorf("%s: ignored (-want +got):\n%s", test.name, diff)
		}
	}
}

func FuzzParsePaste(f *testing.F) {
	f.Add("E-mail\tFirst name\njane@acme.example\tJane")
	f.Add("\"a\n;b,\tc\"")
	f.Add("@;@;@\n;;;;;;;;;;;")
	f.Fuzz(func(t *testing.T, text string) {
		people, _ := parsePaste(text)
		for _, u := range people {
			if u == (sapi.NewUser{}) {
				t.Errorf("parsePaste(%q) has a person with nothing", text)
			}
			for _, field := range personFields() {
				if value := *field.value(&u); value != strings.TrimSpace(value) {
					t.Errorf("parsePaste(%q) leaves spaces around %q", text, value)
				}
			}
		}
	})
}

func TestFillRefusesMoreThanFit(t *testing.T) {
	t.Parallel()
	rows := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "p%d@acme.example\tP\tQ\n", i)
		}
		return b.String()
	}
	tests := []struct {
		there, pasted int
		people        int
		note, problem string
	}{
		{0, 20, 20, "20 rows were pasted.", ""},
		{0, 1, 1, "1 row was pasted.", ""},
		{5, 15, 20, "15 rows were pasted.", ""},
		{0, 21, 0, "", "These are 21 rows. Symphony takes 20 people at once: paste 20"},
		{5, 16, 5, "", "These are 16 rows, and 5 are filled in already."},
		{5, 0, 5, "", "There is nobody in what was pasted."},
	}
	for _, test := range tests {
		form := peopleForm{people: make([]sapi.NewUser, test.there), paste: rows(test.pasted)}
		note, problem := form.fill()
		if len(form.people) != test.people || !strings.HasPrefix(note, test.note) || !strings.HasPrefix(problem, test.problem) || (note == "") == (problem == "") {
			t.Errorf("fill of %d after %d = %q, %q with %d people; want %q, %q with %d", test.pasted, test.there, note, problem, len(form.people), test.note, test.problem, test.people)
		}
		if kept := form.paste != ""; kept != (problem != "" && test.pasted > 0) {
			t.Errorf("fill of %d after %d: the box keeps its text: %v", test.pasted, test.there, kept)
		}
	}
}
