package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"foyer/auth"
	"foyer/internal/testfault"
)

// unwritable has the store fail whenever it is to be written, until the returned function
// is called.
func (b *bench) unwritable() (writable func()) {
	b.faults.NthOf(1, true, func(c testfault.Call) bool { return c.Writes })
	return func() { b.faults.Set(nil) }
}

// What somebody typed is worth more than the page that says that it can't be kept.
func TestAFormThatCantBeSavedComesBackAsItWasTyped(t *testing.T) {
	t.Parallel()
	for name, form := range map[string]struct {
		page, form string
		typed      url.Values
		says       string
	}{
		"notes on a company": {lyondellNotes, "#notes-form", noted("Gold, süd", "LYB", "CRM-1"), "Nothing was saved"},
		"note on a person":   {adeleNote, "#note-form", url.Values{"note": {"back in May\nor June"}}, "Nothing was saved"},
		"filter":             {"/people?q=adele", "#save-filter", url.Values{"filterName": {"Mine"}}, "Nothing was saved"},
		"status":             {adelePage + "/status", "main form[method=post]", url.Values{"reason": {"left the company"}, "ticket": {"T-1"}}, "Nothing was sent to Symphony"},
		"review, cancelled":  {"/reviews/1/cancel", "main form[method=post]", url.Values{"reason": {"begun by mistake"}}, "Nothing was saved"},
		"review, finished":   {"/reviews/1/finish", "#finish-form", url.Values{"rest": {"ask"}}, "Nothing was saved"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			admin := b.as(auth.Admin)
			b.readPeople()
			if strings.HasPrefix(form.page, "/reviews/") {
				admin.openReview()
			}
			page := admin.get(form.page).want(http.StatusOK)
			writable := b.unwritable()
			p := admin.submit(page, form.form, form.typed)
			p.want(http.StatusServiceUnavailable).sound().says("main", form.says)
			writable()
			back, _ := p.form(form.form)
			for field, value := range form.typed {
				if !slices.Equal(back[field], value) {
					t.Errorf("%s came back as %q, want %q", field, back[field], value)
				}
			}
			if p.find(form.form).Closest("details:not([open])").Length() > 0 {
				t.Error("the form is folded away, with what is wrong")
			}
			if !strings.Contains(p.text("head title"), "Error") {
				t.Errorf("its title is %q, want it to say that there is an error", p.text("head title"))
			}
			if !strings.Contains(b.logs.String(), "request not recorded") {
				t.Error("whoever runs Foyer isn't told in the log")
			}
			admin.submit(p, form.form, nil).want(http.StatusSeeOther) // as it came back
		})
	}
}

func TestChoicesOfAReviewThatCantBeSavedAreStillMade(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	auditor := b.as(auth.Auditor)
	page := auditor.openReview()
	people := uids(page)
	choices := url.Values{"decision." + people[0]: {"disable"}, "decision." + people[1]: {"ask"}}
	writable := b.unwritable()
	p := auditor.post("/reviews/1/decisions", decisionsOf(page, choices)).want(http.StatusServiceUnavailable).sound().says("main", "Nothing was saved", "still here", "Reviewed 0 of")
	writable()
	auditor.follow(auditor.post("/reviews/1/decisions", decisionsOf(p, nil))).says("main", "Reviewed 2 of")
}
