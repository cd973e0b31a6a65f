package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"
)

// The ids that the stand-in Symphony is always seeded with: the company of the
// published examples, and its first person, who is active.
const (
	lyondell = "e176c55e-6e49-4819-b982-12e0535db5f0"
	adele    = "5bec2e8b-da45-46c7-9370-5669de1b1a78"
)

// fault is what the stand-in is told to do wrong; docs/sandbox.md says how.
type fault struct {
	Match match  `json:"match"`
	Kind  string `json:"kind"`
	After int    `json:"after,omitempty"`
	Times int    `json:"times,omitempty"`
	Delay string `json:"delay,omitempty"`
}

type match struct {
	Operation  string `json:"operation"`
	PathPrefix string `json:"pathPrefix,omitempty"`
}

// goWrong makes Symphony go wrong from now on, as the fault says.
func (f foyer) goWrong(t testing.TB, fault fault) {
	t.Helper()
	f.control(t, http.MethodPost, "/control/faults", fault, nil)
}

// loseAnswer has Symphony do the next change of Adele without its answer arriving.
// What is read before the change is answered; what is read after it, to find out, is
// not, until allIsWell.
func (f foyer) loseAnswer(t testing.TB) {
	t.Helper()
	f.goWrong(t, fault{Match: match{Operation: "updateUser"}, Kind: "close_after", Times: 1})
	f.answerOnce(t, "/companies/"+lyondell+"/users/"+adele)
}

// answerOnce has Symphony answer one more reading of the person, whose page it is, and
// then none until allIsWell. Others are read in the background all the time.
func (f foyer) answerOnce(t testing.TB, page string) {
	t.Helper()
	f.goWrong(t, fault{Match: match{Operation: "getUser", PathPrefix: "/api/v2" + page}, Kind: "html", After: 1})
}

// allIsWell ends every fault.
func (f foyer) allIsWell(t testing.TB) {
	t.Helper()
	f.control(t, http.MethodDelete, "/control/faults", nil, nil)
}

// calls counts the calls of the operation that have reached Symphony.
func (f foyer) calls(t testing.TB, operation string) int {
	t.Helper()
	var calls []struct {
		Operation string `json:"operation"`
	}
	f.control(t, http.MethodGet, "/control/calls", nil, &calls)
	n := 0
	for _, call := range calls {
		if call.Operation == operation {
			n++
		}
	}
	return n
}

// control asks the stand-in's control API, and reads its answer into v unless
// that is nil.
func (f foyer) control(t testing.TB, method, path string, body, v any) {
	t.Helper()
	var sent bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&sent).Encode(body); err != nil {
			t.Fatalf("encode what %s is sent: %v", path, err)
		}
	}
	request, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, f.symphony+path, &sent)
	if err != nil {
		t.Fatalf("ask %s: %v", path, err)
	}
	request.Header.Set("Authorization", "Bearer sandbox-admin")
	request.Header.Set("Content-Type", "application/json")
	client := http.Client{Timeout: 30 * time.Second}
	answer, err := client.Do(request)
	if err != nil {
		t.Fatalf("ask %s: %v", path, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= http.StatusBadRequest {
		t.Fatalf("%s %s = %s", method, path, answer.Status)
	}
	if v == nil {
		return
	}
	if err := json.NewDecoder(answer.Body).Decode(v); err != nil {
		t.Fatalf("read the answer of %s: %v", path, err)
	}
}
