package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// An auditor reviews who has access to a company; an administrator disables
// those who are not to have it any more.
func TestAnAccessReviewIsDecidedFinishedAndHandedOver(t *testing.T) {
	t.Parallel()
	f := startFoyer(t)
	p, a := f.signedIn(t, auditor), f.signedIn(t, admin)

	ofCompany("omalley", "/reviews")(p)
	company := strings.TrimSuffix(path(p), "/reviews")
	review, people := startReview(p)
	decide(p, review, people)
	finishReview(p, people)
	keepTheFile(p, people)

	// Nobody was disabled by the review, and the auditor can't.
	p.WaitForText("#people tbody", "Needs the role viewer, onboarder or admin.")
	for _, page := range []string{company, company + "/users", company + "/history", p.linkTo(p.Text("#people tbody th a"))} {
		changesNothing(p, page)
	}
	if got := f.calls(t, "updateUser"); got != 0 {
		t.Errorf("the review sent Symphony %d changes, want none", got)
	}

	handOver(a, review)
	if got := f.calls(t, "updateUser"); got != 1 {
		t.Errorf("after the review Symphony was sent %d changes, want 1", got)
	}
	p.Peek(review + "?show=disable")
	p.WaitForText("#people tbody", "disabled by Adam Novak")

	cancelReview(p, company)

	event := a.eventOf("Finished an access review of")
	for _, role := range []struct {
		name string
		page *Page
	}{
		{"viewer", f.signedIn(t, viewer)},
		{"onboarder", f.signedIn(t, onboarder)},
		{"auditor", p},
		{"admin", a},
	} {
		opensWhatTheRoleAllows(role.page, role.name, []deskPage{
			{"see and export the activity of everybody", "/audit"},
			{"see and export the activity of everybody", "/audit?action=review.finish"},
			{"see and export the activity of everybody", "/audit.csv"},
			{"see and export the activity of everybody", "/audit.zip"},
			{"see and export the activity of everybody", "/audit/checkpoint.txt"},
			{"see and export the activity of everybody", event},
			{"see and export the activity of everybody", event + "/proof.json"},
			{"see and export the activity of everybody", company + "/users/at.csv?at=2026-01-01"},
			{"see and export the activity of everybody", company + "/users/at.zip?at=2026-01-01"},
			{"see the history of one company or person", company + "/history"},
			{"see the history of one company or person", "/companies/" + lyondell + "/users/" + adele + "/history"},
			{"see companies, people and pre-check", company + "/users?at=2026-01-01"},
			{"see companies, people and pre-check", "/companies/" + lyondell + "/users/" + adele + "?at=2026-01-01"},
			{"review who has access", "/reviews"},
			{"review who has access", company + "/reviews"},
			{"review who has access", review},
			{"review who has access", review + "/export.csv"},
			{"review who has access", review + "/export.zip"},
			{"disable and enable a person", review + "/to-disable"},
			{"disable and enable a person", "/companies/" + lyondell + "/users/" + adele + "/status"},
			{"create companies and people, and add domains", company + "/domains"},
			{"create companies and people, and add domains", company + "/users/new"},
			{"create companies and people, and add domains", "/companies/new"},
		})
	}
}

// startReview starts a review of the company whose reviews the page shows, and
// waits until it is open. It gives its path and how many people are in it.
func startReview(p *Page) (review string, people int) {
	p.FollowNamed("button", "Start the review in SANDBOX")
	p.WaitForText(".error-summary", "There is a problem")
	p.Fill("#field-confirms", "Siobhán O’Malley")
	p.FollowNamed("button", "Start the review in SANDBOX")
	p.WaitForText("#review-progress", "Reviewed 0 of") // without a reload
	p.WaitIdle()
	people = len(p.rows())
	if people < 5 {
		p.t.Fatalf("the review has %d people, want 5 at least", people)
	}
	return path(p), people
}

// cancelReview starts another review and cancels it: it stays, and says why.
func cancelReview(p *Page, company string) {
	p.Goto(company + "/reviews")
	p.Fill("#field-confirms", "Siobhán O’Malley")
	p.FollowNamed("button", "Start the review in SANDBOX")
	p.WaitForText("#review-progress", "Reviewed 0 of")
	p.FollowNamed("link", "Cancel the review")
	p.lookClosely()
	p.FollowNamed("button", "Cancel the review in SANDBOX")
	p.WaitForText(".error-summary", "There is a problem")
	p.Fill("#field-reason", "The desk has moved")
	p.FollowNamed("button", "Cancel the review in SANDBOX")
	p.WaitForText("main", "“The desk has moved”")
	p.lookClosely()
	if n := p.Count("main form"); n > 0 {
		p.t.Errorf("a cancelled review has %d forms, want none", n)
	}
}

// decide decides about three people one by one, and about the rest at once.
func decide(p *Page, review string, people int) {
	for i, decision := range []string{"keep", "disable", "ask"} {
		p.Click("#people tbody tr:nth-child(" + strconv.Itoa(i+1) + ") label[for$='-" + decision + "']")
		p.WaitForText("#review-progress", "Reviewed "+strconv.Itoa(i+1)+" of "+strconv.Itoa(people)) // saved as it goes
	}
	p.WaitIdle()
	p.Peek("/reviews")
	p.wantRows(1, "3 of "+strconv.Itoa(people))

	p.Goto(review)
	p.lookClosely()
	p.FollowNamed("button", "Keep the undecided on this page")
	p.WaitForText("#review-progress", "Reviewed "+strconv.Itoa(people)+" of "+strconv.Itoa(people))
	for show, want := range map[string]int{"keep": people - 2, "disable": 1, "ask": 1} {
		p.Peek(review + "?show=" + show)
		p.wantRows(want, "by Audrey Chen")
	}
}

func finishReview(p *Page, people int) {
	p.FollowNamed("link", "Finish the review")
	p.wantHeading("Finish this access review?")
	if got := p.focusedName(); got != "Go on reviewing" {
		p.t.Errorf("the page that finishes opens on %q, want the safe choice", got)
	}
	if got := p.fact("Keep"); got != strconv.Itoa(people-2) {
		p.t.Errorf("the page that finishes says that %s are to be kept, want %d", got, people-2)
	}
	p.lookClosely()
	p.FollowNamed("button", "Finish the review in SANDBOX")
	p.WaitForText("main [role=status]", "1 person is to be disabled")
	p.WaitForText(".head-sub", "Finished")
	p.wantRows(1, "Disable")
	if p.Has("#people input") || p.Has("#decisions") {
		p.t.Error("a finished review can still be decided")
	}
	p.lookClosely()
}

// keepTheFile downloads the finished review, which is the one whose hash the page
// has, and finds that on record.
func keepTheFile(p *Page, people int) {
	back := p.Eval(`() => location.pathname + location.search`)
	seal := p.Text("#result code")
	_, content := p.Download("a[href$='/export.csv']")
	wantSpreadsheet(p.t, content, people)
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != seal {
		p.t.Errorf("the file's SHA-256 is %x, want %s", sum, seal)
	}
	files := p.downloadProven("a[href$='/export.zip']", "access-review-1.csv", ",keep,", ",disable,")
	if !bytes.Equal(files["access-review-1.csv"], content) {
		p.t.Errorf("the archive has another file than the spreadsheet:\n%s", files["access-review-1.csv"])
	}
	p.Peek("/audit?action=export")
	p.WaitForText("main tbody tr:last-child", "Exported access-review-1.csv")
	p.Peek(p.eventOf("Finished an access review of"))
	p.WaitForText("#values", seal)
	p.Peek(back)
}

// changesNothing says that the page has nothing that changes anything.
func changesNothing(p *Page, page string) {
	p.t.Helper()
	p.Peek(page)
	forms := p.Eval(`() => [...document.querySelectorAll('form')].filter(f => f.method === 'post').map(f => f.getAttribute('action')).join(' ')`)
	for action := range strings.FieldsSeq(forms) {
		// What reads again is a form, because it asks Symphony; and what is sent for a file.
		if action != "/logout" && !strings.HasSuffix(action, "/users/statuses") && !strings.HasSuffix(action, "/users/read") && !strings.HasPrefix(action, "/people/") {
			p.t.Errorf("%s has a form that is sent to %s", p.URL(), action)
		}
	}
	for _, way := range []string{"/status", "/users/new", "/domains"} {
		if p.Has("main a[href$='" + way + "']") {
			p.t.Errorf("%s leads an auditor to %s", p.URL(), way)
		}
	}
}

// handOver disables whom the review wants disabled, as usual: on a page of its
// own, with the review as the reason.
func handOver(p *Page, review string) {
	p.Goto(review + "/to-disable")
	p.wantRows(1, "Disable")
	p.Follow("#people tbody a[href*='/status?review=']")
	if got := p.Value("#field-reason"); !strings.Contains(got, "ccess review 1") {
		p.t.Errorf("the reason is %q, want the review", got)
	}
	p.FollowNamed("button", "Disable in SANDBOX")
	p.WaitForText("main [role=status]", "was disabled")
	p.Peek(review + "/to-disable")
	p.WaitForText("#people tbody", "disabled by Adam Novak")
}

// eventOf is the path of the newest event with the words.
func (p *Page) eventOf(words string) string {
	p.t.Helper()
	p.Peek("/audit")
	return p.Eval(`(words) => [...document.querySelectorAll('main tbody tr')].find(r => r.innerText.includes(words)).querySelector('a').getAttribute('href')`, words)
}

// deskPage is a page or a file, and what one must be allowed to do to have it.
type deskPage struct{ permission, path string }

// opensWhatTheRoleAllows asks for every page as somebody with that role alone: it
// opens, or says plainly who may open it, as docs/security.md has it.
func opensWhatTheRoleAllows(p *Page, role string, pages []deskPage) {
	p.t.Helper()
	refused := false
	for _, page := range pages {
		roles := rolesThatMay(p.t, page.permission)
		status := p.Peek(page.path)
		if slices.Contains(roles, role) {
			if status != http.StatusOK {
				p.t.Errorf("as %s, %s was answered %d, want 200", role, page.path, status)
			}
			continue
		}
		refused = true
		last := len(roles) - 1
		want := "To " + page.permission + " you need the role " + roles[last]
		if last > 0 {
			want = "To " + page.permission + " you need the role " + strings.Join(roles[:last], ", ") + " or " + roles[last]
		}
		if text := p.Eval(`() => document.querySelector('main').innerText`); status != http.StatusForbidden || !strings.Contains(text, want) {
			p.t.Errorf("as %s, %s was answered %d and says %q, want 403 and %q", role, page.path, status, text, want)
		}
	}
	if refused {
		p.Expect("was answered 403")
	}
}

// rolesThatMay reads the table of docs/security.md.
func rolesThatMay(t testing.TB, permission string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "docs", "security.md"))
	if err != nil {
		t.Fatal(err)
	}
	var head []string
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch cells[0] {
		case "permission":
			head = cells
		case permission:
			var roles []string
			for i, cell := range cells[1:] {
				if cell != "" {
					roles = append(roles, head[i+1])
				}
			}
			return roles
		}
	}
	t.Fatalf("docs/security.md doesn’t say who may %s", permission)
	return nil
}
