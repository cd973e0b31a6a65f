package companies

import (
	"testing"
)

func TestTraceIDOf(t *testing.T) {
	t.Parallel()
	tests := []struct{ message, want string }{
		{"Please contact Symphony support by providing the X-Trace-Id = KUfkYm", "KUfkYm"},
		{"X-Trace-Id: abc_DEF-9.", "abc_DEF-9"},
		{`{"x-trace-id":"q7Rt2X"}`, "q7Rt2X"},
		{"TraceId=12345", "12345"},
		{"no such thing", ""},
		{"X-Trace-Id", ""},
		{"", ""},
	}
	for _, test := range tests {
		if got := traceIDOf(test.message); got != test.want {
			t.Errorf("traceIDOf(%q) = %q, want %q", test.message, got, test.want)
		}
	}
}
