// Package portal owns Foyer's use cases: every read and every change that a
// person can ask for, each with the Actor who asks.
//
// A use case checks the permission, whatever the caller checked before. A
// change goes one way only: its intent is committed to the ledger, then
// Symphony is called, then the outcome is written. When the ledger can't be
// written nothing is sent. When Symphony's answer is lost the outcome is
// unknown, neither success nor failure, until reading Symphony has settled it:
// at once, later by a job, and again after a restart.
//
// What was read from Symphony is kept in the Store with the time it was read,
// so that a page can be shown, honestly dated, while Symphony is down.
//
// The package knows no HTTP request, no page and no SQL: handlers and jobs call
// it, package store keeps what it needs kept, package sapi speaks to Symphony.
package portal
