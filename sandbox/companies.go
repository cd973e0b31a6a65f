package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
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

const maxDomains = 10

// A company is how a tenant goes over the wire.
type company struct {
	ID           string   `json:"id"`
	CreatedAt    string   `json:"createdAt"`
	UpdatedAt    string   `json:"updatedAt"`
	Name         string   `json:"name"`
	VanityName   string   `json:"vanityName"`
	EmailDomains []string `json:"emailDomains"`
	PublicURL    string   `json:"publicUrl"`
	State        string   `json:"state"`
	ErrorMessage string   `json:"errorMessage,omitempty"`
}

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

// getCompanies answers GET /api/v2/companies.
func (s *Sandbox) getCompanies(ctx context.Context, tx *sql.Tx, x *exchange) (answer, error) {
	vanityName := x.URL.Query().Get("vanityName")
	if x.URL.Query().Has("vanityName") {
		if n := utf8.RuneCountInString(vanityName); n < 2 || n > 150 {
			return answer{}, invalid("getCompanies.arg0: size must be between 2 and 150")
		}
	}

	tenants, err := findTenants(ctx, tx, `partner = $1 AND ($2 = '' OR vanity_name = $2)`, PartnerID, vanityName)
	if err != nil {
		return answer{}, err
	}
	companies := make([]company, 0, len(tenants))
	for _, t := range tenants {
		companies = append(companies, t.wire(x.now))
	}
	return jsonAnswer(http.StatusOK, companies)
}

// createCompany answers POST /api/v2/companies.
func (s *Sandbox) createCompany(ctx context.Context, tx *sql.Tx, x *exchange) (answer, error) {
	var asked struct {
		Name         string   `json:"name"`
		VanityName   string   `json:"vanityName"`
		EmailDomains []string `json:"emailDomains"`
	}
	if json.Unmarshal(x.body, &asked) != nil {
		return answer{}, unreadable()
	}
	name := strings.TrimSpace(asked.Name)
	domains := normalDomains(asked.EmailDomains)
	if n := utf8.RuneCountInString(name); n < 2 || n > 100 {
		return answer{}, invalid("createCompany.arg0.name: size must be between 2 and 100")
	}
	if !isVanityName(asked.VanityName) {
		return answer{}, invalid("createCompany.arg0.vanityName: must match [a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?, with a size between 2 and 63")
	}
	if refusal := checkDomains("createCompany.arg0", asked.EmailDomains, domains); refusal != nil {
		return answer{}, refusal
	}
	if err := checkUnused(ctx, tx, name, asked.VanityName, domains); err != nil {
		return answer{}, err
	}

	fate := fateOf(asked.VanityName)
	t := tenant{
		id:           uuid.NewString(),
		partner:      PartnerID,
		name:         name,
		vanityName:   asked.VanityName,
		publicHost:   asked.VanityName + ".on.symphony.com",
		listed:       true,
		createdAt:    x.now,
		updatedAt:    x.now,
		provisioning: s.faults.Settings().Provisioning,
		fate:         fate,
		errorMessage: errorMessageOf(fate, x.call.TraceID),
		domains:      domains,
	}
	if err := insertTenant(ctx, tx, t); err != nil {
		return answer{}, err
	}
	x.call.CompanyID, x.call.Applied = t.id, true

	accepted := t.wire(x.now)
	// However short the provisioning time, the answer is published as STARTED.
	accepted.State, accepted.ErrorMessage = stateStarted, ""
	return jsonAnswer(http.StatusAccepted, accepted)
}

// getCompany answers GET /api/v2/companies/{companyId}.
func (s *Sandbox) getCompany(ctx context.Context, tx *sql.Tx, x *exchange) (answer, error) {
	t, err := ownTenant(ctx, tx, x)
	if err != nil {
		return answer{}, err
	}
	return jsonAnswer(http.StatusOK, t.wire(x.now))
}

// updateCompany answers PATCH /api/v2/companies/{companyId}. The domains given
// are added to those there are.
func (s *Sandbox) updateCompany(ctx context.Context, tx *sql.Tx, x *exchange) (answer, error) {
	var asked struct {
		EmailDomains []string `json:"emailDomains"`
	}
	if json.Unmarshal(x.body, &asked) != nil {
		return answer{}, unreadable()
	}
	domains := normalDomains(asked.EmailDomains)
	if refusal := checkDomains("updateCompany.arg1", asked.EmailDomains, domains); refusal != nil {
		return answer{}, refusal
	}
	t, err := readyTenant(ctx, tx, x)
	if err != nil {
		return answer{}, err
	}

	added := slices.DeleteFunc(domains, func(d string) bool { return slices.Contains(t.domains, d) })
	if len(added) == 0 {
		return answer{status: http.StatusNotModified, header: http.Header{}}, nil
	}
	taken, err := takenDomains(ctx, tx, added)
	if err != nil {
		return answer{}, err
	}
	if len(taken) > 0 {
		return answer{}, domainsTaken(taken)
	}
	if len(t.domains)+len(added) > maxDomains {
		return answer{}, invalid("updateCompany.arg1.emailDomains: a company has at most 10 email domains")
	}

	if err := insertDomains(ctx, tx, t.id, len(t.domains), added); err != nil {
		return answer{}, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE tenants SET updated_at = $1 WHERE id = $2`, micros(x.now), t.id)
	if err != nil {
		return answer{}, fmt.Errorf("update tenant: %w", err)
	}
	x.call.Applied = true
	return answer{status: http.StatusOK, header: http.Header{}}, nil
}

func unreadable() *problem {
	return newProblem(http.StatusBadRequest, "Failed to read request")
}

var (
	vanityNamePattern = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$`)
	domainPattern     = regexp.MustCompile(`^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$`)
)

func isVanityName(s string) bool { return len(s) >= 2 && vanityNamePattern.MatchString(s) }

func normalDomains(domains []string) []string {
	var normal []string
	for _, d := range domains {
		if d = strings.ToLower(strings.TrimSpace(d)); !slices.Contains(normal, d) {
			normal = append(normal, d)
		}
	}
	return normal
}

// checkDomains refuses lists that are too short or too long as sent, and what is
// no domain. It gives nil when there is nothing to refuse.
func checkDomains(argument string, sent, normal []string) error {
	if len(sent) < 1 || len(sent) > maxDomains {
		return invalid(argument + ".emailDomains: size must be between 1 and 10")
	}
	for _, d := range normal {
		if len(d) > 253 || !domainPattern.MatchString(d) {
			return invalid(argument + ".emailDomains: '" + d + "' is not a valid domain")
		}
	}
	return nil
}

// checkUnused refuses what any tenant of the directory has already, whoever it
// belongs to.
func checkUnused(ctx context.Context, tx *sql.Tx, name, vanityName string, domains []string) error {
	var sameName, sameVanityName bool
	err := tx.QueryRowContext(ctx, `
		SELECT EXISTS (SELECT 1 FROM tenants WHERE name_key = $1),
		       EXISTS (SELECT 1 FROM tenants WHERE vanity_name = $2)`,
		strings.ToLower(name), vanityName).Scan(&sameName, &sameVanityName)
	if err != nil {
		return fmt.Errorf("look for the same tenant: %w", err)
	}
	switch {
	case sameName:
		return newProblem(http.StatusConflict, "A company with the same name already exists.")
	case sameVanityName:
		return newProblem(http.StatusConflict, "A company with the same vanity name already exists.")
	}
	taken, err := takenDomains(ctx, tx, domains)
	if err != nil {
		return err
	}
	if len(taken) > 0 {
		return domainsTaken(taken)
	}
	return nil
}

func takenDomains(ctx context.Context, tx *sql.Tx, domains []string) ([]string, error) {
	var taken []string
	for _, d := range domains {
		var found bool
		err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM domains WHERE domain = $1)`, d).Scan(&found)
		if err != nil {
			return nil, fmt.Errorf("look for domain: %w", err)
		}
		if found {
			taken = append(taken, d)
		}
	}
	return taken, nil
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
		state, message, micros(f.sandbox.now()), companyID)
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
