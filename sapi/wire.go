package sapi

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// What goes over the wire, and the types that make reading it lenient.

type domainsJSON struct {
	EmailDomains []string `json:"emailDomains"`
}

type activeJSON struct {
	Active bool `json:"active"`
}

type newCompanyJSON struct {
	Name         string   `json:"name"`
	VanityName   string   `json:"vanityName"`
	EmailDomains []string `json:"emailDomains"`
}

type newUserJSON struct {
	Email       string `json:"email"`
	FirstName   string `json:"firstName"`
	LastName    string `json:"lastName"`
	DisplayName string `json:"displayName,omitempty"`
	Title       string `json:"title,omitempty"`
	Department  string `json:"department,omitempty"`
	Location    string `json:"location,omitempty"`
	PhoneNumber string `json:"phoneNumber,omitempty"`
}

func newUsersJSON(users []NewUser) []newUserJSON {
	rows := make([]newUserJSON, len(users))
	for i, u := range users {
		rows[i] = newUserJSON(u)
	}
	return rows
}

type companyJSON struct {
	ID           string       `json:"id"`
	CreatedAt    timestamp    `json:"createdAt"`
	UpdatedAt    timestamp    `json:"updatedAt"`
	Name         string       `json:"name"`
	VanityName   string       `json:"vanityName"`
	EmailDomains []string     `json:"emailDomains"`
	PublicURL    string       `json:"publicUrl"`
	State        CompanyState `json:"state"`
	ErrorMessage string       `json:"errorMessage"`
}

func (c *companyJSON) company() Company {
	return Company{
		ID: c.ID, CreatedAt: time.Time(c.CreatedAt), UpdatedAt: time.Time(c.UpdatedAt),
		Name: c.Name, VanityName: c.VanityName, EmailDomains: c.EmailDomains,
		PublicURL: c.PublicURL, State: c.State, ErrorMessage: c.ErrorMessage,
	}
}

type userJSON struct {
	ID             string       `json:"id"`
	CreatedAt      timestamp    `json:"createdAt"`
	UpdatedAt      timestamp    `json:"updatedAt"`
	SymphonyUserID integer      `json:"symphonyUserId"`
	Email          string       `json:"email"`
	FirstName      string       `json:"firstName"`
	LastName       string       `json:"lastName"`
	DisplayName    string       `json:"displayName"`
	Active         optionalBool `json:"active"`
	PhoneNumber    string       `json:"phoneNumber"`
	Department     string       `json:"department"`
	Title          string       `json:"title"`
	Location       string       `json:"location"`
	Status         integer      `json:"status"` // of the item, in answers to createUsers
	Error          *problemJSON `json:"error"`  // of the item, in answers to createUsers
}

func (u *userJSON) user() User {
	return User{
		ID: u.ID, CreatedAt: time.Time(u.CreatedAt), UpdatedAt: time.Time(u.UpdatedAt),
		SymphonyUserID: int64(u.SymphonyUserID), Email: u.Email,
		FirstName: u.FirstName, LastName: u.LastName, DisplayName: u.DisplayName,
		Status: u.Active.status(), PhoneNumber: u.PhoneNumber,
		Department: u.Department, Title: u.Title, Location: u.Location,
	}
}

// optionalBool is a boolean that is empty when it is missing, null or of another type. A
// *bool would be false for the latter.
type optionalBool string

// UnmarshalJSON never fails.
func (t *optionalBool) UnmarshalJSON(data []byte) error {
	*t = ""
	if s := string(data); s == "true" || s == "false" {
		*t = optionalBool(s)
	}
	return nil
}

func (t optionalBool) status() Status {
	switch t {
	case "true":
		return StatusActive
	case "false":
		return StatusDisabled
	default:
		return StatusUnknown
	}
}

// timestamp is a time that is zero, rather than an error, when it can't be read.
type timestamp time.Time

// UnmarshalJSON never fails.
func (t *timestamp) UnmarshalJSON(data []byte) error {
	parsed, err := time.Parse(`"`+time.RFC3339Nano+`"`, string(data))
	if err != nil {
		parsed = time.Time{}
	}
	*t = timestamp(parsed.UTC())
	return nil
}

// integer is an int64 that may come as a string or with a fraction that is nothing, as
// 20.0, and is 0, rather than an error, when it can't be read. A whole number is never
// read through a float64, which is too small.
type integer int64

// UnmarshalJSON never fails.
func (n *integer) UnmarshalJSON(data []byte) error {
	text := strings.TrimSpace(strings.Trim(string(data), `"`))
	parsed, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		parsed = 0
		const exact = 1 << 53
		if f, err := strconv.ParseFloat(text, 64); err == nil && math.Abs(f) < exact && f == math.Trunc(f) {
			parsed = int64(f)
		}
	}
	*n = integer(parsed)
	return nil
}

// scalar is a string that may come as a number, and is empty when it is neither.
type scalar string

// UnmarshalJSON never fails.
func (s *scalar) UnmarshalJSON(data []byte) error {
	*s = ""
	if text := string(data); strings.Contains(`"-0123456789`, text[:1]) {
		*s = scalar(strings.Trim(text, `"`))
	}
	return nil
}
