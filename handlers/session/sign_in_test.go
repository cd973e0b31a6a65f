package session

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"strings"
	"testing"

	"foyer/auth"
)

// What an administrator of the sign-in must mend is no fault of the person's, and what
// they can do themselves is said.
func TestWhatIsSaidOfARefusedSignIn(t *testing.T) {
	t.Parallel()
	for reason, want := range map[auth.Reason]struct {
		status int
		says   string
	}{
		auth.ReasonState:       {http.StatusBadRequest, "Begin again"},
		auth.ReasonBrowser:     {http.StatusBadRequest, "Begin again"},
		auth.ReasonDenied:      {http.StatusBadRequest, "whoever manages access"},
		auth.ReasonClaims:      {http.StatusBadRequest, "could not be trusted"},
		auth.ReasonIssuer:      {http.StatusBadRequest, "could not be trusted"},
		auth.ReasonStale:       {http.StatusBadRequest, "without asking again who you are"},
		auth.ReasonClient:      {http.StatusBadGateway, "Tell whoever runs Foyer: its log says what is wrong"},
		auth.ReasonNoToken:     {http.StatusBadGateway, "Tell whoever runs Foyer: its log says what is wrong"},
		auth.ReasonSpelling:    {http.StatusBadGateway, "Tell whoever runs Foyer: its log says what is wrong"},
		auth.ReasonUnavailable: {http.StatusBadGateway, "doesn’t answer"},
		auth.ReasonStore:       {http.StatusServiceUnavailable, "own store"},
	} {
		status, words := refusedWords(&auth.SignInError{Reason: reason})
		if status != want.status || !strings.Contains(words, want.says) {
			t.Errorf("%s = %d %q, want %d and %q", reason, status, words, want.status, want.says)
		}
	}
	untrusted := &auth.SignInError{Reason: auth.ReasonUnavailable, Err: &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}}
	if _, words := refusedWords(untrusted); !strings.Contains(words, "its certificate isn’t trusted") {
		t.Errorf("a provider whose certificate isn't trusted: %q, want that it isn't", words)
	}
}
