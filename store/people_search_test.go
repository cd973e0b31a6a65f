package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"foyer/folding"
	"foyer/portal/directory"
	"foyer/sapi"
)

func TestASearchFindsWhatIsEasyToType(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		at := b.clock.Now()
		var people []directory.UserRecord
		for id, u := range map[string]sapi.User{
			"muller":  {DisplayName: "Jörg Müller", FirstName: "Jörg", LastName: "Müller", Email: "J.Mueller@acme.example", Department: "Équités", PhoneNumber: "+41 (0)44 123-45.67"},
			"oneill":  {DisplayName: "Sinéad O’Neill", LastName: "O'Neill", Email: "sinead@acme.example", Title: "100%_sure*"},
			"soren":   {DisplayName: "Søren Ørsted", Email: "soren+box@acme.example"},
			"strauss": {DisplayName: "Ute Strauß", Department: "Lange Straße"},
			"ipek":    {DisplayName: "İpek Işık", Location: "İSTANBUL", Department: "İSTANBUL"},
			"irem":    {DisplayName: "Irem", Department: "istanbul"},
			"li":      {DisplayName: "李 伟", LastName: "李", FirstName: "伟", Email: "liwei@acme.example"},
			"near":    {DisplayName: `Andrea "Near" Or-Not AND-1`, FirstName: "Andrea", LastName: "Orth"},
			"long":    {DisplayName: strings.Repeat("Barnabas ", 40) + "Endword"},
			"blank":   {Email: "nameless@acme.example"},
		} {
			u.ID = id
			people = append(people, fromList(u, at))
		}
		b.savePeople(t, people...)
		for query, want := range map[string]string{
			"muller": "muller", "MÜLLER": "muller", "mu\u0308ller": "muller", "mül": "muller", "mulle jorg": "muller", "jorg mulle": "muller", "llermu": "",
			"oneill": "oneill", "O'Neill": "oneill", "o’neill sinead": "oneill", "soren": "soren", "SØREN": "soren", "strasse": "strauss", "straße": "strauss", "strauss": "strauss",
			"istanbul": "ipek irem", "ISTANBUL": "ipek irem", "İstanbul": "ipek irem", "ısık": "ipek",
			"j": "muller", "mu": "muller", "mü": "muller", "ut": "strauss", "zz": "", "李": "li", "伟": "", "李 伟": "li", "李伟": "",
			"ler mu": "muller", "je mueller": "", "j mueller": "muller", "mueller j": "muller",
			"4412345": "muller", "44 12345": "muller", "123-45": "muller", "+41": "",
			"acme.example": "blank li muller oneill soren", "@acme": "blank li muller oneill soren", "mueller@acme": "muller", "soren+box": "soren",
			"100%": "oneill", "100%_": "oneill", "1%0": "", "_sure": "oneill", "sure*": "oneill", "su*": "", "mul*": "", "%": "", "_": "", "*": "", "%%%": "", "***": "", "___": "",
			`"near"`: "near", `"nea`: "near", "near": "near", "and": "near", "or-not": "near", "or": "near", "not": "near", "and-1": "near", "andrea and or": "near", "near(": "", "{a b}:": "", "^and": "", "-not": "near",
			"text:near": "", "mul\x00ler": "muller", "\x00": "", "' or 1=1 --": "", `\`: "", `\\\`: "", "endword": "long",
			strings.Repeat("barnabas ", 300): "long", strings.Repeat("x", 5000): "", "nobody": "", "": "",
		} {
			found, more, err := b.SearchPeople(t.Context(), folding.Words(query), 20)
			ids := idsOf(found)
			slices.Sort(ids)
			if err != nil || more || strings.Join(ids, " ") != want {
				t.Errorf("SearchPeople(%.40q) = %v, more %v, %v, want %s", query, ids, more, err, want)
			}
		}
	})
}

func TestBeginningsComeFirstAndMoreIsSaid(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		var people []directory.UserRecord
		for i := range 40 {
			people = append(people, fromList(sapi.User{ID: fmt.Sprintf("in-%02d", i), DisplayName: "Carl Hanson", Email: "x@acme.example"}, b.clock.Now()))
		}
		people = append(people, fromList(sapi.User{ID: "last", DisplayName: "Tom Sontag", LastName: "Sontag"}, b.clock.Now()),
			fromList(sapi.User{ID: "mail", DisplayName: "Zed", Email: "sonne@acme.example"}, b.clock.Now()),
			fromList(sapi.User{ID: "name", DisplayName: "Sonja"}, b.clock.Now()))
		b.savePeople(t, people...)
		found, more, err := b.SearchPeople(t.Context(), []string{"son"}, 5)
		if ids := idsOf(found); err != nil || !more || len(ids) != 5 || !slices.Equal(ids[:3], []string{"name", "last", "mail"}) {
			t.Errorf("SearchPeople = %v, more %v, %v, want the beginnings, two others and more", ids, more, err)
		}
		found, more, err = b.SearchPeople(t.Context(), []string{"son"}, 43)
		if err != nil || more || len(found) != 43 {
			t.Errorf("SearchPeople = %d, more %v, %v, want all of them", len(found), more, err)
		}
	})
}

func TestAPersonIsFoundByWhatTheyAreCalledNow(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		at := b.clock.Now()
		u := sapi.User{ID: "1", DisplayName: "Ann Before", LastName: "Before"}
		b.savePeople(t, fromList(u, at))
		u.DisplayName, u.LastName = "Ann Later", "Later"
		b.savePeople(t, fromList(u, at.Add(time.Minute)))
		for word, want := range map[string]int{"before": 0, "bef": 0, "be": 0, "later": 1, "la": 1, "ann": 1} {
			if found, _, err := b.SearchPeople(t.Context(), []string{word}, 5); err != nil || len(found) != want {
				t.Errorf("SearchPeople(%s) = %v, %v, want %d", word, found, err, want)
			}
		}
	})
}

func TestValuesAreListedInTheirOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		at := b.clock.Now()
		var people []directory.UserRecord
		for i, department := range []string{"Zoll", "Ätzen", "atzen", "", "Sales 10%", "Sales"} {
			people = append(people, fromList(sapi.User{ID: fmt.Sprint(i), Email: fmt.Sprintf("a@d%d.example", i%2), Department: department}, at))
		}
		b.savePeople(t, people...)
		for _, tt := range []struct {
			column     directory.ValueColumn
			containing string
			limit      int
			want       []string
		}{
			{directory.DepartmentColumn, "", 10, []string{"Ätzen", "Sales", "Sales 10%", "Zoll"}},
			{directory.DepartmentColumn, "al", 10, []string{"Sales", "Sales 10%"}},
			{directory.DepartmentColumn, "%", 10, []string{"Sales 10%"}},
			{directory.DepartmentColumn, "", 2, []string{"Ätzen", "Sales"}},
			{directory.DomainColumn, "", 10, []string{"d0.example", "d1.example"}},
			{directory.TitleColumn, "", 10, nil},
			{"none", "", 10, nil},
		} {
			if got, err := b.Values(t.Context(), tt.column, tt.containing, tt.limit); err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("Values(%s, %q, %d) = %q, %v, want %q", tt.column, tt.containing, tt.limit, got, err, tt.want)
			}
		}
	})
}
