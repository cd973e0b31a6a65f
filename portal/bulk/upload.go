package bulk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"foyer/auth"
	"foyer/ledger"
	"foyer/lists"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/sapi"
)

// Upload is a list that somebody brought, and what is to be done with it.
type Upload struct {
	Kind       Kind
	CompanyID  string          // of Create and Reconcile; of Disable and Enable empty where people of several are meant
	NewCompany sapi.NewCompany // of Onboard, what the list doesn't say
	Name       string          // of the file, as the browser called it
	List       lists.File      // read with Fields(Kind)
	Token      string
}

// New takes a list, and has it checked. portal.Invalid says what is wrong with the form,
// among it portal.NoRows; a form that was sent before gives the bulk change that it led to.
func (s *Service) New(ctx context.Context, a auth.Actor, u Upload) (Change, error) {
	return s.take(ctx, a, u, false)
}

// take is New, of a list that was brought or selected in a table.
func (s *Service) take(ctx context.Context, a auth.Actor, u Upload, selected bool) (Change, error) {
	if err := s.require(ctx, a, u.Kind, ledger.Company{ID: u.CompanyID}); err != nil {
		return Change{}, err
	}
	now := s.clock()
	c := Change{Kind: u.Kind, State: Checking, Token: u.Token, UploadedBy: a, CreatedAt: now, UpdatedAt: now}
	rows := c.take(u.Name, u.List)
	c.File.Selected = selected
	var problems portal.FieldErrors
	problems.Add("file", checkList(u.List))
	if err := s.about(ctx, &c, u, rows, &problems); err != nil {
		return Change{}, err
	}
	if len(problems) > 0 {
		return Change{}, &portal.Invalid{Fields: problems}
	}
	return s.insert(ctx, a, c, rows)
}

// checkList says what is wrong with a list as a whole.
func checkList(list lists.File) portal.Fault {
	switch n := len(list.Rows); {
	case n == 0:
		return portal.Fault{Code: portal.NoRows}
	case n > MaxRows:
		return portal.Fault{Code: portal.TooManyRows, Most: MaxRows, Count: n}
	}
	for i, column := range list.Columns {
		if column.Field == lists.UserID && column.Rounded {
			return portal.Fault{Code: portal.RoundedIDs, Value: column.Called(i)}
		}
	}
	return portal.Fault{}
}

// about finds out which company a list is about.
func (s *Service) about(ctx context.Context, c *Change, u Upload, rows []Row, problems *portal.FieldErrors) error {
	switch u.Kind {
	case Onboard:
		company, faults := portal.CheckNewCompany(c.newCompany(u.NewCompany, rows))
		c.NewCompany = company
		for _, f := range faults {
			problems.Add(f.Field, f.Fault)
		}
		return nil
	case Create, Reconcile, Disable, Enable:
		if u.CompanyID == "" {
			if u.Kind.NeedsCompany() {
				problems.Add("companyId", portal.Fault{Code: portal.Missing})
			}
			return nil
		}
	}
	company, err := s.directory.KnownCompany(ctx, u.CompanyID)
	if err != nil {
		return fmt.Errorf("new bulk change: %w", err)
	}
	c.Company, c.Domains = ledger.Company{ID: company.ID, Name: company.Name}, company.EmailDomains
	return nil
}

// newCompany is the company that a list says in its first row that says anything of it, or
// else that was typed beside it.
func (c Change) newCompany(typed sapi.NewCompany, rows []Row) sapi.NewCompany {
	for _, r := range rows {
		name, vanity, domains := c.value(r.Cells, lists.CompanyName), c.value(r.Cells, lists.VanityName), c.value(r.Cells, lists.EmailDomains)
		if typed.Name == "" {
			typed.Name = name
		}
		if typed.VanityName == "" {
			typed.VanityName = strings.ToLower(vanity)
		}
		if len(typed.EmailDomains) == 0 {
			typed.EmailDomains = portal.SplitList(domains)
		}
	}
	return typed
}

// take makes rows of a list, and notes how it was read.
func (c *Change) take(name string, list lists.File) []Row {
	c.File = File{
		Name: name, Form: list.Form, Headed: list.Headed, Proposed: list.Proposed, Samples: list.Samples, Sheets: list.Sheets, LeftOut: list.LeftOut,
	}
	c.Columns = make([]Column, len(list.Columns))
	for i, column := range list.Columns {
		c.Columns[i] = Column{Name: column.Name, Field: column.Field, Secret: column.Secret, Rounded: column.Rounded, Result: column.Result, Used: column.Used}
	}
	rows := make([]Row, len(list.Rows))
	digest := sha256.New()
	put(digest, string(c.Kind))
	for i, r := range list.Rows {
		rows[i] = Row{N: i + 1, Line: r.Line, Cells: r.Cells, State: Planned}
		c.read(&rows[i])
		for j, cell := range r.Cells {
			if j < len(c.Columns) && !c.Columns[j].Result {
				put(digest, cell)
			}
		}
		put(digest, "\n")
	}
	c.Rows, c.Digest = len(rows), hex.EncodeToString(digest.Sum(nil))
	return rows
}

// insert stores a new bulk change with its rows, in one transaction.
func (s *Service) insert(ctx context.Context, a auth.Actor, c Change, rows []Row) (Change, error) {
	if !portal.ValidToken(c.Token) {
		return Change{}, outOfDate()
	}
	c.Digest = c.digest()
	tx, err := s.store.Begin(ctx)
	if err != nil {
		return Change{}, fmt.Errorf("%w: %w", portal.ErrLedger, err)
	}
	defer func() { _ = tx.Rollback() }()
	stored, err := s.store.InsertBulk(ctx, tx, c)
	if errors.Is(err, portal.ErrTokenUsed) {
		if !sameForm(stored, c) {
			return Change{}, outOfDate()
		}
		return stored, nil
	}
	if err == nil {
		err = s.store.PutRows(ctx, tx, stored.ID, rows)
	}
	if err == nil {
		err = s.schedule(ctx, tx, stored)
	}
	if err == nil {
		event := s.event(stored, a, ledger.UploadBulk, ledger.Succeeded, portal.Values("rows", strconv.Itoa(stored.Rows)))
		event.Note = c.File.Name
		err = s.store.Append(ctx, tx, event)
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return Change{}, fmt.Errorf("%w: %w", portal.ErrLedger, err)
	}
	return stored, nil
}

// digest is that of the list and what is to be done, once it is known with which company.
func (c Change) digest() string {
	digest := sha256.Sum256([]byte(c.Digest + strings.ToLower(c.Company.ID+c.NewCompany.VanityName)))
	return hex.EncodeToString(digest[:])
}

// sameForm says whether two bulk changes with one token are one form, sent twice by the
// same person.
func sameForm(a, b Change) bool {
	return a.Kind == b.Kind && a.UploadedBy.Issuer == b.UploadedBy.Issuer && a.UploadedBy.Subject == b.UploadedBy.Subject && a.Digest == b.Digest
}

// outOfDate says that a form's token is good for nothing any more.
func outOfDate() error { return portal.InvalidField("", portal.Fault{Code: portal.OutOfDate}) }

// selectionFields are the columns of a list that was made of people who are there.
var selectionFields = [...]lists.Field{lists.Email, lists.UserID, lists.CompanyName}

// selectionColumns are these as columns.
func selectionColumns() []Column {
	var columns []Column
	for _, f := range selectionFields {
		columns = append(columns, Column{Name: lists.Heading(f), Field: f, Used: true})
	}
	return columns
}

// FromSelection makes a bulk change of people who were ticked in a table, to be disabled or
// enabled.
func (s *Service) FromSelection(ctx context.Context, a auth.Actor, kind Kind, selected []directory.UserRef, token string) (Change, error) {
	if kind != Disable && kind != Enable {
		return Change{}, portal.InvalidField("kind", portal.Fault{Code: portal.Missing})
	}
	known, err := s.directory.Known(ctx, a, selected)
	if err != nil {
		return Change{}, fmt.Errorf("new bulk change: %w", err)
	}
	u := Upload{Kind: kind, Token: token, List: lists.File{Table: lists.Table{Headed: true}}}
	for _, f := range selectionFields {
		u.List.Columns = append(u.List.Columns, lists.Column{Name: lists.Heading(f), Field: f, Used: true})
	}
	companies := map[string]bool{}
	for _, k := range known {
		if k.User != nil {
			u.CompanyID, companies[k.Company.ID] = k.Company.ID, true
			u.List.Rows = append(u.List.Rows, lists.Row{Line: len(u.List.Rows) + 1, Cells: []string{k.User.Email, k.User.ID, k.Company.Name}})
		}
	}
	if len(companies) != 1 {
		u.CompanyID = ""
	}
	return s.take(ctx, a, u, true)
}

// Replace takes a mended list in place of the one before; the bulk change, and what was
// said of people who are in both, stay. seen is the Seen of the one before.
func (s *Service) Replace(ctx context.Context, a auth.Actor, id int64, seen, name string, list lists.File) (Change, error) {
	if fault := checkList(list); fault.Code != "" {
		return Change{}, portal.InvalidField("file", fault)
	}
	return s.edit(ctx, a, id, EditList, func(tx portal.Tx, c *Change) ([]Row, error) {
		if seen != c.Seen() {
			return nil, ErrStale
		}
		before, err := s.store.Rows(ctx, id, Filter{}, 0, 0)
		if err != nil {
			return nil, err
		}
		decided := map[string]Decision{}
		for _, r := range before {
			if r.Decision != Undecided && r.key() != "" && r.Line > 0 { // what was said of leavers isn't meant for who is listed
				decided[r.key()] = r.Decision
			}
		}
		rows := c.take(name, list)
		c.Digest = c.digest()
		for i := range rows {
			rows[i].Decision = decided[rows[i].key()]
		}
		return rows, s.store.CutRows(ctx, tx, id, len(rows)+1)
	})
}

// edit changes the rows of a bulk change that isn't started, and has checked again what may
// be another thing by that. do refuses with ErrStale where what is changed is not as whoever
// changes it saw it; that something else was changed meanwhile, or checked, is no matter.
func (s *Service) edit(ctx context.Context, a auth.Actor, id int64, what EditCode, do func(tx portal.Tx, c *Change) ([]Row, error)) (Change, error) {
	seen, err := s.Get(ctx, a, id)
	if err != nil {
		return Change{}, err
	}
	if err := s.require(ctx, a, seen.Kind, seen.Company); err != nil {
		return Change{}, err
	}
	return s.update(ctx, id, func(tx portal.Tx, c *Change) ([]ledger.Event, error) {
		if !c.State.Open() {
			return nil, ErrNotNow
		}
		rows, err := do(tx, c)
		if err != nil {
			return nil, err
		}
		c.touch(what, rows)
		c.State, c.Plan, c.Differs, c.Trouble = Checking, "", 0, Waiting{}
		return s.editEvents(*c, a, what, rows), s.store.PutRows(ctx, tx, id, rows)
	})
}

// editEvents are the ledger's lines about what was changed in a list before it was started.
// That it was checked again is none: whatever that led to is in the plan.
func (s *Service) editEvents(c Change, a auth.Actor, what EditCode, rows []Row) []ledger.Event {
	if what == EditNothing {
		return nil
	}
	n := len(rows)
	if what == EditColumns || what == EditLetters || what == EditDisabled {
		n = c.Rows
	}
	event := s.event(c, a, ledger.EditBulk, ledger.Succeeded, portal.Values("rows", strconv.Itoa(n)))
	event.Code = string(what)
	if what == EditList {
		event.Note = c.File.Name
	}
	return []ledger.Event{event}
}

// Map reads the columns as somebody says who has seen how they were taken: fields in the
// order of the columns. A field that is given twice is an portal.Invalid. seen is the Seen
// of the list.
func (s *Service) Map(ctx context.Context, a auth.Actor, id int64, seen string, fields []lists.Field) (Change, error) {
	return s.edit(ctx, a, id, EditColumns, func(_ portal.Tx, c *Change) ([]Row, error) {
		if seen != c.Seen() {
			return nil, ErrStale
		}
		known := Fields(c.Kind)
		taken := map[lists.Field]bool{}
		for i := range c.Columns {
			column := &c.Columns[i]
			column.Field = lists.Unused
			if i >= len(fields) || column.Secret || column.Result || !slices.Contains(known, fields[i]) {
				continue
			}
			if taken[fields[i]] {
				return nil, portal.InvalidField("columns", portal.Fault{Code: portal.Repeated, Value: string(fields[i])})
			}
			if fields[i] == lists.UserID && column.Rounded {
				return nil, portal.InvalidField("columns", portal.Fault{Code: portal.RoundedIDs, Value: lists.Column{Name: column.Name}.Called(i)})
			}
			taken[fields[i]], column.Field = true, fields[i]
		}
		return nil, nil
	})
}

// LettersAreRight notes that somebody has seen that the letters of the list are right. seen
// is its Seen.
func (s *Service) LettersAreRight(ctx context.Context, a auth.Actor, id int64, seen string) (Change, error) {
	return s.edit(ctx, a, id, EditLetters, func(_ portal.Tx, c *Change) ([]Row, error) {
		if seen != c.Seen() {
			return nil, ErrStale
		}
		c.File.Proposed, c.File.Samples = false, nil
		return nil, nil
	})
}

// EditRow writes values into the cells of a row. seen is its SeenCells.
func (s *Service) EditRow(ctx context.Context, a auth.Actor, id int64, n int, seen string, values map[lists.Field]string) (Change, error) {
	return s.edit(ctx, a, id, EditCells, func(_ portal.Tx, c *Change) ([]Row, error) {
		rows, err := s.store.Rows(ctx, id, Filter{}, n-1, 1)
		if err != nil || len(rows) == 0 || rows[0].N != n || rows[0].Line == 0 {
			return nil, errors.Join(err, portal.ErrNotFound)
		}
		if seen != rows[0].SeenCells() {
			return nil, ErrStale
		}
		for _, f := range Fields(c.Kind) {
			if value, given := values[f]; given && (value != "" || c.value(rows[0].Cells, f) != "") {
				c.set(&rows[0], f, strings.TrimSpace(value))
			}
		}
		return rows, nil
	})
}

// Mend takes from all cells what nobody sees and can be taken away without changing what
// is seen. It says how many rows were mended.
func (s *Service) Mend(ctx context.Context, a auth.Actor, id int64) (c Change, mended int, err error) {
	c, err = s.edit(ctx, a, id, EditMended, func(_ portal.Tx, c *Change) ([]Row, error) {
		rows, err := s.store.Rows(ctx, id, Filter{Codes: []Code{Faulty}}, 0, 0)
		if err != nil {
			return nil, err
		}
		var changed []Row
		for _, r := range rows {
			if !r.Facts.Mendable {
				continue
			}
			people, _ := portal.MendPeople([]sapi.NewUser{r.NewUser})
			c.write(&r, people[0])
			changed = append(changed, r)
		}
		mended = len(changed)
		return changed, nil
	})
	return c, mended, err
}

// write writes a person into a row's cells, field by field.
func (c *Change) write(r *Row, u sapi.NewUser) {
	for _, f := range []struct {
		field lists.Field
		value string
	}{
		{lists.Email, u.Email},
		{lists.FirstName, u.FirstName},
		{lists.LastName, u.LastName},
		{lists.DisplayName, u.DisplayName},
		{lists.Title, u.Title},
		{lists.Department, u.Department},
		{lists.Location, u.Location},
		{lists.PhoneNumber, u.PhoneNumber},
	} {
		if c.value(r.Cells, f.field) != f.value {
			c.set(r, f.field, f.value)
		}
	}
}

// Decide says of some rows whether they are in or out. Each is named by its place, with its
// Seen.
func (s *Service) Decide(ctx context.Context, a auth.Actor, id int64, rows map[int]string, d Decision) (Change, error) {
	return s.decide(ctx, a, id, d, Filter{}, func(_ Change, all []Row) (meant []Row, err error) {
		for _, r := range all {
			if seen, is := rows[r.N]; is && seen == r.Seen() {
				meant = append(meant, r)
			}
		}
		if len(meant) < len(rows) {
			return nil, ErrStale
		}
		return meant, nil
	})
}

// DecideAll says of all rows that a filter shows whether they are in or out: of those whom
// somebody saw, while the bulk change is of the same version.
func (s *Service) DecideAll(ctx context.Context, a auth.Actor, id, version int64, f Filter, d Decision) (Change, error) {
	return s.decide(ctx, a, id, d, f, func(c Change, shown []Row) ([]Row, error) {
		if c.Version != version {
			return nil, ErrStale
		}
		return shown, nil
	})
}

// decide says of those rows of a filter that are meant whether they are in or out. Whoever
// takes somebody in has them enabled, or disabled, whatever the list is for.
func (s *Service) decide(ctx context.Context, a auth.Actor, id int64, d Decision, f Filter, meant func(c Change, shown []Row) ([]Row, error)) (Change, error) {
	if d == In {
		if err := s.gate.Require(ctx, a, auth.ChangeStatus, ledger.Company{}); err != nil {
			return Change{}, err
		}
	}
	return s.edit(ctx, a, id, EditDecision, func(_ portal.Tx, c *Change) ([]Row, error) {
		shown, err := s.store.Rows(ctx, id, f, 0, 0)
		if err != nil {
			return nil, err
		}
		rows, err := meant(*c, shown)
		for i := range rows {
			rows[i].Decision = d
		}
		return rows, err
	})
}

// EnableDisabled says whether people of the list who are there and disabled are enabled.
func (s *Service) EnableDisabled(ctx context.Context, a auth.Actor, id int64, enable bool) (Change, error) {
	if err := s.gate.Require(ctx, a, auth.ChangeStatus, ledger.Company{}); err != nil {
		return Change{}, err
	}
	return s.edit(ctx, a, id, EditDisabled, func(_ portal.Tx, c *Change) ([]Row, error) {
		c.EnableDisabled = enable
		return nil, nil
	})
}

// CheckAgain compares all rows with the directory and Symphony once more.
func (s *Service) CheckAgain(ctx context.Context, a auth.Actor, id int64) (Change, error) {
	s.mu.Lock()
	s.last = lastList{}
	s.mu.Unlock()
	return s.edit(ctx, a, id, EditNothing, func(portal.Tx, *Change) ([]Row, error) { return nil, nil })
}
