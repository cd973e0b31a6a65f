package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"foyer/auth"
)

// SaveLogin implements auth.Store.
func (db *DB) SaveLogin(ctx context.Context, l auth.Login) error {
	ctx, cancel := db.row(ctx)
	defer cancel()
	_, err := db.write.ExecContext(ctx, `INSERT INTO login
		(state_hash, browser_hash, nonce, verifier, return_to, draft, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		l.StateHash, l.BrowserHash, l.Nonce, l.Verifier, text(l.ReturnTo), l.Draft, micros(l.CreatedAt))
	return wrap("save sign-in", err)
}

// TakeLogin implements auth.Store.
func (db *DB) TakeLogin(ctx context.Context, stateHash []byte) (auth.Login, error) {
	ctx, cancel := db.row(ctx)
	defer cancel()
	var l auth.Login
	var createdAt int64
	err := db.write.QueryRowContext(ctx, `DELETE FROM login WHERE state_hash = $1
		RETURNING state_hash, browser_hash, nonce, verifier, return_to, draft, created_at`, stateHash).
		Scan(&l.StateHash, &l.BrowserHash, &l.Nonce, &l.Verifier, &l.ReturnTo, &l.Draft, &createdAt)
	if errors.Is(err, sql.ErrNoRows) {
		err = auth.ErrNoLogin
	}
	if err != nil {
		return auth.Login{}, fmt.Errorf("take sign-in: %w", err)
	}
	l.CreatedAt = fromMicros(createdAt)
	return l, nil
}

const sessionColumns = `hash, id, issuer, subject, name, email, roles, created_at, seen_at, auth_time, address, user_agent, data, sid`

// CreateSession implements auth.Store.
func (db *DB) CreateSession(ctx context.Context, s auth.Session) error {
	ctx, cancel := db.row(ctx)
	defer cancel()
	roles, err := json.Marshal(s.Person.Roles)
	if err != nil {
		return fmt.Errorf("create session: %w", err)
	}
	p := s.Person
	const statement = `INSERT INTO session (` + sessionColumns + `) VALUES `
	_, err = db.write.ExecContext(ctx, statement+db.placeholders(1, 14),
		s.Hash, s.ID, text(p.Issuer), text(p.Subject), text(p.Name), text(p.Email), string(roles),
		micros(s.CreatedAt), micros(s.SeenAt), micros(s.AuthTime), text(s.Address), text(s.UserAgent), s.Values, text(s.SID))
	return wrap("create session", err)
}

// Session implements auth.Store.
func (db *DB) Session(ctx context.Context, hash []byte) (auth.Session, error) {
	ctx, cancel := db.row(ctx)
	defer cancel()
	s, err := scanSession(db.read.QueryRowContext(ctx, `SELECT `+sessionColumns+` FROM session WHERE hash = $1`, hash))
	return s, wrap("read session", err)
}

// SessionByID implements auth.Store.
func (db *DB) SessionByID(ctx context.Context, id string) (auth.Session, error) {
	ctx, cancel := db.row(ctx)
	defer cancel()
	s, err := scanSession(db.read.QueryRowContext(ctx, `SELECT `+sessionColumns+` FROM session WHERE id = $1`, text(id)))
	return s, wrap("read session", err)
}

// SaveSession implements auth.Store.
func (db *DB) SaveSession(ctx context.Context, s auth.Session) error {
	return wrap("save session", db.updateSession(ctx, `seen_at = $2, data = $3`, s.Hash, micros(s.SeenAt), s.Values))
}

// TouchSession implements auth.Store.
func (db *DB) TouchSession(ctx context.Context, hash []byte, seenAt time.Time) error {
	return wrap("note the use of a session", db.updateSession(ctx, `seen_at = $2`, hash, micros(seenAt)))
}

// updateSession sets columns of the session with the hash, which is the first argument.
func (db *DB) updateSession(ctx context.Context, set string, args ...any) error {
	ctx, cancel := db.row(ctx)
	defer cancel()
	result, err := db.write.ExecContext(ctx, `UPDATE session SET `+set+` WHERE hash = $1`, args...) //nolint:gosec // set names columns, and has no value in it
	if err != nil {
		return err
	}
	updated, err := result.RowsAffected()
	if err == nil && updated == 0 {
		err = auth.ErrNoSession
	}
	return err
}

// DeleteSession implements auth.Store.
func (db *DB) DeleteSession(ctx context.Context, hash []byte) error {
	ctx, cancel := db.row(ctx)
	defer cancel()
	_, err := db.write.ExecContext(ctx, `DELETE FROM session WHERE hash = $1`, hash)
	return wrap("delete session", err)
}

// Sessions implements auth.Store.
func (db *DB) Sessions(ctx context.Context, f auth.SessionFilter) ([]auth.Session, int, error) {
	sessions, total, err := db.sessions(ctx, f)
	return sessions, total, wrap("list sessions", err)
}

func (db *DB) sessions(ctx context.Context, f auth.SessionFilter) (sessions []auth.Session, total int, err error) {
	where, args := ` FROM session WHERE seen_at > $1 AND created_at > $2`, []any{micros(f.SeenAfter), micros(f.BegunAfter)}
	if f.Subject != "" {
		where, args = where+` AND issuer = $3 AND subject = $4`, append(args, text(f.Issuer), text(f.Subject))
	}
	if err := db.read.QueryRowContext(ctx, `SELECT count(*)`+where, args...).Scan(&total); err != nil {
		return nil, 0, err
	}
	page := fmt.Sprintf(` ORDER BY seen_at DESC, id LIMIT %d OFFSET %d`, f.Limit, f.Offset)
	rows, err := db.read.QueryContext(ctx, `SELECT `+sessionColumns+where+page, args...) //nolint:gosec // names of columns, and numbers
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		s, err := scanSession(rows)
		if err != nil {
			return nil, 0, err
		}
		sessions = append(sessions, s)
	}
	return sessions, total, rows.Err()
}

// EndSession implements auth.Store.
func (db *DB) EndSession(ctx context.Context, id string) (auth.Session, error) {
	ctx, cancel := db.row(ctx)
	defer cancel()
	s, err := scanSession(db.write.QueryRowContext(ctx, `DELETE FROM session WHERE id = $1 RETURNING `+sessionColumns, id))
	return s, wrap("end session", err)
}

// PurgeSessions implements auth.Store.
func (db *DB) PurgeSessions(ctx context.Context, idleBefore, absoluteBefore, loginsBefore time.Time) error {
	return wrap("purge sessions", db.transact(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM session WHERE seen_at < $1 OR created_at < $2`,
			ceilMicros(idleBefore), ceilMicros(absoluteBefore))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM login WHERE created_at < $1`, ceilMicros(loginsBefore))
		return err
	}))
}

func scanSession(row scanner) (auth.Session, error) {
	var s auth.Session
	var roles string
	var createdAt, seenAt, authTime int64
	p := &s.Person
	err := row.Scan(&s.Hash, &s.ID, &p.Issuer, &p.Subject, &p.Name, &p.Email, &roles,
		&createdAt, &seenAt, &authTime, &s.Address, &s.UserAgent, &s.Values, &s.SID)
	if errors.Is(err, sql.ErrNoRows) {
		return auth.Session{}, auth.ErrNoSession
	}
	if err != nil {
		return auth.Session{}, err
	}
	if err := json.Unmarshal([]byte(roles), &p.Roles); err != nil {
		return auth.Session{}, err
	}
	s.CreatedAt, s.SeenAt, s.AuthTime = fromMicros(createdAt), fromMicros(seenAt), fromMicros(authTime)
	return s, nil
}

// Roles tells the roles with which somebody last signed in; known is false when no
// session of theirs is left.
func (db *DB) Roles(ctx context.Context, issuer, subject string) (roles auth.Roles, known bool, err error) {
	var kept string
	err = db.read.QueryRowContext(ctx, `SELECT roles FROM session WHERE issuer = $1 AND subject = $2 ORDER BY created_at DESC LIMIT 1`,
		text(issuer), text(subject)).Scan(&kept)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(kept), &roles)
	}
	return roles, err == nil, wrap("read roles", err)
}
