// Package jobs owns Foyer's background work: it wakes the use cases at the
// right time, through River, on SQLite and on PostgreSQL.
//
// It holds no truth. What is to be done stands in the Store's own rows, and is
// written before a job is enqueued; a job that is lost is found by the sweep. So
// a job's arguments are an id and nothing else, jobs are unique by it, and
// running one twice does no harm.
//
// Main alone imports it. It knows package portal's interfaces for what it wakes
// (Tasks) and for who asks to be woken (the Wakers of the use cases), and no HTTP.
package jobs
