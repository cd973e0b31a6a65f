// Package store keeps what Foyer must not forget, in SQLite or in PostgreSQL:
// the ledger, the changes under way, what was last read from Symphony, sessions
// and sign-ins. One DB implements the Store interfaces of the use cases and of auth,
// with the same promises on both databases, which one suite of tests holds.
//
// It owns the schema, every SQL statement of Foyer and the transactions: what a
// method stores and the events that record it are committed together or not at
// all. It is the largest package because no statement stands anywhere else; a file
// for each subject keeps it apart. It decides nothing: no permission, no call to
// Symphony, no HTTP. The tables of the job engine live in the same database and are
// migrated by package jobs. Only command imports it; everybody else knows the
// interfaces.
package store
