package lists_test

import (
	"bytes"
	"fmt"
	"syscall"
	"testing"
	"time"

	"foyer/lists"
)

// manyPeople are 10,000 rows of ten cells.
func manyPeople(yield func([]string, error) bool) {
	for i := range lists.MaxRows {
		row := []string{
			fmt.Sprintf("person%d@acme.example", i), fmt.Sprintf("Zoë%d", i), fmt.Sprintf("Müller-%d", i), "Trader", "Foreign exchange",
			"Frankfurt", fmt.Sprintf("+49 69 %07d", i), fmt.Sprintf("3490262%08d", i), "Acme Bank", "a note; of two, words",
		}
		if !yield(row, nil) {
			return
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	for name, form := range map[string]lists.Form{"CSV": {}, "Windows-1252": {Encoding: lists.Windows1252, Separator: ';'}, "XLSX": {Format: lists.XLSX}} {
		var file bytes.Buffer
		columns := []string{"E-mail", "First name", "Last name", "Title", "Department", "Location", "Phone number", "User ID", "Company", "Notes"}
		if _, err := lists.Write(&file, form, columns, manyPeople); err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			before := cpu(b)
			for b.Loop() {
				f, err := lists.Open(file.Bytes(), lists.Options{Also: []lists.Field{lists.UserID, lists.CompanyName}})
				if err != nil || len(f.Rows) != lists.MaxRows {
					b.Fatalf("Open = %d rows, %v", len(f.Rows), err)
				}
			}
			b.ReportMetric(float64(cpu(b)-before)/float64(b.N)/float64(time.Millisecond), "cpu-ms/op")
		})
	}
}

// cpu is the processor time of the process so far.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
