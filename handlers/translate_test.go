package handlers

import (
	"net/http"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"foyer/auth"
)

// A browser that translates a page would make other people of names.
func TestNamesIDsAndAddressesAreNotTranslated(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder, auth.Auditor, auth.Admin)
	browser.submit(browser.get("/companies/"+lyondell+"/users/"+adele+"/status"), "#status-form", disabling()).want(http.StatusSeeOther)
	never := []string{"Adele Vance", "adele.vance@lyondell.example", adele, "Lyondell Trading", "lyondell.example", "lyondell-fx.example"}

	for _, path := range []string{
		"/", "/companies", "/companies/" + lyondell, "/companies/" + lyondell + "/users", "/companies/" + lyondell + "/users/" + adele, "/companies/" + lyondell + "/users/" + adele + "/history",
		"/companies/" + lyondell + "/history", "/companies/" + lyondell + "/users?at=2026-01-01", "/audit", "/audit/1", "/find?q=.example", "/precheck?email=adele.vance@lyondell.example", "/sessions",
	} {
		p := browser.get(path).want(http.StatusOK)
		if got, _ := p.find(`meta[name="format-detection"]`).Attr("content"); got != "telephone=no, date=no, address=no, email=no" {
			t.Errorf("%s: format-detection is %q", path, got)
		}
		p.find("main *").Each(func(_ int, s *goquery.Selection) {
			if s.Children().Length() > 0 || s.Closest(`[translate="no"], script, option, textarea`).Length() > 0 {
				return
			}
			for _, text := range never {
				if strings.TrimSpace(s.Text()) == text {
					html, _ := goquery.OuterHtml(s)
					t.Errorf("%s: a browser may translate %s", path, html)
				}
			}
		})
	}
}
