package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"

	"foyer/address"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
)

const (
	// changesAtOnce is how many events of changes are held against their rows together.
	changesAtOnce = 200
	// mostOfABody is how long the JSON of a change may be: what is longer is nothing that
	// Foyer wrote, and isn't brought into memory. mostKept is how long it may be without
	// Symphony's words, while it waits with others to be compared.
	mostOfABody = 32 << 20
	mostKept    = 64 << 10
)

// changeCheck holds the changes that Foyer works with against their events. A change has
// its end by its last event, and what was asked, and by whom, by its first.
type changeCheck struct {
	db      *DB
	tx      *sql.Tx
	found   *ledger.Report
	waiting []ledger.Event
	rows    int // that were found, each once

	// An order to erase may reach a change and none of its events. It says how many changes
	// it reached, and a change is reached once.
	ordered int64         // how many all orders reached; negative: one doesn't say
	erased  int64         // how many are
	without ledger.Report // those of them whose first event isn't
}

// kindsOf are the kinds of change by the actions of their events.
var kindsOf = map[ledger.Action]change.Kind{
	ledger.CreateCompany: change.CreateCompany, ledger.AddDomains: change.AddDomains, ledger.CreateUsers: change.CreateUsers,
	ledger.DisableUser: change.DisableUser, ledger.EnableUser: change.EnableUser,
}

// event takes an event that may be about a change.
func (c *changeCheck) event(ctx context.Context, e ledger.Event) error {
	if e.Action == ledger.Redact {
		c.redaction(e)
	}
	if _, ofChange := kindsOf[e.Action]; !ofChange || e.Change == "" {
		return nil
	}
	if c.waiting = append(c.waiting, e); len(c.waiting) < changesAtOnce {
		return nil
	}
	return c.compare(ctx)
}

func (c *changeCheck) redaction(e ledger.Event) {
	var after struct{ Changes int64 }
	switch {
	case e.Redacted, e.Note != "", e.After != nil && json.Unmarshal(e.After, &after) != nil: // older ones have a sentence
		c.ordered = -1
	case c.ordered >= 0:
		c.ordered += after.Changes
	}
}

// end compares what is left, and adds the rows that no event is about.
func (c *changeCheck) end(ctx context.Context, size int64) error {
	if err := c.compare(ctx); err != nil {
		return err
	}
	if c.ordered >= 0 && c.erased > c.ordered {
		merge(c.found, c.without)
	}
	all, err := queryColumn[int](ctx, c.tx, `SELECT count(*) FROM change`)
	if err != nil || all[0] == c.rows {
		return err
	}
	rows, err := c.tx.QueryContext(ctx, `SELECT id FROM change WHERE NOT EXISTS
		(SELECT 1 FROM ledger_event WHERE change_id <> '' AND change_id = change.id) ORDER BY id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return err
		}
		c.found.Add(ledger.Differs, size, size, "change %.40q is there, and no event is about it", id)
	}
	return rows.Err()
}

// compare holds the changes against those events that wait which are the first or the last
// about theirs.
func (c *changeCheck) compare(ctx context.Context) error {
	events := c.waiting
	c.waiting = c.waiting[:0]
	places, err := c.places(ctx, events)
	if err != nil {
		return err
	}
	events = slices.DeleteFunc(events, func(e ledger.Event) bool { p := places[e.Change]; return e.Seq != p.first && e.Seq != p.last })
	kept, err := c.changes(ctx, events)
	if err != nil {
		return err
	}
	for _, e := range events {
		p, row := places[e.Change], kept[e.Change]
		if e.Seq != p.last {
			if row != nil { // else its last event tells
				c.first(e, *row)
			}
			continue
		}
		if row == nil {
			c.found.Add(ledger.Differs, e.Seq, e.Seq, "change %s, which it is about, is gone", e.Change)
			continue
		}
		c.rows++
		if p.first == p.last {
			c.first(e, *row)
		}
		c.last(e, *row)
	}
	return nil
}

// changePlaces are the numbers of the first and of the last event about a change.
type changePlaces struct{ first, last int64 }

func (c *changeCheck) places(ctx context.Context, events []ledger.Event) (map[string]changePlaces, error) {
	if len(events) == 0 {
		return nil, nil
	}
	these, args := among(c.db, 1, changesOf(events))
	rows, err := c.tx.QueryContext(ctx, selectEventsOf(these), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	places := make(map[string]changePlaces, len(args))
	for rows.Next() {
		var id string
		var p changePlaces
		if err := rows.Scan(&id, &p.first, &p.last); err != nil {
			return nil, err
		}
		places[id] = p
	}
	return places, rows.Err()
}

// changesOf are the changes that events are about, each once.
func changesOf(events []ledger.Event) []string {
	ids := make([]string, len(events))
	for i, e := range events {
		ids[i] = e.Change
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func selectEventsOf(changes string) string {
	return `SELECT change_id, min(seq), max(seq) FROM ledger_event WHERE change_id <> '' AND change_id` + changes + ` GROUP BY change_id`
}

func selectKept(changes string) string {
	return `SELECT id, substr(kind, 1, 100), substr(state, 1, 100), settled, substr(company_id, 1, 1000), substr(user_id, 1, 1000), CASE WHEN octet_length(body) > $1 THEN '' ELSE body END FROM change WHERE id` + changes
}

func selectPeopleOf(changes string) string {
	return `SELECT change_id, substr(email, 1, 1000), substr(outcome, 1, 100), substr(user_id, 1, 1000) FROM change_item WHERE change_id` + changes + ` ORDER BY change_id, n`
}

// keptChange is a change as far as its events say it.
type keptChange struct {
	change.Change // as its body says, but for the state
	readable      bool
	kind          change.Kind
	settled       int
	company, user string // their ids
	people        []change.Row
}

// changes reads the changes of events, by their ids.
func (c *changeCheck) changes(ctx context.Context, events []ledger.Event) (map[string]*keptChange, error) {
	if len(events) == 0 {
		return nil, nil
	}
	ids := changesOf(events)
	these, args := among(c.db, 2, ids)
	rows, err := c.tx.QueryContext(ctx, selectKept(these), append([]any{mostOfABody}, args...)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	kept := make(map[string]*keptChange, len(ids))
	for rows.Next() {
		var id, body string
		var state change.State
		var k keptChange
		if err := rows.Scan(&id, &k.kind, &state, &k.settled, &k.company, &k.user, &body); err != nil {
			return nil, err
		}
		k.Change, k.readable = decodeCompared(body)
		k.State = state
		kept[id] = &k
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return kept, c.addPeople(ctx, events, kept)
}

// decodeCompared decodes a change as far as its events say what it says.
func decodeCompared(body string) (c change.Change, ok bool) {
	c, err := decodeChange(body)
	if err != nil || len(body) <= mostKept {
		return c, err == nil
	}
	c.Note, c.Problem = "", nil
	if body, err = encodeChange(c); err != nil || len(body) > mostKept {
		return change.Change{}, false
	}
	return c, true
}

// addPeople adds to changes that create people no more of these than their events name,
// and one.
func (c *changeCheck) addPeople(ctx context.Context, events []ledger.Event, kept map[string]*keptChange) error {
	most := map[string]int{}
	for _, e := range events {
		if kindsOf[e.Action] == change.CreateUsers && kept[e.Change] != nil {
			most[e.Change] = max(most[e.Change], len(e.Users)+1)
		}
	}
	if len(most) == 0 {
		return nil
	}
	var ids []string
	for id := range most {
		ids = append(ids, id)
	}
	these, args := among(c.db, 1, ids)
	rows, err := c.tx.QueryContext(ctx, selectPeopleOf(these), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var r change.Row
		if err := rows.Scan(&id, &r.Email, &r.Outcome, &r.UserID); err != nil {
			return err
		}
		if k := kept[id]; len(k.people) < most[id] {
			k.people = append(k.people, r)
		}
	}
	return rows.Err()
}

// first holds a change against its first event, which says who asked for what, and why.
func (c *changeCheck) first(e ledger.Event, k keptChange) {
	if !k.readable {
		return // its last event tells
	}
	if k.Erased {
		c.erased++
	}
	if k.Erased && !e.Redacted {
		c.without.Add(ledger.Differs, e.Seq, e.Seq, "change %s is erased, and this isn’t: more changes are than orders to erase reached", k.ID)
	}
	for _, part := range []struct {
		name string
		same bool
	}{
		{"who asked for it", k.Actor.Issuer == e.Actor.Issuer && k.Actor.Subject == e.Actor.Subject},
		{"its bulk change", k.Bulk == e.Bulk()},
		{"who asked for it", k.hides(e) || k.Actor.Name == e.Actor.Name && k.Actor.Email == e.Actor.Email},
		{"why it was asked for", k.hides(e) || k.Reason == e.Reason && k.Ticket == e.Ticket},
		{"what was asked for", k.hides(e) || k.asks(e)},
	} {
		if !part.same {
			c.differs(e, part.name)
			return
		}
	}
}

// last holds a change against its last event, which says how it stands.
func (c *changeCheck) last(e ledger.Event, k keptChange) {
	for _, part := range []struct {
		name string
		same bool
	}{
		{"what can be read of it", k.readable && k.ID == e.Change},
		{"its kind", k.kind == kindsOf[e.Action] && k.Kind == k.kind},
		{"how it stands", k.stands(e)},
		{"its company", k.Company == e.Company && k.company == text(e.Company.ID)},
		{"whom it is about", k.isAbout(e)},
	} {
		if !part.same {
			c.differs(e, part.name)
			return
		}
	}
}

func (c *changeCheck) differs(e ledger.Event, what string) {
	c.found.Add(ledger.Differs, e.Seq, e.Seq, "change %s is not as it says: %s differs", e.Change, what)
}

// hides says that what is personal of a change, or of an event about it, was erased.
func (k keptChange) hides(e ledger.Event) bool { return k.Erased || e.Redacted }

// asks says whether what is to be created is what the change's first event says.
func (k keptChange) asks(e ledger.Event) bool {
	if k.kind != change.CreateCompany && k.kind != change.AddDomains {
		return true
	}
	before, after := companyValues(e.Before), companyValues(e.After)
	if k.kind == change.CreateCompany {
		n := k.NewCompany
		return n.Name == after.Name && n.VanityName == after.VanityName && slices.Equal(n.EmailDomains, after.EmailDomains)
	}
	added := portal.MissingDomains(before.EmailDomains, after.EmailDomains)
	return len(portal.MissingDomains(after.EmailDomains, k.Domains))+len(portal.MissingDomains(k.Domains, added)) == 0
}

// companyValue is what an event's value says of a company.
type companyValue struct {
	Name, VanityName string
	EmailDomains     []string
}

// companyValues reads a value; of one that isn't there, or can't be read, nothing.
func companyValues(raw json.RawMessage) (v companyValue) {
	if len(raw) > 0 {
		_ = json.Unmarshal(raw, &v)
	}
	return v
}

// isAbout says whether a change is about whom its last event says it is about, and whether
// they became what that says.
func (k keptChange) isAbout(e ledger.Event) bool {
	if k.kind == change.CreateUsers {
		return slices.EqualFunc(k.people, e.Users, func(r change.Row, u ledger.User) bool {
			return (!k.State.Settled() || string(r.Outcome) == u.Result && r.UserID == text(u.ID)) &&
				(k.hides(e) || address.Key(r.Email) == address.Key(u.Email))
		})
	}
	var u ledger.User
	if len(e.Users) > 0 {
		u = e.Users[0]
	}
	return k.User.ID == u.ID && k.user == text(u.ID) && (k.hides(e) || k.User.Email == u.Email && k.User.Name == u.Name)
}

// standsAs is how a change may stand by the outcome of its last event.
var standsAs = map[ledger.Outcome][]change.State{
	ledger.Proposed:   {change.Proposed},
	ledger.Intent:     {change.Queued, change.Sent},
	ledger.Unknown:    {change.Unknown, change.Abandoned},
	ledger.Succeeded:  {change.Done},
	ledger.Corrected:  {change.Done, change.Refused},
	ledger.Reconciled: {change.Done, change.Refused},
	ledger.Failed:     {change.Refused, change.Declined, change.Cancelled, change.Expired, change.Superseded},
}

// endedAs is how a change stands that ended with a code, where there is one way only.
var endedAs = map[change.Code]change.State{
	change.Accepted: change.Done, change.AlreadyThere: change.Done, change.NotConfirmed: change.Done, change.StatusNotTold: change.Done,
	change.NobodyCreated: change.Done, change.FoundCompany: change.Done, change.FoundDomains: change.Done, change.FoundStatus: change.Done, change.FoundPeople: change.Done,
	change.AnswerNo: change.Refused, change.NotAllowed: change.Refused, change.NotSent: change.Refused, change.HeldBack: change.Refused,
	change.NoCredentials: change.Refused, change.NoDatabase: change.Refused, change.OnlyExisting: change.Refused, change.CompanyOfOther: change.Refused,
	change.AbsentCompany: change.Refused, change.AbsentDomains: change.Refused, change.AbsentStatus: change.Refused, change.AbsentPeople: change.Refused,
	change.TooLate: change.Expired, change.RoleWithdrawn: change.Superseded, change.StatusMoved: change.Superseded,
	change.CompanyNotReady: change.Superseded, change.DomainsMoved: change.Superseded,
	change.DeclinedByPerson: change.Declined, change.CancelledByActor: change.Cancelled, change.GaveUp: change.Abandoned,
}

// stands says whether a change stands as its last event says.
func (k keptChange) stands(e ledger.Event) bool {
	if k.settled != settled(k.Change) {
		return false
	}
	if !k.State.Settled() { // its code moves on as Symphony is read
		return slices.Contains(standsAs[e.Outcome], k.State) && e.Code != string(change.GaveUp)
	}
	want, one := endedAs[k.Code]
	if string(k.Code) != e.Code || one && want != k.State {
		return false
	}
	if slices.Contains(standsAs[e.Outcome], k.State) {
		return true
	}
	// Of people who were to be created each has an answer, also where all of them are
	// refused; and an answer that comes late says more of some when all is settled.
	return k.kind == change.CreateUsers && (e.Outcome == ledger.Failed && k.State == change.Done || e.Outcome == ledger.Unknown && one)
}
