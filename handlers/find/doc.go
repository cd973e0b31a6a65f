// Package find owns the page of the search over companies and people.
//
// It decides nothing about what matches: package directory of the portal does. Only
// package handlers imports it, for its route table.
package find
