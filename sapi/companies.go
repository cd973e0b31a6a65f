package sapi

import (
	"context"
	"net/http"
	"net/url"
	"slices"
)

// Companies reads and changes the partner's sponsored companies.
type Companies struct{ client *Client }

const (
	companiesPath = "/api/v2/companies"
	maxDomains    = 10
)

// List returns all of the partner's companies; the API does not page them.
//
// Upstream: GET /api/v2/companies (getCompanies).
func (s *Companies) List(ctx context.Context) ([]Company, error) {
	var found []Company
	if err := s.client.do(ctx, s.search("list companies", "", &found)); err != nil {
		return nil, err
	}
	return found, nil
}

// Find returns the company with exactly this vanity name, and whether there is
// one. Symphony may answer with others too: they are left out.
//
// Upstream: GET /api/v2/companies?vanityName= (getCompanies).
func (s *Companies) Find(ctx context.Context, vanityName string) (Company, bool, error) {
	var found []Company
	k := s.search("find company", vanityName, &found)
	if len(vanityName) < 2 || len(vanityName) > 150 {
		return Company{}, false, k.invalid("a vanity name has 2 to 150 characters")
	}
	if err := s.client.do(ctx, k); err != nil {
		return Company{}, false, err
	}
	i := slices.IndexFunc(found, func(c Company) bool { return c.VanityName == vanityName })
	if i < 0 {
		return Company{}, false, nil
	}
	return found[i], true, nil
}

func (s *Companies) search(op, vanityName string, found *[]Company) call {
	k := call{
		op: op, operation: "getCompanies", method: http.MethodGet, to: s.client.api, path: companiesPath,
		bearer: true, decode: decodeCompanies(found),
	}
	if vanityName != "" {
		k.query = url.Values{"vanityName": {vanityName}}
	}
	return k
}

// Get returns one company, whatever its state.
//
// Upstream: GET /api/v2/companies/{companyId} (getCompanyStatus).
func (s *Companies) Get(ctx context.Context, id string) (Company, error) {
	var company Company
	k := call{
		op: "get company", operation: "getCompanyStatus", method: http.MethodGet, to: s.client.api,
		bearer: true, decode: decodeCompany(&company),
	}
	k, err := k.at(id)
	if err != nil {
		return Company{}, err
	}
	if err := s.client.do(ctx, k); err != nil {
		return Company{}, err
	}
	return company, nil
}

// Create asks Symphony to create a company and returns it as accepted: with its
// id, and in [StateStarted]. The rest happens in the background; poll with Get.
//
// Upstream: POST /api/v2/companies (createCompany).
func (s *Companies) Create(ctx context.Context, company NewCompany) (Company, error) {
	var created Company
	k := call{
		op: "create company", operation: "createCompany", method: http.MethodPost, to: s.client.api, path: companiesPath,
		bearer: true, change: true, body: newCompanyJSON(company), decode: decodeCompany(&created),
	}
	if len(company.EmailDomains) == 0 || len(company.EmailDomains) > maxDomains {
		return Company{}, k.invalid("a company has 1 to 10 e-mail domains")
	}
	if err := s.client.do(ctx, k); err != nil {
		return Company{}, err
	}
	return created, nil
}

// AddDomains sends exactly these 1–10 domains for a company, and reports whether
// that changed anything: false means that it had them all. Symphony adds them to
// those that it has; none can be removed.
//
// Upstream: PATCH /api/v2/companies/{companyId} (updateCompany).
func (s *Companies) AddDomains(ctx context.Context, id string, domains []string) (changed bool, err error) {
	var unchanged bool
	k := call{
		op: "add domains", operation: "updateCompany", method: http.MethodPatch, to: s.client.api,
		bearer: true, change: true, body: domainsJSON{domains}, unchanged: &unchanged,
	}
	if len(domains) == 0 || len(domains) > maxDomains {
		return false, k.invalid("one call takes 1 to 10 e-mail domains")
	}
	k, err = k.at(id)
	if err != nil {
		return false, err
	}
	if err := s.client.do(ctx, k); err != nil {
		return false, err
	}
	return !unchanged, nil
}
