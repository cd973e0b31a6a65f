package directory_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/internal/testworld"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/sandbox"
	"foyer/sapi"
)

func TestTheListIsShownAsLastReadWhileSymphonyIsDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, err := w.Directory.Companies(t.Context(), testworld.As(auth.Viewer), directory.CompanyQuery{})
	if err != nil || first.Stale != nil || len(first.Rows) == 0 {
		t.Fatalf("Companies = %d, stale %v, %v", len(first.Rows), first.Stale, err)
	}
	w.Clock.Forward(time.Hour)
	w.Inject("getCompanies", sandbox.Rule{Kind: sandbox.KindHTML, Status: 502})

	got, err := w.Directory.Companies(t.Context(), testworld.As(auth.Viewer), directory.CompanyQuery{})

	if err != nil || got.Stale == nil || !got.ReadAt.Equal(first.ReadAt) || len(got.Rows) != len(first.Rows) {
		t.Errorf("Companies while Symphony is down = %d as of %v, stale %v, %v, want those of %v", len(got.Rows), got.ReadAt, got.Stale, err, first.ReadAt)
	}
}

// Whoever comes while Symphony is slow to fail waits for the attempt that is
// under way, and not in a queue for one of their own.
func TestReadersOfTheListShareOneAttempt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if _, err := w.Directory.Companies(t.Context(), testworld.As(auth.Viewer), directory.CompanyQuery{}); err != nil {
		t.Fatal(err)
	}
	w.Clock.Forward(time.Hour)
	const readers = 8
	w.Inject("getCompanies", sandbox.Rule{Kind: sandbox.KindStatus, Status: 503, Delay: 300 * time.Millisecond, Times: readers})
	before := w.Calls("getCompanies")

	var wait sync.WaitGroup
	for range readers {
		wait.Go(func() {
			if got, err := w.Directory.Companies(t.Context(), testworld.As(auth.Viewer), directory.CompanyQuery{}); err != nil || got.Stale == nil {
				t.Errorf("Companies = stale %v, %v, want what was kept", got.Stale, err)
			}
		})
	}
	wait.Wait()

	if n := w.Calls("getCompanies") - before; n >= readers {
		t.Errorf("%d readers at once asked Symphony %d times, want fewer", readers, n)
	}
}

// One browser that goes away says nothing about Symphony to the others.
func TestHealthDoesNotDependOnWhoAsks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gone, leave := context.WithCancel(t.Context())
	leave()

	if health := w.Directory.SymphonyHealth(gone); health.Err != nil {
		t.Errorf("SymphonyHealth for a browser that is gone = %v, want none", health.Err)
	}
}

func TestAWatchGoesOnWhileSymphonyIsDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	watch := func() (time.Duration, error) {
		w.Inject("getCompanyStatus", sandbox.Rule{Kind: sandbox.KindHTML, Status: 502})
		return w.Directory.WatchCompany(t.Context(), company.ID)
	}

	if next, err := watch(); err == nil {
		t.Errorf("WatchCompany of a company never read = %v, nil, want the error", next)
	}
	if _, err := w.Directory.Companies(t.Context(), testworld.As(auth.Viewer), directory.CompanyQuery{}); err != nil {
		t.Fatal(err)
	}
	if next, err := watch(); err != nil || next == 0 {
		t.Errorf("WatchCompany of a company read before = %v, %v, want to come again", next, err)
	}
}

func TestTheListIsSearchedGroupedSortedAndPaged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all, err := w.Directory.Companies(t.Context(), testworld.As(auth.Viewer), directory.CompanyQuery{})
	if err != nil {
		t.Fatal(err)
	}
	one := w.Ready()
	for _, text := range []string{one.ID, strings.ToUpper(one.VanityName), one.EmailDomains[0], one.Name[1:]} {
		found, err := w.Directory.Companies(t.Context(), testworld.As(auth.Viewer), directory.CompanyQuery{Text: text})
		if err != nil || !slices.ContainsFunc(found.Rows, func(r directory.CompanyRecord) bool { return r.ID == one.ID }) || found.Matched >= all.Matched {
			t.Errorf("searching for %q = %d of %d, %v, want %s among fewer", text, found.Matched, all.Matched, err, one.Name)
		}
	}
	paged, err := w.Directory.Companies(t.Context(), testworld.As(auth.Viewer), directory.CompanyQuery{Size: 2, Page: 99, Sort: directory.ByName, Desc: true})
	if err != nil || len(paged.Rows) == 0 || paged.Rows[len(paged.Rows)-1].ID != all.Rows[0].ID {
		t.Errorf("the last page backwards ends with %v, %v, want the first company", paged.Rows, err)
	}
	sum := 0
	for _, group := range directory.CompanyGroups[1:] {
		sum += all.Counts[group]
	}
	if sum != all.Total || all.Counts[directory.AllCompanies] != all.Total {
		t.Errorf("counts = %v, want them to add up to %d", all.Counts, all.Total)
	}
}

// fullQueue takes no job.
type fullQueue struct{}

var errFull = errors.New("the queue is full")

func (fullQueue) Schedule(context.Context, portal.Tx, ...portal.Job) error { return errFull }

func TestACompanyIsKeptTogetherWithTheJobThatWatchesIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	built := sapi.Company{ID: "00000000-0000-4000-8000-000000000001", Name: "Acme", State: sapi.StateStarted, CreatedAt: w.Clock.Now()}

	stuck := directory.New(directory.Options{
		Symphony: w.Client, Store: w.DB, People: w.DB, Statuses: w.DB, Activity: w.Activity, Scheduler: fullQueue{}, Now: w.Clock.Now, Logger: slog.New(slog.DiscardHandler),
	})
	stuck.CompanyCreated(t.Context(), built)
	if _, err := w.DB.Company(t.Context(), built.ID); !errors.Is(err, portal.ErrNotStored) {
		t.Errorf("Company without its job = %v, want ErrNotStored", err)
	}

	w.Directory.CompanyCreated(t.Context(), built)
	if got, err := w.DB.Company(t.Context(), built.ID); err != nil || got.Name != "Acme" {
		t.Errorf("Company = %q, %v, want Acme", got.Name, err)
	}
	want := []portal.Job{{Kind: directory.JobKind, ID: built.ID, At: w.Clock.Now()}}
	if diff := cmp.Diff(want, w.Waker.Jobs); diff != "" {
		t.Errorf("jobs (-want +got):\n%s", diff)
	}
}

func TestTheSweepHasEveryCompanyWatchedThatIsBeingBuilt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var list []sapi.Company
	var want []string
	for i := range 250 {
		c := sapi.Company{ID: fmt.Sprintf("c%03d", i), State: sapi.StateStarted}
		if i%10 == 0 {
			c.State = sapi.StateCompleted
		} else {
			want = append(want, c.ID)
		}
		list = append(list, c)
	}
	w.KeepCompanies(list...)

	if err := w.Directory.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}

	if diff := cmp.Diff(want, w.Waker.Of(directory.JobKind)); diff != "" {
		t.Errorf("watched (-want +got):\n%s", diff)
	}
}

func TestTheOverviewNamesTheLastChangedAndCountsTheOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var list []sapi.Company
	for i := range 30 {
		c := sapi.Company{ID: fmt.Sprintf("c%02d", i), State: sapi.StateTenantConfigError, CreatedAt: w.Began, UpdatedAt: w.Began.Add(time.Duration(i) * time.Second)}
		if i%3 == 0 {
			c.State = sapi.StateStarted
		}
		list = append(list, c)
	}
	w.KeepCompanies(list...)

	got, err := w.Directory.Overview(t.Context(), testworld.As(auth.Viewer))

	if err != nil || got.NeedAttention != 20 || got.BeingBuilt != 10 || len(got.Attention) != 10 || len(got.Building) != 10 {
		t.Fatalf("Overview = %d of %d in need, %d of %d being built, %v, want 10 of 20 and 10 of 10",
			len(got.Attention), got.NeedAttention, len(got.Building), got.BeingBuilt, err)
	}
	if first := got.Attention[0].ID; first != "c29" {
		t.Errorf("the first in need is %s, want c29, which changed last", first)
	}
}

// One empty answer doesn't make companies go.
func TestNoCompaniesAreBelievedOnlyAfterAWhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	list := func() directory.CompanyList {
		t.Helper()
		got, err := w.Directory.Companies(t.Context(), testworld.As(auth.Viewer), directory.CompanyQuery{})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	before := list()
	w.Inject("getCompanies", sandbox.Rule{Kind: sandbox.KindStale, Delay: 100 * 365 * 24 * time.Hour, Times: 5}) // lists nothing
	for range 5 {
		w.Clock.Forward(2 * time.Minute)
		if got := list(); !errors.Is(got.Stale, directory.ErrNoneListed) || len(got.Rows) != len(before.Rows) || !got.ReadAt.Equal(before.ReadAt) {
			t.Errorf("Companies = %d as of %v, stale %v, want those that were known", len(got.Rows), got.ReadAt, got.Stale)
		}
	}
	w.Clock.Forward(2 * time.Minute)
	if got := list(); got.Stale != nil || len(got.Rows) != len(before.Rows) {
		t.Errorf("Companies = %d, stale %v, want them all again", len(got.Rows), got.Stale)
	}

	w.Inject("getCompanies", sandbox.Rule{Kind: sandbox.KindStale, Delay: 100 * 365 * 24 * time.Hour, Times: 10})
	for range 6 {
		w.Clock.Forward(2 * time.Minute)
		list()
	}
	if got := list(); got.Stale != nil || len(got.Rows) != 0 {
		t.Errorf("Companies = %d, stale %v, after twelve minutes of none want none", len(got.Rows), got.Stale)
	}
}

func TestAnApostropheAloneStandsInNoNotes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got, err := w.Directory.Companies(t.Context(), testworld.As(auth.Viewer), directory.CompanyQuery{Text: "'"})
	if err != nil || got.Matched != 0 || got.Total == 0 {
		t.Errorf("Companies = %d of %d, %v, want none of them", got.Matched, got.Total, err)
	}
}

// What happened in a company must stay to be found when Symphony has it no more.
func TestACompanyThatIsGoneIsShownAsItWas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	viewer := testworld.As(auth.Viewer)
	open := func() (directory.Company, error) {
		w.Inject("getCompanyStatus", sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusNotFound, Body: `{"status": 404, "title": "Not Found", "code": "40102"}`})
		return w.Directory.Company(t.Context(), viewer, company.ID)
	}
	if _, err := w.Directory.Companies(t.Context(), viewer, directory.CompanyQuery{}); err != nil {
		t.Fatal(err)
	}
	if _, err := open(); !errors.Is(err, portal.ErrNotFound) {
		t.Errorf("Company that may be listed again soon = %v, want %v", err, portal.ErrNotFound)
	}
	w.Inject("getCompanies", sandbox.Rule{Kind: sandbox.KindStale, Delay: 100 * 365 * 24 * time.Hour, Times: 10})
	for range 7 {
		w.Clock.Forward(2 * time.Minute)
		if _, err := w.Directory.Companies(t.Context(), viewer, directory.CompanyQuery{}); err != nil {
			t.Fatal(err)
		}
	}

	got, err := open()
	if err != nil || got.Name != company.Name || got.NotListedAt.IsZero() || !errors.Is(got.Stale, portal.ErrNotFound) {
		t.Errorf("Company = %+v, %v, want it as it was, and that it is gone", got, err)
	}
	w.Inject("getCompanyStatus", sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusNotFound, Body: `{"status": 404, "title": "Not Found", "code": "40102"}`})
	if _, err := w.Directory.Company(t.Context(), viewer, "00000000-0000-4000-8000-000000000000"); !errors.Is(err, portal.ErrNotFound) {
		t.Errorf("Company that nobody knows = %v, want %v", err, portal.ErrNotFound)
	}
}
