package sandbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// The published states of a company.
const (
	stateStarted             = "STARTED"
	stateTenantCreated       = "TENANT_CREATED"
	stateCompleted           = "COMPLETED"
	stateTenantCreationError = "TENANT_CREATION_ERROR"
	stateAuth0ConfigError    = "AUTH0_CONFIG_ERROR"
	stateTenantConfigError   = "TENANT_CONFIG_ERROR"
)

// A tenant is a company as the directory keeps it.
type tenant struct {
	id, partner      string
	name, vanityName string
	publicHost       string
	listed           bool // named by the login service
	createdAt        time.Time
	updatedAt        time.Time
	provisioning     time.Duration
	fate             string // the state it ends in
	errorMessage     string // shown once its fate is there
	domains          []string
}

// state derives where the tenant is at a time, and since when.
func (t tenant) state(now time.Time) (state string, since time.Time) {
	created := t.createdAt.Add(t.provisioning * 2 / 5)
	finished := t.createdAt.Add(t.provisioning)
	switch {
	case now.Before(created) || t.fate == stateStarted:
		return stateStarted, t.createdAt
	case t.fate == stateTenantCreationError:
		return t.fate, created
	case now.Before(finished):
		return stateTenantCreated, created
	default:
		return t.fate, finished
	}
}

func (t tenant) ready(now time.Time) bool {
	state, _ := t.state(now)
	return state == stateCompleted
}

func (t tenant) wire(now time.Time) company {
	state, since := t.state(now)
	c := company{
		ID:           t.id,
		CreatedAt:    wireTime(t.createdAt),
		UpdatedAt:    wireTime(t.updatedAt),
		Name:         t.name,
		VanityName:   t.vanityName,
		EmailDomains: t.domains,
		PublicURL:    "https://" + t.publicHost,
		State:        state,
	}
	if since.After(t.updatedAt) {
		c.UpdatedAt = wireTime(since)
	}
	if state == t.fate {
		c.ErrorMessage = t.errorMessage
	}
	return c
}

// fateOf reads the fate that a vanity name asks for, for training.
func fateOf(vanityName string) string {
	switch {
	case strings.Contains(vanityName, "fail-tenant"):
		return stateTenantCreationError
	case strings.Contains(vanityName, "fail-auth0"):
		return stateAuth0ConfigError
	case strings.Contains(vanityName, "fail-config"):
		return stateTenantConfigError
	case strings.Contains(vanityName, "stuck"):
		return stateStarted
	default:
		return stateCompleted
	}
}

// errorMessageOf gives what support wants to know of a failed tenant.
func errorMessageOf(fate, traceID string) string {
	if !strings.HasSuffix(fate, "_ERROR") {
		return ""
	}
	return "Please contact Symphony support by providing the X-Trace-Id = " + traceID
}

// ownTenant finds the company of the path among the partner's.
func ownTenant(ctx context.Context, tx *sql.Tx, x *exchange) (tenant, error) {
	found, err := findTenants(ctx, tx, `partner = $1 AND id = $2`, PartnerID, x.PathValue("companyId"))
	switch {
	case err != nil:
		return tenant{}, err
	case len(found) == 0:
		return tenant{}, companyUnavailable()
	}
	return found[0], nil
}

// readyTenant is ownTenant for what only a COMPLETED company can do.
func readyTenant(ctx context.Context, tx *sql.Tx, x *exchange) (tenant, error) {
	t, err := ownTenant(ctx, tx, x)
	if err == nil && !t.ready(x.now) {
		err = companyUnavailable()
	}
	return t, err
}

// findTenants gives the tenants for which the condition, a constant of the
// caller's, holds, oldest first.
func findTenants(ctx context.Context, tx *sql.Tx, condition string, args ...any) ([]tenant, error) {
	//nolint:gosec // the condition is a constant
	rows, err := tx.QueryContext(ctx, `
		SELECT id, partner, name, vanity_name, public_host, listed, created_at, updated_at, provisioning, fate, error_message,
		       (SELECT group_concat(domain, ' ' ORDER BY position) FROM domains WHERE tenant_id = tenants.id)
		FROM tenants WHERE `+condition+` ORDER BY created_at, id`, args...)
	if err != nil {
		return nil, fmt.Errorf("find tenants: %w", err)
	}
	defer rows.Close()
	var tenants []tenant
	for rows.Next() {
		var t tenant
		var createdAt, updatedAt, provisioning int64
		var domains string
		if err := rows.Scan(&t.id, &t.partner, &t.name, &t.vanityName, &t.publicHost, &t.listed,
			&createdAt, &updatedAt, &provisioning, &t.fate, &t.errorMessage, &domains); err != nil {
			return nil, fmt.Errorf("find tenants: %w", err)
		}
		t.createdAt, t.updatedAt = fromMicros(createdAt), fromMicros(updatedAt)
		t.provisioning = time.Duration(provisioning) * time.Microsecond
		t.domains = strings.Fields(domains)
		tenants = append(tenants, t)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("find tenants: %w", err)
	}
	return tenants, nil
}

func insertTenant(ctx context.Context, tx *sql.Tx, t tenant) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO tenants (id, partner, name, name_key, vanity_name, public_host, listed,
		                     created_at, updated_at, provisioning, fate, error_message)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		t.id, t.partner, t.name, strings.ToLower(t.name), t.vanityName, t.publicHost, t.listed,
		micros(t.createdAt), micros(t.updatedAt), t.provisioning.Microseconds(), t.fate, t.errorMessage)
	if err != nil {
		return fmt.Errorf("insert tenant: %w", err)
	}
	return insertDomains(ctx, tx, t.id, 0, t.domains)
}

func insertDomains(ctx context.Context, tx *sql.Tx, tenantID string, from int, domains []string) error {
	for i, d := range domains {
		_, err := tx.ExecContext(ctx, `INSERT INTO domains (domain, tenant_id, position) VALUES ($1, $2, $3)`,
			d, tenantID, from+i)
		if err != nil {
			return fmt.Errorf("insert domain: %w", err)
		}
	}
	return nil
}

// errUnknownCompany and errUnknownUser are what the back door answers to ids
// that are in nobody's directory.
var (
	errUnknownCompany = errors.New("no such company")
	errUnknownUser    = errors.New("no such user")
)

// SetCompanyState puts a company, anybody's, into a state for good, any word
// included. message is its errorMessage.
func (f *Faults) SetCompanyState(ctx context.Context, companyID, state, message string) error {
	return f.changeOne(ctx, errUnknownCompany, `
		UPDATE tenants SET fate = $1, error_message = $2, provisioning = 0, updated_at = $3 WHERE id = $4`,
		state, message, micros(f.sandbox.time()), companyID)
}

// changeOne runs a statement that must change one row, and gives missing when
// there is none.
func (f *Faults) changeOne(ctx context.Context, missing error, statement string, args ...any) error {
	done, err := f.sandbox.db.ExecContext(ctx, statement, args...)
	if err != nil {
		return fmt.Errorf("change directory: %w", err)
	}
	changed, err := done.RowsAffected()
	if err != nil {
		return fmt.Errorf("change directory: %w", err)
	}
	if changed == 0 {
		return missing
	}
	return nil
}
