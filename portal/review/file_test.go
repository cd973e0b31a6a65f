package review_test

import (
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal/review"
	"foyer/sapi"
)

// The words of the file are part of what the ledger proves.
func TestTheFormOfAReviewsFileStays(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 9, 41, 7, 0, time.UTC)
	r := review.Review{
		ID: 7, Company: ledger.Company{ID: "k1", Name: "Acme"}, Due: at, Confirms: "=Bo", FinishedBy: auth.Person{Name: "Ada"}, FinishedAt: at,
	}
	people := []review.Person{
		{
			UserID: "u1", SymphonyUserID: 42, Name: "Ann", Email: "ann@acme.example", Title: "T", Department: "D", CreatedAt: at, Status: sapi.StatusActive, StatusAt: at,
			Decisions: []review.Decided{
				{Decision: review.AskAbout, By: auth.Person{Name: "Aida"}, At: at},
				{Decision: review.KeepAccess, By: auth.Person{Name: "Ada", Email: "ada@x.example"}, At: at.Add(time.Minute)},
			},
		},
	}
	var file strings.Builder
	if err := review.WriteFile(&file, ledger.ReviewFileV1, r, each(people)); err != nil {
		t.Fatal(err)
	}
	want := "\ufeff" + "Review,Company,Company id,Due,Who confirms,Finished,Finished by," +
		"Name,E-mail,Title,Department,User id,Symphony id,Created,Status,Status read,Decision,Decided by,Decided by e-mail,Decided,Earlier decisions\r\n" +
		"7,Acme,k1,2026-11-23,'=Bo,2026-11-23 09:41:07 UTC,Ada," +
		"Ann,ann@acme.example,T,D,u1,42,2026-11-23 09:41:07 UTC,active,2026-11-23 09:41:07 UTC,keep,Ada,ada@x.example,2026-11-23 09:42:07 UTC,\"ask by Aida, 2026-11-23 09:41:07 UTC\"\r\n"
	if diff := cmp.Diff(want, file.String()); diff != "" {
		t.Errorf("files of finished reviews would no longer be the ones in the ledger (-want +got):\n%s", diff)
	}
}

func TestAReviewKeepsTheFormInWhichItWasSealed(t *testing.T) {
	t.Parallel()
	people := each([]review.Person{{UserID: "u1", SymphonyUserID: 1234567890123456, Name: "x;=1+1;y"}})
	for _, format := range []ledger.ReviewFileFormat{ledger.ReviewFileV1, ledger.ReviewFileV2} {
		hash, r := sha256.New(), review.Review{ID: 7}
		if err := review.WriteFile(hash, format, r, people); err != nil {
			t.Fatal(err)
		}
		r.Seal = hex.EncodeToString(hash.Sum(nil))
		if got, err := review.FileFormat(r, people); got != format || err != nil {
			t.Errorf("FileFormat of what was sealed as %s = %s, %v", format, got, err)
		}
	}
}

// each gives people one after the other.
func each(people []review.Person) iter.Seq2[review.Person, error] {
	return func(yield func(review.Person, error) bool) {
		for _, person := range people {
			if !yield(person, nil) {
				return
			}
		}
	}
}
