package portal

import (
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"foyer/address"
)

// Freemail says whether anybody can have an address in a domain, so that it says nothing
// of who somebody works for. Symphony refuses such a domain for a company.
func Freemail(d address.Domain) bool {
	if slices.Contains(freemail, string(d)) {
		return true
	}
	// These have a domain in most countries: yahoo.co.uk, hotmail.fr.
	name, suffix, _ := strings.Cut(string(d), ".")
	return PublicSuffix(address.Domain(suffix)) && slices.Contains([]string{"gmx", "hotmail", "yahoo", "yandex"}, name)
}

// PublicSuffix says whether anybody can register names below a domain, as below co.uk:
// those who have them have nothing to do with each other.
func PublicSuffix(d address.Domain) bool {
	suffix, _ := publicsuffix.PublicSuffix(string(d))
	return suffix == string(d)
}

// freemail are the public e-mail services that business contacts most often have, or
// that are typed by mistake. Longer lists have thousands that nobody uses for this, and
// companies' own domains among them by mistake, which Foyer would then refuse.
var freemail = []string{
	"gmail.com", "googlemail.com",
	"outlook.com", "outlook.de", "outlook.fr", "outlook.it", "outlook.es", "outlook.jp", "live.com", "live.co.uk", "live.de", "live.fr", "live.it", "live.nl", "msn.com",
	"ymail.com", "rocketmail.com", "aol.com", "aol.co.uk", "aim.com", "verizon.net", "att.net", "sbcglobal.net", "comcast.net",
	"icloud.com", "me.com", "mac.com",
	"proton.me", "protonmail.com", "pm.me", "tutanota.com", "tuta.io", "fastmail.com", "fastmail.fm", "hushmail.com", "zoho.com", "zohomail.com", "hey.com", "duck.com",
	"mail.com", "email.com", "inbox.com", "mail.ru", "bk.ru", "list.ru", "inbox.ru", "rambler.ru", "ya.ru",
	"web.de", "t-online.de", "freenet.de", "arcor.de", "posteo.de", "mailbox.org",
	"orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "sfr.fr", "neuf.fr",
	"libero.it", "virgilio.it", "alice.it", "tiscali.it", "tin.it",
	"bluewin.ch", "btinternet.com", "virginmedia.com", "ntlworld.com", "talktalk.net", "blueyonder.co.uk",
	"wp.pl", "o2.pl", "onet.pl", "interia.pl", "seznam.cz", "centrum.cz", "abv.bg",
	"qq.com", "163.com", "126.com", "yeah.net", "sina.com", "sohu.com", "foxmail.com", "naver.com", "hanmail.net", "daum.net",
	"rediffmail.com", "uol.com.br", "bol.com.br", "terra.com.br",
}
