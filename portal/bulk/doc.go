// Package bulk owns bulk changes: a list of people, from a file, a paste or a selection,
// becomes rows that are checked, a plan that is reviewed, changes that are made call by
// call, and a result that has an outcome for every row.
//
// What it promises: nothing is sent before somebody starts a plan, nor when the world
// has changed since they saw it; a row is in at most one call at a time, and in another
// one only when it is proven that the one before did nothing; every row ends in exactly
// one state, so that the sums add up to the list; and all of it is in the database and
// the ledger, so that any process can go on where one stopped.
//
// It sends nothing itself: the calls are changes, and package change's engine makes them
// and finds out how they ended. It must not know HTTP, files or SQL, and says in codes
// what pages put in words. Handlers and jobs call it, package store keeps what it needs.
package bulk
