// Package witness owns both sides of C2SP's tlog-witness. [Witness] is somebody outside
// Foyer, on a machine of their own: it takes the checkpoints of ledgers, sees for itself
// that each goes on from the last one that it saw, keeps it and cosigns it. [Collector] is
// Foyer's side: it asks the witnesses of a policy for their cosignatures.
//
// A witness never cosigns two checkpoints of a ledger of which one doesn't go on from the
// other, over restarts too. The package must know nothing of Foyer's database, its pages and
// its users: what it relies on is what is written in a checkpoint. Of Foyer it imports
// ledger and the leaf safely; command imports it.
package witness
