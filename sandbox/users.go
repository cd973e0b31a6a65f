package sandbox

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// A wireUser is a user in an answer. What a user has not is left out.
type wireUser struct {
	ID             string `json:"id"`
	CreatedAt      string `json:"createdAt"`
	UpdatedAt      string `json:"updatedAt"`
	SymphonyUserID int64  `json:"symphonyUserId"`
	Email          string `json:"email"`
	FirstName      string `json:"firstName"`
	LastName       string `json:"lastName"`
	DisplayName    string `json:"displayName"`
	Active         *bool  `json:"active,omitempty"`
	PhoneNumber    string `json:"phoneNumber,omitempty"`
	Department     string `json:"department,omitempty"`
	Title          string `json:"title,omitempty"`
	Location       string `json:"location,omitempty"`
	Status         int    `json:"status,omitempty"`
}

// A refusedUser is an item of a 207 that was not created, with the nulls that
// the published example has.
type refusedUser struct {
	ID          *string  `json:"id"`
	CreatedAt   *string  `json:"createdAt"`
	UpdatedAt   *string  `json:"updatedAt"`
	Status      int      `json:"status"`
	Error       *problem `json:"error"`
	Email       string   `json:"email"`
	FirstName   string   `json:"firstName"`
	LastName    string   `json:"lastName"`
	DisplayName string   `json:"displayName"`
	Active      *bool    `json:"active"`
	PhoneNumber *string  `json:"phoneNumber"`
	Department  *string  `json:"department"`
	Title       *string  `json:"title"`
	Location    *string  `json:"location"`
}

// An askedUser is an item of a Create users.
type askedUser struct {
	Email       string `json:"email"`
	FirstName   string `json:"firstName"`
	LastName    string `json:"lastName"`
	DisplayName string `json:"displayName"`
	PhoneNumber string `json:"phoneNumber"`
	Department  string `json:"department"`
	Title       string `json:"title"`
	Location    string `json:"location"`
}

// A user is a user as the directory keeps them.
type user struct {
	id, tenantID   string
	symphonyUserID int64
	active         bool
	createdAt      time.Time
	updatedAt      time.Time
	askedUser
}

func (u user) wire() wireUser {
	return wireUser{
		ID: u.id, CreatedAt: wireTime(u.createdAt), UpdatedAt: wireTime(u.updatedAt), SymphonyUserID: u.symphonyUserID,
		Email: u.Email, FirstName: u.FirstName, LastName: u.LastName, DisplayName: u.DisplayName, Active: &u.active,
		PhoneNumber: u.PhoneNumber, Department: u.Department, Title: u.Title, Location: u.Location,
	}
}

func emailKey(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// domainOf gives what comes after the last @, in lower case.
func domainOf(email string) string {
	key := emailKey(email)
	return key[strings.LastIndexByte(key, '@')+1:]
}

// getUsers answers GET /api/v2/companies/{companyId}/users.
func (s *Sandbox) getUsers(ctx context.Context, tx *sql.Tx, x *exchange) (answer, error) {
	query := x.URL.Query()
	page, err := strconv.ParseInt(cmp.Or(query.Get("currentPage"), "0"), 10, 32)
	if err != nil || page < 0 {
		return answer{}, invalid("getUsers.arg1: current page must be greater than or equal to 0")
	}
	size, err := strconv.ParseInt(cmp.Or(query.Get("pageSize"), "100"), 10, 32)
	if err != nil || size < 1 || size > 100 {
		return answer{}, invalid("getUsers.arg2: page size must be between 1 and 100")
	}
	t, err := readyTenant(ctx, tx, x)
	if err != nil {
		return answer{}, err
	}

	var total int64
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM users WHERE tenant_id = $1`, t.id).Scan(&total); err != nil {
		return answer{}, fmt.Errorf("count users: %w", err)
	}
	found, err := findUsers(ctx, tx, `tenant_id = $1 ORDER BY created_at, id LIMIT $2 OFFSET $3`, t.id, size, page*size)
	if err != nil {
		return answer{}, err
	}
	listActive := s.faults.Settings().ListActive
	users := make([]wireUser, 0, len(found))
	for _, u := range found {
		listed := u.wire()
		if !listActive {
			listed.Active = nil
		}
		users = append(users, listed)
	}
	return jsonAnswer(http.StatusOK, struct {
		Total       int64      `json:"total"`
		PageSize    int64      `json:"pageSize"`
		CurrentPage int64      `json:"currentPage"`
		Users       []wireUser `json:"users"`
	}{total, size, page, users})
}

// createUsers answers POST /api/v2/companies/{companyId}/users.
func (s *Sandbox) createUsers(ctx context.Context, tx *sql.Tx, x *exchange) (answer, error) {
	var asked []askedUser
	if json.Unmarshal(x.body, &asked) != nil {
		return answer{}, unreadable()
	}
	for _, u := range asked {
		x.call.Emails = append(x.call.Emails, u.Email)
	}
	if err := checkUsers(asked); err != nil {
		return answer{}, err
	}
	t, err := readyTenant(ctx, tx, x)
	if unavailable, ok := errors.AsType[*problem](err); ok {
		// Published so: an HTTP 400 whose body says 404.
		unavailable.overHTTP = http.StatusBadRequest
	}
	if err != nil {
		return answer{}, err
	}

	items := make([]any, 0, len(asked))
	made, err := newMaking(ctx, tx)
	if err != nil {
		return answer{}, err
	}
	defer made.close()
	for i, u := range asked {
		refusal, err := made.refuse(ctx, t, u)
		if err != nil {
			return answer{}, err
		}
		if u.DisplayName == "" {
			u.DisplayName = u.FirstName + " " + u.LastName
		}
		if refusal != nil {
			items = append(items, refusedUser{
				Status: refusal.Status, Error: refusal,
				Email: u.Email, FirstName: u.FirstName, LastName: u.LastName, DisplayName: u.DisplayName,
			})
			continue
		}
		// A microsecond apart, so that pages keep the order of creation.
		at := x.now.Add(time.Duration(i) * time.Microsecond)
		created := user{id: uuid.NewString(), tenantID: t.id, active: true, createdAt: at, updatedAt: at, askedUser: u}
		if err := made.insert(ctx, &created); err != nil {
			return answer{}, err
		}
		item := created.wire()
		item.Status = http.StatusCreated
		items = append(items, item)
		x.call.Created++
	}

	x.call.Applied = x.call.Created > 0
	if x.call.Created < len(asked) {
		return jsonAnswer(http.StatusMultiStatus, items)
	}
	return jsonAnswer(http.StatusCreated, items)
}

// checkUsers refuses the whole request for what no company would take.
func checkUsers(asked []askedUser) error {
	if len(asked) < 1 || len(asked) > 20 {
		return invalid("createUsers.arg1: size must be between 1 and 20")
	}
	for i, u := range asked {
		field := func(name, rule string) *problem {
			return invalid(fmt.Sprintf("createUsers.arg1[%d].%s: %s", i, name, rule))
		}
		switch {
		case strings.TrimSpace(u.Email) == "":
			return field("email", "must not be blank")
		case !isEmail(u.Email):
			return field("email", "must be a well-formed email address")
		case strings.TrimSpace(u.FirstName) == "":
			return field("firstName", "must not be blank")
		case strings.TrimSpace(u.LastName) == "":
			return field("lastName", "must not be blank")
		}
	}
	return nil
}

func isEmail(s string) bool {
	parsed, err := mail.ParseAddress(s)
	return err == nil && parsed.Address == s
}

// making creates the users of one call, with statements that are prepared once for all of
// them.
type making struct {
	taken, inserted *sql.Stmt
	last            int64 // number of a user
}

func newMaking(ctx context.Context, tx *sql.Tx) (m *making, err error) {
	m = new(making)
	if err = tx.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM users`).Scan(&m.last); err != nil {
		return nil, fmt.Errorf("number users: %w", err)
	}
	if m.taken, err = tx.PrepareContext(ctx, `SELECT EXISTS (SELECT 1 FROM users WHERE email_key = $1)`); err != nil {
		return nil, fmt.Errorf("look for users: %w", err)
	}
	if m.inserted, err = tx.PrepareContext(ctx, insertUserSQL); err != nil {
		return nil, errors.Join(fmt.Errorf("insert users: %w", err), m.taken.Close())
	}
	return m, nil
}

func (m *making) close() {
	_ = m.taken.Close() // what they did stands or falls with the transaction
	_ = m.inserted.Close()
}

// refuse gives the reason why this one user can't be created, or nil.
func (m *making) refuse(ctx context.Context, t tenant, u askedUser) (*problem, error) {
	refusal := &problem{Title: http.StatusText(http.StatusBadRequest), Status: http.StatusBadRequest}
	if !slices.Contains(t.domains, domainOf(u.Email)) {
		refusal.Code = codeEmailNotAllowed
		refusal.Detail = "User's email address is not allowed for this company. It must be one of: " + strings.Join(t.domains, ", ")
		return refusal, nil
	}
	var taken bool
	err := m.taken.QueryRowContext(ctx, emailKey(u.Email)).Scan(&taken)
	switch {
	case err != nil:
		return nil, fmt.Errorf("look for the same user: %w", err)
	case taken:
		refusal.Code = codeEmailTaken
		refusal.Detail = "A user with the same email address already exists."
		return refusal, nil
	}
	return nil, nil // the user may be created
}

// insert gives the user their Symphony id.
func (m *making) insert(ctx context.Context, u *user) error {
	m.last++
	u.symphonyUserID = symphonyUserID(m.last)
	if _, err := m.inserted.ExecContext(ctx, insertUserArgs(m.last, *u)...); err != nil {
		return fmt.Errorf("insert user: %w", err)
	}
	return nil
}

// getUser answers GET /api/v2/companies/{companyId}/users/{userId}.
func (s *Sandbox) getUser(ctx context.Context, tx *sql.Tx, x *exchange) (answer, error) {
	u, err := pathUser(ctx, tx, x)
	if err != nil {
		return answer{}, err
	}
	return jsonAnswer(http.StatusOK, u.wire())
}

// updateUser answers PATCH /api/v2/companies/{companyId}/users/{userId}.
func (s *Sandbox) updateUser(ctx context.Context, tx *sql.Tx, x *exchange) (answer, error) {
	var asked struct {
		Active *bool `json:"active"`
	}
	if json.Unmarshal(x.body, &asked) != nil {
		return answer{}, unreadable()
	}
	if asked.Active == nil {
		return answer{}, invalid("updateUser.arg2.active: must not be null")
	}
	u, err := pathUser(ctx, tx, x)
	if err != nil {
		return answer{}, err
	}
	if u.active != *asked.Active {
		_, err := tx.ExecContext(ctx, `UPDATE users SET active = $1, updated_at = $2 WHERE id = $3`,
			*asked.Active, micros(x.now), u.id)
		if err != nil {
			return answer{}, fmt.Errorf("update user: %w", err)
		}
		x.call.Applied = true
	}
	return answer{status: http.StatusOK, header: http.Header{}}, nil
}

// pathUser finds the user of the path, in the company of the path.
func pathUser(ctx context.Context, tx *sql.Tx, x *exchange) (user, error) {
	t, err := readyTenant(ctx, tx, x)
	if err != nil {
		return user{}, err
	}
	found, err := findUsers(ctx, tx, `id = $1 AND tenant_id = $2`, x.PathValue("userId"), t.id)
	switch {
	case err != nil:
		return user{}, err
	case len(found) == 0:
		return user{}, userNotFound()
	}
	return found[0], nil
}

// findUsers gives the users for which the condition, a constant of the caller's,
// holds, in the order it asks for.
func findUsers(ctx context.Context, tx *sql.Tx, condition string, args ...any) ([]user, error) {
	//nolint:gosec // the condition is a constant
	rows, err := tx.QueryContext(ctx, `
		SELECT id, tenant_id, symphony_user_id, email, first_name, last_name, display_name, active,
		       phone_number, department, title, location, created_at, updated_at
		FROM users WHERE `+condition, args...)
	if err != nil {
		return nil, fmt.Errorf("find users: %w", err)
	}
	defer rows.Close()
	var users []user
	for rows.Next() {
		var u user
		var createdAt, updatedAt int64
		if err := rows.Scan(&u.id, &u.tenantID, &u.symphonyUserID, &u.Email, &u.FirstName, &u.LastName, &u.DisplayName,
			&u.active, &u.PhoneNumber, &u.Department, &u.Title, &u.Location, &createdAt, &updatedAt); err != nil {
			return nil, fmt.Errorf("find users: %w", err)
		}
		u.createdAt, u.updatedAt = fromMicros(createdAt), fromMicros(updatedAt)
		users = append(users, u)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("find users: %w", err)
	}
	return users, nil
}

// insertUserSQL is shared with the seed, which prepares it.
const insertUserSQL = `
	INSERT INTO users (seq, id, tenant_id, symphony_user_id, email, email_key, root_domain, first_name, last_name,
	                   display_name, active, phone_number, department, title, location, created_at, updated_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`

func insertUserArgs(seq int64, u user) []any {
	return []any{
		seq, u.id, u.tenantID, u.symphonyUserID, u.Email, emailKey(u.Email), rootDomain(domainOf(u.Email)), u.FirstName, u.LastName,
		u.DisplayName, u.active, u.PhoneNumber, u.Department, u.Title, u.Location, micros(u.createdAt), micros(u.updatedAt),
	}
}

// symphonyUserID makes ids as large as the published ones: beyond 48 bits.
func symphonyUserID(seq int64) int64 { return 695_734_946_098_125 + 10_000*seq }

// SetUserActive changes a user behind the partner's back, as somebody at Symphony
// could.
func (f *Faults) SetUserActive(ctx context.Context, userID string, active bool) error {
	return f.changeOne(ctx, errUnknownUser, `UPDATE users SET active = $1, updated_at = $2 WHERE id = $3`,
		active, micros(f.sandbox.time()), userID)
}

// RemoveUser takes a user away behind the partner's back: nobody has ever been it.
func (f *Faults) RemoveUser(ctx context.Context, userID string) error {
	return f.changeOne(ctx, errUnknownUser, `DELETE FROM users WHERE id = $1`, userID)
}
