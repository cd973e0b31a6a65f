package ui

import (
	"cmp"
	"slices"
	"strings"
)

// FieldError is one thing wrong with what was typed. Field is the name of the
// form field; empty when it concerns the form as a whole.
type FieldError struct {
	Field   string
	Message string
	Link    Link // where to look; zero where the field is the place
}

// Errors is what is wrong with a form, in the order of its fields. The zero
// value says that nothing is.
type Errors []FieldError

// Add appends a problem with a field.
func (e *Errors) Add(field, message string) {
	*e = append(*e, FieldError{Field: field, Message: message})
}

// AddLink appends a problem that concerns the form as a whole, with where to look.
func (e *Errors) AddLink(message string, link Link) {
	*e = append(*e, FieldError{Message: message, Link: link})
}

// For returns the message to show at a field; empty when nothing is wrong with
// it. Several messages for one field are joined, so that none is lost.
func (e Errors) For(field string) string {
	var messages []string
	for _, fe := range e {
		if fe.Field == field {
			messages = append(messages, fe.Message)
		}
	}
	return strings.Join(messages, " ")
}

// InOrder returns the problems in the order of the form's fields: first those of the
// form as a whole, then those of each field, then the others as they are.
func (e Errors) InOrder(fields ...string) Errors {
	place := func(fe FieldError) int {
		if i := slices.Index(fields, fe.Field); i >= 0 || fe.Field == "" {
			return i
		}
		return len(fields)
	}
	return slices.SortedStableFunc(slices.Values(e), func(a, b FieldError) int { return cmp.Compare(place(a), place(b)) })
}

// Any reports whether there is a problem at all.
func (e Errors) Any() bool { return len(e) > 0 }

// FieldID is the id of a field's control, for links that lead to it.
func FieldID(name string) string { return "field-" + name }
