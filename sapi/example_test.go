package sapi_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"foyer/sapi"
)

// A change has three ends, and the third is not an error like others.
func Example() {
	server := httptest.NewServer(newUpstream(map[string]http.HandlerFunc{
		"POST /prefix/api/v2/companies": answering(202, `{"id":"c1","vanityName":"acme","state":"STARTED"}`),
	}))
	defer server.Close()
	client, err := sapi.New(sapi.Options{
		BaseURL:      server.URL + "/prefix",
		TokenURL:     server.URL + "/prefix/oauth/token",
		LoginURL:     server.URL + "/prefix",
		ClientID:     "a-partner",
		ClientSecret: "a-secret",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	company, err := client.Companies.Create(context.Background(), sapi.NewCompany{
		Name: "Acme", VanityName: "acme", EmailDomains: []string{"acme.example"},
	})
	switch {
	case err == nil:
		fmt.Println("created:", company.State)
	case sapi.IsUnknownOutcome(err):
		fmt.Println("perhaps created: find it before trying again")
	default:
		fmt.Println("not created:", err)
	}
	// Output: created: STARTED
}

// Each of the users that were sent has a result of its own.
func ExampleUsers_Create() {
	server := httptest.NewServer(newUpstream(map[string]http.HandlerFunc{
		"POST /prefix/api/v2/companies/c1/users": answering(207, `[
			{"email":"jane@acme.example","status":201,"id":"u1"},
			{"email":"john@gmail.example","status":400,"error":{"status":400,"detailErrorCode":"40001"}}]`),
	}))
	defer server.Close()
	client, err := sapi.New(newUpstream(nil).options(server.URL))
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := client.Users.Create(context.Background(), "c1", []sapi.NewUser{
		{Email: "john@gmail.example", FirstName: "John", LastName: "Smith"},
		{Email: "Jane@acme.example", FirstName: "Jane", LastName: "Doe"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range result.Users {
		fmt.Println(r.Email, r.Outcome)
	}
	// Output:
	// john@gmail.example refused
	// Jane@acme.example created
}

// All reads page after page, for as long as the loop goes on.
func ExampleUsers_All() {
	server := httptest.NewServer(newUpstream(map[string]http.HandlerFunc{
		"GET /prefix/api/v2/companies/c1/users": answering(200, `{"total":1,"users":[{"id":"u1","email":"jane@acme.example"}]}`),
	}))
	defer server.Close()
	client, err := sapi.New(newUpstream(nil).options(server.URL))
	if err != nil {
		fmt.Println(err)
		return
	}
	for user, err := range client.Users.All(context.Background(), "c1", 100) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(user.Email, user.Status)
	}
	// Output: jane@acme.example unknown
}
