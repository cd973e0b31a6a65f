package kit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"foyer/portal"
	"foyer/views/ui"
)

// Form is what a token is good for: one form on a page of one session. Its token on the
// page is a random id with a signature by the session's key; the use case's follows from
// that id and from what the form is.
type Form struct {
	Path  string // where it is sent
	Shown any    // what its page shows of what will be sent; nil where that is yet to be filled in
}

// NewToken makes a token for the form on a page that the request's session is shown.
func (f Form) NewToken(c echo.Context) string {
	id := portal.NewToken()
	return id + "." + signatureEncoding.EncodeToString(f.sign(c, id))
}

// Token is the token with which the form was sent, as a use case takes it: another one
// for everything else that the page could have shown. It is issued if this session was
// shown the form with it. Any other may be sent again, and does nothing for the first
// time.
func (f Form) Token(c echo.Context) (token string, issued bool) {
	id, signature, _ := strings.Cut(c.Request().PostForm.Get(ui.FormTokenField), ".")
	random, err := uuid.Parse(id)
	if err != nil || !portal.ValidToken(id) {
		return "", false
	}
	token = uuid.NewHash(sha256.New(), random, f.what(), 8).String()
	given, err := signatureEncoding.DecodeString(signature)
	want := f.sign(c, id)
	return token, err == nil && want != nil && hmac.Equal(given, want)
}

// Has says that a form lacks a field that would be emptied without it.
func Has(c echo.Context, fields ...string) error {
	for _, field := range fields {
		if !c.Request().PostForm.Has(field) {
			return BadRequest("The form lacks the field %s.", field)
		}
	}
	return nil
}

// signatureEncoding is strict, so that one token has one spelling.
var signatureEncoding = base64.RawURLEncoding.Strict()

// sign gives nothing where nobody is there to sign for: no token is issued then.
func (f Form) sign(c echo.Context, id string) []byte {
	signedIn := Session(c)
	if signedIn == nil || len(signedIn.FormKey) == 0 {
		return nil
	}
	mac := hmac.New(sha256.New, signedIn.FormKey)
	_, _ = mac.Write(append([]byte(id), f.what()...)) // never fails
	return mac.Sum(nil)
}

// what is all that the form is, in one spelling.
func (f Form) what() []byte {
	spelled, err := json.Marshal([]any{f.Path, f.Shown})
	if err != nil {
		panic(err) // a kind of value that can't be shown
	}
	return spelled
}
