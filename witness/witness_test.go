package witness_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"foyer/ledger"
	"foyer/witness"
)

// clock is a time that tests set.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 9, 30, 18, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// log is a ledger as far as a witness sees it: events, of which it knows only the hashes.
type log struct {
	key    *ledger.Key
	clock  *clock
	hashes []tlog.Hash
	size   int64
}

const origin = "foyer.example.com/ledger/x"

func newLog(t testing.TB, c *clock) *log {
	t.Helper()
	key, err := ledger.NewKey(origin)
	must(t, err)
	return &log{key: key, clock: c}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fork is the ledger as it is now, to go on otherwise, signed with the same key.
func (l *log) fork() *log {
	return &log{key: l.key, clock: l.clock, hashes: append([]tlog.Hash(nil), l.hashes...), size: l.size}
}

func (l *log) read(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		hashes[i] = l.hashes[index]
	}
	return hashes, nil
}

// record adds events.
func (l *log) record(t testing.TB, events ...string) {
	t.Helper()
	for _, e := range events {
		hashes, err := tlog.StoredHashes(l.size, []byte(e), tlog.HashReaderFunc(l.read))
		must(t, err)
		l.hashes = append(l.hashes, hashes...)
		l.size++
	}
}

// many adds so many events.
func (l *log) many(t testing.TB, n int, what string) {
	t.Helper()
	for i := range n {
		l.record(t, fmt.Sprintf("%s %d", what, i))
	}
}

// sign is the ledger's checkpoint of now.
func (l *log) sign(t testing.TB) []byte {
	t.Helper()
	root := new(ledger.Tree).Root()
	if l.size > 0 {
		var err error
		root, err = tlog.TreeHash(l.size, tlog.HashReaderFunc(l.read))
		must(t, err)
	}
	signed, err := ledger.Checkpoint{Origin: origin, Size: l.size, Root: root, At: l.clock.now()}.Sign(l.key)
	must(t, err)
	return signed
}

// prove implements ledger.Prover, for the ledger as it is now.
func (l *log) prove(_ context.Context, older int64) (tlog.TreeProof, error) {
	switch {
	case older == 0:
		return nil, nil
	case older > l.size:
		return nil, fmt.Errorf("%w: it has %d events", ledger.ErrNotContinued, l.size)
	}
	return tlog.ProveTree(l.size, older, tlog.HashReaderFunc(l.read))
}

// request is what a ledger sends of now, to a witness that has seen so many events.
func (l *log) request(t testing.TB, seen int64) string {
	t.Helper()
	proof, err := l.prove(t.Context(), seen)
	must(t, err)
	lines := fmt.Sprintf("old %d\n", seen)
	for _, hash := range proof {
		lines += hash.String() + "\n"
	}
	return lines + "\n" + string(l.sign(t))
}

// bench is a witness that is served.
type bench struct {
	folder string
	clock  *clock
	keys   []string
	server *httptest.Server
	key    *ledger.Cosigner
	stop   func()
}

func newBench(t testing.TB, c *clock, ledgers ...string) *bench {
	t.Helper()
	b := &bench{folder: t.TempDir(), clock: c, keys: ledgers}
	b.start(t)
	return b
}

// start starts it, again after stop.
func (b *bench) start(t testing.TB) {
	t.Helper()
	var err error
	b.key, err = witness.LoadOrCreateKey(filepath.Join(b.folder, "witness.key"), "audit.example.com/w")
	must(t, err)
	w, err := witness.New(witness.Options{Cosigner: b.key, Folder: b.folder, Ledgers: b.keys, Now: b.clock.now})
	must(t, err)
	b.server = httptest.NewServer(w.Handler())
	b.stop = sync.OnceFunc(func() {
		b.server.Close()
		if err := w.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	t.Cleanup(b.stop)
}

// post sends a checkpoint.
func (b *bench) post(t testing.TB, body string) (status int, kind, answer string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.server.URL+"/add-checkpoint", strings.NewReader(body))
	must(t, err)
	return b.do(t, request)
}

func (b *bench) do(t testing.TB, request *http.Request) (status int, kind, answer string) {
	t.Helper()
	response, err := b.server.Client().Do(request)
	must(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	must(t, err)
	return response.StatusCode, response.Header.Get("Content-Type"), string(text)
}

// shows is what the witness shows to people.
func (b *bench) shows(t testing.TB) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.server.URL+"/", http.NoBody)
	must(t, err)
	_, _, text := b.do(t, request)
	return text
}

// kept are the checkpoints in the file of the witness.
func (b *bench) kept(t testing.TB, suffix string) [][]byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(b.folder, "foyer.example.com%2Fledger%2Fx"+suffix))
	if os.IsNotExist(err) {
		return nil
	}
	must(t, err)
	return ledger.SplitCheckpoints(text)
}

func TestAWitnessCosignsWhatGoesOnFromWhatItSaw(t *testing.T) {
	t.Parallel()
	c := newClock()
	l := newLog(t, c)
	b := newBench(t, c, l.key.Public()[0])
	seen := int64(0)
	for n := range 9 {
		l.many(t, n*n, "event") // none at first
		c.add(time.Hour)
		status, _, answer := b.post(t, l.request(t, seen))
		if status != http.StatusOK {
			t.Fatalf("a checkpoint of %d events after %d: %d %s", l.size, seen, status, answer)
		}
		// Its answer is a cosignature by its key, at its time, as another program reads it.
		signed := string(l.sign(t)) + answer
		policy, err := torchwood.ParsePolicy([]byte("log " + l.key.Public()[0] + "\nwitness w " + b.key.Public() + "\nquorum w\n"))
		must(t, err)
		got, read, err := torchwood.VerifyCheckpoint([]byte(signed), policy)
		if err != nil || got.N != l.size {
			t.Fatalf("torchwood reads %+v, %v of\n%s", got, err, signed)
		}
		if at, err := torchwood.CosignatureTimestamp(read.Sigs[len(read.Sigs)-1]); err != nil || at != c.now().Unix() {
			t.Errorf("it was cosigned at %d, %v, want %d", at, err, c.now().Unix())
		}
		seen = l.size
	}
	if kept := b.kept(t, ".txt"); len(kept) != 9 {
		t.Errorf("%d checkpoints are kept, want 9", len(kept))
	}
	for _, signed := range b.kept(t, ".txt") { // as foyer audit verify --checkpoint takes them
		if _, err := ledger.OpenCheckpoint(signed, l.key.Verifiers()); err != nil {
			t.Errorf("OpenCheckpoint(%s) = %v", signed, err)
		}
	}
}

func TestAWitnessRefusesWhatDoesNotGoOnFromWhatItSaw(t *testing.T) {
	t.Parallel()
	c := newClock()
	l := newLog(t, c)
	l.many(t, 20, "event")
	b := newBench(t, c, l.key.Public()[0])
	if status, _, answer := b.post(t, l.request(t, 0)); status != http.StatusOK {
		t.Fatalf("the first checkpoint: %d %s", status, answer)
	}
	rewritten, cut, more := newLog(t, c), newLog(t, c), l.fork()
	rewritten.key, cut.key = l.key, l.key
	rewritten.many(t, 25, "another event")
	cut.many(t, 12, "event")
	more.many(t, 5, "another event")
	forked := rewritten.fork()
	forked.hashes, forked.size = nil, 0
	forked.many(t, 20, "forked event")
	other := newLog(t, c) // the same name, and a key of its own
	other.many(t, 30, "event")
	elsewhere, err := ledger.NewKey("foyer.example.com/ledger/y")
	must(t, err)
	strange, err := ledger.Checkpoint{Origin: "foyer.example.com/ledger/y", Size: 3, At: c.now()}.Sign(elsewhere)
	must(t, err)
	good := more.request(t, 20)
	for _, test := range []struct {
		name, body string
		status     int
		answer     string
	}{
		{"rewritten", rewritten.request(t, 20), http.StatusUnprocessableEntity, "forked or rewritten"},
		{"rewritten, from nothing", rewritten.request(t, 0), http.StatusConflict, "20\n"},
		{"forked, as long", forked.request(t, 20), http.StatusConflict, "20\n"},
		{"cut off", cut.request(t, 12), http.StatusConflict, "20\n"},
		{"cut off, as if more were seen", strings.Replace(cut.request(t, 12), "old 12", "old 20", 1), http.StatusBadRequest, "old size"},
		{"from what was not seen", more.request(t, 22), http.StatusConflict, "20\n"},
		{"signed with another key", other.request(t, 20), http.StatusForbidden, "key"},
		{"another ledger", "old 0\n\n" + string(strange), http.StatusNotFound, "doesn't follow"},
		{"without its proof", "old 20\n\n" + string(more.sign(t)), http.StatusUnprocessableEntity, "forked or rewritten"},
		{"a proof of nothing", strings.Replace(good, "old 20\n", "old 20\nnot a hash\n", 1), http.StatusBadRequest, "proof"},
		{"a proof that is too long", strings.Replace(good, "\n\n", "\n"+strings.Repeat(more.hashes[0].String()+"\n", 64)+"\n", 1), http.StatusBadRequest, "too long"},
		{"a size as others write it", strings.Replace(good, "old 20", "old 020", 1), http.StatusBadRequest, "old size"},
		{"less than nothing", strings.Replace(good, "old 20", "old -1", 1), http.StatusBadRequest, "old size"},
		{"no size", strings.TrimPrefix(good, "old 20\n"), http.StatusBadRequest, "old size"},
		{"nothing", "", http.StatusBadRequest, "old size"},
		{"what nobody signed", "old 20\n\n" + origin + "\n25\n" + more.hashes[0].String() + "\n", http.StatusForbidden, "key"},
		{"too much", good + strings.Repeat("x", 70_000), http.StatusBadRequest, "too long"},
	} {
		status, kind, answer := b.post(t, test.body)
		if status != test.status || !strings.Contains(answer, test.answer) || strings.Contains(answer, "— ") {
			t.Errorf("%s: %d %q, want %d with %q", test.name, status, answer, test.status, test.answer)
		}
		if status == http.StatusConflict && kind != "text/x.tlog.size" {
			t.Errorf("%s: the size is sent as %s", test.name, kind)
		}
	}

	// What contradicts what it saw can be shown to others: the ledger's key signed it.
	refused := b.kept(t, ".refused.txt")
	if len(refused) < 2 {
		t.Fatalf("%d refused checkpoints are kept, want those that contradict", len(refused))
	}
	if _, err := ledger.OpenCheckpoint(refused[0], l.key.Verifiers()); err != nil {
		t.Errorf("OpenCheckpoint of a refused one: %v", err)
	}
	if shows := b.shows(t); !strings.Contains(shows, "seen      20 events") || !strings.Contains(shows, "refused   at ") {
		t.Errorf("it shows\n%s", shows)
	}
	if kept := b.kept(t, ".txt"); len(kept) != 1 {
		t.Errorf("%d checkpoints are kept, want the one", len(kept))
	}
	// And it goes on with who goes on.
	if status, _, answer := b.post(t, good); status != http.StatusOK {
		t.Errorf("what goes on: %d %s", status, answer)
	}
}

func TestAWitnessThatIsStartedAgainRemembers(t *testing.T) {
	t.Parallel()
	c := newClock()
	l := newLog(t, c)
	l.many(t, 7, "event")
	b := newBench(t, c, l.key.Public()[0])
	if status, _, answer := b.post(t, l.request(t, 0)); status != http.StatusOK {
		t.Fatalf("the first checkpoint: %d %s", status, answer)
	}
	key := b.key.Public()
	b.stop()
	// As a process leaves the file that was killed while it wrote.
	path := filepath.Join(b.folder, "foyer.example.com%2Fledger%2Fx.txt")
	whole, err := os.ReadFile(path)
	must(t, err)
	l.many(t, 5, "event more")
	for cut := range len(whole) {
		must(t, os.WriteFile(path, append(slices.Clip(whole), whole[:cut]...), 0o600))
		b.start(t)
		if b.key.Public() != key {
			t.Fatal("it has another key")
		}
		if status, _, answer := b.post(t, l.request(t, 0)); status != http.StatusConflict || answer != "7\n" {
			t.Fatalf("with %d bytes more, from nothing: %d %q, want that 7 were seen", cut, status, answer)
		}
		b.stop()
	}
	b.start(t)
	if status, _, answer := b.post(t, l.request(t, 7)); status != http.StatusOK {
		t.Fatalf("what goes on: %d %s", status, answer)
	}
	if kept := b.kept(t, ".txt"); len(kept) != 2 {
		t.Errorf("%d checkpoints are kept, want 2", len(kept))
	}
}

func TestAWitnessIsNotStartedWithWhatItCannotRelyOn(t *testing.T) {
	t.Parallel()
	c := newClock()
	l := newLog(t, c)
	l.many(t, 7, "event")
	b := newBench(t, c, l.key.Public()[0])
	if status, _, _ := b.post(t, l.request(t, 0)); status != http.StatusOK {
		t.Fatal("the first checkpoint is refused")
	}
	tries := func(name, want string, o witness.Options) {
		t.Helper()
		if w, err := witness.New(o); err == nil || !strings.Contains(err.Error(), want) {
			if err == nil {
				must(t, w.Close())
			}
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	tries("a second one on the same folder", "another witness uses", witness.Options{Cosigner: b.key, Folder: b.folder, Ledgers: b.keys})
	b.stop()
	other, err := ledger.GenerateCosigner("audit.example.com/w")
	must(t, err)
	tries("with another key", "not cosigned with this key", witness.Options{Cosigner: other, Folder: b.folder, Ledgers: b.keys})
	tries("without its folder", "no such file", witness.Options{Cosigner: b.key, Folder: filepath.Join(b.folder, "no"), Ledgers: b.keys})
	tries("with what is no key", "public key", witness.Options{Cosigner: b.key, Folder: b.folder, Ledgers: []string{"x+y+z"}})
	if _, err := witness.LoadOrCreateKey(filepath.Join(b.folder, "witness.key"), "audit.example.com/other"); err == nil || !strings.Contains(err.Error(), "is called") {
		t.Errorf("a key of another name: %v", err)
	}
	must(t, os.Chmod(filepath.Join(b.folder, "witness.key"), 0o644))
	if _, err := witness.LoadOrCreateKey(filepath.Join(b.folder, "witness.key"), "audit.example.com/w"); err == nil || !strings.Contains(err.Error(), "others may read") {
		t.Errorf("a key that others may read: %v", err)
	}
}

func TestACheckpointThatIsSentAgainFillsNoDisk(t *testing.T) {
	t.Parallel()
	c := newClock()
	l := newLog(t, c)
	l.many(t, 3, "event")
	b := newBench(t, c, l.key.Public()[0])
	request := l.request(t, 0)
	for range 50 {
		if status, _, answer := b.post(t, request); status != http.StatusOK {
			t.Fatalf("%d %s", status, answer)
		}
		request = l.request(t, 3)
	}
	if kept := b.kept(t, ".txt"); len(kept) != 1 {
		t.Errorf("%d checkpoints are kept, want 1", len(kept))
	}
	c.add(time.Hour)
	b.post(t, l.request(t, 3))
	if kept := b.kept(t, ".txt"); len(kept) != 2 {
		t.Errorf("%d checkpoints are kept after an hour, want 2", len(kept))
	}
}

func TestOfTwoThatContradictEachOtherOneIsCosigned(t *testing.T) {
	t.Parallel()
	c := newClock()
	l := newLog(t, c)
	l.many(t, 10, "event")
	b := newBench(t, c, l.key.Public()[0])
	if status, _, _ := b.post(t, l.request(t, 0)); status != http.StatusOK {
		t.Fatal("the first checkpoint is refused")
	}
	var both sync.WaitGroup
	statuses := make([]int, 16)
	for i := range statuses {
		fork := l.fork()
		fork.many(t, 1+i%3, fmt.Sprintf("fork %d", i))
		request := fork.request(t, 10)
		both.Go(func() { statuses[i], _, _ = b.post(t, request) })
	}
	both.Wait()
	cosigned := 0
	for _, status := range statuses {
		if status == http.StatusOK {
			cosigned++
		}
	}
	if cosigned != 1 {
		t.Errorf("%d of the forks are cosigned, want one: %v", cosigned, statuses)
	}
}

func TestAWitnessSaysThatALedgerIsSilent(t *testing.T) {
	t.Parallel()
	c := newClock()
	l := newLog(t, c)
	b := newBench(t, c, l.key.Public()[0])
	if shows := b.shows(t); !strings.Contains(shows, "seen      nothing yet") {
		t.Errorf("it shows\n%s", shows)
	}
	last := l.request(t, 0)
	b.post(t, last)
	c.add(2 * time.Hour)
	if status, _, answer := b.post(t, last); status != http.StatusOK { // by anybody, who would hide that
		t.Errorf("what was cosigned before: %d %s", status, answer)
	}
	if shows := b.shows(t); !strings.Contains(shows, "silent    for 2h0m0s") {
		t.Errorf("it shows\n%s", shows)
	}
}

// The ledger's key may be replaced; both are given to the witness then.
func TestALedgerWhoseKeyWasReplacedIsFollowed(t *testing.T) {
	t.Parallel()
	c := newClock()
	l := newLog(t, c)
	next, err := l.key.Next()
	must(t, err)
	l.many(t, 4, "event")
	b := newBench(t, c, next.Public()...)
	if status, _, answer := b.post(t, l.request(t, 0)); status != http.StatusOK {
		t.Fatalf("with the old key: %d %s", status, answer)
	}
	l.key = next
	l.many(t, 4, "event")
	if status, _, answer := b.post(t, l.request(t, 4)); status != http.StatusOK {
		t.Fatalf("with the new key: %d %s", status, answer)
	}
	if _, err := note.Open(b.kept(t, ".txt")[1], next.Verifiers()); err != nil {
		t.Error(err)
	}
}

// rubbish are signatures that nobody made.
func rubbish(n int) (lines string) {
	for i := range n {
		lines += fmt.Sprintf("— r%d.example %s\n", i, base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{byte(i)}, 300)))
	}
	return lines
}

// Whoever has seen a checkpoint on its way can send it with what they like behind it.
func TestWhatAnybodyWritesBehindACheckpointIsNotKept(t *testing.T) {
	t.Parallel()
	c := newClock()
	l := newLog(t, c)
	l.many(t, 10, "event")
	b := newBench(t, c, l.key.Public()[0])
	if status, _, answer := b.post(t, l.request(t, 0)+rubbish(98)); status != http.StatusOK {
		t.Fatalf("with 98 signatures more: %d %s", status, answer)
	}
	forked := l.fork()
	forked.many(t, 5, "event")
	if status, _, answer := b.post(t, "old 10\n\n"+string(forked.sign(t))+rubbish(98)); status != http.StatusUnprocessableEntity {
		t.Fatalf("refused, with 98 signatures more: %d %s", status, answer)
	}
	for _, suffix := range []string{".txt", ".refused.txt"} {
		if kept := b.kept(t, suffix); len(kept) != 1 || len(kept[0]) > 600 {
			t.Errorf("%d checkpoints are kept in %s:\n%s", len(kept), suffix, kept)
		}
	}
	b.stop()
	b.start(t) // goes on from it
	if status, _, answer := b.post(t, forked.request(t, 10)); status != http.StatusOK {
		t.Errorf("what goes on: %d %s", status, answer)
	}
}

// A line of its text that looks like a signature is signed like every other.
func TestATextThatLooksLikeSignaturesKeepsNoWitnessFromStarting(t *testing.T) {
	t.Parallel()
	c := newClock()
	l := newLog(t, c)
	l.many(t, 10, "event")
	b := newBench(t, c, l.key.Public()[0])
	text, _, _ := strings.Cut(string(l.sign(t)), "\n\n")
	signed, err := note.Sign(&note.Note{Text: text + "\n— x eHg=\nand more\n"}, l.key.Signer())
	must(t, err)
	if status, _, answer := b.post(t, "old 0\n\n"+string(signed)); status != http.StatusOK {
		t.Fatalf("%d %s", status, answer)
	}
	b.stop()
	b.start(t)
	l.many(t, 3, "event")
	if status, _, answer := b.post(t, l.request(t, 10)); status != http.StatusOK {
		t.Errorf("what goes on: %d %s", status, answer)
	}
	if kept := b.kept(t, ".txt"); len(kept) != 2 {
		t.Errorf("%d checkpoints are kept, want 2", len(kept))
	}
}

// Whoever has old checkpoints, and not the ledger's key, can send them again, and newer ones
// without their proof.
func TestWhoSendsOldCheckpointsAgainNeitherHidesNorAlarms(t *testing.T) {
	t.Parallel()
	c := newClock()
	l := newLog(t, c)
	l.many(t, 5, "event")
	fewer := l.sign(t)
	l.many(t, 5, "event")
	b := newBench(t, c, l.key.Public()[0])
	first := l.request(t, 0)
	b.post(t, first)
	again := l.request(t, 10)

	// A ledger that is silent stays so, also by what has lost its time.
	c.add(2 * time.Hour)
	n, err := note.Open(l.sign(t), l.key.Verifiers())
	must(t, err)
	n.Sigs = n.Sigs[:1]
	timeless, err := note.Sign(n)
	must(t, err)
	b.post(t, again)
	b.post(t, "old 10\n\n"+string(timeless))
	if shows := b.shows(t); !strings.Contains(shows, "silent    for 2h0m0s") {
		t.Errorf("it shows\n%s", shows)
	}
	// One that isn't doesn't become so, over a restart neither.
	b.post(t, l.request(t, 10))
	c.add(time.Hour)
	b.post(t, again)
	b.stop()
	b.start(t)
	b.post(t, again)
	if shows := b.shows(t); strings.Contains(shows, "silent") {
		t.Errorf("it shows\n%s", shows)
	}
	if kept := b.kept(t, ".txt"); len(kept) != 2 {
		t.Errorf("%d checkpoints are kept, want 2", len(kept))
	}
	// Nor is one under suspicion: by what asks what was seen, what came late, or what goes on.
	b.post(t, first)
	b.post(t, "old 0\n\n"+string(fewer))
	if shows := b.shows(t); strings.Contains(shows, "refused") || b.kept(t, ".refused.txt") != nil {
		t.Errorf("it shows\n%s", shows)
	}
	before := l.fork()
	l.many(t, 5, "event")
	for range 20 {
		b.post(t, "old 10\n\n"+string(l.sign(t)))
	}
	if kept := b.kept(t, ".refused.txt"); len(kept) != 1 {
		t.Errorf("%d refused checkpoints are kept, want 1", len(kept))
	}
	if status, _, answer := b.post(t, l.request(t, 10)); status != http.StatusOK {
		t.Fatalf("what goes on: %d %s", status, answer)
	}
	for range 2 {
		if shows := b.shows(t); strings.Contains(shows, "refused") {
			t.Errorf("it shows\n%s", shows)
		}
		b.stop()
		b.start(t)
	}
	// What contradicts is not hidden by what came late, nor by a restart.
	before.many(t, 9, "another event")
	b.post(t, before.request(t, 10))
	b.post(t, "old 15\n\n"+string(before.sign(t)))
	b.post(t, "old 0\n\n"+string(fewer))
	if shows := b.shows(t); !strings.Contains(shows, "refused   at ") || !strings.Contains(shows, "a checkpoint of 19 events") {
		t.Errorf("it shows\n%s", shows)
	}
	b.stop()
	b.start(t)
	if shows := b.shows(t); !strings.Contains(shows, "refused   at ") || !strings.Contains(shows, "the last of 1 checkpoints") {
		t.Errorf("it shows\n%s", shows)
	}
}

// A ledger with fewer events that is signed later was cut off.
func TestAWitnessTellsWhatWasCutOffFromWhatCameLate(t *testing.T) {
	t.Parallel()
	c := newClock()
	l := newLog(t, c)
	l.many(t, 12, "event")
	cut := l.fork()
	l.many(t, 8, "event")
	b := newBench(t, c, l.key.Public()[0])
	b.post(t, l.request(t, 0))
	b.post(t, cut.request(t, 12))
	if shows := b.shows(t); strings.Contains(shows, "refused") {
		t.Errorf("of what was signed at the same time it shows\n%s", shows)
	}
	c.add(time.Hour)
	b.post(t, cut.request(t, 0))
	if shows := b.shows(t); !strings.Contains(shows, "a checkpoint of 12 events: 20 were seen that were signed before") {
		t.Errorf("it shows\n%s", shows)
	}
	if kept := b.kept(t, ".refused.txt"); len(kept) != 1 {
		t.Errorf("%d refused checkpoints are kept, want 1", len(kept))
	}
}

// What was seen is in the folder: with another one, or an older file, nothing is cosigned.
func TestAWitnessCosignsNothingWhenItsFolderIsExchanged(t *testing.T) {
	t.Parallel()
	c := newClock()
	l := newLog(t, c)
	l.many(t, 3, "event")
	b := newBench(t, c, l.key.Public()[0])
	b.post(t, l.request(t, 0))
	path := filepath.Join(b.folder, "foyer.example.com%2Fledger%2Fx.txt")
	older, err := os.ReadFile(path)
	must(t, err)
	l.many(t, 3, "event")
	b.post(t, l.request(t, 3))
	latest, err := os.ReadFile(path)
	must(t, err)
	l.many(t, 3, "event")
	refuses := func(what string) {
		t.Helper()
		if status, _, answer := b.post(t, l.request(t, 6)); status != http.StatusInternalServerError {
			t.Errorf("%s: %d %s", what, status, answer)
		}
	}
	must(t, os.WriteFile(path, older, 0o600))
	refuses("with an older file")
	must(t, os.Remove(path))
	refuses("without its file")
	must(t, os.WriteFile(path, latest, 0o600))
	must(t, os.Rename(b.folder, b.folder+".moved"))
	refuses("without its folder")
	must(t, os.CopyFS(b.folder, os.DirFS(b.folder+".moved")))
	refuses("with another folder")
	must(t, os.RemoveAll(b.folder))
	must(t, os.Rename(b.folder+".moved", b.folder))
	if status, _, answer := b.post(t, l.request(t, 6)); status != http.StatusOK {
		t.Errorf("with its own: %d %s", status, answer)
	}
}

func TestAKeyThatIsGivenTwiceIsOne(t *testing.T) {
	t.Parallel()
	c := newClock()
	l := newLog(t, c)
	b := newBench(t, c, l.key.Public()[0], l.key.Public()[0])
	if status, _, answer := b.post(t, l.request(t, 0)); status != http.StatusOK {
		t.Errorf("%d %s", status, answer)
	}
}
