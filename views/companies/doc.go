// Package companies owns the pages of companies: the list, one company and how far it
// is, its history, the form for a new one, and the form that adds domains, each with
// the page on which it is checked.
//
// The row that the search shows of a company, too, is package views'. Only
// handlers/companies imports it, as pages.
package companies
