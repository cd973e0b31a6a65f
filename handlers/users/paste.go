package users

import (
	"encoding/csv"
	"slices"
	"strings"
	"unicode"

	"foyer/handlers/kit"
	"foyer/sapi"
)

// headings are the names under which spreadsheets have the fields of a person,
// as normalHeading writes them.
func headings() map[string]string {
	return map[string]string{
		"email": "email", "emailaddress": "email", "mail": "email", "workemail": "email", "businessemail": "email", "emailid": "email",
		"firstname": "firstName", "givenname": "firstName", "forename": "firstName", "first": "firstName",
		"lastname": "lastName", "surname": "lastName", "familyname": "lastName", "last": "lastName",
		"displayname": "displayName", "fullname": "displayName", "name": "displayName",
		"title": "title", "jobtitle": "title", "position": "title", "jobrole": "title",
		"department": "department", "dept": "department", "division": "department", "team": "department",
		"location": "location", "office": "location", "city": "location", "site": "location",
		"phonenumber": "phoneNumber", "phone": "phoneNumber", "telephone": "phoneNumber", "telephonenumber": "phoneNumber",
		"mobile": "phoneNumber", "mobilephone": "phoneNumber", "workphone": "phoneNumber", "tel": "phoneNumber",
	}
}

// normalHeading writes a heading so that "E-mail", "e mail" and "EMAIL" are the
// same.
func normalHeading(heading string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, heading)
}

// parsePaste reads rows that were copied from a spreadsheet or a CSV file: cells
// separated by tabs, semicolons or commas, with a heading in any order or none.
// ignored are the headings that are no field of a person.
func parsePaste(text string) (people []sapi.NewUser, ignored []string) {
	rows := pastedRows(text)
	if len(rows) == 0 {
		return nil, nil
	}
	columns, ignored, ok := headingColumns(rows[0])
	if ok {
		rows = rows[1:]
	} else {
		columns = guessedColumns(rows)
	}
	values := map[string]func(*sapi.NewUser) *string{}
	for _, f := range personFields() {
		values[f.name] = f.value
	}
	for _, row := range rows {
		var u sapi.NewUser
		for i, cell := range row {
			if i < len(columns) && columns[i] != "" {
				*values[columns[i]](&u) = cell
			}
		}
		if u != (sapi.NewUser{}) {
			people = append(people, u)
		}
	}
	return people, ignored
}

// pastedRows are the rows that have something in them, their cells trimmed.
func pastedRows(text string) [][]string {
	text = strings.TrimPrefix(strings.Trim(text, "\r\n"), kit.ByteOrderMark)
	lines := csv.NewReader(strings.NewReader(text))
	lines.Comma, lines.FieldsPerRecord, lines.LazyQuotes = separatorOf(text), -1, true
	all, err := lines.ReadAll()
	if err != nil {
		return nil // with lazy quotes only an unreadable reader fails, and a string is none
	}
	var rows [][]string
	for _, row := range all {
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
		if slices.ContainsFunc(row, func(cell string) bool { return cell != "" }) {
			rows = append(rows, row)
		}
	}
	return rows
}

// separatorOf is what separates the cells: what the first line has of tab,
// semicolon and comma, in that order, because the later ones may be in cells.
func separatorOf(text string) rune {
	first, _, _ := strings.Cut(text, "\n")
	for _, separator := range "\t;" {
		if strings.ContainsRune(first, separator) {
			return separator
		}
	}
	return ','
}

// headingColumns reads the first row as a heading; ok is false when it is a
// person already.
func headingColumns(row []string) (columns, ignored []string, ok bool) {
	known := headings()
	for _, cell := range row {
		if strings.Contains(cell, "@") {
			return nil, nil, false
		}
		field := known[normalHeading(cell)]
		if slices.Contains(columns, field) {
			field = "" // the first column of a name counts
		}
		if field == "" && cell != "" {
			ignored = append(ignored, cell)
		}
		columns = append(columns, field)
	}
	return columns, ignored, slices.Contains(columns, "email")
}

// guessedColumns are the columns of rows without a heading: the address where
// there is an @, the rest in the order of the form.
func guessedColumns(rows [][]string) []string {
	address := 0
	for _, row := range rows {
		if i := slices.IndexFunc(row, func(cell string) bool { return strings.Contains(cell, "@") }); i >= 0 {
			address = i
			break
		}
	}
	var columns []string
	for _, f := range personFields()[1:] {
		columns = append(columns, f.name)
	}
	return slices.Insert(columns, min(address, len(columns)), "email")
}
