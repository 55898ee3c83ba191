package segment

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/finding"
)

var _ casefile.Cards = (*Store)(nil)

// token makes the n-th token under a key without a tokenizer, which is slow.
func token(keyID string, n uint64) card.Token {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(keyID), n))
	return card.Token("t1." + keyID + "." + base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:]))
}

var brands = []card.Brand{card.Visa, card.UnionPay, card.JCB, "", "homegrown"}

func match(n uint64) finding.Match {
	return finding.Match{
		Class: "pan", Token: token("k1", n), Brand: brands[n%uint64(len(brands))],
		Masked: fmt.Sprintf("%06d******0000", 400000+n%7),
	}
}

func open(t testing.TB, dir string, o Options) *Store {
	t.Helper()
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func commit(t testing.TB, w *Writer, existing []finding.Segment) ([]finding.Segment, Delta) {
	t.Helper()
	segs, d, err := w.Commit(context.Background(), existing)
	if err != nil {
		t.Fatal(err)
	}
	return segs, d
}

func fill(w *Writer, from, to uint64) {
	for n := from; n < to; n++ {
		w.Add(match(n), true)
	}
}

func TestTokenBytes(t *testing.T) {
	var key [32]byte
	tokens, err := card.NewTokenizer("k1", key[:])
	if err != nil {
		t.Fatal(err)
	}
	made := tokens.Token("main", []byte("0000"))
	var r record
	if !r.parseToken(made) {
		t.Fatal("token not taken")
	}
	want, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(string(made)[len("t1.k1."):])
	if err != nil {
		t.Fatal(err)
	}
	if got := r.token(); string(got) != string(want[:tokenSize]) {
		t.Fatalf("got %x, want %x", got, want[:tokenSize])
	}
	for _, bad := range []card.Token{"", "t1.k1.", "t1.k1.AAAA", "t2." + made[3:], made + "A"} {
		if r.parseToken(bad) {
			t.Errorf("%q was taken for a token", bad)
		}
	}
}

// model is the slow, obvious count of one finding.
type model map[uint64]bool // card to judged

func (m model) judged() (n int64) {
	for _, yes := range m {
		if yes {
			n++
		}
	}
	return n
}

func (m model) union(o model) model {
	all := maps.Clone(m)
	for n := range o {
		all[n] = true
	}
	return all
}

func (m model) brands() map[string]int64 {
	out := map[string]int64{}
	for n := range m {
		out[string(brands[n%uint64(len(brands))])]++
	}
	return out
}

func (m model) issuers() map[string]int64 {
	out := map[string]int64{}
	for n := range m {
		out[fmt.Sprintf("%06d", 400000+n%7)]++
	}
	return out
}

// TestModel commits random batches to two findings and compares every count
// with the model's. Small buffers make it spill and merge all the time.
func TestModel(t *testing.T) {
	dir := t.TempDir()
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		o := Options{Buffer: rapid.SampledFrom([]int{4, 64, 1 << 20}).Draw(rt, "buffer")}
		s, err := Open(filepath.Join(dir, fmt.Sprint(round)), o)
		if err != nil {
			rt.Fatal(err)
		}
		type subject struct {
			model  model
			segs   []finding.Segment
			counts finding.Counts
		}
		both := []*subject{{model: model{}}, {model: model{}}}
		for range rapid.IntRange(1, 14).Draw(rt, "commits") {
			x := both[rapid.IntRange(0, 1).Draw(rt, "finding")]
			w := s.Writer()
			size := rapid.SampledFrom([]int{1, 3, 200}).Draw(rt, "size")
			for range size {
				n := rapid.Uint64Range(0, 400).Draw(rt, "card")
				judged := rapid.Bool().Draw(rt, "judged")
				w.Add(match(n), judged)
				x.model[n] = x.model[n] || judged
			}
			segs, d, err := w.Commit(context.Background(), x.segs)
			w.Close()
			if err != nil {
				rt.Fatal(err)
			}
			if len(segs) > mostSegments {
				rt.Fatalf("got %d segments", len(segs))
			}
			x.segs = segs
			d.AddTo(&x.counts)
			want := finding.Counts{Low: int64(len(x.model)), High: int64(len(x.model)), Judged: x.model.judged()}
			if got := x.counts; got.Low != want.Low || got.High != want.High || got.Judged != want.Judged {
				rt.Fatalf("got %+v, want %+v", got, want)
			}
			if !maps.Equal(x.counts.Brands, x.model.brands()) || !maps.Equal(x.counts.Issuers, x.model.issuers()) {
				rt.Fatalf("got %v %v, want %v %v", x.counts.Brands, x.counts.Issuers, x.model.brands(), x.model.issuers())
			}
			if rapid.Bool().Draw(rt, "forget") {
				clear(s.unions)
			}
			all := append(slices.Clone(both[0].segs), both[1].segs...)
			u, err := s.Union(context.Background(), all)
			if err != nil {
				rt.Fatal(err)
			}
			together := both[0].model.union(both[1].model)
			if u.Low != int64(len(together)) || u.High != u.Low || !maps.Equal(u.Brands, together.brands()) || !maps.Equal(u.Issuers, together.issuers()) {
				rt.Fatalf("got union %+v, want %d %v", u, len(together), together.brands())
			}
		}
		if got := s.held.Load(); got != 0 {
			rt.Fatalf("got %d records held after every writer closed", got)
		}
	})
}

func TestUnionFollowsGrowth(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	big, _ := commit(t, filled(s, 0, 20_000), nil)
	other, _ := commit(t, filled(s, 10_000, 30_000), nil)
	if u := unionOf(t, s, big, other); u.Low != 30_000 {
		t.Fatalf("got %d, want 30000", u.Low)
	}
	grown, d := commit(t, filled(s, 29_990, 30_010), big)
	if d.Low != 20 {
		t.Fatalf("got %d new cards, want 20", d.Low)
	}
	set := map[string]finding.Segment{}
	for _, seg := range append(slices.Clone(grown), other...) {
		set[seg.Digest] = seg
	}
	u, ok, err := s.grown(context.Background(), set)
	if err != nil || !ok || u.Low != 30_010 {
		t.Fatalf("got %d %v %v, want 30010 by lineage", u.Low, ok, err)
	}
}

// TestUnionOfManyFindings adds up a case of many findings that came at once.
func TestUnionOfManyFindings(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	var all []finding.Segment
	for n := range uint64(600) {
		segs, _ := commit(t, filled(s, n, n+3), nil)
		all = append(all, segs...)
		if n%50 == 0 {
			if u := unionOf(t, s, all); u.Low != int64(n+3) {
				t.Fatalf("got %d cards after %d findings, want %d", u.Low, n+1, n+3)
			}
		}
	}
	if u := unionOf(t, s, all); u.Low != 602 {
		t.Fatalf("got %d cards, want 602", u.Low)
	}
}

func filled(s *Store, from, to uint64) *Writer {
	w := s.Writer()
	fill(w, from, to)
	return w
}

func unionOf(t testing.TB, s *Store, lists ...[]finding.Segment) casefile.Union {
	t.Helper()
	u, err := s.Union(context.Background(), slices.Concat(lists...))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestTwoKeysAreARange(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	old, _ := commit(t, filled(s, 0, 10), nil)
	w := s.Writer()
	for n := range uint64(4) {
		w.Add(finding.Match{Class: "track2", Token: token("k2", n), Masked: "400000******0000"}, true)
	}
	both, d := commit(t, w, old)
	if d.Low != 4 || len(both) != 2 {
		t.Fatalf("got %d cards in %d segments, want 4 in 2", d.Low, len(both))
	}
	if u := unionOf(t, s, both); u.Low != 10 || u.High != 14 {
		t.Fatalf("got %d to %d, want 10 to 14", u.Low, u.High)
	}
	fill(w, 0, 1)
	w.Add(finding.Match{Class: "pan", Token: token("k2", 1)}, true)
	if _, _, err := w.Commit(context.Background(), nil); !errors.Is(err, errKeys) {
		t.Fatalf("got %v, want %v", err, errKeys)
	}
}

func TestWhatIsNoCard(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	w := s.Writer()
	w.Add(finding.Match{Class: "resident_id", Token: token("k1", 1), Masked: "110101********0000"}, true)
	w.Add(finding.Match{Class: "cvv"}, true)
	segs, d := commit(t, w, nil)
	if len(segs) != 0 || !d.None() {
		t.Fatalf("got %d segments and %+v, want nothing", len(segs), d)
	}
}

func TestRangeWhenScratchIsShort(t *testing.T) {
	s := open(t, t.TempDir(), Options{Buffer: 100, Scratch: 500 * recordSize})
	segs, d := commit(t, filled(s, 0, 1000), nil)
	if d.Low >= 1000 || d.High < 1000 || d.Low < 400 {
		t.Fatalf("got %d to %d, want a range around 1000", d.Low, d.High)
	}
	if u := unionOf(t, s, segs); u.Low != d.Low || u.High != d.High {
		t.Fatalf("got %d to %d, want %d to %d", u.Low, u.High, d.Low, d.High)
	}
	again := open(t, s.dir, Options{})
	if u := unionOf(t, again, segs); u.Low != d.Low || u.High != d.High {
		t.Fatalf("after a restart: got %d to %d, want %d to %d", u.Low, u.High, d.Low, d.High)
	}
}

func TestManyBINs(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	var c finding.Counts
	var segs []finding.Segment
	for batch := range uint64(3) {
		w := s.Writer()
		for n := batch * 900; n < batch*900+900; n++ {
			m := match(n)
			m.Masked = fmt.Sprintf("%06d******0000", 500000+n)
			w.Add(m, false)
		}
		var d Delta
		segs, d = commit(t, w, segs)
		d.AddTo(&c)
	}
	sum := int64(0)
	for _, n := range c.Issuers {
		sum += n
	}
	if len(c.Issuers) != issuerRows+1 || sum != 2700 || c.Low != 2700 || c.Judged != 0 {
		t.Fatalf("got %d issuers that sum to %d of %d cards", len(c.Issuers), sum, c.Low)
	}
	if u := unionOf(t, s, segs); len(u.Issuers) != issuerRows+1 {
		t.Fatalf("got %d issuers in the union", len(u.Issuers))
	}
}

func TestMissingAndDamaged(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	segs, _ := commit(t, filled(s, 0, 1000), nil)
	path := s.path(segs[0].Digest)
	spoil := map[string]func() error{
		"flipped": func() error {
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			raw[len(raw)/2] ^= 1
			return errors.Join(os.Chmod(path, 0o600), os.WriteFile(path, raw, 0o600))
		},
		"short": func() error { return errors.Join(os.Chmod(path, 0o600), os.Truncate(path, 100)) },
		"gone":  func() error { return os.Remove(path) },
	}
	for _, c := range []struct {
		name string
		want error
	}{{"flipped", ErrDamaged}, {"short", ErrDamaged}, {"gone", ErrMissing}} {
		t.Run(c.name, func(t *testing.T) {
			if err := spoil[c.name](); err != nil {
				t.Fatal(err)
			}
			fresh := open(t, dir, Options{})
			if _, err := fresh.open(segs[0]); !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			// What is lost widens the counts, and stops nothing.
			u, err := fresh.Union(context.Background(), segs)
			if err != nil || u.Low != 1000 || u.High != 1000 || u.Lost != 1 {
				t.Fatalf("got %+v, %v, want 1,000 cards by one lost file", u, err)
			}
			after, delta, err := filled(fresh, 0, 5).Commit(context.Background(), segs)
			if err != nil || len(after) != 2 || delta.Low != 0 || delta.High != 5 {
				t.Fatalf("commit: got %d segments, %+v, %v, want two and at most five new cards", len(after), delta, err)
			}
			if u, err = fresh.Union(context.Background(), after); err != nil || u.Low != 1000 || u.High != 1005 || u.Lost != 1 {
				t.Fatalf("got %+v, %v, want 1,000 to 1,005 cards", u, err)
			}
		})
	}
}

func TestGC(t *testing.T) {
	now := time.Now()
	s := open(t, t.TempDir(), Options{Now: func() time.Time { return now }})
	live, _ := commit(t, filled(s, 0, 3), nil)
	orphan, _ := commit(t, filled(s, 3, 6), nil)
	sweep := func() int {
		n, err := s.GC(func(d string) bool { return d == live[0].Digest })
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := sweep(); n != 0 {
		t.Fatalf("got %d removed while young, want 0", n)
	}
	now = now.Add(2 * time.Hour)
	// A commit that comes to the same cards takes the orphan up again.
	if again, _ := commit(t, filled(s, 3, 6), nil); again[0] != orphan[0] {
		t.Fatalf("got %v, want %v", again, orphan)
	}
	if n := sweep(); n != 0 {
		t.Fatalf("got %d removed that a commit just took up, want 0", n)
	}
	now = now.Add(2 * time.Hour)
	if n := sweep(); n != 1 {
		t.Fatalf("got %d removed, want 1", n)
	}
	if _, err := s.Union(context.Background(), live); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.path(orphan[0].Digest)); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("got %v, want the orphan gone", err)
	}
}

func TestFullDisk(t *testing.T) {
	s := open(t, t.TempDir(), Options{Reserve: 1 << 62})
	w := filled(s, 0, 10)
	if _, _, err := w.Commit(context.Background(), nil); !errors.Is(err, ErrFull) {
		t.Fatalf("got %v, want %v", err, ErrFull)
	}
	s.opts.Reserve = 1
	if _, d := commit(t, w, nil); d.Low != 10 {
		t.Fatalf("got %d cards once there was room, want 10", d.Low)
	}
}

// TestBoundedMemory writes five million cards and looks at the heap.
func TestBoundedMemory(t *testing.T) {
	cards := 5_000_000
	if raceEnabled {
		cards = 500_000
	}
	s := open(t, t.TempDir(), Options{})
	w := s.Writer()
	defer w.Close()
	var before, at runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	peak := uint64(0)
	look := func() {
		runtime.GC()
		runtime.ReadMemStats(&at)
		peak = max(peak, at.HeapAlloc-min(at.HeapAlloc, before.HeapAlloc))
	}
	var r record
	for n := range cards {
		sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(n)))
		copy(r[:], sum[:tokenSize])
		r.parseBIN(fmt.Sprintf("%06d", n%1_000_000))
		w.keyID = "k1"
		w.add(r)
		if n%1_000_000 == 999_999 {
			look()
		}
	}
	segs, d := commit(t, w, nil)
	look()
	if d.Low != int64(cards) || d.High != d.Low {
		t.Fatalf("got %d to %d, want %d", d.Low, d.High, cards)
	}
	more, d := commit(t, filled(s, 0, 5), segs)
	if d.Low != 5 || len(more) != 2 {
		t.Fatalf("got %d new cards in %d segments, want 5 in 2", d.Low, len(more))
	}
	if u := unionOf(t, s, more); u.Low != int64(cards+5) {
		t.Fatalf("got %d in the union, want %d", u.Low, cards+5)
	}
	look()
	t.Logf("peak of the heap %d MiB", peak>>20)
	if peak > 64<<20 {
		t.Fatalf("got a heap of %d MiB, want at most 64", peak>>20)
	}
}

func BenchmarkSmallCommit(b *testing.B) {
	s := open(b, b.TempDir(), Options{})
	segs, _ := commit(b, filled(s, 0, 1_000_000), nil)
	n := uint64(1_000_000)
	for b.Loop() {
		segs, _ = commit(b, filled(s, n, n+1), segs)
		n++
	}
}
