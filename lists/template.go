package lists

import (
	"io"
	"iter"
)

// Heading is what Foyer calls a field where it names the columns of a file. Reading
// understands it.
func Heading(f Field) string {
	return map[Field]string{
		Email: "E-mail", FirstName: "First name", LastName: "Last name", DisplayName: "Display name", Title: "Title",
		Department: "Department", Location: "Location", PhoneNumber: "Phone number",
		UserID: "User ID", CompanyName: "Company", VanityName: "Vanity name", EmailDomains: "E-mail domains",
	}[f]
}

// WriteTemplate writes a file that has the headings of these fields alone, to be filled.
func WriteTemplate(w io.Writer, form Form, fields []Field) error {
	return writeFields(w, form, fields, nil)
}

// WriteExample writes a file that has two invented people.
func WriteExample(w io.Writer, form Form, fields []Field) error {
	return writeFields(w, form, fields, []map[Field]string{
		{
			Email: "mia.keller@bank.example", FirstName: "Mia", LastName: "Keller", DisplayName: "Mia Keller", Title: "Trader",
			Department: "Foreign exchange", Location: "Zürich", PhoneNumber: "+41 44 555 01 23",
			UserID: "349026222344902", CompanyName: "Example Bank", VanityName: "examplebank", EmailDomains: "bank.example, bank-group.example",
		},
		{
			Email: "jose.martin@fund.example", FirstName: "José", LastName: "Martín", DisplayName: "José Martín", Title: "Analyst",
			Department: "Research", Location: "Madrid", PhoneNumber: "+34 91 555 01 23",
			UserID: "349026222344903", CompanyName: "Example Fund", VanityName: "examplefund", EmailDomains: "fund.example",
		},
	})
}

// writeFields writes people under the headings of fields.
func writeFields(w io.Writer, form Form, fields []Field, people []map[Field]string) error {
	heading := make([]string, len(fields))
	for i, f := range fields {
		heading[i] = Heading(f)
	}
	var rows iter.Seq2[[]string, error] = func(yield func([]string, error) bool) {
		for _, person := range people {
			row := make([]string, len(fields))
			for i, f := range fields {
				row[i] = person[f]
			}
			if !yield(row, nil) {
				return
			}
		}
	}
	_, err := Write(w, form, heading, rows)
	return err
}
