package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
)

const (
	sessionCookie     = "foyer"
	loginCookiePrefix = "foyer-login-"
)

// secretSize is in bytes: 256 bits, so that guessing is hopeless and storing a
// bare SHA-256 of it is enough.
const secretSize = 32

// secretEncoding is strict, so that one secret has one spelling.
var secretEncoding = base64.RawURLEncoding.Strict()

// newSecret returns a random secret in 43 characters that need no escaping in
// cookies and URLs.
func newSecret() string {
	secret := make([]byte, secretSize)
	rand.Read(secret) // never returns an error, says its documentation
	return secretEncoding.EncodeToString(secret)
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

// cookieName puts the __Host- prefix on cookies that go over https: browsers
// then refuse any that a sibling domain or plain http tries to set.
func cookieName(secure bool, name string) string {
	if secure {
		return "__Host-" + name
	}
	return name
}

// newCookie makes a cookie of the one kind we have. SameSite is Lax, since
// Strict cookies would be missing when the identity provider sends the browser
// back. A maxAge of zero lasts until the browser closes, below zero removes.
func newCookie(secure bool, name, value string, maxAge int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure is missing over plain http on loopback alone, where it would keep the cookie from being sent
		Name:     name,
		Value:    value,
		Path:     "/",
		MaxAge:   maxAge,
		Secure:   secure,
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	}
}
