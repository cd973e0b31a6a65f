package kit

import (
	"bytes"
	"errors"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
)

// sentForm is a request with a form that has these fields, one after the other, and a file.
func sentForm(t *testing.T, fields []string, name, content string) echo.Context {
	t.Helper()
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for _, field := range fields {
		if err := parts.WriteField("text", field); err != nil {
			t.Fatal(err)
		}
	}
	if file, err := parts.CreateFormFile("file", name); err != nil {
		t.Fatal(err)
	} else if _, err = file.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := parts.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", &body)
	r.Header.Set("Content-Type", parts.FormDataContentType())
	return echo.New().NewContext(r, httptest.NewRecorder())
}

func TestAFileIsReadAsItComes(t *testing.T) {
	t.Parallel()
	const most = 10
	for name, test := range map[string]struct {
		file, content string
		want          Upload
		given         bool
	}{
		"a file":                     {"a.csv", "0123456789", Upload{Name: "a.csv", Content: []byte("0123456789"), Size: 10}, true},
		"an empty one":               {"a.csv", "", Upload{Name: "a.csv", Content: []byte{}}, true},
		"one too large":              {"a.csv", strings.Repeat("x", 100), Upload{Name: "a.csv", Size: 100, TooBig: true}, true},
		"none, as browsers say that": {"", "", Upload{}, false},
	} {
		c := sentForm(t, []string{"abc"}, test.file, test.content)
		if err := ReadUpload(c, most); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, given := Uploaded(c)
		if given != test.given || got.Name != test.want.Name || got.Size != test.want.Size || got.TooBig != test.want.TooBig || !bytes.Equal(got.Content, test.want.Content) {
			t.Errorf("%s: %+v, %v, want %+v", name, got, given, test.want)
		}
		if text := c.Request().PostForm.Get("text"); text != "abc" {
			t.Errorf("%s: the field beside it is %q", name, text)
		}
	}
	if err := ReadUpload(sentForm(t, []string{"0123", "45678"}, "", ""), most); !errors.Is(err, ErrFormTooLarge) {
		t.Errorf("fields that are too large together: %v", err)
	}
}
