package sapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"foyer/sapi"
)

// Ids come from URLs that anybody can type: they must not lead elsewhere.
func TestIDsStayInTheirPlace(t *testing.T) {
	t.Parallel()
	var paths []string
	c := start(t, newUpstream(map[string]http.HandlerFunc{
		"/prefix/api/": func(w http.ResponseWriter, r *http.Request) {
			paths = append(paths, r.RequestURI)
			answer(w, 200, `{"id":"c"}`)
		},
	}), nil)
	for _, id := range []string{"", ".", "..", "a/b", "../x", `a\b`} {
		_, err := c.Companies.Get(t.Context(), id)
		wantError(t, err, sapi.NotSent, sapi.ClassInvalid)
		_, err = c.Users.Get(t.Context(), "c", id)
		wantError(t, err, sapi.NotSent, sapi.ClassInvalid)
		wantError(t, c.Users.SetActive(t.Context(), id, "u", true), sapi.NotSent, sapi.ClassInvalid)
		_, err = c.Users.List(t.Context(), id, sapi.PageOptions{})
		wantError(t, err, sapi.NotSent, sapi.ClassInvalid)
		_, err = c.Users.Create(t.Context(), id, make([]sapi.NewUser, 1))
		wantError(t, err, sapi.NotSent, sapi.ClassInvalid)
		_, err = c.Companies.AddDomains(t.Context(), id, []string{"a.example"})
		wantError(t, err, sapi.NotSent, sapi.ClassInvalid)
	}
	if len(paths) != 0 {
		t.Fatalf("requests were sent: %q", paths)
	}
	for _, id := range []string{"a?b=c", "a#b", "%2e%2e", "a b", "%2F", "é", "a;b"} {
		if _, err := c.Companies.Get(t.Context(), id); err != nil {
			t.Errorf("Get(%q) = %v", id, err)
		}
	}
	want := "[/prefix/api/v2/companies/a%3Fb=c /prefix/api/v2/companies/a%23b /prefix/api/v2/companies/%252e%252e" +
		" /prefix/api/v2/companies/a%20b /prefix/api/v2/companies/%252F /prefix/api/v2/companies/%C3%A9 /prefix/api/v2/companies/a%3Bb]"
	if got := fmt.Sprint(paths); got != want {
		t.Errorf("paths = %s\nwant    %s", got, want)
	}
}

func TestArgumentsThatCannotBeRightAreNotSent(t *testing.T) {
	t.Parallel()
	u := newUpstream(nil)
	c := start(t, u, func(o *sapi.Options) { o.PartnerID = "" })
	ctx := t.Context()
	errs := map[string]error{}
	_, _, errs["Find of nothing"] = c.Companies.Find(ctx, "")
	_, _, errs["Find of too much"] = c.Companies.Find(ctx, strings.Repeat("a", 151))
	_, errs["Create without domains"] = c.Companies.Create(ctx, sapi.NewCompany{Name: "n", VanityName: "v"})
	_, errs["AddDomains of none"] = c.Companies.AddDomains(ctx, "c", nil)
	_, errs["AddDomains of 11"] = c.Companies.AddDomains(ctx, "c", make([]string, 11))
	_, errs["List of page -1"] = c.Users.List(ctx, "c", sapi.PageOptions{Page: -1})
	_, errs["List of 101"] = c.Users.List(ctx, "c", sapi.PageOptions{Size: 101})
	_, errs["Create of no users"] = c.Users.Create(ctx, "c", nil)
	_, errs["Create of 21 users"] = c.Users.Create(ctx, "c", make([]sapi.NewUser, 21))
	_, errs["Lookup of nothing"] = c.Login.Lookup(ctx, "")
	_, errs["Search without a partner id"] = c.Directory.Search(ctx, "a@b")
	for name, err := range errs {
		if !sapi.IsInvalid(err) || !sapi.IsNotSent(err) {
			t.Errorf("%s = %v, want it invalid and not sent", name, err)
		}
	}
	if got := len(u.observed()); got != 0 {
		t.Errorf("%d exchanges, want none", got)
	}
}
