package auth

import (
	"net/url"
	"os"
	"strings"
	"testing"
)

// registered stands in for the route table.
func registered(path string) bool {
	return path == "/" || path == "/companies" || strings.HasPrefix(path, "/companies/") || path == "/precheck"
}

func TestLocalReturn(t *testing.T) {
	t.Parallel()
	tests := []struct{ returnTo, want string }{
		{"/", "/"},
		{"/companies", "/companies"},
		{"/companies?page=2&state=COMPLETED", "/companies?page=2&state=COMPLETED"},
		{"/companies/8f1c/users?size=50", "/companies/8f1c/users?size=50"},
		{"/precheck?email=a%40b.example", "/precheck?email=a%40b.example"},
		{"/precheck?email=//evil.example", "/precheck?email=//evil.example"},
		{"/companies/M%C3%BCller", "/companies/M%C3%BCller"},
		{"/companies#people", "/companies"},

		{"", "/"},
		{"companies", "/"},
		{"/logout", "/"},
		{"/auth/callback?code=x", "/"},
		{"/companies/" + strings.Repeat("a", 3000), "/"},
	}
	for _, test := range tests {
		if got := localReturn(test.returnTo, registered); got != test.want {
			t.Errorf("localReturn(%.80q) = %q, want %q", test.returnTo, got, test.want)
		}
	}
}

// Nothing of the corpus leads away from here, even when every path is allowed.
func TestLocalReturnStaysHere(t *testing.T) {
	t.Parallel()
	corpus, err := os.ReadFile("testdata/open-redirects.txt")
	if err != nil {
		t.Fatalf("read corpus: %v", err)
	}
	unescape := strings.NewReplacer(`\t`, "\t", `\v`, "\v", `\n`, "\n", `\r`, "\r", `\0`, "\x00", `\\`, `\`)
	for line := range strings.Lines(string(corpus)) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		returnTo := unescape.Replace(line)
		if got := localReturn(returnTo, func(string) bool { return true }); got != "/" {
			t.Errorf("localReturn(%q) = %q, want /", returnTo, got)
		}
	}
}

func FuzzLocalReturn(f *testing.F) {
	for _, seed := range []string{"/companies?a=b", "//evil.example", `/\evil.example`, "/%2f/evil", "/./..//x", "/companies/%00"} {
		f.Add(seed)
	}
	base := &url.URL{Scheme: "https", Host: "foyer.example", Path: "/login"}
	f.Fuzz(func(t *testing.T, returnTo string) {
		got := localReturn(returnTo, registered)
		// Browsers drop tabs and line breaks and read \ as /.
		asBrowsersRead := strings.NewReplacer("\t", "", "\n", "", "\r", "", `\`, "/").Replace(got)
		u, err := base.Parse(asBrowsersRead)
		if err != nil || u.Scheme != base.Scheme || u.Host != base.Host || !registered(u.Path) {
			t.Errorf("localReturn(%q) = %q, which leads to %v (%v)", returnTo, got, u, err)
		}
		if again := localReturn(got, registered); again != got {
			t.Errorf("localReturn(%q) = %q, want it unchanged the second time", got, again)
		}
	})
}
