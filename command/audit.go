package command

import (
	"context"
	"errors"
	"strings"

	"foyer/auth"
	"foyer/store"
)

type auditCommand struct {
	Verify    verifyCommand    `cmd:"" help:"Prove that the ledger, or an export of it, is what was recorded. Needs neither the network nor a running Foyer; exit status 1 when it isn't, and 3 when nothing is wrong but it isn't proven."`
	Redact    redactCommand    `cmd:"" help:"Erase personal data on legal order: of events, of a person, of what somebody did. Says what it would erase, unless --yes is given."`
	RotateKey rotateKeyCommand `cmd:"" name:"rotate-key" help:"Replace the key that signs the ledger's checkpoints. What the old one signed still verifies."`
	Keys      keysCommand      `cmd:"" help:"Print the public keys of the ledger's key file, newest first, to hand to whoever verifies it."`
}

// operator is who works with the command line: Foyer can’t know who that is, but is told.
func operator(name string) auth.Actor {
	a := auth.System("command line", "")
	a.Name = strings.TrimSpace(name)
	return a
}

// errFoyerRuns says that a command can’t have the database to itself.
var errFoyerRuns = errors.New("Foyer is running on this SQLite file: stop Foyer first") //nolint:staticcheck // a name begins it

// lockAlone takes the database for a command that writes to it. It must be there, with
// the schema of this version, because other processes may be using it; an SQLite file
// must not be served meanwhile. unlock ends that.
func lockAlone(ctx context.Context, address string) (unlock func() error, err error) {
	db, err := store.Open(ctx, address, store.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	unlock, err = store.Lock(address)
	if errors.Is(err, store.ErrInUse) {
		err = errFoyerRuns
	}
	return unlock, err
}
