package lists

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// What a workbook may be at most, before it is read and while it is. A list of MaxRows is
// far below.
const (
	maxParts    = 1000         // of its ZIP
	maxUnpacked = 64 << 20     // bytes of all parts that are read
	maxSmall    = 8 << 20      // bytes of a part that is read whole
	maxTokens   = 6 << 20      // of the XML of those that are not
	maxText     = 2 * MaxBytes // of all cells, many of which may have the same text
	maxSheets   = 1000
	maxRatio    = 250 // bytes of a part for one in the ZIP
	maxDepth    = 64  // of elements in each other
)

// parts are those of a workbook, which is a ZIP of XML. Only those that a list needs are
// unpacked, as text and nothing else: no ZIP in the ZIP, no file is written.
type parts struct {
	files  map[string]*zip.File
	left   int64 // how many bytes may yet be unpacked
	tokens int   // how many were read
}

// openParts reads the directory, and refuses what it says is too large, or what is there
// twice: programs differ about which of the two counts.
func openParts(content []byte) (*parts, error) {
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, &Refused{Code: Damaged}
	}
	if len(z.File) > maxParts {
		return nil, &Refused{Code: Unpacked}
	}
	p := &parts{files: map[string]*zip.File{}, left: maxUnpacked}
	for _, f := range z.File {
		name := partName(f.Name)
		if p.files[name] != nil {
			return nil, &Refused{Code: Damaged}
		}
		p.files[name] = f
	}
	return p, nil
}

// partName is the one form of the name of a part: capitals don't count in it.
func partName(name string) string {
	return strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(name, `\`, "/"), "/"))
}

// open unpacks a part as it is read, up to a size; nil where there is none of that name.
func (p *parts) open(name string, most int64) (io.ReadCloser, error) {
	f := p.files[partName(name)]
	if f == nil {
		return nil, nil //nolint:nilnil // A part may be missing, and says nothing then.
	}
	most = min(most, p.left)
	declared := int64(min(f.UncompressedSize64, 1<<62))
	packed := int64(min(f.CompressedSize64, 1<<32))
	if declared > most || declared > 1<<20 && declared/maxRatio > packed {
		return nil, &Refused{Code: Unpacked}
	}
	r, err := f.Open()
	if err != nil {
		return nil, &Refused{Code: Damaged}
	}
	return &part{ReadCloser: r, all: p, left: most}, nil
}

// part is one that is being unpacked. What the directory says of its size may be wrong.
type part struct {
	io.ReadCloser
	all  *parts
	left int64
}

// Read unpacks some of it.
func (p *part) Read(b []byte) (int, error) {
	n, err := p.ReadCloser.Read(b)
	p.left -= int64(n)
	p.all.left -= int64(n)
	if p.left < 0 || p.all.left < 0 {
		return 0, &Refused{Code: Unpacked}
	}
	return n, err
}

// unmarshal reads a small part whole. What is missing says nothing.
func (p *parts) unmarshal(name string, into any) error {
	r, err := p.open(name, maxSmall)
	if r == nil {
		return err
	}
	defer r.Close()
	return damaged(xml.NewDecoder(r).Decode(into))
}

// damaged is the refusal of a workbook in which something can't be read.
func damaged(err error) error {
	var refused *Refused
	switch {
	case err == nil, errors.As(err, &refused):
		return err
	}
	return &Refused{Code: Damaged}
}

// elements reads the XML of a large part token by token. Entities are not defined, and
// nothing outside of the part is asked for.
type elements struct {
	*xml.Decoder
	all *parts
	in  []string // the names of those that are open
}

// elements reads those of a part.
func (p *parts) elements(r io.Reader) *elements { return &elements{Decoder: xml.NewDecoder(r), all: p} }

// next gives the next token; io.EOF at the end.
func (e *elements) next() (xml.Token, error) {
	token, err := e.RawToken()
	if err != nil {
		return nil, err
	}
	switch x := token.(type) {
	case xml.StartElement:
		if e.in = append(e.in, x.Name.Local); len(e.in) > maxDepth {
			return nil, errDeep
		}
	case xml.EndElement:
		last := len(e.in) - 1
		if last < 0 || e.in[last] != x.Name.Local {
			return nil, errCrossed
		}
		e.in = e.in[:last]
	case xml.Directive:
		return nil, errDeclares
	}
	if e.all.tokens++; e.all.tokens > maxTokens {
		return nil, &Refused{Code: Unpacked}
	}
	return token, nil
}

// opens says whether the element that was just opened has this name, and stands in one
// with that.
func (e *elements) opens(name, in string) bool {
	n := len(e.in)
	return n > 1 && e.in[n-1] == name && e.in[n-2] == in
}

// closes says whether the element that was just closed has this name, and stands in one
// with that.
func (e *elements) closes(x xml.EndElement, name, in string) bool {
	n := len(e.in)
	return n > 0 && x.Name.Local == name && e.in[n-1] == in
}

var (
	errDeclares = errors.New("lists: XML that declares something")
	errDeep     = errors.New("lists: elements that are too deep in each other")
	errCrossed  = errors.New("lists: an element ends where another one should")
)

// attribute is what an element says of itself.
func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}
