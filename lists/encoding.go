package lists

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/wlynxg/chardet"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// Encoding is how the letters of a text are written as bytes, by its registered name.
type Encoding string

// The encodings.
const (
	UTF8        Encoding = "utf-8"
	UTF16LE     Encoding = "utf-16le"
	UTF16BE     Encoding = "utf-16be"
	UTF32       Encoding = "utf-32" // known, so that it can be refused by name
	Windows1252 Encoding = "windows-1252"
	ISO8859p15  Encoding = "iso-8859-15"
	Windows1250 Encoding = "windows-1250"
	Windows1251 Encoding = "windows-1251"
	Windows1253 Encoding = "windows-1253"
	Windows1254 Encoding = "windows-1254"
	Windows1257 Encoding = "windows-1257"
	CodePage850 Encoding = "ibm850"
	Macintosh   Encoding = "macintosh"
	ShiftJIS    Encoding = "shift_jis"
	GB18030     Encoding = "gb18030"
	Big5        Encoding = "big5"
	EUCKR       Encoding = "euc-kr"
)

// Encodings are those that somebody can choose, the likely ones first.
func Encodings() []Encoding {
	return []Encoding{
		UTF8, Windows1252, ISO8859p15, Macintosh, CodePage850, Windows1250, Windows1251, Windows1253, Windows1254, Windows1257,
		ShiftJIS, GB18030, Big5, EUCKR, UTF16LE, UTF16BE,
	}
}

// legacy gives an encoding that is not one of Unicode's; nil for others.
func (e Encoding) legacy() encoding.Encoding {
	return map[Encoding]encoding.Encoding{
		Windows1252: charmap.Windows1252, ISO8859p15: charmap.ISO8859_15, Windows1250: charmap.Windows1250, Windows1251: charmap.Windows1251,
		Windows1253: charmap.Windows1253, Windows1254: charmap.Windows1254, Windows1257: charmap.Windows1257,
		CodePage850: charmap.CodePage850, Macintosh: charmap.Macintosh,
		ShiftJIS: japanese.ShiftJIS, GB18030: simplifiedchinese.GB18030, Big5: traditionalchinese.Big5, EUCKR: korean.EUCKR,
	}[e]
}

// marks are the byte order marks. That of UTF-32 begins with that of UTF-16.
var marks = []struct {
	encoding Encoding
	bytes    string
}{{UTF8, "\xef\xbb\xbf"}, {UTF32, "\xff\xfe\x00\x00"}, {UTF32, "\x00\x00\xfe\xff"}, {UTF16LE, "\xff\xfe"}, {UTF16BE, "\xfe\xff"}}

// marked is the encoding that a byte order mark tells, and the mark's length.
func marked(content []byte) (e Encoding, length int) {
	for _, m := range marks {
		if bytes.HasPrefix(content, []byte(m.bytes)) {
			return m.encoding, len(m.bytes)
		}
	}
	return "", 0
}

// decode gives the text of a file, and how it was written. An encoding that isn't one of
// Unicode's can't be told for certain, nor can one of Unicode's by which letters alone
// are read: it is proposed, unless somebody chose it.
func decode(content []byte, chosen Encoding) (text string, form Form, proposed bool, err error) {
	e, mark := marked(content)
	form.BOM = e != ""
	switch {
	case form.BOM:
	case chosen != "":
		e = chosen
	case bytes.IndexByte(content, 0) >= 0:
		e, proposed = wide(content), true
	case utf8.Valid(content) || mostlyUTF8(content):
		e = UTF8
	default:
		e, proposed = proposal(content), true
	}
	form.Encoding = e
	if !slices.Contains(Encodings(), e) {
		return "", form, false, &Refused{Code: UnknownText, Encoding: e}
	}
	text, bad := e.decode(content[mark:])
	if bad >= 0 {
		return "", form, false, &Refused{Code: BadText, Encoding: e, Line: 1 + countLines(text), Byte: mark + bad + 1}
	}
	if strings.Contains(text, "\x00") {
		return "", form, false, &Refused{Code: Binary}
	}
	return text, form, proposed && strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII }), nil
}

// decode reads bytes as text: up to the first that can't be read, whose index is bad, or
// -1 where all can.
func (e Encoding) decode(content []byte) (text string, bad int) {
	switch e {
	case UTF8:
		for i := 0; i < len(content); {
			r, size := utf8.DecodeRune(content[i:])
			if r == utf8.RuneError && size == 1 {
				return string(content[:i]), i
			}
			i += size
		}
		return string(content), -1
	case UTF16LE:
		return decodeUTF16(content, binary.LittleEndian)
	case UTF16BE:
		return decodeUTF16(content, binary.BigEndian)
	default:
		return e.decodeLegacy(content)
	}
}

// decodeLegacy reads a text that isn't Unicode.
func (e Encoding) decodeLegacy(content []byte) (text string, bad int) {
	decoded, err := e.legacy().NewDecoder().Bytes(content)
	text = string(decoded)
	at := strings.IndexFunc(text, func(r rune) bool { return r == utf8.RuneError || r >= 0x80 && r < 0xa0 })
	if at < 0 && err == nil {
		return text, -1
	}
	text = text[:max(at, 0)]
	before, _ := e.legacy().NewEncoder().String(text)
	return text, len(before)
}

// decodeUTF16 reads text of two bytes each, or twice two for letters beyond.
func decodeUTF16(content []byte, order binary.ByteOrder) (text string, bad int) {
	var b strings.Builder
	b.Grow(len(content))
	for i := 0; i < len(content); i += 2 {
		if i+1 == len(content) {
			return b.String(), i
		}
		r := rune(order.Uint16(content[i:]))
		if utf16.IsSurrogate(r) {
			if i+4 > len(content) {
				return b.String(), i
			}
			if r = utf16.DecodeRune(r, rune(order.Uint16(content[i+2:]))); r == utf8.RuneError {
				return b.String(), i
			}
			b.WriteRune(r)
			i += 2
			continue
		}
		b.WriteRune(r)
	}
	return b.String(), -1
}

// wide is the encoding of two bytes a letter in which content without a mark is a text for
// certain: nothing but characters that can be seen or end a line, and the zeros of plain
// letters all on one side. Empty where there is none.
func wide(content []byte) Encoding {
	var zeros [2]bool
	for i, b := range content {
		zeros[i%2] = zeros[i%2] || b == 0
	}
	e := UTF16LE
	if zeros[0] {
		e = UTF16BE
	}
	if zeros[0] == zeros[1] {
		return ""
	}
	if text, bad := e.decode(content); bad >= 0 || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsGraphic(r) && !strings.ContainsRune("\t\r\n", r) }) {
		return ""
	}
	return e
}

// mostlyUTF8 says whether bytes are a text in UTF-8 that was damaged: more of its letters
// can be read so than can't. In no other encoding do letters look like that.
func mostlyUTF8(content []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(content); {
		r, size := utf8.DecodeRune(content[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			bad++
		case size > 1:
			good++
		}
		i += size
	}
	return good > bad
}

// looked is how many bytes are looked at to propose an encoding.
const looked = 256 << 10

// proposal is the encoding in which a text is most likely written that isn't UTF-8. What
// tells the alphabets apart for certain is taken from how often letters stand together;
// those of Western Europe by which makes the better words.
func proposal(content []byte) Encoding {
	if e := detected(content[:min(len(content), looked)]); e != "" {
		if _, bad := e.decode(content); bad < 0 {
			return e
		}
	}
	best, fewest := Windows1252, -1
	for _, e := range []Encoding{Windows1252, ISO8859p15, Macintosh, CodePage850} {
		text, bad := e.decode(content[:min(len(content), looked)])
		if odd := oddities(text); bad < 0 && (fewest < 0 || odd < fewest) {
			best, fewest = e, odd
		}
	}
	return best
}

// detected is what the letters of a text point to, where that is an alphabet that nobody
// takes for another; empty for those of Western Europe and what isn't known. The library
// has indexes into tables that depend on what it reads: should one be wrong, nothing was
// detected.
func detected(content []byte) (e Encoding) {
	defer func() {
		if recover() != nil {
			e = ""
		}
	}()
	return map[string]Encoding{
		"ISO-8859-5": Windows1251, "Windows-1251": Windows1251, "ISO-8859-7": Windows1253, "Windows-1253": Windows1253,
		"SHIFT_JIS": ShiftJIS, "CP932": ShiftJIS, "GB2312": GB18030, "GB18030": GB18030, "Big5": Big5, "EUC-KR": EUCKR, "CP949": EUCKR,
	}[chardet.Detect(content).Encoding]
}

// oddities count what stands in no word: a sign or a capital behind a small letter.
func oddities(text string) int {
	odd, before := 0, ' '
	for _, r := range text {
		if r > unicode.MaxASCII && unicode.IsLower(before) && r != '’' && (!unicode.IsLetter(r) || unicode.IsUpper(r)) ||
			unicode.IsLetter(r) && before > unicode.MaxASCII && !unicode.IsLetter(before) && !unicode.IsPunct(before) {
			odd++
		}
		before = r
	}
	return odd
}

// countLines is how many lines end in a text.
func countLines(text string) int {
	return strings.Count(text, "\n") + strings.Count(text, "\r") - strings.Count(text, "\r\n")
}
