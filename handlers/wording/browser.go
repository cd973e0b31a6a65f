package wording

import (
	"strings"
)

const otherBrowser = "another browser"

// BrowserName says in people's words what a browser says of itself: "Chrome on
// Linux". Browsers also call themselves by the names of others, so the tokens
// that tell most come first.
func BrowserName(userAgent string) string {
	name := firstWord(userAgent, [][2]string{
		{"Edg/", "Edge"},
		{"EdgA/", "Edge"},
		{"EdgiOS/", "Edge"},
		{"OPR/", otherBrowser},
		{"SamsungBrowser/", otherBrowser},
		{"Vivaldi/", otherBrowser},
		{"YaBrowser/", otherBrowser},
		{"Firefox/", "Firefox"},
		{"FxiOS/", "Firefox"},
		{"Chrome/", "Chrome"},
		{"CriOS/", "Chrome"},
		{"Safari/", "Safari"},
		{"", otherBrowser},
	})
	system := firstWord(userAgent, [][2]string{
		{"Android", "Android"},
		{"iPhone", "iPhone"},
		{"iPad", "iPad"},
		{"Windows NT", "Windows"},
		{"Macintosh", "macOS"},
		{"CrOS", "ChromeOS"},
		{"Linux", "Linux"},
	})
	if system == "" {
		return name
	}
	return name + " on " + system
}

// firstWord is the word of the first token that is in s; empty where none is.
func firstWord(s string, words [][2]string) string {
	for _, w := range words {
		if strings.Contains(s, w[0]) {
			return w[1]
		}
	}
	return ""
}
