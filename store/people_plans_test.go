package store_test

import (
	"strings"
	"testing"

	"foyer/internal/testdb"
	"foyer/internal/testpeople"
	"foyer/store"
)

// TestEveryListUsesTheIndexThatIsMeant asks both databases how they would find the people
// of each filter that is promised to be quick, alone and two together, by each order: the
// first page and the second.
func TestEveryListUsesTheIndexThatIsMeant(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		companies := testpeople.Companies(3000, 20)
		testdb.Fill(t, b.DB, companies)
		vacuum(t, b)
		b.Bound(150, 300, 500, 150, 300, 8) // as with a thousand times the people
		oneIn, i := 1, 0
		if b.Dialect() == store.PostgreSQL {
			oneIn = 4 // where planning takes longer than the asking; over some runs all have their turn
		}
		for name, q := range promised(companies) {
			for _, sort := range sorts {
				if i++; i%oneIn != 0 {
					continue
				}
				q.Sort, q.Limit, q.After = sort, 20, ""
				page := listed(t, b, q)
				for _, after := range []string{"", page.Next} {
					q.After = after
					plans, err := b.PeoplePlans(t.Context(), q)
					must(t, err)
					for _, plan := range plans {
						if problem := wrongPlan(plan); problem != "" {
							t.Errorf("%s by %s: %s\n%s\n%s", name, sort, problem, plan.Statement, plan.Steps)
						}
					}
				}
			}
		}
	})
}

// wrongPlan says what is wrong with a plan: it reads the table from its beginning to its
// end, uses another index than the one that is meant, or sorts what an index has sorted.
func wrongPlan(p store.PeoplePlan) string {
	switch {
	case strings.Contains(p.Steps, "Seq Scan on person"), strings.Contains(p.Steps, "SCAN person\n"):
		return "the whole table is read"
	case p.Gathered && strings.Contains(p.Steps, "Index Cond:"): // PostgreSQL knows which filter leaves fewest
	case !strings.Contains(p.Steps, p.Index):
		return "the index is not " + p.Index
	case !p.Gathered && (strings.Contains(p.Steps, "Sort") || strings.Contains(p.Steps, "TEMP B-TREE")):
		return "what an index has sorted is sorted once more"
	}
	return ""
}
