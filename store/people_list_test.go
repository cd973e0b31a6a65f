package store_test

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"foyer/address"
	"foyer/folding"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/sapi"
	"foyer/store"
)

// crowd is people of some companies as the test knows them.
type crowd struct {
	names  map[string]string // of companies, by id
	people []directory.UserRecord
	began  time.Time
}

// someCrowd makes people with many ties and empty values, in companies of which each has
// values of its own.
func someCrowd(b bench, people int) *crowd {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	c := &crowd{names: map[string]string{}, began: b.clock.Now().Add(-1000 * time.Hour)}
	companies := []string{"k1", "k2", "k3", "k4", "k5"}
	for i, id := range companies {
		c.names[id] = []string{"Zeta", "Älpha", "beta", "Beta", "Gamma"}[i]
	}
	for i := range people {
		company := companies[min(r.IntN(12), 4)]
		u := sapi.User{
			ID: fmt.Sprintf("u-%05d", r.IntN(1000)*1000+i), SymphonyUserID: int64(i + 1), DisplayName: pick("", "Ann Lee", "Bob O’Neill", "Zoë Müller", "bob oneill", "İpek Şen"),
			FirstName: pick("", "Ann", "Çelik"), LastName: pick("", "Lee", "Ørsted", "Strauß"), PhoneNumber: pick("", "+41 44 123 45 67"),
			Department: pick("", "Sales", "SALES", "Legal", "Only in "+company), Title: pick("", "Head", "Analyst", "Trader "+fmt.Sprint(r.IntN(30))), Location: pick("", "Zürich", "Paris"),
			CreatedAt: c.began.Add(time.Duration(r.IntN(20)) * time.Hour),
		}
		u.Email = pick("", fmt.Sprintf("p%d@%s.example", r.IntN(people), company), fmt.Sprintf("P%d@shared.example", r.IntN(people)))
		p := directory.UserRecord{User: u, CompanyID: company, ReadAt: c.began, Source: directory.FromList}
		if status := sapi.Status(r.IntN(3)); status != sapi.StatusUnknown {
			p.Status, p.StatusAt = status, c.began.Add(time.Duration(r.IntN(20))*time.Hour)
		}
		c.people = append(c.people, p)
	}
	return c
}

// save stores the crowd, of whom some are not listed any more.
func (c *crowd) save(t testing.TB, b bench) {
	t.Helper()
	for id, name := range c.names {
		must(t, b.SaveReading(t.Context(), id, name, directory.ListReading{}))
		var of []directory.UserRecord
		var gone []string
		for i := range c.people {
			if p := &c.people[i]; p.CompanyID == id {
				of = append(of, *p)
				if i%17 == 0 {
					gone = append(gone, p.ID)
					p.NotListedAt = c.began.Add(time.Hour)
				}
			}
		}
		must(t, b.SavePeople(t.Context(), id, of))
		must(t, b.MarkNotListed(t.Context(), id, gone, c.began.Add(time.Hour)))
	}
}

// asked gives the ids of those whom a query describes, sorted.
func (c *crowd) asked(q directory.PeopleQuery) (ids []string) {
	for _, p := range c.people {
		if describes(q, p) {
			ids = append(ids, p.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

var phoneSigns = strings.NewReplacer("+", "", " ", "")

func describes(q directory.PeopleQuery, p directory.UserRecord) bool {
	if len(q.Words) > 0 {
		text := folding.Text(strings.Join([]string{p.DisplayName, p.FirstName + " " + p.LastName, p.Email, p.Department, p.Title, phoneSigns.Replace(p.PhoneNumber)}, "\n"))
		for _, word := range q.Words {
			if !strings.Contains(text, word) {
				return false
			}
		}
	}
	listed := p.NotListedAt.IsZero()
	switch q.Status {
	case directory.AnyStatus:
	case directory.OnlyNotListed:
		listed = !listed
	default:
		want := map[directory.StatusFilter]sapi.Status{directory.OnlyActive: sapi.StatusActive, directory.OnlyDisabled: sapi.StatusDisabled, directory.OnlyUnknown: sapi.StatusUnknown}
		listed = listed && p.Status == want[q.Status]
	}
	same := func(asked, has string) bool { return asked == "" || folding.Text(asked) == folding.Text(has) }
	return listed && (q.CompanyIDs == nil || slices.Contains(q.CompanyIDs, p.CompanyID)) &&
		(q.Domain == "" || q.Domain == string(address.DomainOf(p.Email))) && same(q.Department, p.Department) && same(q.Title, p.Title) && same(q.Location, p.Location) &&
		!p.CreatedAt.Before(q.CreatedFrom) && (q.CreatedTo.IsZero() || p.CreatedAt.Before(q.CreatedTo)) && (q.StatusBefore.IsZero() || p.StatusAt.Before(q.StatusBefore))
}

// keyOf is what somebody is sorted by.
func (c *crowd) keyOf(sort directory.PeopleSort, p directory.UserRecord) string {
	name := folding.Text(portal.UserName(p.User))
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	switch sort {
	case directory.PeopleByEmail:
		return address.Key(p.Email)
	case directory.PeopleByCompany:
		return folding.Text(c.names[p.CompanyID])
	case directory.PeopleByDepartment:
		return folding.Text(p.Department)
	case directory.PeopleByTitle:
		return folding.Text(p.Title)
	case directory.PeopleByLocation:
		return folding.Text(p.Location)
	case directory.PeopleByStatus:
		if !p.NotListedAt.IsZero() {
			return "4"
		}
		return fmt.Sprint((int(p.Status)+2)%3 + 1) // the unknown come last
	case directory.PeopleByStatusAge:
		return at(p.StatusAt)
	case directory.PeopleByCreated:
		return at(p.CreatedAt)
	default:
		return name
	}
}

var sorts = []directory.PeopleSort{
	directory.PeopleByName, directory.PeopleByEmail, directory.PeopleByCompany, directory.PeopleByDepartment, directory.PeopleByTitle,
	directory.PeopleByLocation, directory.PeopleByStatus, directory.PeopleByStatusAge, directory.PeopleByCreated,
}

// filters are queries without an order: each filter alone, and all pairs of them.
func (c *crowd) filters() map[string]directory.PeopleQuery {
	alone := map[string]func(q *directory.PeopleQuery){
		"words":       func(q *directory.PeopleQuery) { q.Words = []string{"oneill"} },
		"short words": func(q *directory.PeopleQuery) { q.Words = []string{"le", "an"} },
		"active":      func(q *directory.PeopleQuery) { q.Status = directory.OnlyActive },
		"disabled":    func(q *directory.PeopleQuery) { q.Status = directory.OnlyDisabled },
		"unknown":     func(q *directory.PeopleQuery) { q.Status = directory.OnlyUnknown },
		"not listed":  func(q *directory.PeopleQuery) { q.Status = directory.OnlyNotListed },
		"company":     func(q *directory.PeopleQuery) { q.CompanyIDs = []string{"k5"} },
		"companies":   func(q *directory.PeopleQuery) { q.CompanyIDs = []string{"k4", "k1", "k5", "k1", "none"} },
		"no company":  func(q *directory.PeopleQuery) { q.CompanyIDs = []string{} },
		"domain":      func(q *directory.PeopleQuery) { q.Domain = "k5.example" },
		"shared":      func(q *directory.PeopleQuery) { q.Domain = "shared.example" },
		"department":  func(q *directory.PeopleQuery) { q.Department = "sales" },
		"own":         func(q *directory.PeopleQuery) { q.Department = "ONLY IN k5" },
		"title":       func(q *directory.PeopleQuery) { q.Title = "analyst" },
		"location":    func(q *directory.PeopleQuery) { q.Location = "zurich" },
		"nowhere":     func(q *directory.PeopleQuery) { q.Location = "Atlantis" },
		"created": func(q *directory.PeopleQuery) {
			q.CreatedFrom, q.CreatedTo = c.began.Add(3*time.Hour), c.began.Add(15*time.Hour)
		},
		"old status": func(q *directory.PeopleQuery) { q.StatusBefore = c.began.Add(12 * time.Hour) },
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

// pages reads all pages of a query, forwards and then back, and gives the ids of both.
func pages(t testing.TB, b bench, q directory.PeopleQuery) (forwards, back []directory.UserRecord) {
	t.Helper()
	var page directory.PeoplePage
	for i := 0; ; i++ {
		var err error
		if page, err = b.People(t.Context(), q); err != nil {
			t.Fatalf("People(%+v): %v", q, err)
		}
		forwards = append(forwards, page.Rows...)
		if page.Next == "" || i > 500 {
			break
		}
		q.After = page.Next
	}
	back = page.Rows
	for i := 0; page.Previous != "" && i <= 500; i++ {
		q.After, q.Before = "", page.Previous
		var err error
		if page, err = b.People(t.Context(), q); err != nil {
			t.Fatalf("People(%+v): %v", q, err)
		}
		back = slices.Concat(page.Rows, back)
	}
	return forwards, back
}

// boundsTried are what lists may read: as usual, next to nothing gathered, and next to
// nothing walked either.
var boundsTried = map[string][6]int{
	"gathered":       {3000, 30000, 50000, 15000, 300, 8},
	"walked":         {0, 0, 50000, 15000, 300, 8},
	"walked in bits": {0, 0, 40, 30, 3, 2},
}

func TestEveryListHasEverybodyOnceInOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		c := someCrowd(b, 200)
		c.save(t, b)
		oneIn := 13 // all of them take minutes
		if b.Dialect() == store.PostgreSQL {
			oneIn = 67 // where planning takes longer than the asking
		}
		queries, asked, byID := c.filters(), map[string][]string{}, map[string]directory.UserRecord{}
		for name, q := range queries {
			asked[name] = c.asked(q)
		}
		for _, p := range c.people {
			byID[p.ID] = p
		}
		for how, n := range boundsTried {
			b.Bound(n[0], n[1], n[2], n[3], n[4], n[5])
			i := 0
			for name, q := range queries {
				want := asked[name]
				if n, all, err := b.CountPeople(t.Context(), q, 0); err != nil || !all || n.Listed()+n.NotListed != len(want) {
					t.Errorf("%s: CountPeople = %+v, %v, want %d", name, n, err, len(want))
				}
				if n, all, err := b.CountPeople(t.Context(), q, 3); err != nil || n.Listed()+n.NotListed > min(3, len(want)) || all && n.Listed()+n.NotListed != len(want) {
					t.Errorf("%s: CountPeople up to 3 = %+v, %v, %v of %d", name, n, all, err, len(want))
				}
				for _, sort := range sorts {
					if i++; i%oneIn != 0 {
						continue
					}
					q.Sort, q.Desc, q.Limit, q.Whole = sort, i%2 == 0, 7+i%80, true
					forwards, back := pages(t, b, q)
					where := fmt.Sprintf("%s: %s by %s, descending %v, %d a page", how, name, sort, q.Desc, q.Limit)
					got := idsOf(forwards)
					slices.Sort(got)
					if !slices.Equal(got, want) {
						t.Fatalf("%s: %d people, want %d", where, len(got), len(want))
					}
					if !slices.Equal(idsOf(back), idsOf(forwards)) {
						t.Fatalf("%s: backwards there are %d people, or in another order", where, len(back))
					}
					inOrder := slices.IsSortedFunc(forwards, func(a, b directory.UserRecord) int {
						order := cmp.Compare(c.keyOf(sort, byID[a.ID]), c.keyOf(sort, byID[b.ID]))
						if q.Desc {
							order = -order
						}
						return order
					})
					if !inOrder {
						t.Fatalf("%s: they are in no order", where)
					}
				}
			}
		}
	})
}

func idsOf(people []directory.UserRecord) []string {
	ids := make([]string, len(people))
	for i, p := range people {
		ids[i] = p.ID
	}
	return ids
}

// Where very many have the words of a search a page is of those who were found first, and
// says so; who wants everybody gets them.
func TestASearchThatManyMatchSortsSomeOfThem(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		c := someCrowd(b, 200)
		c.save(t, b)
		for name, words := range map[string][]string{"a word": {"oneill"}, "letters": {"an"}} {
			q := directory.PeopleQuery{Words: words, Limit: 3}
			matching := c.asked(q)
			some := len(matching) / 2
			b.Bound(some, 2*some, 10, 10, 300, 8)
			q.Whole = true
			if all, _ := pages(t, b, q); len(all) != len(matching) {
				t.Errorf("%s: %d people in all, want %d", name, len(all), len(matching))
			}
			q.Whole = false
			first, err := b.People(t.Context(), q)
			must(t, err)
			if len(first.Rows) != q.Limit || name == "a word" && !first.Some {
				t.Errorf("%s: %d people, of some of whom %v; want %d", name, len(first.Rows), first.Some, q.Limit)
			}
			found, back := pages(t, b, q)
			in := slices.IsSortedFunc(found, func(a, b directory.UserRecord) int {
				return cmp.Compare(c.keyOf(directory.PeopleByName, a), c.keyOf(directory.PeopleByName, b))
			})
			if len(found) > 2*some || !in || !slices.Equal(idsOf(found), idsOf(back)) {
				t.Errorf("%s: %d people of %d, in order %v, and %d back", name, len(found), len(matching), in, len(back))
			}
			if strange := slices.DeleteFunc(idsOf(found), func(id string) bool { return slices.Contains(matching, id) }); len(strange) > 0 {
				t.Errorf("%s: %v don't match", name, strange)
			}
		}
	})
}

// A page begins where the one before ended. In another order that is nowhere, and somebody
// who is gone is no place any more.
func TestAPlaceInAListIsOfItsOrderAndMayBeGone(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		someCrowd(b, 20).save(t, b)
		q := directory.PeopleQuery{Sort: directory.PeopleByName, Limit: 3}
		first, err := b.People(t.Context(), q)
		must(t, err)
		for _, other := range []directory.PeopleSort{directory.PeopleByEmail, directory.PeopleByCreated, directory.PeopleByCompany} {
			if _, err := b.People(t.Context(), directory.PeopleQuery{Sort: other, Limit: 3, After: first.Next}); !errors.Is(err, directory.ErrNoPlace) {
				t.Errorf("a place by name in the order by %s: %v, want %v", other, err, directory.ErrNoPlace)
			}
		}
		for _, forged := range []string{"name", "name.", "name.0", "name.0.", "name.0.!", "name.0.x.y", "0.1"} {
			if _, err := b.People(t.Context(), directory.PeopleQuery{Limit: 3, Before: forged}); !errors.Is(err, directory.ErrNoPlace) {
				t.Errorf("the place %s: %v, want %v", forged, err, directory.ErrNoPlace)
			}
		}
		q.After = "name.0.zzzzz"
		gone, err := b.People(t.Context(), q)
		must(t, err)
		if !gone.Lost || first.Lost || !slices.EqualFunc(gone.Rows, first.Rows, func(a, b directory.UserRecord) bool { return a.ID == b.ID }) {
			t.Errorf("behind somebody who is gone: lost is %v, of %d people; want the first page", gone.Lost, len(gone.Rows))
		}
	})
}
