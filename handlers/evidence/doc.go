// Package evidence owns the writing of the archives with which people prove to others
// what Foyer recorded, and how a reader is told to check them.
//
// Their form, what is proven, and the proofs, are package ledger's; what is exported is the
// resource's that has the page. The packages of the resources with exports import it.
package evidence
