package activity

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/google/uuid"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
)

// ErrUnsigned says that a checkpoint of the ledger could not be signed: most
// gravely because the ledger does not continue the last one. What needed the
// checkpoint was not done.
var ErrUnsigned = errors.New("the ledger could not be signed")

// SignedLedger is a checkpoint, with what confirms it.
type SignedLedger struct {
	ledger.Checkpoint          // the zero time says that none was signed yet
	Note              string   // the signed note
	Keys              []string // the public keys, the newest first
	// Witnesses are those who are asked to cosign it, with what each has last seen; only
	// where people see it.
	Witnesses []ledger.Sight
}

// Ledger returns the last checkpoint.
func (p *Activity) Ledger(ctx context.Context, a auth.Actor) (SignedLedger, error) {
	if err := p.gate.Require(ctx, a, auth.SeeActivity, ledger.Company{}); err != nil {
		return SignedLedger{}, err
	}
	return p.seenCheckpoint(ctx)
}

// seenCheckpoint is the last checkpoint, with what witnesses have seen.
func (p *Activity) seenCheckpoint(ctx context.Context) (SignedLedger, error) {
	signed, err := p.lastCheckpoint(ctx)
	if err == nil {
		signed.Witnesses, err = p.store.Sights(ctx)
	}
	return signed, err
}

func (p *Activity) lastCheckpoint(ctx context.Context) (SignedLedger, error) {
	signed, c, err := p.store.Checkpoint(ctx)
	if err != nil && !errors.Is(err, portal.ErrNotStored) {
		return SignedLedger{}, fmt.Errorf("read checkpoint: %w", err)
	}
	return SignedLedger{Checkpoint: c, Note: string(signed), Keys: p.store.PublicKeys()}, nil
}

// Sign signs the ledger as it is now, unless the last checkpoint still says it.
// ErrUnsigned when it can't be, and portal.ErrNotGivenOut when what was signed can't be
// kept. It is for other use cases, and checks no permission.
func (p *Activity) Sign(ctx context.Context) (SignedLedger, error) {
	signed, _, err := p.store.SignCheckpoint(ctx)
	if errors.Is(err, ledger.ErrNotRecorded) {
		return SignedLedger{}, fmt.Errorf("%w: %w", portal.ErrNotGivenOut, err)
	}
	if err != nil {
		return SignedLedger{}, fmt.Errorf("%w: %w", ErrUnsigned, err)
	}
	c, err := ledger.ReadCheckpoint(signed)
	return SignedLedger{Checkpoint: c, Note: string(signed), Keys: p.store.PublicKeys()}, err
}

// CheckSigning says why this process can't sign the ledger, ledger.ErrKey,
// ledger.ErrNoAnchor or ledger.ErrNotContinued, to those whom it keeps from exports.
func (p *Activity) CheckSigning(ctx context.Context, a auth.Actor) error {
	if !a.Can(auth.SeeActivity) {
		return nil
	}
	return p.store.CheckSigning(ctx)
}

// EventProof says where an event stands in the log, and whether the last
// checkpoint covers it.
type EventProof struct {
	Leaf    string // the event's hash, in base64
	Covered bool
	Signed  SignedLedger
}

// EventProof returns how an event is proven, for people to see.
func (p *Activity) EventProof(ctx context.Context, a auth.Actor, seq int64) (EventProof, error) {
	if err := p.gate.Require(ctx, a, auth.SeeActivity, ledger.Company{}); err != nil {
		return EventProof{}, err
	}
	signed, err := p.seenCheckpoint(ctx)
	if err != nil {
		return EventProof{}, err
	}
	evidence, err := p.store.EvidenceAt(ctx, seq, max(seq, signed.Size))
	if errors.Is(err, portal.ErrNotStored) {
		err = portal.ErrNotFound
	}
	if err != nil {
		return EventProof{}, fmt.Errorf("prove event: %w", err)
	}
	return EventProof{Leaf: evidence.Record().Leaf().String(), Covered: seq <= signed.Size, Signed: signed}, nil
}

// ProveEvent returns an event with its proof and the checkpoint that covers it,
// which is signed when there is none yet. That it leaves Foyer as a file called
// what is recorded first.
func (p *Activity) ProveEvent(ctx context.Context, a auth.Actor, seq int64, what string) (ledger.Evidence, error) {
	if _, err := p.Event(ctx, a, seq); err != nil {
		return ledger.Evidence{}, err
	}
	if err := p.RecordExport(ctx, a, auth.SeeActivity, what, 1); err != nil {
		return ledger.Evidence{}, err
	}
	evidence, err := p.store.Evidence(ctx, seq)
	if errors.Is(err, portal.ErrNotStored) {
		if _, err := p.Sign(ctx); err != nil {
			return ledger.Evidence{}, err
		}
		evidence, err = p.store.Evidence(ctx, seq)
	}
	if err != nil {
		return ledger.Evidence{}, fmt.Errorf("prove event: %w", err)
	}
	return evidence, nil
}

// ProvenExport is part of the ledger on its way out of Foyer, with its proofs.
type ProvenExport struct {
	Signed SignedLedger // covers every event of the export
	Rows   int          // how many it is recorded to have

	activity *Activity
	events   func(context.Context) iter.Seq2[ledger.Evidence, error]
	intent   ledger.Event
}

// ExportProven begins the export of the events of a filter: it signs the ledger
// as it is now, which bounds the export, and records that a file called what is
// about to leave. Nothing may be sent when it fails.
func (p *Activity) ExportProven(ctx context.Context, a auth.Actor, f ledger.Filter, what string) (*ProvenExport, error) {
	if err := p.gate.Require(ctx, a, auth.SeeActivity, ledger.Company{}); err != nil {
		return nil, err
	}
	signed, err := p.Sign(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := p.store.CountEvents(ctx, f, signed.Size)
	if err != nil {
		return nil, fmt.Errorf("export events: %w", err)
	}
	return p.BeginExport(ctx, ledger.Event{Actor: a, Note: what}, signed, rows, func(ctx context.Context) iter.Seq2[ledger.Evidence, error] {
		return p.store.ProvenEvents(ctx, f, signed.Size)
	})
}

// BeginExport records that a file is about to leave, with so many rows. The event says
// by whom and of what; its note how the file is called, or a fact of its code. It is for other use cases,
// and checks no permission.
func (p *Activity) BeginExport(ctx context.Context, intent ledger.Event, signed SignedLedger, rows int, events func(context.Context) iter.Seq2[ledger.Evidence, error]) (*ProvenExport, error) {
	intent.Action, intent.Outcome, intent.Change, intent.After = ledger.Export, ledger.Intent, uuid.NewString(), portal.Values("rows", rows)
	if err := p.Record(ctx, intent); err != nil {
		return nil, fmt.Errorf("%w: %w", portal.ErrNotGivenOut, err)
	}
	return &ProvenExport{Signed: signed, Rows: rows, activity: p, events: events, intent: intent}, nil
}

// Events reads the events with their proofs, newest first; it may be called more
// than once, and gives the same ones. It ends with an error when they can't be
// read.
func (e *ProvenExport) Events(ctx context.Context) iter.Seq2[ledger.Evidence, error] {
	return e.events(ctx)
}

// Earlier reads the checkpoints before Signed that the export can be held against,
// with the proofs that the ledger continues them.
func (e *ProvenExport) Earlier(ctx context.Context) iter.Seq2[ledger.Earlier, error] {
	return e.activity.store.EarlierCheckpoints(ctx, e.Signed.Size)
}

// Sign signs what the archive of the export says of itself: ErrUnsigned when it can't be.
func (e *ProvenExport) Sign(manifest []byte) ([]byte, error) {
	signed, err := e.activity.store.SignArchive(manifest)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnsigned, err)
	}
	return signed, nil
}

// Finish records that the whole export was sent: how many rows, the hash of each file, as
// words, and that of the manifest, which says what is in the archive. Thus a file that
// turns up later can be recognised, and the proof of the event is one of the archive.
func (e *ProvenExport) Finish(ctx context.Context, rows int, manifest []byte, hashes []string) error {
	done := e.intent
	hash := sha256.Sum256(manifest)
	done.Outcome, done.After, done.SHA256 = ledger.Succeeded, portal.Values("rows", rows, "sha256", hashes), hex.EncodeToString(hash[:])
	return e.activity.Record(ctx, done)
}

// ProvenByNumber reads the events of these numbers, newest first, with their proofs for
// a ledger of that size. What was recorded later is left out. It is for other use cases,
// and checks no permission.
func (p *Activity) ProvenByNumber(ctx context.Context, numbers map[int64]bool, size int64) iter.Seq2[ledger.Evidence, error] {
	return func(yield func(ledger.Evidence, error) bool) {
		for _, seq := range slices.Backward(slices.Sorted(maps.Keys(numbers))) {
			if seq > size {
				continue
			}
			if evidence, err := p.store.EvidenceAt(ctx, seq, size); !yield(evidence, err) || err != nil {
				return
			}
		}
	}
}
