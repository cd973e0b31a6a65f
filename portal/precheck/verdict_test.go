package precheck

import (
	"slices"
	"testing"
)

var (
	allPersons  = []person{unknownPerson, activePerson, disabledPerson, unreadPerson, untoldPerson, unlookedUpPerson}
	allLists    = []list{ownDomain, notOwnDomain, unreadList}
	allSearches = []search{searchOff, searchFailed, personOurs, personElsewhere, personUnclear, tenantOurs, tenantElsewhere, tenantUnclear, searchNothing}
	allLogins   = []login{loginFailed, podOurs, podElsewhere, podUnclear, loginNothing}
	allPublic   = []Reason{"", Freemail, PublicSuffix}
)

// all calls with every combination of what the sources can answer.
func all(each func(answers)) {
	for _, ofDomain := range []bool{false, true} {
		for _, public := range allPublic {
			for _, p := range allPersons {
				for _, l := range allLists {
					for _, s := range allSearches {
						for _, pod := range allLogins {
							each(answers{ofDomain, public, p, l, s, pod})
						}
					}
				}
			}
		}
	}
}

// truth is one line of the table of truth: the answers that it is about, nil for any.
type truth struct {
	of       string // "person" or "domain"; empty for any
	public   []Reason
	persons  []person
	lists    []list
	searches []search
	logins   []login
	verdict  Verdict
	why      Reason
}

func (t truth) about(a answers) bool {
	return (t.of == "" || (t.of == "domain") == a.ofDomain) && in(t.public, a.public) && in(t.persons, a.person) &&
		in(t.lists, a.list) && in(t.searches, a.search) && in(t.logins, a.login)
}

func in[T comparable](some []T, one T) bool { return some == nil || slices.Contains(some, one) }

func TestEveryCombinationOfAnswersHasOneVerdict(t *testing.T) {
	t.Parallel()
	type (
		ps = []person
		ls = []list
		ss = []search
		pp = []login
	)
	// Of whom Foyer knows nothing, and whom the directory search did not find.
	notKnown := ps{unknownPerson, unlookedUpPerson}
	notFound := ss{searchOff, searchFailed, tenantOurs, tenantElsewhere, tenantUnclear, searchNothing}
	notOwn, ordinary := ls{notOwnDomain, unreadList}, []Reason{""}
	table := []truth{
		// The person is one of ours: that decides, whatever the others say.
		{persons: ps{activePerson}, verdict: Active},
		{persons: ps{disabledPerson}, verdict: Disabled},
		{persons: ps{unreadPerson}, verdict: CantTell, why: StatusUnread},
		{persons: ps{untoldPerson}, verdict: CantTell, why: StatusUntold},

		// The directory search found the person.
		{persons: ps{unknownPerson}, searches: ss{personOurs}, verdict: CantTell, why: ThereUnread},
		{persons: ps{unlookedUpPerson}, searches: ss{personOurs}, verdict: CantTell, why: ThereUnlooked},
		{persons: notKnown, searches: ss{personElsewhere}, verdict: Elsewhere, why: PersonFound},
		{persons: notKnown, searches: ss{personUnclear}, lists: ls{unreadList}, verdict: CantTell, why: ListUnread},
		{persons: notKnown, searches: ss{personUnclear}, lists: ls{ownDomain}, verdict: CantTell, why: Disagree},
		{persons: notKnown, searches: ss{personUnclear}, lists: ls{notOwnDomain}, verdict: CantTell, why: Unnamed},

		// The domain is ours.
		{of: "domain", persons: notKnown, searches: notFound, lists: ls{ownDomain}, verdict: DomainKnown},
		{of: "person", persons: ps{unlookedUpPerson}, searches: ss{tenantOurs, tenantElsewhere, tenantUnclear, searchNothing}, lists: ls{ownDomain}, verdict: CantTell, why: PeopleUnread},
		{of: "person", persons: ps{unlookedUpPerson}, searches: ss{searchOff}, logins: pp{podOurs, podElsewhere, podUnclear, loginNothing}, lists: ls{ownDomain}, verdict: CantTell, why: PeopleUnread},
		{of: "person", persons: notKnown, searches: ss{searchFailed}, lists: ls{ownDomain}, verdict: CantTell, why: NotAsked},
		{of: "person", persons: notKnown, searches: ss{searchOff}, logins: pp{loginFailed}, lists: ls{ownDomain}, verdict: CantTell, why: NotAsked},
		{of: "person", persons: ps{unknownPerson}, searches: ss{searchOff}, logins: pp{podElsewhere}, lists: ls{ownDomain}, verdict: CantTell, why: Disagree},
		{of: "person", persons: ps{unknownPerson}, searches: ss{searchOff}, logins: pp{podOurs, podUnclear, loginNothing}, lists: ls{ownDomain}, verdict: DomainKnown},
		{of: "person", persons: ps{unknownPerson}, searches: ss{tenantElsewhere}, lists: ls{ownDomain}, verdict: CantTell, why: Disagree},
		{of: "person", persons: ps{unknownPerson}, searches: ss{tenantOurs, tenantUnclear, searchNothing}, lists: ls{ownDomain}, verdict: DomainKnown},

		// The domain is everybody's.
		{persons: notKnown, searches: notFound, lists: notOwn, public: []Reason{Freemail}, verdict: CantTell, why: Freemail},
		{persons: notKnown, searches: notFound, lists: notOwn, public: []Reason{PublicSuffix}, verdict: CantTell, why: PublicSuffix},

		// The domain is somebody else's.
		{persons: notKnown, searches: ss{tenantElsewhere}, lists: notOwn, public: ordinary, verdict: Elsewhere, why: DomainFound},
		{persons: notKnown, searches: ss{searchOff, searchFailed, tenantUnclear, searchNothing}, logins: pp{podElsewhere}, lists: notOwn, public: ordinary, verdict: Elsewhere, why: DomainFound},
		{persons: notKnown, searches: ss{tenantOurs}, logins: pp{podElsewhere}, lists: notOwn, public: ordinary, verdict: CantTell, why: Disagree},

		// Nothing was found that isn't ours. That it is free needs every source.
		{persons: notKnown, searches: ss{searchOff, searchFailed, tenantOurs, tenantUnclear, searchNothing}, logins: pp{loginFailed, podOurs, podUnclear, loginNothing}, lists: ls{unreadList}, public: ordinary, verdict: CantTell, why: ListUnread},
		{persons: ps{unlookedUpPerson}, searches: ss{searchOff, tenantOurs, tenantUnclear, searchNothing}, logins: pp{podOurs, podUnclear, loginNothing}, lists: ls{notOwnDomain}, public: ordinary, verdict: CantTell, why: PeopleUnread},
		{persons: notKnown, searches: ss{searchFailed}, logins: pp{loginFailed, podOurs, podUnclear, loginNothing}, lists: ls{notOwnDomain}, public: ordinary, verdict: CantTell, why: NotAsked},
		{persons: notKnown, searches: ss{searchOff, tenantOurs, tenantUnclear, searchNothing}, logins: pp{loginFailed}, lists: ls{notOwnDomain}, public: ordinary, verdict: CantTell, why: NotAsked},
		{persons: ps{unknownPerson}, searches: ss{tenantUnclear}, logins: pp{podOurs, podUnclear, loginNothing}, lists: ls{notOwnDomain}, public: ordinary, verdict: CantTell, why: Unnamed},
		{persons: ps{unknownPerson}, searches: ss{searchOff, tenantOurs, searchNothing}, logins: pp{podUnclear}, lists: ls{notOwnDomain}, public: ordinary, verdict: CantTell, why: Unnamed},
		{persons: ps{unknownPerson}, searches: ss{searchOff, tenantOurs, searchNothing}, logins: pp{podOurs, loginNothing}, lists: ls{notOwnDomain}, public: ordinary, verdict: Free},
	}
	used := make([]bool, len(table))
	all(func(a answers) {
		verdict, why := decide(a)
		lines := 0
		for i, line := range table {
			if !line.about(a) {
				continue
			}
			lines, used[i] = lines+1, true
			if verdict != line.verdict || why != line.why {
				t.Errorf("decide(%+v) = %s %s, want %s %s", a, verdict, why, line.verdict, line.why)
			}
		}
		if lines != 1 {
			t.Errorf("%d lines of the table are about %+v, want one", lines, a)
		}
	})
	for i, line := range table {
		if !used[i] {
			t.Errorf("no combination is as line %d says: %+v", i, line)
		}
	}
}

func TestNoVerdictContradictsWhatWasAnswered(t *testing.T) {
	t.Parallel()
	all(func(a answers) {
		verdict, why := decide(a)
		searchedPerson := a.search == personOurs || a.search == personElsewhere || a.search == personUnclear
		unanswered := a.person == unlookedUpPerson || a.search == searchFailed || a.login == loginFailed
		holds := false
		switch verdict {
		case Active:
			holds = a.person == activePerson
		case Disabled:
			holds = a.person == disabledPerson
		case Elsewhere:
			holds = a.person != activePerson && a.search != personOurs &&
				(a.search == personElsewhere || a.list != ownDomain && (a.search == tenantElsewhere || a.login == podElsewhere))
		case DomainKnown:
			holds = a.list == ownDomain && (a.ofDomain || a.person == unknownPerson && a.search != searchFailed) && !searchedPerson
		case Free:
			holds = a.list == notOwnDomain && a.person == unknownPerson && !searchedPerson && !unanswered && a.public == "" &&
				a.search != tenantElsewhere && a.login != podElsewhere
		case CantTell:
			holds = why != ""
		case NotAnInput:
		}
		if !holds {
			t.Errorf("decide(%+v) = %s %s contradicts what was answered", a, verdict, why)
		}
	})
}

func TestEveryVerdictIsListedOnceAndComesAbout(t *testing.T) {
	t.Parallel()
	about := map[Verdict]bool{NotAnInput: true}
	all(func(a answers) {
		verdict, _ := decide(a)
		about[verdict] = true
	})
	if len(Verdicts) != len(about) {
		t.Errorf("Verdicts lists %d, want %d", len(Verdicts), len(about))
	}
	for _, verdict := range Verdicts {
		if !about[verdict] {
			t.Errorf("nothing leads to %s", verdict)
		}
	}
}
