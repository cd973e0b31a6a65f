package kit

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"
)

// MaxUpload is the greatest body of a form with a file that is read to its end: what is
// larger than a file may be is passed over, so that its page can say so.
const MaxUpload = 64 << 20

// Upload is a file that came with a form. It is in memory alone, and its name is the
// browser's: words to show, never a path.
type Upload struct {
	Name    string
	Content []byte
	Size    int64 // of the file
	TooBig  bool  // Content is empty
}

const uploadKey = "upload"

// Uploaded is the file that came with a request's form; given is false where none did.
func Uploaded(c echo.Context) (file Upload, given bool) {
	file, _ = c.Get(uploadKey).(Upload)
	return file, file.Name != "" || file.Size > 0
}

// IsMultipart says whether a request brings a form that may have a file.
func IsMultipart(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "multipart/form-data"
}

// mostParts is how many fields a form with a file has at most: what no form of Foyer's
// comes near.
const mostParts = 1000

// ErrFormTooLarge says that the fields of a form are larger than they may be.
var ErrFormTooLarge = errors.New("fields of a form too large")

// ReadUpload reads a form with its file, of so many bytes at most, as it comes: nothing of
// it touches the disk. Its fields, which have as much room together, are in PostForm
// afterwards as those of other forms are.
func ReadUpload(c echo.Context, most int64) error {
	r := c.Request()
	if r.PostForm != nil {
		return nil // it was read already
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return err
	}
	fields, left := url.Values{}, most
	for n := 0; ; n++ {
		if n > mostParts {
			return ErrFormTooLarge
		}
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		content, err := io.ReadAll(io.LimitReader(part, most+1))
		if err != nil {
			return err
		}
		if name := part.FileName(); name != "" || part.Header.Get("Content-Type") != "" {
			more, err := io.Copy(io.Discard, part)
			if err != nil {
				return err
			}
			keepUpload(c, Upload{Name: name, Content: content, Size: int64(len(content)) + more}, most)
			continue
		}
		if left -= int64(len(content) + len(part.FormName())); left < 0 {
			return ErrFormTooLarge
		}
		fields.Add(part.FormName(), string(content))
	}
	r.PostForm, r.Form = fields, fields
	return nil
}

// keepUpload leaves a file for the handler of its request. A browser sends an empty one
// where none was chosen.
func keepUpload(c echo.Context, file Upload, most int64) {
	if file.Size > most {
		file.Content, file.TooBig = nil, true
	}
	if file.Name != "" || file.Size > 0 {
		c.Set(uploadKey, file)
	}
}
