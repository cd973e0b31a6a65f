package users

import (
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
