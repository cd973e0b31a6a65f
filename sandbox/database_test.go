package sandbox

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// A container may have no folder for temporary files.
func TestTheDatabaseIsPrivateAndNothingIsWrittenIntoTemporaryFiles(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data", "sandbox.db")
	s, err := Open(t.Context(), Options{Database: path, Seed: SeedSmall})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const inMemory = 2
	var kept int
	if err := s.db.QueryRowContext(t.Context(), `PRAGMA temp_store`).Scan(&kept); err != nil || kept != inMemory {
		t.Errorf("temp_store = %d, %v, want %d", kept, err, inMemory)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != fs.FileMode(0o600) {
		t.Errorf("the file has mode %v, %v, want 0600", info.Mode(), err)
	}
}
