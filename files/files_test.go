package files_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"foyer/files"
)

func TestAFileIsTheGroupsWhereTheFolderIs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name         string
		folder       fs.FileMode
		more         fs.FileMode
		file, nested fs.FileMode
	}{
		{"the owner's folder", 0o700, 0, 0o600, 0o700},
		{"a folder that others may read", 0o755, 0, 0o600, 0o700},
		{"a folder that others may read, a file that the group may", 0o755, 0o040, 0o640, 0o700},
		{"the group's folder", 0o770, 0, 0o660, 0o770},
		{"the group's folder, as are files in it", 0o770 | fs.ModeSetgid, 0, 0o660, 0o770 | fs.ModeSetgid},
		{"the group's folder that others may read", 0o775, 0o040, 0o660, 0o770},
		{"everybody's folder", 0o777, 0, 0o600, 0o700},
	} {
		folder := filepath.Join(t.TempDir(), "folder")
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(folder, tt.folder); err != nil {
			t.Fatal(err)
		}
		file, nested := filepath.Join(folder, "file"), filepath.Join(folder, "new", "folder")
		if err := files.Make(file, tt.more); err != nil {
			t.Errorf("%s: Make = %v", tt.name, err)
		}
		if err := errors.Join(files.MakeFolder(nested), files.Make(filepath.Join(nested, "file"), tt.more)); err != nil {
			t.Errorf("%s: MakeFolder and Make = %v", tt.name, err)
		}
		for path, want := range map[string]fs.FileMode{
			folder: tt.folder, file: tt.file, filepath.Dir(nested): tt.nested, nested: tt.nested, filepath.Join(nested, "file"): tt.file,
		} {
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if got := info.Mode() &^ fs.ModeDir; got != want {
				t.Errorf("%s: %s has mode %v, want %v", tt.name, path, got, want)
			}
		}
	}
}

func TestWhatIsThereIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("kept"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := files.Make(path, 0); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || string(text) != "kept" || info.Mode() != 0o640 {
		t.Errorf("the file has mode %v and %q, %v, want them as they were", info.Mode(), text, err)
	}
}
