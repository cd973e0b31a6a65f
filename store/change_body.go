package store

import (
	"encoding/json"
	"fmt"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/sapi"
)

// changeBody is how a change is kept, but for its people and for what it is found by,
// which have columns. It has types of its own for what belongs to the client of
// Symphony, so that nothing that changes there changes what old rows mean.
type changeBody struct {
	ID          string          `json:"id"`
	Bulk        int64           `json:"bulk,omitempty"`
	Kind        change.Kind     `json:"kind"`
	Token       string          `json:"token,omitempty"`
	Subject     string          `json:"subject,omitempty"`
	Actor       auth.Actor      `json:"actor"`
	Company     ledger.Company  `json:"company"`
	User        ledger.User     `json:"user"`
	NewCompany  newCompany      `json:"newCompany"`
	Domains     []string        `json:"domains,omitempty"`
	Reason      string          `json:"reason,omitempty"`
	Ticket      string          `json:"ticket,omitempty"`
	SeenAt      int64           `json:"seenAt,omitempty"`
	SeenStatus  sapi.Status     `json:"seenStatus,omitempty"`
	SeenDomains []string        `json:"seenDomains,omitempty"`
	SeenPeople  []string        `json:"seenPeople,omitempty"`
	SeenAhead   int64           `json:"seenAhead,omitempty"` // µs
	From        int64           `json:"from,omitempty"`
	Before      int64           `json:"before,omitempty"`
	Reconciled  bool            `json:"reconciled,omitempty"`
	Corrected   bool            `json:"corrected,omitempty"`
	Code        change.Code     `json:"code,omitempty"`
	LostBy      change.Code     `json:"lostBy,omitempty"`
	Note        string          `json:"note,omitempty"`
	Problem     *portal.Problem `json:"problem,omitempty"`
	Tries       int             `json:"tries,omitempty"`
	Absences    int             `json:"absences,omitempty"`
	AbsentSince int64           `json:"absentSince,omitempty"`
	LookedAt    int64           `json:"lookedAt,omitempty"`
	CreatedAt   int64           `json:"createdAt"`
	UnknownAt   int64           `json:"unknownAt,omitempty"`
	Claim       string          `json:"claim,omitempty"`
	Erased      bool            `json:"erased,omitempty"`
}

type newCompany struct {
	Name         string   `json:"name,omitempty"`
	VanityName   string   `json:"vanityName,omitempty"`
	EmailDomains []string `json:"emailDomains,omitempty"`
}

func encodeChange(c change.Change) (string, error) {
	text, err := json.Marshal(changeBody{
		ID: c.ID, Bulk: c.Bulk, Kind: c.Kind, Token: c.Token, Subject: c.Subject,
		Actor: c.Actor, Company: c.Company, User: c.User, NewCompany: newCompany(c.NewCompany), Domains: c.Domains,
		Reason: c.Reason, Ticket: c.Ticket,
		SeenAt: micros(c.Seen.At), SeenStatus: c.Seen.Status, SeenDomains: c.Seen.EmailDomains, SeenPeople: c.Seen.People, SeenAhead: c.Seen.ClockAhead.Microseconds(),
		From: micros(c.From), Before: micros(c.Before),
		Reconciled: c.Reconciled, Corrected: c.Corrected, Code: c.Code, LostBy: c.LostBy, Note: c.Note, Problem: c.Problem,
		Tries: c.Tries, Absences: c.Absences, AbsentSince: micros(c.AbsentSince), LookedAt: micros(c.LookedAt),
		CreatedAt: micros(c.CreatedAt), UnknownAt: micros(c.UnknownAt), Claim: c.Claim, Erased: c.Erased,
	})
	return string(text), err
}

func decodeChange(body string) (change.Change, error) {
	var b changeBody
	if err := json.Unmarshal([]byte(body), &b); err != nil {
		return change.Change{}, fmt.Errorf("decode change: %w", err)
	}
	return change.Change{
		ID: b.ID, Bulk: b.Bulk, Kind: b.Kind, Token: b.Token, Subject: b.Subject,
		Actor: b.Actor, Company: b.Company, User: b.User, NewCompany: sapi.NewCompany(b.NewCompany), Domains: b.Domains,
		Reason: b.Reason, Ticket: b.Ticket,
		Seen: change.Seen{At: fromMicros(b.SeenAt), Status: b.SeenStatus, EmailDomains: b.SeenDomains, People: b.SeenPeople, ClockAhead: time.Duration(b.SeenAhead) * time.Microsecond},
		From: fromMicros(b.From), Before: fromMicros(b.Before),
		Reconciled: b.Reconciled, Corrected: b.Corrected, Code: b.Code, LostBy: b.LostBy, Note: b.Note, Problem: b.Problem,
		Tries: b.Tries, Absences: b.Absences, AbsentSince: fromMicros(b.AbsentSince), LookedAt: fromMicros(b.LookedAt),
		CreatedAt: fromMicros(b.CreatedAt), UnknownAt: fromMicros(b.UnknownAt), Claim: b.Claim, Erased: b.Erased,
	}, nil
}
