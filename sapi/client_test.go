package sapi_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/sapi"
)

func TestNewReportsAllProblemsAtOnce(t *testing.T) {
	t.Parallel()
	_, err := sapi.New(sapi.Options{
		BaseURL: "http://symphony.example", TokenURL: "https://u:" + secret + "@symphony.example/oauth/token",
		UserAgent: "a\r\nb", ConnectTimeout: -1, HeaderTimeout: -1, Timeout: -1,
		MaxWait: -1, MaxTries: -1, RatePerSecond: -1, Burst: -1, MaxConcurrent: -1, MaxBody: -1,
	})
	if err == nil {
		t.Fatal("New() = nil, want an error")
	}
	want := []string{
		"sapi: BaseURL must be https, or http on a loopback address",
		"sapi: TokenURL must not hold a user or password",
		"sapi: LoginURL is missing",
		"sapi: ClientID is missing",
		"sapi: ClientSecret is missing",
		"sapi: UserAgent must be printable ASCII",
		"sapi: ConnectTimeout must not be negative",
		"sapi: HeaderTimeout must not be negative",
		"sapi: Timeout must not be negative",
		"sapi: MaxWait must not be negative",
		"sapi: MaxTries must not be negative",
		"sapi: RatePerSecond must not be negative",
		"sapi: Burst must not be negative",
		"sapi: MaxConcurrent must not be negative",
		"sapi: MaxBody must not be negative",
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Errorf("New() differs (-want +got):\n%s", diff)
	}
}

func TestNewChecksURLs(t *testing.T) {
	t.Parallel()
	for address, ok := range map[string]bool{
		"https://community.symphony.com":          true,
		"https://community.symphony.com/":         true,
		"https://community.symphony.com:8443/api": true,
		"http://127.0.0.1:8081":                   true,
		"http://[::1]:8081":                       true,
		"http://localhost:8081":                   true,
		"http://127.0.0.1.symphony.example":       false,
		"http://localhost.symphony.example":       false,
		"ftp://localhost":                         false,
		"//localhost":                             false,
		"community.symphony.com":                  false,
		"https:community.symphony.com":            false,
		"https://":                                false,
		"https://a.example?b=c":                   false,
		"https://a.example?":                      false,
		"https://a.example#b":                     false,
		"https://u@a.example":                     false,
		"https://a.example\n":                     false,
		":":                                       false,
	} {
		_, err := sapi.New(sapi.Options{
			BaseURL: address, TokenURL: "https://a.example/oauth/token", LoginURL: "https://a.example",
			ClientID: "id", ClientSecret: secret,
		})
		if (err == nil) != ok {
			t.Errorf("New() with BaseURL %q = %v, want it accepted: %v", address, err, ok)
		}
		if err != nil && strings.Contains(err.Error(), "a.example") {
			t.Errorf("New() = %q repeats the URL", err)
		}
	}
}

func TestObserve(t *testing.T) {
	t.Parallel()
	u := newUpstream(nil) // has no such company
	c := start(t, u, nil)
	_ = read(t.Context(), c)
	calls := u.observed()
	for i := range calls {
		if calls[i].Duration <= 0 || calls[i].Duration > time.Minute {
			t.Errorf("Duration = %v", calls[i].Duration)
		}
		calls[i].Duration = 0
	}
	want := []sapi.Call{
		{Operation: "getToken", Status: 200, Try: 1},
		{Operation: "getCompanyStatus", Status: 404, Class: sapi.ClassRefused, Try: 1},
	}
	if diff := cmp.Diff(want, calls); diff != "" {
		t.Errorf("observed calls differ (-want +got):\n%s", diff)
	}
}

func TestZeroValuesSayNothing(t *testing.T) {
	t.Parallel()
	var status sapi.Status
	var fate sapi.Fate
	if status.String() != "unknown" || fate.String() != "none" {
		t.Errorf("zero Status, Fate = %v, %v, want unknown, none", status, fate)
	}
	got := []string{
		sapi.StatusActive.String(), sapi.StatusDisabled.String(),
		sapi.NotSent.String(), sapi.Refused.String(), sapi.Lost.String(), sapi.Failed.String(),
	}
	want := []string{"active", "disabled", "not sent", "refused", "lost", "failed"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("names differ (-want +got):\n%s", diff)
	}
}
