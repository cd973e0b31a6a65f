package directory_test

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"foyer/portal/directory"
)

func TestWhatIsTypedIsUnderstood(t *testing.T) {
	t.Parallel()
	const id = "5bec2e8b-da45-46c7-8d2e-0a1b2c3d4e5f"
	adele := []string{"adele.vance@lyondell.example"}
	tests := map[string]directory.Typed{
		"adele.vance@lyondell.example":                          {Emails: adele},
		"  adele.vance@lyondell.example,  ":                     {Emails: adele},
		"Adele Vance <adele.vance@lyondell.example>":            {Emails: adele},
		`"Vance, Adele" <adele.vance@lyondell.example>;`:        {Emails: adele},
		"mailto:adele.vance@lyondell.example?subject=Hello":     {Emails: adele},
		"MAILTO:adele.vance%40lyondell.example":                 {Emails: adele},
		"<mailto:adele.vance@lyondell.example>":                 {Emails: adele},
		"\u200badele.vance@lyondell.example\u00a0":              {Emails: adele},
		"'adele.vance@lyondell.example'":                        {Emails: adele},
		"adele.vance@lyondell.example.":                         {Emails: adele},
		"a@x.example, A@X.example; Bo Chen <b@x.example>":       {Emails: []string{"a@x.example", "b@x.example"}},
		"https://lyondell.on.symphony.com/":                     {URL: &url.URL{Scheme: "https", Host: "lyondell.on.symphony.com", Path: "/"}},
		"<https://lyondell.on.symphony.com>":                    {URL: &url.URL{Scheme: "https", Host: "lyondell.on.symphony.com"}},
		"lyondell.on.symphony.com/client":                       {URL: &url.URL{Scheme: "https", Host: "lyondell.on.symphony.com", Path: "/client"}},
		"Sales/Trading":                                         {},
		"/companies/" + id:                                      {URL: &url.URL{Path: "/companies/" + id}},
		"http://127.0.0.1:8080/companies/" + id + "/users?at=x": {URL: &url.URL{Scheme: "http", Host: "127.0.0.1:8080", Path: "/companies/" + id + "/users", RawQuery: "at=x"}},
		"5BEC2E8B-DA45-46C7-8D2E-0A1B2C3D4E5F":                  {IDs: []string{id}},
		"user id: {" + id + "}":                                 {IDs: []string{id}},
		"#1204":                                                 {Event: 1204},
		"695734946108125":                                       {Number: 695734946108125},
		"99999999999999999999":                                  {},
		"O'Neill  Søren":                                        {},
		"adele.vance@":                                          {},
		"/":                                                     {},
		"":                                                      {},
	}
	for text, want := range tests {
		got := directory.Understand(text)
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(directory.Typed{}, "Text", "Words")); diff != "" {
			t.Errorf("Understand(%q) (-want +got):\n%s", text, diff)
		}
	}
}

func TestWordsAreFolded(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"O'Neill  Søren":            {"oneill", "soren"},
		"MÜLLER\u200b-Lüdenscheidt": {"muller-ludenscheidt"},
		"straße İstanbul ISTANBUL":  {"strasse", "istanbul"},
		`"Müller", Anna;`:           {"muller", "anna"},
		"(Lyondell) «Trading»":      {"lyondell", "trading"},
		"@lyondell.example":         {"@lyondell.example"},
		"R&D - Sales":               {"r&d", "sales"},
		"!?.,;:-_*/\\%":             nil,
		"+49 (0)30 555-0123":        {"49305550123"},
		"0049 30 5550123":           {"49305550123"},
		"(030) 555 0123":            {"305550123"},
		"0301234567":                {"301234567"},
	} {
		if diff := cmp.Diff(want, directory.Understand(text).Words); diff != "" {
			t.Errorf("the words of %q (-want +got):\n%s", text, diff)
		}
	}
}
