package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"foyer/folding"
	"foyer/internal/testdb"
	"foyer/internal/testpeople"
	"foyer/portal/directory"
	"foyer/store"
)

// benchDirectory runs a benchmark over a directory with people on both databases. That
// of SQLite is kept between runs, because to fill it takes longer than all the rest.
func benchDirectory(b *testing.B, run func(b *testing.B, s bench, c []testpeople.Company)) {
	b.Helper()
	people := testdb.People(b)
	b.Run("sqlite", func(b *testing.B) {
		path, companies := testdb.Filled(b, people)
		run(b, newBench(b, "sqlite:"+path), companies)
	})
	b.Run("postgres", func(b *testing.B) {
		s, companies := newBench(b, testdb.PostgreSQL(b)), testpeople.Companies(people, 200)
		testdb.Fill(b, s.DB, companies)
		vacuum(b, s)
		run(b, s, companies)
	})
}

// vacuum does what PostgreSQL does by itself, a minute later. What was committed must be
// on the disk before.
func vacuum(t testing.TB, s bench) {
	t.Helper()
	if s.Dialect() == store.PostgreSQL {
		s.exec(t, `CHECKPOINT`)
		s.exec(t, `VACUUM ANALYZE directory.person`)
	}
}

// times runs something until the benchmark is over, and reports how long it took.
func times(b *testing.B, do func(i int)) (median time.Duration) {
	b.Helper()
	var all []time.Duration
	for i := 0; b.Loop(); i++ {
		began := time.Now()
		do(i)
		all = append(all, time.Since(began))
	}
	slices.Sort(all)
	median = all[len(all)/2]
	b.ReportMetric(float64(median.Microseconds()), "µs-median")
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds()), "µs-p99")
	return median
}

// BenchmarkSearchPeople searches, and compares that with a plain LIKE.
func BenchmarkSearchPeople(b *testing.B) {
	benchDirectory(b, func(b *testing.B, s bench, _ []testpeople.Company) {
		b.Helper()
		for _, kind := range []struct{ name, query string }{
			{"common", "son"},
			{"first name", "anna"},
			{"rare", "kowinski"},
			{"part of a name", "ünströ"},
			{"two words", "müller zoe"},
			{"two parts", "berg lan"},
			{"one letter", "m"},
			{"two letters", "mü"},
			{"short beside long", "li anderson"},
			{"other letters", "петров ольга"},
			{"han", "李伟"},
			{"e-mail", "soren.hansen"},
			{"domain", "@nordlys3.example"},
			{"phone", "447"},
			{"no hit", "zzyzx"},
			{"no hit of common parts", "landersteinberg"},
			{"department", "compliance senior"},
		} {
			words := folding.Words(kind.query)
			b.Run(kind.name, func(b *testing.B) {
				found := 0
				median := times(b, func(int) {
					people, _, err := s.SearchPeople(b.Context(), words, 20)
					must(b, err)
					found = len(people)
				})
				began := time.Now()
				plainly(b, s, words)
				plain := time.Since(began)
				b.ReportMetric(float64(plain)/float64(median), "times-quicker-than-LIKE")
				b.ReportMetric(float64(found), "found")
			})
		}
	})
}

// plainly searches as a database does that was told of no index.
func plainly(b *testing.B, s bench, words []string) {
	b.Helper()
	statement, args := `SELECT count(*) FROM (SELECT 1 FROM person_text WHERE true`, []any{}
	for _, word := range words {
		args = append(args, "%"+word+"%")
		statement += fmt.Sprintf(` AND text || '' LIKE $%d`, len(args))
	}
	var n int
	must(b, s.directory(b).QueryRowContext(context.WithoutCancel(b.Context()), statement+` LIMIT 1000000) AS found`, args...).Scan(&n))
}

// BenchmarkPeople lists the first page and one in the middle, for each filter that is
// promised to be quick, alone and two together, by each order.
func BenchmarkPeople(b *testing.B) {
	benchDirectory(b, func(b *testing.B, s bench, companies []testpeople.Company) {
		b.Helper()
		for name, q := range promised(companies) {
			for _, sort := range sorts {
				q.Sort, q.Limit = sort, 100
				b.Run(strings.ReplaceAll(name+" by "+string(sort), " ", "_"), func(b *testing.B) {
					q.After = ""
					page := listed(b, s, q)
					for range 3 {
						if page.Next != "" {
							q.After = page.Next
							page = listed(b, s, q)
						}
					}
					middle := q.After
					times(b, func(i int) {
						if q.After = ""; i%2 == 1 {
							q.After = middle
						}
						page = listed(b, s, q)
					})
					if page.Cut {
						b.ReportMetric(1, "cut")
					}
				})
			}
		}
	})
}

func listed(b testing.TB, s bench, q directory.PeopleQuery) directory.PeoplePage {
	b.Helper()
	page, err := s.People(b.Context(), q)
	must(b, err)
	return page
}

// promised are the filters by company, status, domain and department, alone and two
// together.
func promised(companies []testpeople.Company) map[string]directory.PeopleQuery {
	alone := map[string]func(q *directory.PeopleQuery){
		"largest company": func(q *directory.PeopleQuery) { q.CompanyIDs = []string{companies[0].ID} },
		"company":         func(q *directory.PeopleQuery) { q.CompanyIDs = []string{companies[len(companies)/4].ID} },
		"active":          func(q *directory.PeopleQuery) { q.Status = directory.OnlyActive },
		"disabled":        func(q *directory.PeopleQuery) { q.Status = directory.OnlyDisabled },
		"unknown":         func(q *directory.PeopleQuery) { q.Status = directory.OnlyUnknown },
		"not listed":      func(q *directory.PeopleQuery) { q.Status = directory.OnlyNotListed },
		"domain":          func(q *directory.PeopleQuery) { q.Domain = companies[2].Domains[0] },
		"shared domain":   func(q *directory.PeopleQuery) { q.Domain = "mail.example" },
		"department":      func(q *directory.PeopleQuery) { q.Department = "Sales" },
		"own department":  func(q *directory.PeopleQuery) { q.Department = "Desk 9" },
	}
	queries := map[string]directory.PeopleQuery{"everybody": {}}
	for name, set := range alone {
		q := directory.PeopleQuery{}
		set(&q)
		queries[name] = q
		for other, also := range alone {
			if other > name {
				q := q
				also(&q)
				queries[name+" and "+other] = q
			}
		}
	}
	return queries
}

// BenchmarkSavePeople stores people who are new, and the same once more.
func BenchmarkSavePeople(b *testing.B) {
	benchBoth(b, func(b *testing.B, s bench) {
		b.Helper()
		companies := testpeople.Companies(testdb.People(b), 10)
		saved, i, last := 0, 0, ""
		var again []directory.UserRecord
		began := time.Now()
		for b.Loop() {
			for _, c := range companies {
				last = fmt.Sprint(c.ID, saved)
				for users := range testpeople.People(c, 5000) {
					again = testdb.Records(users, s.clock.Now(), &i)
					must(b, s.SavePeople(b.Context(), last, again))
					saved += len(users)
				}
			}
		}
		b.ReportMetric(float64(time.Since(began).Microseconds())/float64(saved), "µs/person")
		began = time.Now()
		must(b, s.SavePeople(b.Context(), last, again))
		b.ReportMetric(float64(time.Since(began).Microseconds())/float64(len(again)), "µs/person-unchanged")
	})
}
