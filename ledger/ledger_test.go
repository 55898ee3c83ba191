package ledger_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"github.com/stanch/stanch/ledger"
)

// shelf keeps a log in memory: the slow, obvious model of a store.
type shelf struct {
	entries     []ledger.Stored
	nodes       []ledger.Node
	checkpoints [][]byte
	head        []byte
}

func (s *shelf) Head(context.Context) ([]byte, error) { return s.head, nil }

func (s *shelf) Entries(context.Context) iter.Seq2[ledger.Stored, error] { return all(s.entries) }

func (s *shelf) Nodes(context.Context) iter.Seq2[ledger.Node, error] { return all(s.nodes) }

func (s *shelf) Checkpoints(context.Context) iter.Seq2[[]byte, error] { return all(s.checkpoints) }

func (s *shelf) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(s.nodes)) || s.nodes[index].Index != index {
			return nil, errors.New("no such node")
		}
		out[i] = tlog.Hash(s.nodes[index].Hash)
	}
	return out, nil
}

func all[T any](list []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range list {
			if !yield(v, nil) {
				return
			}
		}
	}
}

func keys(t testing.TB) (note.Signer, note.Verifier) {
	t.Helper()
	secret, public, err := ledger.GenerateKey("stanch/test")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	return signer, verifier
}

// fill makes a log of n entries with a checkpoint after every seventh.
func fill(t testing.TB, n int, signer note.Signer) *shelf {
	t.Helper()
	s := &shelf{}
	var f ledger.Frontier
	for i := range n {
		e := ledger.Entry{
			Index: int64(i), Tenant: "main", Kind: "case.noted", Subject: ledger.SubjectOf("case", fmt.Sprint(i)), Actor: "a",
			At: time.UnixMicro(int64(1_700_000_000_000_000 + i)).UTC(), Body: json.RawMessage(fmt.Sprintf(`{"z":%d,"a":"<é>"}`, i)),
		}
		payload, err := e.Seal()
		if err != nil {
			t.Fatal(err)
		}
		s.entries = append(s.entries, ledger.Stored{Entry: e, Payload: payload})
		s.nodes = append(s.nodes, f.Append(e.Leaf)...)
		if s.head, err = (ledger.Checkpoint{Origin: "stanch/test", Size: f.Size(), Root: f.Root()}).Sign(signer); err != nil {
			t.Fatal(err)
		}
		if i%7 == 6 {
			s.checkpoints = append(s.checkpoints, s.head)
		}
	}
	return s
}

func TestFrontierIsTheTree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 300).Draw(t, "n")
		var f ledger.Frontier
		s := &shelf{}
		for i := range n {
			s.nodes = append(s.nodes, f.Append(ledger.Commit(nil, fmt.Append(nil, i)))...)
		}
		want, err := tlog.TreeHash(int64(n), s)
		if err != nil {
			t.Fatal(err)
		}
		if f.Root() != ledger.Hash(want) || f.Size() != int64(n) {
			t.Fatalf("got root %x of size %d, want %x of %d", f.Root(), f.Size(), want, n)
		}
		again, err := ledger.OpenFrontier(int64(n), s)
		if err != nil {
			t.Fatal(err)
		}
		if again.Root() != f.Root() {
			t.Fatal("opened frontier has another root")
		}
		if again.Append(ledger.Hash{1}); n > 0 && again.Root() == f.Root() {
			t.Fatal("append left the root as it was")
		}
	})
}

func TestVerify(t *testing.T) {
	signer, verifier := keys(t)
	for _, n := range []int{1, 2, 7, 8, 50} {
		verdict, err := ledger.Verify(t.Context(), fill(t, n, signer), verifier)
		if err != nil || verdict.Size != int64(n) || verdict.Checkpoints != n/7 {
			t.Errorf("%d entries: got %+v, %v", n, verdict, err)
		}
	}
}

// TestVerifyFindsDamage flips or drops one thing at a time anywhere.
func TestVerifyFindsDamage(t *testing.T) {
	signer, verifier := keys(t)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(8, 40).Draw(t, "n")
		s := fill(testing.TB(&testing.T{}), n, signer)
		i := rapid.IntRange(0, n-1).Draw(t, "entry")
		switch rapid.SampledFrom([]string{"payload", "salt", "leaf", "drop", "swap", "node", "head", "checkpoint", "erase"}).Draw(t, "damage") {
		case "payload":
			s.entries[i].Payload = bytes.Replace(s.entries[i].Payload, []byte("case"), []byte("cash"), 1)
		case "salt":
			s.entries[i].Entry.Salt = append([]byte(nil), s.entries[i].Entry.Salt...)
			s.entries[i].Entry.Salt[3] ^= 1
		case "leaf":
			s.entries[i].Entry.Leaf[0] ^= 1
		case "drop":
			s.entries = slices.Delete(s.entries, i, i+1)
		case "swap":
			s.entries[i], s.entries[(i+1)%n] = s.entries[(i+1)%n], s.entries[i]
		case "node":
			s.nodes[rapid.IntRange(0, len(s.nodes)-1).Draw(t, "node")].Hash[5] ^= 1
		case "head":
			s.head = s.checkpoints[0]
			if n == 7 {
				return
			}
		case "checkpoint":
			s.checkpoints[0] = bytes.Replace(s.checkpoints[0], []byte("stanch/test\n7"), []byte("stanch/test\n6"), 1)
		case "erase":
			s.entries[i].Payload, s.entries[i].Entry.Salt, s.entries[i].Entry.ErasedBy = nil, nil, int64(n-1)
		}
		var fault *ledger.Fault
		if _, err := ledger.Verify(t.Context(), s, verifier); !errors.As(err, &fault) {
			t.Fatalf("got %v, want a fault", err)
		}
	})
}

func TestProof(t *testing.T) {
	signer, verifier := keys(t)
	s := fill(t, 33, signer)
	c, err := ledger.OpenCheckpoint(s.head, verifier)
	if err != nil {
		t.Fatal(err)
	}
	for i := range s.entries {
		proof, err := ledger.Prove(c.Size, int64(i), s)
		if err != nil {
			t.Fatal(err)
		}
		leaf := s.entries[i].Entry.Leaf
		if !ledger.CheckProof(proof, c, int64(i), leaf) {
			t.Errorf("proof of entry %d does not hold", i)
		}
		leaf[0] ^= 1
		if ledger.CheckProof(proof, c, int64(i), leaf) {
			t.Errorf("proof of entry %d holds for another leaf", i)
		}
	}
	if _, err := ledger.Prove(c.Size, c.Size, s); err == nil {
		t.Error("proved an entry that is not there")
	}
}

func TestPayloadIsCanonical(t *testing.T) {
	signer, _ := keys(t)
	got := string(fill(t, 1, signer).entries[0].Payload)
	want := `{"actor":"a","at":1700000000000000,"body":{"a":"<é>","z":0},"kind":"case.noted","subject":"case:0","tenant":"main"}`
	if got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// exported reads an export the way a stranger's tool does.
type exported map[string][]byte

func (x exported) Height() int { return ledger.TileHeight }

func (x exported) SaveTiles([]tlog.Tile, [][]byte) {}

func (x exported) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, tile := range tiles {
		name := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, ok := x[name]
		if !ok {
			return nil, fmt.Errorf("no %s", name)
		}
		out = append(out, data)
	}
	return out, nil
}

func TestExportTiles(t *testing.T) {
	signer, verifier := keys(t)
	for _, n := range []int{1, 255, 256, 300, 70_000} {
		if n > 1000 && testing.Short() {
			continue
		}
		s := fill(t, n, signer)
		c, err := ledger.OpenCheckpoint(s.head, verifier)
		if err != nil {
			t.Fatal(err)
		}
		files := exported{}
		leaves := func(from, to int64) (out []ledger.Hash, err error) {
			for _, e := range s.entries[from:to] {
				out = append(out, e.Entry.Leaf)
			}
			return out, nil
		}
		err = ledger.ExportTiles(s.head, c, s, leaves, func(name string, content []byte) error { files[name] = content; return nil })
		if err != nil {
			t.Fatal(err)
		}
		reader := tlog.TileHashReader(tlog.Tree{N: c.Size, Hash: tlog.Hash(c.Root)}, files)
		for _, i := range []int64{0, c.Size / 2, c.Size - 1} {
			proof, err := tlog.ProveRecord(c.Size, i, reader)
			if err != nil {
				t.Fatalf("%d entries, %d: %v", n, i, err)
			}
			if !ledger.CheckProof(proof, c, i, s.entries[i].Entry.Leaf) {
				t.Errorf("%d entries: proof of %d from tiles does not hold", n, i)
			}
		}
		if !bytes.Equal(files["checkpoint"], s.head) {
			t.Error("checkpoint differs")
		}
	}
}

func FuzzReadCheckpoint(f *testing.F) {
	signer, verifier := keys(f)
	msg, err := ledger.Checkpoint{Origin: "stanch/test", Size: 3}.Sign(signer)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(msg)
	f.Add([]byte("a\n1\nAAAA\n\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := ledger.OpenCheckpoint(b, verifier); err == nil && c.Origin != "stanch/test" {
			t.Errorf("opened a checkpoint of %q", c.Origin)
		}
		if c, err := ledger.ReadCheckpoint(b); err == nil && c.Size < 0 {
			t.Error("negative size")
		}
	})
}

// TestLongNumbersAreRefused: RFC 8785 writes numbers as doubles, so one that a
// double does not hold must not get into an entry.
func TestLongNumbersAreRefused(t *testing.T) {
	for body, refused := range map[string]bool{
		`{"n":9007199254740992}`: false, `{"n":9007199254740993}`: true, `{"n":-9007199254740993}`: true, `{"n":[1,99999999999999999999]}`: true,
		`{"n":1764300000123456}`: false, `{"s":"9007199254740993"}`: false, `{"s":"a\\","n":9007199254740993}`: true, `{"s":"\\\"9007199254740993"}`: false,
	} {
		e := ledger.Entry{At: time.Unix(1, 0), Actor: "a", Tenant: "main", Kind: "k", Subject: ledger.SubjectOf("case", "1"), Body: json.RawMessage(body)}
		if _, err := e.Seal(); errors.Is(err, ledger.ErrNumber) != refused {
			t.Errorf("%s: got %v, want refused %t", body, err, refused)
		}
	}
}
