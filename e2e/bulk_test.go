package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The way of a list: brought as a file, checked, mended, planned, watched while it is
// made, and given back.
func TestAListBecomesPeopleAndComesBack(t *testing.T) {
	t.Parallel()
	f := startFoyer(t)
	p := f.signedIn(t, onboarder)

	p.Goto("/companies/" + lyondell)
	p.FollowNamed("link", "Add or disable many")
	p.FollowNamed("link", "Add people to a company")
	p.ChooseFile("#field-file", "joiners.csv", "E-mail;First name;Last name;Cost centre\r\n"+
		"june.ray@lyondell.example;June;Ray;77\r\njo@lyondel.example;Jo;Misspelled;78\r\nadele.vance@lyondell.example;Adele;Vance;79\r\n")
	p.FollowNamed("button", "Check the list")

	p.WaitForText("h1", "Add 1 person to Lyondell Trading") // without a reload
	p.WaitForText("#plan", "nothing is sent")               // to Adele; whether she is active may not have been read yet
	p.WaitForText("#rows", "lyondel.example is not a domain of this company.")
	p.Follow("#rows .actions a")
	p.wantHeading("Row 3")
	p.Fill("#field-email", "jo@lyondell.example")
	p.FollowNamed("button", "Change the row")
	p.WaitForText("h1", "Add 2 people to Lyondell Trading")

	p.FollowNamed("button", "Add 2 people to Lyondell Trading in SANDBOX")
	p.WaitForText(".error-summary", "Enter the reason.")
	p.Fill("#field-reason", "Joiners of the FX desk")
	p.FollowNamed("button", "Add 2 people to Lyondell Trading in SANDBOX")
	p.WaitForText(".answer", "2 created · 1 already there") // without a reload

	name, content := p.Download("main a[href*='/result.csv']")
	if name != "joiners-result.csv" {
		t.Errorf("the result is called %s", name)
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\r\n")
	if len(lines) != 4 || lines[0] != "E-mail;First name;Last name;Cost centre;foyer_status;foyer_code;foyer_message;symphony_user_id" ||
		!strings.HasPrefix(lines[2], "jo@lyondell.example;Jo;Misspelled;78;created;;;") || !strings.HasPrefix(lines[3], "adele.vance@lyondell.example;Adele;Vance;79;already-there;") {
		t.Errorf("the result is\n%s", content)
	}
	if got := f.calls(t, "createUsers"); got != 1 {
		t.Errorf("Symphony was asked %d times, want once", got)
	}
}

// ChooseFile gives a field for files one with this name and content.
func (p *Page) ChooseFile(selector, name, content string) {
	p.t.Helper()
	file := filepath.Join(p.t.TempDir(), name)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		p.t.Fatal(err)
	}
	page, cancel := p.limited()
	defer cancel()
	if err := p.find(page, selector).SetFiles([]string{file}); err != nil {
		p.t.Fatalf("choose a file: %v", err)
	}
}
