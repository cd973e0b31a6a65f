package lists

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

// style is what the look of a cell says of the number in it.
type style struct {
	date   bool
	digits int // so many at least, with zeros before; 0 for any number
}

// value is what is in a cell, as people read it; rounded says that it is a number with
// more digits than spreadsheets keep.
func (b *book) value(c *rawCell) (value string, rounded bool, err error) {
	value = c.value.String()
	switch c.kind {
	case "s":
		i, err := strconv.Atoi(strings.TrimSpace(value))
		switch {
		case !c.valued:
			return "", false, nil
		case err != nil || i < 0 || i >= len(b.strings):
			return "", false, &Refused{Code: Damaged}
		}
		return b.strings[i], false, nil
	case "str", "inlineStr":
		return unescape(value), false, nil
	case "b":
		if value = strings.TrimSpace(value); value != "" {
			value = strings.ToUpper(strconv.FormatBool(isTrue(value)))
		}
		return value, false, nil
	case "", "n":
		var s style
		if c.style >= 0 && c.style < len(b.styles) {
			s = b.styles[c.style]
		}
		value, rounded = s.number(strings.TrimSpace(value), b.from)
	}
	return value, rounded, nil // of an error its name; a date of ISO as it is
}

// kept is how many digits of a number spreadsheets keep.
const kept = 15

// number writes a number with all of its digits, as an account or a phone needs them, or
// as the date that it is shown as.
func (s style) number(raw string, from epoch) (value string, rounded bool) {
	f, err := strconv.ParseFloat(raw, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return raw, false
	}
	if s.date {
		if date, ok := from.date(f); ok {
			return date, false
		}
	}
	value = raw
	switch {
	case f == math.Trunc(f) && math.Abs(f) < 1e21:
		if strings.ContainsAny(raw, ".eE+") {
			value = strconv.FormatFloat(f, 'f', -1, 64)
		}
		rounded = len(strings.TrimPrefix(value, "-")) > kept
	case math.Abs(f) > 1e-9 && math.Abs(f) < 1e21:
		f, _ = strconv.ParseFloat(strconv.FormatFloat(f, 'g', kept, 64), 64)
		value = strconv.FormatFloat(f, 'f', -1, 64)
	}
	if missing := s.digits - len(value); missing > 0 && f >= 0 {
		value = strings.Repeat("0", missing) + value
	}
	return value, rounded
}

// epoch is the day from which a workbook counts days.
type epoch struct{ is1904 bool }

// date writes a number of days as the date, the time, or both; ok is false for what is
// none.
func (e epoch) date(days float64) (date string, ok bool) {
	const seconds = 24 * 60 * 60
	if days < 0 || days >= 2958466 { // the year 10000
		return "", false
	}
	begin := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case e.is1904:
		begin = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case days < 60:
		begin = begin.AddDate(0, 0, 1) // there, 1900 has a 29 February
	}
	whole := math.Floor(days)
	at := begin.AddDate(0, 0, int(whole)).Add(time.Duration(math.Round((days-whole)*seconds)) * time.Second)
	switch {
	case days < 1:
		return at.Format(time.TimeOnly), true
	case at.Hour() == 0 && at.Minute() == 0 && at.Second() == 0:
		return at.Format(time.DateOnly), true
	}
	return at.Format("2006-01-02T15:04:05"), true
}

// readStyles reads which looks of cells are those of dates, and of numbers with zeros
// before them.
func (b *book) readStyles(name string) error {
	var s struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			Format int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := b.unmarshal(name, &s); err != nil {
		return err
	}
	known := map[int]style{}
	for _, f := range s.Formats {
		known[f.ID] = styleOf(f.Code)
	}
	for _, c := range s.Cells {
		st, ok := known[c.Format]
		b.styles = append(b.styles, style{st.date || !ok && isDateFormat(c.Format), st.digits})
	}
	return nil
}

// isDateFormat says whether a format that workbooks needn't define is one of dates.
func isDateFormat(id int) bool {
	return id >= 14 && id <= 22 || id >= 27 && id <= 36 || id >= 45 && id <= 47 || id >= 50 && id <= 58
}

// notShown are the parts of a format that say nothing of a date: what is written as it
// stands, and conditions, colours and languages.
var notShown = regexp.MustCompile(`"[^"]*"|\\.|\[[^\]]*\]|_.|\*.`)

// styleOf understands a format.
func styleOf(code string) style {
	code, _, _ = strings.Cut(notShown.ReplaceAllString(code, ""), ";")
	if code != "" && strings.Trim(code, "0") == "" {
		return style{digits: min(len(code), 32)}
	}
	return style{date: strings.ContainsAny(strings.ToLower(code), "dmyhs") && !strings.EqualFold(code, "standard")}
}

// escaped is a character that XML can't have, as texts of workbooks have it.
var escaped = regexp.MustCompile(`_x([0-9A-Fa-f]{4})_`)

// unescape reads a text of a workbook.
func unescape(text string) string {
	if !strings.Contains(text, "_x") {
		return text
	}
	return escaped.ReplaceAllStringFunc(text, func(code string) string {
		n, _ := strconv.ParseUint(code[2:6], 16, 16)
		if r := rune(n); !utf16.IsSurrogate(r) {
			return string(r)
		}
		return code
	})
}

// shortened is a large number as spreadsheets show it, and so write it to a text.
var shortened = regexp.MustCompile(`^[0-9]([.,][0-9]+)?E\+[0-9]+$`)

func isShortened(cell string) bool {
	return strings.Contains(cell, "E+") && shortened.MatchString(cell)
}

// noValue is what spreadsheets show, in their languages, in place of what they could not
// calculate, or had no room for.
var noValue = regexp.MustCompile(`^(#[¡¿]?[\p{Lu}/0_]+[!?]|#N/A|#N/D|#NV|#GETTING_DATA|##+|Err:[0-9]+)$`)

// NoValue says whether a cell has no value, but what a spreadsheet says of why: #N/A. It
// is read as it stands, from text and from workbooks.
func NoValue(cell string) bool { return noValue.MatchString(cell) }
