package views

import (
	"time"

	"foyer/views/ui"
)

// CompanyForm is the form for a new company, as it was typed.
type CompanyForm struct {
	Name, VanityName, EmailDomains, Samples string

	Errors     ui.Errors
	Offers     []CompanyOffer
	Details    *ui.DetailsProps // what Symphony said when it refused
	Focus      string           // the field to go to when the page opens
	NotSentYet bool             // the form came back after signing in again
}

// CompanyOffer is what to do instead of creating a company that would have what
// another one has.
type CompanyOffer struct {
	Field, Label, Href string
}

// offers are the ones at a field.
func (f CompanyForm) offers(field string) []CompanyOffer {
	var found []CompanyOffer
	for _, o := range f.Offers {
		if o.Field == field {
			found = append(found, o)
		}
	}
	return found
}

// CompanyCheckPage is the page on which a new company's answers are checked
// before it is created.
type CompanyCheckPage struct {
	Form       CompanyForm // carried along as it was typed
	Token      string
	Button     string // names the act and the environment
	Name       string
	VanityName string
	PublicURL  string
	Domains    []string

	ListNote  string // why Foyer's own list of companies may be old
	Prechecks []PrecheckRow
	AskedAt   time.Time
	Doubts    bool // a verdict should be read before going on
}

// DomainsForm is the form that adds domains to a company, as it was typed.
type DomainsForm struct {
	ID, Name     string
	Current      []string
	Count        string // "2 of 10"
	EmailDomains string
	Closed       string // why the company takes no domains; then there is no form

	Errors     ui.Errors
	Details    *ui.DetailsProps
	Stale      *StaleNote
	NotSentYet bool
}

// DomainsCheckPage is the page on which domains are checked before they are
// added.
type DomainsCheckPage struct {
	ID, Name     string
	EmailDomains string // carried along as it was typed
	Token        string
	Button       string // names the act and the environment
	Current      []string
	Added        []string
	Already      []string // typed, and there already
	Count        string   // "4 of 10", once they are added
	Prechecks    []PrecheckRow
	AskedAt      time.Time
}
