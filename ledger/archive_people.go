package ledger

import (
	"errors"
	"slices"
	"time"
)

// PersonLine is one person of a company as of a time, as a line of JSON in an archive.
type PersonLine struct {
	CompanyID  string    `json:"companyId"`
	UserID     string    `json:"userId"`
	SymphonyID string    `json:"symphonyId,omitempty"`
	Name       string    `json:"name"`
	Email      string    `json:"email"`
	At         time.Time `json:"at"`
	Status     string    `json:"status"`
	KnownBy    string    `json:"knownBy"`
	KnownFrom  string    `json:"knownFrom"`
	Before     *FactLine `json:"before,omitempty"`
	After      *FactLine `json:"after,omitempty"`
	Since      time.Time `json:"watchedSince,omitzero"`
	CreatedAt  time.Time `json:"createdAt,omitzero"`
	Listed     bool      `json:"listedNow"`
}

// FactLine is a moment at which the status was known.
type FactLine struct {
	At     time.Time `json:"at"`
	Status string    `json:"status"`
	Event  int64     `json:"event,omitempty"` // of the ledger, when Foyer itself changed the status; else it was read
}

// Encode gives it as a line of JSON, with its newline.
func (l PersonLine) Encode() ([]byte, error) {
	line, err := encode(l)
	return append(line, '\n'), err
}

// namedEvent is what of an event the lines of people must fit.
type namedEvent struct {
	at      time.Time
	status  string // that it led to; empty for what is no change of a status
	company string
	users   []string
	named   bool
}

// peopleCheck checks that the events which the lines of people name are those in the
// archive, and that the file for spreadsheets says the same as these lines.
type peopleCheck struct {
	v      *archiveVerification
	events map[int64]namedEvent
}

func (c *peopleCheck) event(e Event) {
	named := namedEvent{at: e.At, company: e.Company.ID}
	switch e.Action { //nolint:exhaustive // the others change no status
	case DisableUser:
		named.status = "disabled"
	case EnableUser:
		named.status = "active"
	}
	for _, u := range e.Users {
		named.users = append(named.users, u.ID)
	}
	c.events[e.Seq] = named
}

func (c *peopleCheck) end() (FileProof, error) {
	if !c.v.signed {
		return FileProof{}, nil // nothing proves the people, whatever they name
	}
	file, err := c.v.files.open(PeopleLines)
	if err != nil {
		return FileProof{}, err
	}
	compare, err := c.openSheet()
	if err != nil {
		return FileProof{}, err
	}
	lines, n := lineScanner(file), 0
	for lines.Scan() {
		n++
		var line PersonLine
		err := unmarshalExactly(lines.Bytes(), &line)
		if err == nil {
			err = c.checkLine(line)
		}
		if err == nil {
			err = compare(&line)
		}
		if err != nil {
			return FileProof{}, refused("line %d of %s: %w", n, PeopleLines, err)
		}
	}
	if err := lines.Err(); err != nil {
		return FileProof{}, refused("%s: %w", PeopleLines, err)
	}
	if err := compare(nil); err != nil {
		return FileProof{}, refused("%w", err)
	}
	for seq, e := range c.events {
		if !e.named {
			return FileProof{}, refused("%s has event %d, which %s does not name", PeopleEvents, seq, PeopleLines)
		}
	}
	return FileProof{}, c.v.rows(PeopleLines, n)
}

// openSheet gives what compares the next row of the file for spreadsheets with a line, or,
// without a line, with its end.
func (c *peopleCheck) openSheet() (compare func(*PersonLine) error, err error) {
	sheets := c.v.options.Sheets
	if sheets.PeopleCells == nil {
		return func(*PersonLine) error { return nil }, nil
	}
	s, err := c.v.openSheet(PeopleCSV)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(s.heading, sheets.PeopleColumns) {
		return nil, refused("%s has other columns than it has in an archive of this form", PeopleCSV)
	}
	return func(line *PersonLine) error {
		row, err := s.next()
		switch {
		case err != nil:
			return err
		case line == nil && row == nil:
			return nil
		case line == nil || row == nil:
			return errors.New(PeopleCSV + " has another number of rows")
		}
		if i := c.v.differs(row, sheets.PeopleCells(c.v.manifest, *line)); i >= 0 {
			return errors.New(PeopleCSV + " says something else: " + sheets.PeopleColumns[min(i, len(sheets.PeopleColumns)-1)])
		}
		return nil
	}, nil
}

// checkLine checks that a line is of what the archive is of, and fits the events that it
// names.
func (c *peopleCheck) checkLine(l PersonLine) error {
	m := c.v.manifest
	if m.Company == nil || l.CompanyID != m.Company.ID || !l.At.Equal(m.StatusAt) {
		return errors.New("it is of another company, or of another time")
	}
	for _, fact := range []*FactLine{l.Before, l.After} {
		if fact == nil {
			continue
		}
		if err := c.checkFact(l, *fact); err != nil {
			return err
		}
	}
	if l.Before != nil && l.Before.At.Before(c.events[l.Before.Event].at) {
		return errors.New("it says that a status was known before the event that led to it")
	}
	return nil
}

// checkFact checks that a fact follows from the event that it names. An event that was
// recorded since the ledger was signed is not in the archive.
func (c *peopleCheck) checkFact(l PersonLine, f FactLine) error {
	if f.Event == 0 || f.Event > c.v.manifest.Through {
		return nil
	}
	e, ok := c.events[f.Event]
	switch {
	case !ok:
		return errors.New("the event that it names is not in " + PeopleEvents)
	case e.status != f.Status || e.company != l.CompanyID || !slices.Contains(e.users, l.UserID):
		return errors.New("the event that it names is of something else")
	}
	e.named = true
	c.events[f.Event] = e
	return nil
}
