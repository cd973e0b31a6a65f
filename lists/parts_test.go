package lists

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
)

// packed is a ZIP of one part.
func packed(t *testing.T, part string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("xl/worksheets/sheet1.xml")
	if err == nil {
		_, err = io.WriteString(w, part)
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestWhatADirectorySaysOfASizeIsNotBelieved holds for a part that unpacks to more than is
// left to unpack, whatever the directory of the ZIP says.
func TestWhatADirectorySaysOfASizeIsNotBelieved(t *testing.T) {
	t.Parallel()
	honest := packed(t, "<worksheet><sheetData>"+strings.Repeat("\n", 100<<10))
	for _, said := range []uint32{1, 1 << 10, 100 << 10, 1 << 31} {
		content := bytes.Clone(honest)
		binary.LittleEndian.PutUint32(content[bytes.LastIndex(content, []byte("PK\x01\x02"))+24:], said)
		p, err := openParts(content)
		if err != nil {
			t.Fatal(err)
		}
		p.left = 64 << 10
		r := sheetReader{book: &book{parts: p}, sheet: sheet{part: "xl/worksheets/sheet1.xml"}}
		var refused *Refused
		if err := r.read(); !errors.As(err, &refused) || refused.Code != Unpacked && refused.Code != Damaged || p.left < -4<<10 {
			t.Errorf("a part that says it has %d bytes: %+v, with %d left", said, refused, p.left)
		}
	}
}

func TestMoreElementsThanAListCanHaveAreNotRead(t *testing.T) {
	t.Parallel()
	p, err := openParts(packed(t, "<worksheet><sheetData><row><c/><c/><c/></row></sheetData></worksheet>"))
	if err != nil {
		t.Fatal(err)
	}
	p.tokens = maxTokens - 6
	r := sheetReader{book: &book{parts: p}, sheet: sheet{part: "xl/worksheets/sheet1.xml"}}
	var refused *Refused
	if err := r.read(); !errors.As(err, &refused) || refused.Code != Unpacked {
		t.Errorf("read = %v", err)
	}
}
