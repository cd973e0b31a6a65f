package ui_test

import (
	"bytes"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"

	"foyer/views/ui"
)

var now = time.Date(2026, 3, 1, 9, 41, 7, 0, time.UTC)

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 7: "7", 100: "100", 999: "999", 1000: "1,000", 12004: "12,004", 123456: "123,456", 1234567: "1,234,567", -12004: "-12,004"} {
		if got := ui.Number(n); got != want {
			t.Errorf("Number(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0 people", 1: "1 person", 12004: "12,004 people"} {
		if got := ui.Count(n, "person", "people"); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestRelative(t *testing.T) {
	t.Parallel()
	for ago, want := range map[time.Duration]string{
		0: "just now", 4 * time.Second: "just now", -4 * time.Second: "just now", 5 * time.Second: "5 s ago", 59 * time.Second: "59 s ago",
		time.Minute: "1 min ago", 59*time.Minute + 59*time.Second: "59 min ago", time.Hour: "1 h ago", 23 * time.Hour: "23 h ago",
		24 * time.Hour: "1 d ago", 29 * 24 * time.Hour: "29 d ago", 30 * 24 * time.Hour: "2026-01-30", -6 * time.Minute: "in 6 min", -31 * 24 * time.Hour: "2026-04-01",
	} {
		if got := ui.Relative(now.Add(-ago), now); got != want {
			t.Errorf("Relative(%v ago) = %q, want %q", ago, got, want)
		}
	}
}

func TestElapsed(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{-time.Second: "0 s", 12 * time.Second: "12 s", 6*time.Minute + 5*time.Second: "6 min 5 s", 80 * time.Minute: "1 h 20 min", 25 * time.Hour: "25 h 0 min"} {
		if got := ui.Elapsed(d); got != want {
			t.Errorf("Elapsed(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestTimesAreInUTCWhereverTheyWereMade(t *testing.T) {
	t.Parallel()
	at := now.In(time.FixedZone("", 5*3600+1800))
	want := `<time datetime="2026-03-01T09:41:07Z" title="2026-03-01 09:41:07 UTC" data-relative>just now</time>`
	if got := render(t, ui.Time(ui.TimeProps{At: at, Now: now})); got != want {
		t.Errorf("Time = %s, want %s", got, want)
	}
	want = `<time datetime="2026-03-01T09:41:07Z">2026-03-01 09:41:07 UTC</time>`
	if got := render(t, ui.Time(ui.TimeProps{At: at, Absolute: true})); got != want {
		t.Errorf("absolute Time = %s, want %s", got, want)
	}
	if got := ui.Clock(at); got != "09:41:07" {
		t.Errorf("Clock = %s, want 09:41:07", got)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	var errors ui.Errors
	if errors.Any() || errors.For("name") != "" {
		t.Error("no errors, and yet there are some")
	}
	errors.Add("name", "Enter a name.")
	errors.Add("", "Nothing was changed.")
	errors.Add("name", "Use letters.")
	if !errors.Any() {
		t.Error("Any() = false, want true")
	}
	if got, want := errors.For("name"), "Enter a name. Use letters."; got != want {
		t.Errorf("For(name) = %q, want %q", got, want)
	}
	if got := errors.For("vanityName"); got != "" {
		t.Errorf("For(vanityName) = %q, want none", got)
	}
}

func TestNewPager(t *testing.T) {
	t.Parallel()
	query := url.Values{"status": {"active"}, "q": {"a&b"}, "page": {"9"}, "size": {"7"}}
	keep := []ui.Parameter{{Name: "q", Value: "a&b"}, {Name: "status", Value: "active"}, {Name: "size", Value: "100"}}
	href := func(page, size string) string { return "/u?page=" + page + "&q=a%26b&size=" + size + "&status=active" }

	for name, tc := range map[string]struct {
		page, total int
		want        ui.PagerProps
	}{
		"in the middle": {3, 12004, ui.PagerProps{From: 201, To: 300, Total: 12004, Page: 3, Pages: 121, First: href("1", "100"), Previous: href("2", "100"), Next: href("4", "100"), Last: href("121", "100")}},
		"the first":     {1, 250, ui.PagerProps{From: 1, To: 100, Total: 250, Page: 1, Pages: 3, Next: href("2", "100"), Last: href("3", "100")}},
		"the last":      {3, 250, ui.PagerProps{From: 201, To: 250, Total: 250, Page: 3, Pages: 3, First: href("1", "100"), Previous: href("2", "100")}},
		"beyond it":     {99, 250, ui.PagerProps{From: 201, To: 250, Total: 250, Page: 3, Pages: 3, First: href("1", "100"), Previous: href("2", "100")}},
		"nothing":       {1, 0, ui.PagerProps{Page: 1, Pages: 1}},
	} {
		tc.want.Action, tc.want.Keep = "/u", keep
		tc.want.Sizes = []ui.PageSize{{Size: 50, Href: href("1", "50")}, {Size: 100, Href: href("1", "100"), Current: true}}
		if diff := cmp.Diff(tc.want, ui.NewPager("/u", query, tc.page, 100, tc.total, []int{50, 100})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if got := query.Get("page"); got != "9" {
		t.Errorf("the caller's query was changed: page = %s", got)
	}
}

func TestATextareaKeepsItsFirstEmptyLine(t *testing.T) {
	t.Parallel()
	got := render(t, ui.Field(ui.FieldProps{Kind: ui.FieldTextarea, Name: "paste", Label: "Paste", Value: "\nfirst"}))
	if !strings.Contains(got, ">\n\nfirst</textarea>") {
		t.Errorf("browsers drop the first newline of a textarea, so that two are needed: %s", got)
	}
}

func TestOnlyAddressesThatAreSafeBecomeLinks(t *testing.T) {
	t.Parallel()
	for _, href := range []string{"javascript:alert(1)", "JAVASCRIPT:alert(1)", "data:text/html,x"} {
		for name, c := range map[string]templ.Component{
			"button": ui.Button(ui.ButtonProps{Label: "x", Href: href}), "crumb": ui.Breadcrumb([]ui.Link{{Label: "x", Href: href}}),
			"chip": ui.Chip(ui.ChipProps{RemoveHref: href}), "change": ui.Summary([]ui.KeyValueItem{{ChangeHref: href}}),
		} {
			if got := render(t, c); strings.Contains(got, "alert") || strings.Contains(got, "data:") {
				t.Errorf("%s with %s = %s", name, href, got)
			}
		}
	}
}

func TestDetailsCanBeCopiedWhole(t *testing.T) {
	t.Parallel()
	got := render(t, ui.Details(ui.DetailsProps{Code: "40103", HTTPStatus: 403, TraceID: "KUfkYm", Endpoint: "POST /api/v2/users", Time: now}))
	want := "Code: 40103\nHTTP status: 403\nTrace id: KUfkYm\nEndpoint: POST /api/v2/users\nTime: 2026-03-01 09:41:07 UTC\n"
	if !strings.Contains(got, `data-copy="`+want+`"`) {
		t.Errorf("Details = %s, want it to copy %q", got, want)
	}
}

func TestAForbiddenButtonSaysWhyAndDoesNothing(t *testing.T) {
	t.Parallel()
	got := render(t, ui.Button(ui.ButtonProps{Label: "Disable", Href: "/x", Forbidden: "Auditors can only read."}))
	if strings.Contains(got, "href") || strings.Contains(got, "submit") || !strings.Contains(got, "disabled") || !strings.Contains(got, "Auditors can only read.") {
		t.Errorf("Button = %s", got)
	}
}

func TestOnAndShortDay(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		at        time.Time
		on, short string
	}{
		{now.Add(-time.Minute), "today at 09:40 UTC", "09:40"},
		{now.Add(-9*time.Hour - 41*time.Minute - 8*time.Second), "yesterday at 23:59 UTC", "2026-02-28"},
		{now.Add(-48 * time.Hour), "on 2026-02-27", "2026-02-27"},
		{now.AddDate(-1, 0, 0), "on 2025-03-01", "2025-03-01"},
		{now.Add(24 * time.Hour), "on 2026-03-02", "2026-03-02"},
	} {
		if on, short := ui.On(tt.at, now), ui.ShortDay(tt.at, now); on != tt.on || short != tt.short {
			t.Errorf("%v is %q and %q, want %q and %q", tt.at, on, short, tt.on, tt.short)
		}
	}
}
