package store_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/store"
	"github.com/stanch/stanch/internal/store/storetest"
	"github.com/stanch/stanch/internal/tenant"
)

var (
	watcher = record.Who{Tenant: tenant.Default, Actor: record.System}
	other   = record.Who{Tenant: "other", Actor: record.System}
)

func mark(path string, offset int64) store.Mark {
	return store.Mark{
		Root: "/pos\xff", Path: path, File: "1-2-3", Origin: fmt.Sprintf("o-%x", path), Size: 100, Offset: offset, Line: 3, ModTime: 5,
		Head: []byte("0123456789abcdef"), HeadLen: 100, Tail: []byte("fedcba9876543210"), Generation: 2, Whole: true,
	}
}

func change(t testing.TB, s *store.Store, who record.Who, f func(context.Context, record.Tx) error) {
	t.Helper()
	if err := s.Update(t.Context(), who, f); err != nil {
		t.Fatal(err)
	}
}

func marksOf(t testing.TB, s *store.Store, who record.Who) (all []store.Mark) {
	t.Helper()
	for m, err := range s.Marks(t.Context(), who.Tenant, "/pos\xff") {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b store.Mark) int { return strings.Compare(a.Path, b.Path) })
	return all
}

func TestMarks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url, storetest.NewKey(t), nil)
		save := func(marks ...store.Mark) {
			t.Helper()
			change(t, s, watcher, func(ctx context.Context, tx record.Tx) error { return s.SaveMarks(ctx, tx, marks...) })
		}
		want := func(marks ...store.Mark) {
			t.Helper()
			if got := marksOf(t, s, watcher); !reflect.DeepEqual(got, marks) {
				t.Fatalf("got %+v, want %+v", got, marks)
			}
		}
		save(mark("a\xfe/b\n", 1), mark("c", 1), mark("c", 2))
		want(mark("a\xfe/b\n", 1), mark("c", 2))
		save(mark("c", 3))
		want(mark("a\xfe/b\n", 1), mark("c", 3))
		change(t, s, watcher, func(ctx context.Context, tx record.Tx) error {
			return errors.Join(s.MoveMark(ctx, tx, "c", mark("d", 4)), s.RemoveMark(ctx, tx, "/pos\xff", "a\xfe/b\n", ""))
		})
		want(mark("d", 4))
		if got, err := s.MarkOf(t.Context(), tenant.Default, "/pos\xff", "o-64"); err != nil || !reflect.DeepEqual(got, mark("d", 4)) {
			t.Fatalf("got %+v, %v", got, err)
		}
		// Nothing of it is another tenant's.
		if got := marksOf(t, s, other); len(got) != 0 {
			t.Fatalf("another tenant got %+v", got)
		}
		if _, err := s.MarkOf(t.Context(), other.Tenant, "/pos\xff", "o-64"); !errors.Is(err, record.ErrNone) {
			t.Fatalf("another tenant got %v, want none", err)
		}
		change(t, s, other, func(ctx context.Context, tx record.Tx) error { return s.RemoveMark(ctx, tx, "/pos\xff", "d", "") })
		change(t, s, watcher, func(ctx context.Context, tx record.Tx) error {
			return s.RemoveMark(ctx, tx, "/pos\xff", "d", "another file")
		})
		want(mark("d", 4))
	})
}

func TestManyMarksInOneCommit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url, storetest.NewKey(t), nil)
		var marks []store.Mark
		for i := range 3 * 500 / 2 {
			marks = append(marks, mark(fmt.Sprintf("%05d", i), int64(i)))
		}
		change(t, s, watcher, func(ctx context.Context, tx record.Tx) error { return s.SaveMarks(ctx, tx, marks...) })
		if got := marksOf(t, s, watcher); !reflect.DeepEqual(got, marks) {
			t.Fatalf("got %d marks, want %d", len(got), len(marks))
		}
	})
}

// TestMarkCommitsWithFinding fails after the mark was written: neither stays.
func TestMarkCommitsWithFinding(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url, storetest.NewKey(t), nil)
		desk := newDesk(t, s)
		batch := casefile.Batch{Seen: []finding.Seen{seen("/pos", "/pos/a.log", 7)}}
		refuse := errors.New("refused")
		batch.Also = func(ctx context.Context, tx record.Tx) error {
			return errors.Join(s.SaveMarks(ctx, tx, mark("a.log", 1)), refuse)
		}
		if err := desk.Take(t.Context(), watcher, batch); !errors.Is(err, refuse) {
			t.Fatalf("got %v, want %v", err, refuse)
		}
		files, err := s.FilesWithFindings(t.Context(), tenant.Default, "/pos")
		if err != nil || len(files) != 0 || len(marksOf(t, s, watcher)) != 0 {
			t.Fatalf("got %v, %v and marks, want nothing", files, err)
		}
		batch.Also = func(ctx context.Context, tx record.Tx) error { return s.SaveMarks(ctx, tx, mark("a.log", 1)) }
		if err := desk.Take(t.Context(), watcher, batch); err != nil {
			t.Fatal(err)
		}
		files, err = s.FilesWithFindings(t.Context(), tenant.Default, "/pos")
		if err != nil || !slices.Equal(files, []string{"file-/pos/a.log"}) || len(marksOf(t, s, watcher)) != 1 {
			t.Fatalf("got %v, %v, want one file and its mark", files, err)
		}
		used, err := s.SegmentsInUse(t.Context(), tenant.Default)
		if err != nil || !used["d-/pos/a.log"] || len(used) != 1 {
			t.Fatalf("got %v, %v, want the one segment", used, err)
		}
		if used, err := s.SegmentsInUse(t.Context(), other.Tenant); err != nil || len(used) != 0 {
			t.Fatalf("another tenant got %v, %v", used, err)
		}
		if files, err := s.FilesWithFindings(t.Context(), other.Tenant, "/pos"); err != nil || len(files) != 0 {
			t.Fatalf("another tenant got %v, %v", files, err)
		}
	})
}

func TestTroubles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url, storetest.NewKey(t), nil)
		zip := []store.Trouble{
			{Root: "/pos", Path: "/pos/a.zip", Member: "x", Cause: "encrypted", Parts: 2, Bytes: 10, Since: 2},
			{Root: "/pos", Path: "/pos/a.zip", Cause: "broken", Parts: 1, Bytes: -1, Since: 2},
		}
		shut := store.Trouble{Root: "/pos", Path: "/pos/shut", Cause: "unreadable", Parts: 1, Since: 1}
		change(t, s, watcher, func(ctx context.Context, tx record.Tx) error {
			return errors.Join(s.SaveTroubles(ctx, tx, store.Content, "/pos", "/pos/a.zip", zip...),
				s.SaveTroubles(ctx, tx, store.Access, "/pos", "/pos/shut", shut))
		})
		check := func(want ...store.Trouble) {
			t.Helper()
			if got, err := s.Troubles(t.Context(), tenant.Default, 10); err != nil || !reflect.DeepEqual(got, want) {
				t.Fatalf("got %+v, %v, want %+v", got, err, want)
			}
		}
		check(zip[1], zip[0], shut)
		if got, err := s.CountTroubles(t.Context(), tenant.Default); err != nil || got["encrypted"] != 2 || got["unreadable"] != 1 {
			t.Fatalf("got %v, %v", got, err)
		}
		// Layers do not take each other back; a move takes the file's along.
		change(t, s, watcher, func(ctx context.Context, tx record.Tx) error {
			return errors.Join(s.SaveTroubles(ctx, tx, store.Access, "/pos", "/pos/a.zip"),
				s.MoveTroubles(ctx, tx, store.Content, "/pos", "/pos/a.zip", "/pos/b.zip"),
				s.ClearTroubles(ctx, tx, store.Access, "/pos"))
		})
		zip[0].Path, zip[1].Path = "/pos/b.zip", "/pos/b.zip"
		check(zip[1], zip[0])
		if got, err := s.TroubledPaths(t.Context(), tenant.Default, store.Content, "/pos"); err != nil || !slices.Equal(got, []string{"/pos/b.zip"}) {
			t.Fatalf("got %v, %v", got, err)
		}
		change(t, s, other, func(ctx context.Context, tx record.Tx) error {
			return errors.Join(s.ClearTroubles(ctx, tx, store.Content, "/pos"), s.SaveTroubles(ctx, tx, store.Content, "/pos", "/pos/b.zip"),
				s.MoveTroubles(ctx, tx, store.Content, "/pos", "/pos/b.zip", "/pos/c"))
		})
		check(zip[1], zip[0])
		if got, err := s.Troubles(t.Context(), other.Tenant, 10); err != nil || len(got) != 0 {
			t.Fatalf("another tenant got %v, %v", got, err)
		}
		if got, err := s.CountTroubles(t.Context(), other.Tenant); err != nil || len(got) != 0 {
			t.Fatalf("another tenant got %v, %v", got, err)
		}
		if got, err := s.TroubledPaths(t.Context(), other.Tenant, store.Content, "/pos"); err != nil || len(got) != 0 {
			t.Fatalf("another tenant got %v, %v", got, err)
		}
	})
}
