package sapi_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"foyer/sapi"
)

const usersPath = "/prefix/api/v2/companies/" + companyID + "/users"

var john = sapi.User{
	ID:             companyID, // the vendor's example uses one id for everything
	CreatedAt:      time.Date(2023, 12, 22, 8, 53, 39, 269539000, time.UTC),
	UpdatedAt:      time.Date(2023, 12, 20, 10, 59, 54, 516494000, time.UTC),
	SymphonyUserID: 695234946138125,
	Email:          "john.smith@symphony.com",
	FirstName:      "John",
	LastName:       "Smith",
	DisplayName:    "John Smith",
	Status:         sapi.StatusActive,
	PhoneNumber:    "+33 1 09 75 83 51",
	Department:     "Order Processing",
	Title:          "Mr.",
	Location:       "Sophia Antipolis",
}

func TestUsersList(t *testing.T) {
	t.Parallel()
	c := startChecked(t, newUpstream(map[string]http.HandlerFunc{
		"GET " + usersPath: func(w http.ResponseWriter, r *http.Request) {
			if got := r.URL.Query().Encode(); got != "currentPage=3&pageSize=100" {
				t.Errorf("query = %q, want currentPage=3&pageSize=100", got)
			}
			answer(w, 200, published(t, "user_page"))
		},
	}))
	listed := john
	listed.SymphonyUserID = 691867691778058
	listed.Status = sapi.StatusUnknown // the published list leaves it out

	got, err := c.Users.List(t.Context(), companyID, sapi.PageOptions{Page: 3})
	if err != nil {
		t.Fatalf("List() = %v", err)
	}
	want := sapi.UserPage{Total: 150, Said: 150, More: true, Page: 3, Size: 100, Users: []sapi.User{listed}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("List() differs (-want +got):\n%s", diff)
	}
}

func TestUsersListBadPaging(t *testing.T) {
	t.Parallel()
	c := startChecked(t, newUpstream(map[string]http.HandlerFunc{
		"GET " + usersPath: answering(400, published(t, "bad_paging")),
	}))
	_, err := c.Users.List(t.Context(), companyID, sapi.PageOptions{})
	want := &sapi.Error{
		Op: "list users", Operation: "getUsers", Method: "GET", Path: "/api/v2/companies/" + companyID + "/users",
		Status: 400, BodyStatus: 400, Title: "BAD_REQUEST",
		Detail:  "getUsers.arg2: page size must be between 1 and 100",
		TraceID: "Jva4J2", At: time.Date(2023, 12, 27, 11, 37, 49, 796115500, time.UTC),
		Fate: sapi.Refused, Class: sapi.ClassRefused,
	}
	got, _ := errors.AsType[*sapi.Error](err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("List() error differs (-want +got):\n%s", diff)
	}
}

func TestUsersGet(t *testing.T) {
	t.Parallel()
	c := startChecked(t, newUpstream(map[string]http.HandlerFunc{
		"GET " + usersPath + "/" + userID: answering(200, published(t, "user")),
		"GET " + usersPath + "/gone":      answering(404, published(t, "user_not_found")),
	}))
	got, err := c.Users.Get(t.Context(), companyID, userID)
	if err != nil {
		t.Fatalf("Get() = %v", err)
	}
	if diff := cmp.Diff(john, got); diff != "" {
		t.Errorf("Get() differs (-want +got):\n%s", diff)
	}
	if _, err := c.Users.Get(t.Context(), companyID, "gone"); !sapi.IsUserNotFound(err) || !sapi.IsNotFound(err) {
		t.Errorf("Get(gone) = %v, want user not found", err)
	}
}

func TestUsersGetReadsLeniently(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		want       sapi.User
	}{
		{"only an id", `{"id":"u"}`, sapi.User{ID: "u"}},
		{"nulls", `{"id":"u","createdAt":null,"symphonyUserId":null,"active":null,"title":null}`, sapi.User{ID: "u"}},
		{"new fields", `{"id":"u","badge":{"colour":"green"},"title":"Dr"}`, sapi.User{ID: "u", Title: "Dr"}},
		{"a number as a string", `{"id":"u","symphonyUserId":"691867691778058"}`, sapi.User{ID: "u", SymphonyUserID: 691867691778058}},
		{"a number beyond 2^53", `{"id":"u","symphonyUserId":9223372036854775807}`, sapi.User{ID: "u", SymphonyUserID: 9223372036854775807}},
		{"a number that is none", `{"id":"u","symphonyUserId":{},"email":"a@b"}`, sapi.User{ID: "u", Email: "a@b"}},
		{"bad dates", `{"id":"u","createdAt":"yesterday","updatedAt":17,"email":"a@b"}`, sapi.User{ID: "u", Email: "a@b"}},
		{"a date with a zone", `{"id":"u","createdAt":"2024-01-02T03:04:05+01:00"}`, sapi.User{ID: "u", CreatedAt: time.Date(2024, 1, 2, 2, 4, 5, 0, time.UTC)}},
		{"wrong types", `{"id":"u","title":["Dr"],"active":"yes","email":"a@b"}`, sapi.User{ID: "u", Email: "a@b"}},
		{"disabled", `{"id":"u","active":false}`, sapi.User{ID: "u", Status: sapi.StatusDisabled}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := start(t, newUpstream(map[string]http.HandlerFunc{"GET " + usersPath + "/u": answering(200, tt.body)}), nil)
			got, err := c.Users.Get(t.Context(), companyID, "u")
			if err != nil {
				t.Fatalf("Get() = %v", err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Get() differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUsersSetActive(t *testing.T) {
	t.Parallel()
	for _, active := range []bool{true, false} {
		c := startChecked(t, newUpstream(map[string]http.HandlerFunc{
			"PATCH " + usersPath + "/" + userID: func(w http.ResponseWriter, r *http.Request) {
				wantBody(t, r, fmt.Sprintf(`{"active":%v}`, active))
				w.WriteHeader(http.StatusOK) // and no body, as published
			},
		}))
		if err := c.Users.SetActive(t.Context(), companyID, userID, active); err != nil {
			t.Errorf("SetActive(%v) = %v", active, err)
		}
	}
}

func TestUsersCreateAsPublished(t *testing.T) {
	t.Parallel()
	rows := []sapi.NewUser{
		{Email: "AdeleV@gmail.com", FirstName: "Adele", LastName: "Vance"},
		{
			Email: " John.Smith@Symphony.com", FirstName: "John", LastName: "Smith", DisplayName: "John Smith",
			Title: "Mr.", Department: "Order Processing", Location: "Sophia Antipolis", PhoneNumber: "+33 1 09 75 83 51",
		},
	}
	c := startChecked(t, newUpstream(map[string]http.HandlerFunc{
		"POST " + usersPath: func(w http.ResponseWriter, r *http.Request) {
			wantBody(t, r, `[{"email":"AdeleV@gmail.com","firstName":"Adele","lastName":"Vance"},
				{"email":" John.Smith@Symphony.com","firstName":"John","lastName":"Smith","displayName":"John Smith",
				"title":"Mr.","department":"Order Processing","location":"Sophia Antipolis","phoneNumber":"+33 1 09 75 83 51"}]`)
			answer(w, 207, published(t, "users_partly_created")) // in another order
		},
	}))
	got, err := c.Users.Create(t.Context(), companyID, rows)
	if err != nil {
		t.Fatalf("Create() = %v", err)
	}
	want := []sapi.UserResult{
		{Email: rows[0].Email, Outcome: sapi.ItemRefused, Status: 400, Problem: &sapi.Error{
			Op: "create users", Operation: "createUsers", Method: "POST", Path: "/api/v2/companies/" + companyID + "/users",
			Status: 400, BodyStatus: 400, Code: sapi.CodeEmailNotAllowed, Title: "Bad Request",
			Detail: "User's email address is not allowed for this company. It must be one of: symphony.com",
			Fate:   sapi.Refused, Class: sapi.ClassRefused,
		}},
		{Email: rows[1].Email, Outcome: sapi.ItemCreated, Status: 201, User: john},
	}
	if diff := cmp.Diff(sapi.CreateUsersResult{Users: want}, got, cmpopts.IgnoreFields(sapi.Error{}, "At")); diff != "" {
		t.Errorf("Create() differs (-want +got):\n%s", diff)
	}
}

func TestUsersCreateAllCreated(t *testing.T) {
	t.Parallel()
	c := startChecked(t, newUpstream(map[string]http.HandlerFunc{
		"POST " + usersPath: answering(201, published(t, "users_created")),
	}))
	got, err := c.Users.Create(t.Context(), companyID, []sapi.NewUser{
		{Email: "john.smith@symphony.com", FirstName: "John", LastName: "Smith"},
		{Email: "adelev@symphony.com", FirstName: "Adele", LastName: "Vance"},
	})
	if err != nil {
		t.Fatalf("Create() = %v", err)
	}
	if diff := cmp.Diff("Adele", got.Users[1].User.FirstName); diff != "" || got.Users[0].Outcome != sapi.ItemCreated || got.Users[1].Outcome != sapi.ItemCreated {
		t.Errorf("Create() = %+v, want both created", got)
	}
}

func TestUsersCreateInNoCompany(t *testing.T) {
	t.Parallel()
	c := startChecked(t, newUpstream(map[string]http.HandlerFunc{
		"POST " + usersPath: answering(400, published(t, "users_company_unavailable")),
	}))
	_, err := c.Users.Create(t.Context(), companyID, []sapi.NewUser{{Email: "a@b", FirstName: "A", LastName: "B"}})
	e, ok := errors.AsType[*sapi.Error](err)
	if !ok || e.Status != 400 || e.BodyStatus != 404 || !sapi.IsCompanyUnavailable(err) || !sapi.IsRefused(err) {
		t.Errorf("Create() = %#v, want a refusal with 40102, status 400 and body status 404", err)
	}
}

// Whatever comes back, each user that was sent has exactly one result.
func TestUsersCreateMatchesByEmail(t *testing.T) {
	t.Parallel()
	const (
		a = `{"id":"1","email":"a@x","status":201}`
		b = `{"id":"2","email":"b@x","status":201}`
	)
	type outcomes = []sapi.ItemOutcome
	tests := []struct {
		name   string
		sent   string
		status int
		body   string
		want   outcomes
		extra  int
	}{
		{"in order", "a@x b@x", 201, "[" + a + "," + b + "]", outcomes{"created", "created"}, 0},
		{"reordered", "b@x a@x", 201, "[" + a + "," + b + "]", outcomes{"created", "created"}, 0},
		{"another case", "A@X b@x", 201, `[{"id":"1","email":" a@X ","status":201},` + b + "]", outcomes{"created", "created"}, 0},
		{"one is missing", "a@x b@x", 207, "[" + b + "]", outcomes{"unknown", "created"}, 0},
		{"all are missing", "a@x b@x", 207, "[]", outcomes{"unknown", "unknown"}, 0},
		{"one too many", "a@x", 201, "[" + b + "," + a + "]", outcomes{"created"}, 1},
		{"nulls", "a@x b@x", 207, "[null," + a + ",null]", outcomes{"created", "unknown"}, 0},
		{"without an e-mail", "a@x", 201, `[{"id":"1","status":201}]`, outcomes{"unknown"}, 1},
		{"sent twice, answered twice", "a@x a@x", 207, `[` + a + `,{"email":"a@x","status":400,"error":{"detailErrorCode":"40002"}}]`, outcomes{"created", "exists"}, 0},
		{"sent twice, answered once", "a@x a@x", 207, "[" + a + "]", outcomes{"created", "unknown"}, 0},
		{"207, all well", "a@x", 207, "[" + a + "]", outcomes{"created"}, 0},
		{"an item's 200", "a@x", 207, `[{"id":"1","email":"a@x","status":200}]`, outcomes{"created"}, 0},
		{"no status, an id", "a@x", 201, `[{"id":"1","email":"a@x"}]`, outcomes{"created"}, 0},
		{"no status, no id", "a@x", 201, `[{"email":"a@x"}]`, outcomes{"unknown"}, 0},
		{"201 with an error", "a@x", 201, `[{"id":"1","email":"a@x","status":201,"error":{"status":400}}]`, outcomes{"unknown"}, 0},
		{"201 with an item's refusal", "a@x", 201, `[{"email":"a@x","status":400,"error":{"detailErrorCode":"40001"}}]`, outcomes{"refused"}, 0},
		{"a refusal without an error", "a@x", 207, `[{"email":"a@x","status":422}]`, outcomes{"refused"}, 0},
		{"a refusal by its error's status", "a@x", 207, `[{"email":"a@x","error":{"status":400}}]`, outcomes{"refused"}, 0},
		{"a code as a number", "a@x", 207, `[{"email":"a@x","status":400,"error":{"detailErrorCode":40002}}]`, outcomes{"exists"}, 0},
		{"an item's 500", "a@x", 207, `[{"email":"a@x","status":500,"error":{"status":500}}]`, outcomes{"unknown"}, 0},
		{"an error that is no problem", "a@x", 207, `[{"email":"a@x","status":400,"error":"no"}]`, outcomes{"refused"}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			u := newUpstream(map[string]http.HandlerFunc{"POST " + usersPath: answering(tt.status, tt.body)})
			c := start(t, u, nil)
			var rows []sapi.NewUser
			for email := range strings.FieldsSeq(tt.sent) {
				rows = append(rows, sapi.NewUser{Email: email, FirstName: "F", LastName: "L"})
			}
			result, err := c.Users.Create(t.Context(), companyID, rows)
			if err != nil {
				t.Fatalf("Create() = %v", err)
			}
			var got outcomes
			for i, r := range result.Users {
				got = append(got, r.Outcome)
				if r.Email != rows[i].Email {
					t.Errorf("result %d is of %q, want %q", i, r.Email, rows[i].Email)
				}
				if created := r.Outcome == sapi.ItemCreated; created != (r.User != sapi.User{}) {
					t.Errorf("result %d is %s with user %+v", i, r.Outcome, r.User)
				}
				if r.Problem != nil && sapi.IsUnknownOutcome(r.Problem) != (r.Outcome == sapi.ItemUnknown) {
					t.Errorf("result %d is %s with a problem whose fate is %s", i, r.Outcome, r.Problem.Fate)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Create() differs (-want +got):\n%s", diff)
			}
			if len(result.Unmatched) != tt.extra {
				t.Errorf("Unmatched = %+v, want %d", result.Unmatched, tt.extra)
			}
			calls := u.observed()
			if got := calls[len(calls)-1].ExtraItems; got != tt.extra {
				t.Errorf("ExtraItems = %d, want %d", got, tt.extra)
			}
		})
	}
}

// Symphony may answer about others than those who were sent, and says so for good
// reason or none: they are handed on.
func TestUsersCreateHandsOnWhatMatchesNobody(t *testing.T) {
	t.Parallel()
	c := start(t, newUpstream(map[string]http.HandlerFunc{"POST " + usersPath: answering(207, `[
		{"id":"1","email":"jane@x","status":201,"active":true},
		{"id":"2","email":"zoe@y","firstName":"Zoe","status":201,"active":true},
		{"id":"3","email":"Jane@X","status":201},
		{"email":"max@y","status":400,"error":{"detailErrorCode":"40001"}},
		null,
		{"id":"4"}]`)}), nil)
	got, err := c.Users.Create(t.Context(), companyID, []sapi.NewUser{{Email: "jane@x", FirstName: "J", LastName: "D"}})
	if err != nil {
		t.Fatalf("Create() = %v", err)
	}
	want := sapi.CreateUsersResult{
		Users: []sapi.UserResult{{
			Email: "jane@x", Outcome: sapi.ItemCreated, Status: 201,
			User: sapi.User{ID: "1", Email: "jane@x", Status: sapi.StatusActive},
		}},
		Unmatched: []sapi.User{
			{ID: "2", Email: "zoe@y", FirstName: "Zoe", Status: sapi.StatusActive},
			{ID: "3", Email: "Jane@X"},
			{Email: "max@y"},
			{ID: "4"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Create() differs (-want +got):\n%s", diff)
	}
}

func TestNormalEmail(t *testing.T) {
	t.Parallel()
	if got := sapi.NormalEmail(" Jane.DOE@Acme.Example\t"); got != "jane.doe@acme.example" {
		t.Errorf("NormalEmail() = %q", got)
	}
}
