// Package sapi is a client of Symphony's Sponsored Access API and of the
// services beside it: the token endpoint, the login service that tells on which
// pod an e-mail address is, and the directory search.
//
// It owns everything between a Go call and the wire: URLs, tokens, time limits,
// retries, rate limits, lenient reading, and the verdict on what a failed call
// did or did not do. Its promise is about that verdict: every error is an
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
// # What is sent and what is accepted
//
// The contract was read from the vendor's documentation, which contradicts
// itself in places. So the client is strict in what it sends and tolerant in what
// it accepts: unknown fields, unknown states and unknown error codes are kept or
// skipped, a bad date is the zero time, a missing active is [StatusUnknown].
// What it does not tolerate is an answer that is no answer, such as a page of
// HTML with status 200: that is an error, and after a change an unknown outcome.
// [OpenAPI] is this package's own description of the contract.
package sapi
