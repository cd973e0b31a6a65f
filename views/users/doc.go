// Package users owns the pages of a company's people: the list, as it is now and as of
// a time, one person and their history, the page on which a status is changed, and the
// form that adds people with its check.
//
// A status with its age, which other pages show, too, is package views'. Only
// handlers/users imports it, as pages.
package users
