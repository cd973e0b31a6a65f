package sandbox

import (
	"cmp"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// The published detail error codes.
const (
	codeEmailNotAllowed    = "40001"
	codeEmailTaken         = "40002"
	codeCompanyUnavailable = "40102"
	codeDomainTaken        = "40103"
	codeUserNotFound       = "40106"
)

// A problem is a refusal as it goes over the wire, and the error that carries
// it there.
type problem struct {
	Type      string `json:"type,omitempty"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail"`
	Instance  string `json:"instance,omitempty"`
	Timestamp string `json:"timestamp,omitempty"`
	Code      string `json:"detailErrorCode,omitempty"`
	TraceID   string `json:"X-Trace-Id,omitempty"`

	overHTTP int // the HTTP status where it differs from Status
}

func newProblem(status int, detail string) *problem {
	return &problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail}
}

// invalid is what broken rules about single values are answered with; its title
// is in capitals, as published.
func invalid(detail string) *problem {
	p := newProblem(http.StatusBadRequest, detail)
	p.Title = "BAD_REQUEST"
	return p
}

func companyUnavailable() *problem {
	p := newProblem(http.StatusNotFound, "Company is not found, or is not in 'completed' state.")
	p.Code = codeCompanyUnavailable
	return p
}

func domainsTaken(domains []string) *problem {
	p := newProblem(http.StatusNotFound, "Company email domains are already taken: "+strings.Join(domains, ", "))
	p.Code = codeDomainTaken
	return p
}

func userNotFound() *problem {
	p := newProblem(http.StatusNotFound, "User is not found, or does not belong to the company.")
	p.Code = codeUserNotFound
	return p
}

// Error says which refusal it is, for the log; Detail may hold an address.
func (p *problem) Error() string { return p.Title + " " + p.Code }

func (p *problem) httpStatus() int { return cmp.Or(p.overHTTP, p.Status) }

func (p *problem) answer(x *exchange) (answer, error) {
	whole := *p
	whole.Instance = x.URL.EscapedPath()
	whole.Timestamp = x.now.Format("2006-01-02T15:04:05.000000000Z")
	whole.TraceID = x.call.TraceID
	a, err := jsonAnswer(p.httpStatus(), whole)
	if err == nil && a.status == http.StatusUnauthorized {
		a.header.Set("WWW-Authenticate", "Bearer")
	}
	return a, err
}

// newTraceID gives six characters, as Symphony's support asks for them.
func newTraceID() string {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	id := make([]byte, 6)
	for i := range id {
		id[i] = alphabet[rand.IntN(len(alphabet))]
	}
	return string(id)
}

func wireTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }
