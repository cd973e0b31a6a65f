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

const loginColumns = `state_hash, browser_hash, nonce, verifier, return_to, draft, draft_owner, max_age, created_at`

// SaveLogin implements auth.Store.
func (db *DB) SaveLogin(ctx context.Context, l auth.Login) error {
	ctx, cancel := db.row(ctx)
	defer cancel()
	_, err := db.write.ExecContext(ctx, `INSERT INTO login
		(`+loginColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		l.StateHash, l.BrowserHash, l.Nonce, l.Verifier, text(l.ReturnTo), l.Draft, l.DraftOwner, int64(l.MaxAge/time.Second), micros(l.CreatedAt))
	return wrap("save sign-in", err)
}

// Login implements auth.Store.
func (db *DB) Login(ctx context.Context, stateHash []byte) (auth.Login, error) {
	ctx, cancel := db.row(ctx)
	defer cancel()
	l, err := scanLogin(db.read.QueryRowContext(ctx, `SELECT `+loginColumns+` FROM login WHERE state_hash = $1`, stateHash))
	return l, wrap("read sign-in", err)
}

// TakeLogin implements auth.Store.
func (db *DB) TakeLogin(ctx context.Context, stateHash []byte) (auth.Login, error) {
	ctx, cancel := db.row(ctx)
	defer cancel()
	l, err := scanLogin(db.write.QueryRowContext(ctx, `DELETE FROM login WHERE state_hash = $1 RETURNING `+loginColumns, stateHash))
	return l, wrap("take sign-in", err)
}

func scanLogin(row scanner) (auth.Login, error) {
	var l auth.Login
	var maxAge, createdAt int64
	err := row.Scan(&l.StateHash, &l.BrowserHash, &l.Nonce, &l.Verifier, &l.ReturnTo, &l.Draft, &l.DraftOwner, &maxAge, &createdAt)
	if errors.Is(err, sql.ErrNoRows) {
		err = auth.ErrNoLogin
	}
	if err != nil {
		return auth.Login{}, err
	}
	l.MaxAge, l.CreatedAt = time.Duration(maxAge)*time.Second, fromMicros(createdAt)
	return l, nil
}

const sessionColumns = `hash, id, issuer, subject, name, email, role_values, created_at, seen_at, auth_time, address, user_agent, data, sid, form_key`

// CreateSession implements auth.Store.
func (db *DB) CreateSession(ctx context.Context, s auth.Session) error {
	ctx, cancel := db.row(ctx)
	defer cancel()
	roleValues, err := json.Marshal(s.RoleValues)
	if err != nil {
		return fmt.Errorf("create session: %w", err)
	}
	p := s.Person
	// The rights of the others are those of now whether or not this one is kept, so
	// nothing holds the two together: signing in waits for no transaction's turn.
	_, err = db.write.ExecContext(ctx, `UPDATE session SET role_values = $3 WHERE issuer = $1 AND subject = $2 AND role_values <> $3`,
		text(p.Issuer), text(p.Subject), string(roleValues))
	if err != nil {
		return wrap("create session", err)
	}
	const statement = `INSERT INTO session (` + sessionColumns + `) VALUES `
	_, err = db.write.ExecContext(ctx, statement+db.placeholders(1, 15),
		s.Hash, s.ID, text(p.Issuer), text(p.Subject), text(p.Name), text(p.Email), string(roleValues),
		micros(s.CreatedAt), micros(s.SeenAt), micros(s.AuthTime), text(s.Address), text(s.UserAgent), s.Values, text(s.SID), s.FormKey)
	return wrap("create session", err)
}

// RoleValues implements auth.Store.
func (db *DB) RoleValues(ctx context.Context, issuer, subject string) (values []string, err error) {
	var kept string
	err = db.read.QueryRowContext(ctx, `SELECT role_values FROM session WHERE issuer = $1 AND subject = $2 LIMIT 1`, text(issuer), text(subject)).Scan(&kept)
	if errors.Is(err, sql.ErrNoRows) {
		err = auth.ErrNoSession
	}
	if err == nil {
		err = json.Unmarshal([]byte(kept), &values)
	}
	return values, wrap("read role values", err)
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
	where, args := ` FROM session WHERE seen_at > $1 AND created_at > $2 AND issuer = $3`, []any{micros(f.SeenAfter), micros(f.BegunAfter), text(f.Issuer)}
	if f.Subject != "" {
		where, args = where+` AND subject = $4`, append(args, text(f.Subject))
	}
	if err := db.read.QueryRowContext(ctx, `SELECT count(*)`+where, args...).Scan(&total); err != nil {
		return nil, 0, err
	}
	page := fmt.Sprintf(` ORDER BY seen_at DESC, id LIMIT %d OFFSET %d`, f.Limit, f.Offset)
	rows, err := db.read.QueryContext(ctx, `SELECT `+sessionColumns+where+page, args...) //nolint:gosec // names of columns, and numbers
	if err != nil {
		return nil, 0, err
	}
	sessions, err = scanSessions(rows)
	return sessions, total, err
}

// EndSession implements auth.Store.
func (db *DB) EndSession(ctx context.Context, id string) (auth.Session, error) {
	ctx, cancel := db.row(ctx)
	defer cancel()
	s, err := scanSession(db.write.QueryRowContext(ctx, `DELETE FROM session WHERE id = $1 RETURNING `+sessionColumns, id))
	return s, wrap("end session", err)
}

// EndSessions implements auth.Store.
func (db *DB) EndSessions(ctx context.Context, e auth.Ending) (ended []auth.Session, err error) {
	err = db.transact(ctx, func(tx *sql.Tx) error {
		if e.Token != nil {
			added, err := tx.ExecContext(ctx, `INSERT INTO logout_token (hash, until) VALUES ($1, $2) ON CONFLICT DO NOTHING`, e.Token, micros(e.Until))
			if err != nil {
				return err
			}
			if rows, err := added.RowsAffected(); err != nil {
				return err
			} else if rows == 0 {
				return auth.ErrTokenUsed
			}
		}
		where, args := `issuer = $1`, []any{text(e.Issuer)}
		switch {
		case e.SID == "":
			where, args = where+` AND subject = $2`, append(args, text(e.Subject))
		case e.Subject == "":
			where, args = where+` AND sid = $2`, append(args, text(e.SID))
		default:
			where, args = where+` AND subject = $2 AND sid IN ($3, '')`, append(args, text(e.Subject), text(e.SID))
		}
		rows, err := tx.QueryContext(ctx, `DELETE FROM session WHERE `+where+` RETURNING `+sessionColumns, args...) //nolint:gosec // names of columns
		if err != nil {
			return err
		}
		ended, err = scanSessions(rows)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("end sessions: %w", err)
	}
	return ended, nil
}

// PurgeSessions implements auth.Store.
func (db *DB) PurgeSessions(ctx context.Context, idleBefore, absoluteBefore, loginsBefore time.Time) error {
	return wrap("purge sessions", db.transact(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM session WHERE seen_at < $1 OR created_at < $2`,
			ceilMicros(idleBefore), ceilMicros(absoluteBefore))
		if err != nil {
			return err
		}
		for _, statement := range []string{`DELETE FROM login WHERE created_at < $1`, `DELETE FROM logout_token WHERE until < $1`} {
			if _, err := tx.ExecContext(ctx, statement, ceilMicros(loginsBefore)); err != nil {
				return err
			}
		}
		return nil
	}))
}

// scanSessions reads rows to their end and closes them.
func scanSessions(rows *sql.Rows) (sessions []auth.Session, err error) {
	defer rows.Close()
	for rows.Next() {
		s, err := scanSession(rows)
		if err != nil {
			return nil, err
		}
		sessions = append(sessions, s)
	}
	return sessions, rows.Err()
}

func scanSession(row scanner) (auth.Session, error) {
	var s auth.Session
	var roleValues string
	var createdAt, seenAt, authTime int64
	p := &s.Person
	err := row.Scan(&s.Hash, &s.ID, &p.Issuer, &p.Subject, &p.Name, &p.Email, &roleValues,
		&createdAt, &seenAt, &authTime, &s.Address, &s.UserAgent, &s.Values, &s.SID, &s.FormKey)
	if errors.Is(err, sql.ErrNoRows) {
		return auth.Session{}, auth.ErrNoSession
	}
	if err != nil {
		return auth.Session{}, err
	}
	if err := json.Unmarshal([]byte(roleValues), &s.RoleValues); err != nil {
		return auth.Session{}, err
	}
	s.CreatedAt, s.SeenAt, s.AuthTime = fromMicros(createdAt), fromMicros(seenAt), fromMicros(authTime)
	return s, nil
}
