package sandbox

import (
	"context"
	"crypto/rsa"
	"database/sql"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// What the sandbox's one partner is known by.
const (
	// ClientID is the partner's id at the token endpoint.
	ClientID = "sandbox-partner"
	// ClientSecret is the partner's secret at the token endpoint. It is public
	// on purpose: it opens nothing but a stand-in.
	ClientSecret = "sandbox-secret"
	// PartnerID is the partner's id in tokens and in the directory search.
	PartnerID = "sandbox-partner-id"
	// Audience is the only audience the token endpoint knows, as published.
	Audience = "https://api.symphony.com/partners"
	// DefaultControlKey opens the control API when Options name no key.
	DefaultControlKey = "sandbox-admin"
)

// defaultProvisioning is the published 20 minutes, cut to what a person at a
// demonstration will wait for.
const defaultProvisioning = 20 * time.Second

// A Seed says what a new database is filled with.
type Seed int

const (
	// SeedDemo is about 40 companies and 25,000 people: a good first look, and
	// every hard case. It is the default.
	SeedDemo Seed = iota
	// SeedSmall is a handful of companies, ready, building, failed and in a state
	// that nobody knows, and about 160 people, the well-known ones among them. It
	// takes a few milliseconds and is for tests.
	SeedSmall
	// SeedNone leaves the directory empty.
	SeedNone
)

// Options say where a sandbox keeps its data and how it behaves.
type Options struct {
	// Database is the path of the SQLite file, made with its folder when it is
	// not there, or ":memory:". It is required.
	Database string
	// Reset starts over: what the database held is removed. A file that is not a
	// sandbox's is refused, never removed.
	Reset bool
	// Provisioning is the time a new company takes from STARTED to COMPLETED.
	// Zero means 20 seconds.
	Provisioning time.Duration
	// Seed is what a new database is filled with; one that has been filled
	// before stays as it is.
	Seed Seed
	// Now is the clock. Nil means time.Now.
	Now func() time.Time
	// Logger takes one line per call at debug level and what goes wrong inside
	// at error level. Nil means that nothing is logged.
	Logger *slog.Logger
	// ControlKey opens the control API. Empty means DefaultControlKey.
	ControlKey string
}

// A Sandbox is one stand-in Symphony with its database. It is safe for use by
// several goroutines.
type Sandbox struct {
	db         *sql.DB
	now        func() time.Time
	log        *slog.Logger
	controlKey string
	faults     *Faults
	later      later

	keyMu sync.Mutex
	key   *rsa.PrivateKey // read or made at first use; guarded by keyMu

	closing   chan struct{}
	closeOnce sync.Once
}

// Open opens the database, brings it to the current schema and fills it when it
// is new. A database written by a newer schema is refused.
func Open(ctx context.Context, o Options) (*Sandbox, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.ControlKey == "" {
		o.ControlKey = DefaultControlKey
	}
	if o.Provisioning == 0 {
		o.Provisioning = defaultProvisioning
	}

	db, err := openDatabase(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("open sandbox: %w", err)
	}
	s := &Sandbox{
		db:         db,
		now:        o.Now,
		log:        o.Logger,
		controlKey: o.ControlKey,
		closing:    make(chan struct{}),
	}
	s.faults = &Faults{sandbox: s, settings: Settings{
		Provisioning:  o.Provisioning,
		TokenLifetime: defaultTokenLifetime,
	}}
	return s, nil
}

// time is what Symphony's clock says.
func (s *Sandbox) time() time.Time {
	return s.now().Add(s.faults.Settings().Clock).UTC().Truncate(time.Microsecond)
}

// Close lets go of every held request and closes the database. It may be called
// more than once.
func (s *Sandbox) Close() error {
	s.closeOnce.Do(func() { close(s.closing) })
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("close sandbox: %w", err)
	}
	return nil
}

// Handler answers everything that is asked of Symphony, on one address: the API
// under /api/v2/, POST /oauth/token, GET /webcontroller/podLoginInformation, GET
// /directory/search, and the control API under /control/.
func (s *Sandbox) Handler() http.Handler {
	mux := http.NewServeMux()
	for path, operations := range s.routes() {
		mux.Handle(path, s.byMethod(operations))
	}
	mux.Handle("/control/", s.control())
	mux.Handle("/", s.serve(operation{name: "unknown", do: notFound}))
	return onlyCleanPaths(mux, s.serve(operation{name: "unknown", do: notFound}))
}

// routes is the whole table of what Symphony offers: the path, then the method.
// The names are the published operation ids.
func (s *Sandbox) routes() map[string]map[string]operation {
	return map[string]map[string]operation{
		"/oauth/token": {
			http.MethodPost: {name: "getToken", do: s.getToken},
		},
		"/api/v2/companies": {
			http.MethodGet:  {name: "getCompanies", bearer: true, do: s.getCompanies},
			http.MethodPost: {name: "createCompany", bearer: true, do: s.createCompany},
		},
		"/api/v2/companies/{companyId}": {
			http.MethodGet:   {name: "getCompanyStatus", bearer: true, do: s.getCompany},
			http.MethodPatch: {name: "updateCompany", bearer: true, do: s.updateCompany},
		},
		"/api/v2/companies/{companyId}/users": {
			http.MethodGet:  {name: "getUsers", bearer: true, do: s.getUsers},
			http.MethodPost: {name: "createUsers", bearer: true, do: s.createUsers},
		},
		"/api/v2/companies/{companyId}/users/{userId}": {
			http.MethodGet:   {name: "getUser", bearer: true, do: s.getUser},
			http.MethodPatch: {name: "updateUser", bearer: true, do: s.updateUser},
		},
		"/webcontroller/podLoginInformation": {
			http.MethodGet: {name: "podLoginInformation", do: s.podLoginInformation},
		},
		"/directory/search": {
			http.MethodGet: {name: "searchDirectory", do: s.searchDirectory},
		},
	}
}
