package review

import (
	"context"
	"slices"

	"foyer/portal"
)

// listedAtOnce is how many people of a review are stored in one transaction: while it
// is open nobody else writes, on SQLite, and there may be a hundred thousand.
const listedAtOnce = 500

// storeList stores everybody whom a review is about, in several transactions. What an
// earlier attempt left half-way is dropped first. ErrChanged when the review is not
// being listed any more, or by somebody else.
func (p *Reviews) storeList(ctx context.Context, id int64, people []Person) error {
	version, err := p.beginList(ctx, id)
	if err != nil {
		return err
	}
	for left := true; left; {
		if left, err = p.dropSome(ctx, id, version); err != nil {
			return err
		}
	}
	for batch := range slices.Chunk(people, listedAtOnce) {
		if err := p.addSome(ctx, id, version, batch); err != nil {
			return err
		}
	}
	return p.endList(ctx, id, version)
}

// beginList makes this the one attempt that counts, by the Version that it returns.
func (p *Reviews) beginList(ctx context.Context, id int64) (version int64, err error) {
	tx, err := p.store.Begin(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { _ = tx.Rollback() }()
	r, err := p.lockUnlisted(ctx, tx, id)
	if err != nil {
		return 0, err
	}
	if r, err = p.store.SaveReview(ctx, tx, r); err != nil {
		return 0, err
	}
	return r.Version, tx.Commit()
}

func (p *Reviews) dropSome(ctx context.Context, id, version int64) (left bool, err error) {
	tx, err := p.store.Begin(ctx)
	if err != nil {
		return false, err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := p.lockList(ctx, tx, id, version); err != nil {
		return false, err
	}
	dropped, err := p.people.DropReviewPeople(ctx, tx, id, listedAtOnce)
	if err != nil {
		return false, err
	}
	return dropped == listedAtOnce, tx.Commit()
}

func (p *Reviews) addSome(ctx context.Context, id, version int64, people []Person) error {
	tx, err := p.store.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := p.lockList(ctx, tx, id, version); err != nil {
		return err
	}
	if err := p.people.AddReviewPeople(ctx, tx, id, people); err != nil {
		return err
	}
	return tx.Commit()
}

func (p *Reviews) endList(ctx context.Context, id, version int64) error {
	tx, err := p.store.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	r, err := p.lockList(ctx, tx, id, version)
	if err != nil {
		return err
	}
	r.Waits, r.ListedAt = Waiting{}, p.now()
	if _, err := p.store.SaveReview(ctx, tx, r); err != nil {
		return err
	}
	return tx.Commit()
}

// lockList gives the review of the attempt with this version.
func (p *Reviews) lockList(ctx context.Context, tx portal.Tx, id, version int64) (Review, error) {
	r, err := p.lockUnlisted(ctx, tx, id)
	if err == nil && r.Version != version {
		err = ErrChanged
	}
	return r, err
}

func (p *Reviews) lockUnlisted(ctx context.Context, tx portal.Tx, id int64) (Review, error) {
	r, err := p.store.LockReview(ctx, tx, id)
	if err == nil && (r.State() != Preparing || !r.ListedAt.IsZero()) {
		err = ErrChanged
	}
	return r, err
}
