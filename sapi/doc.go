// Package sapi is a client of Symphony's Sponsored Access API and of the
// services beside it: the token endpoint, the login service that tells on which
// pod an e-mail address is, and the directory search.
//
// It owns everything between a Go call and the wire: URLs, tokens, time limits,
// retries, the order in which calls wait for each other, lenient reading, and the
// verdict on what a failed call did or did not do. Its promise is about that verdict: every error is an
// [*Error] whose [Fate] says whether nothing was sent, Symphony refused, a read
// failed, or a change may or may not have happened. The API knows no idempotency
// keys, so the client never repeats a change unless the first try provably did
// nothing; callers settle a [Lost] one by reading.
//
// It must not know who uses it: it imports nothing of the program around it but
// the form of an address, keeps no data but the token, and writes no logs. It must
// not put secrets, e-mail addresses or response bodies into errors. The use cases
// and command import it,
// handlers import its types.
//
// A [Client] is safe for use by several goroutines.
//
// # Who waits for whom
//
// All calls of a client to one service share one budget: so many a second, so many
// at once. It is the client's, so that of one process: several processes have as many
// budgets. A call's context says how urgent it is ([WithPriority]) and, for a change,
// until when it may leave ([SendBefore]). Persons go first, and have places of their
// own. Reads that nobody waits for are not made while the service does not answer,
// but for a probe from time to time ([IsPaused]); changes and persons' calls are, but
// for a kind of read that has just hung.
//
// # What is sent and what is accepted
//
// The contract was read from the vendor's documentation, which contradicts
// itself in places. So the client is strict in what it sends and tolerant in what
// it accepts: unknown fields, unknown states and unknown error codes are kept or
// skipped, a bad date is the zero time, a missing active is [StatusUnknown].
// What it does not tolerate is an answer that is no answer, such as a page of
// HTML with status 200: that is an error, and after a change an unknown outcome. So
// is a 4xx without a problem of Symphony's, which has a code or a trace id: some
// gateway said it, and may have passed the change on. Of a list the rows count, and not its total.
// [OpenAPI] is this package's own description of the contract.
package sapi
