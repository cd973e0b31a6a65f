package directory

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"foyer/ledger"
	"foyer/portal"
	"foyer/sapi"
)

func november(day int) time.Time { return time.Date(2026, 11, day, 0, 0, 0, 0, time.UTC) }

func TestDaysCountWhoWasObservedAndLeaveTheOthersUnknown(t *testing.T) {
	t.Parallel()
	told := []DayCount{
		{Status: sapi.StatusActive, From: november(1), To: november(3), People: 5},
		{Status: sapi.StatusDisabled, From: november(4), To: november(5), People: 2},
		{Status: sapi.StatusActive, From: november(4), To: november(5), People: 3, Latest: true},   // read yesterday, and that is good for today
		{Status: sapi.StatusDisabled, From: november(3), To: november(4), People: 1, Latest: true}, // read the day before
	}
	there := []DayCount{
		{From: november(1), To: november(4), People: 1},
		{From: november(1), People: 6},
		{From: november(5), People: 4},
	}
	want := []StatusDay{
		{Day: november(2), Active: 5, NotObserved: 2},
		{Day: november(3), Disabled: 1, NotObserved: 6},
		{Day: november(4), Active: 3, Disabled: 2, NotObserved: 1},
		{Day: november(5), Active: 3, NotObserved: 7},
	}
	if diff := cmp.Diff(want, daysOf(november(2), november(5), told, there)); diff != "" {
		t.Errorf("days (-want +got):\n%s", diff)
	}
}

func TestWhoeverWasObservedBeforeTheyWereListedIsNotSubtracted(t *testing.T) {
	t.Parallel()
	got := daysOf(november(1), november(1), []DayCount{{Status: sapi.StatusActive, From: november(1), To: november(2), People: 3}}, nil)
	if diff := cmp.Diff([]StatusDay{{Day: november(1), Active: 3}}, got); diff != "" {
		t.Errorf("days (-want +got):\n%s", diff)
	}
}

func TestAsManyDaysAreCountedAsSomethingWasObservedIn(t *testing.T) {
	t.Parallel()
	today := november(30)
	for since, want := range map[time.Time]int{
		today:                    14,
		today.AddDate(0, 0, -13): 14,
		today.AddDate(0, 0, -14): 30,
		today.AddDate(0, 0, -30): 90,
		today.AddDate(-5, 0, 0):  90,
	} {
		if got := len(daysOf(firstDay(since, today), today, nil, nil)); got != want {
			t.Errorf("observed since %s: %d days, want %d", since.Format(time.DateOnly), got, want)
		}
	}
}

func TestHowLongABuildTookIsKnownOnlyWhereItsEndWasSeen(t *testing.T) {
	t.Parallel()
	state := func(id string, minutes int, before sapi.CompanyState, code ledger.Code) ledger.Event {
		return ledger.Event{
			Action: ledger.CompanyState, Code: string(code), Company: ledger.Company{ID: id}, At: november(1).Add(time.Duration(minutes) * time.Minute),
			Before: portal.Values("state", string(before)),
		}
	}
	var ready []CompanyRecord
	for _, id := range []string{"quick", "slow", "mended", "again", "never seen", "undated", "from the future"} {
		c := CompanyRecord{Company: sapi.Company{ID: id, CreatedAt: november(1)}}
		switch id {
		case "undated":
			c.CreatedAt = time.Time{}
		case "from the future":
			c.CreatedAt = november(2)
		}
		ready = append(ready, c)
	}
	events := []ledger.Event{ // the newest first
		state("again", 90, sapi.StateStarted, ledger.CompanyBuilt),
		state("again", 80, sapi.StateCompleted, ledger.CompanyBuildsAgain),
		state("from the future", 60, sapi.StateStarted, ledger.CompanyBuilt),
		state("undated", 50, sapi.StateStarted, ledger.CompanyBuilt),
		state("mended", 40, sapi.StateTenantCreationError, ledger.CompanyBuilt),
		state("slow", 30, sapi.StateTenantCreated, ledger.CompanyBuilt),
		state("gone", 25, sapi.StateStarted, ledger.CompanyBuilt),
		state("quick", 20, sapi.StateStarted, ledger.CompanyBuilt),
	}
	want := Builds{
		Known: []Build{
			{ID: "slow", ReadyAt: november(1).Add(30 * time.Minute), Took: 30 * time.Minute},
			{ID: "quick", ReadyAt: november(1).Add(20 * time.Minute), Took: 20 * time.Minute},
		},
		Median: 25 * time.Minute, NotKnown: 5,
	}
	if diff := cmp.Diff(want, buildsOf(ready, events), cmpopts.IgnoreUnexported(Builds{})); diff != "" {
		t.Errorf("builds (-want +got):\n%s", diff)
	}
}
