package directory_test

import (
	"testing"
	"time"

	"foyer/auth"
	"foyer/internal/testworld"
	"foyer/sandbox"
	"foyer/sapi"
)

func TestAPageFillsInTheStatusesThatWereReadBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	page, err := w.Directory.Users(t.Context(), testworld.As(auth.Viewer), company.ID, 1, 20)
	if err != nil {
		t.Fatal(err)
	}
	if page.Rows[0].Status != sapi.StatusUnknown {
		t.Fatalf("status before it was read = %v, want unknown: Symphony’s page has none", page.Rows[0].Status)
	}
	readAt := w.Clock.Now()
	answers, err := w.Directory.Statuses(t.Context(), testworld.As(auth.Viewer), company.ID, []string{page.Rows[0].ID})
	if err != nil || answers[0].Status == sapi.StatusUnknown {
		t.Fatalf("Statuses = %+v, %v, want one that is known", answers, err)
	}

	w.Clock.Forward(4 * time.Minute)
	page, err = w.Directory.Users(t.Context(), testworld.As(auth.Viewer), company.ID, 1, 20)

	if err != nil || page.Rows[0].Status != answers[0].Status || !page.Rows[0].StatusAt.Equal(readAt) {
		t.Errorf("row = %v as of %v, %v, want %v as of %v", page.Rows[0].Status, page.Rows[0].StatusAt, err, answers[0].Status, readAt)
	}
}

func TestWhatCannotBeReadIsShownAsLastRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	user := w.Someone(company.ID)
	if _, err := w.Directory.User(t.Context(), testworld.As(auth.Auditor), company.ID, user.ID); err != nil {
		t.Fatal(err)
	}
	readAt := w.Clock.Now()
	w.Clock.Forward(time.Hour)
	w.Inject("getUser", sandbox.Rule{Kind: sandbox.KindStatus, Status: 503})

	got, err := w.Directory.User(t.Context(), testworld.As(auth.Auditor), company.ID, user.ID)

	if err != nil || got.Stale == nil || !got.ReadAt.Equal(readAt) || got.Status != sapi.StatusActive {
		t.Errorf("User while Symphony is down = %v as of %v (stale: %v), %v, want active as of %v, and why it is old", got.Status, got.ReadAt, got.Stale, err, readAt)
	}
}
