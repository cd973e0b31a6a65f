package sapi_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/sapi"
)

func TestPredicates(t *testing.T) {
	t.Parallel()
	predicates := map[string]func(error) bool{
		"NotFound":            sapi.IsNotFound,
		"CompanyUnavailable":  sapi.IsCompanyUnavailable,
		"DomainTaken":         sapi.IsDomainTaken,
		"UserNotFound":        sapi.IsUserNotFound,
		"Conflict":            sapi.IsConflict,
		"UnknownOutcome":      sapi.IsUnknownOutcome,
		"NotSent":             sapi.IsNotSent,
		"Refused":             sapi.IsRefused,
		"Invalid":             sapi.IsInvalid,
		"Incomplete":          sapi.IsIncomplete,
		"CredentialsRejected": sapi.IsCredentialsRejected,
		"Forbidden":           sapi.IsForbidden,
		"Unavailable":         sapi.IsUnavailable,
		"TooLate":             sapi.IsTooLate,
		"Paused":              func(err error) bool { _, ok := sapi.IsPaused(err); return ok },
		"RateLimited":         func(err error) bool { _, ok := sapi.IsRateLimited(err); return ok },
	}
	refused := func(status int, code sapi.Code) error {
		return &sapi.Error{Status: status, Code: code, Fate: sapi.Refused, Class: sapi.ClassRefused}
	}
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"nil", nil, ""},
		{"any error", errors.New("x"), ""},
		{"404", &sapi.Error{Status: 404, BodyStatus: 404, Fate: sapi.Refused, Class: sapi.ClassRefused}, "NotFound Refused"},
		{"404 of a proxy", refused(404, ""), "Refused"},
		{"404 40102", refused(404, "40102"), "CompanyUnavailable NotFound Refused"},
		{"400 40102", refused(400, "40102"), "CompanyUnavailable NotFound Refused"},
		{"404 40103", refused(404, "40103"), "Conflict DomainTaken Refused"},
		{"404 40106", refused(404, "40106"), "NotFound Refused UserNotFound"},
		{"404 with a new code", refused(404, "49999"), "Refused"},
		{"400 40002", refused(400, "40002"), "Conflict Refused"},
		{"409", refused(409, ""), "Conflict Refused"},
		{"403", refused(403, ""), "Forbidden Refused"},
		{"wrapped", fmt.Errorf("onboard: %w", refused(404, "40106")), "NotFound Refused UserNotFound"},
		{"500 of a change", &sapi.Error{Status: 500, Class: sapi.ClassServer, Fate: sapi.Lost}, "Unavailable UnknownOutcome"},
		{"500 of a read", &sapi.Error{Status: 500, Class: sapi.ClassServer, Fate: sapi.Failed}, "Unavailable"},
		{"no connection", &sapi.Error{Class: sapi.ClassUnreachable, Fate: sapi.NotSent}, "NotSent Unavailable"},
		{"bad certificate", &sapi.Error{Class: sapi.ClassTLS, Fate: sapi.NotSent}, "NotSent Unavailable"},
		{"HTML for a change", &sapi.Error{Status: 200, Class: sapi.ClassProtocol, Fate: sapi.Lost}, "UnknownOutcome"},
		{"a 404 that is no answer", &sapi.Error{Status: 404, Class: sapi.ClassProtocol, Fate: sapi.Failed}, ""},
		{"429", &sapi.Error{Status: 429, Class: sapi.ClassRateLimited, Fate: sapi.Refused}, "RateLimited Refused"},
		{"401", &sapi.Error{Status: 401, Class: sapi.ClassCredentials, Fate: sapi.Refused}, "CredentialsRejected Refused"},
		{"too late", &sapi.Error{Class: sapi.ClassTooLate, Fate: sapi.NotSent}, "NotSent TooLate"},
		{"too late by half", &sapi.Error{Class: sapi.ClassTooLate, Fate: sapi.Lost}, "TooLate UnknownOutcome"},
		{"paused", &sapi.Error{Class: sapi.ClassPaused, Fate: sapi.NotSent}, "NotSent Paused Unavailable"},
		{"invalid", &sapi.Error{Class: sapi.ClassInvalid, Fate: sapi.NotSent}, "Invalid NotSent"},
	}
	for _, tt := range tests {
		var holds []string
		for name, predicate := range predicates {
			if predicate(tt.err) {
				holds = append(holds, name)
			}
		}
		want := strings.Fields(tt.want)
		if diff := cmp.Diff(want, holds, sortedStrings); diff != "" {
			t.Errorf("%s: predicates differ (-want +got):\n%s", tt.name, diff)
		}
	}
}

var sortedStrings = cmp.Transformer("sorted", func(s []string) map[string]int {
	m := map[string]int{}
	for _, v := range s {
		m[v]++
	}
	return m
})

// What Symphony says may hold an e-mail: it is for the page, and for no log.
func TestErrorsKeepQuiet(t *testing.T) {
	t.Parallel()
	problem := fmt.Sprintf(`{"title":%q,"status":400,"detail":%q,"detailErrorCode":"40001","X-Trace-Id":"Jva4J2","instance":%q}`,
		person, "User "+person+" exists", "/x/"+person)
	u := newUpstream(map[string]http.HandlerFunc{
		"/prefix/api/":              answering(400, problem),
		"/prefix/webcontroller/":    answering(400, problem),
		"/prefix/directory/":        answering(500, person),
		"POST /prefix/api/v2/codes": answering(500, person),
	})
	c := start(t, u, nil)
	_, lookup := c.Login.Lookup(t.Context(), person)
	_, search := c.Directory.Search(t.Context(), person)
	_, create := c.Users.Create(t.Context(), "c", []sapi.NewUser{{Email: person}})
	for _, err := range []error{lookup, search, create} {
		if err == nil {
			t.Fatal("no error, want one")
		}
		wantNoSecrets(t, err.Error())
		wantNoSecrets(t, logged(err))
	}
	if got, want := create.Error(), "create users: status 400: code 40001 (trace Jva4J2)"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
	if e, _ := errors.AsType[*sapi.Error](create); !strings.Contains(e.Detail, person) {
		t.Errorf("Detail = %q, want Symphony's own words", e.Detail)
	}
	for _, call := range u.observed() {
		wantNoSecrets(t, fmt.Sprintf("%+v", call))
	}
}

// Codes and trace ids go into logs, so what is no word is no code.
func TestCodesAndTraceIDsAreWords(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"a b", `a\nb`, person, strings.Repeat("x", 65), `\u001b[31m`} {
		c := start(t, newUpstream(map[string]http.HandlerFunc{
			"/prefix/api/": answering(400, `{"detailErrorCode":"`+bad+`","X-Trace-Id":"`+bad+`"}`),
		}), nil)
		e, _ := errors.AsType[*sapi.Error](read(t.Context(), c))
		if e.TraceID != "" || strings.ContainsAny(string(e.Code), " \n\x1b@") {
			t.Errorf("code %q, trace id %q from %q, want none", e.Code, e.TraceID, bad)
		}
	}
	c := start(t, newUpstream(map[string]http.HandlerFunc{
		"/prefix/api/": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Trace-Id", "KUfkYm")
			answer(w, 418, `{"detailErrorCode":"49999"}`)
		},
	}), nil)
	e, _ := errors.AsType[*sapi.Error](read(t.Context(), c))
	if e.Code != "49999" || e.TraceID != "KUfkYm" {
		t.Errorf("code %q, trace id %q, want 49999 and the header's KUfkYm", e.Code, e.TraceID)
	}
}

func TestLogValue(t *testing.T) {
	t.Parallel()
	err := &sapi.Error{
		Op: "create users", Operation: "createUsers", Method: "POST", Path: "/" + person, Status: 429, Code: "40001",
		Title: person, Detail: person, TraceID: "Jva4J2", RetryAfter: 2 * time.Second,
		Fate: sapi.Refused, Class: sapi.ClassRateLimited, Err: errors.New("cause"),
	}
	want := `err.op="create users" err.fate=refused err.class=rate_limited err.status=429 err.code=40001 err.trace=Jva4J2 err.retry_after=2s err.cause=cause`
	if got := logged(err); !strings.Contains(got, want) {
		t.Errorf("logged %q, want it to contain %q", got, want)
	}
	wantNoSecrets(t, logged(err))
}

func logged(err error) string {
	var b bytes.Buffer
	slog.New(slog.NewTextHandler(&b, nil)).Error("failed", "err", err)
	return b.String()
}

func wantNoSecrets(t *testing.T, text string) {
	t.Helper()
	for _, canary := range []string{secret, person, "canary.person", "token-1", "<html"} {
		if strings.Contains(text, canary) {
			t.Errorf("%q holds %q", text, canary)
		}
	}
}
