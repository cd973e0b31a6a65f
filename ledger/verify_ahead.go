package ledger

import (
	"iter"

	"foyer/safely"
)

// readRecord is a record with what it says.
type readRecord struct {
	Stored
	event Event
	index Index // what follows from event
	err   error // why the event can't be read
}

// atOnce is how many records are read together.
const atOnce = 250

// readAhead reads what records say, which is most of the work of a verification, beside
// everything else: while those before are verified, and those after are fetched. They come
// in the order in which they are, and no more than a few batches are held.
func readAhead(records iter.Seq2[Stored, error]) iter.Seq2[readRecord, error] {
	return func(yield func(readRecord, error) bool) {
		reading := func() ([]readRecord, error) { return nil, nil } // gives the batch that was begun last
		next := func(batch []Stored) bool {
			before := reading
			reading = read(batch)
			done, err := before()
			for _, r := range done {
				if !yield(r, nil) {
					return false
				}
			}
			return err == nil || yield(readRecord{}, err)
		}
		var batch []Stored
		for r, err := range records {
			if err != nil {
				_ = next(batch) && next(nil) && yield(readRecord{}, err)
				return
			}
			if batch = append(batch, r); len(batch) == atOnce {
				if !next(batch) {
					return
				}
				batch = nil
			}
		}
		_ = next(batch) && next(nil)
	}
}

// read begins to read a batch, and gives what waits for it.
func read(batch []Stored) (wait func() ([]readRecord, error)) {
	var done []readRecord
	var err error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		done, err = safely.Answer(func() ([]readRecord, error) {
			all := make([]readRecord, len(batch))
			for i, r := range batch {
				all[i].Stored = r
				if all[i].event, all[i].err = r.Event(); all[i].err == nil {
					all[i].index = IndexOf(all[i].event)
				}
			}
			return all, nil
		})
	}()
	return func() ([]readRecord, error) {
		<-ended
		return done, err
	}
}
