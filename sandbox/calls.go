package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"
)

// keptCalls bounds the ledger of calls, so that a stand-in that runs for months
// does not grow for ever.
const keptCalls = 100_000

// A Call is one request that reached Symphony, as Symphony remembers it.
type Call struct {
	// Seq orders the calls by when they were done.
	Seq int64 `json:"seq"`
	// At is when the request arrived.
	At time.Time `json:"at"`
	// Method, Path and Query are the request's own.
	Method string `json:"method"`
	Path   string `json:"path"`
	Query  string `json:"query,omitempty"`
	// Operation is the published operation id, or "unknown".
	Operation string `json:"operation"`
	// CompanyID and UserID are those of the path, or of the company created.
	CompanyID string `json:"companyId,omitempty"`
	UserID    string `json:"userId,omitempty"`
	// Emails are the addresses that a Create users sent, as sent.
	Emails []string `json:"emails,omitempty"`
	// Status is the HTTP status that was answered, or that would have been if
	// the fault had let the answer out; zero when there was none.
	Status int `json:"status"`
	// Applied tells whether the call changed anything.
	Applied bool `json:"applied"`
	// Created is the number of users made by the call.
	Created int `json:"created,omitempty"`
	// Fault is the kind of the fault that the call met, if it met one.
	Fault Kind `json:"fault,omitempty"`
	// TraceID is the X-Trace-Id of the answer.
	TraceID string `json:"traceId"`
}

func record(ctx context.Context, tx *sql.Tx, c *Call) error {
	emails, err := json.Marshal(c.Emails)
	if err != nil {
		return fmt.Errorf("record call: %w", err)
	}
	done, err := tx.ExecContext(ctx, `
		INSERT INTO calls (at, method, path, query, operation, company_id, user_id, emails, status, applied, created, fault, trace_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		micros(c.At), c.Method, c.Path, c.Query, c.Operation, c.CompanyID, c.UserID,
		string(emails), c.Status, c.Applied, c.Created, c.Fault, c.TraceID)
	if err != nil {
		return fmt.Errorf("record call: %w", err)
	}
	seq, err := done.LastInsertId()
	if err != nil {
		return fmt.Errorf("record call: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM calls WHERE seq <= $1`, seq-keptCalls); err != nil {
		return fmt.Errorf("trim calls: %w", err)
	}
	return nil
}

// Calls gives what reached Symphony since the ledger was last cleared, oldest
// first; at most the last 100,000 calls. It outlives a restart. A held request is
// entered when its work is done, or when it is held without any.
func (f *Faults) Calls(ctx context.Context) ([]Call, error) {
	rows, err := f.sandbox.db.QueryContext(ctx, `
		SELECT seq, at, method, path, query, operation, company_id, user_id, emails, status, applied, created, fault, trace_id
		FROM calls ORDER BY seq`)
	if err != nil {
		return nil, fmt.Errorf("read calls: %w", err)
	}
	defer rows.Close()
	calls := []Call{}
	for rows.Next() {
		var c Call
		var at int64
		var emails string
		if err := rows.Scan(&c.Seq, &at, &c.Method, &c.Path, &c.Query, &c.Operation, &c.CompanyID, &c.UserID,
			&emails, &c.Status, &c.Applied, &c.Created, &c.Fault, &c.TraceID); err != nil {
			return nil, fmt.Errorf("read calls: %w", err)
		}
		c.At = fromMicros(at)
		if err := json.Unmarshal([]byte(emails), &c.Emails); err != nil {
			return nil, fmt.Errorf("read calls: %w", err)
		}
		calls = append(calls, c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read calls: %w", err)
	}
	return calls, nil
}

// ClearCalls empties the ledger of calls.
func (f *Faults) ClearCalls(ctx context.Context) error {
	if _, err := f.sandbox.db.ExecContext(ctx, `DELETE FROM calls`); err != nil {
		return fmt.Errorf("clear calls: %w", err)
	}
	return nil
}
