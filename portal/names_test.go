package portal_test

import (
	"testing"

	"foyer/portal"
	"foyer/sapi"
)

func TestAPersonIsCalledByTheFirstNameThereIs(t *testing.T) {
	t.Parallel()
	tests := []struct {
		user sapi.User
		want string
	}{
		{sapi.User{DisplayName: "Adele Vance", FirstName: "A", Email: "a@b.example"}, "Adele Vance"},
		{sapi.User{FirstName: "Adele", LastName: "Vance"}, "Adele Vance"},
		{sapi.User{LastName: "Vance"}, "Vance"},
		{sapi.User{Email: "a@b.example", ID: "1"}, "a@b.example"},
		{sapi.User{DisplayName: "\u3164", FirstName: "\u2800", LastName: "\u200b", Email: "a@b.example"}, "a@b.example"},
		{sapi.User{DisplayName: "\u3164", LastName: "Vance", Email: "a@b.example"}, "Vance"},
		{sapi.User{ID: "1"}, "1"},
		{sapi.User{}, "(no name)"},
	}
	for _, test := range tests {
		if got := portal.UserName(test.user); got != test.want {
			t.Errorf("UserName(%+v) = %q, want %q", test.user, got, test.want)
		}
	}
}
