package lists_test

import (
	"testing"

	"foyer/lists"
)

func TestCellsOfACSVAreInert(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"":                  "",
		"Lyondell":          "Lyondell",
		"=1+1":              "'=1+1",
		"+44 20 7946 0000":  "'+44 20 7946 0000",
		"-1":                "'-1",
		"@SUM(A1)":          "'@SUM(A1)",
		"\t=1":              "\t'=1",
		"\r=1":              "\n'=1",
		"\n=1":              "\n'=1",
		"x;=1+1;y":          "x;'=1+1;y",
		"x; =1+1":           "x; '=1+1",
		"x\t-1\ty":          "x\t'-1\ty",
		"x\r\n@SUM(A1)":     "x\n'@SUM(A1)",
		"x;\"=1":            "x;\"'=1",
		"Doe, =1":           "Doe, =1", // quoted where the comma separates
		"a;b=c;d-e":         "a;b=c;d-e",
		"active, inferred":  "active, inferred",
		"A\x00B\x1b[0m":     "A\ufffdB\ufffd[0m",
		"\x00=1":            "\ufffd=1",
		"\xff":              "\ufffd",
		"123456789012345":   "123456789012345",
		"1234567890123456":  "'1234567890123456",
		"007":               "'007",
		"0":                 "0",
		"12e4":              "'12e4",
		"12e4f":             "12e4f",
		"＝1":                "'＝1",
		"＋1":                "'＋1",
		"－1":                "'－1",
		"＠SUM":              "'＠SUM",
		"a=b@c.example":     "a=b@c.example",
		"jane@acme.example": "jane@acme.example",
	} {
		if got := lists.Inert(cell, ','); got != want {
			t.Errorf("Inert(%q) = %q, want %q", cell, got, want)
		}
	}
}
