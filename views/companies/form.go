package companies

import "foyer/views/ui"

// FormPage is the form for a new company, as it was typed.
type FormPage struct {
	Name, VanityName, EmailDomains, Samples string

	Errors     ui.Errors
	Offers     []Offer
	Details    *ui.DetailsProps // what Symphony said when it refused
	Focus      string           // the field to go to when the page opens
	NotSentYet bool             // the form came back after signing in again
}

// Offer is what to do instead of creating a company that would have what
// another one has.
type Offer struct {
	Field, Label, Href string
}

// offers are the ones at a field.
func (f FormPage) offers(field string) []Offer {
	var found []Offer
	for _, o := range f.Offers {
		if o.Field == field {
			found = append(found, o)
		}
	}
	return found
}
