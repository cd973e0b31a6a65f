package wording

import (
	"context"
	"errors"
	"strconv"
	"time"

	"foyer/auth"
	"foyer/portal"
	"foyer/portal/review"
	"foyer/views"
	"foyer/views/ui"
)

// ReviewTitle is how pages call a review: by its number.
func ReviewTitle(r review.Review) string { return "Access review " + strconv.FormatInt(r.ID, 10) }

// DisableReason is the reason to disable somebody with whom a finished review wants
// disabled.
func DisableReason(r review.Review) string {
	return ReviewTitle(r) + " of " + r.Company.Name + ", finished " + r.FinishedAt.UTC().Format(time.DateOnly)
}

// ReviewWaits says why a review can't be prepared just now; empty when it can.
func ReviewWaits(w review.Waiting) string {
	at := w.At.UTC().Format(time.TimeOnly) + " UTC"
	switch w.Code {
	case review.WaitsForSymphony:
		return "Symphony could not be read at " + at + "; Foyer keeps trying."
	case review.WaitsForCompany:
		return "At " + at + " Symphony said that it doesn’t know this company, or that it is not ready. Foyer goes on asking. If it stays like this, cancel the review."
	}
	return string(w.Code)
}

// LeftToDisable tells those who may disable people that the last review of a
// company wants it done; nil when there is nothing to do, or nothing for them.
func LeftToDisable(ctx context.Context, reviews *review.Reviews, a auth.Actor, companyID string) (*views.LeftToDisable, error) {
	if !a.Can(auth.ChangeStatus) {
		return nil, nil
	}
	left, err := reviews.LeftToDisable(ctx, a, companyID)
	switch {
	case errors.Is(err, portal.ErrNotFound) || err == nil && left.People == 0:
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &views.LeftToDisable{
		Title:  ui.Count(left.People, "person is", "people are") + " to be disabled",
		Review: ReviewTitle(review.Review{ID: left.ReviewID}), FinishedAt: left.FinishedAt, Href: views.ToDisablePath(left.ReviewID),
	}, nil
}

// DecisionWords are the decisions as people read them.
var DecisionWords = map[review.Decision]string{
	review.KeepAccess: "Keep", review.DisableAccess: "Disable", review.AskAbout: "Ask",
}
