package bulk

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foyer/lists"
	"foyer/portal"
	"foyer/portal/bulk"
	"foyer/sapi"
)

// written are the lines of a result.
func written(t *testing.T, change bulk.Change, lines map[int]int, rows ...bulk.Row) []string {
	t.Helper()
	heading, write := resultOf(change, lines)
	all := []string{strings.Join(heading, "|")}
	for cells, err := range write(rows) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, strings.Join(cells, "|"))
	}
	return all
}

func TestAResultIsTheListWithWhatBecameOfEachRow(t *testing.T) {
	t.Parallel()
	refused := bulk.Facts{Problem: &portal.Problem{Code: "40002"}}
	for name, test := range map[string]struct {
		columns []bulk.Column
		rows    []bulk.Row
		want    []string
	}{
		"of an earlier result, whose columns are written anew": {
			[]bulk.Column{{Name: "foyer_status", Result: true}, {Name: "Mail", Field: lists.Email}, {Name: "Symphony_User_ID", Field: lists.UserID}},
			[]bulk.Row{
				{Line: 2, Cells: []string{"refused", "a@b.example", ""}, State: bulk.Created, UserID: "u1"},
				{Line: 3, Cells: []string{"created", "c@d.example", "as it was"}, State: bulk.Refused, Code: bulk.Symphony, UserID: "u2", Facts: refused},
			},
			[]string{
				"Mail|Symphony_User_ID|foyer_status|foyer_code|foyer_message", "a@b.example|u1|created||",
				"c@d.example|as it was|refused|symphony:40002|Somebody on Symphony has this e-mail address already. (40002)",
			},
		},
		"without a heading, with a column that somebody filled in": {
			[]bulk.Column{{Field: lists.Email}, {}, {Name: "lastName", Field: lists.LastName, Added: true}},
			[]bulk.Row{{Line: 1, Cells: []string{"a@b.example"}, State: bulk.LeftOut, Code: bulk.Duplicate, Facts: bulk.Facts{Row: 7}}},
			[]string{
				"E-mail|column 2|Last name|foyer_status|foyer_code|foyer_message|symphony_user_id",
				"a@b.example|||left-out|duplicate|The same person is in row 9.|",
			},
		},
		"with a leaver whom the list doesn't have": {
			[]bulk.Column{{Name: "Mail", Field: lists.Email}, {Name: "Desk"}, {Name: "Dept", Field: lists.Department}},
			[]bulk.Row{{NewUser: sapi.NewUser{Email: "e@f.example", Department: "Legal"}, State: bulk.Disabled, UserID: "u3"}},
			[]string{"Mail|Desk|Dept|foyer_status|foyer_code|foyer_message|symphony_user_id", "e@f.example||Legal|disabled|||u3"},
		},
	} {
		if diff := cmp.Diff(test.want, written(t, bulk.Change{Columns: test.columns}, map[int]int{7: 9}, test.rows...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestAResultIsCalledAsItsList(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"joiners 2026.csv": "joiners-2026", `C:\lists\joiners.xlsx`: "joiners", "../../etc/passwd": "passwd", "名簿.csv": "bulk-change-7", "": "bulk-change-7", ".csv": "bulk-change-7",
	} {
		if got := resultName(bulk.Change{ID: 7, File: bulk.File{Name: name}}); got != want {
			t.Errorf("the result of %q is called %q, want %q", name, got, want)
		}
	}
}

func TestEveryLineOfAPlanLeadsToItsRows(t *testing.T) {
	t.Parallel()
	for _, sum := range []bulk.Sum{
		{State: bulk.Planned, Action: bulk.ToBar}, {State: bulk.LeftOut, Code: bulk.Faulty}, {State: bulk.AlreadyThere, Code: bulk.IsDisabled}, {State: bulk.Created, Action: bulk.ToAdd},
	} {
		f, ok := parseShow(showOf(sum))
		if !ok || len(f.States) != 1 || f.States[0] != sum.State || len(f.Codes) > 0 && f.Codes[0] != sum.Code || len(f.Actions) > 0 && f.Actions[0] != sum.Action {
			t.Errorf("%s shows %+v, %v", showOf(sum), f, ok)
		}
	}
	for _, show := range []string{"nothing", "planned2.create", ".", "created.x.y "} {
		if f, ok := parseShow(show); ok && len(f.States) == 0 {
			t.Errorf("%q shows %+v", show, f)
		}
	}
}
