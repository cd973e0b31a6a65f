package lists

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// formulaSigns are the characters, wide forms included, with which a cell begins that
// spreadsheets may run.
const formulaSigns = "=+-@＝＋－＠"

// Inert writes a cell of a text so that a spreadsheet shows it and does nothing else with
// it, whichever separator it takes: what it would take for a formula has an apostrophe
// before it, and so has a number that it would round or shorten. So has what would be
// read as that, apostrophe and all: reading gives the cell as it was. A control
// character, which may end a text or a line, is shown as one that can't be read.
//
// The separator of the text itself begins nothing within a cell, which is quoted there.
func Inert(cell string, separator rune) string {
	return apostrophes(readable(cell), begins(separator), func(run int) int { return run + 1 })
}

// alive is the cell that Inert wrote.
func alive(cell string, separator rune) string {
	if !strings.Contains(cell, "'") {
		return cell
	}
	return apostrophes(cell, begins(separator), func(run int) int { return max(run-1, 0) })
}

// inertText writes a cell of a workbook, where text is never run: it needs no apostrophe,
// unless it would be read without one.
func inertText(cell string) string {
	cell = readable(cell)
	if !strings.Contains(cell, "'") {
		return cell
	}
	return apostrophes(cell, "", func(run int) int {
		if run > 0 {
			run++
		}
		return run
	})
}

// aliveText is the cell that inertText wrote, or Inert and then a spreadsheet.
func aliveText(cell string) string {
	if !strings.Contains(cell, "'") {
		return cell
	}
	return apostrophes(cell, "", func(run int) int { return max(run-1, 0) })
}

// begins are the characters behind which another cell begins for a spreadsheet that takes
// another separator than the text has.
func begins(separator rune) string {
	return strings.ReplaceAll(separators+"\n", string(separator), "")
}

// apostrophes writes a cell with another number of apostrophes before each thing that a
// spreadsheet would take for a formula, and before a number that stands alone and that it
// would write otherwise, or that has apostrophes already.
func apostrophes(cell, begin string, count func(run int) int) string {
	var b strings.Builder
	begins, blank := true, true // a cell, for one separator or another; nothing but blanks
	for i := 0; i < len(cell); {
		if begins {
			run := len(cell[i:]) - len(strings.TrimLeft(cell[i:], "'"))
			rest := cell[i+run:]
			if strings.IndexAny(rest, formulaSigns) == 0 || blank && (run > 0 && strings.IndexAny(rest, "0123456789") == 0 || altered(rest)) {
				b.WriteString(strings.Repeat("'", count(run)))
				i += run
				begins, blank = false, false
				continue
			}
		}
		r, size := utf8.DecodeRuneInString(cell[i:])
		switch {
		case strings.ContainsRune(begin, r):
			begins = true
		case r != '"' && !unicode.IsSpace(r):
			begins = false
		}
		blank = blank && unicode.IsSpace(r)
		b.WriteString(cell[i : i+size])
		i += size
	}
	return b.String()
}

var newLines = strings.NewReplacer("\r\n", "\n", "\r", "\n") // once: a file has many cells

// readable replaces control characters and what is no text. New lines of every kind are
// one.
func readable(cell string) string {
	cell = newLines.Replace(strings.ToValidUTF8(cell, "\ufffd"))
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return unicode.ReplacementChar
		}
		return r
	}, cell)
}

// number is a cell that spreadsheets read as a number, other than with a sign.
var number = regexp.MustCompile(`^\s*[0-9]+([eE][0-9]+)?\s*$`)

// altered says whether a spreadsheet would write a number otherwise: it has no more than
// 15 digits of one, leaves zeros before it out, and takes an e for ten to the power of.
func altered(cell string) bool {
	const digits = 15
	cell = strings.TrimSpace(cell)
	return number.MatchString(cell) && (len(cell) > digits || strings.ContainsAny(cell, "eE") || len(cell) > 1 && cell[0] == '0')
}
