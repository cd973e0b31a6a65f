package bulk

import (
	"context"
	"slices"

	"foyer/portal"
	"foyer/portal/change"
	"foyer/sapi"
)

// mostVain is in how many calls a row is at the most that did nothing for it and of which
// nothing says why. Those that were never sent, or whose process stopped, don't count.
const mostVain = 5

// Moved notes how a change stands that is part of a bulk change, in the transaction that
// stores it. The engine calls it.
func (s *Service) Moved(ctx context.Context, tx portal.Tx, c change.Change) error {
	switch c.Kind {
	case change.CreateCompany:
		return nil // the bulk change looks at it itself
	case change.CreateUsers:
		return s.store.SettleRows(ctx, tx, c.ID, settledPeople(c))
	case change.DisableUser, change.EnableUser:
		return s.store.SettleRows(ctx, tx, c.ID, settledStatus(c))
	case change.AddDomains:
	}
	return nil
}

// settledPeople are the rows of a call that creates people, those together that stand
// alike.
func settledPeople(c change.Change) []Settled {
	var all []Settled
	for i, person := range c.People {
		row := settledPerson(c, person)
		j := slices.IndexFunc(all, func(s Settled) bool { return s.State == row.State && s.Code == row.Code })
		if j < 0 {
			all, j = append(all, row), len(all)
		}
		all[j].Items = append(all[j].Items, i)
	}
	return all
}

func settledPerson(c change.Change, person change.Row) Settled {
	switch c.State {
	case change.Sent, change.Queued, change.Proposed:
		return Settled{State: Sent}
	case change.Expired, change.Cancelled, change.Declined, change.Superseded:
		return Settled{State: Planned, Code: Again} // nothing was sent
	case change.Abandoned:
		if person.Outcome == sapi.ItemUnknown {
			return Settled{State: Unknown, Code: GaveUp, Problem: c.Problem}
		}
	case change.Refused:
		if !c.Reconciled && c.Code != change.NobodyCreated {
			return refusedCall(c)
		}
	case change.Unknown, change.Done:
	}
	return settledItem(c, person)
}

// refusedCall is a row of a call that was refused as a whole: that did nothing.
func refusedCall(c change.Change) Settled {
	switch {
	case c.Code != change.AnswerNo, companyGone(c):
		return Settled{State: Planned, Code: Again} // of no row's making
	case len(c.People) > 1:
		return Settled{State: Planned, Code: Alone} // of one of them, most likely
	}
	return Settled{State: Refused, Code: Symphony, Problem: c.Problem}
}

// companyGone says whether Symphony refused a call because of the company.
func companyGone(c change.Change) bool {
	return c.Problem != nil && sapi.Code(c.Problem.Code) == sapi.CodeCompanyUnavailable
}

// settledItem is a row by what is known of its own person.
func settledItem(c change.Change, person change.Row) Settled {
	switch person.Outcome {
	case sapi.ItemCreated:
		return Settled{State: Created}
	case sapi.ItemExists:
		if c.Reconciled && person.UserID != "" { // found in the company itself
			return Settled{State: AlreadyThere, Code: StatusUnknown}
		}
		return Settled{State: Unsettled, Code: Exists}
	case sapi.ItemRefused:
		if person.Problem == nil {
			return Settled{State: Planned, Code: Again, Vain: inVain(c)} // proven not to be there
		}
		return Settled{State: Refused, Code: Symphony}
	case sapi.ItemUnknown:
	}
	return Settled{State: Unsettled, Code: AnswerLost, Problem: c.Problem}
}

// inVain says whether Symphony had a call, as far as is known, that did nothing.
func inVain(c change.Change) bool { return c.LostBy != change.ProcessStopped }

// settledStatus is the one row of a change of a status.
func settledStatus(c change.Change) []Settled {
	done, there := Enabled, IsActive
	if c.Kind == change.DisableUser {
		done, there = Disabled, IsDisabled
	}
	row := Settled{Items: []int{0}, Problem: c.Problem}
	switch c.State {
	case change.Sent, change.Queued, change.Proposed:
		row.State = Sent
	case change.Done:
		row.State = done
	case change.Unknown:
		row.State, row.Code = Unsettled, AnswerLost
	case change.Abandoned:
		row.State, row.Code = Unknown, GaveUp
	case change.Superseded:
		row.State, row.Code = AlreadyThere, there
	case change.Expired, change.Cancelled, change.Declined:
		row.State, row.Code = Planned, Again
	case change.Refused:
		switch {
		case c.Reconciled:
			row.State, row.Code, row.Vain = Planned, Again, inVain(c) // it is proven that nothing was done
		case c.Code != change.AnswerNo || companyGone(c):
			row.State, row.Code = Planned, Again
		default:
			row.State, row.Code = Refused, Symphony
		}
	}
	return []Settled{row}
}
