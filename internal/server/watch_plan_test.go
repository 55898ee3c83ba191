package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stanch/stanch/internal/actuator/filelock"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/config"
	"github.com/stanch/stanch/internal/containment"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
)

// A cutBook has no room once a file is gone.
type cutBook struct {
	record.Book
	file string
}

func (c cutBook) Update(ctx context.Context, who record.Who, change func(context.Context, record.Tx) error) error {
	if _, err := os.Stat(c.file); errors.Is(err, os.ErrNotExist) {
		return io.ErrShortWrite
	}
	return c.Book.Update(ctx, who, change)
}

// A trusting custody keeps nothing and says that it did.
type trusting struct{ book record.Book }

func (c trusting) Seal(ctx context.Context, who record.Who, o casefile.Original) (casefile.ExhibitID, error) {
	_, err := io.Copy(io.Discard, o.Content)
	err = errors.Join(err, c.book.Update(ctx, who, func(ctx context.Context, tx record.Tx) error { return o.Also(ctx, tx, "exhibit-1") }))
	return "exhibit-1", err
}

func (trusting) Verify(context.Context, record.Who, casefile.ExhibitID) error { return nil }

func (trusting) CheckPassphrase(context.Context, tenant.ID, string) error { return nil }

func (trusting) Restore(context.Context, record.Who, casefile.ExhibitID, string, string, func(casefile.Original) error) error {
	return nil
}

// A keeping custody holds one original in memory.
type keeping struct {
	trusting
	meta    []byte
	content []byte
}

func (c *keeping) Seal(ctx context.Context, who record.Who, o casefile.Original) (casefile.ExhibitID, error) {
	var err error
	c.meta = bytes.Clone(o.Meta)
	if c.content, err = io.ReadAll(o.Content); err != nil {
		return "", err
	}
	o.Content = bytes.NewReader(nil)
	return c.trusting.Seal(ctx, who, o)
}

func (c *keeping) Restore(_ context.Context, _ record.Who, _ casefile.ExhibitID, _, _ string, back func(casefile.Original) error) error {
	return back(casefile.Original{Meta: c.meta, Content: bytes.NewReader(c.content)})
}

// planner returns what makes plans in a shop.
func (s *shop) planner(book record.Book, custody containment.Custody) *containment.Planner {
	return &containment.Planner{
		Book: book, Store: s.store, Desk: s.watch.o.Desk, Custody: custody, Prober: s.watch, Follower: s.watch, Now: time.Now,
		Files: &filelock.Lock{Roots: func() []string { return []string{s.root} }},
	}
}

func person(id string) containment.Person {
	return containment.Person{Who: record.Who{Tenant: tenant.Default, Actor: id}, Presence: time.Now(), Method: "password"}
}

// approved returns a plan to lock the file of a finding, ready to be carried out.
func (s *shop) approved(ctx context.Context, p *containment.Planner, f *finding.Finding, mode containment.Mode) *containment.Plan {
	draft := containment.Draft{Case: casefile.ID(f.Case), Action: containment.Lock, Mode: mode, Findings: []finding.ID{f.ID}}
	plan, err := p.Draft(ctx, person("anna"), draft)
	s.must(err)
	plan, err = p.DryRun(ctx, person("anna"), plan.ID)
	s.must(err)
	s.must(p.Request(ctx, person("anna"), plan.ID, "stop it"))
	_, err = p.Approve(ctx, person("ben"), plan.ID, plan.Hash)
	s.must(err)
	return plan
}

// open waits until a place is open with so many cards. How often they were
// matched depends on how often a file that was brought back was read.
func (s *shop) open(name string, cards int64) (f *finding.Finding) {
	s.t.Helper()
	s.until(fmt.Sprintf("%s open with %d cards", name, cards), func() bool {
		f = s.at(name)
		return f != nil && f.State == finding.Open && f.Counts.Low == cards && f.Counts.High == cards
	})
	return f
}

// TestUndoneIsTheSamePlace locks a file, takes that back, and wants the one
// finding that was there before, open again, over a restart too.
func TestUndoneIsTheSamePlace(t *testing.T) {
	for _, tt := range []struct {
		mode  containment.Mode
		later bool // the watcher has taken leave of the file before
	}{{containment.Remove, false}, {containment.Remove, true}, {containment.Mask, false}, {containment.Mask, true}} {
		mode, later := tt.mode, tt.later
		t.Run(fmt.Sprint(mode, later), func(t *testing.T) {
			s, ctx := newShop(t, "sqlite"), t.Context()
			s.write("a.log", lines(0, 6))
			s.start()
			f := s.has("a.log", finding.Open, 6, 6)
			s.settled()
			p := s.planner(s.store, &keeping{trusting: trusting{s.store}})
			plan := s.approved(ctx, p, f, mode)
			_, err := p.Execute(ctx, person("anna"), plan.ID, "")
			s.must(err)
			s.has("a.log", finding.Locked, 6, 6)
			if later {
				s.settled()
			}
			_, err = p.Rollback(ctx, person("anna"), plan.ID, "passphrase", "we need it")
			s.must(err)
			s.settled()
			again := s.open("a.log", 6)
			if all := s.findings(); len(all) != 1 || again.ID != f.ID {
				t.Errorf("got %d findings, the open one %s, want %s alone", len(all), again.ID, f.ID)
			}
			s.append("a.log", lines(6, 8))
			s.open("a.log", 8)
			s.start()
			s.settled()
			if all := s.findings(); len(all) != 1 {
				t.Errorf("after a restart: got %d findings, want 1", len(all))
			}
		})
	}
}

// TestPlanResumedBeforeTheWatcher cuts a lock off once the file is taken, and
// resumes it, as a start does, before the watcher has begun.
func TestPlanResumedBeforeTheWatcher(t *testing.T) {
	s, ctx := newShop(t, "sqlite"), t.Context()
	s.write("a.log", lines(0, 6))
	s.start()
	f := s.has("a.log", finding.Open, 6, 6)
	s.settled()
	p := s.planner(cutBook{s.store, s.path("a.log")}, trusting{s.store})
	plan := s.approved(ctx, p, f, containment.Remove)
	if _, err := p.Execute(ctx, person("anna"), plan.ID, ""); !errors.Is(err, io.ErrShortWrite) {
		t.Fatalf("got %v, want %v", err, io.ErrShortWrite)
	}
	state := func(want containment.State) {
		t.Helper()
		got, err := p.Plan(ctx, tenant.Default, plan.ID)
		s.must(err)
		if got.State != want {
			t.Fatalf("got a plan that is %s (%s), want %s", got.State, got.Why, want)
		}
	}
	begun := s.watch
	var err error
	s.watch, err = NewWatch(begun.o)
	s.must(err)
	newPatrol(s.watch, []config.Root{{Path: s.root}}, nil, time.Now, s.watch.o.Logger)
	p = s.planner(s.store, trusting{s.store})
	var log bytes.Buffer
	p.Log = slog.New(slog.NewTextHandler(&log, nil))
	s.must(p.Resume(ctx, tenant.Default))
	state(containment.Executing)
	if log.Len() > 0 {
		t.Errorf("got the log %q of a watcher that has not begun, want nothing: it is no fault", log.String())
	}
	for _, err := range s.watch.Known(ctx, s.root) {
		s.must(err)
	}
	s.must(p.Resume(ctx, tenant.Default))
	state(containment.Active)
}

// private is a name that an actuator might give a.log while it is at it.
const private = ".stanch-0123456789ab-a.log"

// places returns where findings lie open, relative to the shop's folder.
func (s *shop) places() (open []string) {
	for _, f := range s.findings() {
		if f.State == finding.Open {
			rel, err := filepath.Rel(s.root, f.Place.Shown())
			s.must(err)
			open = append(open, rel)
		}
	}
	slices.Sort(open)
	return open
}

// TestUndoCutOffIsTheSamePlace leaves behind what an undo writes before it can
// say what that is, and wants the place that was locked, open, and no other,
// over a restart and once the undo was done again.
func TestUndoCutOffIsTheSamePlace(t *testing.T) {
	for _, down := range []bool{false, true} {
		t.Run(fmt.Sprint(down), func(t *testing.T) {
			s, ctx := newShop(t, "sqlite"), t.Context()
			s.write("a.log", lines(0, 6))
			s.start()
			f := s.has("a.log", finding.Open, 6, 6)
			s.settled()
			p := s.planner(s.store, &keeping{trusting: trusting{s.store}})
			plan := s.approved(ctx, p, f, containment.Remove)
			_, err := p.Execute(ctx, person("anna"), plan.ID, "")
			s.must(err)
			s.has("a.log", finding.Locked, 6, 6)
			s.settled()
			custody := p.Custody
			if down {
				s.stop()
			}
			s.write(private, lines(0, 6))
			if down {
				s.start()
				p = s.planner(s.store, custody)
			}
			s.open("a.log", 6)
			s.settled()
			s.must(os.Remove(s.path(private))) // as the second attempt does
			_, err = p.Rollback(ctx, person("anna"), plan.ID, "passphrase", "we need it")
			s.must(err)
			s.settled()
			s.lies("a.log", 6)
			s.start()
			s.settled()
			if at := s.places(); !slices.Equal(at, []string{"a.log"}) {
				t.Errorf("got findings open at %q, want one, at a.log", at)
			}
		})
	}
}

// TestPrivateNameIsNoPlace leaves a file of numbers under a private name, with
// nothing known of it: it is found, under the name that is its own.
func TestPrivateNameIsNoPlace(t *testing.T) {
	s := newShop(t, "sqlite")
	s.write("sub/"+private, lines(0, 6))
	s.write(".stanch-notes", lines(6, 12)) // no private name, only like one
	s.start()
	s.open("sub/a.log", 6)
	s.open(".stanch-notes", 6)
	s.must(os.Rename(s.path("sub/"+private), s.path("sub/a.log")))
	s.settled()
	if at := s.places(); !slices.Equal(at, []string{".stanch-notes", "sub/a.log"}) {
		t.Errorf("got findings open at %q, want .stanch-notes and sub/a.log alone", at)
	}
}

// TestReturnsLate tells the watcher of a file that comes back only when it has
// taken that for one of its own.
func TestReturnsLate(t *testing.T) {
	s, ctx := newShop(t, "sqlite"), t.Context()
	s.write("a.log", lines(0, 6))
	s.start()
	f := s.has("a.log", finding.Open, 6, 6)
	s.settled()
	p := s.planner(s.store, &keeping{trusting: trusting{s.store}})
	plan := s.approved(ctx, p, f, containment.Remove)
	_, err := p.Execute(ctx, person("anna"), plan.ID, "")
	s.must(err)
	s.write("b.log", lines(0, 6)) // as if it were written under a private name
	s.open("b.log", 6)
	file, err := os.Open(s.path("b.log"))
	s.must(err)
	defer file.Close()
	s.must(s.watch.Returns(ctx, []finding.ID{f.ID}, file))
	if at := s.places(); len(at) > 0 {
		t.Errorf("got findings open at %q, want none before the plan says so", at)
	}
}

// lies waits for an open finding of so many cards at a place, whatever else was
// found there before.
func (s *shop) lies(name string, cards int64) (at *finding.Finding) {
	s.t.Helper()
	s.until(fmt.Sprintf("%s open with %d cards", name, cards), func() bool {
		for _, f := range s.findings() {
			if f.Place.Shown() == s.path(name) && f.State == finding.Open && f.Counts.Low == cards && f.Counts.High == cards {
				at = f
			}
		}
		return at != nil
	})
	return at
}

// TestBackBesideAnother locks a file, writes a harmless one of its name, takes
// the lock back, and wants the place where the numbers are, over a restart too.
func TestBackBesideAnother(t *testing.T) {
	s, ctx := newShop(t, "sqlite"), t.Context()
	s.write("a.log", lines(0, 6))
	s.start()
	f := s.has("a.log", finding.Open, 6, 6)
	s.settled()
	p := s.planner(s.store, &keeping{trusting: trusting{s.store}})
	plan := s.approved(ctx, p, f, containment.Remove)
	_, err := p.Execute(ctx, person("anna"), plan.ID, "")
	s.must(err)
	s.settled()
	s.write("a.log", "all is well\n")
	s.settled()
	_, err = p.Rollback(ctx, person("anna"), plan.ID, "passphrase", "we need it")
	s.must(err)
	const beside = "a.log.stanch-restored"
	for range 2 {
		if back := s.lies(beside, 6); back.ID != f.ID {
			t.Errorf("got finding %s, want %s, which was locked", back.ID, f.ID)
		}
		s.settled()
		if at := s.places(); !slices.Equal(at, []string{beside}) {
			t.Errorf("got findings open at %q, want one, at %s", at, beside)
		}
		if clean, err := s.rescan(f.ID); err != nil || len(clean) > 0 {
			t.Errorf("scanned again: got %v clean, error %v, want neither", clean, err)
		}
		s.start()
	}
	s.append("a.log", lines(6, 8))
	s.lies("a.log", 2)
	s.lies(beside, 6)
}

// TestBackBesideMasked masks a file, has more written to the masked copy, takes
// the lock back, and wants two places, each with what lies there.
func TestBackBesideMasked(t *testing.T) {
	s, ctx := newShop(t, "sqlite"), t.Context()
	s.write("a.log", lines(0, 6))
	s.start()
	f := s.has("a.log", finding.Open, 6, 6)
	s.settled()
	p := s.planner(s.store, &keeping{trusting: trusting{s.store}})
	plan := s.approved(ctx, p, f, containment.Mask)
	_, err := p.Execute(ctx, person("anna"), plan.ID, "")
	s.must(err)
	s.has("a.log", finding.Locked, 6, 6)
	s.settled()
	s.append("a.log", lines(6, 8))
	s.lies("a.log", 2)
	s.settled()
	_, err = p.Rollback(ctx, person("anna"), plan.ID, "passphrase", "we need it")
	s.must(err)
	const beside = "a.log.stanch-restored"
	for range 2 {
		if back := s.lies(beside, 6); back.ID != f.ID {
			t.Errorf("got finding %s, want %s, which was locked", back.ID, f.ID)
		}
		s.lies("a.log", 2)
		s.settled()
		if at := s.places(); !slices.Equal(at, []string{"a.log", beside}) {
			t.Errorf("got findings open at %q, want a.log and %s", at, beside)
		}
		s.start()
	}
	s.append(beside, lines(8, 9))
	s.append("a.log", lines(9, 10))
	s.lies(beside, 7)
	s.lies("a.log", 3)
}
