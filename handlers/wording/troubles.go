package wording

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"foyer/ledger"
	"foyer/views/ui"
)

// TroubleCode says what about Foyer itself isn't as it should be.
type TroubleCode string

// The troubles with which people can be served all the same.
const (
	// ClocksApart means that Symphony's clock and Foyer's differ by minutes.
	ClocksApart TroubleCode = "clocks-apart"
	// DatabaseDamaged means that Foyer's SQLite file is damaged.
	DatabaseDamaged TroubleCode = "database-damaged"
	// HookFails means that the web hook did not take the last checkpoint.
	HookFails TroubleCode = "hook-fails"
	// CheckpointFileFails means that the last checkpoint could not be appended to the
	// file.
	CheckpointFileFails TroubleCode = "checkpoint-file-fails"
	// LedgerAltered means that the ledger is not what was recorded, and isn't signed.
	LedgerAltered TroubleCode = "ledger-altered"
	// NotSigned means that the ledger could not be signed when that was last tried.
	NotSigned TroubleCode = "not-signed"
	// WitnessRefuses means that a witness doesn't cosign the ledger any more, because it
	// doesn't go on from what it saw.
	WitnessRefuses TroubleCode = "witness-refuses"
	// NotWitnessed means that for some time too few witnesses have seen the ledger.
	NotWitnessed TroubleCode = "not-witnessed"
)

// Trouble is one of them, with the facts that belong to it.
type Trouble struct {
	Code  TroubleCode
	Ahead time.Duration // by how much Symphony's clock is ahead, with ClocksApart
	Err   error         // why, with HookFails, LedgerAltered and WitnessRefuses
	Whom  []string      // the witnesses, with WitnessRefuses
	At    time.Time     // when it was found, if that matters
}

// TroubleWords says whom a trouble is about, how it is with that in a word, what is the
// matter, and what to do.
func TroubleWords(t Trouble) (whom, word, text string) {
	switch t.Code {
	case ClocksApart:
		direction := "ahead of"
		if t.Ahead < 0 {
			direction = "behind"
		}
		return "Clocks", "Differ", "Symphony’s clock is " + ui.Elapsed(t.Ahead.Abs()) + " " + direction + " Foyer’s. " +
			"When something was created can be told only so exactly. Have the clock of this machine set by NTP; if it is right, tell Symphony."
	case DatabaseDamaged:
		return "Foyer’s database", "Damaged", "The file of Foyer’s database is damaged: the log says where. What is shown may be wrong, and what is recorded may be lost. Tell whoever runs Foyer at once: a backup has to be restored."
	case HookFails:
		why := TLSWords(t.Err)
		if why == "" {
			why = "the log says why"
		}
		return "Checkpoints", "Not handed on", "The web hook did not take the last checkpoint of the ledger: " + why + ". Tell whoever runs Foyer; the next one covers the same."
	case CheckpointFileFails:
		return "Checkpoints", "Not handed on", "The last checkpoint of the ledger could not be appended to its file: the log says why. Tell whoever runs Foyer; the next one covers the same."
	case LedgerAltered:
		first := ""
		if altered, ok := errors.AsType[*ledger.AlteredError](t.Err); ok {
			first = fmt.Sprintf(" (the first is number %d)", altered.First.Seq)
		}
		return "The ledger", "Altered", "Events are not what Foyer recorded" + first + ", so that nothing is signed any more. Everything is recorded as before. Tell whoever runs Foyer at once: ‘foyer audit verify’ says what is wrong."
	case NotSigned:
		return "The ledger", "Not signed", "The ledger could not be signed when that was last tried: the log says why. Everything is recorded as before, and rests on Foyer’s word alone; exports with proofs fail. Tell whoever runs Foyer."
	case WitnessRefuses:
		who, them, it := "The witness "+t.Whom[0], "doesn’t", "it"
		if len(t.Whom) > 1 {
			who, them, it = "The witnesses "+strings.Join(t.Whom, ", "), "don’t", "the first of them"
		}
		return who, "Refuses the ledger", who + " " + them + " cosign the ledger any more: " + it + " " + t.Err.Error() + ". An older database was put back, or events were changed. Tell whoever runs Foyer at once, and ask whoever runs the witness what it has seen."
	case NotWitnessed:
		return "Witnesses", "Too few", "Fewer witnesses than the policy asks for have seen the ledger since. It is signed as before; what was recorded since rests on Foyer’s word alone. The log says whom Foyer doesn’t reach."
	}
	return "Foyer", "Trouble", string(t.Code)
}
