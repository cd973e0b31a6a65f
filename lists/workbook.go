package lists

import (
	"cmp"
	"path"
	"slices"
	"strings"
)

// book is a workbook of which a sheet is read.
type book struct {
	*parts
	sheets  []sheet
	strings []string // that cells have in common
	styles  []style  // of cells
	from    epoch
}

// sheet is one of a workbook.
type sheet struct {
	Sheet
	part string
}

// openWorkbook reads a list from a sheet of a workbook: the one that was chosen, or else
// the first of those that can be seen in which a column was understood, or else the first
// that has anything. Programs write sheets before the list that only say something of it.
func openWorkbook(content []byte, o Options) (File, error) {
	p, err := openParts(content)
	if err != nil {
		return File{}, err
	}
	b, err := openBook(p)
	if err != nil {
		return File{}, err
	}
	at, table, err := b.find(o)
	if err != nil {
		return File{}, err
	}
	file := File{Table: table, Form: Form{Format: XLSX, Sheet: b.sheets[at].Name}}
	for i, s := range b.sheets {
		if i != at {
			file.Sheets = append(file.Sheets, s.Sheet)
		}
	}
	return file.checked()
}

// openBook reads what a workbook says of its sheets and cells.
func openBook(p *parts) (*book, error) {
	var root, links relations
	if err := p.unmarshal("_rels/.rels", &root); err != nil {
		return nil, err
	}
	main := cmp.Or(root.target("", "/officeDocument"), "xl/workbook.xml")
	folder, name := path.Split(main)
	if err := p.unmarshal(folder+"_rels/"+name+".rels", &links); err != nil {
		return nil, err
	}
	var w struct {
		Properties struct {
			Date1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			Name  string `xml:"name,attr"`
			State string `xml:"state,attr"`
			ID    string `xml:"id,attr"`
		} `xml:"sheets>sheet"`
	}
	if err := p.unmarshal(main, &w); err != nil {
		return nil, err
	}
	if len(w.Sheets) > maxSheets {
		return nil, &Refused{Code: Unpacked}
	}
	b := &book{parts: p, from: epoch{is1904: isTrue(w.Properties.Date1904)}}
	for _, s := range w.Sheets {
		if part := links.sheet(folder, s.ID); part != "" {
			b.sheets = append(b.sheets, sheet{Sheet{strings.ToValidUTF8(s.Name, "\ufffd"), s.State != "" && s.State != "visible"}, part})
		}
	}
	err := b.readStyles(links.target(folder, "/styles"))
	if err == nil {
		err = b.readStrings(links.target(folder, "/sharedStrings"))
	}
	return b, err
}

// find reads the sheet that has the list.
func (b *book) find(o Options) (at int, t Table, err error) {
	if o.Sheet != "" {
		at = slices.IndexFunc(b.sheets, func(s sheet) bool { return s.Name == o.Sheet })
		if at < 0 {
			return 0, Table{}, &Refused{Code: NoSheet, Sheet: o.Sheet}
		}
		t, err = b.table(b.sheets[at], o.Also)
		if err == nil && len(t.Columns) == 0 {
			err = &Refused{Code: Empty, Sheet: o.Sheet}
		}
		return at, t, err
	}
	at = -1
	for i, s := range b.sheets {
		if s.Hidden {
			continue
		}
		found, err := b.table(s, o.Also)
		if err != nil && at >= 0 {
			break // there is a list before it
		}
		if err != nil {
			return 0, Table{}, err
		}
		understood := slices.ContainsFunc(found.Columns, func(c Column) bool { return c.Field != Unused })
		if understood || at < 0 && len(found.Columns) > 0 {
			at, t = i, found
		}
		if understood {
			break
		}
	}
	if at < 0 {
		return 0, Table{}, &Refused{Code: Empty}
	}
	return at, t, nil
}

// table reads a sheet as a list.
func (b *book) table(s sheet, also []Field) (Table, error) {
	r := sheetReader{book: b, sheet: s, rounded: map[int]bool{}}
	if err := r.read(); err != nil {
		return Table{}, err
	}
	var t Table
	t.Rows, t.LeftOut = withoutTemplate(r.rows)
	t.LeftOut = append(t.LeftOut, r.hidden...)
	slices.SortFunc(t.LeftOut, func(a, b LeftOut) int { return a.Line - b.Line })
	t.understand(also)
	for i := range t.Columns {
		t.Columns[i].Rounded = t.Columns[i].Rounded || r.rounded[i]
	}
	if rows := len(t.Rows); rows > MaxRows || r.more {
		return Table{}, &Refused{Code: TooManyRows, Rows: rows, More: r.more, Sheet: s.Name}
	}
	return t, nil
}

// relations say which parts of a package belong to a part.
type relations struct {
	All []struct {
		ID     string `xml:"Id,attr"`
		Type   string `xml:"Type,attr"`
		Target string `xml:"Target,attr"`
	} `xml:"Relationship"`
}

// target is the first part of a type; empty where there is none.
func (r relations) target(folder, typ string) string {
	for _, one := range r.All {
		if strings.HasSuffix(one.Type, typ) {
			return resolve(folder, one.Target)
		}
	}
	return ""
}

// sheet is the part of a sheet with this id; empty for what is no sheet of cells.
func (r relations) sheet(folder, id string) string {
	for _, one := range r.All {
		if one.ID == id && strings.HasSuffix(one.Type, "/worksheet") {
			return resolve(folder, one.Target)
		}
	}
	return ""
}

// resolve is the name of a part, named from a folder. It is a name in the package, and
// never one of a file.
func resolve(folder, target string) string {
	if strings.HasPrefix(target, "/") {
		return target[1:]
	}
	return path.Join(folder, target)
}

// isTrue says whether an attribute says yes.
func isTrue(s string) bool { return s == "1" || s == "true" || s == "on" }
