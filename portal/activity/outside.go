package activity

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"foyer/auth"
	"foyer/ledger"
)

// Outside is how much others than Foyer have changed in a time, as far as Foyer noticed.
type Outside struct {
	Since     time.Time
	Disabled  int // people
	Enabled   int
	Added     int
	NotListed int
	Companies int  // created
	Domains   int  // companies that have more of them
	More      bool // there is more of something than was counted
}

// Any says whether anything was changed.
func (o Outside) Any() bool {
	return o.Disabled+o.Enabled+o.Added+o.NotListed+o.Companies+o.Domains > 0
}

// mostOutside is how many events of a kind are counted.
const mostOutside = 200

// Outside counts what others have changed since a time, for the first page.
func (p *Activity) Outside(ctx context.Context, a auth.Actor, since time.Time) (Outside, error) {
	if err := p.gate.Require(ctx, a, auth.See, ledger.Company{}); err != nil {
		return Outside{}, err
	}
	o := Outside{Since: since}
	for _, action := range []ledger.Action{ledger.StatusOutside, ledger.SeenOutside, ledger.NotListed, ledger.CompanyOutside, ledger.DomainOutside} {
		events, err := p.store.Events(ctx, ledger.Filter{Action: action, From: since}, ledger.Page{Limit: mostOutside})
		if err != nil {
			return Outside{}, fmt.Errorf("count changes of others: %w", err)
		}
		o.More = o.More || len(events) == mostOutside
		for _, e := range events {
			o.count(e)
		}
	}
	return o, nil
}

func (o *Outside) count(e ledger.Event) {
	switch e.Action {
	case ledger.SeenOutside:
		o.Added += len(e.Users)
	case ledger.NotListed:
		o.NotListed += len(e.Users)
	case ledger.CompanyOutside:
		o.Companies++
	case ledger.DomainOutside:
		o.Domains++
	case ledger.StatusOutside:
		var after struct{ Status string }
		switch _ = json.Unmarshal(e.After, &after); after.Status { // erased values are of neither
		case "disabled":
			o.Disabled++
		case "active":
			o.Enabled++
		}
	default: // Nothing else is asked for.
	}
}
