// Package signin owns the question why a person can't sign in to Symphony: what is asked
// for it, and what follows. It changes nothing and keeps nothing of its own, and must not
// take for fine what it doesn't know.
package signin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"foyer/auth"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/safely"
	"foyer/sapi"
)

// Options are what a Service is made of. All but Now are required.
type Options struct {
	Symphony  *sapi.Client
	Directory *directory.Directory
	Changes   *change.Engine
	Now       func() time.Time // nil: time.Now
}

// Service is the use case of finding out. It is safe for concurrent use.
type Service struct {
	symphony  *sapi.Client
	directory *directory.Directory
	changes   *change.Engine
	now       func() time.Time
}

// New gives the use case over the given parts. It panics when a required one is missing,
// because that is a mistake in the wiring and not of the moment.
func New(o Options) *Service {
	if o.Symphony == nil || o.Directory == nil || o.Changes == nil {
		panic("signin.New: Symphony, Directory and Changes are required")
	}
	s := &Service{symphony: o.Symphony, directory: o.Directory, changes: o.Changes, now: o.Now}
	if s.now == nil {
		s.now = time.Now
	}
	return s
}

// Facts are what can be known of why a person can't sign in.
type Facts struct {
	User       directory.User // with Stale: why they are as last read
	Company    directory.CompanyRecord
	CompanyErr error                  // why it is as last read
	Unsettled  bool                   // a change of their status is not settled
	Last       directory.StatusMoment // of the changes of their status; zero: none is known, or may be seen
	Latest     directory.StatusPeriod // what is known of their status now; zero likewise
	Login      Answer[sapi.Pod]       // of the login service
	Search     *Answer[sapi.Match]    // of the directory search; nil: Foyer has no partner id for it
}

// Answer is what one of Symphony's services said.
type Answer[T any] struct {
	Said T
	Err  error // why it said nothing
	At   time.Time
}

// Find asks for everything that may tell why a person can't sign in, side by side where
// their address is known. ErrNotFound when the
// company has no such person, and an error as of Directory.User when nothing is known of
// them. What else can't be asked is a fact, too.
func (s *Service) Find(ctx context.Context, a auth.Actor, companyID, userID string) (Facts, error) {
	known, _ := s.directory.KnownUsers(ctx, companyID, []string{userID}) // it may do without
	email := known[userID].Email
	var f Facts
	asks := []func() error{
		func() (err error) {
			f.User, err = s.directory.User(ctx, a, companyID, userID)
			return err
		},
		func() error {
			company, err := s.directory.Company(ctx, a, companyID)
			f.Company, f.CompanyErr = company.CompanyRecord, cmp.Or(err, company.Stale)
			return nil
		},
	}
	early := email != "" && a.Can(auth.See)
	if early {
		asks = append(asks, func() error { s.askFor(ctx, email, &f); return nil })
	}
	if err := safely.Together(asks...); err != nil {
		return Facts{}, err
	}
	if f.Company.ID == "" {
		f.Company = f.User.Company
	}
	if !early || f.User.Email != email {
		s.askFor(ctx, f.User.Email, &f)
	}
	if err := ctx.Err(); err != nil {
		return Facts{}, fmt.Errorf("find out about a sign-in: %w", err)
	}
	return f, s.findChanges(ctx, a, &f)
}

// askFor asks the login service and the directory search for an address, side by side.
func (s *Service) askFor(ctx context.Context, email string, f *Facts) {
	var g errgroup.Group
	g.Go(func() error {
		f.Login = Answer[sapi.Pod]{At: s.now()}
		f.Login.Said, f.Login.Err = safely.Answer(func() (sapi.Pod, error) { return s.symphony.Login.Lookup(ctx, email) })
		return nil
	})
	if s.symphony.Directory.Enabled() {
		f.Search = &Answer[sapi.Match]{At: s.now()}
		g.Go(func() error {
			f.Search.Said, f.Search.Err = safely.Answer(func() (sapi.Match, error) { return s.symphony.Directory.Search(ctx, email) })
			return nil
		})
	}
	_ = g.Wait() // each fact has its own error
}

// findChanges adds what Foyer itself recorded.
func (s *Service) findChanges(ctx context.Context, a auth.Actor, f *Facts) (err error) {
	if _, f.Unsettled, err = s.changes.UnsettledStatus(ctx, a, f.User.CompanyID, f.User.ID); err != nil {
		return err
	}
	history, err := s.directory.StatusHistory(ctx, a, f.User.UserRecord)
	if _, forbidden := errors.AsType[*portal.Forbidden](err); forbidden {
		return nil
	}
	if err != nil {
		return err
	}
	f.Last = history.Last()
	if n := len(history.Periods); n > 0 {
		f.Latest = history.Periods[n-1]
	}
	return nil
}
