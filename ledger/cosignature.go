package ledger

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
)

// Cosigner signs checkpoints, its own ledger's or another's, with the time: a timestamped
// cosignature in the form of C2SP's tlog-cosignature.
type Cosigner struct {
	form *torchwood.CosignatureSigner // which takes the time from the machine's clock
	key  ed25519.PrivateKey
}

// NewCosigner makes a cosigner of that name, a URL without a scheme.
func NewCosigner(name string, key ed25519.PrivateKey) (*Cosigner, error) {
	form, err := torchwood.NewCosignatureSigner(name, key)
	if err != nil {
		return nil, fmt.Errorf("make cosigner: %w", err)
	}
	return &Cosigner{form, key}, nil
}

// GenerateCosigner makes a cosigner of that name with a new key.
func GenerateCosigner(name string) (*Cosigner, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make cosigner: %w", err)
	}
	return NewCosigner(name, key)
}

// ParseCosigner reads what Private gave. It never repeats any of it in an error.
func ParseCosigner(private string) (*Cosigner, error) {
	secret, err := secretOf(private, cosignatureKind)
	if err != nil {
		return nil, err
	}
	c, err := NewCosigner(strings.Split(private, "+")[2], ed25519.NewKeyFromSeed(secret[1:]))
	if err != nil || c.Private() != private {
		return nil, errPrivate
	}
	return c, nil
}

// Private is the private key as text: PRIVATE+KEY+name+hash+key.
func (c *Cosigner) Private() string {
	secret := append([]byte{cosignatureKind}, c.key.Seed()...)
	return fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", c.form.Name(), c.form.KeyHash(), base64.StdEncoding.EncodeToString(secret))
}

// Name is the cosigner's name.
func (c *Cosigner) Name() string { return c.form.Name() }

// Verifier confirms what it has cosigned.
func (c *Cosigner) Verifier() note.Verifier { return c.form.Verifier() }

// At gives the signer of a moment, which is counted in seconds.
func (c *Cosigner) At(t time.Time) note.Signer { return cosignature{c, t.Unix()} }

// Public is the public key as text, name+hash+key, as others are given it.
func (c *Cosigner) Public() string { return c.form.Verifier().String() }

// cosignature is a cosigner at a moment.
type cosignature struct {
	*Cosigner
	at int64
}

// KeyHash implements note.Signer.
func (c cosignature) KeyHash() uint32 { return c.form.KeyHash() }

// Sign implements note.Signer.
func (c cosignature) Sign(checkpoint []byte) ([]byte, error) {
	if c.at < 0 {
		return nil, errors.New("sign: the clock is before 1970")
	}
	message := fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", c.at, checkpoint)
	signed := binary.BigEndian.AppendUint64(nil, uint64(c.at))
	return append(signed, ed25519.Sign(c.key, message)...), nil
}

// cosignatureSize is how long one is, with the hash of its key.
const cosignatureSize = 4 + 8 + ed25519.SignatureSize

// latest is the last moment that a time as people write it has a place for.
const latest = 253402300799 // the end of 9999

// cosignedAt gives the time of a cosignature; ok is false of every other signature.
func cosignedAt(s note.Signature) (at time.Time, ok bool) {
	signature, err := base64.StdEncoding.DecodeString(s.Base64)
	if err != nil || len(signature) != cosignatureSize {
		return time.Time{}, false
	}
	seconds := binary.BigEndian.Uint64(signature[4:])
	if seconds > latest {
		return time.Time{}, false
	}
	return time.Unix(int64(seconds), 0).UTC(), true
}

// NewVerifiers makes what confirms the checkpoints that these public keys of a ledger
// (name+hash+key) have signed, and when.
func NewVerifiers(public ...string) (note.Verifiers, error) {
	list, err := verifiers(public)
	return note.VerifierList(list...), err
}

// verifiers has two for each key: of its signature, and of its cosignature.
func verifiers(public []string) (list []note.Verifier, err error) {
	for i, key := range public {
		if slices.Contains(public[:i], key) {
			continue // of two that are the same neither would count
		}
		signature, err := note.NewVerifier(key)
		if err != nil {
			return nil, err
		}
		cosigns, err := cosignatureVerifier(key)
		if err != nil {
			return nil, err
		}
		list = append(list, signature, cosigns)
	}
	return list, nil
}

// The kinds of key, as they stand before one: C2SP's signed-note has them.
const (
	signatureKind   = 1
	cosignatureKind = 4
)

// cosignatureVerifier confirms what a key, of which the public part for signatures is
// given, cosigns.
func cosignatureVerifier(public string) (note.Verifier, error) {
	parts := strings.SplitN(public, "+", 3) // the last may have a + in it
	key, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if len(parts) != 3 || err != nil || len(key) == 0 || key[0] != signatureKind {
		return nil, errors.New("it is not a public key that signs")
	}
	key[0] = cosignatureKind
	hash := sha256.Sum256(fmt.Appendf(nil, "%s\n%s", parts[0], key))
	return torchwood.NewCosignatureVerifier(fmt.Sprintf("%s+%08x+%s", parts[0], hash[:4], base64.StdEncoding.EncodeToString(key)))
}
