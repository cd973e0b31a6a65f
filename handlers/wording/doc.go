// Package wording owns how pages say what the program knows: names, badges, cells and
// sentences that more than one resource shows, such as how a company stands, what an
// event of the ledger was, why a change failed, and what people are told of an error.
//
// Its functions are pure: they map what a use case gave to the fields of a view. It
// reads no request, writes no answer and decides nothing. Package kit and the packages
// of the resources import it; what only one resource says stands with that resource,
// but for the sentences for what use cases give codes for.
package wording
