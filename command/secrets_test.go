package command

import (
	"strings"
	"testing"
)

// The list of processes shows a command line to every user of the machine.
func TestSecretsOnTheCommandLineAreRefused(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"--symphony-client-secret=CANARY"},
		{"--oidc-client-secret", "CANARY"},
		{"serve", "--checkpoint-url=https://hook.example/CANARY"},
		{"--database-url=postgres://foyer:CANARY@db/foyer"},
		{"--database-url=postgres://foyer@db/foyer?password=CANARY"},
		{"audit", "verify", "--database-url=postgres://foyer:CANARY@db/foyer"},
		{"audit", "keys", "--database-url", "postgres://foyer:CANARY%zz@db/foyer"},
	} {
		var said strings.Builder
		status := Run(t.Context(), Process{Args: args, Stdout: &said, Stderr: &said})
		if status != 2 || !strings.Contains(said.String(), "set the variable FOYER_") || strings.Contains(said.String(), "CANARY") {
			t.Errorf("%s = %d: %s, want it refused, and the secret not said", strings.Join(args, " "), status, said.String())
		}
	}
}
