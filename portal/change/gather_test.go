package change

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"foyer/ledger"
	"foyer/portal"
	"foyer/safely"
)

// transactions is a store that notes which events each committed transaction appended.
type transactions struct {
	Store

	mu        sync.Mutex
	committed [][]string
	failing   error // of the next commit
}

// transaction is one that is under way.
type transaction struct {
	of     *transactions
	events []string
}

// Begin implements Store.
func (s *transactions) Begin(ctx context.Context) (portal.Tx, error) {
	return &transaction{of: s}, ctx.Err()
}

// Append implements Store.
func (*transactions) Append(_ context.Context, tx portal.Tx, events ...ledger.Event) error {
	for _, e := range events {
		tx.(*transaction).events = append(tx.(*transaction).events, e.Note)
	}
	return nil
}

// Commit implements portal.Tx.
func (tx *transaction) Commit() error {
	tx.of.mu.Lock()
	defer tx.of.mu.Unlock()
	if err := tx.of.failing; err != nil {
		tx.of.failing = nil
		return err
	}
	tx.of.committed = append(tx.of.committed, tx.events)
	return nil
}

// Rollback implements portal.Tx.
func (*transaction) Rollback() error { return nil }

// gathering is a gatherer whose first transaction is held until the others have come.
type gathering struct {
	*gatherer

	stored  *transactions
	held    chan struct{}
	results map[string]chan error
}

func newGathering() *gathering {
	stored := &transactions{}
	g := &gathering{newGatherer(stored), stored, make(chan struct{}), map[string]chan error{}}
	g.comes(context.Background(), "first", func() error {
		<-g.held
		return nil
	})
	return g
}

// comes has something stored by a name, once do has allowed it.
func (g *gathering) comes(ctx context.Context, name string, do func() error) {
	result := make(chan error, 1)
	g.results[name] = result
	go func() {
		result <- safely.Do(func() error {
			return g.do(ctx, func(context.Context, portal.Tx) ([]ledger.Event, error) {
				return []ledger.Event{{Note: name}}, do()
			})
		})
	}()
	synctest.Wait()
}

// release lets the first transaction end, and waits for all.
func (g *gathering) release() map[string]error {
	close(g.held)
	ended := map[string]error{}
	for name, result := range g.results {
		ended[name] = <-result
	}
	return ended
}

func well() error { return nil }

func TestWhoComesWhileATransactionIsOnItsWayIsStoredTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGathering()
		for n := range 2 * gatheredAtOnce {
			g.comes(t.Context(), fmt.Sprint(n), well)
		}
		for name, err := range g.release() {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		var sizes []int
		for _, events := range g.stored.committed {
			sizes = append(sizes, len(events))
		}
		if want := []int{1, gatheredAtOnce, gatheredAtOnce}; !slices.Equal(sizes, want) {
			t.Errorf("the transactions have %v events, want %v", sizes, want)
		}
	})
}

// What fails, or panics, is its own trouble: the others are stored.
func TestWhatCannotBeStoredFailsByItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g, broken := newGathering(), errors.New("broken")
		g.comes(t.Context(), "well", well)
		g.comes(t.Context(), "broken", func() error { return broken })
		g.comes(t.Context(), "panics", func() error { panic("no such luck") })
		g.comes(t.Context(), "well, too", well)
		ended := g.release()
		if ended["well"] != nil || ended["well, too"] != nil || !errors.Is(ended["broken"], broken) {
			t.Errorf("ended with %v", ended)
		}
		if _, panicked := errors.AsType[*safely.PanicError](ended["panics"]); !panicked {
			t.Errorf("what panics ended with %v", ended["panics"])
		}
		var stored []string
		for _, events := range g.stored.committed {
			stored = append(stored, events...)
		}
		if slices.Sort(stored); !slices.Equal(stored, []string{"first", "well", "well, too"}) {
			t.Errorf("stored are %q", stored)
		}
	})
}

// A commit without an answer may have been one: nobody stores it once more by themselves.
func TestACommitThatFailsIsToldToEverybody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g, lost := newGathering(), errors.New("connection lost")
		g.comes(t.Context(), "one", func() error {
			g.stored.failing = lost
			return nil
		})
		g.comes(t.Context(), "another", well)
		if ended := g.release(); !errors.Is(ended["one"], lost) || !errors.Is(ended["another"], lost) || ended["first"] != nil {
			t.Errorf("ended with %v", ended)
		}
		if len(g.stored.committed) != 1 {
			t.Errorf("stored are %q", g.stored.committed)
		}
	})
}

// Who goes while waiting stores nothing; who has the turn for others stores theirs all the
// same.
func TestWhoGoesIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGathering()
		going, goes := context.WithCancel(t.Context())
		leading, leaves := context.WithCancel(t.Context())
		g.comes(leading, "leads", func() error {
			leaves()
			return nil
		})
		g.comes(going, "goes", well)
		g.comes(t.Context(), "stays", well)
		goes()
		synctest.Wait()
		ended := g.release()
		if !errors.Is(ended["goes"], context.Canceled) || ended["leads"] != nil || ended["stays"] != nil {
			t.Errorf("ended with %v", ended)
		}
		for _, events := range g.stored.committed {
			if slices.Contains(events, "goes") {
				t.Errorf("stored are %q", g.stored.committed)
			}
		}
	})
}
