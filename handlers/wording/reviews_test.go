package wording

import (
	"testing"
	"time"

	"foyer/ledger"
	"foyer/portal/review"
)

func TestWhyAReviewWaits(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 9, 30, 5, 0, time.UTC)
	tests := map[review.WaitCode]string{
		review.WaitsForSymphony: "Symphony could not be read at 09:30:05 UTC; Foyer keeps trying.",
		review.WaitsForCompany:  "At 09:30:05 UTC Symphony said that it doesn’t know this company, or that it is not ready. Foyer goes on asking. If it stays like this, cancel the review.",
		"":                      "",
	}
	for code, want := range tests {
		if got := ReviewWaits(review.Waiting{Code: code, At: at}); got != want {
			t.Errorf("ReviewWaits(%s) = %q, want %q", code, got, want)
		}
	}
	for _, code := range codesIn(t, "portal/review/store.go", "WaitCode") {
		if tests[review.WaitCode(code)] == "" {
			t.Errorf("the code %s has no words", code)
		}
	}
}

func TestTheReasonToDisableNamesTheReview(t *testing.T) {
	t.Parallel()
	r := review.Review{ID: 7, Company: ledger.Company{Name: "Tern"}, FinishedAt: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	if got, want := DisableReason(r), "Access review 7 of Tern, finished 2026-03-01"; got != want {
		t.Errorf("DisableReason = %q, want %q", got, want)
	}
}
