package kit

import (
	"net/http"
	"testing"
	"time"
)

func TestAFileMayTakeLongerThanAPage(t *testing.T) {
	t.Parallel()
	var deadlines []time.Time
	w := &patientWriter{&deadlined{deadlines: &deadlines}, nil}
	w.controller = http.NewResponseController(w.Writer.(http.ResponseWriter))
	for range 2 {
		if _, err := w.Write([]byte("part")); err != nil {
			t.Fatal(err)
		}
	}
	if len(deadlines) != 2 || deadlines[1].Before(deadlines[0]) || time.Until(deadlines[1]) < partWithin/2 {
		t.Errorf("deadlines = %v, want a new one for each part", deadlines)
	}
}

// deadlined is a connection that notes until when it may be written to.
type deadlined struct {
	http.ResponseWriter
	deadlines *[]time.Time
}

func (d *deadlined) Write(p []byte) (int, error) { return len(p), nil }

func (d *deadlined) SetWriteDeadline(at time.Time) error {
	*d.deadlines = append(*d.deadlines, at)
	return nil
}
