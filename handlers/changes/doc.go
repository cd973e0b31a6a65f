// Package changes owns the page of one change: what was asked of Symphony, by whom,
// and how it ended, or that nobody knows yet.
//
// It makes no change: the forms are the other resources', and package change of the
// portal does the work. Only package handlers imports it, for its route table.
package changes
