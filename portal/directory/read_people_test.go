package directory_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"foyer/auth"
	"foyer/internal/testworld"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/safely"
	"foyer/sandbox"
	"foyer/sapi"
	"foyer/store"
)

// lyondell has a few more people than a page of its list.
func (w *world) lyondell() sapi.Company {
	w.T.Helper()
	return w.called("lyondell")
}

// called is the company of a vanity name.
func (w *world) called(vanityName string) sapi.Company {
	w.T.Helper()
	companies, err := w.Client.Companies.List(w.T.Context())
	if err != nil {
		w.T.Fatal(err)
	}
	i := slices.IndexFunc(companies, func(c sapi.Company) bool { return c.VanityName == vanityName })
	w.KeepCompanies(companies...)
	return companies[i]
}

// readList reads a company's list to its end.
func (w *world) readList(companyID string) directory.ListReading {
	w.T.Helper()
	for range 10 {
		again, err := w.Directory.ReadPeople(w.T.Context(), companyID)
		if err != nil {
			w.T.Fatalf("ReadPeople = %v", err)
		}
		if again == 0 {
			break
		}
	}
	state, err := w.DB.Reading(w.T.Context(), companyID)
	if err != nil {
		w.T.Fatal(err)
	}
	return state
}

func (w *world) tally(companyID string) directory.Tally {
	w.T.Helper()
	tally, err := w.DB.Tally(w.T.Context(), companyID)
	if err != nil {
		w.T.Fatal(err)
	}
	return tally
}

// named are the people of the events of an action, in the order of the ledger.
func (w *world) named(action ledger.Action) (ids []string) {
	w.T.Helper()
	events, err := w.DB.Events(w.T.Context(), ledger.Filter{Action: action}, ledger.Page{Limit: 100})
	if err != nil {
		w.T.Fatal(err)
	}
	for _, e := range slices.Backward(events) {
		for _, u := range e.Users {
			ids = append(ids, u.ID)
		}
	}
	return ids
}

// between does something just before a page of people is asked for, once.
func (w *world) between(page string, do func()) {
	w.T.Helper()
	done, symphony := false, new(http.Transport)
	w.T.Cleanup(symphony.CloseIdleConnections)
	w.Limit(sapi.Options{Transport: transport(func(r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, "/users") && r.URL.Query().Get("currentPage") == page && !done {
			done = true
			do()
		}
		return symphony.RoundTrip(r)
	})})
}

type transport func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

func TestAListIsReadToItsEndAndThenOnlyLookedAt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.lyondell()

	state := w.readList(company.ID)

	if state.People != 105 || state.CompleteAt.IsZero() || state.Moving || !state.StartedAt.IsZero() || !state.DueAt.After(w.Clock.Now()) {
		t.Errorf("reading = %+v, want 105 people, complete, and the next one due later", state)
	}
	if got := w.tally(company.ID); got != (directory.Tally{Unknown: 105}) {
		t.Errorf("tally = %+v, want 105 whose status is unknown", got)
	}
	if seen := w.named(ledger.SeenOutside); len(seen) > 0 {
		t.Errorf("%d people are recorded at the first reading, want it quiet", len(seen))
	}
	calls := w.Calls("getUsers")
	w.Clock.Forward(time.Hour)
	if again := w.readList(company.ID); again.People != 105 || !again.CompleteAt.After(state.CompleteAt) {
		t.Errorf("the second reading = %+v", again)
	}
	if n := w.Calls("getUsers") - calls; n != 2 {
		t.Errorf("the second reading made %d calls, want one for each of two pages", n)
	}
}

func TestWhoIsNotListedAnyMoreIsKeptAndRecordedAndListedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.lyondell()
	w.readList(company.ID)
	gone := w.Someone(company.ID)
	if err := w.Sandbox.Faults().RemoveUser(t.Context(), gone.ID); err != nil {
		t.Fatal(err)
	}
	w.Clock.Forward(time.Hour)

	w.readList(company.ID)

	if got := w.named(ledger.NotListed); !slices.Equal(got, []string{gone.ID}) {
		t.Errorf("recorded as not listed: %v, want %s alone", got, gone.ID)
	}
	people, err := w.DB.Users(t.Context(), company.ID, []string{gone.ID})
	if err != nil || people[gone.ID].NotListedAt.IsZero() || people[gone.ID].Email != gone.Email {
		t.Errorf("kept: %+v, %v, want them as they were, not listed", people[gone.ID], err)
	}
	if got := w.tally(company.ID); got.NotListed != 1 || got.Listed() != 104 {
		t.Errorf("tally = %+v, want 104 listed and one not", got)
	}
	w.Clock.Forward(time.Hour)
	w.readList(company.ID)
	if got := w.named(ledger.NotListed); len(got) != 1 {
		t.Errorf("recorded %d times, want once", len(got))
	}
}

// A page that was kept isn't looked at again: who isn't taken for listed when they are
// on it would be not listed for ever.
func TestWhoIsListedAgainAMomentLaterIsListed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.lyondell()
	w.readList(company.ID)
	first := w.first(company.ID)
	w.Clock.Forward(time.Minute)
	if err := w.DB.MarkNotListed(t.Context(), company.ID, []string{first.ID}, w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	if err := w.DB.CutListPages(t.Context(), company.ID, 0); err != nil { // the pages had nobody of that name
		t.Fatal(err)
	}
	w.Clock.Forward(time.Minute)

	w.readList(company.ID)

	if got := w.tally(company.ID); got.NotListed != 0 || got.Listed() != 105 {
		t.Errorf("tally = %+v, want everybody listed", got)
	}
}

// Symphony itself says then that there are more than it gives.
func TestNobodyIsMissingInAListWithFewerThanItsTotal(t *testing.T) {
	t.Parallel()
	for _, of := range []string{"lyondell", "meridian"} { // two pages, and one
		w := newWorld(t)
		company := w.called(of)
		before := w.readList(company.ID)
		w.Inject("getUsers", sandbox.Rule{Kind: sandbox.KindDropItems, Times: 100})
		w.Clock.Forward(time.Hour)

		state := w.readList(company.ID)

		if got := w.tally(company.ID); got.NotListed != 0 || got.Listed() != before.People || !state.Moving || len(w.named(ledger.NotListed)) != 0 {
			t.Errorf("%s: tally %+v of %+v, want all %d listed", of, got, state, before.People)
		}
	}
}

// first is who is first in the list of a company's people.
func (w *world) first(companyID string) sapi.User {
	w.T.Helper()
	for u, err := range w.Client.Users.All(w.T.Context(), companyID, 100) {
		if err != nil {
			w.T.Fatal(err)
		}
		return u
	}
	return sapi.User{}
}

func TestAListThatMovesWhileItIsReadLosesNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.lyondell()
	w.readList(company.ID)
	first := w.first(company.ID)
	// Everybody moves up by one place, and the first of the second page is on neither.
	w.between("1", func() {
		if err := w.Sandbox.Faults().RemoveUser(context.WithoutCancel(t.Context()), first.ID); err != nil {
			t.Error(err)
		}
	})
	w.Clock.Forward(time.Hour)

	state := w.readList(company.ID)

	if got := w.named(ledger.NotListed); !slices.Equal(got, []string{first.ID}) || state.People != 104 || state.Moving {
		t.Errorf("not listed: %v, of %+v, want %s alone of 104", got, state, first.ID)
	}
}

func TestWhoIsCreatedElsewhereIsRecordedAndWhoIsCreatedHereIsNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.lyondell()
	w.readList(company.ID)
	domain := company.EmailDomains[0]
	created, err := w.Client.Users.Create(t.Context(), company.ID, []sapi.NewUser{{Email: "else.where@" + domain, FirstName: "Else", LastName: "Where"}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Changes.CreateUsers(t.Context(), testworld.As(auth.Onboarder), change.CreateUsersRequest{
		CompanyID: company.ID, People: []sapi.NewUser{{Email: "here.now@" + domain, FirstName: "Here", LastName: "Now"}}, Token: portal.NewToken(),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Clock.Forward(time.Hour)

	w.readList(company.ID)

	if got := w.named(ledger.SeenOutside); !slices.Equal(got, []string{created.Users[0].User.ID}) {
		t.Errorf("recorded as created elsewhere: %v, want %s alone", got, created.Users[0].User.ID)
	}
}

func TestAReadingGoesOnAtThePageWhereItWasBrokenOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.lyondell()
	w.Inject("getUsers", sandbox.Rule{Kind: sandbox.KindStatus, After: 1})
	if state := w.readList(company.ID); state.NextPage != 1 || state.FailedAt.IsZero() {
		t.Fatalf("reading = %+v, want it broken off behind the first page", state)
	}
	w.Start() // another process goes on
	calls := w.Calls("getUsers")

	if state := w.readList(company.ID); state.People != 105 {
		t.Errorf("reading = %+v, want 105 people", state)
	}
	if n := w.Calls("getUsers") - calls; n != 1 {
		t.Errorf("going on made %d calls, want one for the page that was missing", n)
	}
}

// fullOnce refuses one event, as a full disk does.
type fullOnce struct {
	directory.Store
	refused bool
}

func (f *fullOnce) Record(ctx context.Context, events ...ledger.Event) error {
	if !f.refused {
		f.refused = true
		return errors.New("the disk is full")
	}
	return f.Store.Record(ctx, events...)
}

func TestWhoIsMissingIsFoundAgainWhenItCouldNotBeRecorded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.called("meridian") // one page
	w.readList(company.ID)
	gone := w.Someone(company.ID)
	if err := w.Sandbox.Faults().RemoveUser(t.Context(), gone.ID); err != nil {
		t.Fatal(err)
	}
	w.Clock.Forward(time.Hour)
	full := directory.New(directory.Options{Symphony: w.Client, Store: &fullOnce{Store: w.DB}, People: w.DB, Statuses: w.DB, Activity: w.Activity, Scheduler: w.Waker, Now: w.Clock.Now, Logger: slog.New(slog.DiscardHandler)})
	if _, err := full.ReadPeople(t.Context(), company.ID); err == nil {
		t.Fatal("the list was read although the event could not be recorded")
	}

	w.readList(company.ID)

	if got := w.named(ledger.NotListed); !slices.Equal(got, []string{gone.ID}) {
		t.Errorf("recorded as not listed: %v, want %s alone", got, gone.ID)
	}
}

func TestATotalThatIsMuchTooHighCostsNothing(t *testing.T) { //nolint:paralleltest // it looks at the memory of the process
	w := newWorld(t)
	company := w.lyondell()
	w.Inject("getUsers", sandbox.Rule{Kind: sandbox.KindTotal, Raw: []byte(`5000000`), Times: 100})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)

	state := w.readList(company.ID)

	runtime.ReadMemStats(&after)
	if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 50 || state.People != 105 {
		t.Errorf("reading %d people took %d MB, want 105 and a few", state.People, mb)
	}
}

func TestTotalsThatCantBeBelievedLoseNobody(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{`null`, `0`, `-1`, `"105"`, `99999`} {
		w := newWorld(t)
		company := w.lyondell()
		w.readList(company.ID)
		w.Inject("getUsers", sandbox.Rule{Kind: sandbox.KindTotal, Raw: []byte(raw), Times: 100})
		w.Clock.Forward(time.Hour)

		state := w.readList(company.ID)

		if got := w.tally(company.ID); got.Listed() != 105 || got.NotListed != 0 || state.People != 105 {
			t.Errorf("with a total of %s: %+v of %+v, want 105 listed", raw, got, state)
		}
	}
}

func TestWhoIsNotListedAnyMoreIsFoundWithoutATotalToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.lyondell()
	w.readList(company.ID)
	gone := w.Someone(company.ID)
	if err := w.Sandbox.Faults().RemoveUser(t.Context(), gone.ID); err != nil {
		t.Fatal(err)
	}
	w.Inject("getUsers", sandbox.Rule{Kind: sandbox.KindTotal, Raw: []byte(`null`), Times: 100})
	w.Clock.Forward(time.Hour)

	w.readList(company.ID)

	if got := w.named(ledger.NotListed); !slices.Equal(got, []string{gone.ID}) {
		t.Errorf("recorded as not listed: %v, want %s, of a list that was read twice alike", got, gone.ID)
	}
}

// repeats has Symphony give pages of twenty in place of a hundred, and the fourth one again
// and again. All that come before that are given once it was answered.
func (w *world) repeats() {
	symphony, repeated := new(http.Transport), make(chan struct{})
	wasRead := sync.OnceFunc(func() { close(repeated) })
	w.T.Cleanup(symphony.CloseIdleConnections)
	w.Limit(sapi.Options{Transport: transport(func(r *http.Request) (*http.Response, error) {
		query := r.URL.Query()
		if !strings.HasSuffix(r.URL.Path, "/users") {
			return symphony.RoundTrip(r)
		}
		r = r.Clone(r.Context())
		page := query.Get("currentPage")
		if page > "3" {
			query.Set("currentPage", "3")
		}
		query.Set("pageSize", "20")
		r.URL.RawQuery = query.Encode()
		if page == "1" {
			<-repeated
		}
		answer, err := symphony.RoundTrip(r)
		if page == "4" && err == nil {
			answer.Body = closed{answer.Body, wasRead}
		}
		return answer, err
	})})
}

// closed tells when an answer was read.
type closed struct {
	io.ReadCloser
	read func()
}

// Close implements io.Closer.
func (c closed) Close() error {
	defer c.read()
	return c.ReadCloser.Close()
}

func TestPagesBeforeOneThatIsRepeatedAreKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.lyondell()
	w.Inject("getUsers", sandbox.Rule{Kind: sandbox.KindTotal, Raw: []byte(`600`), Times: 100})
	w.repeats()

	state := w.readList(company.ID)

	pages, err := w.DB.ListPages(t.Context(), company.ID, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	if got := w.tally(company.ID); state.NextPage != 4 || len(pages) != 4 || got.Listed() != 80 || state.FailedAt.IsZero() {
		t.Errorf("%d pages with %+v are kept by %+v, want four with twenty each, and a failure", len(pages), got, state)
	}
}

func TestAListThatHadNoEndIsReadAgainOnceItHasOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.lyondell()
	endless := directory.ListReading{StartedAt: w.Clock.Now(), NextPage: 50_000, Total: -1}
	if err := w.DB.SaveReading(t.Context(), company.ID, company.Name, endless); err != nil {
		t.Fatal(err)
	}

	if state := w.readList(company.ID); state.People != 105 || state.CompleteAt.IsZero() {
		t.Errorf("reading = %+v, want 105 people", state)
	}
}

// erasedBehindTheFirstPage erases somebody when the first page was kept.
type erasedBehindTheFirstPage struct {
	directory.PeopleStore
	erase func() error
	done  bool
}

func (e *erasedBehindTheFirstPage) SaveReading(ctx context.Context, companyID, companyName string, r directory.ListReading) error {
	if err := e.PeopleStore.SaveReading(ctx, companyID, companyName, r); err != nil || r.NextPage != 1 || e.done {
		return err
	}
	e.done = true
	return e.erase()
}

func TestNobodyIsMissingWhereAPageIsForgottenWhileItsListIsRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.lyondell()
	w.Inject("getUsers", sandbox.Rule{Kind: sandbox.KindTotal, Raw: []byte(`null`), Times: 100})
	w.readList(company.ID)
	w.Clock.Forward(time.Hour)
	erasing := &erasedBehindTheFirstPage{PeopleStore: w.DB, erase: func() error {
		_, err := w.DB.Redact(t.Context(), ledger.Event{Actor: testworld.As(auth.Admin)}, store.Order{Person: w.first(company.ID).ID})
		return err
	}}
	reader := directory.New(directory.Options{Symphony: w.Client, Store: w.DB, People: erasing, Statuses: w.DB, Activity: w.Activity, Scheduler: w.Waker, Now: w.Clock.Now, Logger: slog.New(slog.DiscardHandler)})

	if again, err := reader.ReadPeople(t.Context(), company.ID); again != 0 || err != nil || !erasing.done {
		t.Fatalf("ReadPeople = %v, %v; somebody was erased: %t", again, err, erasing.done)
	}

	if got := w.named(ledger.NotListed); len(got) != 0 {
		t.Errorf("%d people are recorded as not listed, want nobody", len(got))
	}
}

func TestWhoIsOnTwoPagesIsRecordedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.lyondell()
	w.readList(company.ID)
	created, err := w.Client.Users.Create(t.Context(), company.ID, []sapi.NewUser{{Email: "else.where@" + company.EmailDomains[0], FirstName: "Else", LastName: "Where"}})
	if err != nil {
		t.Fatal(err)
	}
	someone := created.Users[0].User
	someone.Status = sapi.StatusActive

	if err := w.Directory.KeepUsers(t.Context(), "", company.ID, directory.FromList, []sapi.User{someone, someone}, w.Clock.Now()); err != nil {
		t.Fatal(err)
	}

	if got := w.named(ledger.SeenOutside); !slices.Equal(got, []string{someone.ID}) {
		t.Errorf("recorded as created elsewhere: %v, want %s once", got, someone.ID)
	}
}

func TestAListThatCantBeReadIsSaidAndTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.lyondell()
	w.Inject("getUsers", sandbox.Rule{Kind: sandbox.KindStatus, Times: 100})

	state := w.readList(company.ID)

	if state.FailedAt.IsZero() || state.Failure != string(sapi.ClassServer) || !state.DueAt.After(w.Clock.Now()) || !state.CompleteAt.IsZero() {
		t.Errorf("reading = %+v, want that it failed, and when it is tried again", state)
	}
	w.Sandbox.Faults().Clear()
	w.Clock.Forward(time.Hour)
	if state := w.readList(company.ID); state.People != 105 || !state.FailedAt.IsZero() {
		t.Errorf("reading later = %+v, want it complete", state)
	}
}

func TestStatusesAreFilledInAndWhoHasNoneStandsInNobodysWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.lyondell()
	w.readList(company.ID)
	gone := w.Someone(company.ID)
	if err := w.Sandbox.Faults().RemoveUser(t.Context(), gone.ID); err != nil {
		t.Fatal(err)
	}

	for range 3 {
		if err := w.Directory.FillStatuses(t.Context()); err != nil {
			t.Fatal(err)
		}
	}

	if got := w.tally(company.ID); got.Unknown != 1 || got.Active+got.Disabled != 104 {
		t.Errorf("tally = %+v, want one unknown, who is not there any more", got)
	}
	asked := w.Calls("getUser")
	if err := w.Directory.FillStatuses(t.Context()); err != nil || w.Calls("getUser") != asked {
		t.Errorf("once more: %d calls, %v, want none before they are old", w.Calls("getUser")-asked, err)
	}
}

func TestStatusesThatNobodyTellsAreAskedForAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.lyondell()
	w.readList(company.ID)
	w.Inject("getUser", sandbox.Rule{Kind: sandbox.KindStatus, Times: 1000})
	if err := w.Directory.FillStatuses(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.Sandbox.Faults().Clear()
	w.Limit(sapi.Options{}) // which forgets that Symphony did not answer

	if err := w.Directory.FillStatuses(t.Context()); err != nil {
		t.Fatal(err)
	}

	if got := w.tally(company.ID); got.Unknown != 0 {
		t.Errorf("tally = %+v, want nobody unknown", got)
	}
}

func TestEachListIsReadByAJobOfItsOwnWhenItIsDue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.lyondell()
	if err := w.Directory.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if ids := w.Waker.Of(directory.ReadJobKind); !slices.Contains(ids, company.ID) {
		t.Errorf("jobs for %v, want one for %s", ids, company.ID)
	}
	w.readList(company.ID)
	w.Waker.Jobs = nil
	if err := w.Directory.Refresh(t.Context()); err != nil || slices.Contains(w.Waker.Of(directory.ReadJobKind), company.ID) {
		t.Errorf("jobs = %v, %v, want none for a list that was just read", w.Waker.Of(directory.ReadJobKind), err)
	}
	if _, err := w.Directory.ReadNow(t.Context(), testworld.As(auth.Viewer), company.ID); err != nil {
		t.Fatal(err)
	}
	if want := (portal.Job{Kind: directory.ReadJobKind, ID: company.ID, At: w.Clock.Now()}); !slices.Contains(w.Waker.Jobs, want) {
		t.Errorf("jobs = %v, want %v on demand", w.Waker.Jobs, want)
	}
}

// The directory can be thrown away at any time: what only it said stands in the ledger, too.
func TestADirectoryMadeAnewKnowsWhoIsNotListedAnyMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.lyondell()
	w.readList(company.ID)
	gone, back := w.Someone(company.ID), sapi.User{}
	for u, err := range w.Client.Users.All(t.Context(), company.ID, 100) {
		if err == nil && u.ID != gone.ID {
			back = u
			break
		}
	}
	w.Clock.Forward(time.Hour)
	if err := w.Sandbox.Faults().RemoveUser(t.Context(), gone.ID); err != nil {
		t.Fatal(err)
	}
	w.readList(company.ID)
	before := w.known(company.ID, gone.ID)
	// Somebody was missing once, and is listed by now; and of somebody else nothing is left
	// but the id.
	if err := w.DB.Record(t.Context(), ledger.Event{Action: ledger.NotListed, Outcome: ledger.Succeeded, Actor: auth.System("watch", ""), Company: ledger.Company{ID: company.ID}, Users: []ledger.User{{ID: back.ID, Email: back.Email}, {ID: "erased"}}}); err != nil {
		t.Fatal(err)
	}

	w.RemakeDirectory()
	w.Clock.Forward(time.Hour)
	w.readList(company.ID)

	if after := w.known(company.ID, gone.ID); after.NotListedAt.IsZero() || after.NotListedAt.Sub(before.NotListedAt).Abs() > time.Minute || after.Email != gone.Email || after.DisplayName != gone.DisplayName {
		t.Errorf("known after that: %+v, want %s not listed since %v", after, gone.Email, before.NotListedAt)
	}
	if got := w.tally(company.ID); got.NotListed != 1 || got.Listed() != 104 {
		t.Errorf("tally = %+v, want 104 listed and one not", got)
	}
	if got := w.named(ledger.NotListed); len(got) != 3 {
		t.Errorf("recorded as not listed: %v, want nobody again", got)
	}
}

// known is what the directory has of a person.
func (w *world) known(companyID, userID string) directory.UserRecord {
	w.T.Helper()
	users, err := w.DB.Users(w.T.Context(), companyID, []string{userID})
	if err != nil {
		w.T.Fatal(err)
	}
	return users[userID]
}

// What panics in a goroutine of its own would end the process, and the next one as well.
func TestAnAnswerThatCantBeReadWithoutAPanicEndsNoProcess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.lyondell()
	someone := w.Someone(company.ID)
	symphony := new(http.Transport)
	t.Cleanup(symphony.CloseIdleConnections)
	w.Limit(sapi.Options{Transport: transport(func(r *http.Request) (*http.Response, error) {
		if strings.Contains(r.URL.Path, "/companies") {
			panic("no such luck")
		}
		return symphony.RoundTrip(r)
	})})
	_, list := w.Directory.ReadPeople(t.Context(), company.ID)
	_, _, companies, _ := w.Directory.List(t.Context(), 0)
	statuses, err := w.Directory.ReadStatuses(t.Context(), "", company.ID, []string{someone.ID})
	if err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{"people": list, "companies": companies, "a status": statuses[0].Err} {
		if _, ok := errors.AsType[*safely.PanicError](err); !ok {
			t.Errorf("reading %s: %v, want the panic", what, err)
		}
	}
}
