package ledger

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/mod/sumdb/note"

	"foyer/files"
)

// Key signs checkpoints and confirms those signed by it or by the keys before
// it. It is kept in a file that at most its owner and a group may read: a line with the
// private key, below it a line with each public key, the newest first; lines
// that begin with # are comments. A file with public keys alone verifies and
// can't sign.
type Key struct {
	signer   note.Signer    // nil when there are public keys alone
	cosigner *Cosigner      // likewise
	authent  *Authenticator // likewise
	private  string
	public   []string
	list     []note.Verifier
}

// ErrKey says that a process doesn't have the key that the ledger's checkpoints are
// signed with, so that it can sign none.
var ErrKey = errors.New("this process doesn’t have the key that signs the ledger’s checkpoints")

const (
	privatePrefix = "PRIVATE+KEY+"
	keyComment    = `# The key that signs the checkpoints of Foyer's ledger. Whoever has the first line
# can rewrite the ledger behind the last checkpoint held elsewhere: keep it secret.
# The lines below it are the public keys, newest first: hand them to auditors.
`
)

// NewKey makes a key of that name, which is the ledger's origin.
func NewKey(name string) (*Key, error) {
	private, public, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		return nil, fmt.Errorf("make ledger key: %w", err)
	}
	return newKey(private, []string{public})
}

// ParseKey reads a key from the text of its file. It never repeats a line of it
// in an error.
func ParseKey(text []byte) (*Key, error) {
	var private string
	var public []string
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case !strings.HasPrefix(line, privatePrefix):
			public = append(public, line)
		case private != "":
			return nil, errors.New("read ledger key: there are two private keys")
		default:
			private = line
		}
	}
	return newKey(private, public)
}

func newKey(private string, public []string) (*Key, error) {
	list, err := verifiers(public)
	if err != nil {
		return nil, errors.New("read ledger key: a line is not a public key")
	}
	if len(list) == 0 {
		return nil, errors.New("read ledger key: there is no public key")
	}
	k := &Key{private: private, public: public, list: list}
	if private == "" {
		return k, nil
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		return nil, errPrivate
	}
	if signer.KeyHash() != k.list[0].KeyHash() || signer.Name() != k.list[0].Name() {
		return nil, errors.New("read ledger key: the first public key is not that of the private key")
	}
	secret, err := secretOf(private, signatureKind)
	if err != nil {
		return nil, err
	}
	k.signer = signer
	if k.authent, err = newAuthenticator(secret); err != nil {
		return nil, err
	}
	k.cosigner, err = NewCosigner(signer.Name(), ed25519.NewKeyFromSeed(secret[1:]))
	return k, err
}

var errPrivate = errors.New("read key: the private key can't be read")

// secretOf gives the secret part of a private key as package note writes it: what kind of
// key it is, and its seed.
func secretOf(private string, kind byte) ([]byte, error) {
	parts := strings.SplitN(private, "+", 5) // PRIVATE+KEY+name+hash+secret, which may have a + in it
	secret, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if len(parts) != 5 || err != nil || len(secret) != 1+ed25519.SeedSize || secret[0] != kind {
		return nil, errPrivate
	}
	return secret, nil
}

// LoadKey reads the key file. One that everybody may read or write is refused: it has
// the private key.
func LoadKey(path string) (*Key, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read ledger key: %w", err)
	}
	if info.Mode().Perm()&0o006 != 0 {
		return nil, fmt.Errorf("read ledger key: everybody may read or write %s; take that away (chmod o-rw)", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read ledger key: %w", err)
	}
	return ParseKey(text)
}

// Create writes the key to a new file, which nobody may read but its owner and, where the
// folder is its group's, the group. It fails
// with fs.ErrExist when the file is there already.
func (k *Key) Create(path string) error {
	if err := files.MakeFolder(filepath.Dir(path)); err != nil {
		return fmt.Errorf("create ledger key: %w", err)
	}
	// Written beside it and linked, so that two processes at their first start
	// agree on one key and nobody reads half a file.
	temp, err := k.writeTemp(path)
	if err != nil {
		return fmt.Errorf("create ledger key: %w", err)
	}
	if mode := files.Mode(filepath.Dir(path)); mode != 0o600 {
		_ = os.Chmod(temp, mode) // where it can't be, the owner has it all the same
	}
	// A copy that can't be removed is an error, too: it has the private key.
	if err := errors.Join(os.Link(temp, path), os.Remove(temp)); err != nil {
		return fmt.Errorf("create ledger key: %w", err)
	}
	return nil
}

// Next makes the key that is to follow k. It keeps the public keys of k, so that
// what k signed still verifies.
func (k *Key) Next() (*Key, error) {
	next, err := NewKey(k.Name())
	if err != nil {
		return nil, err
	}
	return newKey(next.private, append(next.public, k.public...))
}

// Replace writes the key to a file in place of the one that is there, for the same owner
// and group as far as that can be, and to be read by the same. A running Foyer signs with it after its next start.
func (k *Key) Replace(path string) error {
	path, err := filepath.EvalSymlinks(path) // of a link, what it leads to
	if err != nil {
		return fmt.Errorf("replace ledger key: %w", err)
	}
	temp, err := k.writeTemp(path)
	if err != nil {
		return fmt.Errorf("replace ledger key: %w", err)
	}
	if err := likeFile(temp, path); err != nil {
		return errors.Join(fmt.Errorf("replace ledger key: %w", err), os.Remove(temp))
	}
	if err := os.Rename(temp, path); err != nil {
		return errors.Join(fmt.Errorf("replace ledger key: %w", err), os.Remove(temp))
	}
	return nil
}

// likeFile gives a new file the owner and the group of another, and what they may do. A
// group that can't be given is given nothing: it would be another one.
func likeFile(path, like string) error {
	old, err := os.Stat(like)
	if err != nil {
		return err
	}
	mode := old.Mode().Perm() &^ 0o007
	if owner, ok := old.Sys().(*syscall.Stat_t); ok {
		_ = os.Chown(path, int(owner.Uid), -1) // only root may
		if err := os.Chown(path, -1, int(owner.Gid)); err != nil {
			mode &^= 0o070
		}
	}
	return os.Chmod(path, mode|0o600)
}

func (k *Key) writeTemp(path string) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".ledger-key-*") // mode 0600
	if err != nil {
		return "", err
	}
	lines := keyComment
	if k.private != "" {
		lines += k.private + "\n"
	}
	_, err = f.WriteString(lines + strings.Join(k.public, "\n") + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// LoadOrCreateKey reads the key file, and makes it when it isn't there.
func LoadOrCreateKey(path, name string) (*Key, error) {
	key, err := LoadKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if key, err = NewKey(name); err != nil {
		return nil, err
	}
	if err := key.Create(path); errors.Is(err, fs.ErrExist) {
		return LoadKey(path) // another process was quicker
	} else if err != nil {
		return nil, err
	}
	return key, nil
}

// Name is the ledger's origin, which all the keys carry.
func (k *Key) Name() string { return k.list[0].Name() }

// Signer signs checkpoints; nil when the file has public keys alone.
func (k *Key) Signer() note.Signer { return k.signer }

// Authenticator authenticates events; nil when the file has public keys alone.
func (k *Key) Authenticator() *Authenticator { return k.authent }

// Verifiers confirm what this key, or one before it, has signed.
func (k *Key) Verifiers() note.Verifiers { return note.VerifierList(k.list...) }

// Public are the public keys as text, the newest first: name+hash+key.
func (k *Key) Public() []string { return k.public }

// String names the newest key without telling anything secret.
func (k *Key) String() string { return k.public[0] }
