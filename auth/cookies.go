package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
)

// secretSize is in bytes: 256 bits, so that guessing is hopeless and storing a
// bare SHA-256 of it is enough.
const secretSize = 32

// secretEncoding is strict, so that one secret has one spelling.
var secretEncoding = base64.RawURLEncoding.Strict()

// newSecret returns a random secret in 43 characters that need no escaping in
// cookies and URLs.
func newSecret() string {
	return secretEncoding.EncodeToString(randomBytes())
}

// randomBytes are as many as a secret has.
func randomBytes() []byte {
	random := make([]byte, secretSize)
	rand.Read(random) // never returns an error, says its documentation
	return random
}

// hashSecret is what may be stored of a secret. False if it is none.
func hashSecret(encoded string) ([]byte, bool) {
	if len(encoded) != secretEncoding.EncodedLen(secretSize) {
		return nil, false
	}
	secret, err := secretEncoding.DecodeString(encoded)
	if err != nil {
		return nil, false
	}
	hash := sha256.Sum256(secret)
	return hash[:], true
}

// cookies are how a Foyer's cookies are named and sent.
type cookies struct {
	secure  bool
	session string // the name of the session's
	login   string // what the names of sign-ins begin with
}

// cookiesOf gives the cookies of the Foyer that browsers reach at an address. Over https
// they have the __Host- prefix: browsers then refuse any that a sibling domain or plain
// http tries to set. Cookies know no ports, so one that isn't the scheme's own is in the
// name: two Foyers on one host don't overwrite each other's.
func cookiesOf(address string) (cookies, error) {
	if err := checkURL(address); err != nil {
		return cookies{}, err
	}
	u, err := url.Parse(address)
	if err != nil {
		return cookies{}, err
	}
	c, name, own := cookies{secure: u.Scheme == "https"}, "foyer", "80"
	if c.secure {
		name, own = "__Host-foyer", "443"
	}
	if port := u.Port(); port != "" && port != own {
		name += "-" + port
	}
	c.session, c.login = name, name+"-login-"
	return c, nil
}

// new makes a cookie of the one kind we have. SameSite is Lax, since Strict cookies
// would be missing when the identity provider sends the browser back. A maxAge of zero
// lasts until the browser closes, below zero removes.
func (c cookies) new(name, value string, maxAge int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure is missing over plain http on loopback alone, where it would keep the cookie from being sent
		Name:     name,
		Value:    value,
		Path:     "/",
		MaxAge:   maxAge,
		Secure:   c.secure,
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	}
}
