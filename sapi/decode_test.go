package sapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"foyer/sapi"
)

// replying is a transport that hands out tokens and answers anything else alike.
func replying(status int, contentType string, body []byte) roundTripper {
	return func(r *http.Request) (*http.Response, error) {
		response := &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {contentType}}, Body: io.NopCloser(bytes.NewReader(body))}
		if strings.HasSuffix(r.URL.Path, "/oauth/token") {
			response.StatusCode, response.Header = 200, http.Header{}
			response.Body = io.NopCloser(strings.NewReader(`{"access_token":"token-1"}`))
		}
		return response, nil
	}
}

// FuzzAnswers feeds any answer to every operation: none may panic, none may leak
// what it read into its error's text, and a change must end in a success, a
// refusal or an unknown outcome.
func FuzzAnswers(f *testing.F) {
	for _, name := range []string{
		"bad_paging", "company", "company_failed", "company_unavailable", "domain_taken", "user",
		"user_not_found", "user_page", "users_company_unavailable", "users_created", "users_partly_created",
	} {
		f.Add(200, "application/json", []byte(published(f, name)))
		f.Add(400, "application/json", []byte(published(f, name)))
	}
	f.Add(502, "text/html", []byte("<html>"+person))
	f.Add(304, "", []byte(nil))
	f.Add(207, "application/json", []byte(`[null,{"email":1,"status":"x","error":[]}]`))
	f.Add(200, "application/problem+json", []byte(onPod))
	f.Add(404, ";", []byte(noPod))
	f.Fuzz(func(t *testing.T, status int, contentType string, body []byte) {
		o := newUpstream(nil).options("http://localhost")
		o.Transport, o.MaxTries = replying(status, contentType, body), 1
		c := newClient(t, o)
		ctx := t.Context()
		reads := map[string]error{}
		_, reads["List companies"] = c.Companies.List(ctx)
		_, _, reads["Find"] = c.Companies.Find(ctx, "acme")
		_, reads["Get company"] = c.Companies.Get(ctx, "c")
		_, reads["List users"] = c.Users.List(ctx, "c", sapi.PageOptions{})
		_, reads["Get user"] = c.Users.Get(ctx, "c", "u")
		_, reads["Lookup"] = c.Login.Lookup(ctx, person)
		_, reads["Search"] = c.Directory.Search(ctx, person)
		for name, err := range reads {
			wantSound(t, name, err, sapi.Refused, sapi.Failed)
		}
		changes := map[string]error{"SetActive": disable(ctx, c), "Create company": change(ctx, c)}
		_, changes["AddDomains"] = c.Companies.AddDomains(ctx, "c", []string{"acme.example"})
		result, err := c.Users.Create(ctx, "c", []sapi.NewUser{{Email: "john.smith@symphony.com"}, {Email: person}})
		changes["Create users"] = err
		if err == nil && len(result.Users) != 2 {
			t.Errorf("Create users = %d results, want 2", len(result.Users))
		}
		for name, err := range changes {
			wantSound(t, name, err, sapi.Refused, sapi.Lost)
		}
	})
}

// wantSound checks that an error, if any, is of this package, has one of these
// fates, and reads as one line of plain text.
func wantSound(t *testing.T, name string, err error, fates ...sapi.Fate) {
	t.Helper()
	if err == nil {
		return
	}
	e, ok := errors.AsType[*sapi.Error](err)
	if !ok || e.Fate != fates[0] && e.Fate != fates[1] {
		t.Fatalf("%s = %#v, want a *sapi.Error that is one of %v", name, err, fates)
	}
	text := err.Error()
	if !utf8.ValidString(text) || strings.ContainsAny(text, "\r\n\x1b@") || len(text) > 300 {
		t.Errorf("%s = %q, want one plain line", name, text)
	}
}

func BenchmarkUserPage(b *testing.B) {
	user := map[string]any{}
	if err := json.Unmarshal([]byte(published(b, "user")), &user); err != nil {
		b.Fatal(err)
	}
	users := make([]any, 100)
	for i := range users {
		one := maps.Clone(user)
		one["id"] = fmt.Sprintf("e176c55e-6e49-4819-b982-%012d", i)
		users[i] = one
	}
	body, err := json.Marshal(map[string]any{"total": 12004, "pageSize": 100, "currentPage": 0, "users": users})
	if err != nil {
		b.Fatal(err)
	}
	o := newUpstream(nil).options("http://localhost")
	o.Transport, o.Observe = replying(200, "application/json", body), nil
	c, err := sapi.New(o)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		page, err := c.Users.List(context.Background(), companyID, sapi.PageOptions{})
		if err != nil || len(page.Users) != 100 {
			b.Fatalf("List() = %d users, %v", len(page.Users), err)
		}
	}
}
