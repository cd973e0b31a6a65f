package sapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"foyer/sapi"
)

const (
	onPod = `{"podDomain":"corporate.symphony.com"}`
	noPod = `{"message":"No pod found for emailAddress: 'jane@acme.com' and companyDomain: 'acme.com'","status":"NOT_FOUND"}`
)

func TestLoginLookup(t *testing.T) {
	t.Parallel()
	found := sapi.Pod{Found: true, Domain: "corporate.symphony.com", Raw: onPod}
	none := sapi.Pod{Message: "No pod found for emailAddress: 'jane@acme.com' and companyDomain: 'acme.com'", Raw: noPod}
	tests := []struct {
		name   string
		status int
		body   string
		want   sapi.Pod
	}{
		{"found", 200, onPod, found},
		{"not found", 404, noPod, none},
		{"not found, with status 200", 200, noPod, none},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := startChecked(t, newUpstream(map[string]http.HandlerFunc{
				"GET /prefix/webcontroller/podLoginInformation": func(w http.ResponseWriter, r *http.Request) {
					if got := r.URL.RawQuery; got != "emailAddress=jane%2Bx%40acme.com&fs=advanced" {
						t.Errorf("query = %q", got)
					}
					if got := r.Header.Get("Authorization"); got != "" {
						t.Errorf("Authorization = %q, want none for the login service", got)
					}
					answer(w, tt.status, tt.body)
				},
			}))
			got, err := c.Login.Lookup(t.Context(), "jane+x@acme.com")
			if err != nil {
				t.Fatalf("Lookup() = %v", err)
			}
			if !strings.HasPrefix(got.Host, "127.0.0.1:") {
				t.Errorf("Host = %q, want the login service's", got.Host)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(sapi.Pod{}, "Host")); diff != "" {
				t.Errorf("Lookup() differs (-want +got):\n%s", diff)
			}
		})
	}
}

// 'Not found' is a claim: a wrong address or a proxy's page must not make it.
func TestLoginLookupThatIsNoAnswer(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status int
		body   string
		fate   sapi.Fate
		class  sapi.Class
	}{
		{404, `{"title":"Not Found","status":404}`, sapi.Failed, sapi.ClassProtocol},
		{404, `<html>no such page</html>`, sapi.Failed, sapi.ClassProtocol},
		{404, ``, sapi.Failed, sapi.ClassProtocol},
		{200, `{}`, sapi.Failed, sapi.ClassProtocol},
		{200, `[]`, sapi.Failed, sapi.ClassProtocol},
		{400, `{}`, sapi.Refused, sapi.ClassRefused},
		{401, `{}`, sapi.Refused, sapi.ClassRefused},
		{500, ``, sapi.Failed, sapi.ClassServer},
	} {
		c := start(t, newUpstream(map[string]http.HandlerFunc{"/prefix/webcontroller/": answering(tt.status, tt.body)}), nil)
		pod, err := c.Login.Lookup(t.Context(), person)
		wantError(t, err, tt.fate, tt.class)
		if sapi.IsNotFound(err) || pod != (sapi.Pod{}) {
			t.Errorf("Lookup() of %d %q = %+v, %v, want no verdict", tt.status, tt.body, pod, err)
		}
	}
}

func TestEvidenceIsCut(t *testing.T) {
	t.Parallel()
	body := fmt.Sprintf(`{"podDomain":"p","more":"%s"}`, strings.Repeat("é", 3000))
	c := start(t, newUpstream(map[string]http.HandlerFunc{"/prefix/webcontroller/": answering(200, body)}), nil)
	pod, err := c.Login.Lookup(t.Context(), person)
	if err != nil {
		t.Fatalf("Lookup() = %v", err)
	}
	if n := len(pod.Raw); n > 2048 || n < 2040 || !strings.HasPrefix(body, pod.Raw) {
		t.Errorf("Raw has %d bytes, want the first 2 KiB without half a letter", n)
	}
}

func TestDirectorySearch(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		want       sapi.Match
	}{
		{
			"a user on a sponsored tenant",
			`{"matchingUserFound":true,"matchingSymphonyTenantFound":true,"tenantSponsored":true,"tenantUrl":"https://acme.on.symphony.com"}`,
			sapi.Match{UserFound: true, TenantFound: true, Sponsored: true, TenantURL: "https://acme.on.symphony.com"},
		},
		{
			"a user on another tenant",
			`{"matchingUserFound":true,"matchingSymphonyTenantFound":true,"tenantSponsored":false,"tenantUrl":"https://acme.symphony.com"}`,
			sapi.Match{UserFound: true, TenantFound: true, TenantURL: "https://acme.symphony.com"},
		},
		{
			"no user, a sponsored tenant",
			`{"matchingUserFound":false,"matchingSymphonyTenantFound":true,"tenantSponsored":true,"tenantUrl":"https://acme.on.symphony.com"}`,
			sapi.Match{TenantFound: true, Sponsored: true, TenantURL: "https://acme.on.symphony.com"},
		},
		{
			"no user, another tenant",
			`{"matchingUserFound":false,"matchingSymphonyTenantFound":true,"tenantSponsored":false}`,
			sapi.Match{TenantFound: true},
		},
		{"nothing", `{"matchingUserFound":false,"matchingSymphonyTenantFound":false,"tenantSponsored":false,"tenantUrl":null}`, sapi.Match{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := startChecked(t, newUpstream(map[string]http.HandlerFunc{
				"GET /prefix/directory/search": func(w http.ResponseWriter, r *http.Request) {
					if got := r.URL.RawQuery; got != "email=jane%40acme.com&partnerId=partner-1" {
						t.Errorf("query = %q", got)
					}
					answer(w, 200, tt.body)
				},
			}))
			if !c.Directory.Enabled() {
				t.Error("Enabled() = false, want true with a partner id")
			}
			got, err := c.Directory.Search(t.Context(), "jane@acme.com")
			if err != nil {
				t.Fatalf("Search() = %v", err)
			}
			tt.want.Raw = tt.body
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(sapi.Match{}, "Host")); diff != "" {
				t.Errorf("Search() differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDirectorySearchThatIsNoAnswer(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{}`, `{"matchingUserFound":"no","matchingSymphonyTenantFound":false}`, `{"matchingUserFound":false}`, `null`} {
		c := start(t, newUpstream(map[string]http.HandlerFunc{"/prefix/directory/": answering(200, body)}), nil)
		_, err := c.Directory.Search(t.Context(), person)
		wantError(t, err, sapi.Failed, sapi.ClassProtocol)
	}
}
