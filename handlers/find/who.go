package find

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"foyer/address"
	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/lists"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/views"
	pages "foyer/views/find"
	"foyer/views/ui"
)

var whoColumns = []string{"Address", "Person", "Company", "Status", "Status read at (UTC)", "Next"}

// whoIsWho maps several addresses of a text to a table of whose they are. What the text
// says beside an address of nobody goes along to the forms that it leads to.
func whoIsWho(text string, found directory.Found, a auth.Actor, now time.Time) *pages.Who {
	people, others := pasted(text, found)
	who := &pages.Who{Note: strings.TrimSpace(wording.Unsearched(found.Unsearched) + " " + wording.NoAddresses(others))}
	var cells [][]string
	var unknown []string
	for _, w := range found.Who {
		if len(w.Users) == 0 {
			row := strangerRow(w, people[address.Key(w.Email)], a)
			unknown = append(unknown, people[address.Key(w.Email)].Mailbox())
			who.Rows = append(who.Rows, row)
			cells = append(cells, []string{row.Email, "", row.Company, "", "", row.Next})
		}
		for _, u := range w.Users {
			row := knownRow(w.Email, u, found.Known.Name(u.CompanyID), now)
			who.Rows = append(who.Rows, row)
			cells = append(cells, []string{row.Email, row.Name, row.Company, ui.StatusWord(row.Status.Status), kit.Stamp(u.StatusAt), ""})
		}
	}
	known := len(found.Who) - len(unknown)
	who.Summary = fmt.Sprintf("%s: %d known, %d not", ui.Count(len(found.Who), "address", "addresses"), known, len(unknown))
	who.TSV, who.CSV = copied(cells)
	if n := min(len(unknown), portal.MaxPrecheck); n > 0 {
		who.Precheck = strings.Join(unknown[:n], "\n")
		who.PrecheckLabel = "Pre-check " + map[bool]string{true: "the first ", false: ""}[n < len(unknown)] + ui.Count(n, "address", "addresses")
	}
	return who
}

// pasted is what a text says of people besides, by the keys of the addresses that were
// found in it, and what else stands there in the place of an address.
func pasted(text string, found directory.Found) (people map[string]lists.Subject, others []string) {
	people = make(map[string]lists.Subject, len(found.Typed.Emails))
	for _, email := range found.Typed.Emails {
		people[address.Key(email)] = lists.Subject{Text: email}
	}
	subjects, _ := lists.Subjects(text)
	for _, s := range subjects {
		person, found := people[address.Key(s.Text)]
		if !found {
			others = append(others, s.Text)
			continue
		}
		person.Beside = s.Beside
		people[address.Key(s.Text)] = person
	}
	return people, others
}

func knownRow(email string, u directory.UserRecord, company string, now time.Time) pages.WhoRow {
	status := statusOf(u, now)
	href := views.UserPath(u.CompanyID, u.ID)
	return pages.WhoRow{
		Email: email, Href: href, Name: userName(u), Company: company, CompanyHref: views.CompanyPath(u.CompanyID),
		Status: &status, NextLink: &ui.Link{Label: "Open", Href: href},
	}
}

// strangerRow is the row of an address of nobody who is known: they are to be added to
// the company that has the domain, or the pre-check is to be asked.
func strangerRow(w directory.Who, person lists.Subject, a auth.Actor) pages.WhoRow {
	row := pages.WhoRow{Email: w.Email}
	if c := w.Company; c.ID != "" {
		row.Company, row.CompanyHref = c.Name, views.CompanyPath(c.ID)
	}
	switch closed := wording.WhyClosed(w.Company.State); {
	case w.Company.ID == "":
		row.Next, row.NextLink = "Pre-check", &ui.Link{Label: "Pre-check", Href: views.PrecheckOfPath(w.Email)}
	case closed != "":
		row.Next = closed
	default:
		add := adding(w, person, a)
		add.Button.Small, add.Button.Icon = true, ""
		row.Next, row.Add = add.Button.Label, &add
	}
	return row
}

// copied gives rows as text to paste: as the columns of a spreadsheet, and as CSV.
func copied(rows [][]string) (tsv, csv string) {
	var b bytes.Buffer
	_ = kit.WriteCSV(&b, whoColumns, kit.Whole(rows)) // a buffer takes all of it
	csv = strings.TrimPrefix(b.String(), kit.ByteOrderMark)
	lines := []string{strings.Join(whoColumns, "\t")}
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = strings.Join(strings.Fields(lists.Inert(cell, ',')), " ")
		}
		lines = append(lines, strings.Join(cells, "\t"))
	}
	return strings.Join(lines, "\n") + "\n", csv
}

func userName(u directory.UserRecord) string { return portal.UserName(u.User) }

func isDomain(text string) bool {
	_, ok := address.ParseDomain(text)
	return ok
}
