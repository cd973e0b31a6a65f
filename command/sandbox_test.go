package command

import (
	"io"
	"strings"
	"testing"

	"foyer/sandbox"
)

func TestTheStandInIsRefusedElsewhere(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	p := Process{Args: []string{"sandbox"}, Environ: []string{"FOYER_ENVIRONMENT=prod"}, Stdout: io.Discard, Stderr: &said}
	if status := Run(t.Context(), p); status != 2 {
		t.Errorf("foyer sandbox in prod: status %d, %s, want a refusal", status, said.String())
	}
}

func TestTheStandInsCredentialsAreItsOwn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, got, want string }{
		{"standInClientID", standInClientID, sandbox.ClientID},
		{"standInClientSecret", standInClientSecret, sandbox.ClientSecret},
		{"standInPartnerID", standInPartnerID, sandbox.PartnerID},
	} {
		if c.got != c.want {
			t.Errorf("%s = %q, want the sandbox’s %q", c.name, c.got, c.want)
		}
	}
}
