package change_test

import (
	"testing"

	"foyer/auth"
	"foyer/internal/testworld"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/sapi"
)

// A change as a form makes it, with everything that is written and read for it, the
// stand-in's part included.
func BenchmarkSetStatus(b *testing.B) {
	w := testworld.New(b)
	company := w.Ready()
	user := w.Someone(company.ID)
	b.ResetTimer()
	for i := range b.N {
		seen := sapi.StatusActive
		if i%2 == 1 {
			seen = sapi.StatusDisabled
		}
		made, err := w.Changes.SetStatus(b.Context(), testworld.As(auth.Viewer), change.StatusRequest{
			CompanyID: company.ID, UserID: user.ID, Active: i%2 == 1, Seen: seen, Reason: "measured", Token: portal.NewToken(),
		})
		if err != nil || made.State != change.Done {
			b.Fatalf("SetStatus = %s %s, %v", made.State, made.Code, err)
		}
		w.Clock.Forward(1e6)
	}
}
