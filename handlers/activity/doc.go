// Package activity owns the pages of the ledger: what everybody did, one event in full,
// the checkpoint, and the files with and without proofs.
//
// It proves nothing itself: packages activity of the portal and ledger do. Only package
// handlers imports it, for its route table.
package activity
