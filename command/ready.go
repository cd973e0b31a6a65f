package command

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"foyer/handlers"
	"foyer/ledger"
	"foyer/store"
)

const (
	// answerWithin is how long the database may take to show that it is there.
	answerWithin = 2 * time.Second
	// writableFor is how long it is believed that it can be written, or can't: finding
	// out costs a small write.
	writableFor = 5 * time.Second
)

// readiness says whether people can be served, and whether changes can be made.
type readiness struct {
	db       *store.DB
	stopping atomic.Bool

	last   atomic.Pointer[lastTry]
	trying atomic.Bool // for those who don't wait

	mu      sync.Mutex
	unwrite error // why the database could not be written when it was last tried
	unkept  error // likewise the directory of people
	tried   time.Time
}

// check says why people can't be served; handlers.ErrDegraded where they can be, and
// changes can't be made; where those can be, handlers.ErrNotKept where what is read can't
// be kept, and ledger.ErrKey where nothing can be signed.
func (r *readiness) check() error {
	if r.stopping.Load() {
		return errors.New("shutting down")
	}
	ctx, cancel := context.WithTimeout(context.Background(), answerWithin)
	defer cancel()
	if err := r.db.Ping(ctx); err != nil {
		return err
	}
	unwrite, unkept := r.writable(ctx)
	switch {
	case unwrite != nil:
		return fmt.Errorf("%w: %w", handlers.ErrDegraded, unwrite)
	case unkept != nil:
		return fmt.Errorf("%w: %w", handlers.ErrNotKept, unkept)
	}
	return r.db.CheckSigning(ctx)
}

func (r *readiness) writable(ctx context.Context) (unwrite, unkept error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := time.Now(); now.Sub(r.tried) > writableFor {
		r.unwrite, r.unkept, r.tried = r.db.CheckWrite(ctx), nil, now
		r.last.Store(&lastTry{r.unrecorded(ctx), now})
		if r.unwrite == nil {
			r.unkept = r.db.CheckDirectory(ctx)
		}
	}
	return r.unwrite, r.unkept
}

// unrecorded says why nothing can be recorded: the database can't be written, or this
// process doesn't have the ledger's key.
func (r *readiness) unrecorded(ctx context.Context) error {
	if r.unwrite != nil {
		return r.unwrite
	}
	if err := r.db.CheckSigning(ctx); errors.Is(err, ledger.ErrKey) {
		return err
	}
	return nil
}

// lastTry is what came of trying whether something can be recorded.
type lastTry struct {
	unrecorded error
	at         time.Time
}

// lastFor is for how long that is told to those who don't wait for a new one.
const lastFor = time.Minute

// unwritable says why nothing could be recorded when that was last tried. It
// never waits: who asks has it tried again, for whoever asks next.
func (r *readiness) unwritable() error {
	if r.trying.CompareAndSwap(false, true) {
		go func() {
			defer r.trying.Store(false)
			ctx, cancel := context.WithTimeout(context.Background(), answerWithin)
			defer cancel()
			_, _ = r.writable(ctx)
		}()
	}
	if last := r.last.Load(); last != nil && time.Since(last.at) < lastFor {
		return last.unrecorded
	}
	return nil
}

// collector tells metrics whether changes can be made.
func (r *readiness) collector() prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "foyer_store_writable", Help: "1 when the database can be written, so that changes can be made; 0 when it can't.",
	}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), answerWithin)
		defer cancel()
		if unwrite, _ := r.writable(ctx); unwrite != nil && !r.stopping.Load() {
			return 0
		}
		return 1
	})
}
