package ledger

import (
	"strings"
	"testing"
	"time"
)

// Whoever is given one signature must not be able to use it as another.
func TestWhatIsSignedOfAnArchiveIsNoCheckpoint(t *testing.T) {
	t.Parallel()
	key, err := NewKey("12") // a name that reads as a size
	if err != nil {
		t.Fatal(err)
	}
	signed, err := SignArchive(key.Signer(), []byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	if err := checkSignature(signed, []byte("{}"), "12", key.Verifiers()); err != nil {
		t.Errorf("checkSignature = %v", err)
	}
	if c, err := OpenCheckpoint(signed, key.Verifiers()); err == nil {
		t.Errorf("the signature of an archive is taken for the checkpoint %+v", c)
	}
	checkpoint, err := Checkpoint{Origin: "12", Size: 1, At: time.Unix(1, 0)}.Sign(key)
	if err != nil {
		t.Fatal(err)
	}
	if err := checkSignature(checkpoint, []byte("{}"), "12", key.Verifiers()); err == nil {
		t.Error("a checkpoint is taken for the signature of an archive")
	}
	if _, err := NewKey(ArchiveFormat); err == nil {
		t.Errorf("a ledger can be called %q", ArchiveFormat)
	}
}

// An archive of which somebody else's ledger has signed the manifest is none of this one.
func TestTheSignatureOfAnArchiveIsOfTheLedgersOwnKey(t *testing.T) {
	t.Parallel()
	ours, err := NewKey("ours")
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := NewKey("theirs")
	if err != nil {
		t.Fatal(err)
	}
	signed, err := SignArchive(theirs.Signer(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := checkSignature(signed, nil, "theirs", ours.Verifiers()); err == nil {
		t.Error("it is believed without its key")
	}
	if err := checkSignature(signed, nil, "ours", theirs.Verifiers()); err == nil || !strings.Contains(err.Error(), "another archive") {
		t.Errorf("checkSignature = %v, want that it is of another archive", err)
	}
}
