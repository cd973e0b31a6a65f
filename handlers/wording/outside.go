package wording

import (
	"foyer/portal/activity"
	"foyer/views/ui"
)

// Outside says what others than Foyer have changed, a line for each kind; nothing where
// nothing was noticed.
func Outside(o activity.Outside) []string {
	var lines []string
	say := func(n int, one, more, was string) {
		if n == 0 {
			return
		}
		line := ui.Count(n, one, more) + " " + was
		if o.More {
			line = "At least " + line
		}
		lines = append(lines, line)
	}
	say(o.Disabled, "person", "people", "disabled")
	say(o.Enabled, "person", "people", "enabled")
	say(o.Added, "person", "people", "added")
	say(o.NotListed, "person", "people", "not listed any more")
	say(o.Domains, "company", "companies", "with new domains")
	return lines
}
