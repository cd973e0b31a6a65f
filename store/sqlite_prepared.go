package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
)

// preparedConnector opens connections that keep what they have prepared: SQLite reads a page
// of people, or stores a row, in less time than it takes to prepare the statements for it.
type preparedConnector struct {
	driver.Connector
	failed func(error) // is told each error of a query
}

// Connect implements driver.Connector.
func (c preparedConnector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &preparedConn{Conn: inner, failed: c.failed, kept: make(map[string]*preparedStmt)}, nil
}

// mostPrepared bounds what one connection keeps. Foyer's statements are a few hundred, and
// most of them are never used.
const mostPrepared = 100

// preparedConn passes on what the driver of SQLite offers, and keeps prepared what is
// queried.
type preparedConn struct {
	driver.Conn
	failed func(error)
	kept   map[string]*preparedStmt
}

// preparedStmt is a statement and whether its rows are being read: then it can't be begun
// again.
type preparedStmt struct {
	driver.Stmt
	busy bool
}

// PrepareContext implements driver.ConnPrepareContext.
func (c *preparedConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	return c.Conn.(driver.ConnPrepareContext).PrepareContext(ctx, query)
}

// ExecContext implements driver.ExecerContext. What has no arguments may be several
// statements, or one that is used once.
func (c *preparedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if len(args) == 0 {
		return c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
	}
	s, err := c.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
	}
	result, err := s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
	if err != nil {
		c.forget(query, s, err)
	}
	return result, err
}

// QueryContext implements driver.QueryerContext.
func (c *preparedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
	}
	rows, err := s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		c.forget(query, s, err)
		return nil, err
	}
	s.busy = true
	return &preparedRows{rows, s, c.failed}, nil
}

// prepared gives what is kept of a statement, or prepares it; nil where its rows are being
// read.
func (c *preparedConn) prepared(ctx context.Context, query string) (*preparedStmt, error) {
	if s, ok := c.kept[query]; ok {
		if s.busy {
			return nil, nil
		}
		return s, nil
	}
	prepared, err := c.PrepareContext(ctx, query)
	if err != nil {
		c.failed(err)
		return nil, err
	}
	c.makeRoom()
	s := &preparedStmt{Stmt: prepared}
	c.kept[query] = s
	return s, nil
}

// forget drops a statement that has failed.
func (c *preparedConn) forget(query string, s *preparedStmt, err error) {
	delete(c.kept, query)
	_ = s.Close() // the error of the statement is the one that matters
	c.failed(err)
}

// makeRoom forgets a statement, any one, where there are many: what is used often is soon
// kept again.
func (c *preparedConn) makeRoom() {
	for query, s := range c.kept {
		if len(c.kept) < mostPrepared {
			return
		}
		if !s.busy {
			delete(c.kept, query)
			_ = s.Close() // nothing depends on it
		}
	}
}

// BeginTx implements driver.ConnBeginTx.
func (c *preparedConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	return c.Conn.(driver.ConnBeginTx).BeginTx(ctx, o)
}

// ResetSession implements driver.SessionResetter.
func (c *preparedConn) ResetSession(ctx context.Context) error {
	return c.Conn.(driver.SessionResetter).ResetSession(ctx)
}

// IsValid implements driver.Validator.
func (c *preparedConn) IsValid() bool { return c.Conn.(driver.Validator).IsValid() }

// Close implements driver.Conn.
func (c *preparedConn) Close() error {
	for query, s := range c.kept {
		delete(c.kept, query)
		_ = s.Close() // the connection ends, and everything of it
	}
	return c.Conn.Close()
}

// preparedRows are the rows of a statement that is kept.
type preparedRows struct {
	driver.Rows
	stmt   *preparedStmt
	failed func(error)
}

// Next implements driver.Rows.
func (r *preparedRows) Next(dest []driver.Value) error {
	err := r.Rows.Next(dest)
	if err != nil && !errors.Is(err, io.EOF) {
		r.failed(err)
	}
	return err
}

// Close implements driver.Rows.
func (r *preparedRows) Close() error {
	defer func() { r.stmt.busy = false }()
	return r.Rows.Close()
}
