package bulk

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"foyer/portal"
)

// NoticeJobKind is of the jobs that tell whoever started a bulk change of it: they ask
// NoticeDue with the number, and say NoticeSent.
const NoticeJobKind = "bulk notice"

// due says whether somebody is to be told.
func (n Notice) due() bool { return !n.At.IsZero() && n.SentAt.IsZero() }

// noticeNow is what whoever started a bulk change is to hear of it as it is now.
func (c Change) noticeNow() Notice {
	code := NoticeCode("")
	switch c.State {
	case Done, Stopped:
		if !c.EndedAt.IsZero() {
			code = map[State]NoticeCode{Done: NoticeDone, Stopped: NoticeStopped}[c.State]
		}
	case Paused:
		if c.Waits.Code != "" {
			code = NoticePaused
		}
	case Draft:
		if c.Differs > 0 && c.StartedBy.Subject != "" {
			code = NoticeStale
		}
	case Checking, Scheduled, Starting, Running, Discarded:
	}
	if code == "" {
		return Notice{}
	}
	if code == c.Notice.Code {
		return c.Notice
	}
	return Notice{Code: code, At: c.UpdatedAt}
}

// NoticeDue gives a bulk change of which somebody is to be told; due is false where that is
// not so any more. It is for jobs, and checks no permission.
func (s *Service) NoticeDue(ctx context.Context, jobID string) (c Change, due bool, err error) {
	id, err := strconv.ParseInt(jobID, 10, 64)
	if err != nil {
		return Change{}, false, fmt.Errorf("tell of bulk change: %w", err)
	}
	c, err = s.store.Bulk(ctx, id)
	if errors.Is(err, portal.ErrNotStored) {
		return Change{}, false, nil
	}
	if err != nil {
		return Change{}, false, fmt.Errorf("tell of bulk change: %w", err)
	}
	return c, c.Notice.due() && !c.Erased, nil
}

// NoticeSent notes that somebody was told.
func (s *Service) NoticeSent(ctx context.Context, c Change) error {
	tx, err := s.store.Begin(ctx)
	if err != nil {
		return fmt.Errorf("tell of bulk change: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	now, err := s.store.LockBulk(ctx, tx, c.ID)
	if err == nil && now.Notice == c.Notice {
		now.Notice.SentAt = s.clock()
		_, err = s.store.SaveBulk(ctx, tx, now)
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return fmt.Errorf("tell of bulk change: %w", err)
	}
	return nil
}
