package sandbox

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// Well-known ids, as in the published examples.
const (
	lyondellID = "e176c55e-6e49-4819-b982-12e0535db5f0"
	adeleID    = "5bec2e8b-da45-46c7-9370-5669de1b1a78"
)

// A seeder writes the directory that a new database starts with. Everything but
// the times follows from one fixed seed of the generator, in one fixed order; the
// times follow from the moment of seeding, so that "6 min ago" is true at the
// first look.
type seeder struct {
	random  *rand.Rand
	now     time.Time
	scripts []script
	insert  *sql.Stmt
	seq     int64
	taken   map[string]bool // e-mail addresses, across all tenants
}

func seed(ctx context.Context, tx *sql.Tx, which Seed, people int, now time.Time) error {
	var tenants []seedTenant
	switch which {
	case SeedDemo:
		if people > 0 {
			tenants = largeTenants(people)
			break
		}
		tenants = demoTenants()
	case SeedSmall:
		tenants = smallTenants()
	case SeedNone:
		return nil
	default:
		return fmt.Errorf("unknown seed %d", which)
	}

	insert, err := tx.PrepareContext(ctx, insertUserSQL)
	if err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	defer insert.Close()
	s := &seeder{
		random:  rand.New(rand.NewPCG(2, 48)), // the same people every time
		now:     now.UTC().Truncate(time.Microsecond),
		scripts: scripts(),
		insert:  insert,
		taken:   make(map[string]bool),
	}
	for _, t := range tenants {
		if err := s.tenant(ctx, tx, t); err != nil {
			return err
		}
	}
	return nil
}

func (s *seeder) tenant(ctx context.Context, tx *sql.Tx, t seedTenant) error {
	made := t.tenant
	if made.id == "" {
		made.id = s.uuid()
	}
	if made.fate == "" {
		made.fate = stateCompleted
	}
	if made.publicHost == "" {
		made.publicHost = made.vanityName + ".on.symphony.com"
	}
	if made.provisioning == 0 {
		made.provisioning = 20 * time.Minute
	}
	made.createdAt = s.now.Add(-t.age)
	made.updatedAt = made.createdAt
	if err := insertTenant(ctx, tx, made); err != nil {
		return err
	}
	return s.people(ctx, made, t)
}

// people fills a tenant: first those with a story, then the many, spread evenly
// from the tenant's completion until now.
func (s *seeder) people(ctx context.Context, t tenant, of seedTenant) error {
	first := t.createdAt.Add(t.provisioning)
	step := s.now.Sub(first) / time.Duration(of.people+1)
	for i := range of.people {
		at := first.Add(step * time.Duration(i+1)).Truncate(time.Microsecond)
		if i%25 == 24 {
			// As a batch would leave them: with the same time as the one before.
			at = first.Add(step * time.Duration(i)).Truncate(time.Microsecond)
		}
		u := user{tenantID: t.id, active: true, createdAt: at, updatedAt: at}
		if i < len(of.known) {
			known := of.known[i]
			u.id, u.symphonyUserID, u.active, u.askedUser = known.id, known.symphonyUserID, !known.disabled, known.askedUser
		} else {
			s.makeUp(&u, of.script, t.domains[i%len(t.domains)])
		}
		if err := s.add(ctx, u); err != nil {
			return err
		}
	}
	return nil
}

func (s *seeder) add(ctx context.Context, u user) error {
	s.seq++
	if u.id == "" {
		u.id = s.uuid()
	}
	if u.symphonyUserID == 0 {
		u.symphonyUserID = symphonyUserID(s.seq)
	}
	if !u.active {
		u.updatedAt = u.createdAt.Add(s.now.Sub(u.createdAt) / 2).Truncate(time.Microsecond)
	}
	s.taken[emailKey(u.Email)] = true
	if _, err := s.insert.ExecContext(ctx, insertUserArgs(s.seq, u)...); err != nil {
		return fmt.Errorf("insert user: %w", err)
	}
	return nil
}

// makeUp invents a person: two in three of the tenant's own script, the others
// of any.
func (s *seeder) makeUp(u *user, home int, domain string) {
	if s.random.IntN(3) == 0 {
		home = s.random.IntN(len(s.scripts))
	}
	script := s.scripts[home]
	first, last := pick(s.random, script.first), pick(s.random, script.last)
	u.FirstName, u.LastName = first.written, last.written
	u.DisplayName = first.written + " " + last.written
	if script.familyFirst {
		u.DisplayName = last.written + first.written
	}
	u.Email = s.address(first.ascii+"."+last.ascii, domain)
	u.active = s.random.IntN(100) >= 4

	u.Title = s.sometimes(88, titles())
	u.Department = s.sometimes(90, departments())
	office := pick(s.random, offices())
	if s.random.IntN(100) < 85 {
		u.Location = office.city
	}
	if s.random.IntN(100) < 65 {
		u.PhoneNumber = office.phone + " " + strconv.Itoa(1000+s.random.IntN(9000))
	}
}

// address gives an e-mail address that nobody has yet.
func (s *seeder) address(local, domain string) string {
	email := local + "@" + domain
	for n := 2; s.taken[email]; n++ {
		email = local + strconv.Itoa(n) + "@" + domain
	}
	return email
}

// sometimes gives one of the values in so many of a hundred cases.
func (s *seeder) sometimes(percent int, values []string) string {
	value := pick(s.random, values)
	if s.random.IntN(100) >= percent {
		return ""
	}
	return value
}

func pick[T any](random *rand.Rand, values []T) T { return values[random.IntN(len(values))] }

func (s *seeder) uuid() string {
	var id uuid.UUID
	for i := range id {
		id[i] = byte(s.random.Uint32() & 0xff)
	}
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id.String()
}
