package handlers

import (
	"github.com/labstack/echo/v4"

	"foyer/handlers/activity"
	"foyer/handlers/bulk"
	"foyer/handlers/changes"
	"foyer/handlers/companies"
	"foyer/handlers/find"
	"foyer/handlers/home"
	"foyer/handlers/kit"
	"foyer/handlers/people"
	"foyer/handlers/precheck"
	"foyer/handlers/reviews"
	"foyer/handlers/session"
	"foyer/handlers/system"
	"foyer/handlers/users"
	"foyer/static"
)

// resources are the handlers of everything that Foyer shows, by what it is about.
type resources struct {
	home      *home.Handlers
	session   *session.Handlers
	companies *companies.Handlers
	people    *people.Handlers
	users     *users.Handlers
	changes   *changes.Handlers
	precheck  *precheck.Handlers
	find      *find.Handlers
	activity  *activity.Handlers
	reviews   *reviews.Handlers
	bulk      *bulk.Handlers
	system    *system.Handlers
}

// newResources gives each of them what it needs, and no more.
func newResources(k *kit.Kit, o Options) resources {
	return resources{
		home:      &home.Handlers{Kit: k, Directory: o.Directory, Changes: o.Changes, Activity: o.Activity, Bulk: o.Bulk, OIDC: o.OIDC, Troubles: o.Troubles},
		session:   &session.Handlers{Kit: k, Activity: o.Activity, OIDC: o.OIDC, PublicURL: o.PublicURL, Fresh: o.FreshSignIn, Demo: o.Demo, Limits: session.NewLimits(o.Now)},
		companies: &companies.Handlers{Kit: k, Directory: o.Directory, Changes: o.Changes, Activity: o.Activity, Reviews: o.Reviews, Precheck: o.Precheck, PartnerID: o.PartnerID},
		people:    &people.Handlers{Kit: k, Directory: o.Directory, Reviews: o.Reviews},
		users:     &users.Handlers{Kit: k, Directory: o.Directory, Changes: o.Changes, Activity: o.Activity, Reviews: o.Reviews, Precheck: o.Precheck, Signin: o.Signin},
		changes:   &changes.Handlers{Kit: k, Changes: o.Changes},
		precheck:  &precheck.Handlers{Kit: k, Precheck: o.Precheck, Activity: o.Activity},
		find:      &find.Handlers{Kit: k, Directory: o.Directory, Changes: o.Changes, Activity: o.Activity, PublicURL: o.PublicURL, Page: pageAt},
		activity:  &activity.Handlers{Kit: k, Activity: o.Activity, Within: o.SearchWithin, Troubles: o.Troubles},
		reviews:   &reviews.Handlers{Kit: k, Reviews: o.Reviews, Directory: o.Directory, Activity: o.Activity, PublicURL: o.PublicURL},
		bulk:      &bulk.Handlers{Kit: k, Bulk: o.Bulk, Directory: o.Directory, Activity: o.Activity},
		system:    &system.Handlers{Kit: k, Unready: o.Ready, Troubles: o.Troubles, Files: static.Handler(), Reports: system.NewReports()},
	}
}

// companyPeople handles GET /companies/:id/users: the people as they are, or as of a time
// that the query asks for.
func (r resources) companyPeople(c echo.Context) error {
	if c.QueryParam("at") != "" {
		return r.users.ListAt(c)
	}
	return r.people.OfCompany(c)
}

// bulkSelected handles POST /bulk/selected: whom a table of people has ticked.
func (r resources) bulkSelected(c echo.Context) error {
	picked, err := r.people.Picked(c)
	if err != nil {
		return err
	}
	return r.bulk.Selected(c, people.PickedForm(c.Request().PostForm.Get("of")), picked)
}
