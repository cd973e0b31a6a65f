package command

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"foyer/ledger"
	"foyer/store"
)

type verifyCommand struct {
	DatabaseURL string   `help:"The database whose ledger is verified." name:"database-url" default:"sqlite:data/foyer.db" env:"FOYER_DATABASE_URL"`
	Export      string   `help:"Verify this file instead of a database: an export with evidence (an archive, or its JSON Lines with proofs), or the proof of one event." type:"existingfile"`
	Checkpoint  []string `help:"A file of signed checkpoints that somebody else kept; can be given more than once. For an export's JSON Lines, the one that came with them, too." type:"existingfile"`
	Key         []string `help:"A public key that checkpoints must be signed by (foyer…+…), as kept elsewhere; can be given more than once."`
	Witnesses   string   `help:"A file that says whose cosignatures the checkpoints must have, and how many of whom it takes: a policy as for serving." placeholder:"PATH" env:"FOYER_WITNESSES"`
	AnchorFile  string   `help:"The ledger's anchor, from which it must go on. Default: as for serving, unless --key is given." placeholder:"PATH" env:"FOYER_AUDIT_ANCHOR"`
	KeyFile     string   `help:"The ledger's key file, for its public keys; weaker than --key, because it stands beside the ledger. Default: as for serving." placeholder:"PATH" env:"FOYER_AUDIT_KEY"`
}

// The verdicts that are no proof.
var (
	errTampered  = errors.New("the ledger is NOT what was recorded")
	errNotProven = errors.New("nothing is wrong, but not everything is proven")
)

// Run verifies and prints the report.
func (cmd *verifyCommand) Run(ctx context.Context, p *Process) error {
	options, err := cmd.options()
	if err != nil {
		return &usageError{err}
	}
	report, err := cmd.verify(ctx, ledger.ArchiveOptions{VerifyOptions: options, Sheets: sheets(p.Version)})
	if err != nil {
		return err
	}
	print := func(format string, args ...any) { fmt.Fprintf(p.Stdout, format+"\n", args...) }
	printReport(print, report)
	if report.Archive != nil {
		printArchive(print, *report.Archive)
	}
	if !report.OK() {
		for _, problem := range report.Problems {
			print("BAD %s", problem)
		}
		print("first bad sequence number: %d (%d problems in all)", report.FirstBad, report.Found)
		return errTampered
	}
	doubts := report.Doubts(time.Now())
	for _, d := range doubts {
		print("NOT PROVEN %s", doubtWords(d))
	}
	if len(doubts) > 0 {
		return errNotProven
	}
	print("OK")
	return nil
}

func printReport(print func(format string, args ...any), r ledger.Report) {
	print("events      %d, of which %d redacted", r.Events, r.Redacted)
	print("tree        %d %s", r.Size, r.Root)
	print("checkpoints %d confirmed, up to event %d", r.Checkpoints, r.Signed.Size)
	if r.Checkpoints > 0 {
		print("signed      up to %d at %s, %s unsigned, %s", r.Signed.Size, r.Signed.At.UTC().Format(time.RFC3339), counted(int(r.Unsigned), "event", "events"), counted(r.SignedBy, "witness", "witnesses"))
	}
	switch w := r.Witnessed; {
	case w == nil:
		print("witnessed   not asked about: no policy was given by --witnesses")
	case len(w.By) == 0:
		print("witnessed   by fewer than the policy asks for")
	default:
		print("witnessed   up to %d by %s", w.Size, sightings(w.By))
	}
	if r.Uncompared > 0 {
		print("%d of the checkpoints given could not be held against it: they are newer, or it has no proof for them", r.Uncompared)
	}
	for _, e := range r.Redactions {
		print("redacted    %s by event %d of %s: %s", numbers(e.Events), e.Seq, e.At.UTC().Format(time.RFC3339), by(e.By)+because(e.Reason))
	}
}

func sightings(by []ledger.Cosignature) string {
	var words []string
	for _, c := range by {
		words = append(words, fmt.Sprintf("%s at %s", c.Witness, c.At.Format(time.RFC3339)))
	}
	return strings.Join(words, ", ")
}

func by(whom string) string {
	if whom == "" {
		return "by whom and why was erased, too"
	}
	return strconv.Quote(whom)
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ", " + strconv.Quote(reason)
}

// numbers writes the first of some numbers.
func numbers(all []int64) string {
	const most = 10
	if len(all) <= most {
		return list(all)
	}
	return fmt.Sprintf("%s and %d more", list(all[:most]), len(all)-most)
}

func doubtWords(d ledger.Doubt) string {
	long := d.For.Round(time.Minute)
	switch d.Code {
	case ledger.NotConfirmed:
		return "no checkpoint was held against it: it agrees with itself, and anybody could have made it"
	case ledger.UnsignedLong:
		if long < 0 {
			return fmt.Sprintf("events %d to %d are unsigned, and say that they were recorded %s from now: a clock was wrong, or they are made up", d.Seq, d.Until, -long)
		}
		return fmt.Sprintf("events %d to %d are unsigned for %s: Foyer signs within an hour", d.Seq, d.Until, long)
	case ledger.SignedLongAgo:
		if long < 0 {
			return fmt.Sprintf("the last checkpoint says that it was signed %s from now: a clock was wrong, or is here", -long)
		}
		return fmt.Sprintf("nothing was signed for %s: the end may have been cut off with its checkpoints, or an older ledger put back, or Foyer is not running. A checkpoint that others kept since tells which", long)
	case ledger.SignedLate:
		return fmt.Sprintf("events %d to %d were signed only %s after the first was recorded: a checkpoint is missing, or Foyer was not running. One that others kept, if it was signed in time, fills the gap (--checkpoint)", d.Seq, d.Until, long)
	case ledger.NotWitnessed:
		if long <= 0 {
			return fmt.Sprintf("too few witnesses have seen events %d to %d", d.Seq, d.Until)
		}
		return fmt.Sprintf("too few witnesses have seen events %d to %d, the first of which was recorded %s ago", d.Seq, d.Until, long)
	case ledger.WitnessedBefore:
		if long < 0 {
			return fmt.Sprintf("enough witnesses say that they will see it %s from now: a clock was wrong, and its end may have been cut off", -long)
		}
		return fmt.Sprintf("enough witnesses have last seen it %s ago, when it had %s: Foyer shows it to them every hour, so that its end may have been cut off", long, counted(int(d.Seq), "event", "events"))
	case ledger.NotAuthenticated:
		return fmt.Sprintf("events %d to %d are unsigned, and have nothing by which they could be known to be Foyer’s", d.Seq, d.Until)
	case ledger.ErasedUnsigned:
		return fmt.Sprintf("event %d, which says that others were erased, is not signed yet", d.Seq)
	case ledger.ArchiveUnsigned:
		return "the archive is of the form before ‘" + ledger.ArchiveFormat + "’, or was made to look so: nobody signed what it says of itself"
	}
	return string(d.Code)
}

func (cmd *verifyCommand) options() (ledger.VerifyOptions, error) {
	var o ledger.VerifyOptions
	for _, path := range cmd.Checkpoint {
		held, err := os.ReadFile(path)
		if err != nil {
			return o, err
		}
		checkpoints := ledger.SplitCheckpoints(held) // a file may have been appended to for years
		switch {
		case len(checkpoints) == 0:
			return o, fmt.Errorf("--checkpoint %s: there is no checkpoint in it", path)
		case !bytes.Contains(held, []byte("\n— ")):
			return o, fmt.Errorf("--checkpoint: %s is no file of signed checkpoints: none of its lines is a signature", path)
		}
		o.Held = append(o.Held, checkpoints...)
	}
	var err error
	if o.Witnesses, err = readWitnesses(cmd.Witnesses); err != nil {
		return o, err
	}
	if cmd.Export == "" {
		held, err := cmd.anchor()
		if err != nil {
			return o, err
		}
		o.Held = append(o.Held, held...)
	}
	if len(cmd.Key) == 0 {
		key, err := ledger.LoadKey(cmp.Or(cmd.KeyFile, keyPath(cmd.DatabaseURL)))
		if err != nil {
			return o, fmt.Errorf("no public key: give --key, or --key-file: %w", err)
		}
		o.Verifiers, o.Authenticator = key.Verifiers(), key.Authenticator()
		if err := o.Witnesses.For(key.Name()); err != nil {
			return o, fmt.Errorf("--witnesses: %w", err)
		}
		return o, nil
	}
	for _, text := range cmd.Key {
		key, err := note.NewVerifier(text)
		if err != nil {
			return o, fmt.Errorf("--key %s: %w", text, err)
		}
		if err := o.Witnesses.For(key.Name()); err != nil {
			return o, fmt.Errorf("--witnesses: %w", err)
		}
	}
	o.Verifiers, err = ledger.NewVerifiers(cmd.Key...)
	return o, err
}

// anchor is the checkpoint of the anchor that is given, or else of the one beside the key
// file, if that is used and there is one: the ledger must go on from that, too.
func (cmd *verifyCommand) anchor() ([][]byte, error) {
	if len(cmd.Key) > 0 && cmd.AnchorFile == "" {
		return nil, nil
	}
	path := cmp.Or(cmd.AnchorFile, ledger.AnchorBeside(cmp.Or(cmd.KeyFile, keyPath(cmd.DatabaseURL))))
	signed, err := ledger.NewAnchor(path).Read()
	if errors.Is(err, fs.ErrNotExist) && cmd.AnchorFile == "" {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("--anchor-file: %w", err)
	}
	return [][]byte{signed}, nil
}

func (cmd *verifyCommand) verify(ctx context.Context, o ledger.ArchiveOptions) (ledger.Report, error) {
	if cmd.Export == "" {
		db, err := store.Open(ctx, cmd.DatabaseURL, store.Options{ReadOnly: true})
		if err != nil {
			return ledger.Report{}, err
		}
		defer func() { _ = db.Close() }()
		return db.VerifyLedger(ctx, o.VerifyOptions)
	}
	report, err := cmd.verifyExport(ctx, o)
	switch {
	case errors.Is(err, ledger.ErrNoCheckpoint):
		return report, &usageError{fmt.Errorf("%w: give the one that came with it by --checkpoint", err)}
	case errors.Is(err, errTlogProof):
		return report, &usageError{err}
	case errors.Is(err, ledger.ErrNothingHeld):
		return report, &usageError{fmt.Errorf("%w: it is of another size than those it has proofs for", err)}
	case errors.Is(err, ledger.ErrArchiveFormat):
		return report, &usageError{fmt.Errorf("%w: verify it with the version that wrote it, or a later one", err)}
	}
	return report, err
}

// tlogProof is how a file in the form of C2SP's tlog-proof begins.
const tlogProof = "c2sp.org/tlog-proof@"

var errTlogProof = errors.New("a tlog-proof is for other programs, which know that form: of an event this one takes what ‘Download the proof’ gives")

// verifyExport verifies a file that is one archive, or lines.
func (cmd *verifyCommand) verifyExport(ctx context.Context, o ledger.ArchiveOptions) (ledger.Report, error) {
	file, err := os.Open(cmd.Export)
	if err != nil {
		return ledger.Report{}, err
	}
	defer func() { _ = file.Close() }()
	begin := make([]byte, len(tlogProof))
	n, _ := file.ReadAt(begin, 0) // what is shorter is neither
	if string(begin) == tlogProof {
		return ledger.Report{}, errTlogProof
	}
	if begin = begin[:n]; bytes.HasPrefix(begin, []byte("PK\x03\x04")) {
		info, err := file.Stat()
		if err != nil {
			return ledger.Report{}, err
		}
		return ledger.VerifyArchive(ctx, file, info.Size(), o)
	}
	return ledger.VerifyExport(ctx, ledger.ExportFiles{Events: file}, o.VerifyOptions)
}
