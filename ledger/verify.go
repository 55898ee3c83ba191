package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A Stored is an entry as a store keeps it. Payload and Salt are nil once
// erased.
type Stored struct {
	Entry   Entry
	Payload []byte
}

// A Source is a kept log to be verified. Its methods read a snapshot: what
// they return fits together unless somebody damaged it.
type Source interface {
	// Head returns the newest signed checkpoint.
	Head(ctx context.Context) ([]byte, error)
	// Entries yields every stored entry in order of index.
	Entries(ctx context.Context) iter.Seq2[Stored, error]
	// Nodes yields every stored hash of the tree in order of index.
	Nodes(ctx context.Context) iter.Seq2[Node, error]
	// Checkpoints yields the older signed checkpoints in order of size.
	Checkpoints(ctx context.Context) iter.Seq2[[]byte, error]
}

// A Verdict is what a verification showed.
type Verdict struct {
	Size        int64  `json:"size"`
	Root        string `json:"root"` // hex
	Erased      int64  `json:"erased"`
	Checkpoints int    `json:"checkpoints"`
}

// A Fault says which entry is the first that is not as it was written.
type Fault struct {
	Index int64  // of the first bad entry; -1 if the checkpoint itself is bad
	What  string // what is wrong with it
}

func (f *Fault) Error() string {
	if f.Index < 0 {
		return "ledger is not intact: " + f.What
	}
	return fmt.Sprintf("ledger is not intact: entry %d: %s", f.Index, f.What)
}

// Verify recomputes every leaf and node of the log and compares them with
// what is stored and with what key signed. It returns a *[Fault] for a log
// that is not intact and any other error if src could not be read. It holds
// no more than the edge of the tree and the list of erasures in memory.
func Verify(ctx context.Context, src Source, key note.Verifier) (Verdict, error) {
	head, err := src.Head(ctx)
	if err != nil {
		return Verdict{}, fmt.Errorf("read head: %w", err)
	}
	signed, err := OpenCheckpoint(head, key)
	if err != nil {
		return Verdict{}, &Fault{-1, err.Error()}
	}
	checks, err := openCheckpoints(ctx, src, key)
	if err != nil {
		return Verdict{}, err
	}
	run := verification{nodes: newNodeReader(ctx, src), checks: checks, gaps: map[int64]int64{}}
	defer run.nodes.stop()
	if err := run.checkpoint(-1); err != nil { // of a ledger that had no entry yet
		return Verdict{}, err
	}
	if err := run.entries(ctx, src); err != nil {
		return Verdict{}, err
	}
	return run.conclude(signed)
}

// openCheckpoints returns the signed sizes with their roots.
func openCheckpoints(ctx context.Context, src Source, key note.Verifier) ([]Checkpoint, error) {
	var all []Checkpoint
	for msg, err := range src.Checkpoints(ctx) {
		if err != nil {
			return nil, fmt.Errorf("read checkpoints: %w", err)
		}
		c, err := OpenCheckpoint(msg, key)
		if err != nil {
			return nil, &Fault{-1, fmt.Sprintf("stored checkpoint %d: %v", len(all), err)}
		}
		if len(all) > 0 && c.Size < all[len(all)-1].Size {
			return nil, &Fault{-1, fmt.Sprintf("stored checkpoint %d goes back to size %d", len(all), c.Size)}
		}
		all = append(all, c)
	}
	return all, nil
}

// A verification is one walk over a log.
type verification struct {
	tree   Frontier
	nodes  *nodeReader
	checks []Checkpoint    // still to be met, by size
	met    int             // checkpoints met
	gaps   map[int64]int64 // entry without payload -> the entry said to have erased it
	erased int64
}

func (v *verification) entries(ctx context.Context, src Source) error {
	for stored, err := range src.Entries(ctx) {
		if err != nil {
			return fmt.Errorf("read entry %d: %w", v.tree.Size(), err)
		}
		if err := v.entry(stored); err != nil {
			return err
		}
	}
	for index, by := range v.gaps {
		return &Fault{index, fmt.Sprintf("payload is gone, and entry %d does not say that it was erased", by)}
	}
	return nil
}

func (v *verification) entry(stored Stored) error {
	e, index := &stored.Entry, v.tree.Size()
	switch {
	case e.Index != index:
		return &Fault{index, "is missing"}
	case stored.Payload == nil && e.ErasedBy <= index:
		return &Fault{index, "payload is missing"}
	case stored.Payload == nil:
		v.gaps[index] = e.ErasedBy
	case !e.Matches(e.Salt, stored.Payload):
		return &Fault{index, "payload does not match its leaf"}
	default:
		if err := v.settle(index, stored.Payload); err != nil {
			return err
		}
	}
	for _, node := range v.tree.Append(e.Leaf) {
		if !v.nodes.next(node) {
			return &Fault{index, "stored hash does not match the leaf"}
		}
	}
	return v.checkpoint(index)
}

// settle closes the gaps that the entry at index says it made.
func (v *verification) settle(index int64, stored []byte) error {
	if !bytes.Contains(stored, []byte(Erased{}.Kind())) {
		return nil
	}
	var e Entry
	var body Erased
	if e.Open(stored) != nil || e.Kind != body.Kind() {
		return nil
	}
	if err := e.Decode(&body); err != nil {
		return &Fault{index, "erasure cannot be read"}
	}
	for _, gone := range body.Entries {
		if v.gaps[gone] == index {
			delete(v.gaps, gone)
			v.erased++
		}
	}
	return nil
}

func (v *verification) checkpoint(index int64) error {
	for len(v.checks) > 0 && v.checks[0].Size <= v.tree.Size() {
		if v.checks[0].Size == v.tree.Size() && v.checks[0].Root != v.tree.Root() {
			return &Fault{index, fmt.Sprintf("history differs from the checkpoint of size %d", v.tree.Size())}
		}
		v.checks = v.checks[1:]
		v.met++
	}
	return nil
}

func (v *verification) conclude(signed Checkpoint) (Verdict, error) {
	switch {
	case v.tree.Size() < signed.Size:
		return Verdict{}, &Fault{v.tree.Size(), fmt.Sprintf("is missing: the signed head has %d entries", signed.Size)}
	case v.tree.Size() > signed.Size:
		return Verdict{}, &Fault{signed.Size, "is not covered by the signed head"}
	case v.tree.Root() != signed.Root:
		return Verdict{}, &Fault{-1, "leaves do not add up to the signed root"}
	case len(v.checks) > 0:
		return Verdict{}, &Fault{-1, fmt.Sprintf("a checkpoint of size %d is larger than the ledger", v.checks[0].Size)}
	case v.nodes.more():
		return Verdict{}, &Fault{-1, "there are stored hashes beyond the last entry"}
	}
	return Verdict{Size: signed.Size, Root: fmt.Sprintf("%x", signed.Root), Erased: v.erased, Checkpoints: v.met}, nil
}

// A nodeReader walks the stored nodes beside the computed ones. Stored hash
// indexes follow the order in which Append completes them.
type nodeReader struct {
	pull func() (Node, error, bool)
	stop func()
}

func newNodeReader(ctx context.Context, src Source) *nodeReader {
	pull, stop := iter.Pull2(src.Nodes(ctx))
	return &nodeReader{pull, stop}
}

func (r *nodeReader) next(want Node) bool {
	got, err, ok := r.pull()
	return ok && err == nil && got == want
}

func (r *nodeReader) more() bool { _, _, ok := r.pull(); return ok }

// Prove returns the proof that the leaf at index is in the tree of this size.
func Prove(size, index int64, r tlog.HashReader) (tlog.RecordProof, error) {
	if index < 0 || index >= size {
		return nil, errors.New("prove entry: no such entry in a tree of this size")
	}
	return tlog.ProveRecord(size, index, r)
}

// CheckProof reports whether proof shows leaf at index in the tree of c.
func CheckProof(proof tlog.RecordProof, c Checkpoint, index int64, leaf Hash) bool {
	return tlog.CheckRecord(proof, c.Size, tlog.Hash(c.Root), index, tlog.Hash(tlog.RecordHash(leaf[:]))) == nil
}

// LeafSize is the length of the record that the tree hashes: a commitment.
const LeafSize = sha256.Size
