// Package users owns the pages of a company's people: the list, as it is now and as
// of a time, one person and their history, the change of a status, and the form that
// adds people.
//
// It decides nothing about people: packages directory and change of the portal do.
// Package handlers imports it for its route table, and packages changes and precheck for
// the form that they fill.
package users
