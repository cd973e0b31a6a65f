package activity

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/views/ui"
)

func TestAChipRemovesItsFilterAlone(t *testing.T) {
	t.Parallel()
	q := url.Values{"person": {"otto"}, "outcome": {"failed"}}
	want := []ui.ChipProps{
		{Label: "Done by", Value: "otto", RemoveHref: "/audit?outcome=failed"},
		{Label: "Outcome", Value: "Refused", RemoveHref: "/audit?person=otto"},
	}
	if diff := cmp.Diff(want, activityChips(q)); diff != "" {
		t.Errorf("activityChips (-want +got):\n%s", diff)
	}
}

func TestADayIsOverWhenTheNextBegins(t *testing.T) {
	t.Parallel()
	at := func(s string) time.Time {
		parsed, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	tests := []struct {
		typed      string
		begin, end time.Time
	}{
		{"2026-03-01", at("2026-03-01T00:00:00Z"), at("2026-03-02T00:00:00Z")},
		{"2026-03-01 09:30", at("2026-03-01T09:30:00Z"), at("2026-03-01T09:31:00Z")},
		{"2026-03-01T09:30", at("2026-03-01T09:30:00Z"), at("2026-03-01T09:31:00Z")},
		{"2026-03-01 09:30:15 UTC", at("2026-03-01T09:30:15Z"), at("2026-03-01T09:30:16Z")},
		{"2026-03-01T09:30:15.250Z", at("2026-03-01T09:30:15.25Z"), at("2026-03-01T09:30:15.251Z")},
		{"2026-03-01T09:30+01:00", at("2026-03-01T08:30:00Z"), at("2026-03-01T08:31:00Z")},
		{"", time.Time{}, time.Time{}},
	}
	for _, test := range tests {
		begin, end, ok := momentOf(test.typed)
		if !ok || !begin.Equal(test.begin) || !end.Equal(test.end) {
			t.Errorf("momentOf(%q) = %v, %v, %v, want %v, %v", test.typed, begin, end, ok, test.begin, test.end)
		}
	}
}

func TestRangesBeginWhereTheySay(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 14, 23, 59, 0, 0, time.UTC)
	ranges := activityRanges(url.Values{"from": {"2026-05-08"}, "person": {"otto"}}, now)
	want := []ui.Segment{
		{Label: "All time", Href: "/audit?person=otto"},
		{Label: "Today", Href: "/audit?from=2026-05-14&person=otto"},
		{Label: "7 days", Href: "/audit?from=2026-05-08&person=otto", Current: true},
		{Label: "30 days", Href: "/audit?from=2026-04-15&person=otto"},
		{Label: "This quarter", Href: "/audit?from=2026-04-01&person=otto"},
	}
	if diff := cmp.Diff(want, ranges.Segments); diff != "" {
		t.Errorf("activityRanges (-want +got):\n%s", diff)
	}
}
