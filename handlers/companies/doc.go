// Package companies owns the pages of the sponsored companies: the list, one company
// and how far it is, its history, the form for a new one, and the form that adds
// domains.
//
// It decides nothing about companies: packages directory and change of the portal do.
// Only package handlers imports it, for its route table.
package companies
