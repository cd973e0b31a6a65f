// Package evidence owns the archives with which people prove to others what Foyer
// recorded: which files are in one, what evidence.json says of them, and how a reader
// is told to check them.
//
// What is proven, and the proofs, are package ledger's; what is exported is the
// resource's that has the page. The packages of the resources with exports import it.
package evidence
