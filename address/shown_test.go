package address_test

import (
	"testing"

	"foyer/address"
)

func TestDomainsAreShownInTheirOwnLettersUnlessTheseMislead(t *testing.T) {
	t.Parallel()
	for domain, want := range map[string]string{
		"acme.example":               "acme.example",
		"xn--mller-kva.example":      "müller.example",
		"XN--MLLER-KVA.Example":      "müller.example",
		"Müller.example":             "müller.example",
		"xn--j1ail.xn--p1ai":         "кто.рф",
		"xn--80aswg.example":         "сайт.example",
		"xn--r8jz45g.example":        "例え.example",
		"xn--hxajbheg2az3al.gr":      "παράδειγμα.gr",
		"xn--80ak6aa92e.com":         "xn--80ak6aa92e.com", // Cyrillic, and reads as apple
		"xn--pple-43d.com":           "xn--pple-43d.com",   // a Cyrillic а before pple
		"аpple.com":                  "xn--pple-43d.com",   // the same, as it was typed
		"xn--a.example":              "xn--a.example",      // no Punycode
		"no domain":                  "no domain",
		"jane.doe@xn--mller.example": "jane.doe@xn--mller.example",
		"":                           "",
	} {
		if got := address.Shown(domain); got != want {
			t.Errorf("Shown(%q) = %q, want %q", domain, got, want)
		}
	}
}
