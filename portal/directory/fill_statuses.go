package directory

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"foyer/safely"
	"foyer/sapi"
)

const (
	// fillFor is how long one job reads statuses.
	fillFor = 50 * time.Second
	// filledAtOnce is how many statuses are read and kept together.
	filledAtOnce = 512
	// fillers is how many are read at once, within what all calls may be.
	fillers = 16
)

// FillStatuses reads statuses that are not known, and then those that are old, one
// person after the other, as far as it comes within a minute: behind everything that
// somebody waits for. Jobs call it.
func (p *Directory) FillStatuses(ctx context.Context) error {
	ctx, cancel := p.untilStopped(sapi.WithPriority(ctx, sapi.Background))
	defer cancel()
	for until := p.now().Add(fillFor); p.now().Before(until) && !p.symphony.HoldsBack(); {
		due, err := p.people.StatusesDue(ctx, p.now().Add(-p.statusAge), filledAtOnce)
		if p.isStopping() {
			return nil
		}
		if err != nil {
			return fmt.Errorf("fill statuses: %w", err)
		}
		if len(due) == 0 {
			return nil
		}
		answered, err := p.fill(ctx, due)
		if p.isStopping() {
			return nil
		}
		if err != nil || !answered {
			return err
		}
	}
	return nil
}

// fill reads the statuses of people and keeps them. Whose status can't be told is due
// again only with the others, so that nobody stands in their way; unless Symphony told
// nobody's, which answered says: then it is not they who are the reason.
func (p *Directory) fill(ctx context.Context, due []UserRef) (answered bool, err error) {
	var mu sync.Mutex
	read := make(map[string][]UserReading)
	var untold []UserRef
	var group errgroup.Group
	group.SetLimit(fillers)
	began := p.now()
	for _, ref := range due {
		group.Go(func() error {
			asked := p.now()
			u, err := safely.Answer(func() (sapi.User, error) { return p.symphony.Users.Get(ctx, ref.CompanyID, ref.UserID) })
			mu.Lock()
			defer mu.Unlock()
			if err == nil && u.ID == ref.UserID {
				read[ref.CompanyID] = append(read[ref.CompanyID], UserReading{u, asked})
			}
			if err != nil || u.Status == sapi.StatusUnknown {
				untold = append(untold, ref)
			}
			return nil
		})
	}
	_ = group.Wait() // the readers return no error
	if ctx.Err() != nil || len(read) == 0 {
		return false, ctx.Err()
	}
	for companyID, readings := range read {
		if err := p.keepReadings(ctx, "", companyID, FromDetail, readings); err != nil {
			return false, fmt.Errorf("fill statuses: %w", err)
		}
	}
	if err := p.people.StatusesAsked(ctx, untold, began); err != nil {
		return false, fmt.Errorf("fill statuses: %w", err)
	}
	return true, nil
}
