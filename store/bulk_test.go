package store_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/ledger"
	"foyer/lists"
	"foyer/portal"
	"foyer/portal/bulk"
	"foyer/sapi"
)

// wholeBulk is a bulk change with every field set.
func wholeBulk(at time.Time) bulk.Change {
	person := auth.Person{Issuer: vera.Issuer, Subject: "s", Name: "N", Email: "n@partner.example", Roles: auth.Roles{auth.Onboarder}}
	waits := bulk.Waiting{Code: bulk.WaitsForRate, Until: at.Add(time.Minute), At: at, Problem: &portal.Problem{Title: "Too many"}}
	return bulk.Change{
		Kind: bulk.Create, State: bulk.Paused, Token: "token-1", Company: ledger.Company{ID: "k1", Name: "Acme"},
		NewCompany: sapi.NewCompany{Name: "Acme", VanityName: "acme", EmailDomains: []string{"acme.example"}},
		File: bulk.File{
			Name: "joiners.csv", Form: lists.Form{Format: lists.Text, Encoding: lists.Windows1252, BOM: true, LineEnd: "\r\n", Separator: ';', Sheet: "People"}, Headed: true, Proposed: true,
			Samples: []lists.Sample{{Line: 2, Cell: "Müller"}}, Sheets: []lists.Sheet{{Name: "Old", Hidden: true}}, LeftOut: []lists.LeftOut{{Line: 1, Why: lists.Version}}, Selected: true,
		},
		Columns: []bulk.Column{{Name: "E-mail", Field: lists.Email, Secret: true, Rounded: true, Result: true, Used: true, Added: true}},
		Rows:    3, Digest: "d", Of: 7, UploadedBy: vera, EnableDisabled: true, CheckedAt: at, Domains: []string{"acme.example"}, Listed: 9, Touched: []int{2}, Plan: "p", Differs: 2, Trouble: waits,
		StartedBy: vera, Reason: "r", Ticket: "t", At: at.Add(time.Hour), Zone: "Europe/Berlin", CompanyChange: "c", Waits: waits, PausedBy: person, StoppedBy: person,
		Notice: bulk.Notice{Code: bulk.NoticePaused, At: at, SentAt: at.Add(time.Second)}, CreatedAt: at, UpdatedAt: at.Add(time.Second), StartedAt: at.Add(time.Minute), EndedAt: at.Add(time.Hour), Erased: true,
	}
}

func TestABulkChangeComesBackAsItWasStored(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		want := wholeBulk(b.clock.Now())
		want.ID, want.Version, want.Sums = 1, 1, bulk.Sums{{State: bulk.Refused, Action: bulk.ToAdd, Code: bulk.Symphony, N: 1}}
		everyFieldIsSet(t, reflect.ValueOf(want))
		everyFieldIsSet(t, reflect.ValueOf(want.File))
		row := bulk.Row{
			N: 1, Line: 2, Cells: []string{"zoe@acme.example", "x"},
			NewUser: sapi.NewUser{Email: "zoe@acme.example", FirstName: "Zoe", LastName: "B", DisplayName: "Zoe B", Title: "Dr", Department: "D", Location: "L", PhoneNumber: "+331"},
			UserID:  "u1", CompanyID: "k2", Decision: bulk.In, Action: bulk.ToAdd, State: bulk.Refused, Code: bulk.Symphony, Tries: 2, Vain: 1, ChangeID: "c1", Item: 4, Precheck: "elsewhere.person-found",
			Facts: bulk.Facts{
				Faults: []portal.FieldError{{Field: "email", Fault: portal.Fault{Code: portal.Missing}}}, Mendable: true, Row: 3, Company: ledger.Company{ID: "k3", Name: "Other"},
				Differs: []string{"title"}, Was: bulk.Planned, Problem: &portal.Problem{Title: "No"},
			},
		}
		everyFieldIsSet(t, reflect.ValueOf(row))
		everyFieldIsSet(t, reflect.ValueOf(row.Facts))
		must(t, b.inTx(t.Context(), func(tx portal.Tx) error {
			stored, err := b.InsertBulk(t.Context(), tx, want)
			if err != nil {
				return err
			}
			return b.PutRows(t.Context(), tx, stored.ID, []bulk.Row{row})
		}))
		got, err := b.Bulk(t.Context(), 1)
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Bulk (-want +got):\n%s", diff)
		}
		rows, err := b.Rows(t.Context(), 1, bulk.Filter{}, 0, 0)
		must(t, err)
		if diff := cmp.Diff([]bulk.Row{row}, rows); diff != "" {
			t.Errorf("Rows (-want +got):\n%s", diff)
		}
	})
}

func TestRowsAreAskedForByWhateverAnAddressSays(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		for _, odd := range []string{"\x00", "\xff", "a\x00b"} {
			for name, f := range map[string]bulk.Filter{
				"state": {States: []bulk.RowState{bulk.RowState(odd)}}, "action": {Actions: []bulk.Action{bulk.Action(odd)}}, "code": {Codes: []bulk.Code{bulk.Code(odd)}},
				"pre-check": {Prechecked: []bulk.Prechecked{bulk.Prechecked(odd)}}, "text": {Text: odd},
			} {
				if _, err := b.Rows(t.Context(), 1, f, 0, 0); err != nil {
					t.Errorf("%s %q: %v", name, odd, err)
				}
			}
		}
	})
}
