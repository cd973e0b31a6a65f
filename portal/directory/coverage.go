package directory

import (
	"context"
	"slices"
	"time"
)

// Coverage says how much of the directory is read, so that what is found in it is never
// passed off as more than it is.
type Coverage struct {
	Companies int // that are ready, and so can have people
	NotReady  int // companies besides, which can have nobody
	Read      int // of those that are ready, whose list was read to its end once
	// Failed are those whose list could not be read when that was last tried, the one
	// that was read longest ago first.
	Failed []Unread
	// Filling are those that are being read for the first time.
	Filling []Unread
	// Oldest is when the list was read that was read longest ago, of those that were.
	Oldest time.Time
}

// Complete says whether every company's people were read.
func (c Coverage) Complete() bool { return c.Read == c.Companies && len(c.Failed) == 0 }

// Unread is a company whose list is not read, or not as lately as it should be.
type Unread struct {
	Company CompanyRecord
	ListReading
}

// Coverage says how much of the directory is read. It is for other use cases, and checks
// no permission.
func (p *Directory) Coverage(ctx context.Context) (Coverage, error) {
	companies, _, err := p.listedCompanies(ctx)
	if err != nil {
		return Coverage{}, err
	}
	return p.coverage(ctx, companies)
}

func (p *Directory) coverage(ctx context.Context, companies []CompanyRecord) (Coverage, error) {
	read, err := p.people.Readings(ctx)
	if err != nil {
		return Coverage{}, err
	}
	return coverageOf(companies, read), nil
}

func coverageOf(companies []CompanyRecord, read map[string]ListReading) Coverage {
	var c Coverage
	for _, company := range companies {
		if !company.State.Ready() {
			c.NotReady++
			continue
		}
		c.Companies++
		r := read[company.ID]
		if !r.CompleteAt.IsZero() {
			c.Read++
			if c.Oldest.IsZero() || r.CompleteAt.Before(c.Oldest) {
				c.Oldest = r.CompleteAt
			}
		}
		switch {
		case !r.FailedAt.IsZero():
			c.Failed = append(c.Failed, Unread{company, r})
		case r.CompleteAt.IsZero():
			c.Filling = append(c.Filling, Unread{company, r})
		}
	}
	slices.SortStableFunc(c.Failed, func(a, b Unread) int { return a.CompleteAt.Compare(b.CompleteAt) })
	return c
}
