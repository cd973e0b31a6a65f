// Package jobs owns Foyer's background work: it has things done at the right
// time, through River, on SQLite and on PostgreSQL.
//
// It holds no truth. What is to be done stands in the store's own rows, and a
// job's arguments are the id of one: it is inserted in the transaction of its row,
// so there is neither a row whose job was lost nor a job whose row never was.
// Doing a job twice does no harm, because whoever does it reads the row first.
//
// It knows none of the work. Owners register what they do under a kind, with
// Handle and Every, and ask for it with Schedule. Main alone imports it; of the
// rest of Foyer it knows package portal's words for a job and a transaction.
package jobs
