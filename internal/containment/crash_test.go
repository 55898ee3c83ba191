package containment_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/containment"
	"github.com/stanch/stanch/internal/tenant"
)

// child locks two files in a process of its own, and rolls back if told, so
// that it can be killed on the way.
func child(dir string) int {
	ctx := context.Background()
	s, err := openSite(ctx, dir, "sqlite:"+filepath.Join(dir, "stanch.db"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	ids, id, err := s.plant(ctx, "a.log", "b.log")
	if err == nil {
		err = os.Link(filepath.Join(s.root, "b.log"), filepath.Join(s.root, "c.log"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	draft := containment.Draft{Case: id, Action: containment.Lock, Mode: containment.Mode(os.Getenv("CONTAINMENT_MODE")), Findings: ids}
	plan, err := s.approved(ctx, draft)
	if err == nil {
		plan, err = s.Execute(ctx, s.person("anna"), plan.ID, "")
	}
	if err == nil && os.Getenv("CONTAINMENT_BACK") != "" {
		_, err = s.Rollback(ctx, s.person("anna"), plan.ID, s.passphrase, "again")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// runChild runs child in dir until it ends or is killed.
func runChild(t *testing.T, dir string, mode containment.Mode, back bool, env ...string) error {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "CONTAINMENT_CHILD="+dir, "CONTAINMENT_MODE="+string(mode))
	if back {
		cmd.Env = append(cmd.Env, "CONTAINMENT_BACK=1")
	}
	cmd.Env = append(cmd.Env, env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if cmd.ProcessState.ExitCode() > 0 {
		t.Fatalf("got %v\n%s", err, out.String())
	}
	return err
}

// steps lists the durable steps that a child goes through, from the first one
// of the name given on. Of those that the store and its files go through over
// and over it keeps the first and the last, unless STANCH_SOAK is set.
func steps(t *testing.T, mode containment.Mode, back bool, from string) []string {
	t.Helper()
	dir := t.TempDir()
	log := filepath.Join(dir, "steps")
	check(t, runChild(t, dir, mode, back, "STANCH_CRASH_LOG="+log))
	raw, err := os.ReadFile(log)
	check(t, err)
	var all []string
	count, first := map[string]int{}, map[string]int{}
	reached := false
	for _, name := range strings.Fields(string(raw)) {
		count[name]++
		if reached = reached || name == from; !reached {
			continue
		}
		if first[name] == 0 {
			first[name] = count[name]
		}
		all = append(all, fmt.Sprintf("%s:%d", name, count[name]))
	}
	return slices.DeleteFunc(all, func(step string) bool {
		name, n, _ := strings.Cut(step, ":")
		own := strings.HasPrefix(name, "plan.") || strings.HasPrefix(name, "filelock.") || strings.HasPrefix(name, "evidence.")
		return !own && os.Getenv("STANCH_SOAK") == "" && n != strconv.Itoa(first[name]) && n != strconv.Itoa(count[name])
	})
}

// TestKilledAnywhere kills the process at each durable step of a lock and of a
// rollback, and wants the next start to finish the lock, with every file
// sealed, taken and restorable bit for bit, and nothing left lying about.
func TestKilledAnywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("make test runs this without the race detector, which its children would not see anyway")
	}
	for _, mode := range []containment.Mode{containment.Remove, containment.Mask} {
		for _, back := range []bool{false, true} {
			from := "plan.begun"
			if back {
				from = "plan.restoring"
			}
			at := steps(t, mode, back, from)
			if len(at) < 10 {
				t.Fatalf("got %d steps, want more", len(at))
			}
			for _, step := range at {
				t.Run(fmt.Sprintf("%s/%v/%s", mode, back, step), func(t *testing.T) { killedAt(t, mode, back, step) })
			}
		}
	}
}

func killedAt(t *testing.T, mode containment.Mode, back bool, step string) {
	t.Parallel()
	dir, ctx := t.TempDir(), t.Context()
	if runChild(t, dir, mode, back, "STANCH_CRASH_AT="+step) == nil {
		t.Fatal("got a child that was not killed")
	}
	s, err := openSite(ctx, dir, "sqlite:"+filepath.Join(dir, "stanch.db"))
	check(t, err)
	defer s.store.Close()
	check(t, s.custodian.Sweep(ctx, tenant.Default))
	check(t, s.Resume(ctx, tenant.Default))
	plans, err := s.store.PlansIn(ctx, tenant.Default, containment.States()...)
	if err != nil || len(plans) != 1 {
		t.Fatalf("got %d plans, %v; want 1", len(plans), err)
	}
	plan := plans[0]
	s.wantNoStrays(t, plan.Terms.Case)
	if !back {
		wantState(t, plan, nil, containment.Active)
		for _, r := range plan.Results {
			check(t, s.custodian.Verify(ctx, system, r.Exhibit))
		}
		s.wantTaken(t, mode)
	}
	if plan.State != containment.RolledBack {
		plan, err = s.Rollback(ctx, s.person("anna"), plan.ID, s.passphrase, "bring it back")
		wantState(t, plan, err, containment.RolledBack)
	}
	names := []string{"a.log", "b.log", "c.log"}
	if got := s.names(t); !slices.Equal(got, names) {
		t.Errorf("got files %v, want %v", got, names)
	}
	for _, name := range names {
		if raw, err := os.ReadFile(filepath.Join(s.root, name)); err != nil || string(raw) != leak() {
			t.Errorf("got %d bytes, %v; want %s as it was", len(raw), err, name)
		}
	}
	if _, err := s.store.VerifyDeep(ctx); err != nil {
		t.Errorf("got %v, want a ledger that replays", err)
	}
}

// wantTaken checks that no name holds card data and no private name is left.
func (s *site) wantTaken(t *testing.T, mode containment.Mode) {
	t.Helper()
	want := []string{}
	if mode == containment.Mask {
		want = []string{"a.log", "b.log", "c.log"}
	}
	got := s.names(t)
	if !slices.Equal(got, want) {
		t.Errorf("got files %v, want %v", got, want)
	}
	for _, name := range got {
		raw, err := os.ReadFile(filepath.Join(s.root, name))
		if err != nil || !strings.Contains(string(raw), "******") || strings.Contains(string(raw), leak()[:40]) {
			t.Errorf("got %.60q, %v; want %s masked", raw, err, name)
		}
	}
}

// wantNoStrays checks that every ciphertext belongs to an exhibit.
func (s *site) wantNoStrays(t *testing.T, id casefile.ID) {
	t.Helper()
	all, err := s.custodian.Exhibits(t.Context(), tenant.Default, id)
	check(t, err)
	blobs, err := filepath.Glob(filepath.Join(s.custodian.Dir, string(tenant.Default), "??", "*.age"))
	if err != nil || len(blobs) != len(all) {
		t.Errorf("got %d ciphertexts, %v; want %d", len(blobs), err, len(all))
	}
}

func (s *site) names(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(s.root)
	check(t, err)
	names := []string{}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
