package kit

import (
	"bufio"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

const (
	// heldBack is how much of a file is collected before any of it is sent: most
	// files fit, and are sent whole or not at all.
	heldBack = 64 << 10
	// partWithin is how long a browser may take for so much of a file.
	partWithin = 2 * time.Minute
)

// DatedFile is what a file is called that somebody keeps: its name with the day, in UTC, on
// which it was made. "people.csv" is people-2026-03-01.csv.
func (k *Kit) DatedFile(name string) string {
	base, kind, _ := strings.Cut(name, ".")
	return base + "-" + k.Now().UTC().Format(time.DateOnly) + "." + kind
}

// FileMoment is a moment as the names of files have it, which can't have colons.
func FileMoment(at time.Time) string { return at.UTC().Format("2006-01-02T150405Z") }

// SendFile answers with a file to keep, which write writes as it comes. When
// that fails before anything was sent the error is returned; after that the
// connection is cut, so that half a file never looks like a whole one.
func (k *Kit) SendFile(c echo.Context, kind, name string, write func(io.Writer) error) error {
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, kind)
	header.Set(echo.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": name}))

	out := bufio.NewWriterSize(&patientWriter{c.Response(), http.NewResponseController(c.Response())}, heldBack)
	err := write(out)
	if err == nil {
		err = out.Flush()
	}
	switch {
	case err == nil && !c.Response().Committed:
		return c.NoContent(http.StatusOK) // a file of nothing is one, too
	case err == nil:
		return nil
	case c.Response().Committed:
		k.Logger.WarnContext(c.Request().Context(), "file cut short", "request", RequestID(c), "error", Loggable(err))
		panic(http.ErrAbortHandler)
	}
	header.Del(echo.HeaderContentDisposition)
	return fmt.Errorf("send file: %w", err)
}

// patientWriter gives each part of an answer its own time to be taken, because a
// file of a million lines may take longer than any page.
type patientWriter struct {
	io.Writer
	controller *http.ResponseController
}

func (w *patientWriter) Write(part []byte) (int, error) {
	// Where there is no deadline to set there is none to miss.
	_ = w.controller.SetWriteDeadline(time.Now().Add(partWithin))
	return w.Writer.Write(part)
}
