package command

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"foyer/ledger"
)

// FuzzVerifyArchive holds that no archive is the end of the verification, and that none is
// OK but those that were exported, file by file. It begins with all forgeries. Where it
// names a file, that one is put into the archive, and the manifest says so: of an archive
// of before, where nothing is signed, all of it is looked at.
func FuzzVerifyArchive(f *testing.F) {
	all := keptArchives(f)
	var genuine [][]member
	for _, archive := range all.byName {
		genuine = append(genuine, membersOf(f, archive))
	}
	given := forging{t: f, members: genuine[0]}
	version := given.manifest().Foyer
	for _, forgery := range forgeries {
		f.Add(all.forge(f, forgery), "", "", false)
	}
	for _, archive := range all.byName {
		for _, m := range membersOf(f, archive) {
			f.Add(archive, m.name, m.text, true)
		}
	}
	f.Fuzz(func(t *testing.T, archive []byte, name, text string, older bool) {
		if name != "" {
			archive = withFile(t, archive, name, text, older)
		}
		report, err := ledger.VerifyArchive(t.Context(), bytes.NewReader(archive), int64(len(archive)), ledger.ArchiveOptions{
			VerifyOptions: ledger.VerifyOptions{Verifiers: all.key.Verifiers()}, Sheets: sheets(version),
		})
		if err != nil || !report.OK() || len(report.Doubts(time.Now())) > 0 {
			return
		}
		if members := membersOf(t, archive); !slices.ContainsFunc(genuine, func(g []member) bool { return sameMembers(g, members) }) {
			t.Errorf("an archive that was never exported is OK: %q", members)
		}
	})
}

// withFile puts a file into an archive, if it is one.
func withFile(t *testing.T, archive []byte, name, text string, older bool) []byte {
	t.Helper()
	members, err := unzipped(archive)
	if err != nil || slices.ContainsFunc(members, func(m member) bool { return strings.HasSuffix(m.name, "/") }) || strings.HasSuffix(name, "/") {
		return archive // a folder has no text
	}
	f := &forging{t: t, members: members}
	has := func(name string) bool {
		return slices.ContainsFunc(f.members, func(m member) bool { return m.name == name })
	}
	if has(name) {
		f.set(name, text)
	} else {
		f.add(name, text)
	}
	if !has(ledger.ArchiveEvidence) || json.Unmarshal([]byte(f.text(ledger.ArchiveEvidence)), new(ledger.Manifest)) != nil {
		return archive
	}
	if f.good(); older && has(ledger.ArchiveSignature) {
		f.older()
	}
	return packed(t, f.members)
}
