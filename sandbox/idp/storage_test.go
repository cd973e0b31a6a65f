package idp

import (
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// Strangers can begin sign-ins without end; memory has one.
func TestRequestsAreBounded(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 2, 9, 30, 0, 0, time.UTC)
	s, err := newStorage(Options{ClientID: "foyer", Now: func() time.Time { return now }}, choosePath)
	if err != nil {
		t.Fatalf("newStorage() = %v, want no error", err)
	}
	asked := &oidc.AuthRequest{ClientID: "foyer", CodeChallenge: "c", CodeChallengeMethod: oidc.CodeChallengeMethodS256}
	var ids []string
	for range maxKept + 10 {
		now = now.Add(time.Millisecond)
		request, err := s.CreateAuthRequest(t.Context(), asked, "")
		if err != nil {
			t.Fatalf("CreateAuthRequest() = %v, want no error", err)
		}
		if err := s.SaveAuthCode(t.Context(), request.GetID(), "code of "+request.GetID()); err != nil {
			t.Fatalf("SaveAuthCode() = %v, want no error", err)
		}
		ids = append(ids, request.GetID())
	}
	if len(s.requests) != maxKept || len(s.codes) != maxKept {
		t.Errorf("requests, codes kept = %d, %d; want %d of each", len(s.requests), len(s.codes), maxKept)
	}
	if _, err := s.AuthRequestByID(t.Context(), ids[0]); err == nil {
		t.Error("the oldest request is still there, want the newest kept")
	}
	if _, err := s.AuthRequestByID(t.Context(), ids[len(ids)-1]); err != nil {
		t.Errorf("AuthRequestByID(the newest) = %v, want no error", err)
	}

	now = now.Add(requestLifetime)
	if _, err := s.CreateAuthRequest(t.Context(), asked, ""); err != nil {
		t.Fatalf("CreateAuthRequest() = %v, want no error", err)
	}
	if len(s.requests) != 1 || len(s.codes) != 0 {
		t.Errorf("requests, codes kept = %d, %d; want the new one alone", len(s.requests), len(s.codes))
	}
}
