package store

import (
	"database/sql"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"foyer/address"
	"foyer/folding"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/sapi"
)

// Standings are what people are counted and filtered by: their status, if they are listed.
const (
	standingActive = iota + 1
	standingDisabled
	standingUnknown
	standingNotListed
)

// wordKind is a column whose values many people share.
type wordKind int

const (
	domainWord wordKind = iota
	departmentWord
	titleWord
	locationWord
	wordKinds
)

// personRow is a row of person as it is stored.
type personRow struct {
	n int64
	personRecord
	emailKey, nameKey, lastKey string
	words                      [wordKinds]int64
	standing                   int64
	text                       string
}

// personColumn is a column of person that saving writes.
type personColumn struct {
	name, kind string
	value      func(r *personRow) any
}

const (
	textKind   = "text"
	numberKind = "bigint"
)

// personColumns are all but n and company.
var personColumns = []personColumn{
	{"id", textKind, func(r *personRow) any { return r.id }},
	{"symphony_user_id", numberKind, func(r *personRow) any { return r.symphonyUserID }},
	{"email_key", textKind, func(r *personRow) any { return r.emailKey }},
	{"name_key", textKind, func(r *personRow) any { return r.nameKey }},
	{"last_key", textKind, func(r *personRow) any { return r.lastKey }},
	{"domain_word", numberKind, func(r *personRow) any { return r.words[domainWord] }},
	{"department_word", numberKind, func(r *personRow) any { return r.words[departmentWord] }},
	{"title_word", numberKind, func(r *personRow) any { return r.words[titleWord] }},
	{"location_word", numberKind, func(r *personRow) any { return r.words[locationWord] }},
	{"created_at", numberKind, func(r *personRow) any { return r.createdAt }},
	{"status_at", numberKind, func(r *personRow) any { return r.statusAt }},
	{"not_listed_at", numberKind, func(r *personRow) any { return r.notListedAt }},
	{"standing", numberKind, func(r *personRow) any { return r.standing }},
	{"record", textKind, func(r *personRow) any { return r.pack() }},
}

func columnNames(columns []personColumn) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	return strings.Join(names, ", ")
}

// readColumns are the columns of person that scan reads.
const readColumns = `n, email_key, name_key, last_key, domain_word, department_word, title_word, location_word, standing, record`

func (r *personRow) scan(rows *sql.Rows) error {
	var packed string
	if err := rows.Scan(&r.n, &r.emailKey, &r.nameKey, &r.lastKey,
		&r.words[domainWord], &r.words[departmentWord], &r.words[titleWord], &r.words[locationWord], &r.standing, &packed); err != nil {
		return err
	}
	if err := r.unpack(packed); err != nil {
		return err
	}
	r.text = r.searched()
	return nil
}

// differing gives the columns in which two rows differ, as bits.
func (r *personRow) differing(from *personRow) (columns uint64) {
	for i, c := range personColumns {
		if c.value(r) != c.value(from) {
			columns |= 1 << i
		}
	}
	return columns
}

// keyBytes bounds what stands in an index: PostgreSQL refuses entries of more than 2,700
// bytes, and nobody sorts by what comes so late.
const keyBytes = 200

// foldedKey is what a text is sorted and compared by.
func foldedKey(s string) string { return cutKey(folding.Text(s)) }

// emailKey is what an address is found by. Addresses as long as that, which no mail
// server takes, may share one.
func emailKey(email string) string {
	key := text(address.Key(email))
	return key[:wholeRunes(key, 1000)]
}

func cutKey(key string) string { return key[:wholeRunes(key, keyBytes)] }

// wholeRunes is how many bytes of a text, at most, end with a whole character.
func wholeRunes(s string, most int) int {
	if len(s) <= most {
		return len(s)
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return most
}

// told takes over what a reading tells of a person, but for their status and words.
func (r *personRow) told(u directory.UserRecord) {
	r.id, r.symphonyUserID = text(u.ID), u.SymphonyUserID
	r.email, r.emailKey = text(u.Email), emailKey(u.Email)
	r.firstName, r.lastName, r.displayName = text(u.FirstName), text(u.LastName), text(u.DisplayName)
	r.phone, r.department, r.title, r.location = text(u.PhoneNumber), text(u.Department), text(u.Title), text(u.Location)
	r.createdAt, r.updatedAt, r.readAt, r.source = moment(u.CreatedAt), moment(u.UpdatedAt), micros(u.ReadAt), int64(u.Source)
}

// computed fills in what follows from the rest.
func (r *personRow) computed() {
	r.nameKey = foldedKey(portal.UserName(sapi.User{DisplayName: r.displayName, FirstName: r.firstName, LastName: r.lastName, Email: r.email, ID: r.id}))
	r.lastKey = foldedKey(r.lastName)
	r.text = r.searched()
	r.stand()
}

// stand fills in the standing.
func (r *personRow) stand() {
	switch {
	case r.notListedAt != 0:
		r.standing = standingNotListed
	case r.status == int64(sapi.StatusActive):
		r.standing = standingActive
	case r.status == int64(sapi.StatusDisabled):
		r.standing = standingDisabled
	default:
		r.standing = standingUnknown
	}
}

// searched is the text in which a search looks: a line for each part, so that no word
// is found across two of them.
func (r *personRow) searched() string {
	var lines []string
	add := func(texts ...string) {
		for _, line := range texts {
			if line != "" && !slices.Contains(lines, line) {
				lines = append(lines, line)
			}
		}
	}
	add(folding.Spellings(r.displayName)...)
	if names := r.firstName + " " + r.lastName; names != r.displayName {
		add(folding.Spellings(names)...)
	}
	add(folding.Text(r.email), folding.Text(r.department), folding.Text(r.title), digits(r.phone))
	return strings.Join(lines, "\n")
}

// digits are those of a phone number.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// wordsOf are the values that a person shares with others: what is compared, and how it
// is written.
func (r *personRow) wordsOf() [wordKinds]wordValue {
	domain := text(string(address.DomainOf(r.email)))
	return [wordKinds]wordValue{
		domainWord:     {domainWord, cutKey(domain), domain},
		departmentWord: {departmentWord, foldedKey(r.department), r.department},
		titleWord:      {titleWord, foldedKey(r.title), r.title},
		locationWord:   {locationWord, foldedKey(r.location), r.location},
	}
}

// wordValue is a value of which people share few.
type wordValue struct {
	kind       wordKind
	key, value string
}

// late is how much later a reading must be to be stored for its time alone.
const late = 10 * time.Minute

// merge adds a reading to what is stored, which may be nothing. completeAt is since when
// all who are listed are known to be as stored.
func (r *personRow) merge(u directory.UserRecord, completeAt int64) {
	at, before := micros(u.ReadAt), *r
	if r.id == "" || at >= r.knownAt(completeAt) {
		r.told(u)
	}
	statusAt := micros(u.StatusAt)
	if statusAt == 0 {
		statusAt = at
	}
	if u.Status != sapi.StatusUnknown && statusAt >= r.statusAt {
		r.status, r.statusAt = int64(u.Status), statusAt
	}
	if u.Source == directory.FromList && at >= r.notListedAt {
		r.notListedAt = 0
	}
	if before.readAt, before.source = r.readAt, r.source; *r != before {
		r.computed()
	}
}

// knownAt is when the person was last as stored.
func (r *personRow) knownAt(completeAt int64) int64 {
	if r.notListedAt == 0 {
		return max(r.readAt, completeAt)
	}
	return r.readAt
}

// worthStoring says whether a row is to be stored over another one: not for a time alone,
// unless it is much later and no complete reading of the list covers it.
func (r *personRow) worthStoring(over *personRow, completeAt int64) bool {
	if r.readAt == over.readAt && r.source == over.source {
		return *r != *over
	}
	same := *r
	same.readAt, same.source = over.readAt, over.source
	if same != *over {
		return true
	}
	if r.source == int64(directory.FromList) && completeAt != 0 {
		return false
	}
	return r.readAt-over.knownAt(completeAt) >= late.Microseconds()
}

// inOneOrder gives readings by id and each person once, since one statement can't store a
// row twice.
func inOneOrder(people []directory.UserRecord) []directory.UserRecord {
	people = slices.Clone(people)
	slices.SortStableFunc(people, func(a, b directory.UserRecord) int { return strings.Compare(text(a.ID), text(b.ID)) })
	return slices.CompactFunc(people, func(a, b directory.UserRecord) bool { return text(a.ID) == text(b.ID) })
}
