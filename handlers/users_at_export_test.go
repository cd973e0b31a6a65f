package handlers

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal/directory"
	"foyer/sandbox"
)

func TestTheStatusOfAWholeCompanyIsAFileWithEvidence(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	since := b.clock.Now()
	b.watch(b.as(auth.Auditor))
	b.clock.add(10 * time.Minute)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getUser"}, Kind: sandbox.KindStatus, Status: 500, After: 1, Times: 1})
	b.disable(adele)
	b.clock.add(10 * time.Minute)
	then := b.clock.Now().Truncate(time.Second)
	b.clock.add(10 * time.Minute)
	b.as(auth.Viewer).get(adelePage).want(http.StatusOK) // read again
	disabled := b.events(ledger.Filter{Action: ledger.DisableUser})

	answer := b.as(auth.Auditor).get(at(lyondellPeople+"/at.zip", then)).want(http.StatusOK)

	if kind, name := answer.header.Get("Content-Type"), answer.header.Get("Content-Disposition"); kind != "application/zip" || !strings.Contains(name, "people-") {
		t.Errorf("the answer is %q, %q", kind, name)
	}
	files := answer.unzip()
	rows := b.csvRows(files["people.csv"])
	lines := slices.Collect(bytes.Lines(files["people.jsonl"]))
	if len(rows) != 105 || len(lines) != 105 {
		t.Fatalf("%d rows and %d lines, want 105 people in both", len(rows), len(lines))
	}
	for i, line := range lines {
		var p struct {
			UserID, SymphonyID, Name, Email, Status, KnownBy, KnownFrom string
			At                                                          time.Time
			Before                                                      *struct{ Event int64 }
			Listed                                                      bool `json:"listedNow"`
		}
		b.must(json.Unmarshal(line, &p))
		id := p.SymphonyID
		if len(id) > 15 {
			id = "'" + id // or a spreadsheet would round it
		}
		got := []string{p.Name, p.Email, p.UserID, id, p.Status, p.KnownBy, p.KnownFrom}
		if diff := cmp.Diff(rows[i][4:10], got[1:]); diff != "" {
			t.Fatalf("line %d of the two files (-spreadsheet +lines):\n%s", i+1, diff)
		}
		if p.UserID != adele {
			continue
		}
		if p.Status != "disabled" || p.KnownBy != string(directory.Inferred) || p.Before == nil || p.Before.Event != disabled[1].Seq || !p.Listed || !p.At.Equal(then) {
			t.Errorf("Adele’s line = %s, want her disabled by event %d", line, disabled[1].Seq)
		}
	}
	report, err := ledger.VerifyArchive(t.Context(), strings.NewReader(answer.body), int64(len(answer.body)), ledger.ArchiveOptions{VerifyOptions: ledger.VerifyOptions{Verifiers: b.store.Verifiers()}})
	if err != nil || !report.OK() || report.Events != 1 || !bytes.Contains(files["events.jsonl"], []byte(adele)) {
		t.Errorf("VerifyArchive = %+v, %v, want the event that disabled Adele, proven", report, err)
	}

	var said ledger.Manifest
	b.must(json.Unmarshal(files[ledger.ArchiveEvidence], &said))
	for i, name := range []string{"README.txt", ledger.ArchiveCheckpoint, "people.csv", "people.jsonl", "events.jsonl", ledger.ArchiveEarlier} {
		hash := sha256.Sum256(files[name])
		if want := (ledger.ManifestFile{Name: name, Bytes: int64(len(files[name])), SHA256: hex.EncodeToString(hash[:])}); said.Files[i] != want {
			t.Errorf("the evidence has %+v, want %+v", said.Files[i], want)
		}
	}
	signed, c, err := b.store.Checkpoint(t.Context())
	b.must(err)
	person := b.somebody(auth.Auditor).Person
	want := ledger.Manifest{
		Format: ledger.ArchiveFormat, Kind: ledger.PeopleArchive, What: "Who of a company could sign in at a time, as Foyer knows it", Environment: "SANDBOX",
		Company: &ledger.ManifestCompany{ID: lyondell, Name: "Lyondell Trading"}, StatusAt: then, Since: since, ListedAt: said.ListedAt,
		Filters: []ledger.ManifestFilter{{Filter: "Company", Value: "Lyondell Trading"}, {Filter: "Status at", Value: then.Format("2006-01-02 15:04:05 UTC")}}, Query: "at=" + inParameter(then),
		AsOf: c.At, Through: c.Size, Rows: 105,
		Events: "events.jsonl", Files: said.Files, By: ledger.ManifestPerson{Name: person.Name, Email: person.Email, Subject: person.Subject, Issuer: person.Issuer}, Reference: answer.header.Get("X-Request-Id"),
		Checkpoint: string(signed), Keys: b.store.PublicKeys(), Foyer: "test",
	}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Errorf("evidence.json (-want +got):\n%s", diff)
	}
	if said.ListedAt.Before(then) {
		t.Errorf("the list was read at %v, want now", said.ListedAt)
	}
	for _, words := range []string{"Lyondell Trading", said.Reference, ".zip --key '" + b.store.PublicKeys()[0]} {
		if !strings.Contains(string(files["README.txt"]), words) {
			t.Errorf("README.txt doesn’t say %q:\n%s", words, files["README.txt"])
		}
	}
}

func TestAStatusWithEvidenceIsOnRecordBeforeItIsSentAndAfter(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	auditor := b.as(auth.Auditor)
	then := b.clock.Now().Add(-time.Hour)

	answer := auditor.get(at(lyondellPeople+"/at.zip", then)).want(http.StatusOK)

	exports := b.events(ledger.Filter{Action: ledger.Export})
	if len(exports) != 2 || exports[0].Outcome != ledger.Intent || exports[1].Outcome != ledger.Succeeded || exports[0].Change != exports[1].Change {
		t.Fatalf("recorded: %+v, want that it was asked for and that it was sent", exports)
	}
	if e := exports[0]; e.Company.ID != lyondell || string(e.After) != `{"rows":105}` || e.Code != string(ledger.StatusAtProven) {
		t.Errorf("recorded first: %+v", e)
	}
	for name, file := range answer.unzip() {
		if hash := sha256.Sum256(file); !strings.Contains(string(exports[1].After), name+" "+hex.EncodeToString(hash[:])) {
			t.Errorf("the ledger has %s, without the hash of %s", exports[1].After, name)
		}
	}

	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getUsers"}, Kind: sandbox.KindStatus, Status: 500})
	auditor.get(at(lyondellPeople+"/at.zip", then)).want(http.StatusBadGateway)
	auditor.get(lyondellPeople+"/at.zip").want(http.StatusBadRequest).says("main", "Enter a day such as")
	auditor.get(lyondellPeople+"/at.zip?at=2999-01-01").want(http.StatusBadRequest).says("main", "has not come yet")
	if n := len(b.events(ledger.Filter{Action: ledger.Export})); n != 2 {
		t.Errorf("%d events of exports, want none of what was not sent", n)
	}
}

func TestAStatusIsNotExportedWithALedgerThatDoesNotVerify(t *testing.T) {
	t.Parallel()
	b := tampered(t)
	p := b.as(auth.Auditor).get(lyondellPeople + "/at.zip?at=2020-01-01").want(http.StatusInternalServerError).sound()
	p.says("main", "The ledger could not be signed", "Nothing was exported")
	if exports := b.events(ledger.Filter{Action: ledger.Export}); len(exports) != 0 {
		t.Errorf("recorded: %+v, want no export", exports)
	}
}

func TestThePageAsOfATimeLeadsToItsFiles(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	then := b.clock.Now().Add(-time.Hour).Truncate(time.Second)
	p := b.as(auth.Auditor).get(at(lyondellPeople, then)).want(http.StatusOK).sound()
	for label, path := range map[string]string{"Download CSV of all": "/at.csv", "Download with proofs": "/at.zip"} {
		if href := p.find(".head a:contains('"+label+"')").AttrOr("href", ""); href != at(lyondellPeople+path, then) {
			t.Errorf("%s leads to %q, want %q", label, href, at(lyondellPeople+path, then))
		}
	}
	viewer := b.as(auth.Viewer).get(at(lyondellPeople, then)).want(http.StatusOK).sound()
	viewer.says(".head .forbidden", "Download CSV of all", "Needs the role")
	if n := viewer.find(".head a[href*='/at.']").Length() + strings.Count(viewer.text(".head"), "with proofs"); n > 0 {
		t.Error("a viewer is offered a file that they may not have")
	}
}
