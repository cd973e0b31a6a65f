package e2e

import (
	"os"
	"testing"
)

// heaviestPicture is the most that a picture in the README may weigh, in bytes.
const heaviestPicture = 150 << 10

// The pictures in the README are of Foyer as it is: FOYER_UPDATE_SCREENSHOTS=1
// takes them anew.
func TestPicturesForTheREADME(t *testing.T) {
	t.Parallel()
	if os.Getenv("FOYER_UPDATE_SCREENSHOTS") == "1" {
		takePictures(startFoyer(t).signedIn(t, admin))
	}
	pictures, err := os.ReadDir(pictureFolder)
	if err != nil || len(pictures) == 0 {
		t.Fatalf("read the pictures: %d, %v", len(pictures), err)
	}
	for _, picture := range pictures {
		info, err := picture.Info()
		if err != nil {
			t.Fatalf("read the pictures: %v", err)
		}
		if info.Size() > heaviestPicture {
			t.Errorf("%s weighs %d bytes, want at most %d", picture.Name(), info.Size(), heaviestPicture)
		}
	}
}

func takePictures(p *Page) {
	p.t.Helper()
	busyDay(p)

	for _, picture := range []struct {
		name string
		open func(*Page)
	}{
		{"companies", at("/companies")},
		{"company", at("/companies/" + lyondell)},
		{"person", at("/companies/" + lyondell + "/users/" + adele)},
		{"disable", func(p *Page) {
			p.Goto("/companies/" + lyondell + "/users/" + adele + "/status")
			p.Fill("#field-reason", "Left the company on Friday")
			p.Fill("#field-ticket", "OPS-4802")
			p.Eval(`() => { document.activeElement.blur(); document.querySelector('[autofocus]').focus({ focusVisible: true }); return '' }`)
		}},
		{"building", ofCompany("oresund", "")},
		{"new-company", func(p *Page) {
			p.fillCompany("Harbour Lane Capital", "harbour-lane", "harbourlane.example, harbourlane-uk.example")
		}},
		{"precheck", func(p *Page) {
			p.Goto("/precheck")
			p.Fill("#field-email", `Vance, Adele <adele.vance@lyondell.example>; Day, Zoe <zoe.day@lyondell.example>; Lee, Pat <pat.lee@lyondell.example>; kim@corporate.example; northwind.example; harbourlane.example; sam@gmail.com`)
			p.Follow("#precheck-form button")
		}},
		{"activity", at("/audit")},
		{"people", func(p *Page) {
			p.waitUntilStatusesAreKnown()
			p.Goto("/people?q=muller")
		}},
	} {
		picture.open(p)
		p.WaitIdle()
		p.Screenshot(picture.name)
	}

	p.Goto("/companies/" + lyondell)
	p.Scheme("dark")
	p.Screenshot("company-dark")
	p.Scheme("light")
	p.Resize(phone)
	p.Goto("/companies")
	p.Screenshot("companies-phone")
}

// waitUntilStatusesAreKnown waits until everybody's status has been read once.
func (p *Page) waitUntilStatusesAreKnown() {
	p.t.Helper()
	p.waitUntilFilled()
	p.Eval(`async () => {
		while (!(await (await fetch('/people?status=unknown')).text()).includes('Everybody’s status is known')) await new Promise(done => setTimeout(done, 1000))
		return ''
	}`)
}

// busyDay does what leaves a history to look at.
func busyDay(p *Page) {
	p.t.Helper()
	p.fillPeople("ines.moreau@lyondell.example", "old.hand@lyondell.example")
	p.Follow("main form button.btn-primary")
	for _, change := range []struct{ button, reason, ticket string }{
		{"Disable in SANDBOX", "On leave until January", "OPS-4711"},
		{"Enable in SANDBOX", "Back from leave", "OPS-4790"},
	} {
		p.Goto("/companies/" + lyondell + "/users/" + adele + "/status")
		p.Fill("#field-reason", change.reason)
		p.Fill("#field-ticket", change.ticket)
		p.FollowNamed("button", change.button)
	}
	// Whoever opens a company's people has them counted.
	p.Goto("/companies")
	p.Eval(`async () => {
		for (const a of document.querySelectorAll('#companies tbody th a')) await fetch(a.getAttribute('href') + '/users')
		return ''
	}`)
}
