package review

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"iter"

	"foyer/ledger"
)

// FileFormat finds the form in which a finished review was sealed: the one whose SHA-256
// is the Seal. A review whose rows don't give its seal any more has the newest.
func FileFormat(r Review, people iter.Seq2[Person, error]) (ledger.ReviewFileFormat, error) {
	hash := sha256.New()
	if err := WriteFile(hash, ledger.ReviewFileV1, r, people); err != nil {
		return "", err
	}
	if hex.EncodeToString(hash.Sum(nil)) == r.Seal {
		return ledger.ReviewFileV1, nil
	}
	return ledger.ReviewFileV2, nil
}

// GivesSeal says whether the file of a finished review has, in any form, the SHA-256 that is
// its Seal: its rows are those that were sealed then.
func GivesSeal(r Review, people iter.Seq2[Person, error]) (bool, error) {
	for _, format := range []ledger.ReviewFileFormat{ledger.ReviewFileV1, ledger.ReviewFileV2} {
		hash := sha256.New()
		if err := WriteFile(hash, format, r, people); err != nil {
			return false, err
		}
		if hex.EncodeToString(hash.Sum(nil)) == r.Seal {
			return true, nil
		}
	}
	return false, nil
}

// WriteFile writes the file as which a finished review is exported: in the form in
// which it was sealed, its SHA-256 is the Seal.
func WriteFile(w io.Writer, format ledger.ReviewFileFormat, r Review, people iter.Seq2[Person, error]) error {
	file, err := ledger.NewReviewFile(w, format, ledger.ReviewHead{
		ID: r.ID, Company: r.Company, Due: r.Due, Confirms: r.Confirms, FinishedAt: r.FinishedAt, FinishedBy: r.FinishedBy.Name,
	})
	if err != nil {
		return err
	}
	for person, err := range people {
		if err != nil {
			return err
		}
		line := ledger.ReviewLine{
			Name: person.Name, Email: person.Email, Title: person.Title, Department: person.Department,
			UserID: person.UserID, SymphonyUserID: person.SymphonyUserID, CreatedAt: person.CreatedAt,
			Status: person.Status.String(), StatusAt: person.StatusAt,
		}
		for _, d := range person.Decisions {
			line.Decisions = append(line.Decisions, ledger.ReviewDecision{
				Decision: string(d.Decision), By: d.By.Name, ByEmail: d.By.Email, At: d.At,
			})
		}
		if err := file.Write(line); err != nil {
			return err
		}
	}
	return file.Close()
}

// seal is the SHA-256, in hexadecimal, of the file as which a review will be exported
// once it is finished as r says.
func (p *Reviews) seal(ctx context.Context, r Review) (string, error) {
	hash := sha256.New()
	if err := WriteFile(hash, ledger.ReviewFileV2, r, p.everybody(ctx, r)); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// sealedAtOnce is how many people are in memory while a review is sealed.
const sealedAtOnce = 1000

// everybody reads the people of a review that is being finished, as they will be.
func (p *Reviews) everybody(ctx context.Context, r Review) iter.Seq2[Person, error] {
	return func(yield func(Person, error) bool) {
		for offset := 0; ; offset += sealedAtOnce {
			people, err := p.people.ReviewPeople(ctx, r.ID, ShowAll, offset, sealedAtOnce)
			if err != nil {
				yield(Person{}, err)
				return
			}
			for _, person := range people {
				if !yield(asked(person, r), nil) {
					return
				}
			}
			if len(people) < sealedAtOnce {
				return
			}
		}
	}
}
