package ledger_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"

	"foyer/ledger"
)

// TestTheTreeIsTheOneOfTlog grows a tree beside golang.org/x/mod's and expects
// the same hashes, roots and proofs at every size.
func TestTheTreeIsTheOneOfTlog(t *testing.T) {
	t.Parallel()
	var tree ledger.Tree
	kept := map[int64][]tlog.Hash{} // by sequence number, as a ledger keeps them
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var hashes []tlog.Hash
		for _, i := range indexes {
			seq, level := ledger.HashPlace(i)
			hashes = append(hashes, kept[seq][level])
		}
		return hashes, nil
	})

	if empty, err := tlog.TreeHash(0, reader); err != nil || tree.Root() != empty {
		t.Errorf("Root of the empty tree = %v, want %v, %v", tree.Root(), empty, err)
	}
	for n := range int64(130) {
		leaf := tlog.RecordHash(fmt.Append(nil, "event ", n))
		want, err := tlog.StoredHashesForRecordHash(n, leaf, reader)
		if err != nil {
			t.Fatal(err)
		}
		kept[n+1] = tree.Append(leaf)
		if diff := cmp.Diff(want, kept[n+1]); diff != "" {
			t.Fatalf("Append of leaf %d (-want +got):\n%s", n, diff)
		}
		root, err := tlog.TreeHash(n+1, reader)
		if err != nil || tree.Root() != root || tree.Size() != n+1 {
			t.Fatalf("Root at %d = %v, want %v, %v", n+1, tree.Root(), root, err)
		}
		peaks, err := reader(ledger.PeakIndexes(n + 1))
		if err != nil || !cmp.Equal(ledger.JoinHashes(peaks), tree.Peaks()) {
			t.Fatalf("PeakIndexes(%d) are not those of Peaks: %v", n+1, err)
		}
		again, err := ledger.ParseTree(n+1, tree.Peaks())
		if err != nil || again.Root() != root {
			t.Fatalf("ParseTree(%d) = %v, %v, want the same root", n+1, again.Root(), err)
		}
		for seq := int64(1); seq <= n+1; seq++ {
			proof, err := tlog.ProveRecord(n+1, seq-1, reader)
			if err != nil || tlog.CheckRecord(proof, n+1, root, seq-1, kept[seq][0]) != nil {
				t.Fatalf("the proof of event %d of %d does not hold: %v", seq, n+1, err)
			}
		}
	}
}

func TestParseTreeRefusesWhatIsNoTree(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		size  int64
		bytes int
	}{{-1, 0}, {0, 32}, {1, 0}, {1, 31}, {3, 32}, {4, 64}} {
		if _, err := ledger.ParseTree(tt.size, make([]byte, tt.bytes)); err == nil {
			t.Errorf("ParseTree(%d, %d bytes) = nil error", tt.size, tt.bytes)
		}
	}
}
