package sapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
)

// maxRaw is how much of an answer is kept as evidence.
const maxRaw = 2 << 10

var (
	errShape = errors.New("the answer's JSON is of another shape")
	errEmpty = errors.New("the answer is empty")
	errNoID  = errors.New("the answer holds no id")
)

func decodeCompanies(to *[]Company) func(*reply) error {
	return func(r *reply) error {
		var rows []*companyJSON
		if err := decodeArray(r.body, &rows); err != nil {
			return err
		}
		companies := make([]Company, 0, len(rows))
		for _, c := range rows {
			if c != nil && (c.ID != "" || c.VanityName != "") {
				companies = append(companies, c.company())
			}
		}
		*to = companies
		return nil
	}
}

func decodeCompany(to *Company) func(*reply) error {
	return func(r *reply) error {
		var c companyJSON
		if err := decodeObject(r.body, &c); err != nil {
			return err
		}
		if c.ID == "" {
			return errNoID
		}
		*to = c.company()
		return nil
	}
}

func decodeUser(to *User) func(*reply) error {
	return func(r *reply) error {
		var u userJSON
		if err := decodeObject(r.body, &u); err != nil {
			return err
		}
		if u.ID == "" {
			return errNoID
		}
		*to = u.user()
		return nil
	}
}

// decodeUserPage fills in the total and the users, and how many there would be if
// there were more. What the answer says of its page number is left alone: the
// published examples contradict each other.
func decodeUserPage(to *listed) func(*reply) error {
	return func(r *reply) error {
		var page struct {
			Total *integer    `json:"total"`
			Size  integer     `json:"pageSize"`
			Users []*userJSON `json:"users"`
		}
		if err := decodeObject(r.body, &page); err != nil {
			return err
		}
		// No list of users is an empty page only if there are none at all.
		if page.Users == nil && (page.Total == nil || *page.Total != 0) {
			return errShape
		}
		to.Users = make([]User, 0, len(page.Users))
		for _, u := range page.Users {
			if u != nil && (u.ID != "" || u.Email != "") {
				to.Users = append(to.Users, u.user())
			}
		}
		if page.Total != nil {
			to.Said = int64(*page.Total)
		}
		full := to.Size
		if page.Size > 0 {
			full = int(min(int64(full), int64(page.Size)))
		}
		to.rows, to.most, to.full = len(page.Users), full, len(page.Users) >= full
		return nil
	}
}

// decodeCreated finds for each user that was sent the item that answers it.
func decodeCreated(k call, sent []NewUser, to *CreateUsersResult) func(*reply) error {
	return func(r *reply) error {
		var rows []*userJSON
		if err := decodeArray(r.body, &rows); err != nil {
			return err
		}
		rows = slices.DeleteFunc(rows, func(u *userJSON) bool { return u == nil })
		to.Users = make([]UserResult, len(sent))
		for i, u := range sent {
			to.Users[i] = UserResult{Email: u.Email, Outcome: ItemUnknown}
			answers := func(row *userJSON) bool { return NormalEmail(row.Email) == NormalEmail(u.Email) }
			// An item answers one row only, in case the same e-mail was sent twice.
			if at := slices.IndexFunc(rows, answers); at >= 0 {
				to.Users[i] = k.item(u.Email, rows[at])
				rows = slices.Delete(rows, at, at+1)
			}
		}
		for _, row := range rows {
			to.Unmatched = append(to.Unmatched, row.user())
		}
		r.extra = len(rows)
		return nil
	}
}

// item says what became of one user. The item's own status and error rule, not
// the status of the whole answer; if they contradict each other nothing is known.
func (k call) item(email string, u *userJSON) UserResult {
	result := UserResult{Email: email, Outcome: ItemUnknown, Status: int(u.Status)}
	if u.Error != nil {
		if result.Status == 0 {
			result.Status = int(u.Error.Status)
		}
		result.Problem = u.Error.fill(k.verdict(result.Status))
		result.Problem.Status = result.Status
	}
	switch {
	case u.Error != nil && result.Problem.Code == CodeEmailTaken:
		result.Outcome = ItemExists
	case result.Status >= 400 && result.Status < 500:
		result.Outcome = ItemRefused
	case u.Error == nil && (result.Status >= 200 && result.Status < 300 || result.Status == 0 && u.ID != ""):
		result.Outcome, result.User = ItemCreated, u.user()
	}
	if result.Problem != nil && result.Outcome == ItemUnknown {
		result.Problem.Fate = Lost
	}
	return result
}

func decodePod(to *Pod) func(*reply) error {
	return func(r *reply) error {
		var pod struct {
			PodDomain string `json:"podDomain"`
			Message   string `json:"message"`
			Status    string `json:"status"`
		}
		if err := decodeObject(r.body, &pod); err != nil {
			return err
		}
		// A 404 that does not say so itself is a wrong address, not a missing pod.
		if pod.PodDomain == "" && pod.Status != "NOT_FOUND" {
			return errShape
		}
		to.Found, to.Domain, to.Message, to.Raw = pod.PodDomain != "", pod.PodDomain, pod.Message, raw(r.body)
		return nil
	}
}

func decodeMatch(to *Match) func(*reply) error {
	return func(r *reply) error {
		var match struct {
			UserFound   optionalBool `json:"matchingUserFound"`
			TenantFound optionalBool `json:"matchingSymphonyTenantFound"`
			Sponsored   optionalBool `json:"tenantSponsored"`
			TenantURL   string       `json:"tenantUrl"`
		}
		if err := decodeObject(r.body, &match); err != nil {
			return err
		}
		if match.UserFound == "" || match.TenantFound == "" {
			return errShape
		}
		to.UserFound, to.TenantFound = match.UserFound == "true", match.TenantFound == "true"
		to.Sponsored, to.TenantURL, to.Raw = match.Sponsored == "true", match.TenantURL, raw(r.body)
		return nil
	}
}

// raw returns the beginning of an answer as valid text.
func raw(body []byte) string {
	return strings.ToValidUTF8(string(body[:min(len(body), maxRaw)]), "")
}

func decodeObject(body []byte, to any) error { return decodeShape(body, '{', to) }

func decodeArray(body []byte, to any) error { return decodeShape(body, '[', to) }

// decodeShape decodes an object or an array, as its first byte tells. Within it,
// values of the wrong type are skipped: a row with a strange field is still a row.
func decodeShape(body []byte, first byte, to any) error {
	body = bytes.TrimSpace(body)
	switch {
	case len(body) == 0:
		return errEmpty
	case body[0] != first:
		return errShape
	}
	err := decodeJSON(body, to)
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return nil
	}
	return err
}

// decodeJSON decodes exactly one value. Its errors don't quote it. JSON that is
// cut short is io.ErrUnexpectedEOF.
func decodeJSON(body []byte, to any) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	err := decoder.Decode(to)
	if _, ok := errors.AsType[*json.SyntaxError](err); ok {
		return errors.New("the answer is not well-formed JSON")
	}
	if err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("the answer goes on after its JSON")
	}
	return nil
}
