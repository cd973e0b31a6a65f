package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"foyer/ledger"
	"foyer/portal/change"
	"foyer/portal/directory"
)

// SegmentSize is how many events share an entry of the search index.
const SegmentSize = segmentSize

// HurryUp has transactions wait no longer than that for their turn.
func (db *DB) HurryUp(within time.Duration) { db.turnWithin = within }

// HurryMigrating has it wait no longer than that for others that migrate.
func (db *DB) HurryMigrating(within time.Duration) { db.migrateWithin = within }

// Rounds lists the segments that are looked up together.
func Rounds(first, last int64) (all [][2]int64) {
	for first, last := range rounds(first, last) {
		all = append(all, [2]int64{first, last})
	}
	return all
}

// Plan is what the database means to do for one statement of a list.
type Plan struct {
	Statement string
	Bounded   bool // the statement itself says which few events it looks at
	Steps     string
}

// Plans gives the plans of every statement that lists the events of a filter.
func (db *DB) Plans(ctx context.Context, f ledger.Filter) ([]Plan, error) {
	q, err := db.listing(ctx, f, 0)
	if err != nil {
		return nil, err
	}
	var plans []Plan
	explain := func(bounded bool, statement string, args []any) error {
		steps, err := db.explain(ctx, statement, args)
		plans = append(plans, Plan{statement, bounded, steps})
		return err
	}
	for part, err := range db.parts(ctx, q, defaultLimit) {
		if err != nil {
			return nil, err
		}
		if part.empty() {
			continue
		}
		statement, args := part.selectRecords(defaultLimit)
		if err := explain(q.searches() && !q.few, statement, args); err != nil {
			return nil, err
		}
	}
	if q.searches() && !q.few {
		statement, args := db.selectMembers(q.terms, []int64{0})
		if err := explain(true, statement, args); err != nil {
			return nil, err
		}
	}
	return plans, nil
}

// ChangePlans gives the plans of every statement that looks for changes, by what it is
// for, with a change as the one that is looked for.
func (db *DB) ChangePlans(ctx context.Context, c change.Change) (map[string]Plan, error) {
	plans := map[string]Plan{}
	held, heldArgs := db.selectHeld(c, itemsOf(c))
	after, afterArgs := db.selectAfter(c, itemsOf(c))
	credits, creditArgs := db.selectCredits(itemsOf(c))
	for name, s := range map[string]struct {
		statement string
		args      []any
	}{
		"Change":                  {selectChange + whereID, []any{c.ID}},
		"ChangeByToken":           {selectChange + whereToken, []any{c.Token}},
		"UnsettledOf":             {selectChange + whereSubject, []any{c.Subject}},
		"afterSeen":               {selectChange + whereAfter, []any{c.Subject, micros(c.UpdatedAt), c.ID}},
		"afterSeen, people":       {after, afterArgs},
		"CreditedCompany":         {selectBuilders + db.forUpdate(), []any{c.Subject}},
		"DueChanges":              {selectDue, []any{micros(c.UpdatedAt), 500}},
		"UnsettledChanges, count": {countUnsettled, nil},
		"UnsettledChanges":        {selectUnsettled, []any{20}},
		"heldBy":                  {held, heldArgs},
		"CreditedUsers":           {credits, creditArgs},
		"people":                  {selectItems + whereItems, []any{c.ID}},
	} {
		steps, err := db.explain(ctx, s.statement, s.args)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		plans[name] = Plan{Statement: s.statement, Steps: steps}
	}
	return plans, nil
}

func (db *DB) explain(ctx context.Context, statement string, args []any) (string, error) {
	explain := "EXPLAIN QUERY PLAN "
	if db.dialect == PostgreSQL {
		explain = "EXPLAIN (COSTS OFF) "
	}
	rows, err := db.read.QueryContext(ctx, explain+statement, args...)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	var steps []string
	for rows.Next() {
		step := make([]any, len(columns)) // the last one is the text
		for i := range step {
			step[i] = new(any)
		}
		if err := rows.Scan(step...); err != nil {
			return "", err
		}
		steps = append(steps, fmt.Sprint(*step[len(step)-1].(*any)))
	}
	return strings.Join(steps, "\n"), rows.Err()
}

// CheckIndex does the part of VerifyLedger that costs least: it holds the search index
// against the events, and gives the first event that it is wrong about, or 0.
func (db *DB) CheckIndex(ctx context.Context) (seq int64, err error) {
	err = db.snapshot(ctx, func(tx *sql.Tx) error {
		h, err := scanHead(tx.QueryRowContext(ctx, selectHead))
		if err != nil {
			return err
		}
		index, err := newIndexCheck(ctx, tx, h.tree.Size())
		if err != nil {
			return err
		}
		for _, err := range index.watch(ctx, records(ctx, tx, 0)) {
			if err != nil {
				return err
			}
		}
		seq = index.bad
		return nil
	})
	return seq, err
}

// Bound has lists of people read no more than that.
func (db *DB) Bound(gatherMost, gatherLast, walkMost, walkRows, walkGroups, mergeMost int) {
	db.people().bounds = listBounds{gatherMost, gatherLast, gatherMost, walkMost, walkRows, walkGroups, mergeMost}
}

// PeoplePlan is how a page of people is read.
type PeoplePlan struct {
	Plan
	Gathered bool   // else it is walked to
	Index    string // that is meant
}

// PeoplePlans gives the plans of the statements that find the people of a page.
func (db *DB) PeoplePlans(ctx context.Context, q directory.PeopleQuery) ([]PeoplePlan, error) {
	l, err := db.people().peopleList(ctx, q)
	if err != nil || l.nobody {
		return nil, err
	}
	from, err := l.position(ctx)
	if err != nil {
		return nil, err
	}
	few, err := l.fewest(ctx)
	if err != nil {
		return nil, err
	}
	if few.entries <= l.bounds.gatherMost {
		statement, args := l.selectGathered(few, from)
		steps, err := l.db.explain(ctx, statement, args)
		return []PeoplePlan{{Plan{Statement: statement, Steps: steps}, true, few.index}}, err
	}
	parts := []part{{index: l.order.index, column: l.order.column, in: l.ranged, behind: from.keys, bound: l.bound(), limit: l.limit}}
	if len(l.within) == 1 && l.order.column != "" {
		parts[0].index, parts[0].in = l.order.companyIndex, l.inCompany(l.within[0])
	}
	if l.order.column == "" {
		groups, err := l.groups(ctx, from)
		if err != nil {
			return nil, err
		}
		parts = nil
		for _, g := range groups[:min(len(groups), 1)] {
			parts = append(parts, part{index: l.order.index, column: l.order.within, in: l.inGroup(g.n), bound: l.bound(), limit: l.limit})
		}
	}
	var plans []PeoplePlan
	for _, p := range parts {
		statement, args := l.selectPart(p)
		steps, err := l.db.explain(ctx, statement, args)
		if err != nil {
			return nil, err
		}
		plans = append(plans, PeoplePlan{Plan{Statement: statement, Steps: steps}, false, p.index})
	}
	return plans, nil
}

// MostPrepared is how many statements a connection keeps.
const MostPrepared = mostPrepared

// OpenPrepared opens a database of SQLite's in memory, on one connection that keeps what it
// has prepared.
func OpenPrepared() *sql.DB {
	db := sql.OpenDB(preparedConnector{sqliteConnector{sqliteDSN(":memory:", "deferred")}, func(error) {}})
	db.SetMaxOpenConns(1)
	return db
}

// DirectoryVersion is the version of the directory's schema.
const DirectoryVersion = directoryVersion
