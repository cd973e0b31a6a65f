// Package ledger is the ledger's rules: what an event says, which bytes stand
// for it, how these are bound into a Merkle log, and how anybody can prove or
// check that nothing in it was changed.
//
// An event is kept as a [Record]: a body in JSON, which is what the log hashes,
// and a personal part (names, addresses, reasons, values) to which the body is
// bound by a salted hash only. So the personal part can be erased on legal
// order and the proof still holds. The bodies are the leaves of a Merkle tree
// as in RFC 6962 (golang.org/x/mod/sumdb/tlog); the event with sequence number
// n is leaf n-1. A [Checkpoint] signs the tree's size and root with Ed25519, in
// the C2SP tlog-checkpoint form. [Verify] recomputes everything from a
// [Source]; [VerifyExport] does so for a file of records with their proofs, and
// [VerifyArchive] for an archive of such files.
//
// The package is pure: it knows no SQL, no HTTP and no clock; package store
// keeps what it makes. Of Foyer it imports auth, for the Actor, and the leaves files
// and safely; portal, store, handlers, witness and command import it.
package ledger
