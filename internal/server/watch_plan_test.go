package server

import (
	"context"
	"errors"
	"io"
	"os"
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

// TestPlanResumedBeforeTheWatcher cuts a lock off once the file is taken, and
// resumes it, as a start does, before the watcher has begun.
func TestPlanResumedBeforeTheWatcher(t *testing.T) {
	s, ctx := newShop(t, "sqlite"), t.Context()
	s.write("a.log", lines(0, 6))
	s.start()
	f := s.has("a.log", finding.Open, 6, 6)
	s.settled()
	planner := func(book record.Book) *containment.Planner {
		return &containment.Planner{
			Book: book, Store: s.store, Desk: s.watch.o.Desk, Custody: trusting{s.store}, Prober: s.watch, Now: time.Now,
			Files: &filelock.Lock{Roots: func() []string { return []string{s.root} }},
		}
	}
	person := func(id string) containment.Person {
		return containment.Person{Who: record.Who{Tenant: tenant.Default, Actor: id}, Presence: time.Now(), Method: "password"}
	}
	p := planner(cutBook{s.store, s.path("a.log")})
	draft := containment.Draft{Case: casefile.ID(f.Case), Action: containment.Lock, Mode: containment.Remove, Findings: []finding.ID{f.ID}}
	plan, err := p.Draft(ctx, person("anna"), draft)
	s.must(err)
	plan, err = p.DryRun(ctx, person("anna"), plan.ID)
	s.must(err)
	s.must(p.Request(ctx, person("anna"), plan.ID, "stop it"))
	_, err = p.Approve(ctx, person("ben"), plan.ID, plan.Hash)
	s.must(err)
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
	s.watch, err = NewWatch(begun.o)
	s.must(err)
	newPatrol(s.watch, []config.Root{{Path: s.root}}, nil, time.Now, s.watch.o.Logger)
	p = planner(s.store)
	s.must(p.Resume(ctx, tenant.Default))
	state(containment.Executing)
	for _, err := range s.watch.Known(ctx, s.root) {
		s.must(err)
	}
	s.must(p.Resume(ctx, tenant.Default))
	state(containment.Active)
}
