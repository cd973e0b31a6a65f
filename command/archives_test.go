package command

import (
	"archive/zip"
	"bytes"
	"flag"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"foyer/ledger"
)

var update = flag.Bool("update", false, "write testdata/archives anew")

// archives are archives of each kind as the program gave them, by name, with the key that
// signed them.
type archives struct {
	byName map[string][]byte
	key    *ledger.Key
}

// downloadArchives has the program give an archive of each kind, and another one of events.
func downloadArchives(t *testing.T) archives {
	t.Helper()
	keyFile := filepath.Join(t.TempDir(), "audit.key")
	p := runProgram(t, "--audit-key="+keyFile)
	p.signIn(omar)
	company := p.disabledOneOf("Vega Markets")
	p.signInAnew(audrey)
	all := archives{byName: map[string][]byte{}}
	then := time.Now().UTC().Add(time.Second).Truncate(time.Second)
	<-time.After(time.Until(then)) // exports can't be asked for again and again
	all.byName["people"] = p.download(company + "/users/at.zip?at=" + url.QueryEscape(then.Format(time.RFC3339)))
	p.faults(http.MethodDelete, "", nil)
	p.finishedReviewOf(company)
	all.byName["review"] = p.download("/reviews/1/export.zip")
	all.byName["activity"] = p.download("/audit.zip?person=Omar")
	all.byName["other"] = p.download("/audit.zip?person=Audrey")
	p.stop()
	<-p.exit
	var err error
	if all.key, err = ledger.LoadKey(keyFile); err != nil {
		t.Fatal(err)
	}
	if *update {
		for name, archive := range all.byName {
			if err := os.WriteFile(keptArchive(name), archive, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join("testdata", "archives", "audit.key"), []byte(read(t, keyFile)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func keptArchive(name string) string { return filepath.Join("testdata", "archives", name+".zip") }

// keptArchives are those that downloadArchives gave once.
func keptArchives(t testing.TB) archives {
	t.Helper()
	all := archives{byName: map[string][]byte{}}
	for _, name := range []string{"activity", "other", "review", "people"} {
		archive, err := os.ReadFile(keptArchive(name))
		if err != nil {
			t.Fatal(err)
		}
		all.byName[name] = archive
	}
	text, err := os.ReadFile(filepath.Join("testdata", "archives", "audit.key")) // whose mode git doesn't keep
	if err == nil {
		all.key, err = ledger.ParseKey(text)
	}
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// signInAnew signs somebody in with another browser.
func (p *program) signInAnew(as string) {
	p.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	p.client.Jar = jar
	p.signIn(as)
}

func (p *program) download(path string) []byte {
	p.t.Helper()
	answer, body := p.do(http.MethodGet, p.foyer+path, nil, nil)
	if answer.StatusCode != http.StatusOK {
		p.t.Fatalf("GET %s = %d, %s", path, answer.StatusCode, body)
	}
	return []byte(body)
}

// until asks for a page again and again until it has what is looked for.
func (p *program) until(path, selector string) (page *http.Response, body string, doc *goquery.Document) {
	p.t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		page, body = p.do(http.MethodGet, p.foyer+path, nil, nil)
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(body))
		if err != nil {
			p.t.Fatal(err)
		}
		if doc.Find(selector).Length() > 0 {
			return page, body, doc
		}
		select {
		case <-again.C:
		case <-p.t.Context().Done():
			p.t.Fatalf("%s never has %s", path, selector)
		}
	}
}

// send sends a form as it was filled by the server, but for some values.
func (p *program) send(page *http.Response, body, selector string, values url.Values) {
	p.t.Helper()
	address, filled := p.form(page, body, selector)
	maps.Copy(filled, values)
	answer, body := p.do(http.MethodPost, address, filled, http.Header{"Origin": {p.foyer}})
	if answer.StatusCode != http.StatusOK {
		p.t.Fatalf("POST %s = %d, %s", address, answer.StatusCode, body)
	}
}

// disabledOneOf disables somebody of a company, whose path it gives. Their status is not
// read any more from then on: it follows from the event.
func (p *program) disabledOneOf(name string) (company string) {
	p.t.Helper()
	_, _, doc := p.until("/companies", "a:contains('"+name+"')")
	company = doc.Find("a:contains('"+name+"')").AttrOr("href", "")
	person := regexp.MustCompile(`^` + company + `/users/[0-9a-f-]{36}$`)
	_, _, doc = p.until(company+"/users", "tbody a[href^='"+company+"/users/']")
	var active string
	for _, link := range doc.Find("tbody a[href]").EachIter() {
		path := link.AttrOr("href", "")
		if !person.MatchString(path) {
			continue
		}
		// Everybody is read, so that nothing else will.
		if _, body := p.do(http.MethodGet, p.foyer+path+"/status", nil, nil); strings.Contains(body, `value="false"`) {
			active = path
		}
	}
	if active == "" {
		p.t.Fatalf("nobody of %s is active", name)
	}
	page, body := p.do(http.MethodGet, p.foyer+active+"/status", nil, nil)
	p.faults(http.MethodPost, `{"match":{"operation":"getUser","pathPrefix":"/api/v2`+active+`"},"kind":"status","status":500,"after":1}`, nil)
	p.send(page, body, "input[name=active]", url.Values{"reason": {"=left the desk; <really>"}})
	return company
}

// finishedReviewOf reviews a company, and finishes that as review 1.
func (p *program) finishedReviewOf(company string) {
	p.t.Helper()
	page, body := p.do(http.MethodGet, p.foyer+company+"/reviews", nil, nil)
	p.send(page, body, "#review-form", url.Values{"confirms": {"Bo Chen"}})
	page, body, doc := p.until("/reviews/1", "#decisions")
	decided := url.Values{}
	for _, field := range doc.Find("input[form='decisions'][type='hidden']").EachIter() {
		decided.Set(field.AttrOr("name", ""), field.AttrOr("value", ""))
		if uid, ok := strings.CutPrefix(field.AttrOr("name", ""), "seen."); ok {
			decided.Set("decision."+uid, "keep")
		}
	}
	p.send(page, body, "#decisions", decided)
	page, body = p.do(http.MethodGet, p.foyer+"/reviews/1/finish", nil, nil)
	p.send(page, body, "#finish-form", url.Values{"rest": {"ask"}})
}

// A member is one file of an archive.
type member struct{ name, text string }

// membersOf takes an archive apart.
func membersOf(t testing.TB, archive []byte) []member {
	t.Helper()
	members, err := unzipped(archive)
	if err != nil {
		t.Fatal(err)
	}
	return members
}

// unzipped takes anything apart that is an archive, and none too long.
func unzipped(archive []byte) (members []member, err error) {
	files, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, err
	}
	for _, f := range files.File {
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(io.LimitReader(r, 1<<20))
		if err != nil {
			return nil, err
		}
		members = append(members, member{f.Name, string(text)})
	}
	return members, nil
}

// packed puts an archive together.
func packed(t testing.TB, members []member, headers ...func(*zip.FileHeader)) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, m := range members {
		header := &zip.FileHeader{Name: m.name, Method: zip.Deflate}
		for _, edit := range headers {
			edit(header)
		}
		f, err := w.CreateHeader(header)
		if err == nil {
			_, err = f.Write([]byte(m.text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func sameMembers(a, b []member) bool {
	sorted := func(m []member) []member {
		return slices.SortedFunc(slices.Values(m), func(a, b member) int { return strings.Compare(a.name, b.name) })
	}
	return slices.Equal(sorted(a), sorted(b))
}
