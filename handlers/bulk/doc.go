// Package bulk owns the pages of bulk changes: their list, the forms that bring a list of
// people, and the one page that shows what the state of a bulk change needs, from its check
// to its result, which is the list given back.
//
// It decides nothing about rows, and reads no file itself: packages bulk of the portal and
// lists do. Only package handlers imports it, for its route table.
package bulk
