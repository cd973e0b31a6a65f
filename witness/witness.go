package witness

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"foyer/ledger"
)

// Options says what a witness is. Cosigner, Folder and Ledgers are required.
type Options struct {
	// Cosigner signs what the witness has seen.
	Cosigner *ledger.Cosigner
	// Folder keeps what it has seen, a file for each ledger. No other process may use it
	// meanwhile.
	Folder string
	// Ledgers are the public keys (name+hash+key) of the ledgers that it follows; one
	// whose key was replaced has several.
	Ledgers []string
	// Now gives the time of cosignatures; time.Now if nil.
	Now func() time.Time
	// Logger is told what is cosigned and what is refused; nothing is logged if nil.
	Logger *slog.Logger
}

// Witness follows ledgers. Its methods may be called concurrently.
type Witness struct {
	cosigner *ledger.Cosigner
	now      func() time.Time
	log      *slog.Logger
	ledgers  map[string]*followed // by their origin
	folder   *os.File
}

// followed is a ledger that is followed.
type followed struct {
	origin    string
	verifiers note.Verifiers
	files     files

	mu        sync.Mutex // held from the check of what was seen until the next is kept
	seen      torchwood.Checkpoint
	seenAt    time.Time // zero until something was seen
	signedAt  time.Time // when its ledger last signed one that was cosigned; zero where it doesn't say
	keptAt    time.Time // when the last one was kept
	refused   string    // why the last one was that contradicts it
	refusedAt time.Time
	contrary  map[tlog.Hash]bool // of the texts of those that contradict it
}

// New makes a witness, which goes on from what its folder says.
func New(o Options) (*Witness, error) {
	w := &Witness{cosigner: o.Cosigner, now: o.Now, log: o.Logger, ledgers: map[string]*followed{}}
	if w.now == nil {
		w.now = time.Now
	}
	if w.log == nil {
		w.log = slog.New(slog.DiscardHandler)
	}
	keys := map[string][]string{}
	for _, key := range o.Ledgers {
		origin, _, _ := strings.Cut(key, "+")
		keys[origin] = append(keys[origin], key)
	}
	var err error
	if w.folder, err = lock(o.Folder); err != nil {
		return nil, fmt.Errorf("make witness: %w", err)
	}
	for origin, public := range keys {
		f := &followed{origin: origin, files: filesOf(w.folder, origin)}
		if f.verifiers, err = ledger.NewVerifiers(public...); err != nil {
			err = fmt.Errorf("%s is not the public key of a ledger: %w", strings.Join(public, ", "), err)
		} else {
			err = w.restore(f)
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("make witness: %w", err), w.Close())
		}
		w.ledgers[origin] = f
	}
	return w, nil
}

// Close leaves the folder to another process.
func (w *Witness) Close() error {
	// A process that is just being started may have the folder open, too.
	return errors.Join(syscall.Flock(int(w.folder.Fd()), syscall.LOCK_UN), w.folder.Close())
}

// restore has a ledger go on from what was seen of it before this start.
func (w *Witness) restore(f *followed) error {
	seen, err := f.files.kept()
	if err == nil {
		err = f.restoreRefused(seen)
	}
	if err != nil || len(seen) == 0 {
		return err
	}
	signed := seen[len(seen)-1]
	n, err := note.Open(signed, note.VerifierList(w.cosigner.Verifier()))
	if err != nil {
		return fmt.Errorf("the last checkpoint in %s was not cosigned with this key: %w", f.files.seen, err)
	}
	if f.seen, err = torchwood.ParseCheckpoint(n.Text); err != nil {
		return fmt.Errorf("read %s: %w", f.files.seen, err)
	}
	if f.seen.Origin != f.origin {
		return fmt.Errorf("%s is about the ledger %s", f.files.seen, f.seen.Origin)
	}
	at, err := torchwood.CosignatureTimestamp(n.Sigs[0])
	f.seenAt = time.Unix(at, 0).UTC()
	f.keptAt, f.signedAt = f.seenAt, signedAt(signed, f.verifiers)
	return err
}

// restoreRefused has a start forget nothing of what speaks against a ledger: what was refused
// before, and is not among what was cosigned after all.
func (f *followed) restoreRefused(seen [][]byte) error {
	refused, last, err := f.files.keptRefused()
	if err != nil {
		return err
	}
	f.contrary = map[tlog.Hash]bool{}
	for _, signed := range refused {
		f.contrary[hashOf(signed)] = true
	}
	for _, signed := range seen {
		delete(f.contrary, hashOf(signed))
	}
	if n := len(f.contrary); n > 0 {
		f.refusedAt, f.refused = last, fmt.Sprintf("the last of %d checkpoints that are in %s", n, filepath.Base(f.files.refused))
	}
	return nil
}

// hashOf is of what a checkpoint says, whoever signed it.
func hashOf(signed []byte) tlog.Hash {
	text, _, _ := bytes.Cut(signed, []byte("\n\n"))
	return tlog.RecordHash(bytes.TrimSuffix(text, []byte("\n")))
}

// signedAt is when a ledger signed a checkpoint, by its own cosignature; the zero time where
// it doesn't say.
func signedAt(signed []byte, verifiers note.Verifiers) time.Time {
	c, err := ledger.OpenCheckpoint(signed, verifiers)
	if err != nil {
		return time.Time{}
	}
	return c.At
}

// Handler serves the witness: POST /add-checkpoint as C2SP's tlog-witness has it, and at
// its root what it has seen, for people.
func (w *Witness) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /add-checkpoint", w.addCheckpoint)
	mux.HandleFunc("GET /{$}", w.show)
	return mux
}

// refusal is why a checkpoint is not cosigned.
type refusal struct {
	status int
	size   int64 // what was seen, with http.StatusConflict
	why    string
}

// Error implements error.
func (r *refusal) Error() string { return r.why }

// mostBytes is how long a request may be: a proof has at most 63 lines, and a checkpoint
// at most a hundred signatures.
const mostBytes = 64 << 10

func (w *Witness) addCheckpoint(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, mostBytes))
	if err != nil {
		http.Error(rw, "the request can't be read, or is too long", http.StatusBadRequest)
		return
	}
	lines, err := w.add(body)
	var refused *refusal
	switch {
	case errors.As(err, &refused) && refused.status == http.StatusConflict:
		rw.Header().Set("Content-Type", "text/x.tlog.size")
		rw.WriteHeader(http.StatusConflict)
		fmt.Fprintf(rw, "%d\n", refused.size)
	case refused != nil:
		http.Error(rw, refused.why, refused.status)
	case err != nil:
		w.log.ErrorContext(r.Context(), "a checkpoint can’t be kept, and is not cosigned", "error", err)
		http.Error(rw, "what is seen can't be kept", http.StatusInternalServerError)
	default:
		rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = rw.Write(lines)
	}
}

// add cosigns a checkpoint that goes on from the last one of its ledger, and gives the
// line of the cosignature. The error is a refusal, or that it can't be kept.
func (w *Witness) add(body []byte) (lines []byte, err error) {
	old, proof, signed, err := parseRequest(body)
	if err != nil {
		return nil, &refusal{status: http.StatusBadRequest, why: err.Error()}
	}
	origin, _, _ := strings.Cut(string(signed), "\n")
	f := w.ledgers[origin]
	if f == nil {
		return nil, &refusal{status: http.StatusNotFound, why: "this witness doesn't follow that ledger"}
	}
	n, err := note.Open(signed, f.verifiers)
	if err != nil {
		return nil, &refusal{status: http.StatusForbidden, why: "the ledger's key has not signed it"}
	}
	next, err := torchwood.ParseCheckpoint(n.Text)
	if err != nil || next.Origin != origin {
		return nil, &refusal{status: http.StatusBadRequest, why: "it is no checkpoint"}
	}
	// Anybody can have written the other signatures: they are neither kept nor shown.
	n.UnverifiedSigs = nil
	by := signedAt(signed, f.verifiers)

	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.goesOn(next, old, proof); err != nil {
		if why := f.contradicts(next, by, err); why != "" {
			w.refuse(f, next, n, why)
		}
		return nil, err
	}
	if lines, err = w.cosign(f, next, n, by); err == nil {
		f.accept(n)
	}
	return lines, err
}

// againAfter is how long after the last one a checkpoint of the same size is kept, too:
// Foyer sends one every hour.
const againAfter = 30 * time.Minute

// cosign cosigns a checkpoint that goes on from the last one, once that is kept. Anybody
// may send one again and again: that fills neither the folder nor the log, and doesn't have
// the ledger signed at another time than it last was.
func (w *Witness) cosign(f *followed, next torchwood.Checkpoint, n *note.Note, by time.Time) ([]byte, error) {
	at := w.now().UTC().Truncate(time.Second)
	own, err := note.Sign(&note.Note{Text: n.Text}, w.cosigner.At(at))
	if err != nil {
		return nil, err
	}
	grown := next.N != f.seen.N
	if grown || at.Sub(f.keptAt) >= againAfter && (by.After(f.signedAt) || f.signedAt.IsZero()) {
		cosigned, err := note.Sign(n, w.cosigner.At(at))
		if err == nil {
			err = f.files.keep(cosigned)
		}
		if err != nil {
			return nil, err
		}
		f.keptAt = at
		w.log.Info("cosigned", "ledger", f.origin, "size", next.N, "root", next.Hash.String())
	}
	f.seen, f.seenAt = next, at
	if by.After(f.signedAt) || grown && !by.IsZero() {
		f.signedAt = by
	}
	return own[len(n.Text)+1:], nil
}

// goesOn says why a checkpoint doesn't go on from the last one, if that is so.
func (f *followed) goesOn(next torchwood.Checkpoint, old int64, proof tlog.TreeProof) error {
	switch {
	case old > next.N:
		return &refusal{status: http.StatusBadRequest, why: "its old size is above its own"}
	case old != f.seen.N:
		return &refusal{status: http.StatusConflict, size: f.seen.N, why: "it doesn't begin at what was seen"}
	case next.N == 0 && next.Hash != new(ledger.Tree).Root():
		return &refusal{status: http.StatusUnprocessableEntity, why: "nothing has another root"}
	case old == 0 && len(proof) == 0:
		return nil
	case old == next.N && next.Hash != f.seen.Hash:
		return &refusal{status: http.StatusConflict, size: f.seen.N, why: "another ledger of as many events was seen: it was forked or rewritten"}
	case old == next.N && len(proof) == 0:
		return nil
	case old == 0 || tlog.CheckTree(proof, next.N, next.Hash, old, f.seen.Hash) != nil:
		return &refusal{status: http.StatusUnprocessableEntity, why: "nothing proves that it goes on from what was seen: it was forked or rewritten, or somebody sent it without its proof"}
	}
	return nil
}

// clocksDiffer is how far the clocks of processes that sign one ledger may be apart.
const clocksDiffer = 5 * time.Minute

// contradicts says what speaks against the ledger in a checkpoint that its key has signed,
// and that is not cosigned; nothing where it may only have come late, or asks what was seen.
func (f *followed) contradicts(next torchwood.Checkpoint, by time.Time, err error) string {
	switch {
	case next.N == f.seen.N && next.Hash != f.seen.Hash:
		return "another ledger of as many events was seen: it was forked or rewritten"
	case next.N < f.seen.N && !f.signedAt.IsZero() && by.Sub(f.signedAt) > clocksDiffer:
		return fmt.Sprintf("%d were seen that were signed before: the end was cut off, or an older ledger was put back", f.seen.N)
	}
	if refused, ok := errors.AsType[*refusal](err); ok && refused.status == http.StatusUnprocessableEntity {
		return refused.why
	}
	return ""
}

// mostContrary is of how many checkpoints a witness remembers that it refused them.
const mostContrary = 1000

// refuse notes that a checkpoint contradicts what was seen, and keeps it, once: it can be
// shown to others.
func (w *Witness) refuse(f *followed, next torchwood.Checkpoint, n *note.Note, why string) {
	f.refused, f.refusedAt = fmt.Sprintf("a checkpoint of %d events: %s", next.N, why), w.now().UTC()
	signed, err := note.Sign(n)
	if err != nil || f.contrary[hashOf(signed)] || len(f.contrary) >= mostContrary {
		return
	}
	log := w.log.With("ledger", f.origin, "size", next.N, "root", next.Hash.String(), "seen", f.seen.N, "why", why)
	log.Error("refused: it doesn't go on from what was seen")
	if err := f.files.keepRefused(signed); err != nil {
		log.Error("what was refused can’t be kept", "error", err)
		return
	}
	f.contrary[hashOf(signed)] = true
}

// accept notes that a checkpoint goes on from what was seen after all, if it was refused:
// somebody had sent it without its proof.
func (f *followed) accept(n *note.Note) {
	hash := hashOf([]byte(n.Text))
	if !f.contrary[hash] {
		return
	}
	if delete(f.contrary, hash); len(f.contrary) == 0 {
		f.refused = ""
	}
}

// parseRequest takes a request apart, as C2SP's tlog-witness has it.
func parseRequest(body []byte) (old int64, proof tlog.TreeProof, signed []byte, err error) {
	head, signed, found := bytes.Cut(body, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	size, isOld := strings.CutPrefix(lines[0], "old ")
	old, err = strconv.ParseInt(size, 10, 64)
	if !found || !isOld || err != nil || old < 0 || strconv.FormatInt(old, 10) != size {
		return 0, nil, nil, errors.New("it doesn't begin with an old size")
	}
	if len(lines) > 64 {
		return 0, nil, nil, errors.New("its proof is too long")
	}
	for _, line := range lines[1:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return 0, nil, nil, errors.New("its proof can't be read")
		}
		proof = append(proof, hash)
	}
	return old, proof, signed, nil
}

// show says what the witness has seen.
func (w *Witness) show(rw http.ResponseWriter, _ *http.Request) {
	rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
	rw.Header().Set("Cache-Control", "no-store")
	fmt.Fprintf(rw, "witness   %s\n", w.cosigner.Public())
	for _, origin := range slices.Sorted(maps.Keys(w.ledgers)) {
		w.ledgers[origin].show(rw, w.now())
	}
}

func (f *followed) show(out io.Writer, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fmt.Fprintf(out, "\nledger    %s\n", f.origin)
	if f.seenAt.IsZero() {
		fmt.Fprintln(out, "seen      nothing yet")
	} else {
		fmt.Fprintf(out, "seen      %d events at %s, root %s\n", f.seen.N, f.seenAt.Format(time.RFC3339), f.seen.Hash)
		if !f.signedAt.IsZero() {
			fmt.Fprintf(out, "signed    at %s by its ledger, as that says\n", f.signedAt.Format(time.RFC3339))
		}
		// By its own time: anybody can send again what it signed once.
		if ago := now.Sub(f.signedAt); !f.signedAt.IsZero() && ago > ledger.SignedWithin {
			fmt.Fprintf(out, "silent    for %s: Foyer signs a checkpoint every hour\n", ago.Round(time.Minute))
		}
	}
	if f.refused != "" {
		fmt.Fprintf(out, "refused   at %s %s\n", f.refusedAt.Format(time.RFC3339), f.refused)
	}
}
