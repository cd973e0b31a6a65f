// Package activity owns the pages of the ledger: everybody's activity with its filter,
// and one event with what proves it.
//
// It has the fields and the markup of these pages alone; what histories elsewhere show
// of an event is package views'. Only handlers/activity imports it, as pages.
package activity
