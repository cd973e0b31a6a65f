// Package portal owns what Foyer's use cases share: the permission that each of them
// checks, their errors, the rules of what is typed in, and what Symphony said, to be kept
// and shown. The use cases themselves are the packages beneath it:
//
//   - directory: what Foyer has read of Symphony, and what follows from it
//   - change: everything that changes Symphony
//   - bulk: bulk changes, of which each call is a change
//   - review: access reviews
//   - precheck: who is on Symphony already
//   - activity: the ledger, for people to read and to take away
//
// Every read and every change that a person can ask for has the Actor who asks. A
// use case checks the permission, whatever the caller checked before; what only other
// use cases call says that it checks none.
//
// The packages know no HTTP request, no page and no SQL, and make no sentences: what is
// wrong, found or waited for is a code with its facts, which package wording puts in words.
// Handlers and jobs call them, package store keeps what they need kept, package sapi
// speaks to Symphony.
package portal
