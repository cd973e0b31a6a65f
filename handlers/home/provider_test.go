package home

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestTheProviderIsAskedAtMostTwiceAMinute(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	now := func() time.Time { return at }
	down := errors.New("no answer")
	var h providerHealth
	asked := 0
	ask := func(ctx context.Context) error {
		if asked++; asked > 1 {
			return down
		}
		if _, limited := ctx.Deadline(); !limited {
			t.Error("the provider may take for ever")
		}
		return nil
	}
	for _, step := range []struct {
		after time.Duration
		asked int
		err   error
	}{
		{0, 1, nil}, {providerFresh, 1, nil}, {time.Second, 2, down}, {-time.Hour, 3, down},
	} {
		at = at.Add(step.after)
		if _, err := h.check(t.Context(), now, ask); !errors.Is(err, step.err) || asked != step.asked {
			t.Errorf("after %v: asked %d times, %v; want %d, %v", step.after, asked, err, step.asked, step.err)
		}
	}
	if row := providerRow(down, now()); !strings.Contains(row.Text, "can go on working") {
		t.Errorf("providerRow(down).Text = %q", row.Text)
	}
}
