package command

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"foyer/ledger"
)

// forging is an archive in a forger's hands.
type forging struct {
	t       testing.TB
	all     archives
	members []member
	headers []func(*zip.FileHeader)
}

func (f *forging) index(name string) int {
	f.t.Helper()
	i := slices.IndexFunc(f.members, func(m member) bool { return m.name == name })
	if i < 0 {
		f.t.Fatalf("there is no %s", name)
	}
	return i
}

func (f *forging) text(name string) string { return f.members[f.index(name)].text }

func (f *forging) set(name, text string) { f.members[f.index(name)].text = text }

func (f *forging) drop(name string) {
	i := f.index(name)
	f.members = slices.Delete(f.members, i, i+1)
}

func (f *forging) add(name, text string) { f.members = append(f.members, member{name, text}) }

// replace replaces a text once.
func (f *forging) replace(name, text, by string) {
	f.t.Helper()
	if !strings.Contains(f.text(name), text) {
		f.t.Fatalf("%s has no %q", name, text)
	}
	f.set(name, strings.Replace(f.text(name), text, by, 1))
}

// first is the first text in a file that a pattern fits.
func (f *forging) first(name, pattern string) string {
	f.t.Helper()
	found := regexp.MustCompile(pattern).FindString(f.text(name))
	if found == "" {
		f.t.Fatalf("nothing in %s is like %s", name, pattern)
	}
	return found
}

// lines edits the lines of a file.
func (f *forging) lines(name string, edit func(lines []string) []string) {
	f.set(name, strings.Join(edit(slices.Collect(strings.Lines(f.text(name)))), ""))
}

// another is a file of another archive.
func (f *forging) another(archive, name string) string {
	other := &forging{t: f.t, members: membersOf(f.t, f.all.byName[archive])}
	return other.text(name)
}

func (f *forging) manifest() (m ledger.Manifest) {
	f.t.Helper()
	if err := json.Unmarshal([]byte(f.text(ledger.ArchiveEvidence)), &m); err != nil {
		f.t.Fatal(err)
	}
	return m
}

// say has the archive say something else of itself.
func (f *forging) say(edit func(m *ledger.Manifest)) {
	f.t.Helper()
	m := f.manifest()
	edit(&m)
	text, err := m.Encode()
	if err != nil {
		f.t.Fatal(err)
	}
	f.set(ledger.ArchiveEvidence, string(text))
}

// good has the manifest say what the files are now.
func (f *forging) good() {
	f.t.Helper()
	f.say(func(m *ledger.Manifest) {
		for i, file := range m.Files {
			if !slices.ContainsFunc(f.members, func(m member) bool { return m.name == file.Name }) {
				continue
			}
			hash := sha256.Sum256([]byte(f.text(file.Name)))
			m.Files[i].SHA256, m.Files[i].Bytes = hex.EncodeToString(hash[:]), int64(len(f.text(file.Name)))
		}
	})
}

// sign signs the manifest with a key: with the ledger's own not even Foyer itself may give
// out such an archive.
func (f *forging) sign(key *ledger.Key) {
	f.t.Helper()
	signed, err := ledger.SignArchive(key.Signer(), []byte(f.text(ledger.ArchiveEvidence)))
	if err != nil {
		f.t.Fatal(err)
	}
	f.set(ledger.ArchiveSignature, string(signed))
}

// signed makes everything good, and signs it with the ledger's own key.
func (f *forging) signed() {
	f.t.Helper()
	f.good()
	f.sign(f.all.key)
}

// older takes away what archives of before don't have.
func (f *forging) older() {
	f.t.Helper()
	f.drop(ledger.ArchiveSignature)
	f.say(func(m *ledger.Manifest) { m.Format, m.Kind = "", "" })
	f.good()
}

func otherKey(t testing.TB, name string) *ledger.Key {
	t.Helper()
	key, err := ledger.NewKey(name)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// later has the last line of a checkpoint, which is the cosignature, say a later time.
func later(lines []string) []string {
	words := strings.Fields(lines[len(lines)-1])
	signature, _ := base64.StdEncoding.DecodeString(words[2])
	signature[11]++ // after the hash of the key
	lines[len(lines)-1] = words[0] + " " + words[1] + " " + base64.StdEncoding.EncodeToString(signature) + "\n"
	return lines
}

// otherLedger is a checkpoint of another ledger, signed by its own key.
func (f *forging) otherLedger() string {
	f.t.Helper()
	c, err := ledger.ReadCheckpoint([]byte(f.text(ledger.ArchiveCheckpoint)))
	if err != nil {
		f.t.Fatal(err)
	}
	c.Origin = "foyer-ledger-elsewhere"
	signed, err := c.Sign(otherKey(f.t, c.Origin))
	if err != nil {
		f.t.Fatal(err)
	}
	return string(signed)
}

func swapFirst(lines []string) []string { return slices.Concat(lines[1:2], lines[:1], lines[2:]) }
func dropFirst(lines []string) []string { return lines[1:] }
func dropRow(lines []string) []string   { return slices.Delete(lines, 1, 2) }

const evidenceLine = `\{"body":"(\\.|[^"\\])*"`

// A forgery is what somebody made of an archive, and what is said of that.
type forgery struct {
	name, of string
	edit     func(f *forging)
	bytes    func(archive []byte) []byte // edits the archive itself
	status   int
	says     string
}

const otherArchive = "signature.txt is of another archive"

// forgeries are all ways we know of to make an archive say something else. None may end
// with OK; what is left as it was must.
var forgeries = []forgery{
	{name: "the activity as it came", of: "activity", says: "\nOK\n"},
	{name: "a review as it came", of: "review", says: "\nOK\n"},
	{name: "people as they came", of: "people", says: "\nOK\n"},
	{name: "the same files, packed again", of: "people", edit: func(*forging) {}, says: "\nOK\n"},

	// By somebody without the key: another file.
	{name: "a word of a spreadsheet", of: "activity", edit: func(f *forging) { f.replace("activity.csv", "Omar", "Anna") }, status: 1, says: "activity.csv has another SHA-256"},
	{name: "a spreadsheet of another length", of: "activity", edit: func(f *forging) { f.replace("activity.csv", "Omar", "Al") }, status: 1, says: "activity.csv has another length"},
	{name: "a spreadsheet, and its hash", of: "activity", edit: func(f *forging) { f.replace("activity.csv", "Omar", "Anna"); f.good() }, status: 1, says: otherArchive},
	{name: "an event, and its hash", of: "activity", edit: func(f *forging) { f.replace("activity.jsonl", "Omar", "Anna"); f.good() }, status: 1, says: otherArchive},
	{name: "an event left out, with its row and the number of rows", of: "activity", edit: func(f *forging) {
		f.lines("activity.jsonl", dropFirst)
		f.lines("activity.csv", dropRow)
		f.say(func(m *ledger.Manifest) { m.Rows-- })
		f.good()
	}, status: 1, says: otherArchive},
	{name: "decisions of a review turned", of: "review", edit: func(f *forging) { f.replace("access-review-1.csv", ",keep,", ",disable,"); f.good() }, status: 1, says: otherArchive},
	{name: "decisions turned, and the seal taken out", of: "review", edit: func(f *forging) {
		f.replace("access-review-1.csv", ",keep,", ",disable,")
		f.say(func(m *ledger.Manifest) { m.Seal = nil })
		f.good()
	}, status: 1, says: otherArchive},
	{name: "a status of somebody, in both files", of: "people", edit: func(f *forging) {
		f.replace("people.csv", ",disabled,", ",active,")
		f.replace("people.jsonl", `"status":"disabled"`, `"status":"active"`)
		f.good()
	}, status: 1, says: otherArchive},
	{name: "a README that gives another key", of: "activity", edit: func(f *forging) { f.replace("README.txt", "--key '", "--key  '"); f.good() }, status: 1, says: otherArchive},

	// Another word about the export.
	{name: "the filters", of: "activity", edit: func(f *forging) { f.say(func(m *ledger.Manifest) { m.Filters = m.Filters[:0] }) }, status: 1, says: otherArchive},
	{name: "the query", of: "activity", edit: func(f *forging) { f.say(func(m *ledger.Manifest) { m.Query = "" }) }, status: 1, says: otherArchive},
	{name: "who exported", of: "activity", edit: func(f *forging) { f.say(func(m *ledger.Manifest) { m.By.Name = "Adam Novak" }) }, status: 1, says: otherArchive},
	{name: "as of when", of: "people", edit: func(f *forging) { f.say(func(m *ledger.Manifest) { m.StatusAt = m.StatusAt.AddDate(0, 1, 0) }) }, status: 1, says: otherArchive},
	{name: "the number of rows", of: "activity", edit: func(f *forging) { f.say(func(m *ledger.Manifest) { m.Rows++ }) }, status: 1, says: otherArchive},
	{name: "another kind", of: "activity", edit: func(f *forging) { f.say(func(m *ledger.Manifest) { m.Kind = ledger.PeopleArchive }) }, status: 1, says: otherArchive},
	{name: "a member twice in the evidence", of: "activity", edit: func(f *forging) { f.replace("evidence.json", `"rows":`, `"rows": 7, "Rows":`) }, status: 1, says: otherArchive},
	{name: "the evidence twice in itself", of: "activity", edit: func(f *forging) { f.set("evidence.json", f.text("evidence.json")+"{}") }, status: 1, says: "evidence.json: invalid character"},

	// Signatures.
	{name: "without a signature", of: "review", edit: func(f *forging) { f.drop("signature.txt") }, status: 1, says: "signature.txt is missing"},
	{name: "the signature of another archive", of: "activity", edit: func(f *forging) { f.set("signature.txt", f.another("other", "signature.txt")) }, status: 1, says: otherArchive},
	{name: "the evidence and signature of another archive", of: "activity", edit: func(f *forging) {
		f.set("evidence.json", f.another("other", "evidence.json"))
		f.set("signature.txt", f.another("other", "signature.txt"))
		f.set("checkpoint.txt", f.another("other", "checkpoint.txt"))
	}, status: 1, says: "than evidence.json says"},
	{name: "signed by another key of that name", of: "activity", edit: func(f *forging) { f.good(); f.sign(otherKey(f.t, f.all.key.Name())) }, status: 1, says: "signature.txt: note has no verifiable signatures"},
	{name: "signed by another ledger's key", of: "activity", edit: func(f *forging) { f.good(); f.sign(otherKey(f.t, "foyer-ledger-elsewhere")) }, status: 1, says: "signature.txt: note has no verifiable signatures"},
	{name: "another signature beside it", of: "activity", edit: func(f *forging) {
		f.set("signature.txt", f.text("signature.txt")+"— elsewhere "+base64.StdEncoding.EncodeToString(make([]byte, 68))+"\n")
	}, status: 1, says: "signature.txt is not signed by the ledger’s key alone"},
	{name: "a signature twice", of: "activity", edit: func(f *forging) {
		f.set("signature.txt", f.text("signature.txt")+f.first("signature.txt", "— .*\n"))
	}, status: 1, says: "signature.txt is not signed by the ledger’s key alone"},
	{name: "a signature spelled otherwise", of: "activity", edit: func(f *forging) {
		last := strings.TrimSuffix(f.text("signature.txt"), "=\n")
		f.set("signature.txt", last[:len(last)-1]+string(last[len(last)-1]+1)+"=\n")
	}, status: 1, says: "signature.txt is not signed by the ledger’s key alone"},
	{name: "a checkpoint for a signature", of: "activity", edit: func(f *forging) { f.set("signature.txt", f.text("checkpoint.txt")) }, status: 1, says: otherArchive},
	{name: "a signature for a checkpoint", of: "activity", edit: func(f *forging) { f.set("checkpoint.txt", f.text("signature.txt")); f.good() }, status: 1, says: "read checkpoint: it is not one"},
	{name: "the checkpoint of another ledger", of: "activity", edit: func(f *forging) {
		f.set("checkpoint.txt", f.otherLedger())
		f.say(func(m *ledger.Manifest) { m.Checkpoint = f.text("checkpoint.txt") })
		f.good()
	}, status: 1, says: "open checkpoint"},
	{name: "a checkpoint of another time", of: "activity", edit: func(f *forging) { f.lines("checkpoint.txt", later); f.good() }, status: 1, says: "open checkpoint"},

	// Other files than those of its kind.
	{name: "a file taken out", of: "activity", edit: func(f *forging) { f.drop("activity.csv") }, status: 1, says: "activity.csv is missing"},
	{name: "a file taken out, and of the manifest", of: "activity", edit: func(f *forging) {
		f.drop("activity.csv")
		f.say(func(m *ledger.Manifest) { m.Files = slices.Delete(m.Files, 2, 3) })
		f.signed()
	}, status: 1, says: "activity.csv is missing"},
	{name: "the evidence taken out", of: "activity", edit: func(f *forging) { f.drop("evidence.json") }, status: 1, says: "evidence.json is missing"},
	{name: "a file put in", of: "activity", edit: func(f *forging) { f.add("more.csv", "x") }, status: 1, says: `"more.csv" does not belong to it`},
	{name: "a file put in, and in the manifest", of: "activity", edit: func(f *forging) {
		f.add("more.csv", "x")
		f.say(func(m *ledger.Manifest) { m.Files = append(m.Files, ledger.ManifestFile{Name: "more.csv"}) })
		f.signed()
	}, status: 1, says: `"more.csv" does not belong to it`},
	{name: "a file twice", of: "activity", edit: func(f *forging) { f.add("activity.csv", "x") }, status: 1, says: `"activity.csv" is in it twice`},
	{name: "a file twice in the manifest", of: "activity", edit: func(f *forging) {
		f.say(func(m *ledger.Manifest) { m.Files = append(m.Files, m.Files[2]) })
		f.signed()
	}, status: 1, says: "does not list the files that an archive of its kind has"},
	{name: "a file on another path", of: "activity", edit: func(f *forging) { f.add("../activity.csv", "x") }, status: 1, says: `"../activity.csv" does not belong to it`},
	{name: "a file spelled otherwise", of: "activity", edit: func(f *forging) { f.add("Activity.CSV", "x") }, status: 1, says: `"Activity.CSV" does not belong to it`},
	{name: "a folder", of: "activity", edit: func(f *forging) { f.add("activity.csv/", "") }, status: 1, says: "it is no plain file"},
	{name: "a name with lines of its own", of: "activity", edit: func(f *forging) { f.add("x\nOK\n\x1b[2J\u202e", "x") }, status: 1, says: `"x\nOK\n\x1b[2J\u202e" does not belong to it`},
	{name: "a link", of: "activity", edit: func(f *forging) { f.headers = append(f.headers, func(h *zip.FileHeader) { h.SetMode(os.ModeSymlink) }) }, status: 1, says: "it is no plain file"},
	{name: "another name for some programs", of: "activity", edit: func(f *forging) {
		f.headers = append(f.headers, func(h *zip.FileHeader) { h.Extra = []byte("\x75\x70\x02\x00\x01x") })
	}, status: 1, says: "it is no plain file"},
	{name: "a comment on a file", of: "activity", edit: func(f *forging) {
		f.headers = append(f.headers, func(h *zip.FileHeader) { h.Comment = "by Audrey" })
	}, status: 1, says: "it is no plain file"},
	{name: "a comment on the archive", of: "activity", bytes: func(a []byte) []byte { a[len(a)-2] = 2; return append(a, "hi"...) }, status: 1, says: "something stands behind it"},
	{name: "something behind it", of: "activity", bytes: func(a []byte) []byte { return append(a, "hi"...) }, status: 1, says: "something stands behind it"},
	{name: "something before it", of: "activity", bytes: func(a []byte) []byte { return slices.Concat(a[:4], a) }, status: 1, says: "its directory does not stand before its end"},
	{name: "something between", of: "activity", bytes: func(a []byte) []byte {
		start := binary.LittleEndian.Uint32(a[len(a)-6:])
		a = slices.Insert(a, int(start), []byte("hi")...)
		binary.LittleEndian.PutUint32(a[len(a)-6:], start+2)
		return a
	}, status: 1, says: "something stands between its files and their directory"},
	{name: "another name before a file", of: "activity", bytes: func(a []byte) []byte { return bytes.Replace(a, []byte("README.txt"), []byte("readme.txt"), 1) }, status: 1, says: "is not what the directory says"},
	{name: "more than is read as a whole", of: "activity", edit: func(f *forging) { f.set("signature.txt", strings.Repeat("x", 2<<20)) }, status: 1, says: "signature.txt is too long"},
	{name: "a row without an end", of: "activity", edit: func(f *forging) {
		f.set("activity.csv", "\ufeff\""+strings.Repeat("x", 17<<20))
		f.older()
	}, status: 1, says: "activity.csv: a row is too long"},
	{name: "cut short", of: "activity", bytes: func(a []byte) []byte { return a[:len(a)-9] }, status: 1, says: "it has no end"},

	// What Foyer itself would not give, whoever has its key.
	{name: "a row that is not what its event says", of: "activity", edit: func(f *forging) { f.replace("activity.csv", "Omar", "Anna"); f.signed() }, status: 1, says: "row 1 of activity.csv is not what event"},
	{name: "other words in a column of words", of: "activity", edit: func(f *forging) {
		f.replace("activity.csv", f.first("activity.csv", `[^,]* <[^>]*@vega[^>]*>`), "Somebody else")
		f.signed()
	}, status: 1, says: ": People"},
	{name: "a row too few", of: "activity", edit: func(f *forging) {
		f.lines("activity.csv", func(lines []string) []string { return lines[:len(lines)-1] })
		f.signed()
	}, status: 1, says: "activity.csv ends before event"},
	{name: "a row too many", of: "activity", edit: func(f *forging) {
		f.lines("activity.csv", func(lines []string) []string { return append(lines, lines[len(lines)-1]) })
		f.signed()
	}, status: 1, says: "a row of an event that is not in activity.jsonl"},
	{name: "a cell that a spreadsheet runs", of: "activity", edit: func(f *forging) { f.replace("activity.csv", "'=left", "=left"); f.signed() }, status: 1, says: ": Reason"},
	{name: "another heading", of: "activity", edit: func(f *forging) { f.replace("activity.csv", "Outcome", "Income"); f.signed() }, status: 1, says: "activity.csv has other columns"},
	{name: "another number of rows", of: "activity", edit: func(f *forging) { f.say(func(m *ledger.Manifest) { m.Rows++ }); f.signed() }, status: 1, says: "rows, and evidence.json says"},
	{name: "rows without their events", of: "activity", edit: func(f *forging) { f.lines("activity.jsonl", dropFirst); f.signed() }, status: 1, says: "row 1 of activity.csv is not what event"},
	{name: "a member Body behind the body", of: "activity", edit: func(f *forging) {
		f.replace("activity.jsonl", f.first("activity.jsonl", evidenceLine), f.first("activity.jsonl", evidenceLine)+`,"Body":"{}"`)
		f.signed()
	}, status: 1, says: "altered: line 1 does not hold the event that was recorded"},
	{name: "a member Body before the body", of: "activity", edit: func(f *forging) { f.replace("activity.jsonl", `{"body"`, `{"Body":"{}","body"`); f.signed() }, status: 1, says: "altered: line 1 "},
	{name: "a member in another case", of: "activity", edit: func(f *forging) { f.replace("activity.jsonl", `{"body"`, `{"BODY"`); f.signed() }, status: 1, says: "altered: line 1 "},
	{name: "a member that nobody reads", of: "activity", edit: func(f *forging) { f.replace("activity.jsonl", `{"body"`, `{"note":"by Audrey","body"`); f.signed() }, status: 1, says: "altered: line 1 "},
	{name: "a blank in a line", of: "activity", edit: func(f *forging) { f.replace("activity.jsonl", `{"body"`, `{ "body"`); f.signed() }, status: 1, says: "altered: line 1 "},
	{name: "a checkpoint in a line", of: "activity", edit: func(f *forging) {
		f.lines("activity.jsonl", func(lines []string) []string {
			lines[0] = strings.TrimSuffix(lines[0], "}\n") + `,"checkpoint":"of another ledger"}` + "\n"
			return lines
		})
		f.signed()
	}, status: 1, says: "altered: line 1 "},
	{name: "an event twice", of: "activity", edit: func(f *forging) {
		f.lines("activity.jsonl", func(lines []string) []string { return slices.Insert(lines, 1, lines[0]) })
		f.signed()
	}, status: 1, says: "misplaced: line 2"},
	{name: "events in no order", of: "activity", edit: func(f *forging) { f.lines("activity.jsonl", swapFirst); f.signed() }, status: 1, says: "misplaced: line 3"},
	{name: "another personal part", of: "activity", edit: func(f *forging) { f.replace("activity.jsonl", "Omar", "Anna"); f.signed() }, status: 1, says: "personal: its personal part is not the one that was recorded"},
	{name: "earlier checkpoints with another member", of: "activity", edit: func(f *forging) {
		f.replace("earlier-checkpoints.jsonl", `{"checkpoint"`, `{"at":"now","checkpoint"`)
		f.signed()
	}, status: 1, says: "line 1 of the earlier checkpoints is not one that was written"},
	{name: "earlier checkpoints of another ledger", of: "activity", edit: func(f *forging) {
		f.replace("earlier-checkpoints.jsonl", `{"checkpoint":"`, `{"checkpoint":"x`)
		f.signed()
	}, status: 1, says: "line 1 of the earlier checkpoints is of another ledger"},
	{name: "an earlier checkpoint with another root", of: "activity", edit: func(f *forging) {
		root := f.first("earlier-checkpoints.jsonl", `\\n[A-Za-z0-9+/]{43}=`)
		f.replace("earlier-checkpoints.jsonl", root, `\n`+strings.Repeat("A", 43)+"=")
		f.signed()
	}, status: 1, says: "rewritten: the export doesn't prove"},
	{name: "another checkpoint in the evidence", of: "activity", edit: func(f *forging) { f.say(func(m *ledger.Manifest) { m.Checkpoint += "x" }); f.signed() }, status: 1, says: "names another checkpoint"},
	{name: "through another event", of: "activity", edit: func(f *forging) { f.say(func(m *ledger.Manifest) { m.Through-- }); f.signed() }, status: 1, says: "names another checkpoint"},
	{name: "a kind that there isn't", of: "activity", edit: func(f *forging) { f.say(func(m *ledger.Manifest) { m.Kind = "x" }); f.signed() }, status: 1, says: "no kind of archive"},
	{name: "a review that claims to be the activity", of: "review", edit: func(f *forging) {
		f.say(func(m *ledger.Manifest) { m.Kind, m.Events, m.Seal = ledger.ActivityArchive, "activity.jsonl", nil })
		f.signed()
	}, status: 1, says: "does not belong to it"},
	{name: "evidence written otherwise", of: "activity", edit: func(f *forging) { f.replace("evidence.json", `"rows": `, `"rows":  `); f.sign(f.all.key) }, status: 1, says: "evidence.json is not written as Foyer writes it"},
	{name: "a form that is not known", of: "activity", edit: func(f *forging) { f.say(func(m *ledger.Manifest) { m.Format = "foyer archive 3\n" }); f.signed() }, status: 2, says: `doesn’t know the form of the archive: "foyer archive 3\n"`},

	// Reviews.
	{name: "decisions turned by who has the key", of: "review", edit: func(f *forging) { f.replace("access-review-1.csv", ",keep,", ",disable,"); f.signed() }, status: 1, says: "has another SHA-256 than access-review-1.csv"},
	{name: "no seal", of: "review", edit: func(f *forging) { f.say(func(m *ledger.Manifest) { m.Seal = nil }); f.signed() }, status: 1, says: "which event sealed the review"},
	{name: "a seal that names another event", of: "review", edit: func(f *forging) { f.say(func(m *ledger.Manifest) { m.Seal.Event-- }); f.signed() }, status: 1, says: "has not the one event"},
	{name: "a seal by another event", of: "review", edit: func(f *forging) { otherSeal(f); f.signed() }, status: 1, says: "finished no review"},
	{name: "the event that sealed left out", of: "review", edit: func(f *forging) { f.set("finished.jsonl", ""); f.signed() }, status: 1, says: "has not the one event"},
	{name: "a review under another number", of: "review", edit: func(f *forging) {
		f.members[f.index("access-review-1.csv")].name = "access-review-2.csv"
		f.say(func(m *ledger.Manifest) { m.Seal.File, m.Files[2].Name = "access-review-2.csv", "access-review-2.csv" })
		f.signed()
	}, status: 1, says: "finished another review than access-review-2.csv has"},
	{name: "a seal on a file called otherwise", of: "review", edit: func(f *forging) { f.say(func(m *ledger.Manifest) { m.Seal.File = "access-review-01.csv" }); f.signed() }, status: 1, says: "not called as a review’s is"},
	{name: "a review of another company", of: "review", edit: func(f *forging) { f.say(func(m *ledger.Manifest) { m.Company.Name = "Acme" }); f.signed() }, status: 1, says: "is of another company’s review"},
	{name: "a review with another number of rows", of: "review", edit: func(f *forging) { f.say(func(m *ledger.Manifest) { m.Rows-- }); f.signed() }, status: 1, says: "rows, and evidence.json says"},
	{name: "activity with a seal", of: "activity", edit: func(f *forging) {
		f.say(func(m *ledger.Manifest) { m.Seal = &ledger.ManifestSeal{File: "activity.csv", Event: 1} })
		f.signed()
	}, status: 1, says: "it has a seal, and is of no review"},

	// People.
	{name: "an event left out that a status follows from", of: "people", edit: func(f *forging) { f.set("events.jsonl", ""); f.signed() }, status: 1, says: "the event that it names is not in events.jsonl"},
	{name: "an event that nobody’s status follows from", of: "people", edit: func(f *forging) {
		named := f.first("people.jsonl", `,"event":\d+`)
		f.set("people.jsonl", strings.ReplaceAll(f.text("people.jsonl"), named, ""))
		f.set("people.csv", strings.ReplaceAll(f.text("people.csv"), ","+strings.TrimPrefix(named, `,"event":`)+",", ",,"))
		f.signed()
	}, status: 1, says: "events.jsonl has event"},
	{name: "an event of somebody else", of: "people", edit: func(f *forging) {
		f.lines("people.jsonl", func(lines []string) []string {
			for i, line := range lines {
				if strings.Contains(line, `"event":`) {
					lines[i] = regexp.MustCompile(`"userId":"[^"]*"`).ReplaceAllString(line, `"userId":"42"`)
				}
			}
			return lines
		})
		f.signed()
	}, status: 1, says: "the event that it names is of something else"},
	{name: "another status than the event led to", of: "people", edit: func(f *forging) {
		fact := f.first("people.jsonl", `"status":"disabled","event"`)
		f.replace("people.jsonl", fact, `"status":"active","event"`)
		f.signed()
	}, status: 1, says: "the event that it names is of something else"},
	{name: "a spreadsheet that says something else than the lines", of: "people", edit: func(f *forging) { f.replace("people.csv", ",disabled,", ",active,"); f.signed() }, status: 1, says: "people.csv says something else: Status"},
	{name: "a spreadsheet with somebody less", of: "people", edit: func(f *forging) { f.lines("people.csv", dropRow); f.signed() }, status: 1, says: "people.csv says something else: "},
	{name: "a spreadsheet without the last", of: "people", edit: func(f *forging) {
		f.lines("people.csv", func(lines []string) []string { return lines[:len(lines)-1] })
		f.signed()
	}, status: 1, says: "people.csv has another number of rows"},
	{name: "people of another company", of: "people", edit: func(f *forging) { f.say(func(m *ledger.Manifest) { m.Company.ID = "x" }); f.signed() }, status: 1, says: "it is of another company, or of another time"},
	{name: "people with another member", of: "people", edit: func(f *forging) { f.replace("people.jsonl", `{"companyId"`, `{"x":1,"companyId"`); f.signed() }, status: 1, says: "line 1 of people.jsonl"},
	{name: "another number of people", of: "people", edit: func(f *forging) { f.say(func(m *ledger.Manifest) { m.Rows++ }); f.signed() }, status: 1, says: "rows, and evidence.json says"},

	// Made to look like archives of before, of which nobody signed what they say.
	{name: "the activity of before", of: "activity", edit: func(f *forging) { f.older() }, status: 3, says: "NOT PROVEN the archive is of the form before"},
	{name: "a review of before", of: "review", edit: func(f *forging) { f.older() }, status: 3, says: "access-review-1.csv       sealed by event"},
	{name: "people of before", of: "people", edit: func(f *forging) { f.older() }, status: 3, says: "people.csv                nothing proves it"},
	{name: "who exported, in one of before", of: "activity", edit: func(f *forging) { f.say(func(m *ledger.Manifest) { m.By.Name = "Adam Novak" }); f.older() }, status: 3, says: "evidence.json             nothing proves it"},
	{name: "a status, in one of before", of: "people", edit: func(f *forging) { f.replace("people.csv", ",disabled,", ",active,"); f.older() }, status: 3, says: "people.csv                nothing proves it"},
	{name: "a row, in one of before", of: "activity", edit: func(f *forging) { f.replace("activity.csv", "Omar", "Anna"); f.older() }, status: 1, says: "row 1 of activity.csv"},
	{name: "decisions turned, in one of before", of: "review", edit: func(f *forging) { f.replace("access-review-1.csv", ",keep,", ",disable,"); f.older() }, status: 1, says: "has another SHA-256 than access-review-1.csv"},
	{name: "decisions turned, without a seal, in one of before", of: "review", edit: func(f *forging) {
		f.replace("access-review-1.csv", ",keep,", ",disable,")
		f.say(func(m *ledger.Manifest) { m.Seal = nil })
		f.older()
	}, status: 1, says: "which event sealed the review"},
	{name: "without the file of earlier checkpoints, in one of before", of: "activity", edit: func(f *forging) {
		f.drop("earlier-checkpoints.jsonl")
		f.say(func(m *ledger.Manifest) { m.Files = m.Files[:len(m.Files)-1] })
		f.older()
	}, status: 3, says: "NOT PROVEN"},
	{name: "one of before, with a signature", of: "activity", edit: func(f *forging) {
		signature := f.text("signature.txt")
		f.older()
		f.add("signature.txt", signature)
	}, status: 1, says: `"signature.txt" does not belong to it`},
	{name: "one of before with events in a file called otherwise", of: "review", edit: func(f *forging) {
		f.members[f.index("finished.jsonl")].name = "proof.jsonl"
		f.say(func(m *ledger.Manifest) { m.Events, m.Files[3].Name = "proof.jsonl", "proof.jsonl" })
		f.older()
	}, status: 1, says: "no kind of archive"},
}

// otherSeal has a review sealed by an event that is as well proven, and is of something
// else.
func otherSeal(f *forging) {
	line, _, _ := strings.Cut(f.another("activity", "activity.jsonl"), "\n")
	var other ledger.Evidence
	if err := json.Unmarshal([]byte(line), &other); err != nil {
		f.t.Fatal(err)
	}
	event, err := other.Record().Event()
	if err != nil {
		f.t.Fatal(err)
	}
	f.set("finished.jsonl", line+"\n")
	f.set("checkpoint.txt", f.another("activity", "checkpoint.txt"))
	f.set("earlier-checkpoints.jsonl", f.another("activity", "earlier-checkpoints.jsonl"))
	f.say(func(m *ledger.Manifest) {
		m.Seal.Event, m.Checkpoint = event.Seq, f.text("checkpoint.txt")
		m.Through = other.Size
	})
}

// forge makes a forgery of one of the archives.
func (all archives) forge(t testing.TB, forgery forgery) []byte {
	t.Helper()
	archive := slices.Clone(all.byName[forgery.of])
	if forgery.edit != nil {
		f := &forging{t: t, all: all, members: membersOf(t, archive)}
		forgery.edit(f)
		archive = packed(t, f.members, f.headers...)
	}
	if forgery.bytes != nil {
		archive = forgery.bytes(archive)
	}
	return archive
}

func TestNoArchiveThatWasForgedIsOK(t *testing.T) {
	t.Parallel()
	all := downloadArchives(t)
	folder := t.TempDir()
	for i, forgery := range forgeries {
		path := filepath.Join(folder, fmt.Sprintf("%d.zip", i))
		if err := os.WriteFile(path, all.forge(t, forgery), 0o600); err != nil {
			t.Fatal(err)
		}
		words, status := verified(t, "--export", path, "--key", all.key.String())
		if status != forgery.status || !strings.Contains(words, forgery.says) || strings.Contains(words, "\nOK\n") != (status == 0) {
			t.Errorf("%s: status %d, saying\n%s\nwant %d and %q", forgery.name, status, words, forgery.status, forgery.says)
		}
		if strings.ContainsAny(words, "\x1b\u202e") {
			t.Errorf("%s: what is said has signs that a terminal obeys: %q", forgery.name, words)
		}
	}
}

// The words of a column are put otherwise by another version, which is no forgery.
func TestAnArchiveOfAnotherVersionIsOK(t *testing.T) {
	t.Parallel()
	all := keptArchives(t)
	path := filepath.Join(t.TempDir(), "archive.zip")
	for _, forgery := range []forgery{
		{name: "the activity", of: "activity", says: "\nOK\n"},
		{name: "a review", of: "review", says: "\nOK\n"},
		{name: "people", of: "people", says: "\nOK\n"},
		{name: "the activity of a version with other words", of: "activity", edit: func(f *forging) {
			f.replace("activity.csv", f.first("activity.csv", `[^,]* <[^>]*@vega[^>]*>`), "Somebody")
			f.say(func(m *ledger.Manifest) { m.Foyer = "v0.1\nOK" })
			f.signed()
		}, says: `proven by the checkpoint, but for the words in the columns People and Note, which Foyer "v0.1\nOK" wrote`},
	} {
		if err := os.WriteFile(path, all.forge(t, forgery), 0o600); err != nil {
			t.Fatal(err)
		}
		if words, status := verified(t, "--export", path, "--key", all.key.String()); status != 0 || !strings.Contains(words, forgery.says) {
			t.Errorf("%s: status %d, saying\n%s\nwant %q", forgery.name, status, words, forgery.says)
		}
	}
}

func TestAVerificationEndsWhenItIsToldTo(t *testing.T) {
	t.Parallel()
	all := keptArchives(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	archive := all.byName["activity"]
	_, err := ledger.VerifyArchive(ctx, bytes.NewReader(archive), int64(len(archive)), ledger.ArchiveOptions{VerifyOptions: ledger.VerifyOptions{Verifiers: all.key.Verifiers()}})
	if !errors.Is(err, context.Canceled) || errors.Is(err, ledger.ErrArchive) {
		t.Errorf("VerifyArchive = %v, want that it was cancelled, and nothing of the archive", err)
	}
}
