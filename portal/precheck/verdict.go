package precheck

// Verdict is what a pre-check comes to about an address or a domain: one of those below,
// from all that the sources answered together.
type Verdict string

// The verdicts. One that says that somebody or something is there needs one source that
// says so; DomainKnown and Free, which say that nobody is, need every source that could
// know of them.
const (
	Active      Verdict = "yours-active"   // the person is in a company of ours, and can sign in
	Disabled    Verdict = "yours-disabled" // the person is in a company of ours, and can't
	Elsewhere   Verdict = "elsewhere"      // the person, or the domain's people, are on a tenant that isn't of our list
	DomainKnown Verdict = "domain-known"   // a company of ours has the domain, and nobody knows of the person
	Free        Verdict = "free"           // no company of ours has the domain, and nothing was found of it
	CantTell    Verdict = "cant-tell"      // Why says what is missing
	NotAnInput  Verdict = "invalid"        // neither an e-mail address nor a domain
)

// Verdicts lists them in the order in which pages show them: what has to be looked at
// before anything is done comes first.
var Verdicts = []Verdict{NotAnInput, CantTell, Elsewhere, Disabled, Active, DomainKnown, Free}

// Reason says what Elsewhere rests on, and why CantTell can't.
type Reason string

// The reasons.
const (
	PersonFound Reason = "person-found" // Elsewhere: the directory search found this very person
	DomainFound Reason = "domain-found" // Elsewhere: the domain's people; whether this very person is one of them isn't told

	StatusUnread  Reason = "status-unread"  // one of ours, whose status is unknown or old and could not be read
	StatusUntold  Reason = "status-untold"  // one of ours, of whom Symphony tells no status
	ThereUnread   Reason = "there-unread"   // the directory search found them on a tenant of ours; Foyer has not read them
	ListUnread    Reason = "list-unread"    // our companies could not be read, so that this may be one of them
	PeopleUnread  Reason = "people-unread"  // our own people could not be looked through, and nobody else knows of them
	ThereUnlooked Reason = "there-unlooked" // as ThereUnread; whether Foyer has read them can't be looked up
	NotAsked      Reason = "not-asked"      // a source that could have known did not answer
	Disagree      Reason = "disagree"       // the sources contradict each other
	Unnamed       Reason = "unnamed"        // a partner sponsors the tenant, and which one it is isn't told
	Freemail      Reason = "freemail"       // anybody can have an address in the domain
	PublicSuffix  Reason = "public-suffix"  // anybody can register names below the domain
)

// answers are what the sources said of one input, as far as the verdict needs it.
type answers struct {
	ofDomain bool   // a domain was asked about, and not a person
	public   Reason // Freemail or PublicSuffix; else empty
	person   person
	list     list
	search   search
	login    login
}

// person is what is known of an address among our own people.
type person string

const (
	unknownPerson    person = "unknown"     // Foyer knows nobody by it, or they are there no longer
	activePerson     person = "active"      // read a moment ago
	disabledPerson   person = "disabled"    // likewise
	unreadPerson     person = "unread"      // there when last read
	untoldPerson     person = "untold"      // there, and Symphony tells no status
	unlookedUpPerson person = "unlooked-up" // Foyer could not look
)

// list is what our own companies say of a domain.
type list string

const (
	ownDomain    list = "own"    // of a company of ours, whenever the list was read
	notOwnDomain list = "other"  // of none
	unreadList   list = "unread" // of none in a list that is old, or there is no list
)

// search is what the directory search said.
type search string

const (
	searchOff       search = "off" // there is no partner id to ask it with
	searchFailed    search = "failed"
	personOurs      search = "person-ours" // found this very person on a tenant of ours
	personElsewhere search = "person-elsewhere"
	personUnclear   search = "person-unclear" // on a tenant that may be ours
	tenantOurs      search = "tenant-ours"    // not the person, but a tenant for the domain
	tenantElsewhere search = "tenant-elsewhere"
	tenantUnclear   search = "tenant-unclear"
	searchNothing   search = "nothing"
)

// login is what the login service said. It never tells of a person for certain.
type login string

const (
	loginFailed  login = "failed"
	podOurs      login = "ours"
	podElsewhere login = "elsewhere"
	podUnclear   login = "unclear" // may be ours
	loginNothing login = "nothing"
)

// decide gives the verdict that follows from all answers together.
func decide(a answers) (Verdict, Reason) {
	switch {
	case a.person == activePerson:
		return Active, ""
	case a.person == disabledPerson:
		return Disabled, ""
	case a.person == unreadPerson:
		return CantTell, StatusUnread
	case a.person == untoldPerson:
		return CantTell, StatusUntold
	case a.search == personOurs && a.person == unlookedUpPerson:
		return CantTell, ThereUnlooked
	case a.search == personOurs:
		return CantTell, ThereUnread
	case a.search == personElsewhere:
		return Elsewhere, PersonFound
	case a.search == personUnclear:
		return CantTell, a.unclear()
	case a.list == ownDomain:
		return decideOwnDomain(a)
	case a.public != "":
		return CantTell, a.public // where the domain's people are says nothing of this person
	}
	return decideOtherDomain(a)
}

// decideOwnDomain is decide where a company of ours has the domain, and nobody found the
// person. Only the directory search can say of a person that they are nowhere; without it
// the login service must not name another pod.
func decideOwnDomain(a answers) (Verdict, Reason) {
	switch {
	case a.ofDomain:
		return DomainKnown, ""
	case a.search == searchFailed || a.search == searchOff && a.login == loginFailed:
		return CantTell, NotAsked
	case a.person == unlookedUpPerson:
		return CantTell, PeopleUnread
	case a.search == tenantElsewhere || a.search == searchOff && a.login == podElsewhere:
		return CantTell, Disagree
	}
	return DomainKnown, ""
}

// decideOtherDomain is decide where no company of ours is known to have the domain, and
// nobody found the person. That the login service names a pod of ours is no contradiction
// then: it answers for the root domain.
func decideOtherDomain(a answers) (Verdict, Reason) {
	switch {
	case a.search == tenantOurs && a.login == podElsewhere:
		return CantTell, Disagree
	case a.search == tenantElsewhere || a.login == podElsewhere:
		return Elsewhere, DomainFound
	case a.list == unreadList:
		return CantTell, ListUnread
	case a.search == searchFailed || a.login == loginFailed:
		return CantTell, NotAsked
	case a.person == unlookedUpPerson:
		return CantTell, PeopleUnread
	case a.search == tenantUnclear || a.login == podUnclear:
		return CantTell, a.unclear()
	}
	return Free, ""
}

// unclear says why it is not clear whose tenant was found.
func (a answers) unclear() Reason {
	switch a.list {
	case unreadList:
		return ListUnread
	case ownDomain:
		return Disagree // it should be ours
	case notOwnDomain:
	}
	return Unnamed
}
