package directory

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"foyer/address"
	"foyer/folding"
	"foyer/portal"
)

// Typed is what somebody typed or pasted into the search box, as far as it is
// understood. Of the fields at most one kind is set; Words always are.
type Typed struct {
	Text   string   // without what nobody sees, and blanks around it
	Emails []string // addresses, each once, however they were wrapped
	IDs    []string // UUIDs in Symphony's spelling, of a person, a company or a change
	Number int64    // that stands alone: of a person at Symphony, or a telephone
	Event  int64    // a number behind #: an event of the ledger
	URL    *url.URL // an address of the web, or a path of Foyer's own, which has no host
	Words  []string // folded, each once, without what people put around words
}

// Short says that there are only words of one or two letters, which find nobody but by
// the beginning of a name or an e-mail.
func (t Typed) Short() bool {
	return len(t.Words) > 0 && !slices.ContainsFunc(t.Words, func(word string) bool { return utf8.RuneCountInString(word) > 2 })
}

var (
	uuidInText   = regexp.MustCompile(`(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	eventPattern = regexp.MustCompile(`^#([0-9]{1,18})$`)
	numberOnly   = regexp.MustCompile(`^[0-9]{6,19}$`)
	phonePattern = regexp.MustCompile(`^(?:\+|00)?[0-9(][0-9 ()./-]{4,}[0-9]$`)
	hostAndPath  = regexp.MustCompile(`^[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)+(:[0-9]+)?/`)
	pathPattern  = regexp.MustCompile(`^/[a-z]+(/[0-9A-Za-z./_-]*)?(\?.*)?$`)
)

// Understand says what a text is that somebody typed or pasted.
func Understand(text string) Typed {
	t := Typed{Text: visibleText(text)}
	t.Words = wordsOf(t.Text)
	bare := strings.Trim(t.Text, `"'<>[]{},;. `)
	if t.Emails = emailsIn(t.Text); len(t.Emails) > 0 {
		return t
	}
	if u := urlOf(bare); u != nil {
		t.URL = u
		return t
	}
	if ids := uuidInText.FindAllString(t.Text, -1); len(ids) > 0 {
		for _, id := range ids {
			if id = strings.ToLower(id); !slices.Contains(t.IDs, id) {
				t.IDs = append(t.IDs, id)
			}
		}
		return t
	}
	if event := eventPattern.FindStringSubmatch(bare); event != nil {
		t.Event, _ = strconv.ParseInt(event[1], 10, 64) // can't fail: eighteen digits
		return t
	}
	if numberOnly.MatchString(bare) {
		t.Number, _ = strconv.ParseInt(bare, 10, 64) // one that is too large finds nobody by it
	}
	if digits := phoneDigits(bare); digits != "" && phonePattern.MatchString(bare) {
		t.Words = []string{digits} // of zeros alone nothing would be left, which stands in everything
	}
	return t
}

// Hollow says whether there is nothing in it by which anything could be found.
func (t Typed) Hollow() bool {
	return len(t.Words)+len(t.Emails)+len(t.IDs) == 0 && t.URL == nil && t.Event == 0
}

// mostWords is how many words are looked for: no name or address has more.
const mostWords = 12

// around is what stands around words without belonging to them, in lists and sentences.
const around = `"<>()[]{},;:!?|*…“”„«»‹›`

// wordsOf gives the words of a search.
func wordsOf(text string) (words []string) {
	for _, word := range folding.Words(text) {
		word = strings.TrimLeft(strings.Trim(word, around), "+") // a telephone number is kept without
		if strings.ContainsFunc(word, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }) && !slices.Contains(words, word) && len(words) < mostWords {
			words = append(words, word)
		}
	}
	return words
}

// phoneDigits gives the digits of a telephone number that it has however it is written:
// without what is dialled instead of the code of the country.
func phoneDigits(number string) string {
	number = strings.ReplaceAll(number, "(0)", "")
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, number)
	return strings.TrimLeft(digits, "0")
}

// visibleText leaves out what nobody sees, and makes one blank of several.
func visibleText(text string) string {
	seen := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if address.Unseen(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	return strings.Join(strings.Fields(seen), " ")
}

// emailsIn gives the addresses in a text, each once, as they are written: also those of
// mail programs' lists, of links that write mail, and between brackets.
func emailsIn(text string) []string {
	var emails []string
	seen := map[string]bool{}
	for _, token := range strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`<>()[]{},;"|`, r) }) {
		if link, ok := cutPrefixFold(token, "mailto:"); ok {
			token, _, _ = strings.Cut(link, "?")
			if plain, err := url.PathUnescape(token); err == nil {
				token = plain
			}
		}
		token = strings.Trim(token, `'’‘“”„«»:.`)
		if key := address.Key(token); portal.HasEmailForm(token) && !seen[key] {
			seen[key] = true
			emails = append(emails, token)
		}
	}
	return emails
}

func cutPrefixFold(s, prefix string) (rest string, found bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// urlOf reads an address of the web, also without its scheme as browsers show it, or a
// path like those of Foyer's pages.
func urlOf(text string) *url.URL {
	_, secure := cutPrefixFold(text, "https://")
	_, plain := cutPrefixFold(text, "http://")
	web := secure || plain
	if !web && hostAndPath.MatchString(text) {
		web, text = true, "https://"+text
	}
	if !web && !pathPattern.MatchString(text) {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || web && u.Host == "" {
		return nil
	}
	return u
}
