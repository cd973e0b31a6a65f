package directory

import (
	"context"
	"fmt"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/safely"
	"foyer/sapi"
)

// StatusDays is how many people of a company were active and disabled at the end of each
// of some days, as far as Foyer observed it.
type StatusDays struct {
	Days []StatusDay // one after the other, by UTC; the last one is today, until now. None: nothing was observed
	// Since is when anybody's status was first observed; zero: it never was.
	Since time.Time
	// TooMany says that the company has more people than are counted while somebody waits.
	TooMany bool
	At      time.Time // when they were counted
	// Whole says that the company's list was read to its end once: else it has people who
	// aren't counted at all.
	Whole bool
}

// StatusDay is how many people a company had at the end of a day.
type StatusDay struct {
	Day              time.Time // when it began
	Active, Disabled int       // observed to be, on this day or before and after
	NotObserved      int       // the others: of them it isn't known
}

// Total is everybody whom the company had.
func (d StatusDay) Total() int { return d.Active + d.Disabled + d.NotObserved }

// DayCount is how many people were something from the end of one day until before the end
// of another one.
type DayCount struct {
	Status   sapi.Status // unknown where it is not about statuses
	From, To time.Time   // days; the zero To says that it lasts
	People   int
	Latest   bool // nothing is known of them since
}

// To count a hundred thousand people takes some tenths of a second. More than mostCounted
// are never counted while somebody waits for a page, and more than manyCounted not for each
// page: what was counted is used again for countedFor.
const (
	mostCounted = 250_000
	manyCounted = 10_000
	countedFor  = 2 * time.Minute
)

// spans are the numbers of days that are drawn: the fewest in which something was observed
// throughout, or else the most.
var spans = []int{14, 30, 90}

const day = 24 * time.Hour

// StatusDays counts the people of a company by status, day by day. Symphony is asked
// nothing.
func (p *Directory) StatusDays(ctx context.Context, a auth.Actor, companyID string) (StatusDays, error) {
	if err := p.gate.Require(ctx, a, auth.SeeHistory, ledger.Company{ID: companyID}); err != nil {
		return StatusDays{}, err
	}
	if kept, ok := p.counted.Load(companyID); ok && p.now().Sub(kept.(StatusDays).At).Abs() < countedFor {
		return kept.(StatusDays), nil
	}
	// However many look at the company, it is counted once, be it that one of them leaves.
	counting := p.counting.DoChan(companyID, safely.InFlight(func() (StatusDays, error) {
		return p.countStatuses(context.WithoutCancel(ctx), companyID)
	}))
	select {
	case c := <-counting:
		if c.Err != nil {
			return StatusDays{}, fmt.Errorf("count statuses by day: %w", c.Err)
		}
		return c.Val.(StatusDays), nil
	case <-ctx.Done():
		return StatusDays{}, ctx.Err()
	}
}

func (p *Directory) countStatuses(ctx context.Context, companyID string) (s StatusDays, err error) {
	if s.Since, err = p.statuses.ObservingSince(ctx, companyID); err != nil || s.Since.IsZero() {
		return s, err
	}
	tally, err := p.people.Tally(ctx, companyID)
	if err != nil {
		return s, err
	}
	s.At = p.now()
	if s.TooMany = tally.Listed()+tally.NotListed > mostCounted; s.TooMany {
		return s, nil
	}
	reading, err := p.people.Reading(ctx, companyID)
	if err != nil {
		return s, err
	}
	s.Whole = !reading.CompleteAt.IsZero()
	today := s.At.UTC().Truncate(day)
	from := firstDay(s.Since, today)
	told, err := p.statuses.StatusesByDay(ctx, companyID, from)
	if err != nil {
		return s, err
	}
	there, err := p.people.PeopleByDay(ctx, companyID, from)
	if err != nil {
		return s, err
	}
	s.Days = daysOf(from, today, told, there)
	if tally.Listed()+tally.NotListed > manyCounted {
		p.counted.Store(companyID, s)
	} else {
		p.counted.Delete(companyID)
	}
	return s, nil
}

// firstDay is the first of the days that are counted.
func firstDay(since, today time.Time) time.Time {
	days := spans[0]
	for _, n := range spans {
		days = n
		if !since.Before(today.AddDate(0, 0, 1-n)) {
			break
		}
	}
	return today.AddDate(0, 0, 1-days)
}

// daysOf counts on each day whom something was told of, and of whom nothing was. Today is
// not over, and a status is read once a day, so that yesterday's is good for today.
func daysOf(from, today time.Time, told, there []DayCount) []StatusDay {
	n := int(today.Sub(from)/day) + 1
	days := make([]StatusDay, n)
	for i := range days {
		days[i].Day = from.AddDate(0, 0, i)
	}
	each := func(c DayCount, count func(*StatusDay)) {
		for i := max(int(c.From.Sub(from)/day), 0); i < n && (c.To.IsZero() || days[i].Day.Before(c.To)); i++ {
			count(&days[i])
		}
	}
	for _, c := range there {
		each(c, func(d *StatusDay) { d.NotObserved += c.People })
	}
	for _, c := range told {
		if c.Latest && c.To.Equal(today) {
			c.To = today.AddDate(0, 0, 1)
		}
		each(c, func(d *StatusDay) {
			if c.Status == sapi.StatusActive {
				d.Active += c.People
			} else {
				d.Disabled += c.People
			}
			d.NotObserved -= c.People
		})
	}
	for i := range days {
		days[i].NotObserved = max(days[i].NotObserved, 0) // who was observed before they count as created, by another clock
	}
	return days
}
