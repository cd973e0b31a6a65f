package command

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"foyer/handlers/wording"
	"foyer/notices"
	"foyer/portal/bulk"
	"foyer/views"
)

// tell tells whoever started a bulk change that it is over or needs them. Jobs call it.
func (f *foyer) tell(ctx context.Context, id string) (again time.Duration, err error) {
	c, due, err := f.bulk.NoticeDue(ctx, id)
	if err != nil || !due {
		return 0, err
	}
	notice, err := f.noticeOf(c)
	if err != nil {
		return 0, err
	}
	if err := f.notices.Send(ctx, notice); err != nil {
		return 0, fmt.Errorf("tell of bulk change %s: %w", id, err)
	}
	return 0, f.bulk.NoticeSent(ctx, c)
}

// noticeOf is a notice of a bulk change. It names nobody of the list: who may see them
// follows the link.
func (f *foyer) noticeOf(c bulk.Change) (notices.Notice, error) {
	link := f.config.PublicURL + views.BulkChangePath(c.ID)
	words := wording.BulkNotice(c, f.config.Environment, link)
	rows := map[bulk.RowState]int{}
	for _, sum := range c.Sums {
		rows[sum.State] += sum.N
	}
	data, err := json.Marshal(struct {
		ID          int64                 `json:"id"`
		Kind        bulk.Kind             `json:"kind"`
		State       bulk.State            `json:"state"`
		Waits       bulk.WaitCode         `json:"waits,omitempty"`
		Environment string                `json:"environment"`
		CompanyID   string                `json:"companyId,omitempty"`
		Rows        map[bulk.RowState]int `json:"rows"`
		URL         string                `json:"url"`
	}{c.ID, c.Kind, c.State, c.Waits.Code, f.config.Environment, c.Company.ID, rows, link})
	if err != nil {
		return notices.Notice{}, fmt.Errorf("tell of bulk change: %w", err)
	}
	return notices.Notice{
		ID: "bulk-" + strconv.FormatInt(c.ID, 10) + "-" + string(c.Notice.Code) + "-" + strconv.FormatInt(c.Notice.At.Unix(), 10),
		To: c.StartedBy.Email, Subject: words.Subject, Text: words.Text,
		Type: "bulk_change." + string(c.Notice.Code), Data: data, At: c.Notice.At,
	}, nil
}
