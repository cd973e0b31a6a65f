package wording

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"foyer/ledger"
	"foyer/views"
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
	// WitnessRefuses means that a witness doesn't cosign the ledger any more, because it
	// doesn't go on from what it saw.
	WitnessRefuses TroubleCode = "witness-refuses"
	// NotWitnessed means that for some time too few witnesses have seen the ledger.
	NotWitnessed TroubleCode = "not-witnessed"
	// LedgerUnsigned means that the ledger could not be signed, for another reason.
	LedgerUnsigned TroubleCode = "ledger-unsigned"
)

// Trouble is one of them, with the facts that belong to it.
type Trouble struct {
	Code  TroubleCode
	Ahead time.Duration // by how much Symphony's clock is ahead, with ClocksApart
	Err   error         // why, with HookFails, LedgerAltered, LedgerUnsigned and WitnessRefuses
	Whom  []string      // the witnesses, with WitnessRefuses
	At    time.Time     // when it was found, if that matters; with NotWitnessed, what enough have seen last
	Since time.Time     // since when nothing is signed, with LedgerAltered and LedgerUnsigned
}

// Grave says whether what is shown or recorded can't be trusted any more, or not proven.
func (t Trouble) Grave() bool {
	return slices.Contains([]TroubleCode{LedgerAltered, LedgerUnsigned, DatabaseDamaged, WitnessRefuses}, t.Code)
}

// TroubleLink leads to the event that a trouble is about; to nowhere where it is about none.
func TroubleLink(t Trouble) ui.Link {
	altered, ok := errors.AsType[*ledger.AlteredError](t.Err)
	if !ok || t.Code != LedgerAltered {
		return ui.Link{}
	}
	return ui.Link{Label: fmt.Sprintf("See event %d", altered.First.Seq), Href: views.EventPath(altered.First.Seq)}
}

// UnsignedWords says of an error of signing the ledger what is missing or wrong, how it is
// with that in a word, what follows, and what to do; nothing where it is no such error.
func UnsignedWords(err error) (whom, word, text string) {
	const meanwhile = " You can go on working: everything is recorded, but nothing is signed, and exports with proofs fail. "
	const unrecorded = " What it recorded could not be told from what somebody put into the database, so that it records nothing and changes nothing, and nobody else can sign in. "
	switch {
	case errors.Is(err, ledger.ErrKey):
		return "The ledger’s key", "Missing", "This process of Foyer doesn’t have the key that signs the ledger’s checkpoints." + unrecorded + "Give it the key file of the other processes, or the one from the backup, and start it again."
	case errors.Is(err, ledger.ErrNoAnchor):
		return "The ledger’s anchor", "Missing", "Nothing outside the database says what of the ledger was signed before." + meanwhile + "Whoever runs Foyer gives it the file of checkpoints that was kept, or says that this is right: the manual has how."
	case errors.Is(err, ledger.ErrOtherAnchor):
		return "The ledger’s anchor", "Another ledger’s", "The file that says what of the ledger was signed before belongs to the ledger of another installation." + meanwhile + "Whoever runs Foyer gives it the file of its own: the manual has how."
	case errors.Is(err, ledger.ErrHead):
		return "The ledger", "Damaged", "The row in the database that says where the ledger goes on was altered or lost, so that nothing can be recorded or changed. Tell whoever runs Foyer at once: ‘foyer audit verify’ says more."
	case errors.Is(err, ledger.ErrNotContinued):
		return "The ledger", "Not continued", "The ledger doesn’t go on from what was signed before: an older database was put back, or events were changed." + meanwhile + "Tell whoever runs Foyer at once: ‘foyer audit verify’ says what is wrong."
	}
	return "", "", ""
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
		return "The ledger", "Altered", "Events are not what Foyer recorded" + first + ", so that nothing is signed any more, and exports with proofs fail. You can go on working: everything is recorded as before. Tell whoever runs Foyer at once: ‘foyer audit verify’ says what is wrong."
	case WitnessRefuses:
		who, them, it, word := "The witness "+t.Whom[0], "doesn’t", "it", "Refuses the ledger"
		if len(t.Whom) > 1 {
			who, them, it, word = "The witnesses "+strings.Join(t.Whom, ", "), "don’t", "the first of them", "Refuse the ledger"
		}
		return who, word, who + " " + them + " cosign the ledger any more: " + it + " " + t.Err.Error() + ". An older database was put back, or events were changed. You can go on working: everything is recorded and signed as before. Tell whoever runs Foyer at once; they ask whoever runs the witness what it has seen."
	case NotWitnessed:
		return "Witnesses", "Too few", "Since " + ui.UTC(t.At) + " fewer witnesses than the policy asks for have seen what is recorded. You can go on working: everything is recorded and signed as before, and they see it once they are back. Whoever runs Foyer finds in the log which of them don’t answer, and why."
	case LedgerUnsigned:
		return "The ledger", "Not signed", "The ledger can’t be signed, since " + ui.UTC(t.Since) + ": the log says why. Often a disk is full, or the folder of its anchor can’t be written. You can go on working: everything is recorded as before; exports with proofs fail. Tell whoever runs Foyer."
	}
	return "Foyer", "Trouble", string(t.Code)
}
