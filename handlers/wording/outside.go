package wording

import (
	"foyer/ledger"
	"foyer/portal/activity"
	"foyer/views/ui"
)

// OutsideLine is a line about what others than Foyer have changed.
type OutsideLine struct {
	Words  string
	Action ledger.Action // of the events that it counts
}

// Outside says what others than Foyer have changed, a line for each kind; nothing where
// nothing was noticed.
func Outside(o activity.Outside) []OutsideLine {
	var lines []OutsideLine
	say := func(n int, one, more, was string, action ledger.Action) {
		if n == 0 {
			return
		}
		line := ui.Count(n, one, more) + " " + was
		if o.More {
			line = "At least " + line
		}
		lines = append(lines, OutsideLine{line, action})
	}
	say(o.Disabled, "person", "people", "disabled", ledger.StatusOutside)
	say(o.Enabled, "person", "people", "enabled", ledger.StatusOutside)
	say(o.Added, "person", "people", "added", ledger.SeenOutside)
	say(o.NotListed, "person", "people", "not listed any more", ledger.NotListed)
	say(o.Companies, "company", "companies", "created", ledger.CompanyOutside)
	say(o.Domains, "company", "companies", "with new domains", ledger.DomainOutside)
	return lines
}
