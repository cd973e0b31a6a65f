package ledger

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Witnesses are those outside who cosign a ledger's checkpoints, and how many of whom it
// takes, as a file in the form of C2SP's tlog-policy says. What they have cosigned not even
// who has the ledger's key can replace by something else. No witnesses are nil.
type Witnesses struct {
	list   []Witness
	logs   []string // the names of the ledgers that the file is for; none where it doesn't say
	quorum torchwood.Policy
}

// Witness is one of them.
type Witness struct {
	Name string // as the policy calls it
	Key  string // the public key of its cosignatures: name+hash+key
	URL  string // where it takes checkpoints, as C2SP's tlog-witness has it; empty where it doesn't say

	verifier *torchwood.CosignatureVerifier
}

// Cosignature says that a witness has seen a checkpoint that went on from all that it had
// seen of the ledger before.
type Cosignature struct {
	Witness string    // its name in the policy
	At      time.Time // by the clock of the witness; UTC, seconds
}

// Sight is what a witness has last seen of a ledger, as its cosignature says. Its zero time
// says that there is none.
type Sight struct {
	Cosignature
	Size int64 // of the checkpoint that it has cosigned
}

// Prover gives the proof that the ledger of a checkpoint goes on from itself as it was at
// an older size, for tlog.CheckTree. Of a size above the checkpoint's there is none; the
// error is ErrNotContinued where the ledger doesn't have so many events.
type Prover func(ctx context.Context, older int64) (tlog.TreeProof, error)

// mostWitnesses is how many there may be: a note has room for a hundred signatures, some of
// which are the ledger's own.
const mostWitnesses = 90

// ParseWitnesses reads a policy.
func ParseWitnesses(policy []byte) (*Witnesses, error) {
	w := new(Witnesses)
	var rest strings.Builder // the policy, as far as it is about witnesses
	n := 0
	for line := range strings.Lines(string(policy)) {
		n++
		said, _, _ := strings.Cut(line, "#")
		fields := strings.Fields(said) // any white space: a file may come from Windows
		if len(fields) > 1 && fields[0] == "log" {
			name, _, _ := strings.Cut(fields[1], "+")
			w.logs = append(w.logs, name)
			fields = nil // who signs for the ledger is said elsewhere; the lines stay counted
		}
		if len(fields) > 2 && fields[0] == "witness" {
			witness, err := newWitness(fields[1:])
			if err == nil && slices.ContainsFunc(w.list, func(o Witness) bool { return o.Key == witness.Key }) {
				err = errors.New("its key is there twice")
			}
			if err != nil {
				return nil, fmt.Errorf("read witnesses: line %d: %w", n, err)
			}
			w.list = append(w.list, witness)
		}
		rest.WriteString(strings.Join(fields, " ") + "\n")
	}
	if len(w.list) > mostWitnesses {
		return nil, fmt.Errorf("read witnesses: a checkpoint has no room for more than %d", mostWitnesses)
	}
	var err error
	if w.quorum, err = torchwood.ParsePolicy([]byte(rest.String())); err != nil {
		return nil, fmt.Errorf("read witnesses: %w", err)
	}
	return w, nil
}

func newWitness(fields []string) (Witness, error) {
	w := Witness{Name: fields[0], Key: fields[1]}
	if len(fields) > 2 {
		w.URL = fields[2]
	}
	if u, err := url.Parse(w.URL); err != nil || w.URL != "" && (u.Scheme != "https" && u.Scheme != "http" || u.Host == "") {
		return w, errors.New("where it takes checkpoints is not an address of the web")
	}
	var err error
	if w.verifier, err = torchwood.NewCosignatureVerifier(w.Key); err != nil {
		return w, fmt.Errorf("it is not the key of a witness: %w", err)
	}
	return w, nil
}

// For is an error where the policy is for other ledgers than the one of that name, or takes
// that for a witness of itself.
func (w *Witnesses) For(origin string) error {
	for _, witness := range w.List() {
		if witness.verifier.Name() == origin {
			return fmt.Errorf("the witness %s is the ledger itself", witness.Name)
		}
	}
	if w != nil && len(w.logs) > 0 && !slices.Contains(w.logs, origin) {
		return fmt.Errorf("the policy is for the ledger %s, and this one is %s", strings.Join(w.logs, ", "), origin)
	}
	return nil
}

// List are the witnesses in the order of the policy.
func (w *Witnesses) List() []Witness {
	if w == nil {
		return nil
	}
	return w.list
}

// Of gives the cosignatures by witnesses of the policy that a signed checkpoint has, in the
// order in which they stand. Who else has signed it is not looked at.
func (w *Witnesses) Of(signed []byte) []Cosignature {
	_, cosignatures := w.open(signed)
	return cosignatures
}

// Enough says whether a signed checkpoint has the cosignatures that the policy asks for.
func (w *Witnesses) Enough(signed []byte) bool {
	if w == nil {
		return false
	}
	signatures, _ := w.open(signed)
	return w.quorum.Check("", signatures) == nil
}

// EnoughAt is when so many had cosigned a signed checkpoint as the policy asks for, counted
// from the last: who says a later time than the others, and is not enough alone, doesn't
// change it. It is the zero time where there are too few, or nobody is asked for.
func (w *Witnesses) EnoughAt(signed []byte) (at time.Time) {
	if w == nil {
		return at
	}
	signatures, cosignatures := w.open(signed)
	order := make([]int, len(signatures))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cosignatures[b].At.Compare(cosignatures[a].At) })
	var latest []note.Signature
	for _, i := range order {
		if w.quorum.Check("", latest) == nil {
			break
		}
		latest, at = append(latest, signatures[i]), cosignatures[i].At
	}
	if w.quorum.Check("", latest) != nil {
		return time.Time{}
	}
	return at
}

// Only leaves a signed checkpoint the signatures of the ledger's own keys and the
// cosignatures by witnesses of the policy. What others wrote behind it could be so much that
// there is no room for more.
func (w *Witnesses) Only(signed []byte, ledgers note.Verifiers) ([]byte, error) {
	own, err := WithoutCosignatures(signed, ledgers)
	if err != nil {
		return nil, err
	}
	_, lines, _ := strings.Cut(string(signed), "\n\n")
	for _, witness := range w.List() {
		own, _ = w.Add(own, []byte(lines), witness)
	}
	return own, nil
}

// Add adds cosignatures, as a witness gives them, to a signed checkpoint: those of that
// witness alone, and none that it has already. added says whether there was one.
func (w *Witnesses) Add(signed, lines []byte, by Witness) (with []byte, added bool) {
	has, _ := w.open(signed)
	only := &Witnesses{list: []Witness{by}}
	text, _, _ := strings.Cut(string(signed), "\n\n")
	given, _ := only.open(fmt.Appendf(nil, "%s\n\n%s", text, lines))
	for _, s := range given {
		if !slices.ContainsFunc(has, func(o note.Signature) bool { return o.Name == s.Name && o.Hash == s.Hash }) {
			return fmt.Appendf(slices.Clip(signed), "— %s %s\n", s.Name, s.Base64), true
		}
	}
	return signed, false
}

// open verifies each signature by itself: that of one witness can't spoil another's. Of
// each witness the first counts.
func (w *Witnesses) open(signed []byte) (signatures []note.Signature, cosignatures []Cosignature) {
	_, err := note.Open(signed, note.VerifierList())
	unverified, ok := errors.AsType[*note.UnverifiedNoteError](err)
	if !ok || w == nil {
		return nil, nil
	}
	for _, s := range unverified.Note.UnverifiedSigs {
		same := func(name string, hash uint32) bool { return s.Name == name && s.Hash == hash }
		i := slices.IndexFunc(w.list, func(o Witness) bool { return same(o.verifier.Name(), o.verifier.KeyHash()) })
		if i < 0 || slices.ContainsFunc(signatures, func(o note.Signature) bool { return same(o.Name, o.Hash) }) {
			continue
		}
		at, timed := cosignedAt(s)
		signature, _ := base64.StdEncoding.DecodeString(s.Base64)
		if timed && w.list[i].verifier.Verify([]byte(unverified.Note.Text), signature[4:]) {
			signatures, cosignatures = append(signatures, s), append(cosignatures, Cosignature{w.list[i].Name, at})
		}
	}
	return signatures, cosignatures
}
