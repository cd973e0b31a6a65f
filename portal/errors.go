package portal

import (
	"errors"
	"fmt"

	"foyer/auth"
)

// Forbidden says that the actor's roles don't allow what was asked.
type Forbidden struct{ Permission auth.Permission }

// Error names the missing permission.
func (e *Forbidden) Error() string { return "not allowed: " + string(e.Permission) }

// ErrNotFound says that Symphony, or Foyer, has nothing by that id.
var ErrNotFound = errors.New("not found")

// ErrCompanyUnavailable says that Symphony knows no such company, or that the
// company is not ready: Symphony gives both the same code.
var ErrCompanyUnavailable = errors.New("company missing or not ready")

// ErrGone says that Symphony has nobody by an id that it had before. It is an ErrNotFound,
// too.
var ErrGone = fmt.Errorf("gone: %w", ErrNotFound)

// ErrOther says that Symphony answered about another company or person than was
// asked for: nothing of it is believed, kept or acted on.
var ErrOther = errors.New("the answer is about another than was asked for")

// ErrLedger says that the ledger could not be written, and that therefore
// nothing was sent to Symphony.
var ErrLedger = errors.New("ledger not writable")

// ErrNotGivenOut says that a file could not be recorded, and so did not leave Foyer. It is
// an ErrLedger, too.
var ErrNotGivenOut = fmt.Errorf("not given out: %w", ErrLedger)

// Invalid says what is wrong with an input, field by field.
type Invalid struct{ Fields []FieldError }

// InvalidField is an Invalid with one problem of one field.
func InvalidField(field string, f Fault) *Invalid {
	return &Invalid{[]FieldError{{Field: field, Fault: f}}}
}

// Error counts the problems; the words are for the form.
func (e *Invalid) Error() string { return fmt.Sprintf("invalid input: %d problems", len(e.Fields)) }

// ErrNotScheduled is in what a Scheduler returns when its database can't be written, or not
// within a few seconds: nothing was begun.
var ErrNotScheduled = errors.New("no job was scheduled")

// ErrNotStored is returned by a Store for a row that it does not have.
var ErrNotStored = errors.New("not stored")

// ErrTokenUsed is returned by a Store when the token of the form has been used
// before; what it was used for is returned with it.
var ErrTokenUsed = errors.New("form token used")
