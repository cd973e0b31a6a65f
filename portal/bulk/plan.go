package bulk

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash"
	"strconv"
	"strings"

	"foyer/address"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/sapi"
)

// world is what the rows of a bulk change are compared with.
type world struct {
	people    map[string]directory.UserRecord   // of the company as Symphony lists them, by their address's key
	known     map[string][]directory.UserRecord // those of all companies whom the directory knows, by the same
	ids       map[string]directory.UserRecord   // likewise, by either id
	companies map[string]string                 // the names of all companies, by id
}

// plan decides what is to be done with each row, in their order. It is the same whenever
// the list, the decisions and the world are the same.
func (c Change) plan(rows []Row, w world) {
	first, people := make(map[string]int, len(rows)), make(map[string]int, len(rows)) // by key, and by id
	for i := range rows {
		r := &rows[i]
		if r.Line == 0 && c.Kind == Reconcile {
			continue // a leaver, who is compared with the rest below
		}
		c.read(r)
		r.Action, r.State, r.Code, r.CompanyID = Nothing, LeftOut, NoCode, ""
		r.Facts = Facts{Was: r.Facts.Was}
		faults, mendable := c.faultsOf(*r)
		key := r.key()
		earlier, twice := first[key]
		if key != "" && !twice && r.Decision != Out {
			first[key] = r.N
		}
		switch {
		case r.Decision == Out:
			r.Code = ByPerson
		case len(faults) > 0:
			r.Code, r.Facts.Faults, r.Facts.Mendable = Faulty, faults, mendable
		case twice:
			r.Code, r.Facts.Row = Duplicate, earlier
		case c.Kind == Disable || c.Kind == Enable:
			c.planStatus(r, w)
		default:
			c.planPerson(r, w)
		}
		if r.UserID == "" || r.State == LeftOut {
			continue
		}
		if earlier, twice := people[r.UserID]; twice { // once by address, once by id
			r.State, r.Action, r.Code, r.Facts = LeftOut, Nothing, Duplicate, Facts{Was: r.Facts.Was, Row: earlier}
		} else {
			people[r.UserID] = r.N
		}
	}
}

// planPerson decides about somebody who is to be in the company.
func (c Change) planPerson(r *Row, w world) {
	key := address.Key(r.Email)
	if u, there := w.people[key]; there {
		c.planThere(r, u)
		return
	}
	for _, u := range w.known[key] {
		if u.CompanyID != c.Company.ID && u.NotListedAt.IsZero() {
			r.Code, r.Facts.Company = Elsewhere, ledger.Company{ID: u.CompanyID, Name: w.companies[u.CompanyID]}
			return
		}
	}
	r.State, r.Action = Planned, ToAdd
}

// planThere decides about somebody of the list who is in the company.
func (c Change) planThere(r *Row, u directory.UserRecord) {
	r.State, r.UserID = AlreadyThere, u.ID
	r.Facts.Differs = differences(r.NewUser, u.User)
	switch u.Status {
	case sapi.StatusActive:
		r.Code = IsActive
	case sapi.StatusDisabled:
		r.Code = IsDisabled
		if c.EnableDisabled || r.Decision == In {
			r.State, r.Action, r.Code = Planned, ToAllow, NoCode
		}
	default:
		r.Code = StatusUnknown
	}
	if c.Kind == Reconcile && r.State == AlreadyThere && r.Code != IsDisabled && len(r.Facts.Differs) > 0 {
		r.Code = DataDiffers
	}
}

// differences are the fields in which a list says otherwise than Symphony: those that it
// says something of.
func differences(listed sapi.NewUser, u sapi.User) []string {
	var fields []string
	for _, f := range []struct{ name, listed, is string }{
		{"firstName", listed.FirstName, u.FirstName},
		{"lastName", listed.LastName, u.LastName},
		{"displayName", listed.DisplayName, u.DisplayName},
		{"title", listed.Title, u.Title},
		{"department", listed.Department, u.Department},
		{"location", listed.Location, u.Location},
		{"phoneNumber", listed.PhoneNumber, u.PhoneNumber},
	} {
		if f.listed != "" && f.listed != f.is {
			fields = append(fields, f.name)
		}
	}
	return fields
}

// planStatus decides about somebody who is to be disabled or enabled.
func (c Change) planStatus(r *Row, w world) {
	u, code := c.whom(r, w)
	if code != NoCode {
		r.Code = code
		return
	}
	r.NewUser, r.UserID, r.CompanyID = asNew(u.User), u.ID, u.CompanyID
	wanted, action := sapi.StatusActive, ToAllow
	if c.Kind == Disable {
		wanted, action = sapi.StatusDisabled, ToBar
	}
	switch {
	case !u.NotListedAt.IsZero():
		r.Code = NotListed
	case u.Status == wanted && wanted == sapi.StatusActive:
		r.State, r.Code = AlreadyThere, IsActive
	case u.Status == wanted:
		r.State, r.Code = AlreadyThere, IsDisabled
	default:
		r.State, r.Action = Planned, action
	}
}

// whom finds the one person whom a row names; the code says why there is none.
func (c Change) whom(r *Row, w world) (u directory.UserRecord, why Code) {
	var of []directory.UserRecord
	if r.UserID != "" {
		found, ok := w.ids[strings.ToLower(r.UserID)]
		switch {
		case !ok:
			return u, NotFound
		case r.Email != "" && address.Key(found.Email) != address.Key(r.Email):
			return u, OtherPerson
		}
		of = append(of, found)
	} else {
		of = w.known[address.Key(r.Email)]
	}
	var there []directory.UserRecord
	for _, known := range of {
		if c.Company.ID == "" || strings.EqualFold(known.CompanyID, c.Company.ID) {
			there = append(there, known)
		}
	}
	switch {
	case len(there) == 1:
		return there[0], NoCode
	case len(there) > 1:
		return u, Several
	case len(of) > 0:
		r.Facts.Company = ledger.Company{ID: of[0].CompanyID, Name: w.companies[of[0].CompanyID]}
		return u, Elsewhere
	}
	return u, NotFound
}

// asNew is a person who is there, with what a row has of them.
func asNew(u sapi.User) sapi.NewUser {
	return sapi.NewUser{
		Email: u.Email, FirstName: u.FirstName, LastName: u.LastName, DisplayName: portal.UserName(u),
		Title: u.Title, Department: u.Department, Location: u.Location, PhoneNumber: u.PhoneNumber,
	}
}

// leavers are the people of the company who are in none of the rows, and not known to be
// disabled: each may be disabled, and is when somebody said so. decided is who is. Where
// rows of another bulk change are tried again they are no complete list: only those are
// meant who were leavers there.
func (c Change) leavers(rows []Row, w world, decided map[string]Decision) []Row {
	listed := make(map[string]bool, len(rows))
	for _, r := range rows {
		listed[address.Key(r.Email)] = true
	}
	var leavers []Row
	for _, key := range sortedKeys(w.people) {
		u := w.people[key]
		if _, meant := decided[u.ID]; listed[key] || u.Status == sapi.StatusDisabled || c.Of != 0 && !meant {
			continue
		}
		r := Row{N: len(rows) + len(leavers) + 1, NewUser: asNew(u.User), UserID: u.ID, Decision: decided[u.ID], State: LeftOut, Code: NotTicked}
		if r.Decision == In {
			r.State, r.Action, r.Code = Planned, ToBar, NoCode
		}
		leavers = append(leavers, r)
	}
	return leavers
}

// hashOf is the SHA-256 of what is to be done: of each planned row, to whom.
func (c Change) hashOf(rows []Row) string {
	h := sha256.New()
	put(h, string(c.Kind), c.Company.ID, c.NewCompany.Name, c.NewCompany.VanityName, strings.Join(c.NewCompany.EmailDomains, " "))
	for _, r := range rows {
		if r.State != Planned {
			continue
		}
		put(h, strconv.Itoa(r.N), string(r.Action), r.UserID, r.CompanyID)
		if r.Action == ToAdd {
			person, _ := json.Marshal(r.NewUser)
			put(h, string(person))
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// put writes texts so that none can be read as two.
func put(h hash.Hash, texts ...string) {
	for _, text := range texts {
		_, _ = h.Write([]byte(strconv.Itoa(len(text)) + ":" + text))
	}
}
