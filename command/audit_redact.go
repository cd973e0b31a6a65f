package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"foyer/ledger"
	"foyer/portal"
	"foyer/store"
)

type redactCommand struct {
	DatabaseURL string  `help:"The database." name:"database-url" default:"sqlite:data/foyer.db" env:"FOYER_DATABASE_URL"`
	KeyFile     string  `help:"The ledger's key file: what is erased is put in the ledger, which is signed. Default: as for serving." placeholder:"PATH" env:"FOYER_AUDIT_KEY"`
	AnchorFile  string  `help:"The ledger's anchor. Default: as for serving." placeholder:"PATH" env:"FOYER_AUDIT_ANCHOR"`
	Event       []int64 `help:"Erase the personal part of this event, and its change; can be given more than once."`
	Person      string  `help:"Erase what is about this person: their e-mail, or their id at Symphony." placeholder:"E-MAIL|ID"`
	Actor       string  `help:"Erase what somebody who works with Foyer did: their e-mail or subject." placeholder:"E-MAIL|SUBJECT"`
	Reason      string  `help:"Why, for the ledger: the order, and nothing of what is erased." required:""`
	By          string  `help:"Who ordered it, for the ledger." required:""`
	Yes         bool    `help:"Erase. Without it nothing is erased, and what would be is printed."`
}

// errNothingToErase says that an order reaches nothing, which most often means a
// typing error.
var errNothingToErase = errors.New("there is nothing to erase: look at how it is spelt, or whether it was erased before")

// Run erases, or says what would be erased.
func (cmd *redactCommand) Run(ctx context.Context, p *Process) error {
	if len(cmd.Event) == 0 && strings.TrimSpace(cmd.Person) == "" && strings.TrimSpace(cmd.Actor) == "" {
		return &usageError{errors.New("say what to erase: --event, --person or --actor")}
	}
	if strings.TrimSpace(cmd.Reason) == "" || strings.TrimSpace(cmd.By) == "" {
		return &usageError{errors.New("--reason and --by can’t be empty: they are what the ledger will say")}
	}
	reached, err := cmd.reach(ctx)
	if errors.Is(err, portal.ErrNotStored) {
		return &usageError{fmt.Errorf("the ledger has no such event: %w", err)}
	}
	if err != nil {
		return err
	}
	if reached.Nothing() {
		return errNothingToErase
	}
	printReach(p, reached)
	if !cmd.Yes {
		fmt.Fprintln(p.Stdout, "Nothing was erased. To do it, say the same with --yes. It can’t be undone.")
		return nil
	}
	if err := cmd.redact(ctx, p.Version); err != nil {
		return err
	}
	fmt.Fprintln(p.Stdout, "Erased, and recorded. Not reached: backups, exports, logs, and Symphony, from which a person who is still there is read again.")
	fmt.Fprintln(p.Stdout, "What stays: the ids of whom it was about, and the subject by which the identity provider knows who did it, also where that is an e-mail.")
	return nil
}

func (cmd *redactCommand) order() store.Order {
	return store.Order{Events: cmd.Event, Person: cmd.Person, Actor: cmd.Actor}
}

// reach says what the order reaches. Foyer may be running.
func (cmd *redactCommand) reach(ctx context.Context) (store.Reach, error) {
	db, err := store.Open(ctx, cmd.DatabaseURL, store.Options{ReadOnly: true})
	if err != nil {
		return store.Reach{}, err
	}
	defer func() { _ = db.Close() }()
	return db.Reach(ctx, cmd.order())
}

func (cmd *redactCommand) redact(ctx context.Context, version string) error {
	unlock, err := lockAlone(ctx, cmd.DatabaseURL)
	if err != nil {
		return err
	}
	defer func() { _ = unlock() }()
	key := cmp.Or(cmd.KeyFile, keyPath(cmd.DatabaseURL))
	if _, err := os.Stat(key); err != nil {
		key = "" // none is made here: a ledger that was never signed takes the event without
	}
	db, err := store.Open(ctx, cmd.DatabaseURL, store.Options{Version: version, KeyFile: key, AnchorFile: cmd.AnchorFile, Patient: true})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	_, err = db.Redact(ctx, ledger.Event{Actor: operator(cmd.By), Reason: strings.TrimSpace(cmd.Reason)}, cmd.order())
	if errors.Is(err, ledger.ErrKey) {
		return fmt.Errorf("%w: give it by --key-file", err)
	}
	if err != nil || key == "" {
		return err
	}
	// Signed, that it was erased can't be made up.
	if _, _, err := db.SignCheckpoint(ctx); err != nil {
		return fmt.Errorf("all is erased, and that is recorded and not signed: %w", err)
	}
	return nil
}

// printReach says what an order reaches, and what it leaves.
func printReach(p *Process, r store.Reach) {
	print := func(name, format string, args ...any) {
		fmt.Fprintf(p.Stdout, "%-12s"+format+"\n", append([]any{name}, args...)...)
	}
	if len(r.Emails)+len(r.IDs) > 0 {
		print("person", "%s", strings.Join(append(r.Emails, r.IDs...), ", "))
	}
	if n := len(r.Events); n > 0 {
		print("events", "%d, from number %d to %d: names, e-mails, address and browser, reason, ticket, note, values before and after", n, r.Events[0], r.Events[n-1])
	} else {
		print("events", "none")
	}
	if r.Others > 0 {
		print("", "with what these events say of %s, and of who did it", counted(r.Others, "other person", "other people"))
	}
	print("changes", "%d", len(r.Changes))
	print("people", "%s as last read from Symphony, with every status that was read", counted(r.People, "person", "people"))
	print("sessions", "%d", r.Sessions)
	print("filters", "%d saved under a name", r.Filters)
	print("notes", "%d on the person, or that name them", r.Notes)
	if len(r.Bulks) > 0 {
		print("bulk changes", "what names them in bulk change %s", list(r.Bulks))
	}
	if len(r.Open) > 0 {
		print("reviews", "what names them in review %s, which is not finished", list(r.Open))
	}
	if len(r.Sealed) > 0 {
		print("kept", "review %s is finished and sealed, and keeps the names and e-mails in it", list(r.Sealed))
	}
	if len(r.Seals) > 0 {
		print("kept", "event %s, which finished a review and has the seal of it: --event erases it", list(r.Seals))
	}
	if len(r.Named) > 0 {
		print("kept", "event %s, whose text has the name, which may be another's: --event erases it", list(r.Named))
	}
	if len(r.DoneIn) > 0 {
		print("kept", "that the person started or cancelled review %s, or decided in it, as somebody who works with Foyer: --actor erases it", list(r.DoneIn))
	}
	if r.Done > 0 {
		print("kept", "%s that the person did, as somebody who works with Foyer: --actor erases them", counted(r.Done, "event", "events"))
	}
	if len(r.Unsettled) > 0 {
		print("wait", "until these changes are settled: %s", strings.Join(r.Unsettled, ", "))
	}
}

func list(numbers []int64) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(numbers), " ", ", "), "[]")
}

// counted writes a number with its noun.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
