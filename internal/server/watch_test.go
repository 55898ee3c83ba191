package server

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/cell"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/segment"
	"github.com/stanch/stanch/internal/source/filetree"
	"github.com/stanch/stanch/internal/store"
	"github.com/stanch/stanch/internal/store/storetest"
	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/packs"
)

// patience is how long a test waits for what must happen.
const patience = time.Minute

// A shop is a watched folder with everything behind it.
type shop struct {
	t     testing.TB
	base  string
	root  string
	url   string
	key   storetest.Key
	tune  func(*WatchOptions)
	watch *Watch
	store *store.Store
	tree  *filetree.Watcher
	stop  func()
}

func newShop(t testing.TB, engine string) *shop {
	t.Helper()
	base := t.TempDir()
	s := &shop{t: t, base: base, root: filepath.Join(base, "pos"), url: storetest.URL(t, engine), key: storetest.NewKey(t), stop: func() {}}
	if err := os.Mkdir(s.root, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.stop() })
	return s
}

// start starts the watch over what is there. A second start is a restart.
func (s *shop) start() {
	s.t.Helper()
	s.stop()
	st, err := store.Open(context.Background(), s.url, store.Options{Signer: s.key.Signer, Verifier: s.key.Verifier, Fresh: true})
	s.must(err)
	segments, err := segment.Open(filepath.Join(s.base, "segments"), segment.Options{})
	s.must(err)
	tokens, err := card.NewTokenizer("k1", bytes.Repeat([]byte{7}, 32))
	s.must(err)
	all, err := packs.Load(nil)
	s.must(err)
	all.Policy.TestNumbers = "count"
	examiner := cell.New(cell.Options{Tokenizer: tokens, Tenant: string(tenant.Default), Command: []string{os.Args[0], "worker"}})
	o := WatchOptions{
		Tenant: tenant.Default, Store: st, Desk: &casefile.Desk{Store: st, Cards: segments, Packs: all},
		Segments: segments, Examiner: examiner, Tokenizer: tokens, Packs: all, CleanAfter: 300 * time.Millisecond,
	}
	if testing.Verbose() {
		o.Logger = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	if s.tune != nil {
		s.tune(&o)
	}
	s.watch, err = NewWatch(o)
	s.must(err)
	s.store = st
	s.tree, err = filetree.New([]filetree.Root{{Path: s.root}}, s.watch, filetree.Options{Logger: o.Logger})
	s.must(err)
	saving, stopSaving := context.WithCancel(context.Background())
	walking, stopWalking := context.WithCancel(context.Background())
	ended, walked := make(chan error, 1), make(chan error, 1)
	go func() { ended <- s.watch.Run(saving) }()
	go func() { walked <- s.tree.Run(walking) }()
	s.stop = func() {
		s.stop = func() {}
		stopWalking()
		err := <-walked
		stopSaving()
		err = errors.Join(err, <-ended)
		examiner.Close()
		s.must(errors.Join(err, st.Close()))
	}
}

func (s *shop) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// settled waits until the watcher has nothing to do and nothing is unsaved.
func (s *shop) settled() {
	s.t.Helper()
	s.until("all read", func() bool {
		at := s.tree.Status()[0]
		s.watch.mu.Lock()
		files := len(s.watch.files)
		s.watch.mu.Unlock()
		_, queued := s.watch.queue.next()
		if !s.watch.queue.turn.TryLock() {
			return false
		}
		s.watch.queue.turn.Unlock()
		return !at.LastReconcile.IsZero() && !at.Walking && at.Queued == 0 && files == 0 && !queued
	})
}

func (s *shop) until(what string, ok func() bool) {
	s.t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(patience); ; {
		if ok() {
			return
		}
		select {
		case <-tick.C:
		case <-end:
			for _, f := range s.findings() {
				s.t.Logf("%s %s gen %d %+v", f.State, f.Place.Shown(), f.Place.Generation, f.Counts)
			}
			s.t.Logf("%+v", s.tree.Status())
			s.t.Fatalf("waited in vain: %s", what)
		}
	}
}

func (s *shop) findings() []*finding.Finding {
	s.t.Helper()
	all, err := s.store.Findings(context.Background(), tenant.Default, store.FindingFilter{Limit: 5000})
	s.must(err)
	return all
}

// at returns the newest finding of a place, shown relative to the root.
func (s *shop) at(shown string) *finding.Finding {
	s.t.Helper()
	var newest *finding.Finding
	for _, f := range s.findings() {
		if f.Place.Shown() == filepath.Join(s.root, shown) && (newest == nil || f.Place.Generation > newest.Place.Generation) {
			newest = f
		}
	}
	return newest
}

// has waits for a finding at a place to be as wanted.
func (s *shop) has(shown string, state finding.State, cards, matches int64) *finding.Finding {
	s.t.Helper()
	var got *finding.Finding
	s.until(fmt.Sprintf("%s %s with %d cards in %d matches", shown, state, cards, matches), func() bool {
		got = s.at(shown)
		return got != nil && got.State == state && got.Counts.Low == cards && got.Counts.High == cards && got.Counts.Matches == matches
	})
	return got
}

func (s *shop) cases() []*casefile.Case {
	s.t.Helper()
	all, err := s.store.Cases(context.Background(), tenant.Default, store.CaseFilter{})
	s.must(err)
	return all
}

func (s *shop) size() int64 {
	s.t.Helper()
	entries, err := s.store.Entries(context.Background(), tenant.Default, store.EntryFilter{Limit: 1})
	s.must(err)
	if len(entries) == 0 {
		return 0
	}
	return entries[0].Index + 1
}

func (s *shop) path(name string) string { return filepath.Join(s.root, name) }

func (s *shop) write(name, text string) {
	s.t.Helper()
	s.must(os.MkdirAll(filepath.Dir(s.path(name)), 0o755))
	s.must(os.WriteFile(s.path(name), []byte(text), 0o644))
}

func (s *shop) append(name, text string) {
	s.t.Helper()
	f, err := os.OpenFile(s.path(name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	s.must(err)
	_, err = f.WriteString(text)
	s.must(errors.Join(err, f.Close()))
}

func pan(n int) string { return cardtest.Number(card.Visa, 16, uint64(n)) }

// lines returns log lines with cards from to to.
func lines(from, to int) string {
	var b strings.Builder
	for n := from; n < to; n++ {
		fmt.Fprintf(&b, "2026-01-02 03:04:05 INFO sale approved card=%s amount=12.00\n", pan(n))
	}
	return b.String()
}

func zipped(t testing.TB, members map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(members)) {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(members[name]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestLogBecomesCase(t *testing.T) {
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			s := newShop(t, engine)
			s.write("logs/quiet.log", "nothing here\n")
			s.start()
			s.settled()
			begin := time.Now()
			s.append("logs/pos.log", lines(0, 6))
			f := s.has("logs/pos.log", finding.Open, 6, 6)
			took := time.Since(begin)
			t.Logf("write to finding and case: %v", took)
			if took > time.Second && !raceEnabled {
				t.Errorf("got %v from write to finding, want under a second", took)
			}
			cases := s.cases()
			if len(cases) != 1 || cases[0].State != casefile.Suspected || cases[0].Exposure.Counted.Low != 6 || f.Case != string(cases[0].ID) {
				t.Fatalf("got cases %+v", cases)
			}
			if f.Counts.Judged != 6 || f.Counts.Brands["visa"] != 6 || f.Counts.Issuers["411111"] != 6 || len(f.Sample) != 6 || f.Counts.Kinds["pan"] != 6 {
				t.Errorf("got %+v with %d samples", f.Counts, len(f.Sample))
			}
			// Two known cards, one new; the exposure follows.
			s.append("logs/pos.log", lines(4, 7))
			s.has("logs/pos.log", finding.Open, 7, 9)
			s.settled()
			if c := s.cases()[0]; c.Exposure.Counted.Low != 7 || len(s.cases()) != 1 {
				t.Errorf("got exposure %+v", c.Exposure.Counted)
			}
			// A restart reports nothing again.
			size := s.size()
			s.start()
			s.settled()
			if got := s.size(); got != size {
				t.Errorf("got %d entries after a restart, want %d", got, size)
			}
			// What came while it was down is found, and only that.
			s.stop()
			s.append("logs/pos.log", lines(7, 9))
			s.write("logs/new.log", lines(20, 21))
			s.start()
			s.has("logs/pos.log", finding.Open, 9, 11)
			s.has("logs/new.log", finding.Open, 1, 1)
		})
	}
}

func TestLineNotEnded(t *testing.T) {
	s := newShop(t, "sqlite")
	s.start()
	s.settled()
	s.append("a.log", "card="+pan(1))
	s.has("a.log", finding.Open, 1, 1)
	s.append("a.log", " amount=3")
	s.settled()
	s.append("a.log", " next="+pan(2))
	s.has("a.log", finding.Open, 2, 2)
	s.settled()
	s.start()
	s.append("a.log", " and on\n"+lines(3, 4))
	s.has("a.log", finding.Open, 3, 3)
	s.settled()
	s.has("a.log", finding.Open, 3, 3)
}

func TestZipMembers(t *testing.T) {
	s := newShop(t, "sqlite")
	s.write("b.zip", zipped(t, map[string]string{"x/a.log": lines(0, 3), "b.csv": lines(2, 9), "clean.txt": "none"}))
	s.start()
	a := s.has("b.zip!x/a.log", finding.Open, 3, 3)
	b := s.has("b.zip!b.csv", finding.Open, 7, 7)
	if a.Place.File != b.Place.File || a.ID == b.ID {
		t.Fatalf("got places %+v and %+v", a.Place, b.Place)
	}
	s.settled()
	// The union over both members is exact.
	if got := unionOf(t, s, a, b); got != 9 {
		t.Fatalf("got %d cards over both, want 9", got)
	}
	size := s.size()
	s.start()
	s.settled()
	if got := s.size(); got != size {
		t.Fatalf("got %d entries after a restart, want %d", got, size)
	}
	// One member is cleaned, the other gains a card: the same leak goes on.
	s.write("b.zip", zipped(t, map[string]string{"x/a.log": "nothing left", "b.csv": lines(2, 10)}))
	s.has("b.zip!x/a.log", finding.Clean, 3, 3)
	if got := s.has("b.zip!b.csv", finding.Open, 8, 15); got.ID != b.ID {
		t.Fatalf("got finding %s, want %s to go on", got.ID, b.ID)
	}
}

func unionOf(t testing.TB, s *shop, found ...*finding.Finding) int64 {
	t.Helper()
	var segs []finding.Segment
	for _, f := range found {
		segs = append(segs, f.Segments...)
	}
	u, err := s.watch.o.Segments.Union(context.Background(), segs)
	if err != nil {
		t.Fatal(err)
	}
	return u.Low
}

func TestRotationAndRename(t *testing.T) {
	s := newShop(t, "sqlite")
	s.write("pos.log", lines(0, 2))
	s.start()
	first := s.has("pos.log", finding.Open, 2, 2)
	s.settled()
	s.must(os.Rename(s.path("pos.log"), s.path("pos.log.1")))
	s.write("pos.log", lines(5, 6))
	if got := s.has("pos.log.1", finding.Open, 2, 2); got.ID != first.ID {
		t.Errorf("got %s after rotation, want %s", got.ID, first.ID)
	}
	s.has("pos.log", finding.Open, 1, 1)
	s.settled()
	// A folder is renamed, and a file goes on growing under its new name.
	s.write("old/x.log", lines(10, 11))
	x := s.has("old/x.log", finding.Open, 1, 1)
	s.must(os.Rename(s.path("old"), s.path("new")))
	s.append("new/x.log", lines(11, 12))
	if got := s.has("new/x.log", finding.Open, 2, 2); got.ID != x.ID {
		t.Errorf("got %s after a rename, want %s", got.ID, x.ID)
	}
	s.settled()
	size := s.size()
	s.start()
	s.settled()
	if got := s.size(); got != size {
		t.Errorf("got %d entries after a restart, want %d", got, size)
	}
	s.must(os.Remove(s.path("pos.log.1")))
	s.has("pos.log.1", finding.Gone, 2, 2)
	// Copy and truncate: the copy is a finding of its own, the log is clean.
	s.write("copy.log", lines(5, 6))
	s.must(os.Truncate(s.path("pos.log"), 0))
	s.has("copy.log", finding.Open, 1, 1)
	s.has("pos.log", finding.Clean, 1, 1)
	s.append("pos.log", lines(30, 31))
	s.until("the leak is back", func() bool { f := s.at("pos.log"); return f.State == finding.Open && f.Counts.High == 1 })
}

// TestGrowingFileIsThrottled appends every few milliseconds.
func TestGrowingFileIsThrottled(t *testing.T) {
	s := newShop(t, "sqlite")
	s.tune = func(o *WatchOptions) { o.Gap = 500 * time.Millisecond }
	s.start()
	s.settled()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	begin := time.Now()
	n := 0
	for ; time.Since(begin) < 1500*time.Millisecond; n++ {
		s.append("busy.log", lines(n, n+1))
		<-tick.C
	}
	f := s.has("busy.log", finding.Open, int64(n), int64(n))
	if most := int64(time.Since(begin)/(500*time.Millisecond)) + 2; f.Version > most {
		t.Errorf("got %d versions of %d appends, want at most %d", f.Version, n, most)
	}
	if len(f.Sample) != min(n, finding.SampleSize) {
		t.Errorf("got %d sample matches of %d", len(f.Sample), n)
	}
}

// TestMarkNeverAhead ends the process, so to speak, while cards are pending:
// the next start reads them again.
func TestMarkNeverAhead(t *testing.T) {
	s := newShop(t, "sqlite")
	s.tune = func(o *WatchOptions) { o.Gap = time.Hour }
	s.start()
	s.settled()
	s.append("a.log", lines(0, 2))
	s.has("a.log", finding.Open, 2, 2)
	s.append("a.log", lines(2, 5))
	s.append("b.log", "x\n")
	s.until("the second append is pending", func() bool {
		for _, f := range s.watch.waiting() {
			f.mu.Lock()
			p := f.pending
			f.mu.Unlock()
			if p != nil && p.mark.Size == int64(len(lines(0, 5))) {
				return true
			}
		}
		return false
	})
	// Drop what is pending instead of saving it, as a kill would.
	for _, f := range s.watch.waiting() {
		f.mu.Lock()
		f.pending = nil
		f.mu.Unlock()
	}
	s.tune = nil
	s.start()
	s.has("a.log", finding.Open, 5, 5)
}

// TestRewrittenFile is a file that names the last sale and is written anew for
// each: one finding, and entries only for what is new.
func TestRewrittenFile(t *testing.T) {
	s := newShop(t, "sqlite")
	s.start()
	s.settled()
	s.write("last.txt", lines(0, 1))
	first := s.has("last.txt", finding.Open, 1, 1)
	s.write("last.txt", lines(1, 2)+"more\n")
	if got := s.has("last.txt", finding.Open, 2, 2); got.ID != first.ID {
		t.Fatalf("got another finding for a rewrite")
	}
	s.settled()
	size := s.size()
	for i := range 5 {
		s.write("last.txt", lines(i%2, i%2+1)+strings.Repeat("x", i)+"\n")
		s.settled()
	}
	if got := s.size(); got != size {
		t.Errorf("got %d entries after rewrites with the same cards, want %d", got, size)
	}
	s.write("last.txt", "approved\n")
	s.has("last.txt", finding.Clean, 2, 2)
	s.write("last.txt", lines(0, 1))
	if got := s.has("last.txt", finding.Open, 1, 1); got.ID == first.ID || got.Place.Generation <= first.Place.Generation {
		t.Errorf("got %+v, want a new generation after a clean one", got.Place)
	}
}

// TestNumberInName plants a card number in a name and looks for it everywhere.
func TestNumberInName(t *testing.T) {
	s := newShop(t, "sqlite")
	canary := pan(77)
	s.write("slip-"+canary+".txt", "nothing inside\n")
	s.write(canary+"/deep.log", lines(1, 2))
	masked := card.MaskText("slip-" + canary + ".txt")
	s.start()
	f := s.has(masked, finding.Open, 1, 1)
	s.has(card.MaskText(canary)+"/deep.log", finding.Open, 1, 1)
	s.settled()
	size := s.size()
	s.start()
	s.settled()
	if got := s.size(); got != size {
		t.Errorf("got %d entries after a restart, want %d", got, size)
	}
	clean, err := s.watch.Rescan(t.Context(), s.watch.who, []finding.ID{f.ID})
	if err != nil || len(clean) != 0 {
		t.Errorf("got %v, %v; the name still holds it", clean, err)
	}
	s.must(os.Rename(s.path("slip-"+canary+".txt"), s.path("slip.txt")))
	s.until("the new name", func() bool { return s.at("slip.txt") != nil })
	if clean, err = s.watch.Rescan(t.Context(), s.watch.who, []finding.ID{f.ID}); err != nil || len(clean) != 1 {
		t.Errorf("got %v, %v; want it clean under its new name", clean, err)
	}
	s.stop()
	hunt(t, s.base, canary, s.root)
}

// TestNumberInNameGone deletes files whose names hold a card number while
// nothing watches.
func TestNumberInNameGone(t *testing.T) {
	s := newShop(t, "sqlite")
	slip, deep := "slip-"+pan(77)+".txt", pan(78)+"/deep-"+pan(79)+".log"
	s.write(slip, lines(1, 2))
	s.write(deep, lines(2, 3))
	s.start()
	s.until("both", func() bool { return s.at(card.MaskText(slip)) != nil && s.at(card.MaskText(deep)) != nil })
	s.settled()
	s.stop()
	s.must(errors.Join(os.Remove(s.path(slip)), os.RemoveAll(s.path(pan(78)))))
	s.start()
	s.settled()
	for _, name := range []string{slip, deep} {
		s.until("a file that is gone", func() bool { return s.at(card.MaskText(name)).State == finding.Gone })
	}
	s.until("a root in good health", func() bool { at := s.tree.Status()[0]; return at.Unreadable == 0 && at.Troubles == 0 })
	if at := s.tree.Status()[0]; at.State == filetree.StateUnreadable {
		t.Errorf("got %+v, want a root that can be relied on", at)
	}
}

// hunt fails if a number stands in any file but those under except.
func hunt(t *testing.T, base, canary, except string) {
	t.Helper()
	looked := 0
	err := filepath.WalkDir(base, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if path == except {
			return fs.SkipDir
		}
		if !d.Type().IsRegular() {
			return nil
		}
		raw, err := os.ReadFile(path)
		looked++
		if bytes.Contains(raw, []byte(canary)) || strings.Contains(path, canary) {
			t.Errorf("the number stands in %s", filepath.Base(path))
		}
		return err
	})
	if err != nil || looked == 0 {
		t.Fatalf("looked at %d files, %v", looked, err)
	}
}

func TestRescan(t *testing.T) {
	s := newShop(t, "sqlite")
	s.write("dirty.log", lines(0, 1))
	s.write("masked.log", lines(1, 2))
	s.write("gone.log", lines(2, 3))
	s.write("b.zip", zipped(t, map[string]string{"in": lines(3, 4), "out": lines(4, 5)}))
	s.start()
	ids := map[string]finding.ID{}
	for _, name := range []string{"dirty.log", "masked.log", "gone.log", "b.zip!in", "b.zip!out"} {
		ids[name] = s.has(name, finding.Open, 1, 1).ID
	}
	s.settled()
	// Look again before the watcher can have said anything itself.
	s.tune = func(o *WatchOptions) { o.CleanAfter = time.Hour }
	s.start()
	s.settled()
	s.write("masked.log", strings.ReplaceAll(lines(1, 2), pan(1), card.MaskText(pan(1))))
	s.must(os.Remove(s.path("gone.log")))
	s.write("b.zip", zipped(t, map[string]string{"in": "none", "out": lines(4, 5)}))
	who := record.Who{Tenant: tenant.Default, Actor: "account-1"}
	clean, err := s.watch.Rescan(t.Context(), who, slices.Collect(maps.Values(ids)))
	if err != nil {
		t.Fatal(err)
	}
	want := []finding.ID{ids["masked.log"], ids["gone.log"], ids["b.zip!in"]}
	slices.Sort(clean)
	slices.Sort(want)
	if !slices.Equal(clean, want) {
		t.Fatalf("got %v clean, want %v", clean, want)
	}
	for name, state := range map[string]finding.State{"dirty.log": finding.Open, "masked.log": finding.Clean, "gone.log": finding.Gone, "b.zip!in": finding.Clean, "b.zip!out": finding.Open} {
		if got := s.at(name).State; got != state {
			t.Errorf("%s: got %s, want %s", name, got, state)
		}
	}
	if _, err := s.watch.Rescan(t.Context(), who, []finding.ID{"f-none"}); !errors.Is(err, record.ErrNone) {
		t.Errorf("got %v, want %v", err, record.ErrNone)
	}
}

func TestTroubles(t *testing.T) {
	s := newShop(t, "sqlite")
	good := zipped(t, map[string]string{"in": lines(0, 1)})
	s.write("broken.zip", good)
	s.start()
	s.has("broken.zip!in", finding.Open, 1, 1)
	s.settled()
	// What cannot be read any more is in trouble, and not clean.
	s.write("broken.zip", good[:len(good)-40])
	count := func() (n int64) {
		_, counts, err := s.watch.Troubles(t.Context(), 10)
		s.must(err)
		for _, c := range counts {
			n += c
		}
		return n
	}
	s.until("a trouble", func() bool { return count() > 0 })
	s.settled()
	if got := s.at("broken.zip!in").State; got != finding.Open {
		t.Errorf("got %s for what cannot be examined, want open", got)
	}
	s.start()
	s.settled()
	if count() == 0 {
		t.Error("the trouble is forgotten after a restart")
	}
	s.must(os.Rename(s.path("broken.zip"), s.path("moved.zip")))
	s.until("the trouble moves", func() bool {
		list, _, err := s.watch.Troubles(t.Context(), 10)
		s.must(err)
		return len(list) > 0 && list[0].Path == s.path("moved.zip")
	})
	s.write("moved.zip", zipped(t, map[string]string{"in": "none"}))
	s.until("no trouble", func() bool { return count() == 0 })
	s.has("moved.zip!in", finding.Clean, 1, 1)
}

// TestManyMembers finds cards in more members than get findings of their own.
func TestManyMembers(t *testing.T) {
	if testing.Short() {
		t.Skip("make test runs this without the race detector: it has the size of others, and takes no other path")
	}
	s := newShop(t, "sqlite")
	members := map[string]string{}
	for n := range mostPlaces + 50 {
		members[fmt.Sprintf("m%05d", n)] = pan(n) + "\n"
	}
	s.write("many.zip", zipped(t, members))
	s.start()
	s.until("the container's own finding", func() bool { return s.at("many.zip") != nil })
	s.settled()
	if got := len(s.findings()); got > mostPlaces+1 {
		t.Errorf("got %d findings, want at most %d", got, mostPlaces+1)
	}
	if got := unionOf(t, s, s.findings()...); got != mostPlaces+50 {
		t.Errorf("got %d cards over all, want %d", got, mostPlaces+50)
	}
}

// TestCleanFilesShareCommits reads many clean files.
func TestCleanFilesShareCommits(t *testing.T) {
	s := newShop(t, "sqlite")
	const files = 3000
	for n := range files {
		s.write(fmt.Sprintf("d%d/f%d.txt", n%20, n), fmt.Sprintf("clean %d\n", n))
	}
	s.start()
	s.settled()
	kept := 0
	for _, err := range s.store.Marks(t.Context(), tenant.Default, s.root) {
		s.must(err)
		kept++
	}
	if kept != files {
		t.Errorf("got %d marks, want %d", kept, files)
	}
	if got := s.size(); got != 0 {
		t.Errorf("got %d entries for clean files, want none", got)
	}
}

// TestFileOfNumbers watches a large file of distinct numbers: memory, rows and
// entries stay bounded, the case does not wait for the end of the file, and a
// file whose mark was lost is not reported again.
func TestFileOfNumbers(t *testing.T) {
	s := newShop(t, "sqlite")
	s.tune = func(o *WatchOptions) { o.Gap = 20 * time.Millisecond }
	cards := int64(200_000)
	if raceEnabled {
		cards = 20_000
	}
	var b strings.Builder
	for n := range cards {
		b.WriteString(pan(int(n)))
		b.WriteByte('\n')
	}
	s.write("all.txt", b.String())
	b.Reset()
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s.start()
	s.has("all.txt", finding.Open, cards, cards)
	s.settled()
	f := s.at("all.txt")
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 64<<20 {
		t.Errorf("got %d MiB more on the heap", grown>>20)
	}
	if len(f.Sample) != finding.SampleSize || f.Version < 2 || f.Version > 14 || len(s.findings()) != 1 {
		t.Errorf("got %d samples, %d versions, %d findings", len(f.Sample), f.Version, len(s.findings()))
	}
	if c := s.cases(); len(c) != 1 || c[0].Exposure.Counted != (casefile.Range{Low: cards, High: cards}) {
		t.Errorf("got %+v", c)
	}
	s.must(s.store.Update(t.Context(), s.watch.who, func(ctx context.Context, tx record.Tx) error {
		return s.store.RemoveMark(ctx, tx, s.root, "all.txt", "")
	}))
	s.tune = nil
	size := s.size()
	s.start()
	s.settled()
	if got := s.has("all.txt", finding.Open, cards, cards); got.Version != f.Version || s.size() != size {
		t.Errorf("got version %d and %d entries, want %d and %d", got.Version, s.size(), f.Version, size)
	}
}

// TestSegmentGone removes the file that one finding's cards are kept in: new
// leaks are still told, beside it and in the file itself, and counted as a range.
func TestSegmentGone(t *testing.T) {
	s := newShop(t, "sqlite")
	s.write("a.log", lines(0, 20))
	s.start()
	a := s.has("a.log", finding.Open, 20, 20)
	s.settled()
	s.stop()
	digest := a.Segments[0].Digest
	s.must(os.Remove(filepath.Join(s.base, "segments", digest[:2], digest)))
	s.start()
	s.write("b.log", lines(15, 40))
	s.has("b.log", finding.Open, 25, 25)
	s.append("a.log", lines(60, 63))
	s.until("the finding that grew", func() bool { f := s.at("a.log"); return f != nil && f.Counts.Matches == 23 })
	s.settled()
	c := s.cases()[0]
	// 25 cards are read, 20 are known by number only, and three are new.
	if x := c.Exposure; x.Low.Cards != 28 || x.High.Cards != 48 || x.High.Assumption != "index_lost" {
		t.Errorf("got low %+v, high %+v; want 28 to 48, part of the index lost", x.Low, x.High)
	}
}

// TestUnsavedSegmentsAreKept sweeps while the database has refused a finding
// for hours: its cards must still be there when it is saved.
func TestUnsavedSegmentsAreKept(t *testing.T) {
	w := &Watch{files: map[fileKey]*watched{}}
	v := &version{segments: []finding.Segment{{Digest: "d1"}}}
	f := w.hold(fileKey{})
	f.pending = &pending{versions: map[string]*version{"": v}}
	if got, ok := w.unsavedSegments(); !ok || !got["d1"] {
		t.Errorf("got %v, %t; want the unsaved segment", got, ok)
	}
	f.mu.Lock()
	if _, ok := w.unsavedSegments(); ok {
		t.Error("a file that is held was looked at")
	}
	f.mu.Unlock()
}
