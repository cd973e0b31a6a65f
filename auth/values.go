package auth

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	gorilla "github.com/gorilla/sessions"
)

// draftKey is where Begin leaves a draft for TakeDraft.
const draftKey = "_draft"

// rowKey is where a gorilla session carries its row, beside the values. It is
// never encoded.
type rowKey struct{}

// AddFlash keeps v, encoded as JSON, for the next page that takes flashes.
// Without a session it does nothing.
func (s *Sessions) AddFlash(w http.ResponseWriter, r *http.Request, v any) error {
	flash, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("add flash: %w", err)
	}
	return s.change(w, r, func(values *gorilla.Session) error {
		values.AddFlash(string(flash))
		return nil
	})
}

// TakeFlashes removes the flashes and decodes them, oldest first, into the
// slice that out points to. Without any it leaves out alone and writes nothing.
func (s *Sessions) TakeFlashes(w http.ResponseWriter, r *http.Request, out any) error {
	return s.changeIf(w, r, "_flash", func(values *gorilla.Session) error {
		var flashes []string
		for _, flash := range values.Flashes() {
			flashes = append(flashes, fmt.Sprint(flash))
		}
		if len(flashes) == 0 { // another tab was quicker
			return nil
		}
		return json.Unmarshal([]byte("["+strings.Join(flashes, ",")+"]"), out)
	})
}

// TakeDraft returns the form that was kept at sign-in and removes it, or nil where there
// is none or isWanted says no: then it stays.
func (s *Sessions) TakeDraft(w http.ResponseWriter, r *http.Request, isWanted func(draft []byte) bool) ([]byte, error) {
	values, err := s.Get(r, s.cookies.session)
	if err != nil {
		return nil, err
	}
	draft, err := draftOf(values)
	if draft == nil || err != nil || !isWanted(draft) {
		return nil, err
	}
	err = s.change(w, r, func(values *gorilla.Session) (err error) {
		draft, err = draftOf(values) // nil where another tab was quicker
		delete(values.Values, draftKey)
		return err
	})
	return draft, err
}

func draftOf(values *gorilla.Session) (draft []byte, err error) {
	encoded, err := json.Marshal(values.Values[draftKey])
	if err == nil {
		err = json.Unmarshal(encoded, &draft)
	}
	return draft, err
}

// Value returns a preference kept in the session, or "".
func (s *Sessions) Value(r *http.Request, key string) string {
	values, err := s.Get(r, s.cookies.session)
	if err != nil {
		return ""
	}
	value, _ := values.Values[key].(string)
	return value
}

// SetValue keeps a preference in the session, if it is not there already.
// Without a session it does nothing.
func (s *Sessions) SetValue(w http.ResponseWriter, r *http.Request, key, value string) error {
	if s.Value(r, key) == value {
		return nil
	}
	return s.change(w, r, func(values *gorilla.Session) error {
		values.Values[key] = value
		return nil
	})
}

// Get implements gorilla's Store: the session of this request, read once.
func (s *Sessions) Get(r *http.Request, name string) (*gorilla.Session, error) {
	return gorilla.GetRegistry(r).Get(s, name)
}

// New implements gorilla's Store: the session as the store has it now. The
// name must be the session cookie's, because there is one session for a
// browser and no other.
func (s *Sessions) New(r *http.Request, name string) (*gorilla.Session, error) {
	values := gorilla.NewSession(s, name)
	s.fill(values, nil)
	if name != s.cookies.session {
		return values, fmt.Errorf("new session: the name must be %q, not %q", s.cookies.session, name)
	}
	session, err := s.find(r)
	if err != nil {
		return values, err
	}
	s.fill(values, session)
	return values, nil
}

// Save implements gorilla's Store: it writes the values, which must have
// strings as keys and be of JSON's types, or with MaxAge below zero ends the
// session. A session that nobody signed in to gets ErrNoSession.
func (s *Sessions) Save(r *http.Request, w http.ResponseWriter, values *gorilla.Session) error {
	row := rowOf(values)
	if row == nil {
		return fmt.Errorf("save session: %w", ErrNoSession)
	}
	if values.Options.MaxAge < 0 {
		return s.End(w, r)
	}

	encoded, err := encodeValues(values.Values)
	if err != nil {
		return fmt.Errorf("save session: %w", err)
	}
	row.Values = encoded
	if err := s.opts.Store.SaveSession(r.Context(), *row); err != nil {
		return fmt.Errorf("save session: %w", err)
	}
	return nil
}

// change applies a function to the values as the store has them now, not as
// this request found them: a slow request must not undo what other tabs did
// meanwhile.
func (s *Sessions) change(w http.ResponseWriter, r *http.Request, apply func(*gorilla.Session) error) error {
	values, err := s.Get(r, s.cookies.session)
	if err != nil {
		return err
	}
	row := rowOf(values)
	if row == nil {
		return nil
	}

	latest, err := s.opts.Store.Session(r.Context(), row.Hash)
	if err == nil {
		s.derive(&latest)
		s.fill(values, &latest)
		if err = apply(values); err == nil {
			err = s.Save(r, w, values)
		}
	}
	if err != nil && !errors.Is(err, ErrNoSession) {
		return fmt.Errorf("change session values: %w", err)
	}
	return nil
}

// changeIf is change for when there is a value to change; it spares the store
// otherwise.
func (s *Sessions) changeIf(w http.ResponseWriter, r *http.Request, key string, apply func(*gorilla.Session) error) error {
	values, err := s.Get(r, s.cookies.session)
	if err != nil {
		return err
	}
	if _, ok := values.Values[key]; !ok {
		return nil
	}
	return s.change(w, r, apply)
}

// fill makes a gorilla session show a row, or nobody's session if it is nil.
func (s *Sessions) fill(values *gorilla.Session, row *Session) {
	cookie := s.cookies.new(s.cookies.session, "", 0)
	values.Options = &gorilla.Options{
		Path: cookie.Path, Secure: cookie.Secure, HttpOnly: cookie.HttpOnly, SameSite: cookie.SameSite,
	}
	values.Values = map[any]any{}
	values.ID = ""
	values.IsNew = row == nil
	if row == nil {
		return
	}

	values.ID = row.ID
	var decoded map[string]any
	// Values that can't be read are preferences lost, no reason to lock out.
	if json.Unmarshal(row.Values, &decoded) == nil {
		for key, value := range decoded {
			values.Values[key] = value
		}
	}
	values.Values[rowKey{}] = row
}

func rowOf(values *gorilla.Session) *Session {
	row, _ := values.Values[rowKey{}].(*Session)
	return row
}

// encodeValues writes JSON rather than gorilla's usual gob: it is readable in
// the database, and decoding it can't allocate beyond its own size.
func encodeValues(values map[any]any) ([]byte, error) {
	encodable := make(map[string]any, len(values))
	for key, value := range values {
		switch name := key.(type) {
		case rowKey:
		case string:
			encodable[name] = value
		default:
			return nil, fmt.Errorf("session values: the key %v is no string", key)
		}
	}
	if len(encodable) == 0 {
		return nil, nil
	}
	encoded, err := json.Marshal(encodable)
	if err != nil {
		return nil, fmt.Errorf("session values: %w", err)
	}
	return encoded, nil
}
