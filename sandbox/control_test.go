package sandbox_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foyer/sandbox"
)

// operator gives whoever holds the control key of the partner's sandbox.
func operator(p *partner) *partner {
	o := new(*p)
	o.token = sandbox.DefaultControlKey
	return o
}

func TestControlNeedsItsKeyAndJSON(t *testing.T) {
	t.Parallel()
	p := setup(t, func(o *sandbox.Options) { o.ControlKey = "another key" })
	for _, key := range []string{"", sandbox.DefaultControlKey, p.token, "another keys"} {
		o := operator(p)
		o.token = key
		for _, call := range []string{
			"GET /control/faults", "POST /control/faults", "DELETE /control/faults", "GET /control/settings", "POST /control/settings",
			"POST /control/tokens/revoke", "POST /control/companies/x/state", "POST /control/users/x", "GET /control/calls",
			"DELETE /control/calls", "GET /control/", "GET /control/x",
		} {
			method, path, _ := strings.Cut(call, " ")
			o.send(method, path, "{}").refuses(http.StatusUnauthorized, http.StatusUnauthorized, "")
		}
	}

	o := operator(p)
	o.token = "another key"
	o.get("/control/faults").want(http.StatusOK)
	o.post("/control/tokens/revoke", nil).refuses(http.StatusUnsupportedMediaType, http.StatusUnsupportedMediaType, "")
	o.get("/control/x").refuses(http.StatusNotFound, http.StatusNotFound, "")
	p.get("/api/v2/companies").want(http.StatusOK) // no token was revoked
}

func TestControlFaults(t *testing.T) {
	t.Parallel()
	p := setup(t)
	o := operator(p)
	o.post("/control/faults", `{"match":{"operation":"getUser","method":"GET","pathPrefix":"/api"},"kind":"status","status":500,"times":1,"delay":"1ms"}`).
		want(http.StatusCreated)
	p.get(adele).want(http.StatusInternalServerError)
	p.get(adele).want(http.StatusOK)
	const want = `[{"id":1,"match":{"method":"GET","pathPrefix":"/api","operation":"getUser"},"kind":"status","times":1,"status":500,"seen":2,"fired":1,"delay":"1ms"}]`
	if diff := cmp.Diff(want, string(o.get("/control/faults").want(http.StatusOK).body)); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}

	o.post("/control/faults", `{"kind":"html"}`).want(http.StatusCreated)
	p.get(adele).want(http.StatusBadGateway)
	o.delete("/control/faults").want(http.StatusNoContent)
	p.get(adele).want(http.StatusOK)
	if got := string(o.get("/control/faults").body); got != "[]" {
		t.Errorf("faults after clearing = %s, want []", got)
	}
	for _, bad := range []string{`{"kind":"meteor"}`, `{"kind":"html","time":1}`, `{"kind":"latency","delay":"soon"}`, `{`, `[]`} {
		o.post("/control/faults", bad).refuses(http.StatusBadRequest, http.StatusBadRequest, "")
	}
}

func TestControlSettings(t *testing.T) {
	t.Parallel()
	o := operator(setup(t))
	var got map[string]any
	o.post("/control/settings", `{"listActive":true,"provisioning":"2m"}`).want(http.StatusOK)
	o.post("/control/settings", `{"tokenLifetime":"30s","tokenExpiresIn":5,"noExpiry":true,"clock":"-7m"}`).want(http.StatusOK)
	o.get("/control/settings").want(http.StatusOK).into(&got)
	want := map[string]any{
		"listActive": true, "provisioning": "2m0s", "tokenLifetime": "30s", "tokenExpiresIn": 5.0, "noExpiry": true, "clock": "-7m0s",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	for _, bad := range []string{`{"provisioning":20}`, `{"provisioning":"x"}`, `{"nonsense":1}`} {
		o.post("/control/settings", bad).refuses(http.StatusBadRequest, http.StatusBadRequest, "")
	}
}

func TestControlDirectory(t *testing.T) {
	t.Parallel()
	p := setup(t)
	o := operator(p)
	company := "/control/companies/" + strings.TrimPrefix(lyondell, "/api/v2/companies/") + "/state"
	user := "/control/users/" + strings.TrimPrefix(adele, lyondell+"/users/")

	o.post(user, `{"active":false}`).want(http.StatusNoContent)
	if activeOf(p, adele) {
		t.Error("Adele is active, want her disabled")
	}
	o.post(company, `{"state":"TENANT_MIGRATING"}`).want(http.StatusNoContent)
	if got := stateOf(p, lyondell); got != "TENANT_MIGRATING" {
		t.Errorf("state = %s, want TENANT_MIGRATING", got)
	}
	o.post(company, `{}`).refuses(http.StatusBadRequest, http.StatusBadRequest, "")
	o.post(user, `{}`).refuses(http.StatusBadRequest, http.StatusBadRequest, "")
	o.post("/control/users/x", `{"active":true}`).refuses(http.StatusNotFound, http.StatusNotFound, "")
	o.post("/control/companies/x/state", `{"state":"COMPLETED"}`).refuses(http.StatusNotFound, http.StatusNotFound, "")

	o.delete(user).want(http.StatusNoContent)
	p.get(adele).want(http.StatusNotFound)
	o.delete(user).refuses(http.StatusNotFound, http.StatusNotFound, "")

	o.post("/control/tokens/revoke", "{}").want(http.StatusNoContent)
	p.get(adele).want(http.StatusUnauthorized)
}

func TestControlCalls(t *testing.T) {
	t.Parallel()
	p := setup(t)
	o := operator(p)
	o.delete("/control/calls").want(http.StatusNoContent)
	p.patch(adele, map[string]bool{"active": false})
	var calls []sandbox.Call
	o.get("/control/calls").want(http.StatusOK).into(&calls)
	if len(calls) != 1 || calls[0].Operation != "updateUser" || !calls[0].Applied {
		t.Errorf("calls = %+v, want the one that disabled Adele, and no call of the control API", calls)
	}
}
