package directory

import (
	"context"
	"slices"
	"sync"
	"time"

	"foyer/safely"
	"foyer/sapi"
)

// soonAfter is how long people wait to be kept of whom there are many: together they cost
// less than one by one.
const soonAfter = time.Second

// soonAtOnce is how many of them are kept before others have their turn, who wait to see
// what they have read.
const soonAtOnce = 1000

// waiting are people who wait to be kept.
type waiting struct {
	mu   sync.Mutex
	of   map[waitingKey][]UserReading
	next *time.Timer // nil while nobody waits
}

type waitingKey struct {
	requestID, companyID string
	by                   Source
}

// KeepSoon is KeepUsers a moment later, together with others, and waits for nothing. When
// the process dies before, they are known as soon as the company's list is read: that they
// were created stands in the change that did it.
func (p *Directory) KeepSoon(requestID, companyID string, by Source, users []sapi.User, askedAt time.Time) {
	if len(users) == 0 {
		return
	}
	w := &p.soon
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.of == nil {
		w.of = map[waitingKey][]UserReading{}
	}
	key := waitingKey{requestID, companyID, by}
	w.of[key] = append(w.of[key], readings(users, askedAt)...)
	if w.next == nil {
		w.next = time.AfterFunc(soonAfter, func() { p.KeepWaiting(context.Background()) })
	}
}

// KeepWaiting keeps everybody now who waits for it.
func (p *Directory) KeepWaiting(ctx context.Context) {
	w := &p.soon
	w.mu.Lock()
	all := w.of
	w.of, w.next = nil, nil
	w.mu.Unlock()
	for key, people := range all {
		for some := range slices.Chunk(people, soonAtOnce) {
			err := safely.Do(func() error { return p.keepReadings(ctx, key.requestID, key.companyID, key.by, some) })
			if err != nil {
				p.log.WarnContext(ctx, "people not kept", "company", key.companyID, "error", err)
			}
		}
	}
}
