// Package testfault owns how a test has a database fail: it stands between
// database/sql and a driver, counts the calls and the rows that they read, and answers those with an error that
// the test chooses.
//
// It must not be imported by the program. The tests of rooms that use the store do.
package testfault

import (
	"context"
	"database/sql/driver"
	"errors"
	"sync"
)

// ErrInjected is what a call ends with that was chosen to fail.
var ErrInjected = errors.New("injected fault of the database")

// Call is one call to the database.
type Call struct {
	Done   <-chan struct{} // closed when nobody waits for it any more; nil where that isn't told
	Writes bool            // through a connection that may write
	What   string          // the statement, "begin" or "commit"
}

// Faults decides which calls fail. The zero value lets all of them through.
type Faults struct {
	mu    sync.Mutex
	fail  func(Call) error
	count func(Call) bool
	rows  int
}

// CountRows counts the rows that are read by the calls that match, from now on.
func (f *Faults) CountRows(match func(Call) bool) (read func() int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count, f.rows = match, 0
	return func() int {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.rows
	}
}

func (f *Faults) counts(c Call) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.count != nil && f.count(c)
}

// Set has fail asked about every call from now on; nil lets all of them through. What
// it returns is what the call ends with.
func (f *Faults) Set(fail func(Call) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail = fail
}

// NthOf lets the n-th call fail, counted from 1, of those that match; with onwards
// the ones behind it, too. hit says whether there was one.
func (f *Faults) NthOf(n int, onwards bool, match func(Call) bool) (hit func() bool) {
	count := 0
	f.Set(func(c Call) error {
		if !match(c) {
			return nil
		}
		if count++; count == n || onwards && count > n {
			return ErrInjected
		}
		return nil
	})
	return func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		return count >= n
	}
}

func (f *Faults) check(ctx context.Context, writes bool, what string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fail == nil {
		return nil
	}
	return f.fail(Call{ctx.Done(), writes, what})
}

// Connector is what a store's option of that name takes.
func (f *Faults) Connector(c driver.Connector, writes bool) driver.Connector {
	return &connector{c, f, writes}
}

type connector struct {
	driver.Connector
	faults *Faults
	writes bool
}

func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{inner, c.faults, c.writes}, nil
}

// conn passes on what Foyer's drivers offer: both have all of these.
type conn struct {
	driver.Conn
	faults *Faults
	writes bool
}

func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if err := c.faults.check(ctx, c.writes, query); err != nil {
		return nil, err
	}
	return c.Conn.(driver.ConnPrepareContext).PrepareContext(ctx, query)
}

func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if err := c.faults.check(ctx, c.writes, query); err != nil {
		return nil, err
	}
	return c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
}

func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.faults.check(ctx, c.writes, query); err != nil {
		return nil, err
	}
	rows, err := c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
	if err == nil && c.faults.counts(Call{Writes: c.writes, What: query}) {
		rows = &counted{rows, c.faults}
	}
	return rows, err
}

// counted are rows that are counted as they are read.
type counted struct {
	driver.Rows
	faults *Faults
}

func (r *counted) Next(values []driver.Value) error {
	err := r.Rows.Next(values)
	if err == nil {
		r.faults.mu.Lock()
		r.faults.rows++
		r.faults.mu.Unlock()
	}
	return err
}

func (c *conn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	if err := c.faults.check(ctx, c.writes, "begin"); err != nil {
		return nil, err
	}
	tx, err := c.Conn.(driver.ConnBeginTx).BeginTx(ctx, o)
	if err != nil {
		return nil, err
	}
	return &transaction{tx, c}, nil
}

func (c *conn) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := c.Conn.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

func (c *conn) ResetSession(ctx context.Context) error {
	return c.Conn.(driver.SessionResetter).ResetSession(ctx)
}

func (c *conn) IsValid() bool {
	validator, ok := c.Conn.(driver.Validator)
	return !ok || validator.IsValid()
}

type transaction struct {
	driver.Tx
	conn *conn
}

// Commit fails with nothing committed, as on a full disk.
func (t *transaction) Commit() error {
	if err := t.conn.faults.check(context.Background(), t.conn.writes, "commit"); err != nil {
		return errors.Join(err, t.Rollback())
	}
	return t.Tx.Commit()
}
