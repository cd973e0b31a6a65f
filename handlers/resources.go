package handlers

import (
	"foyer/static"
)

// resources are the handlers of everything that Foyer shows, by what it is about.
type resources struct {
	home      *home
	session   *session
	companies *companies
	users     *users
	changes   *changes
	precheck  *precheckPages
	find      *find
	activity  *activityPages
	reviews   *reviews
	system    *system
}

// newResources gives each of them what it needs, and no more.
func newResources(kit *Kit, o Options) resources {
	return resources{
		home:      &home{Kit: kit, Directory: o.Directory, Changes: o.Changes, Activity: o.Activity, OIDC: o.OIDC},
		session:   &session{Kit: kit, Activity: o.Activity, OIDC: o.OIDC, Demo: o.Demo, SignIns: NewSignIns()},
		companies: &companies{Kit: kit, Directory: o.Directory, Changes: o.Changes, Activity: o.Activity, Reviews: o.Reviews, Precheck: o.Precheck, PartnerID: o.PartnerID},
		users:     &users{Kit: kit, Directory: o.Directory, Changes: o.Changes, Activity: o.Activity, Reviews: o.Reviews, Precheck: o.Precheck},
		changes:   &changes{Kit: kit, Changes: o.Changes},
		precheck:  &precheckPages{Kit: kit, Precheck: o.Precheck, Activity: o.Activity},
		find:      &find{Kit: kit, Directory: o.Directory},
		activity:  &activityPages{Kit: kit, Activity: o.Activity},
		reviews:   &reviews{Kit: kit, Reviews: o.Reviews, Directory: o.Directory, Activity: o.Activity, PublicURL: o.PublicURL},
		system:    &system{Kit: kit, Ready: o.Ready, Files: static.Handler()},
	}
}
