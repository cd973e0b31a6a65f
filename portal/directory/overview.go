package directory

import (
	"context"
	"time"

	"foyer/auth"
	"foyer/ledger"
)

// Overview is what the first page shows of the companies: of each kind those that
// changed last, and how many there are.
type Overview struct {
	Attention     []CompanyRecord // failed, overdue, or in a state that Foyer doesn't know
	NeedAttention int
	Building      []CompanyRecord
	BeingBuilt    int
	Companies     int
	ReadAt        time.Time
	Stale         error // why the companies could not be read again just now
}

// overviewRows is how many companies of a kind the first page shows.
const overviewRows = 10

// Overview gathers the companies for the first page. When none can be had that is
// no error: it stands in Stale.
func (p *Directory) Overview(ctx context.Context, a auth.Actor) (Overview, error) {
	if err := p.gate.Require(ctx, a, auth.See, ledger.Company{}); err != nil {
		return Overview{}, err
	}
	var o Overview
	records, readAt, stale, err := p.List(ctx, ListFresh)
	o.ReadAt, o.Stale, o.Companies = readAt, stale, len(records)
	if err != nil {
		o.Stale = err
	}
	for _, r := range records {
		switch p.Group(r) {
		case NeedAttention:
			o.Attention = append(o.Attention, r)
		case BeingBuilt:
			o.Building = append(o.Building, r)
		default: // Nobody has to do anything about the others.
		}
	}
	o.Attention, o.NeedAttention = lastChanged(o.Attention)
	o.Building, o.BeingBuilt = lastChanged(o.Building)
	return o, nil
}

// lastChanged gives those of the companies that changed last, and how many there are.
func lastChanged(companies []CompanyRecord) (last []CompanyRecord, all int) {
	sortCompanies(companies, ByChanged, true)
	return companies[:min(len(companies), overviewRows)], len(companies)
}
