package command

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

type healthcheckCommand struct {
	Listen string `help:"Address that Foyer listens on." default:"127.0.0.1:8080" env:"FOYER_LISTEN"`
}

// Run asks /readyz, for a container's health check.
func (cmd *healthcheckCommand) Run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, localURL(cmd.Listen)+"/readyz", nil)
	if err != nil {
		return err
	}
	client := http.Client{}
	response, err := client.Do(request)
	if err != nil {
		return errors.New("Foyer doesn’t answer") //nolint:staticcheck // a name begins it
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: status %d", response.StatusCode)
	}
	return nil
}
