package auth

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
)

// Reason says in one stable word why a sign-in was refused, for the ledger,
// metrics and the choice of page.
type Reason string

// The reasons, each with the HTTP status that suits it.
const (
	ReasonRequest     Reason = "request"     // 400: not a callback: wrong method, doubled or missing parameters
	ReasonState       Reason = "state"       // 400: state missing, unknown, used before, or older than LoginTimeout
	ReasonBrowser     Reason = "browser"     // 400: another browser began this sign-in
	ReasonIssuer      Reason = "iss"         // 400: the answer is another provider's (RFC 9207)
	ReasonDenied      Reason = "idp"         // 400: the provider answered with an error; Code has it
	ReasonCode        Reason = "code"        // 400: the token endpoint refused the code
	ReasonToken       Reason = "token"       // 400: the ID token does not verify
	ReasonNonce       Reason = "nonce"       // 400: the ID token belongs to another sign-in
	ReasonClaims      Reason = "claims"      // 400: a claim of the ID token is missing or wrong
	ReasonStale       Reason = "stale"       // 400: the provider didn't ask again who the person is, as it was to
	ReasonClient      Reason = "client"      // 502: the provider refuses Foyer itself: its secret has expired or is another's
	ReasonNoToken     Reason = "no-id-token" // 502: the provider signed the person in and gave no ID token
	ReasonSpelling    Reason = "issuer"      // 502: the provider spells its issuer in another way than the settings
	ReasonUnavailable Reason = "unavailable" // 502: the provider is down, slow, or talks nonsense
	ReasonStore       Reason = "store"       // 503: our own database failed
)

// SignInError is why a sign-in was refused. Its text is short, and carries no
// token, no code and nothing of a person, so it may be logged.
type SignInError struct {
	Reason Reason
	// Code is the provider's error code when Reason is ReasonDenied, such as
	// access_denied; "other" if it is none of the registered ones.
	Code string
	// Detail is what exactly is wrong when Reason is ReasonClaims, or empty: a few words
	// of ours, always the same for the same fault.
	Detail string
	Err    error
}

// Note is the reason with what is known of it besides, for the ledger: nothing in it is
// what a browser or the provider wrote.
func (e *SignInError) Note() string {
	if more := cmp.Or(e.Code, e.Detail); more != "" {
		return string(e.Reason) + ": " + more
	}
	return string(e.Reason)
}

// Error implements error.
func (e *SignInError) Error() string { return fmt.Sprintf("sign-in refused (%s): %v", e.Reason, e.Err) }

// Unwrap returns the cause.
func (e *SignInError) Unwrap() error { return e.Err }

// callbackAnswer is what the provider sent back through the browser. None of it is to
// be believed yet.
type callbackAnswer struct {
	state, code string
	issuer      string
	hasIssuer   bool
	errorCode   string // one of knownCodes, "other", or empty
}

// knownCodes are the registered errors of an authorization request. Only these
// are passed on: the parameter, and its description all the more, can say
// anything, since anybody can make a link to our callback.
var knownCodes = [...]string{
	// RFC 6749, sections 4.1.2.1 and 5.2
	"invalid_request", "unauthorized_client", "access_denied", "unsupported_response_type", "invalid_scope",
	"server_error", "temporarily_unavailable", "invalid_client", "invalid_grant", "unsupported_grant_type",
	// OpenID Connect Core, section 3.1.2.6
	"interaction_required", "login_required", "account_selection_required", "consent_required",
	"invalid_request_uri", "invalid_request_object", "request_not_supported", "request_uri_not_supported",
	"registration_not_supported",
}

func knownCode(code string) string {
	if code != "" && !slices.Contains(knownCodes[:], code) {
		return "other"
	}
	return code
}

// readAnswer reads the query of a callback. It takes nothing from a body, and
// nothing that is there twice: of two values, two readers may choose two.
func readAnswer(r *http.Request) (callbackAnswer, *SignInError) {
	const operation = "read callback"
	if r.Method != http.MethodGet {
		return callbackAnswer{}, refuse(ReasonRequest, operation, errors.New("the method is not GET"))
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return callbackAnswer{}, refuse(ReasonRequest, operation, errors.New("a malformed query"))
	}
	for _, name := range []string{"state", "code", "iss", "error"} {
		if len(query[name]) > 1 {
			return callbackAnswer{}, refuse(ReasonRequest, operation, fmt.Errorf("%s is there twice", name))
		}
	}
	return callbackAnswer{
		state:     query.Get("state"),
		code:      query.Get("code"),
		issuer:    query.Get("iss"),
		hasIssuer: query.Has("iss"),
		errorCode: knownCode(query.Get("error")),
	}, nil
}
