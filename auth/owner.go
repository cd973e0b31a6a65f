package auth

import (
	"crypto/sha256"
	"net/http"
	"strings"
)

// Owner tells whether the same person comes back, and not who that is: it is a digest of
// an issuer and a subject. Empty, it is nobody's.
type Owner string

func ownerOf(p Person) Owner {
	digest := sha256.Sum256([]byte("foyer owner\x00" + p.Issuer + "\x00" + p.Subject))
	return Owner(secretEncoding.EncodeToString(digest[:]))
}

// Owner says whose browser this is, or was until its session ended; empty where that
// can't be told. A browser could say anything: it proves nothing, and must allow nothing
// but to be given back what that browser itself sends now.
func (s *Sessions) Owner(r *http.Request) Owner {
	if values, err := s.Get(r, s.cookies.session); err == nil {
		if current := rowOf(values); current != nil {
			return ownerOf(current.Person)
		}
	}
	_, owner, _ := s.readCookie(r)
	return owner
}

// sessionValue is what a session's cookie holds: the secret that opens it and, beside
// it, whose it is, which is known from it after the session's row has gone.
func sessionValue(secret string, p Person) string { return secret + "." + string(ownerOf(p)) }

// readCookie reads the request's session cookie: what the store knows its session by,
// and whose it is. Those of earlier versions don't say whose.
func (s *Sessions) readCookie(r *http.Request) (hash []byte, owner Owner, ok bool) {
	cookie, err := r.Cookie(s.cookies.session)
	if err != nil {
		return nil, "", false
	}
	secret, tag, tagged := strings.Cut(cookie.Value, ".")
	if _, isDigest := hashSecret(tag); tagged && !isDigest {
		return nil, "", false
	}
	hash, ok = hashSecret(secret)
	return hash, Owner(tag), ok
}
