package wording

import (
	"fmt"
	"time"

	"foyer/portal"
	"foyer/portal/directory"
	"foyer/views"
	"foyer/views/ui"
)

// namedGaps is how many companies a page names that could not be read.
const namedGaps = 3

// Coverage says how much of the directory is read, and since when.
func Coverage(c directory.Coverage, now time.Time) views.Coverage {
	v := views.Coverage{Words: ui.Count(c.Companies, "company", "companies")}
	switch {
	case c.Companies == 0:
		v.Words = "no company that is ready"
	case c.Read < c.Companies:
		v.Words = ui.Number(c.Read) + " of " + v.Words
	}
	if c.NotReady > 0 && c.Companies > 0 {
		v.Words += " (" + NotReady(c) + ")"
	}
	if c.Read > 0 {
		v.Words += ", " + ReadWithin(c.Oldest, now)
	}
	for i, failed := range c.Failed {
		if i == namedGaps {
			v.Gaps = append(v.Gaps, views.Gap{Words: ui.Count(len(c.Failed)-namedGaps, "other could not be read either", "others could not be read either")})
			break
		}
		v.Gaps = append(v.Gaps, Gap(failed, now))
	}
	switch n := len(c.Filling); {
	case n == 0:
		return v
	case c.Read == 0:
		v.FillingTitle = "The directory is being filled for the first time."
	default:
		v.FillingTitle = ui.Count(n, "company is", "companies are") + " being read for the first time."
	}
	v.Filling = filling(c)
	return v
}

// NotReady says how many other companies can have nobody, because they are not ready.
func NotReady(c directory.Coverage) string {
	return ui.Count(c.NotReady, "other isn’t ready", "others aren’t ready")
}

// ReadWithin says how old the oldest of what is shown is: "read within the last 20 min".
func ReadWithin(oldest, now time.Time) string {
	return "read within the last " + within(now.Sub(oldest))
}

// Gap says that a company's people could not be read, and what of them is shown.
func Gap(failed directory.Unread, now time.Time) views.Gap {
	g := views.Gap{Company: failed.Company.Name, ReadPath: views.ReadPeoplePath(failed.Company.ID), Words: "could not be read"}
	switch at := failed.CompleteAt; {
	case at.IsZero():
		g.Words += " yet, so nobody of it is here"
	default:
		g.Words += ", shown as of " + ui.When(at, now)
	}
	return g
}

// filling says how far the first reading of the companies is that were never read.
func filling(c directory.Coverage) *ui.ProgressProps {
	read, all := 0, 0
	for _, f := range c.Filling {
		people := int(max(f.Total, f.Company.People))
		soFar := f.NextPage * portal.MaxPageSize
		read += min(soFar, max(people, 0))
		all += max(people, 0)
	}
	p := &ui.ProgressProps{Label: "Reading companies for the first time", Value: c.Read, Max: c.Companies}
	p.Words = fmt.Sprintf("%s of %s", ui.Number(c.Read), ui.Count(c.Companies, "company", "companies"))
	if all > 0 {
		p.Value, p.Max = read, all
		p.Words += fmt.Sprintf("; of the others %s of %s", ui.Number(read), ui.Count(all, "person", "people"))
	}
	p.Words += "."
	return p
}

// within writes a duration that is not exceeded: "20 min".
func within(d time.Duration) string {
	switch {
	case d <= time.Minute:
		return "minute"
	case d <= time.Hour:
		return ui.Number(int((d+time.Minute-1)/time.Minute)) + " min"
	case d <= 48*time.Hour:
		return ui.Number(int((d+time.Hour-1)/time.Hour)) + " h"
	}
	return ui.Number(int((d+24*time.Hour-1)/(24*time.Hour))) + " days"
}
