package store

import (
	"encoding/json"
	"fmt"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/lists"
	"foyer/portal"
	"foyer/portal/bulk"
	"foyer/sapi"
)

// bulkBody is how a bulk change is kept, but for what it is found by, which has columns.
type bulkBody struct {
	Company        ledger.Company `json:"company"`
	NewCompany     newCompany     `json:"newCompany"`
	File           fileBody       `json:"file"`
	Columns        []bulk.Column  `json:"columns,omitempty"`
	Rows           int            `json:"rows"`
	Of             int64          `json:"of,omitempty"`
	UploadedBy     auth.Actor     `json:"uploadedBy"`
	EnableDisabled bool           `json:"enableDisabled,omitempty"`
	CheckedAt      int64          `json:"checkedAt,omitempty"`
	Domains        []string       `json:"domains,omitempty"`
	Listed         int            `json:"listed,omitempty"`
	Touched        []int          `json:"touched,omitempty"`
	Plan           string         `json:"plan,omitempty"`
	Differs        int            `json:"differs,omitempty"`
	Trouble        waitingBody    `json:"trouble,omitzero"`
	StartedBy      auth.Actor     `json:"startedBy"`
	Reason         string         `json:"reason,omitempty"`
	Ticket         string         `json:"ticket,omitempty"`
	At             int64          `json:"at,omitempty"`
	Zone           string         `json:"zone,omitempty"`
	CompanyChange  string         `json:"companyChange,omitempty"`
	Waits          waitingBody    `json:"waits,omitzero"`
	PausedBy       personBody     `json:"pausedBy,omitzero"`
	StoppedBy      personBody     `json:"stoppedBy,omitzero"`
	Notice         noticeBody     `json:"notice,omitzero"`
	Erased         bool           `json:"erased,omitempty"`
}

type noticeBody struct {
	Code   bulk.NoticeCode `json:"code,omitempty"`
	At     int64           `json:"at,omitempty"`
	SentAt int64           `json:"sentAt,omitempty"`
}

type fileBody struct {
	Name      string          `json:"name,omitempty"`
	Format    lists.Format    `json:"format,omitempty"`
	Encoding  lists.Encoding  `json:"encoding,omitempty"`
	BOM       bool            `json:"bom,omitempty"`
	LineEnd   string          `json:"lineEnd,omitempty"`
	Separator rune            `json:"separator,omitempty"`
	Sheet     string          `json:"sheet,omitempty"`
	Headed    bool            `json:"headed,omitempty"`
	Proposed  bool            `json:"proposed,omitempty"`
	Samples   []lists.Sample  `json:"samples,omitempty"`
	Sheets    []lists.Sheet   `json:"sheets,omitempty"`
	LeftOut   []lists.LeftOut `json:"leftOut,omitempty"`
	Selected  bool            `json:"selected,omitempty"`
}

type waitingBody struct {
	Code    bulk.WaitCode   `json:"code,omitempty"`
	Until   int64           `json:"until,omitempty"`
	At      int64           `json:"at,omitempty"`
	Problem *portal.Problem `json:"problem,omitempty"`
}

func encodeBulk(c bulk.Change) (string, error) {
	f := c.File
	text, err := json.Marshal(bulkBody{
		Company: c.Company, NewCompany: newCompany(c.NewCompany),
		File: fileBody{
			Name: f.Name, Format: f.Form.Format, Encoding: f.Form.Encoding, BOM: f.Form.BOM, LineEnd: f.Form.LineEnd, Separator: f.Form.Separator, Sheet: f.Form.Sheet,
			Headed: f.Headed, Proposed: f.Proposed, Samples: f.Samples, Sheets: f.Sheets, LeftOut: f.LeftOut, Selected: f.Selected,
		},
		Columns: c.Columns, Rows: c.Rows, Of: c.Of, UploadedBy: c.UploadedBy, EnableDisabled: c.EnableDisabled,
		CheckedAt: micros(c.CheckedAt), Domains: c.Domains, Listed: c.Listed, Touched: c.Touched, Plan: c.Plan, Differs: c.Differs, Trouble: waitingBodyOf(c.Trouble),
		StartedBy: c.StartedBy, Reason: c.Reason, Ticket: c.Ticket, At: micros(c.At), Zone: c.Zone, CompanyChange: c.CompanyChange, Waits: waitingBodyOf(c.Waits),
		PausedBy: personBody(c.PausedBy), StoppedBy: personBody(c.StoppedBy), Erased: c.Erased,
		Notice: noticeBody{c.Notice.Code, micros(c.Notice.At), micros(c.Notice.SentAt)},
	})
	return string(text), err
}

func decodeBulk(body string, c *bulk.Change) error {
	var b bulkBody
	if err := json.Unmarshal([]byte(body), &b); err != nil {
		return fmt.Errorf("decode bulk change: %w", err)
	}
	f := b.File
	c.Company, c.NewCompany = b.Company, sapi.NewCompany(b.NewCompany)
	c.File = bulk.File{
		Name: f.Name, Form: lists.Form{Format: f.Format, Encoding: f.Encoding, BOM: f.BOM, LineEnd: f.LineEnd, Separator: f.Separator, Sheet: f.Sheet},
		Headed: f.Headed, Proposed: f.Proposed, Samples: f.Samples, Sheets: f.Sheets, LeftOut: f.LeftOut, Selected: f.Selected,
	}
	c.Columns, c.Rows, c.Of, c.UploadedBy, c.EnableDisabled = b.Columns, b.Rows, b.Of, b.UploadedBy, b.EnableDisabled
	c.CheckedAt, c.Domains, c.Listed, c.Touched, c.Plan, c.Differs, c.Trouble = fromMicros(b.CheckedAt), b.Domains, b.Listed, b.Touched, b.Plan, b.Differs, b.Trouble.waiting()
	c.StartedBy, c.Reason, c.Ticket, c.At, c.Zone, c.CompanyChange = b.StartedBy, b.Reason, b.Ticket, fromMicros(b.At), b.Zone, b.CompanyChange
	c.Waits, c.PausedBy, c.StoppedBy, c.Erased = b.Waits.waiting(), auth.Person(b.PausedBy), auth.Person(b.StoppedBy), b.Erased
	c.Notice = bulk.Notice{Code: b.Notice.Code, At: fromMicros(b.Notice.At), SentAt: fromMicros(b.Notice.SentAt)}
	return nil
}

func waitingBodyOf(w bulk.Waiting) waitingBody {
	return waitingBody{Code: w.Code, Until: micros(w.Until), At: micros(w.At.Truncate(time.Microsecond)), Problem: w.Problem}
}

func (w waitingBody) waiting() bulk.Waiting {
	return bulk.Waiting{Code: w.Code, Until: fromMicros(w.Until), At: fromMicros(w.At), Problem: w.Problem}
}
