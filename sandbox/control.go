package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
)

// control is the back door over HTTP. Everything under /control/ needs the
// control key as a bearer token; bodies must be JSON, so that no form of another
// page can send one. Nothing here enters the ledger of calls or meets a fault.
func (s *Sandbox) control() http.Handler {
	mux := http.NewServeMux()
	for pattern, do := range map[string]controlFunc{
		"GET /control/faults":                s.listFaults,
		"POST /control/faults":               s.addFault,
		"DELETE /control/faults":             s.clearFaults,
		"GET /control/settings":              s.readSettings,
		"POST /control/settings":             s.changeSettings,
		"POST /control/tokens/revoke":        s.revokeTokens,
		"POST /control/companies/{id}/state": s.setCompanyState,
		"POST /control/users/{id}":           s.setUserActive,
		"GET /control/calls":                 s.listCalls,
		"DELETE /control/calls":              s.clearCalls,
	} {
		mux.Handle(pattern, s.controlled(do))
	}
	mux.Handle("/control/", s.controlled(func(*http.Request) (int, any, error) {
		return 0, nil, newProblem(http.StatusNotFound, "The control API has no such call.")
	}))
	return mux
}

// A controlFunc does one thing and gives the status and what to answer, nil for
// an empty answer.
type controlFunc func(*http.Request) (status int, body any, err error)

func (s *Sandbox) controlled(do controlFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		x := &exchange{Request: r, now: s.time(), call: &Call{TraceID: newTraceID()}}

		status, body, err := 0, any(nil), s.mayControl(r)
		if err == nil {
			status, body, err = do(r)
		}
		done := answer{status: status, header: http.Header{}}
		if err == nil && body != nil {
			done, err = jsonAnswer(status, body)
		}
		if err != nil {
			done = s.controlRefusal(r.Context(), err, x)
		}
		write(w, x, done)
	}
}

func (s *Sandbox) mayControl(r *http.Request) error {
	key, isBearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !isBearer || !same(key, s.controlKey) {
		return unauthorised("The control API needs the control key as a bearer token.")
	}
	if mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); r.Method == http.MethodPost && mediaType != "application/json" {
		return newProblem(http.StatusUnsupportedMediaType, "The body must be application/json.")
	}
	return nil
}

func (s *Sandbox) controlRefusal(ctx context.Context, err error, x *exchange) answer {
	refusal, isRefusal := errors.AsType[*problem](err)
	switch {
	case isRefusal:
	case errors.Is(err, errUnknownCompany), errors.Is(err, errUnknownUser):
		refusal = newProblem(http.StatusNotFound, err.Error())
	default:
		s.log.ErrorContext(ctx, "sandbox control went wrong", "path", x.URL.Path, "error", err)
		refusal = newProblem(http.StatusInternalServerError, "Internal error")
	}
	done, err := refusal.answer(x)
	if err != nil {
		s.log.ErrorContext(ctx, "sandbox problem not written", "error", err)
		return answer{status: http.StatusInternalServerError}
	}
	return done
}

// decode reads the body strictly: a misspelt member that is ignored would be a
// fault that never fires. An empty body leaves v as it is.
func decode(r *http.Request, v any) error {
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(v); err != nil && !errors.Is(err, io.EOF) {
		return newProblem(http.StatusBadRequest, err.Error())
	}
	return nil
}

// A jsonDuration is written as Go writes it: "1.5s".
type jsonDuration time.Duration

func (d jsonDuration) MarshalText() ([]byte, error) {
	return []byte(time.Duration(d).String()), nil
}

func (d *jsonDuration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q is not a duration such as 1.5s", text)
	}
	*d = jsonDuration(parsed)
	return nil
}

// A jsonRule is a Rule over the wire.
type jsonRule struct {
	Rule
	Delay jsonDuration `json:"delay,omitempty"`
}

func (s *Sandbox) listFaults(*http.Request) (int, any, error) {
	rules := []jsonRule{}
	for _, r := range s.faults.Rules() {
		rules = append(rules, jsonRule{r, jsonDuration(r.Delay)})
	}
	return http.StatusOK, rules, nil
}

func (s *Sandbox) addFault(r *http.Request) (int, any, error) {
	var asked jsonRule
	if err := decode(r, &asked); err != nil {
		return 0, nil, err
	}
	asked.Rule.Delay = time.Duration(asked.Delay)
	added, err := s.faults.Add(asked.Rule)
	if err != nil {
		return 0, nil, newProblem(http.StatusBadRequest, err.Error())
	}
	return http.StatusCreated, jsonRule{added, asked.Delay}, nil
}

func (s *Sandbox) clearFaults(*http.Request) (int, any, error) {
	s.faults.Clear()
	return http.StatusNoContent, nil, nil
}

// A jsonSettings is Settings over the wire; what a change leaves out stays.
type jsonSettings struct {
	ListActive     *bool         `json:"listActive"`
	Provisioning   *jsonDuration `json:"provisioning"`
	TokenLifetime  *jsonDuration `json:"tokenLifetime"`
	TokenExpiresIn *int          `json:"tokenExpiresIn"`
	NoExpiry       *bool         `json:"noExpiry"`
	Clock          *jsonDuration `json:"clock"`
}

func settingsJSON(s Settings) jsonSettings {
	return jsonSettings{
		ListActive:     &s.ListActive,
		Provisioning:   new(jsonDuration(s.Provisioning)),
		TokenLifetime:  new(jsonDuration(s.TokenLifetime)),
		TokenExpiresIn: &s.TokenExpiresIn,
		NoExpiry:       &s.NoExpiry,
		Clock:          new(jsonDuration(s.Clock)),
	}
}

func (s *Sandbox) readSettings(*http.Request) (int, any, error) {
	return http.StatusOK, settingsJSON(s.faults.Settings()), nil
}

func (s *Sandbox) changeSettings(r *http.Request) (int, any, error) {
	var asked jsonSettings
	if err := decode(r, &asked); err != nil {
		return 0, nil, err
	}
	changed := s.faults.Set(func(settings *Settings) {
		replace(&settings.ListActive, asked.ListActive)
		replace(&settings.Provisioning, (*time.Duration)(asked.Provisioning))
		replace(&settings.TokenLifetime, (*time.Duration)(asked.TokenLifetime))
		replace(&settings.TokenExpiresIn, asked.TokenExpiresIn)
		replace(&settings.NoExpiry, asked.NoExpiry)
		replace(&settings.Clock, (*time.Duration)(asked.Clock))
	})
	return http.StatusOK, settingsJSON(changed), nil
}

func replace[T any](old, given *T) {
	if given != nil {
		*old = *given
	}
}

func (s *Sandbox) revokeTokens(r *http.Request) (int, any, error) {
	return http.StatusNoContent, nil, s.faults.RevokeTokens(r.Context())
}

func (s *Sandbox) setCompanyState(r *http.Request) (int, any, error) {
	var asked struct {
		State        string `json:"state"`
		ErrorMessage string `json:"errorMessage"`
	}
	if err := decode(r, &asked); err != nil {
		return 0, nil, err
	}
	if asked.State == "" {
		return 0, nil, newProblem(http.StatusBadRequest, "state is missing")
	}
	return http.StatusNoContent, nil, s.faults.SetCompanyState(r.Context(), r.PathValue("id"), asked.State, asked.ErrorMessage)
}

func (s *Sandbox) setUserActive(r *http.Request) (int, any, error) {
	var asked struct {
		Active *bool `json:"active"`
	}
	if err := decode(r, &asked); err != nil {
		return 0, nil, err
	}
	if asked.Active == nil {
		return 0, nil, newProblem(http.StatusBadRequest, "active is missing")
	}
	return http.StatusNoContent, nil, s.faults.SetUserActive(r.Context(), r.PathValue("id"), *asked.Active)
}

func (s *Sandbox) listCalls(r *http.Request) (int, any, error) {
	calls, err := s.faults.Calls(r.Context())
	return http.StatusOK, calls, err
}

func (s *Sandbox) clearCalls(r *http.Request) (int, any, error) {
	return http.StatusNoContent, nil, s.faults.ClearCalls(r.Context())
}
