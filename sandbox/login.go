package sandbox

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/net/publicsuffix"
)

// podLoginInformation answers GET /webcontroller/podLoginInformation: the pod of
// the address, else the pod with the most users of its root domain.
func (s *Sandbox) podLoginInformation(ctx context.Context, tx *sql.Tx, x *exchange) (answer, error) {
	email := x.URL.Query().Get("emailAddress")
	if !isEmail(email) {
		return answer{}, newProblem(http.StatusBadRequest, "Required parameter 'emailAddress' is not present, or malformed.")
	}
	found, err := tenantOfEmail(ctx, tx, x.now, email)
	if err == nil && found == nil {
		found, err = tenantOfRootDomain(ctx, tx, x.now, email)
	}
	switch {
	case err != nil:
		return answer{}, err
	case found == nil:
		return jsonAnswer(http.StatusNotFound, map[string]string{
			"message": fmt.Sprintf("No pod found for emailAddress: '%s' and companyDomain: '%s'", email, domainOf(email)),
			"status":  "NOT_FOUND",
		})
	}
	return jsonAnswer(http.StatusOK, map[string]string{"podDomain": found.publicHost})
}

// searchDirectory answers GET /directory/search. Here a tenant counts as found
// for a domain it owns, too, though it may have nobody yet.
func (s *Sandbox) searchDirectory(ctx context.Context, tx *sql.Tx, x *exchange) (answer, error) {
	query := x.URL.Query()
	email := query.Get("email")
	switch {
	case query.Get("partnerId") == "":
		return answer{}, newProblem(http.StatusBadRequest, "Required parameter 'partnerId' is not present.")
	case query.Get("partnerId") != PartnerID:
		return answer{}, newProblem(http.StatusForbidden, "The partner id is not known.")
	case !isEmail(email):
		return answer{}, newProblem(http.StatusBadRequest, "Required parameter 'email' is not present, or malformed.")
	}

	byUser, err := tenantOfEmail(ctx, tx, x.now, email)
	found := byUser
	if err == nil && found == nil {
		found, err = tenantOfDomain(ctx, tx, x.now, email)
	}
	if err == nil && found == nil {
		found, err = tenantOfRootDomain(ctx, tx, x.now, email)
	}
	if err != nil {
		return answer{}, err
	}

	match := struct {
		UserFound   bool   `json:"matchingUserFound"`
		TenantFound bool   `json:"matchingSymphonyTenantFound"`
		Sponsored   bool   `json:"tenantSponsored"`
		TenantURL   string `json:"tenantUrl,omitempty"`
	}{UserFound: byUser != nil, TenantFound: found != nil}
	if found != nil {
		match.Sponsored = found.partner != ""
		match.TenantURL = "https://" + found.publicHost
	}
	return jsonAnswer(http.StatusOK, match)
}

// rootDomain gives what is registered: lyondell.example for fx.lyondell.example.
func rootDomain(domain string) string {
	root, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		return domain
	}
	return root
}

// tenantOfEmail gives the tenant that has a user with this very address, or nil.
func tenantOfEmail(ctx context.Context, tx *sql.Tx, now time.Time, email string) (*tenant, error) {
	return firstNamed(ctx, tx, now, `id = (SELECT tenant_id FROM users WHERE email_key = $1)`, emailKey(email))
}

// tenantOfDomain gives the tenant that owns the address's domain, or nil.
func tenantOfDomain(ctx context.Context, tx *sql.Tx, now time.Time, email string) (*tenant, error) {
	return firstNamed(ctx, tx, now, `id = (SELECT tenant_id FROM domains WHERE domain = $1)`, domainOf(email))
}

// tenantOfRootDomain gives the tenant with the most users under the address's
// root domain, or nil.
func tenantOfRootDomain(ctx context.Context, tx *sql.Tx, now time.Time, email string) (*tenant, error) {
	root := rootDomain(domainOf(email))
	rows, err := tx.QueryContext(ctx, `
		SELECT tenant_id FROM users WHERE root_domain = $1
		GROUP BY tenant_id ORDER BY count(*) DESC, tenant_id`, root)
	if err != nil {
		return nil, fmt.Errorf("find root domain: %w", err)
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("find root domain: %w", err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("find root domain: %w", err)
	}
	for _, id := range ids {
		if t, err := firstNamed(ctx, tx, now, `id = $1`, id); t != nil || err != nil {
			return t, err
		}
	}
	return nil, nil // nothing found
}

// firstNamed gives the first tenant for which the condition holds and that may
// be named: it is listed and COMPLETED. It gives nil when there is none.
func firstNamed(ctx context.Context, tx *sql.Tx, now time.Time, condition string, args ...any) (*tenant, error) {
	tenants, err := findTenants(ctx, tx, condition, args...)
	if err != nil {
		return nil, err
	}
	for _, t := range tenants {
		if t.listed && t.ready(now) {
			return &t, nil
		}
	}
	return nil, nil // nothing found
}
