// Package reviews owns the pages of access reviews: the lists, a review with its people
// and decisions, its end, and its files.
//
// It decides nothing about reviews: package review of the portal does. Only package
// handlers imports it, for its route table.
package reviews
