package wording

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/portal/directory"
	"foyer/sapi"
	"foyer/views"
	"foyer/views/ui"
)

func TestHowMuchOfTheDirectoryIsRead(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	unread := func(name string, r directory.ListReading) directory.Unread {
		return directory.Unread{Company: directory.CompanyRecord{Company: sapi.Company{ID: name, Name: name}, People: 2500}, ListReading: r}
	}
	gap := func(name, words string) views.Gap {
		return views.Gap{Company: name, ReadPath: "/companies/" + name + "/users/read", Words: words}
	}
	for _, test := range []struct {
		coverage directory.Coverage
		want     views.Coverage
	}{
		{directory.Coverage{}, views.Coverage{Words: "no company that is ready"}},
		{directory.Coverage{Companies: 36, NotReady: 6, Read: 36, Oldest: now.Add(-time.Second)}, views.Coverage{Words: "36 companies (6 others aren’t ready), read within the last minute"}},
		{directory.Coverage{NotReady: 1}, views.Coverage{Words: "no company that is ready"}},
		{directory.Coverage{Companies: 3}, views.Coverage{Words: "0 of 3 companies"}},
		{directory.Coverage{Companies: 1, Read: 1, Oldest: now.Add(-time.Second)}, views.Coverage{Words: "1 company, read within the last minute"}},
		{directory.Coverage{Companies: 1200, Read: 1200, Oldest: now.Add(-19*time.Minute - time.Second)}, views.Coverage{Words: "1,200 companies, read within the last 20 min"}},
		{directory.Coverage{Companies: 2, Read: 2, Oldest: now.Add(-61 * time.Minute)}, views.Coverage{Words: "2 companies, read within the last 2 h"}},
		{directory.Coverage{Companies: 2, Read: 2, Oldest: now.Add(-49 * time.Hour)}, views.Coverage{Words: "2 companies, read within the last 3 days"}},
		{
			directory.Coverage{Companies: 2, Read: 2, Oldest: now.Add(-48 * time.Minute), Failed: []directory.Unread{unread("Tern", directory.ListReading{CompleteAt: now.Add(-48 * time.Minute), FailedAt: now})}},
			views.Coverage{Words: "2 companies, read within the last 48 min", Gaps: []views.Gap{gap("Tern", "could not be read, shown as of 08:12:00 UTC")}},
		},
		{
			directory.Coverage{Companies: 2, Read: 1, Oldest: now, Failed: []directory.Unread{unread("Tern", directory.ListReading{FailedAt: now})}},
			views.Coverage{Words: "1 of 2 companies, read within the last minute", Gaps: []views.Gap{gap("Tern", "could not be read yet, so nobody of it is here")}},
		},
		{
			directory.Coverage{Companies: 9, Read: 9, Oldest: now, Failed: []directory.Unread{
				unread("A", directory.ListReading{CompleteAt: now.Add(-24 * time.Hour)}), unread("B", directory.ListReading{CompleteAt: now}), unread("C", directory.ListReading{CompleteAt: now}),
				unread("D", directory.ListReading{CompleteAt: now}), unread("E", directory.ListReading{CompleteAt: now}),
			}},
			views.Coverage{Words: "9 companies, read within the last minute", Gaps: []views.Gap{
				gap("A", "could not be read, shown as of 2026-03-01 09:00:00 UTC"), gap("B", "could not be read, shown as of 09:00:00 UTC"), gap("C", "could not be read, shown as of 09:00:00 UTC"),
				{Words: "2 others could not be read either"},
			}},
		},
		{
			directory.Coverage{Companies: 3, Read: 1, Oldest: now, Filling: []directory.Unread{unread("A", directory.ListReading{NextPage: 10, Total: 12_004}), unread("B", directory.ListReading{Total: -1})}},
			views.Coverage{Words: "1 of 3 companies, read within the last minute", FillingTitle: "2 companies are being read for the first time.", Filling: &ui.ProgressProps{
				Label: "Reading companies for the first time", Value: 1000, Max: 14_504, Words: "1 of 3 companies; of the others 1,000 of 14,504 people.",
			}},
		},
		{
			directory.Coverage{Companies: 1, Filling: []directory.Unread{{}}},
			views.Coverage{Words: "0 of 1 company", FillingTitle: "The directory is being filled for the first time.", Filling: &ui.ProgressProps{
				Label: "Reading companies for the first time", Max: 1, Words: "0 of 1 company.",
			}},
		},
	} {
		if diff := cmp.Diff(test.want, Coverage(test.coverage, now)); diff != "" {
			t.Errorf("coverage (-want +got):\n%s", diff)
		}
	}
}
