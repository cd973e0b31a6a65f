package handlers

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"filippo.io/torchwood"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"foyer/auth"
	"foyer/ledger"
	"foyer/views/ui"
)

func TestAnEventsProofCanBeDownloadedAndCheckedWithoutFoyer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.done(
		ledger.Event{Action: ledger.SignIn, Outcome: ledger.Succeeded, Actor: by("vera")},
		ledger.Event{Action: ledger.SignOut, Outcome: ledger.Succeeded, Actor: by("vera")},
	)
	auditor := b.as(auth.Auditor)
	p := auditor.get("/audit/1").want(http.StatusOK).sound().says("#proof", "Leaf hash", "No checkpoint covers this event yet")
	href := p.find("#proof a.btn").AttrOr("href", "")

	file := auditor.get(href).want(http.StatusOK)

	if got := file.header.Get("Content-Disposition"); got != "attachment; filename=event-1-proof.json" {
		t.Errorf("the file comes as %q", got)
	}
	report := b.proofs([]byte(file.body), nil)
	if !report.OK() || report.Events != 1 || report.Size != 3 {
		t.Errorf("VerifyExport = %+v, want one event proven in a ledger of three, of which one is that download", report)
	}
	if report := b.proofs([]byte(strings.Replace(file.body, "session.sign_in", "session.sign_on", 1)), nil); report.FirstBad != 1 {
		t.Errorf("VerifyExport of an altered event = %+v, want it found out", report)
	}
	exports := b.events(ledger.Filter{Action: ledger.Export})
	if len(exports) != 1 || exports[0].Note != "event-1-proof.json" || exports[0].Outcome != ledger.Succeeded {
		t.Errorf("recorded: %+v, want that the event left Foyer", exports)
	}
	_, c, err := b.store.Checkpoint(t.Context())
	b.must(err)
	p = auditor.get("/audit/1").want(http.StatusOK).sound().says("#proof", "the checkpoint of 3 events", ui.UTC(c.At), c.Origin, "foyer audit verify --export event-1-proof.json --key '"+b.store.PublicKeys()[0]+"'")
	if p.find("#proof [data-copy='"+c.Root.String()+"']").Length() != 1 {
		t.Error("the root hash can’t be copied")
	}
	for _, path := range []string{"/audit/0/proof.json", "/audit/99/proof.json", "/audit/x/proof.json"} {
		auditor.get(path).want(http.StatusNotFound)
	}
}

func TestTheActivitySaysHowItIsKeptAndWhatProvesIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	auditor := b.as(auth.Auditor)
	auditor.get("/audit").want(http.StatusOK).sound().says("#ledger", "kept for ever", "No checkpoint was signed yet")
	auditor.get("/audit/checkpoint.txt").want(http.StatusNotFound)
	b.done(ledger.Event{Action: ledger.SignIn, Outcome: ledger.Succeeded, Actor: by("vera")})
	signed, _, err := b.store.SignCheckpoint(t.Context())
	b.must(err)

	p := auditor.get("/audit").want(http.StatusOK).sound()

	c, err := ledger.OpenCheckpoint(signed, b.store.Verifiers())
	b.must(err)
	p.says("#ledger", "kept for ever", "1 event", ui.UTC(c.At), c.Origin, b.store.PublicKeys()[0], squeeze(string(signed)))
	if p.find("#ledger [data-copy='"+c.Root.String()+"']").Length() != 1 {
		t.Error("the root hash can’t be copied")
	}
	if file := auditor.get("/audit/checkpoint.txt").want(http.StatusOK); file.body != string(signed) {
		t.Errorf("the checkpoint as a file = %q, want %q", file.body, signed)
	}
}

func TestOnlyWhoMaySeeTheActivityGetsItsProofs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.done(ledger.Event{Action: ledger.SignIn, Outcome: ledger.Succeeded, Actor: by("vera")})
	_, _, err := b.store.SignCheckpoint(t.Context())
	b.must(err)
	tests := []struct {
		role auth.Role
		want int
	}{{auth.Viewer, http.StatusForbidden}, {auth.Onboarder, http.StatusForbidden}, {auth.Auditor, http.StatusOK}, {auth.Admin, http.StatusOK}}
	for _, test := range tests {
		browser := b.as(test.role)
		for _, path := range []string{"/audit", "/audit/1", "/audit/1/proof.json", "/audit/checkpoint.txt", "/audit.csv", "/audit.zip"} {
			browser.get(path).want(test.want)
		}
	}
	if exports := b.events(ledger.Filter{Action: ledger.Export, Actor: "Vera"}); len(exports) != 0 {
		t.Errorf("recorded: %+v, want no export by who may not", exports)
	}
}

func TestRelatedEventsAreOneClickAway(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	e := ledger.Event{
		Action: ledger.CreateUsers, Outcome: ledger.Succeeded, Change: "change-1", Actor: by("otto"), Company: lyondellTrading,
		Users: []ledger.User{{ID: adele, Name: "Adele Vance"}, {Email: "bo&<b>@x.example"}},
	}
	b.done(e, ledger.Event{Action: ledger.SignIn, Outcome: ledger.Succeeded, Actor: by("vera")})
	auditor := b.as(auth.Auditor)
	want := []ui.Link{
		{Label: "Everything of this request", Href: "/audit?request=REQ-otto"},
		{Label: "Everything done to Adele Vance", Href: "/audit?user=" + adele},
		{Label: "Everything done to bo&<b>@x.example", Href: "/audit?user=bo%26%3Cb%3E%40x.example"},
		{Label: "Everything at Lyondell Trading", Href: "/audit?company=" + lyondell},
		{Label: "Everything done by otto", Href: "/audit?person=otto%40partner.example"},
	}

	p := auditor.get("/audit/1").want(http.StatusOK).sound()

	var got []ui.Link
	p.find("#related a").Each(func(_ int, s *goquerySelection) {
		got = append(got, ui.Link{Label: squeeze(s.Text()), Href: s.AttrOr("href", "")})
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("related events (-want +got):\n%s", diff)
	}
	for _, link := range got {
		if found := auditor.get(link.Href).want(http.StatusOK).sound(); found.find("tbody tr a[href='/audit/1']").Length() != 1 {
			t.Errorf("%s doesn’t list the event it stands at", link.Href)
		}
	}
	if p.find("#change tbody tr").Length() != 1 {
		t.Error("the event’s whole change is not shown")
	}
}

// A program that is not Foyer confirms what Foyer recorded, by torchwood's verifier of
// C2SP's tlog-proof.
func TestAnEventIsProvenToProgramsThatKnowNothingOfFoyer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.done(ledger.Event{Action: ledger.DisableUser, Outcome: ledger.Succeeded, Actor: by("vera"), Users: []ledger.User{{ID: "u1", Email: "ann@acme.example"}}})
	auditor := b.as(auth.Auditor)
	href := auditor.get("/audit/1").want(http.StatusOK).find("#proof a[href$='.tlog-proof']").AttrOr("href", "")

	file := auditor.get(href).want(http.StatusOK)

	if got := file.header.Get("Content-Disposition"); got != "attachment; filename=event-1.tlog-proof" {
		t.Errorf("the file comes as %q", got)
	}
	key, err := note.NewVerifier(b.store.PublicKeys()[0])
	b.must(err)
	policy := torchwood.ThresholdPolicy(2, torchwood.OriginPolicy(key.Name()), torchwood.SingleVerifierPolicy(key))
	body, err := torchwood.ProofExtraData([]byte(file.body))
	b.must(err)
	if err := torchwood.VerifyProof(policy, tlog.RecordHash(body), []byte(file.body)); err != nil {
		t.Errorf("VerifyProof = %v", err)
	}
	if !strings.Contains(string(body), `"action":"user.disable"`) || strings.Contains(string(body), "ann@acme.example") {
		t.Errorf("it is about %s, want the event without anything personal", body)
	}
	altered := strings.Replace(string(body), "succeeded", "failed", 1)
	if err := torchwood.VerifyProof(policy, tlog.RecordHash([]byte(altered)), []byte(file.body)); err == nil {
		t.Error("VerifyProof of an altered event = nil, want an error")
	}
}

// The event that an archive has left holds the hash of what the archive says of itself, so
// that the proof of the event is one of the archive, for every program.
func TestAnExportIsProvenToProgramsThatKnowNothingOfFoyer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.done(ledger.Event{Action: ledger.DisableUser, Outcome: ledger.Succeeded, Actor: by("vera"), Users: []ledger.User{{ID: "u1", Email: "ann@acme.example"}}})
	auditor := b.as(auth.Auditor)
	manifest := auditor.get("/audit.zip").want(http.StatusOK).unzip()["evidence.json"]
	var said ledger.Manifest
	b.must(json.Unmarshal(manifest, &said))

	// As README.txt says, the archive's reference leads to the event.
	href := auditor.get("/audit?outcome=succeeded&request="+said.Reference).want(http.StatusOK).find("tbody tr a[href^='/audit/']").First().AttrOr("href", "")
	p := auditor.get(href).want(http.StatusOK).sound()
	file := auditor.get(p.find("#proof a[href$='.tlog-proof']").AttrOr("href", "")).want(http.StatusOK)

	policy, err := torchwood.ParsePolicy([]byte("log " + b.store.PublicKeys()[0] + "\nquorum none\n"))
	b.must(err)
	body, err := torchwood.ProofExtraData([]byte(file.body))
	b.must(err)
	if err := torchwood.VerifyProof(policy, tlog.RecordHash(body), []byte(file.body)); err != nil {
		t.Errorf("VerifyProof = %v", err)
	}
	var event struct{ Action, SHA256 string }
	b.must(json.Unmarshal(body, &event))
	if hash := sha256.Sum256(manifest); event.Action != string(ledger.Export) || event.SHA256 != hex.EncodeToString(hash[:]) || !strings.Contains(p.text("main"), event.SHA256) {
		t.Errorf("it proves %s, want the hash %x of evidence.json", body, hash)
	}
}
