package handlers

import (
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"foyer/sandbox/idp"
)

type goquerySelection = goquery.Selection

// signIn goes to the demo identity provider as a browser does, chooses the
// person of a role ("none" for the one without), and comes back to Foyer's
// callback, whose answer it returns.
func (b *bench) signIn(browser *browser, authURL, role string) *page {
	b.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	var subject, name string
	for _, p := range idp.People() {
		if p.Role == role || role == "none" && p.Group == "" {
			subject, name = p.Subject, p.Name
		}
	}
	next := authURL
	for range 8 {
		if path, isFoyers := strings.CutPrefix(next, publicURL); isFoyers {
			return browser.get(path)
		}
		request, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, next, nil)
		b.must(err)
		answer, err := client.Do(request)
		b.must(err)
		if answer.StatusCode == http.StatusOK {
			answer = b.choose(client, answer, subject, name)
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
		at, err := answer.Request.URL.Parse(answer.Header.Get("Location"))
		b.must(err)
		next = at.String()
	}
	b.t.Fatalf("signing in as %s leads nowhere", role)
	return nil
}

// choose presses a person's button on the provider's page.
func (b *bench) choose(client *http.Client, answer *http.Response, subject, name string) *http.Response {
	b.t.Helper()
	doc, err := goquery.NewDocumentFromReader(answer.Body)
	b.must(err)
	_ = answer.Body.Close()
	button := doc.Find("button").FilterFunction(func(_ int, s *goquery.Selection) bool {
		return s.AttrOr("value", "") == subject || strings.Contains(s.Text(), name)
	}).First()
	form := button.Closest("form")
	values := url.Values{}
	form.Find("input[name]").Each(func(_ int, s *goquery.Selection) { values.Add(s.AttrOr("name", ""), s.AttrOr("value", "")) })
	if field, ok := button.Attr("name"); ok {
		values.Set(field, button.AttrOr("value", ""))
	}
	action, err := answer.Request.URL.Parse(form.AttrOr("action", ""))
	b.must(err)
	request, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, action.String(), strings.NewReader(values.Encode()))
	b.must(err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	chosen, err := client.Do(request)
	b.must(err)
	return chosen
}
