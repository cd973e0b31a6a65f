package command

import (
	"cmp"
	"fmt"
	"strings"

	"foyer/ledger"
)

type keysCommand struct {
	DatabaseURL string `help:"The database, beside which the key file stands." name:"database-url" default:"sqlite:data/foyer.db" env:"FOYER_DATABASE_URL"`
	KeyFile     string `help:"The ledger's key file. Default: as for serving." placeholder:"PATH" env:"FOYER_AUDIT_KEY"`
}

// Run prints the public keys.
func (cmd *keysCommand) Run(p *Process) error {
	key, err := ledger.LoadKey(cmp.Or(cmd.KeyFile, keyPath(cmd.DatabaseURL)))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.Stdout, strings.Join(key.Public(), "\n"))
	return err
}
