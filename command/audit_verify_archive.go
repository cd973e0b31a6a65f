package command

import (
	"fmt"
	"strings"
	"time"

	"foyer/handlers/activity"
	"foyer/handlers/kit"
	"foyer/handlers/users"
	"foyer/ledger"
)

// sheets are how this version writes the files for spreadsheets in archives.
func sheets(version string) ledger.Sheets {
	return ledger.Sheets{
		Version:      version,
		EventColumns: activity.EventColumns, EventCells: activity.EventCells, EventWords: activity.EventWords,
		PeopleColumns: users.PeopleColumns, PeopleCells: users.PeopleCells,
		Spelled: kit.SpelledCell,
	}
}

// printArchive says what an archive is, as Foyer signed it, and what proves each file.
// Whatever was read from it is quoted: it could say lines of its own otherwise.
func printArchive(print func(format string, args ...any), a ledger.Archive) {
	if a.Signed {
		printManifest(print, a.Manifest)
	}
	for _, f := range a.Files {
		print("file        %-25s %s", f.Name, proofWords(f, a.Manifest.Foyer))
	}
}

func printManifest(print func(format string, args ...any), m ledger.Manifest) {
	print("export      %q of %q, with %s", m.What, m.Environment, counted(m.Rows, "row", "rows"))
	print("exported    by %q, %q, who is %q at %q; reference %q", m.By.Name, m.By.Email, m.By.Subject, m.By.Issuer, m.Reference)
	print("as of       %s, event %d, by Foyer %q", m.AsOf.UTC().Format(time.RFC3339), m.Through, m.Foyer)
	if m.Company != nil {
		print("company     %q, %q", m.Company.Name, m.Company.ID)
	}
	if !m.StatusAt.IsZero() {
		print("status at   %s", m.StatusAt.UTC().Format(time.RFC3339))
	}
	if len(m.Filters) == 0 {
		print("filters     none")
	}
	for _, f := range m.Filters {
		print("filter      %q: %q", f.Filter, f.Value)
	}
	if m.Query != "" {
		print("query       %q", m.Query)
	}
}

// proofWords says what proves a file.
func proofWords(f ledger.FileProof, version string) string {
	switch f.Proof {
	case ledger.ByKey:
		return "signed by the ledger’s key"
	case ledger.ByCheckpoint:
		words := "proven by the checkpoint"
		if len(f.Words) == 0 {
			return words
		}
		words += ", but for the words in the columns " + strings.Join(f.Words, " and ")
		if version == "" {
			return words + ", which nothing proves"
		}
		return words + fmt.Sprintf(", which Foyer %q wrote", version)
	case ledger.BySeal:
		return fmt.Sprintf("sealed by event %d, which is proven by the checkpoint", f.Event)
	case ledger.ByWord:
		return "Foyer’s word, signed by the ledger’s key"
	case ledger.ByNothing:
	}
	return "nothing proves it"
}
