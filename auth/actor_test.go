package auth_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
)

// The matrix, as docs/security.md has it.
func TestPermissions(t *testing.T) {
	t.Parallel()
	const viewer, onboarder, auditor, admin = auth.Viewer, auth.Onboarder, auth.Auditor, auth.Admin
	want := map[auth.Permission]auth.Roles{
		auth.See:          {viewer, onboarder, auditor, admin},
		auth.SeeHistory:   {viewer, onboarder, auditor, admin},
		auth.ChangeStatus: {viewer, onboarder, admin},
		auth.Onboard:      {onboarder, admin},
		auth.SeeActivity:  {auditor, admin},
		auth.Review:       {auditor, admin},
		auth.EndSessions:  {admin},
		auth.AskNow:       {admin},

		auth.ManageFilters: {admin},
	}
	got := map[auth.Permission]auth.Roles{}
	for _, permission := range auth.AllPermissions {
		for _, role := range auth.AllRoles {
			if (auth.Actor{Roles: auth.Roles{role}}).Can(permission) {
				got[permission] = append(got[permission], role)
			}
		}
		if diff := cmp.Diff(got[permission], auth.RolesWith(permission)); diff != "" {
			t.Errorf("RolesWith(%q) (-who can +got):\n%s", permission, diff)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("permissions (-want +got):\n%s", diff)
	}
}

func TestNothingIsAllowedByDefault(t *testing.T) {
	t.Parallel()
	for _, roles := range []auth.Roles{nil, {}, {"root"}, {""}} {
		for _, permission := range auth.AllPermissions {
			if roles.Can(permission) {
				t.Errorf("%v.Can(%q) = true, want false", roles, permission)
			}
		}
	}
	if (auth.Roles{auth.Admin}).Can("erase the ledger") {
		t.Error("an unknown permission is allowed to an administrator, want to nobody")
	}
}

func TestSeveralRolesAddUp(t *testing.T) {
	t.Parallel()
	both := auth.Roles{auth.Viewer, auth.Auditor}
	if !both.Can(auth.ChangeStatus) || !both.Can(auth.SeeActivity) || both.Can(auth.Onboard) {
		t.Errorf("%v can not do what either can, or more", both)
	}
	if got, want := both.String(), "viewer, auditor"; got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
}

func TestRolesWithIsACopy(t *testing.T) {
	t.Parallel()
	auth.RolesWith(auth.EndSessions)[0] = auth.Viewer
	if (auth.Roles{auth.Viewer}).Can(auth.EndSessions) {
		t.Error("a caller of RolesWith changed what is allowed")
	}
}

func TestSystem(t *testing.T) {
	t.Parallel()
	actor := auth.System("settle", "req-1")
	want := auth.Actor{Issuer: "foyer", Subject: "settle", Name: "Foyer", RequestID: "req-1"}
	if diff := cmp.Diff(want, actor); diff != "" {
		t.Errorf("System() (-want +got):\n%s", diff)
	}
	if !actor.IsSystem() || (auth.Actor{Issuer: "https://idp.example"}).IsSystem() || actor.Can(auth.See) {
		t.Error("the system is not the only one that IsSystem, or has permissions")
	}
}
