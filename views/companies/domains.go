package companies

import (
	"strconv"
	"time"

	"foyer/views"
	"foyer/views/ui"
)

// DomainsPage is the form that adds domains to a company, as it was typed.
type DomainsPage struct {
	ID, Name     string
	Current      []string
	Count        string // "2 of 10"
	EmailDomains string
	Bulk         int64  // the bulk change that lacks the domains, to which it leads back; 0: none
	Closed       string // why the company takes no domains; then there is no form

	Errors     ui.Errors
	Details    *ui.DetailsProps
	Stale      *views.StaleNote
	NotSentYet bool
}

// DomainsCheckPage is the page on which domains are checked before they are
// added.
type DomainsCheckPage struct {
	ID, Name     string
	EmailDomains string // carried along as it was typed
	Bulk         int64  // likewise: the bulk change that lacks them
	Token        string
	Button       string // names the act and the environment
	Current      []string
	Added        []string
	Already      []string // typed, and there already
	Count        string   // "4 of 10", once they are added
	Prechecks    []views.PrecheckRow
	AskedAt      time.Time
}

// backPath is where somebody goes who adds no domain: the bulk change that lacks one, or else
// the company.
func backPath(companyID string, bulk int64) string {
	if bulk > 0 {
		return views.BulkChangePath(bulk)
	}
	return views.CompanyPath(companyID)
}

// bulkField carries that bulk change along in a form.
func bulkField(bulk int64) string { return strconv.FormatInt(bulk, 10) }
