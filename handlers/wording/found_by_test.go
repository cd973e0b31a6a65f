package wording

import (
	"testing"

	"foyer/sapi"
)

func TestAHitSaysByWhatItIsOneWhereNothingShownDoes(t *testing.T) {
	t.Parallel()
	u := sapi.User{FirstName: "Robert", LastName: "Ngo", DisplayName: "Bob Ngo", Email: "bob@tern.example", Title: "Chief Analyst", Department: "FX Options", PhoneNumber: "+33 1 09 75 83 51"}
	shown := []string{u.DisplayName, u.Email}
	for name, tt := range map[string]struct {
		words []string
		shown []string
		want  string
	}{
		"nothing searched":       {nil, shown, ""},
		"the name":               {[]string{"bob"}, shown, ""},
		"the title":              {[]string{"analyst"}, shown, "Title: Chief [Analyst]"},
		"a name that isn't used": {[]string{"rob"}, shown, "First name: [Rob]ert"},
		"one word of two":        {[]string{"bob", "options"}, shown, "Department: FX [Options]"},
		"several":                {[]string{"chief", "fx"}, shown, "Title: [Chief] Analyst · Department: [FX] Options"},
		"a phone number":         {[]string{"097583"}, shown, "Phone: +33 1 [09 75 83] 51"},
		"a title that is shown":  {[]string{"analyst"}, append(shown, u.Title), ""},
		"a phone that is shown":  {[]string{"097583"}, append(shown, u.PhoneNumber), ""},
		"nothing of theirs":      {[]string{"lyondell"}, shown, ""},
	} {
		if got := bracketed(FoundBy(u, tt.words, tt.shown...)); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
