package handlers

import (
	"database/sql"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"foyer/auth"
	"foyer/ledger"
	"foyer/store"
)

// rowsOf lists the ids that a table of the store has, as they are spelled.
func (b *bench) rowsOf(table, columns string) (ids []string) {
	b.t.Helper()
	file := b.file
	if name, ok := strings.CutPrefix(table, "directory."); ok {
		file, table = store.DirectoryPath(file), name
	}
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro")
	b.must(err)
	defer db.Close()
	rows, err := db.QueryContext(b.t.Context(), "SELECT "+columns+" FROM "+table)
	b.must(err)
	defer rows.Close()
	for rows.Next() {
		var id string
		b.must(rows.Scan(&id))
		ids = append(ids, id)
	}
	b.must(rows.Err())
	return ids
}

func TestAnIDInCapitalsIsTheSameOne(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	company, person := "/companies/"+strings.ToUpper(lyondell), "/users/"+strings.ToUpper(adele)

	for _, path := range []string{"", "/history", "/progress", "/domains", "/users", "/users/new", person, person + "/history", person + "/status", "/notes", person + "/note"} {
		p := browser.get(company + path).want(http.StatusOK)
		if strings.Contains(p.body, strings.ToUpper(lyondell)) || path == person && strings.Contains(p.body, strings.ToUpper(adele)+"/") {
			t.Errorf("%s has links with the id in capitals", p.request)
		}
	}
	browser.htmx(company+"/users/statuses?uid="+strings.ToUpper(adele)).want(http.StatusOK).says("#status-"+adele, "Active")
	browser.post(company+"/users/statuses", url.Values{"page": {"1"}, "size": {"50"}}).want(http.StatusSeeOther)
	if to := browser.submit(browser.get(company+person+"/status"), "#status-form", disabling()).want(http.StatusSeeOther).location(); to != adelePage {
		t.Errorf("disabling leads to %q, want %q", to, adelePage)
	}
	events := b.events(ledger.Filter{User: adele, Action: ledger.DisableUser})
	if len(events) != 2 {
		t.Fatalf("the ledger has %d events of disabling Adele, want her intent and its outcome", len(events))
	}
	browser.submit(browser.get(company+"/notes"), "#notes-form", url.Values{"alias": {"LYB"}}).want(http.StatusSeeOther)
	browser.submit(browser.get(company+person+"/note"), "#note-form", url.Values{"note": {"Away"}}).want(http.StatusSeeOther)
	change := strings.ToUpper(events[0].Change)
	browser.get("/changes/" + change).want(http.StatusOK)
	browser.htmx("/changes/" + change + "/progress").want(http.StatusOK)
	auditor := b.as(auth.Auditor)
	for _, query := range []string{"user=" + strings.ToUpper(adele), "change=" + change, "company=" + strings.ToUpper(lyondell)} {
		if rows := auditor.get("/audit?action=user.disable&" + query).want(http.StatusOK).find("tbody tr").Length(); rows != 2 {
			t.Errorf("the activity with %s has %d rows, want 2", query, rows)
		}
	}

	for table, columns := range map[string]string{"company": "id", "company_people": "company_id", "directory.person": "company || ' ' || id", "directory.company": "id", "company_note": "company_id", "person_note": "company_id || ' ' || user_id", "user_status": "company_id || ' ' || user_id"} {
		seen := map[string]bool{}
		for _, id := range b.rowsOf(table, columns) {
			if id != strings.ToLower(id) || seen[strings.ToLower(id)] {
				t.Errorf("%s has a row of %s, of another spelling", table, id)
			}
			seen[id] = true
		}
		if len(seen) == 0 {
			t.Errorf("%s has no rows", table)
		}
	}
}
