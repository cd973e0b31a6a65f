// Package find owns the page of a search: the form, and the people and companies that
// it came to.
//
// It looks for nothing itself, and decides nothing about what was found. Only
// handlers/find imports it, as pages.
package find
