package activity

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/evidence"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/activity"
	"foyer/views"
	pages "foyer/views/activity"
	"foyer/views/ui"
)

// Proof handles GET /audit/:seq/proof.json: one event with all that is needed to
// prove it without Foyer.
func (h *Handlers) Proof(c echo.Context) error {
	return h.prove(c, proofFile, echo.MIMEApplicationJSON, ledger.Evidence.Encode)
}

// TLogProof handles GET /audit/:seq/proof.tlog-proof: the same for programs that know
// nothing of Foyer, without anything personal.
func (h *Handlers) TLogProof(c echo.Context) error {
	return h.prove(c, tlogProofFile, "text/plain; charset=utf-8", ledger.Evidence.TLogProof)
}

// prove sends the proof of one event as a file.
func (h *Handlers) prove(c echo.Context, name func(seq int64) string, kind string, encode func(ledger.Evidence) ([]byte, error)) error {
	seq, err := eventSeq(c)
	if err != nil {
		return err
	}
	evidence, err := h.Activity.ProveEvent(c.Request().Context(), kit.Actor(c), seq, name(seq))
	if err != nil {
		return err
	}
	proof, err := encode(evidence)
	if err != nil {
		return err
	}
	return h.SendFile(c, kind, name(seq), func(w io.Writer) error {
		_, err := w.Write(proof)
		return err
	})
}

// Checkpoint handles GET /audit/checkpoint.txt: the last one, to keep elsewhere.
func (h *Handlers) Checkpoint(c echo.Context) error {
	signed, err := h.Activity.Ledger(c.Request().Context(), kit.Actor(c))
	if err != nil {
		return err
	}
	if signed.Note == "" {
		return portal.ErrNotFound
	}
	return c.String(http.StatusOK, signed.Note)
}

// unsigned says why nothing is signed now: that the ledger was altered, or can't be signed,
// by this process or at all; nil where it is signed. Whoever reads the ledger must know.
func (h *Handlers) unsigned(ctx context.Context, a auth.Actor) *pages.Unsigned {
	for _, t := range h.Troubles() {
		if t.Code == wording.LedgerAltered || t.Code == wording.LedgerUnsigned {
			whom, word, text := wording.TroubleWords(t)
			return &pages.Unsigned{Title: whom + ": " + strings.ToLower(word), Text: text, Link: wording.TroubleLink(t)}
		}
	}
	if whom, word, text := wording.UnsignedWords(h.Activity.CheckSigning(ctx, a)); whom != "" {
		return &pages.Unsigned{Title: whom + ": " + strings.ToLower(word), Text: text}
	}
	return nil
}

// proofFile is what the file with an event's proof is called.
func proofFile(seq int64) string { return fmt.Sprintf("event-%d-proof.json", seq) }

func tlogProofFile(seq int64) string { return fmt.Sprintf("event-%d.tlog-proof", seq) }

// eventProof maps how an event is proven.
func eventProof(seq int64, p activity.EventProof) pages.Proof {
	var f facts
	f.add("Number in the ledger", ui.Number(int(seq)))
	f = append(f, ui.KeyValueItem{Key: "Leaf hash", Content: pages.ShortHash(p.Leaf)})
	if p.Covered {
		f.add("Covered by", "the checkpoint of "+ui.Count(int(p.Signed.Size), "event", "events"))
		f.add("Signed", ui.UTC(p.Signed.At))
		f = append(f, ui.KeyValueItem{Key: "Root hash", Content: pages.ShortHash(p.Signed.Root.String())})
		f.put(ui.KeyValueItem{Key: "Key", Value: p.Signed.Origin, Code: true})
	}
	if len(p.Signed.Witnesses) > 0 {
		f.add("Seen by", cmp.Or(strings.Join(whoHasSeen(p.Signed.Witnesses, seq), ", "), "no witness yet"))
	}
	return pages.Proof{
		Covered: p.Covered, Facts: f, Href: views.EventProofPath(seq), TLogHref: views.EventTLogProofPath(seq), Command: evidence.VerifyCommand(proofFile(seq), p.Signed.Keys),
	}
}

// whoHasSeen names the witnesses that have cosigned a checkpoint which covers an event.
func whoHasSeen(witnesses []ledger.Sight, seq int64) (names []string) {
	for _, w := range witnesses {
		if w.Size >= seq {
			names = append(names, w.Witness)
		}
	}
	return names
}

// witness maps what a witness has last seen of a ledger, or that it refuses it.
func witness(w ledger.Sight, refuses bool, signed activity.SignedLedger, now time.Time) pages.Witness {
	row := pages.Witness{Name: w.Witness, State: ui.StatusProps{Kind: ui.StatusReady, Word: "Up to date"}}
	switch {
	case refuses:
		row.State = ui.StatusProps{Kind: ui.StatusFailed, Word: "Refuses"}
	case w.At.IsZero():
		row.State = ui.StatusProps{Kind: ui.StatusWaiting, Word: "Nothing seen lately"}
	case now.Sub(w.At) > ledger.SignedWithin:
		row.State = ui.StatusProps{Kind: ui.StatusWaiting, Word: "Behind"}
	case w.Size < signed.Size:
		row.State = ui.StatusProps{Kind: ui.StatusWaiting, Word: "A checkpoint behind"}
	}
	if !w.At.IsZero() {
		row.Seen, row.At = ui.Count(int(w.Size), "event", "events"), w.At
	}
	return row
}

// refusing names the witnesses that refuse the ledger, as far as this process knows.
func (h *Handlers) refusing() []string {
	for _, t := range h.Troubles() {
		if t.Code == wording.WitnessRefuses {
			return t.Whom
		}
	}
	return nil
}

// ledgerCard maps the last checkpoint of the ledger.
func ledgerCard(signed activity.SignedLedger, refusing []string, now time.Time) pages.LedgerCard {
	card := pages.LedgerCard{Command: evidence.VerifyCommand("activity-….zip", signed.Keys)}
	if signed.Note == "" {
		return card
	}
	card.Note, card.Keys = signed.Note, signed.Keys
	card.Facts = []ui.KeyValueItem{
		{Key: "Last checkpoint", Value: ui.Count(int(signed.Size), "event", "events")},
		{Key: "Signed", Value: ui.UTC(signed.At)},
		{Key: "Root hash", Content: pages.ShortHash(signed.Root.String())},
		{Key: "Key", Value: signed.Origin, Code: true},
	}
	for _, w := range signed.Witnesses {
		card.Witnesses = append(card.Witnesses, witness(w, slices.Contains(refusing, w.Witness), signed, now))
	}
	return card
}
