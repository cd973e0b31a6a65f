package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
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
