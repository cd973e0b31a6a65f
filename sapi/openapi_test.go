package sapi_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"foyer/sapi"
)

func TestOpenAPIIsValid(t *testing.T) {
	t.Parallel()
	if err := description(t).Validate(t.Context()); err != nil {
		t.Errorf("Validate() = %v", err)
	}
}

// The client has every operation of the description, by the same name, and no other.
func TestOpenAPIHasTheClientsOperations(t *testing.T) {
	t.Parallel()
	described := map[string]bool{}
	for _, item := range description(t).Paths.Map() {
		for _, operation := range item.Operations() {
			described[operation.OperationID] = true
		}
	}
	u := newUpstream(nil)
	o := u.options("http://localhost")
	o.Transport = replying(400, "application/json", []byte(`{"title":"BAD_REQUEST","status":400,"X-Trace-Id":"Jva4J2"}`))
	c := newClient(t, o)
	ctx := t.Context()
	_, _, find := c.Companies.Find(ctx, "acme")
	_, list := c.Companies.List(ctx)
	_, pages := c.Users.List(ctx, "c", sapi.PageOptions{})
	_, user := c.Users.Get(ctx, "c", "u")
	_, users := c.Users.Create(ctx, "c", make([]sapi.NewUser, 1))
	_, domains := c.Companies.AddDomains(ctx, "c", []string{"acme.example"})
	_, pod := c.Login.Lookup(ctx, person)
	_, match := c.Directory.Search(ctx, person)
	for _, err := range []error{find, list, pages, user, users, domains, pod, match, read(ctx, c), change(ctx, c), disable(ctx, c), c.Ping(ctx)} {
		wantError(t, err, sapi.Refused, sapi.ClassRefused)
	}
	called := map[string]bool{}
	for _, call := range u.observed() {
		called[call.Operation] = true
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(described)), slices.Sorted(maps.Keys(called))); diff != "" {
		t.Errorf("operations differ (-described +called):\n%s", diff)
	}
}

func description(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(sapi.OpenAPI())
	if err != nil {
		t.Fatalf("LoadFromData() = %v", err)
	}
	return doc
}
