package ledger

import (
	"crypto/sha256"
	"fmt"
	"math/bits"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// Tree is the growing edge of the Merkle tree: its size and the roots of the
// complete subtrees in it, largest first. It is all that is needed to append
// the next leaf and to compute the root. The zero Tree is empty.
type Tree struct {
	size  int64
	peaks []tlog.Hash
}

// ParseTree restores a tree from its size and what Peaks gave.
func ParseTree(size int64, peaks []byte) (Tree, error) {
	if size < 0 || len(peaks) != bits.OnesCount64(uint64(size))*tlog.HashSize {
		return Tree{}, fmt.Errorf("parse tree: %d bytes don't make a tree of %d leaves", len(peaks), size)
	}
	return Tree{size: size, peaks: splitHashes(peaks)}, nil
}

// Size is the number of leaves.
func (t *Tree) Size() int64 { return t.size }

// Peaks are the roots of the complete subtrees, joined.
func (t *Tree) Peaks() []byte { return JoinHashes(t.peaks) }

func (t *Tree) clone() Tree { return Tree{size: t.size, peaks: slices.Clone(t.peaks)} }

// Append adds a leaf. It returns the hashes of the leaf and of the subtrees
// that it completes, from the leaf upwards: what tlog.StoredHashes returns.
func (t *Tree) Append(leaf tlog.Hash) []tlog.Hash {
	stored := []tlog.Hash{leaf}
	h := leaf
	for n := t.size; n&1 == 1; n >>= 1 {
		last := len(t.peaks) - 1
		h = tlog.NodeHash(t.peaks[last], h)
		t.peaks = t.peaks[:last]
		stored = append(stored, h)
	}
	t.peaks = append(t.peaks, h)
	t.size++
	return stored
}

// Root is the root hash, as RFC 6962 defines it; of the empty tree, the hash of
// nothing.
func (t *Tree) Root() tlog.Hash {
	if t.size == 0 {
		return sha256.Sum256(nil)
	}
	last := len(t.peaks) - 1
	h := t.peaks[last]
	for i := last - 1; i >= 0; i-- {
		h = tlog.NodeHash(t.peaks[i], h)
	}
	return h
}

// JoinHashes writes hashes one after the other, as a ledger keeps them.
func JoinHashes(hashes []tlog.Hash) []byte {
	joined := make([]byte, 0, len(hashes)*tlog.HashSize)
	for _, h := range hashes {
		joined = append(joined, h[:]...)
	}
	return joined
}

func splitHashes(joined []byte) []tlog.Hash {
	hashes := make([]tlog.Hash, len(joined)/tlog.HashSize)
	for i := range hashes {
		copy(hashes[i][:], joined[i*tlog.HashSize:])
	}
	return hashes
}

// HashPlace says where a ledger that keeps, with each event, the hashes which
// Append returned finds the hash that tlog calls index: with the event seq, at
// that level of its list.
func HashPlace(index int64) (seq int64, level int) {
	level, n := tlog.SplitStoredHashIndex(index)
	return (n + 1) << level, level
}

// PeakIndexes are tlog's indexes of the peaks of a tree of that size, in the
// order of Peaks.
func PeakIndexes(size int64) []int64 {
	var indexes []int64
	for start := int64(0); start < size; {
		level := bits.Len64(uint64(size-start)) - 1 //nolint:gosec // start is less than size
		indexes = append(indexes, tlog.StoredHashIndex(level, start>>level))
		start += 1 << level
	}
	return indexes
}
