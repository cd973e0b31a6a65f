package change

import (
	"context"
	"slices"
	"sync"

	"foyer/ledger"
	"foyer/portal"
	"foyer/safely"
)

// gatheredAtOnce is how much is stored in one transaction at the most: whoever else wants
// to write waits for its end.
const gatheredAtOnce = 8

// gatherer stores in one transaction what several ask for while an earlier one is on its
// way: their events are appended together, and the database commits once. Who comes alone
// waits for nobody.
//
// All of it is stored or nothing, and when something of it can't be, each is stored by
// itself, so that nobody fails for another one's reason.
type gatherer struct {
	store Store
	turn  chan struct{} // has one while a transaction is on its way

	mu      sync.Mutex
	waiting []*gathered
}

// storing does its part in a transaction, and gives what is to be appended to the ledger at
// its end. It may be called again, in another transaction, when the first one came to
// nothing.
type storing func(ctx context.Context, tx portal.Tx) ([]ledger.Event, error)

// gathered is what one waits to have stored. alone and err are set when done is closed.
type gathered struct {
	storing

	done  chan struct{}
	alone bool // it is to be stored by itself
	err   error
}

func newGatherer(s Store) *gatherer { return &gatherer{store: s, turn: make(chan struct{}, 1)} }

// do stores something, perhaps together with what others have stored. As with any commit it
// may be stored although the error says that it wasn't.
func (g *gatherer) do(ctx context.Context, s storing) error {
	own := &gathered{storing: s, done: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, own)
	g.mu.Unlock()
	select {
	case g.turn <- struct{}{}:
		defer func() { <-g.turn }()
		if all := g.take(own); len(all) > 1 {
			g.together(ctx, all)
		} else if len(all) == 1 {
			return g.byItself(ctx, s)
		}
	case <-own.done:
	case <-ctx.Done():
		if g.leaves(own) {
			return ctx.Err()
		}
	}
	<-own.done // somebody has it, and the database says soon
	if own.alone {
		return g.byItself(ctx, s)
	}
	return own.err
}

// take gives what is to be stored together with one's own; nothing where another one has
// that already.
func (g *gatherer) take(own *gathered) []*gathered {
	if !g.leaves(own) {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.waiting), gatheredAtOnce-1)
	all := append([]*gathered{own}, g.waiting[:n]...)
	g.waiting = slices.Delete(g.waiting, 0, n)
	return all
}

// leaves takes something back unless somebody has it already.
func (g *gatherer) leaves(own *gathered) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(g.waiting, own)
	if i < 0 {
		return false
	}
	g.waiting = slices.Delete(g.waiting, i, i+1)
	return true
}

// together stores several in one transaction, and tells each of them. It does so also when
// whoever has the turn has gone: the others have not.
func (g *gatherer) together(ctx context.Context, all []*gathered) {
	complete := false
	err := safely.Do(func() (err error) {
		complete, err = g.transact(context.WithoutCancel(ctx), all)
		return err
	})
	for _, one := range all {
		one.alone, one.err = !complete, err
		close(one.done)
	}
}

func (g *gatherer) byItself(ctx context.Context, s storing) error {
	_, err := g.transact(ctx, []*gathered{{storing: s}})
	return err
}

// transact stores all in one transaction. complete says that nothing was wrong with any of
// them: an error is then of the transaction itself.
func (g *gatherer) transact(ctx context.Context, all []*gathered) (complete bool, err error) {
	tx, err := g.store.Begin(ctx)
	if err != nil {
		return true, err
	}
	defer func() { _ = tx.Rollback() }()
	var events []ledger.Event
	for _, one := range all {
		of, err := one.storing(ctx, tx)
		if err != nil {
			return false, err
		}
		events = append(events, of...)
	}
	if err := g.store.Append(ctx, tx, events...); err != nil {
		return false, err
	}
	return true, tx.Commit()
}
