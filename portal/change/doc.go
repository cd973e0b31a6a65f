// Package change owns everything that changes Symphony. A change is a row that
// holds all that is needed to make it, and one engine takes it from there, whoever
// calls: a request that waits for the answer, or a job.
//
// What it promises: no change is sent before its row and its intent in the ledger
// are committed; none is sent twice, or later than its row allows; at most one is
// unsettled for each subject; and where an answer was lost the change is unknown
// until Symphony itself has been read, never done or refused by guessing.
//
// It must not know HTTP, SQL or words for people: how a change stands is told in
// codes and facts, and pages make sentences of them. Handlers ask it for changes,
// jobs execute them, package store keeps them.
package change
