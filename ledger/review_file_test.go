package ledger_test

import (
	"bytes"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/ledger"
)

// The ledgers out there have the hashes of files of this form: a difference here
// takes their proof away, whatever the test says.
func TestAReviewsFileIsForEverTheSame(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 9, 41, 7, 123456000, time.UTC)
	head := ledger.ReviewHead{
		ID: 7, Company: ledger.Company{ID: "k1", Name: "Société Générique; \"Lyon\", Rhône"}, Due: time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC),
		Confirms: "@Bo Chen", FinishedAt: at.Add(72 * time.Hour), FinishedBy: "=Ada \"Admin\", with signs",
	}
	by := func(decision string, at time.Time) ledger.ReviewDecision {
		return ledger.ReviewDecision{Decision: decision, By: "Aida Auditor", ByEmail: "aida@partner.example", At: at}
	}
	byAda := ledger.ReviewDecision{Decision: "disable", By: head.FinishedBy, ByEmail: "ada@partner.example", At: at.In(time.FixedZone("elsewhere", 7200)).Add(time.Hour)}
	people := []ledger.ReviewLine{
		{
			UserID: "u1", SymphonyUserID: 1<<53 + 1, Email: "+ann@acme.example", Name: "Ann\r\nÖresund", Title: "-Trader", Department: "＝D",
			CreatedAt: at.AddDate(-1, 0, 0), Status: "active", StatusAt: at,
			Decisions: []ledger.ReviewDecision{by("keep", at), by("ask", at.Add(time.Minute)), byAda},
		},
		{UserID: "u3", Name: "東京 太郎", Status: "unknown", Decisions: []ledger.ReviewDecision{by("ask", at)}},
		{UserID: "u4", Name: "\t", Email: "'quoted'", Status: "disabled", Decisions: []ledger.ReviewDecision{by("keep", at)}},
	}
	people = append(people, ledger.ReviewLine{UserID: "u5", SymphonyUserID: 123, Name: "x;=1+1;y", Title: "a\x00b", Department: "x\t+1", Status: "active"})
	for format, name := range map[ledger.ReviewFileFormat]string{"review file v1": "testdata/review-file-v1.csv", "review file v2": "testdata/review-file-v2.csv"} {
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all := people
		if format == ledger.ReviewFileV1 {
			all = people[:3]
		}
		var got bytes.Buffer
		file, err := ledger.NewReviewFile(&got, format, head)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range all {
			if err := file.Write(p); err != nil {
				t.Fatal(err)
			}
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", format, diff)
		}
	}
}
