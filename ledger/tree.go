package ledger

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// A Frontier is the right edge of a tree: enough to append leaves and to know
// the root, in memory that grows with the logarithm of the size. The zero
// value is the empty tree. It is not safe for concurrent use.
type Frontier struct {
	size int64
	edge []Hash // roots of the perfect subtrees, largest first
}

// A Node is one stored hash of the tree at the index tlog.StoredHashIndex
// gives it.
type Node struct {
	Index int64
	Hash  Hash
}

// OpenFrontier reads the right edge of a stored tree of the given size.
func OpenFrontier(size int64, r tlog.HashReader) (*Frontier, error) {
	f := &Frontier{size: size}
	var indexes []int64
	at := int64(0)
	for level := 62; level >= 0; level-- {
		if size&(1<<level) != 0 {
			indexes = append(indexes, tlog.StoredHashIndex(level, at>>level))
			at += 1 << level
		}
	}
	hashes, err := r.ReadHashes(indexes)
	if err != nil {
		return nil, fmt.Errorf("read edge of tree of size %d: %w", size, err)
	}
	for _, h := range hashes {
		f.edge = append(f.edge, Hash(h))
	}
	return f, nil
}

// Size returns the number of leaves.
func (f *Frontier) Size() int64 { return f.size }

// Clone returns a copy that can grow apart from f.
func (f *Frontier) Clone() *Frontier {
	return &Frontier{size: f.size, edge: append([]Hash(nil), f.edge...)}
}

// Append adds a leaf and returns the nodes to store for it: the record hash
// and each interior node that it completes.
func (f *Frontier) Append(leaf Hash) []Node {
	h := Hash(tlog.RecordHash(leaf[:]))
	nodes := []Node{{tlog.StoredHashIndex(0, f.size), h}}
	f.edge = append(f.edge, h)
	for level, n := 1, f.size; n&1 == 1; level, n = level+1, n>>1 {
		left, right := f.edge[len(f.edge)-2], f.edge[len(f.edge)-1]
		h = Hash(tlog.NodeHash(tlog.Hash(left), tlog.Hash(right)))
		f.edge = append(f.edge[:len(f.edge)-2], h)
		nodes = append(nodes, Node{tlog.StoredHashIndex(level, n>>1), h})
	}
	f.size++
	return nodes
}

// Root returns the tree's root hash; of the empty tree, the hash of nothing.
func (f *Frontier) Root() Hash {
	if len(f.edge) == 0 {
		root, _ := tlog.TreeHash(0, nil)
		return Hash(root)
	}
	root := f.edge[len(f.edge)-1]
	for i := len(f.edge) - 2; i >= 0; i-- {
		root = Hash(tlog.NodeHash(tlog.Hash(f.edge[i]), tlog.Hash(root)))
	}
	return root
}
