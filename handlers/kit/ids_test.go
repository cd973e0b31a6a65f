package kit

import "testing"

func TestAnIDHasOneSpelling(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"e176c55e-6e49-4819-b982-12e0535db5f0":  "e176c55e-6e49-4819-b982-12e0535db5f0",
		"E176C55E-6E49-4819-B982-12E0535DB5F0":  "e176c55e-6e49-4819-b982-12e0535db5f0",
		"E176c55e-6e49-4819-B982-12e0535db5f0":  "e176c55e-6e49-4819-b982-12e0535db5f0",
		"E176C55E6E494819B98212E0535DB5F0":      "E176C55E6E494819B98212E0535DB5F0",
		"E176C55E-6E49-4819-B982-12E0535DB5F0X": "E176C55E-6E49-4819-B982-12E0535DB5F0X",
		"Company-7":                             "Company-7",
		"":                                      "",
	} {
		if got := OneSpelling(id); got != want {
			t.Errorf("OneSpelling(%q) = %q, want %q", id, got, want)
		}
	}
}
