package ledger

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"

	"golang.org/x/mod/sumdb/tlog"
)

// Authenticator authenticates events between their recording and the checkpoint that
// covers them: whoever can write the database and doesn't have the ledger's key can add
// none that Foyer would sign. It comes from the private key, and whoever has that can
// check what it made.
type Authenticator struct{ key []byte }

// newAuthenticator derives it from the secret of the ledger's key.
func newAuthenticator(secret []byte) (*Authenticator, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, "foyer ledger event 1", sha256.Size)
	if err != nil {
		return nil, err
	}
	return &Authenticator{key}, nil
}

// MAC is the code of the event that made the ledger of so many events: it is bound to all
// that came before.
func (a *Authenticator) MAC(size int64, root tlog.Hash) []byte {
	h := hmac.New(sha256.New, a.key)
	var number [8]byte
	binary.BigEndian.PutUint64(number[:], uint64(size)) //nolint:gosec // never negative
	h.Write(number[:])
	h.Write(root[:])
	return h.Sum(nil)
}

// confirms says whether mac is the code of that event.
func (a *Authenticator) confirms(mac []byte, size int64, root tlog.Hash) bool {
	return hmac.Equal(mac, a.MAC(size, root))
}
