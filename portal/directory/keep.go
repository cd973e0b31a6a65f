package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"foyer/ledger"
	"foyer/portal"
	"foyer/sapi"
)

// keptFor is how much older what is kept must be before a reading that tells nothing
// new is written for its time alone. So what is kept may say that it was read that much
// earlier than it was, and never later. Statuses are told apart: until when one was
// observed is evidence, and written as it is.
const keptFor = 10 * time.Minute

// onTheSide keeps what was read, for somebody who wants to see it: that it can't be kept
// now, or not soon, is noted and logged, and no error. While others write for long only
// the first waits, and those behind it do without.
func (p *Directory) onTheSide(ctx context.Context, keep func(context.Context) error) error {
	now := p.now()
	if portal.Unkept(ctx) != nil {
		return nil
	}
	if last := p.vain.Load(); last != nil && now.Before(last.at.Add(vainFor)) && !now.Before(last.at) {
		portal.NotKept(ctx, fmt.Errorf("a moment ago: %w", last.err))
		return nil
	}
	soon, cancel := context.WithTimeout(ctx, 4*p.busy)
	defer cancel()
	err := keep(soon)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case soon.Err() != nil:
		p.vain.Store(&vain{p.now(), err})
	}
	p.log.WarnContext(ctx, "what was read is not kept", "error", err)
	portal.NotKept(ctx, err)
	return nil
}

// vainFor is for how long nobody waits to write on the side after somebody did in vain.
const vainFor = 2 * time.Second

// vain is a waiting in vain.
type vain struct {
	at  time.Time
	err error
}

// write stores something and the events that record it in one transaction. With
// timeOnly it is not worth waiting for: while others write for long, on SQLite, nothing
// is stored.
func (p *Directory) write(ctx context.Context, timeOnly bool, store func(context.Context, portal.Tx) error) error {
	patient, giveUp := context.WithCancel(ctx)
	defer giveUp()
	began := func() bool { return true }
	if timeOnly {
		began = time.AfterFunc(p.busy, giveUp).Stop
	}
	tx, err := p.store.Begin(patient)
	inTime := began()
	if err != nil {
		if inTime {
			return err
		}
		return ctx.Err()
	}
	defer func() { _ = tx.Rollback() }()
	if !inTime {
		return nil
	}
	if err := store(patient, tx); err != nil {
		return err
	}
	return tx.Commit()
}

// KeepUsers stores what is new of people for whom Symphony was asked at the given
// time. It is the time before the answer, because in between another request may have
// changed them. requestID is of whoever had them read; empty: nobody. However many
// there are, their statuses are recorded a few hundred to a transaction. It is for other
// use cases, and checks no permission.
func (p *Directory) KeepUsers(ctx context.Context, requestID, companyID string, by Source, users []sapi.User, askedAt time.Time) error {
	return p.keepReadings(ctx, requestID, companyID, by, readings(users, askedAt))
}

// record is write for what people write themselves: ErrLedger when it can't be stored, or
// not recorded. What store says of the moment, that somebody else was quicker, stays.
func (p *Directory) record(ctx context.Context, store func(context.Context, portal.Tx) error) error {
	err := p.write(ctx, false, store)
	_, company := errors.AsType[*NotesChanged](err)
	_, person := errors.AsType[*NoteChanged](err)
	if err == nil || company || person || ctx.Err() != nil {
		return err
	}
	return fmt.Errorf("%w: %w", portal.ErrLedger, err)
}

func readings(users []sapi.User, askedAt time.Time) []UserReading {
	readings := make([]UserReading, len(users))
	for i, u := range users {
		readings[i] = UserReading{u, askedAt}
	}
	return readings
}

// keepReadings stores people as they were read, and records whose status somebody
// else than Foyer has changed. Of those who are kept as they were read and whose time
// is hardly older nothing is written.
//
// What is evidence comes first: what is not stored of people then is read again, and
// found to be news, while a change of status that is known would never be recorded.
func (p *Directory) keepReadings(ctx context.Context, requestID, companyID string, by Source, readings []UserReading) error {
	news, old, err := p.news(ctx, companyID, by, oncePerson(readings))
	if err != nil || len(news)+len(old) == 0 {
		return err
	}
	timeOnly := len(news) == 0
	kept, err := p.keepStatuses(ctx, requestID, companyID, timeOnly, slices.DeleteFunc(slices.Concat(news, old), untold))
	if err != nil || !kept {
		return err
	}
	if err := p.seenOutside(ctx, requestID, companyID, news); err != nil {
		return err
	}
	if timeOnly {
		soon, cancel := context.WithTimeout(ctx, p.busy)
		defer cancel()
		if err := p.keepPeople(soon, companyID, by, old); soon.Err() == nil || ctx.Err() != nil {
			return err
		}
		return nil // others write for long, and a time alone is not worth waiting for
	}
	return p.keepPeople(ctx, companyID, by, slices.Concat(news, old))
}

// oncePerson leaves everybody's last reading: a list that moves has somebody on two pages.
func oncePerson(readings []UserReading) []UserReading {
	last := make(map[string]int, len(readings))
	for i, r := range readings {
		last[r.ID] = i
	}
	if len(last) == len(readings) {
		return readings
	}
	var once []UserReading
	for i, r := range readings {
		if last[r.ID] == i {
			once = append(once, r)
		}
	}
	return once
}

func untold(r UserReading) bool { return r.Status == sapi.StatusUnknown }

// keepStatuses stores observations of people, and records what they tell of changes
// outside Foyer. kept is false where that was not worth waiting for.
func (p *Directory) keepStatuses(ctx context.Context, requestID, companyID string, timeOnly bool, told []UserReading) (kept bool, err error) {
	if len(told) == 0 {
		return true, nil
	}
	company, err := p.store.Company(ctx, companyID)
	if err != nil && !errors.Is(err, portal.ErrNotStored) {
		return false, err
	}
	about := ledger.Company{ID: companyID, Name: company.Name}
	for batch := range slices.Chunk(told, keptAtOnce) {
		kept = false
		err := p.write(ctx, timeOnly, func(ctx context.Context, tx portal.Tx) error {
			kept = true
			return p.keepBatch(ctx, tx, requestID, about, batch)
		})
		if err != nil || !kept {
			return false, err
		}
	}
	return true, nil
}

// peopleAtOnce is how many people the directory stores in one transaction: it has a
// writer of its own, and its indexes cost less the more are stored together.
const peopleAtOnce = 5000

func (p *Directory) keepPeople(ctx context.Context, companyID string, by Source, readings []UserReading) error {
	for batch := range slices.Chunk(readings, peopleAtOnce) {
		records := make([]UserRecord, len(batch))
		for i, r := range batch {
			records[i] = UserRecord{User: r.User, CompanyID: companyID, ReadAt: r.ReadAt, Source: by, StatusAt: statusTime(r.Status, r.ReadAt)}
		}
		if err := p.people.SavePeople(ctx, companyID, records); err != nil {
			return err
		}
	}
	return nil
}

// news divides readings into those that tell something new and those that are of what
// is kept, but with an old time. The others are as though nobody had asked. Nothing is
// locked for that: who stores them looks again.
func (p *Directory) news(ctx context.Context, companyID string, by Source, readings []UserReading) (news, old []UserReading, err error) {
	known, err := p.people.Users(ctx, companyID, idsOf(readings))
	if err != nil {
		return nil, nil, err
	}
	var same []UserReading
	for _, r := range readings {
		k, ok := known[r.ID]
		told := r.Status != sapi.StatusUnknown
		switch {
		case !ok || !sameUser(r.User, k.User) || told && r.Status != k.Status || by == FromList && !k.NotListedAt.IsZero():
			news = append(news, r)
		case told:
			same = append(same, r)
		case older(k.ReadAt, r.ReadAt, keptFor):
			old = append(old, r)
		}
	}
	// The same status again is news after Foyer's own word of another one: either
	// that one was undone, or it never came to be.
	events, err := p.statuses.StatusEvents(ctx, companyID, idsOf(same))
	if err != nil {
		return nil, nil, err
	}
	for _, r := range same {
		k := known[r.ID]
		switch {
		case slices.ContainsFunc(events[r.ID], func(e ledger.Event) bool { return e.At.After(k.StatusAt) }):
			news = append(news, r)
		case older(k.StatusAt, r.ReadAt, 0):
			old = append(old, r)
		}
	}
	return news, old, nil
}

func idsOf(readings []UserReading) []string {
	ids := make([]string, len(readings))
	for i, r := range readings {
		ids[i] = r.ID
	}
	return ids
}

// older says whether one time is before another one by a duration or more.
func older(kept, read time.Time, by time.Duration) bool {
	return kept.Before(read) && read.Sub(kept) >= by
}

// sameUser compares all but the status, which not every reading tells.
func sameUser(a, b sapi.User) bool {
	same := sameTime(a.CreatedAt, b.CreatedAt) && sameTime(a.UpdatedAt, b.UpdatedAt)
	a.Status, a.CreatedAt, a.UpdatedAt = b.Status, b.CreatedAt, b.UpdatedAt
	return same && a == b
}

func sameCompany(a, b sapi.Company) bool {
	return a.ID == b.ID && a.Name == b.Name && a.VanityName == b.VanityName && slices.Equal(a.EmailDomains, b.EmailDomains) &&
		a.PublicURL == b.PublicURL && a.State == b.State && a.ErrorMessage == b.ErrorMessage &&
		sameTime(a.CreatedAt, b.CreatedAt) && sameTime(a.UpdatedAt, b.UpdatedAt)
}

// sameTime compares two times as the store keeps them.
func sameTime(a, b time.Time) bool {
	return a.Truncate(time.Microsecond).Equal(b.Truncate(time.Microsecond))
}

// keptAtOnce is how many people's statuses are stored in one transaction: while it is
// open nobody else writes to the ledger's database, on SQLite.
const keptAtOnce = 500

func (p *Directory) keepBatch(ctx context.Context, tx portal.Tx, requestID string, company ledger.Company, readings []UserReading) error {
	known, err := p.statuses.StatusReadings(ctx, tx, company.ID, readings)
	if err != nil {
		return err
	}
	if err := p.statuses.SaveUsers(ctx, tx, company.ID, readings); err != nil {
		return err
	}
	return p.store.Append(ctx, tx, outsideEvents(company, requestID, known)...)
}

// keepTotal stores how many people a company has, where a page of them tells.
func (p *Directory) keepTotal(ctx context.Context, companyID string, page sapi.UserPage, askedAt time.Time) error {
	if page.AtLeast {
		return nil
	}
	total := page.Total
	known, err := p.store.Company(ctx, companyID)
	if err != nil && !errors.Is(err, portal.ErrNotStored) {
		return err
	}
	differs := err != nil || known.People != total || known.PeopleReadAt.IsZero()
	if !differs && !older(known.PeopleReadAt, askedAt, keptFor) {
		return nil
	}
	return p.write(ctx, !differs, func(ctx context.Context, tx portal.Tx) error {
		return p.store.SaveTotal(ctx, tx, companyID, total, askedAt)
	})
}

// keepUsers is KeepUsers on the side of a page.
func (p *Directory) keepUsers(ctx context.Context, requestID, companyID string, by Source, users []sapi.User, askedAt time.Time) error {
	return p.onTheSide(ctx, func(ctx context.Context) error { return p.KeepUsers(ctx, requestID, companyID, by, users, askedAt) })
}

// keepCompany stores a company for which Symphony was asked at the given time, and
// records when Foyer first sees that it became ready or failed; on the side. It returns
// the company as it is known then.
func (p *Directory) keepCompany(ctx context.Context, c sapi.Company, askedAt time.Time) (CompanyRecord, error) {
	before, err := p.store.Company(ctx, c.ID)
	if err != nil && !errors.Is(err, portal.ErrNotStored) {
		return CompanyRecord{}, err
	}
	if before.ReadAt.After(askedAt) {
		return before, nil // somebody has asked since
	}
	differs := !sameCompany(before.Company, c)
	if differs || older(before.ReadAt, askedAt, keptFor) {
		err = p.onTheSide(ctx, func(ctx context.Context) error {
			return p.write(ctx, !differs, func(ctx context.Context, tx portal.Tx) error {
				replaced, added, err := p.store.SaveCompany(ctx, tx, c, askedAt)
				if err != nil {
					return err
				}
				var events []ledger.Event
				if added {
					events, err = p.addedOutside(ctx, c)
				} else if replaced.ID != "" {
					events, err = p.companyEvents(ctx, replaced, c)
				}
				if err != nil {
					return err
				}
				return p.store.Append(ctx, tx, events...)
			})
		})
		p.knownChanged()
		if err != nil {
			return CompanyRecord{}, err
		}
	}
	record := before
	if record.State != c.State {
		record.StateSeenAt = askedAt
	}
	record.Company, record.ReadAt = c, askedAt
	return record, nil
}
