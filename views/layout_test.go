package views_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"foyer/static"
	"foyer/views"
	"foyer/views/ui"
)

// document renders a page of the gallery and parses it as a browser would.
func document(t *testing.T, name string) (*goquery.Document, string) {
	t.Helper()
	var b bytes.Buffer
	if err := gallery()[name].Render(t.Context(), &b); err != nil {
		t.Fatalf("render %s: %v", name, err)
	}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatalf("parse %s: %v", name, err)
	}
	return doc, b.String()
}

func everyPage(t *testing.T, check func(t *testing.T, doc *goquery.Document, source string)) {
	t.Helper()
	for name := range gallery() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, source := document(t, name)
			check(t, doc, source)
		})
	}
}

func TestEveryTagIsClosedWhereItWasOpened(t *testing.T) {
	t.Parallel()
	void := map[string]bool{"meta": true, "link": true, "input": true, "br": true, "hr": true, "img": true}
	everyPage(t, func(t *testing.T, doc *goquery.Document, source string) {
		var open []string
		tokens := html.NewTokenizer(strings.NewReader(source))
		for {
			kind := tokens.Next()
			if kind == html.ErrorToken {
				break
			}
			tag, _ := tokens.TagName()
			name := string(tag)
			switch kind {
			case html.StartTagToken:
				if !void[name] {
					open = append(open, name)
				}
			case html.EndTagToken:
				if len(open) == 0 || open[len(open)-1] != name {
					t.Fatalf("</%s> closes %v", name, open)
				}
				open = open[:len(open)-1]
			default: // Text and comments have no end to miss.
			}
		}
		if len(open) > 0 {
			t.Errorf("left open: %v", open)
		}
		// A parser moves what may not stand where it stands, such as a block in
		// a paragraph, and leaves empty paragraphs or other elements behind.
		var moved bytes.Buffer
		if err := html.Render(&moved, doc.Nodes[0]); err != nil {
			t.Fatalf("render: %v", err)
		}
		if got, want := strings.Count(moved.String(), "<p"), strings.Count(source, "<p"); got != want {
			t.Errorf("a parser sees %d paragraphs, paths and progress bars, want %d: something is nested where it may not be", got, want)
		}
	})
}

func TestNothingThatThePolicyRefuses(t *testing.T) {
	t.Parallel()
	everyPage(t, func(t *testing.T, doc *goquery.Document, _ string) {
		if n := doc.Find("style, [style], script:not([src]), iframe, object, base").Length(); n > 0 {
			t.Errorf("%d inline styles, scripts or frames, want none", n)
		}
		for _, node := range doc.Find("*").Nodes {
			for _, a := range node.Attr {
				if strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on") || strings.HasPrefix(strings.ToLower(a.Val), "javascript:") {
					t.Errorf("<%s %s=%q>: a script in an attribute", node.Data, a.Key, a.Val)
				}
			}
		}
	})
}

func TestNamesAreShownAndNeverRun(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"company", "form", "companies"} {
		doc, source := document(t, name)
		if strings.Contains(source, "<b>Bold") {
			t.Errorf("%s: a name became markup", name)
		}
		if got := doc.Find("title").Text() + doc.Text(); !strings.Contains(got, hostile) && doc.Find(`[value='`+hostile+`']`).Length() == 0 {
			t.Errorf("%s: the name is not there as it was typed", name)
		}
	}
}

func TestIDsAreUniqueAndWhatPointsToThemExists(t *testing.T) {
	t.Parallel()
	everyPage(t, func(t *testing.T, doc *goquery.Document, _ string) {
		ids := map[string]bool{}
		doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
			id := s.AttrOr("id", "")
			if ids[id] || id == "" || strings.ContainsAny(id, " \t") {
				t.Errorf("id %q is there twice, empty or has a space", id)
			}
			ids[id] = true
		})
		for _, attribute := range []string{"for", "aria-describedby", "aria-labelledby", "data-preview", "form"} {
			doc.Find("[" + attribute + "]").Each(func(_ int, s *goquery.Selection) {
				for id := range strings.FieldsSeq(s.AttrOr(attribute, "")) {
					if !ids[id] {
						t.Errorf("%s=%q leads nowhere", attribute, id)
					}
				}
			})
		}
	})
}

func TestEveryControlHasAName(t *testing.T) {
	t.Parallel()
	everyPage(t, func(t *testing.T, doc *goquery.Document, _ string) {
		doc.Find("input:not([type=hidden]), textarea, select").Each(func(_ int, s *goquery.Selection) {
			if id := s.AttrOr("id", ""); id == "" || doc.Find(`label[for="`+id+`"]`).Length() != 1 {
				t.Errorf("the control %q has not exactly one label", s.AttrOr("name", ""))
			}
		})
		doc.Find("a, button").Each(func(_ int, s *goquery.Selection) {
			if strings.TrimSpace(s.Text()) == "" {
				t.Errorf("a link or button without words: %s", s.AttrOr("class", ""))
			}
		})
		doc.Find("svg").Each(func(_ int, s *goquery.Selection) {
			if s.AttrOr("aria-hidden", "") != "true" {
				t.Error("a drawing that screen readers would read out")
			}
		})
	})
}

func TestErrorsLeadToTheirFields(t *testing.T) {
	t.Parallel()
	doc, _ := document(t, "form")
	link := doc.Find("[data-error-summary] a")
	target := doc.Find(`[id="` + strings.TrimPrefix(link.AttrOr("href", ""), "#") + `"]`)
	if got := target.AttrOr("name", ""); got != "emailDomains" {
		t.Errorf("the summary leads to %q, want emailDomains", got)
	}
	if got := target.AttrOr("aria-invalid", ""); got != "true" {
		t.Errorf("aria-invalid = %q, want true", got)
	}
	if !strings.Contains(target.AttrOr("aria-describedby", ""), "field-emailDomains-error") {
		t.Error("the field does not say what is wrong with it")
	}
	if got := doc.Find("title").Text(); got != "Error: New company · SANDBOX · Foyer" {
		t.Errorf("title = %q", got)
	}
}

func TestTheEnvironmentIsOnEveryPage(t *testing.T) {
	t.Parallel()
	everyPage(t, func(t *testing.T, doc *goquery.Document, _ string) {
		word := doc.Find(".env strong").Text()
		if word == "" || !strings.Contains(doc.Find("title").Text(), " · "+word+" · Foyer") {
			t.Errorf("the environment %q is not in bar and title", word)
		}
		if want := static.Path("favicon-" + strings.ToLower(word) + ".svg"); doc.Find(`link[rel=icon]`).AttrOr("href", "") != want {
			t.Errorf("the icon is not that of %s", word)
		}
		if doc.Find("h1").Length() > 1 || doc.Find("main").Length() != 1 {
			t.Error("a page has one main and at most one h1")
		}
	})
}

func TestAnUnknownEnvironmentLooksLikeProduction(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := views.Bare(views.Chrome{Environment: "STAGING"}).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), `class="env env-prod"`) {
		t.Error("an unknown environment does not have the colour of PROD")
	}
}

func TestWhatIsOnlyForPeopleWhoAreSignedIn(t *testing.T) {
	t.Parallel()
	signedIn, _ := document(t, "companies")
	for selector, want := range map[string]int{"form[action='/logout'][method=post]": 1, "form[action='/find'][method=get] input[name=q]": 1, "nav [aria-current=page]": 1, "noscript": 1} {
		if got := signedIn.Find(selector).Length(); got != want {
			t.Errorf("signed in: %d × %s, want %d", got, selector, want)
		}
	}
	bare, _ := document(t, "bare")
	for _, selector := range []string{"form[action='/logout']", "nav", "input"} {
		if bare.Find(selector).Length() > 0 {
			t.Errorf("signed out: there is %s", selector)
		}
	}
}

func TestGalleryCanBeLookedAt(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("FOYER_GALLERY")
	if dir == "" {
		t.Skip("FOYER_GALLERY is not set: the gallery is not written to files")
	}
	for name := range gallery() {
		_, source := document(t, name)
		for _, file := range []string{"app.css", "app.js", "htmx.min.js", "favicon-sandbox.svg", "favicon-uat.svg", "favicon-prod.svg"} {
			source = strings.ReplaceAll(source, static.Path(file), "static/"+file)
		}
		if err := os.WriteFile(filepath.Join(dir, name+".html"), []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(filepath.Join(dir, "static"), os.DirFS("../static")); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkLayout(b *testing.B) {
	page := views.Layout(views.Chrome{Environment: "SANDBOX", Title: "Companies", Person: &views.Person{}, Flash: &ui.Flash{Title: "Done"}})
	var w bytes.Buffer
	for b.Loop() {
		w.Reset()
		if err := page.Render(b.Context(), &w); err != nil {
			b.Fatal(err)
		}
	}
}
