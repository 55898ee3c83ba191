package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/store"
	"github.com/stanch/stanch/internal/store/storetest"
	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/ledger"
	"github.com/stanch/stanch/packs"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

var anna = record.Who{Tenant: tenant.Default, Actor: "account-1"}

// noCards counts the cards of segments as they say of themselves.
type noCards struct{}

func (noCards) Union(_ context.Context, segments []finding.Segment) (casefile.Union, error) {
	var u casefile.Union
	for _, s := range segments {
		u.Low, u.High = u.Low+s.Cards, u.High+s.Cards
	}
	return u, nil
}

func newDesk(t testing.TB, s *store.Store) *casefile.Desk {
	t.Helper()
	p, err := packs.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &casefile.Desk{Store: s, Cards: noCards{}, Packs: p}
}

func seen(root, path string, cards int64) finding.Seen {
	return finding.Seen{
		Place:    finding.Place{Root: root, Path: path, File: "file-" + path},
		Counts:   finding.Counts{Matches: cards, Low: cards, High: cards, Judged: cards, Kinds: map[string]int64{"pan": cards}},
		Segments: []finding.Segment{{Digest: "d-" + path, Cards: cards}},
	}
}

func TestCaseFromFinding(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		key := storetest.NewKey(t)
		s := storetest.Open(t, url, key, nil)
		desk := newDesk(t, s)
		system := record.Who{Tenant: tenant.Default, Actor: record.System}
		batch := casefile.Batch{Seen: []finding.Seen{seen("/pos", "/pos/logs/a.log", 60)}}
		if err := desk.Take(t.Context(), system, batch); err != nil {
			t.Fatal(err)
		}
		cases, err := s.Cases(t.Context(), tenant.Default, store.CaseFilter{})
		if err != nil || len(cases) != 1 {
			t.Fatalf("got %d cases, %v; want 1", len(cases), err)
		}
		c := cases[0]
		if c.State != casefile.Suspected || c.Number != 1 || c.Findings != 1 || c.Exposure.Counted != (casefile.Range{Low: 60, High: 60}) {
			t.Errorf("got case %+v", c)
		}
		// A second finding in the same folder joins; the same one again does not open another.
		batch.Seen = append(batch.Seen, seen("/pos", "/pos/logs/b.log", 70))
		if err := desk.Take(t.Context(), system, batch); err != nil {
			t.Fatal(err)
		}
		if cases, err = s.Cases(t.Context(), tenant.Default, store.CaseFilter{}); err != nil || len(cases) != 1 {
			t.Fatalf("got %d cases, %v; want still 1", len(cases), err)
		}
		if got := cases[0].Exposure.Counted.High; got != 130 {
			t.Errorf("got %d cards, want 130", got)
		}
		walkCase(t, desk, s, c.ID)
		checkLedger(t, s, key)
	})
}

// walkCase takes a case from suspected to closed and open again.
func walkCase(t *testing.T, desk *casefile.Desk, s *store.Store, id casefile.ID) {
	t.Helper()
	ctx := t.Context()
	if err := desk.Close(ctx, anna, id, "early"); !errors.Is(err, casefile.ErrState) {
		t.Errorf("close suspected: got %v, want ErrState", err)
	}
	if err := desk.Confirm(ctx, anna, id, "log was on"); err != nil {
		t.Fatal(err)
	}
	if err := desk.Close(ctx, anna, id, "early"); !errors.Is(err, casefile.ErrGates) {
		t.Errorf("close with open stages: got %v, want ErrGates", err)
	}
	if err := desk.Note(ctx, anna, id, "called the acquirer", "", time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	for _, stage := range desk.Packs.Playbook.Stages {
		if err := desk.Mark(ctx, anna, id, casefile.Marked{What: "stage", Item: stage.ID, State: "not_needed"}, time.Time{}); !errors.Is(err, casefile.ErrReason) {
			t.Fatalf("stage without reason: got %v, want ErrReason", err)
		}
		if err := desk.Mark(ctx, anna, id, casefile.Marked{What: "stage", Item: stage.ID, State: "not_needed", Reason: "test"}, time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	c, err := desk.Case(ctx, tenant.Default, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, gate := range desk.Packs.Playbook.Gates {
		for _, a := range gate.Answers {
			if a.Satisfies {
				m := casefile.Marked{What: "gate", Item: gate.ID, State: a.ID, Reason: "seen", Evidence: []string{c.Notes[0].ID}}
				if err := desk.Mark(ctx, anna, id, m, time.Time{}); err != nil {
					t.Fatal(err)
				}
				break
			}
		}
	}
	if err := desk.Close(ctx, anna, id, "log off, file locked"); err != nil {
		t.Fatal(err)
	}
	if err := desk.Reopen(ctx, anna, id, "came back"); err != nil {
		t.Fatal(err)
	}
	c, err = desk.Case(ctx, tenant.Default, id)
	if err != nil || c.State != casefile.Confirmed {
		t.Errorf("got %v, %v; want confirmed", c, err)
	}
	if _, err := desk.Case(ctx, "other", id); !errors.Is(err, casefile.ErrNoCase) {
		t.Errorf("other tenant: got %v, want ErrNoCase", err)
	}
}

func checkLedger(t *testing.T, s *store.Store, key storetest.Key) {
	t.Helper()
	if _, err := s.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	verdict, err := s.Verify(t.Context(), key.Verifier)
	if err != nil {
		t.Fatal(err)
	}
	if size, err := s.Size(t.Context()); err != nil || verdict.Size != size || size == 0 {
		t.Errorf("verified %d entries, want %d, %v", verdict.Size, size, err)
	}
	if rows, err := s.VerifyDeep(t.Context()); err != nil || rows == 0 {
		t.Errorf("deep: got %d rows, %v", rows, err)
	}
}

func TestErase(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		key := storetest.NewKey(t)
		s := storetest.Open(t, url, key, nil)
		desk := newDesk(t, s)
		id, joined, err := desk.Report(t.Context(), anna, casefile.Sign{Kind: "skimmer", Reporter: "staff", Place: "till 3", Cards: casefile.Range{Low: 10, High: 40}}, "")
		if err != nil || joined {
			t.Fatal(joined, err)
		}
		if err := desk.Note(t.Context(), anna, id, "a name that must go", "", time.Time{}); err != nil {
			t.Fatal(err)
		}
		entries, err := s.Entries(t.Context(), tenant.Default, store.EntryFilter{Kind: "case.noted"})
		if err != nil || len(entries) != 1 {
			t.Fatal(len(entries), err)
		}
		c, err := desk.Case(t.Context(), tenant.Default, id)
		if err != nil {
			t.Fatal(err)
		}
		if err := desk.Erase(t.Context(), anna, id, "no such item", "request"); !errors.Is(err, casefile.ErrUnknown) {
			t.Errorf("erase nothing: got %v, want ErrUnknown", err)
		}
		if err := desk.Erase(t.Context(), anna, id, c.Notes[0].ID, "request"); err != nil {
			t.Fatal(err)
		}
		if c, err = desk.Case(t.Context(), tenant.Default, id); err != nil || len(c.Notes) != 0 {
			t.Errorf("note is still there: %v, %v", c.Notes, err)
		}
		if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
			for _, name := range []string{path, path + "-wal"} {
				if held, err := os.ReadFile(name); err != nil || strings.Contains(string(held), "a name that must go") {
					t.Errorf("%s still holds what was erased (%v)", filepath.Base(name), err)
				}
			}
		}
		checkLedger(t, s, key)
		if verdict, err := s.Verify(t.Context(), key.Verifier); err != nil || verdict.Erased != 1 {
			t.Errorf("got %+v, %v; want 1 erased", verdict, err)
		}
	})
}

func TestTampering(t *testing.T) {
	damage := map[string]struct {
		sql  string
		want string // part of the fault
		deep bool
	}{
		"payload":      {`UPDATE ledger_entries SET payload = (SELECT payload FROM ledger_entries WHERE idx = 3) WHERE idx = 2`, "entry 2: payload", false},
		"leaf":         {`UPDATE ledger_entries SET leaf = (SELECT leaf FROM ledger_entries WHERE idx = 3) WHERE idx = 2`, "entry 2: payload", false},
		"removed":      {`DELETE FROM ledger_entries WHERE idx = 1`, "entry 1: is missing", false},
		"tail":         {`DELETE FROM ledger_entries WHERE idx = (SELECT MAX(idx) FROM ledger_entries)`, "is missing", false},
		"quiet erase":  {`UPDATE ledger_entries SET payload = NULL, salt = NULL, erased_by = 3 WHERE idx = 2`, "does not say that it was erased", false},
		"node":         {`UPDATE ledger_nodes SET hash = (SELECT hash FROM ledger_nodes WHERE idx = 3) WHERE idx = 1`, "stored hash", false},
		"entry's row":  {`UPDATE ledger_entries SET case_id = 'other' WHERE idx = 2`, "entry 2: its row", false},
		"head's size":  {`UPDATE ledger_head SET size = size - 1`, "is said to have", false},
		"row":          {`UPDATE cases SET body = REPLACE(body, 'suspected', 'confirmed')`, "differs from what its entries say", true},
		"column":       {`UPDATE cases SET severity = 1`, "differs", true},
		"row removed":  {`DELETE FROM cases`, "not in the database", true},
		"row invented": {`INSERT INTO findings (tenant_id,id,version,body,case_id,state,sensitive,root,file,first_seen,last_seen,cards) VALUES ('main','zz',1,'{}','','',0,'','',0,0,0)`, "no entry made it", true},
	}
	for name, d := range damage {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, url string) {
				key := storetest.NewKey(t)
				s := storetest.Open(t, url, key, nil)
				desk := newDesk(t, s)
				for _, place := range []string{"a", "b"} {
					if _, _, err := desk.Report(t.Context(), anna, casefile.Sign{Kind: "skimmer", Reporter: "staff", Place: place}, ""); err != nil {
						t.Fatal(err)
					}
				}
				execSQL(t, url, d.sql)
				_, err := s.Verify(t.Context(), key.Verifier)
				if d.deep {
					if err != nil {
						t.Fatalf("verify: %v", err)
					}
					_, err = s.VerifyDeep(t.Context())
				}
				var fault *ledger.Fault
				if !errors.As(err, &fault) || !strings.Contains(err.Error(), d.want) {
					t.Errorf("got %v, want a fault with %q", err, d.want)
				}
			})
		})
	}
}

func execSQL(t *testing.T, url, text string) {
	t.Helper()
	driver, address := "pgx", url
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		driver, address = "sqlite", path
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(text); err != nil {
		t.Fatal(err)
	}
}

func TestOtherKey(t *testing.T) {
	key, other := storetest.NewKey(t), storetest.NewKey(t)
	s := storetest.Open(t, storetest.URL(t, "sqlite"), key, nil)
	if _, err := s.Verify(t.Context(), other.Verifier); err == nil {
		t.Error("verified with a key that did not sign")
	}
}

func TestConcurrentUpdates(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		key := storetest.NewKey(t)
		s := storetest.Open(t, url, key, nil)
		desk := newDesk(t, s)
		id, _, err := desk.Report(t.Context(), anna, casefile.Sign{Kind: "skimmer", Reporter: "staff", Place: "x"}, "")
		if err != nil {
			t.Fatal(err)
		}
		const writers, each = 16, 10
		var all sync.WaitGroup
		for w := range writers {
			all.Go(func() {
				for i := range each {
					if err := desk.Note(t.Context(), anna, id, fmt.Sprintf("note %d of %d", i, w), "", time.Time{}); err != nil {
						t.Error(err)
					}
					failed := s.Update(t.Context(), anna, func(context.Context, record.Tx) error { return errors.New("refused") })
					if failed == nil {
						t.Error("a refused change was committed")
					}
				}
			})
		}
		all.Wait()
		c, err := desk.Case(t.Context(), tenant.Default, id)
		if err != nil || len(c.Notes) != writers*each {
			t.Errorf("got %d notes, %v; want %d", len(c.Notes), err, writers*each)
		}
		checkLedger(t, s, key)
	})
}

func TestRefusals(t *testing.T) {
	key := storetest.NewKey(t)
	dir := t.TempDir()
	url := "sqlite:" + filepath.Join(dir, "stanch.db")
	if _, err := store.Open(t.Context(), url, store.Options{Signer: key.Signer}); !errors.Is(err, store.ErrNoLedger) {
		t.Errorf("missing database: got %v, want ErrNoLedger", err)
	}
	s, err := store.Open(t.Context(), url, store.Options{Signer: key.Signer, Fresh: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	readOnly, err := store.Open(t.Context(), url, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = readOnly.Update(t.Context(), anna, func(context.Context, record.Tx) error { return nil })
	if !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("update without key: got %v, want ErrReadOnly", err)
	}
	if err := readOnly.Close(); err != nil {
		t.Fatal(err)
	}
	execSQL(t, url, `INSERT INTO schema_versions (version_id, is_applied) VALUES (99999, 1)`)
	if _, err := store.Open(t.Context(), url, store.Options{Signer: key.Signer}); !errors.Is(err, store.ErrNewer) {
		t.Errorf("newer database: got %v, want ErrNewer", err)
	}
}

func TestEveryTableIsListed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url, storetest.NewKey(t), nil)
		names, err := s.TableNames(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		listed := store.Tables()
		for _, name := range names {
			if _, ok := listed[name]; !ok {
				t.Errorf("table %s is in no class; list it in tables.go", name)
			}
			delete(listed, name)
		}
		for name := range listed {
			t.Errorf("table %s is listed and does not exist", name)
		}
	})
}

func TestCopy(t *testing.T) {
	for _, from := range storetest.Engines {
		for _, to := range storetest.Engines {
			t.Run(from+" to "+to, func(t *testing.T) {
				key := storetest.NewKey(t)
				s := storetest.Open(t, storetest.URL(t, from), key, nil)
				desk := newDesk(t, s)
				id, _, err := desk.Report(t.Context(), anna, casefile.Sign{Kind: "skimmer", Reporter: "staff", Place: "till"}, "")
				if err != nil {
					t.Fatal(err)
				}
				if _, err := s.Checkpoint(t.Context()); err != nil {
					t.Fatal(err)
				}
				copied := storetest.Open(t, storetest.URL(t, to), key, nil)
				if _, err := s.CopyTo(t.Context(), copied); err != nil {
					t.Fatal(err)
				}
				checkLedger(t, copied, key)
				desk.Store = copied
				if err := desk.Note(t.Context(), anna, id, "written to the copy", "", time.Time{}); err != nil {
					t.Fatal(err)
				}
				checkLedger(t, copied, key)
				if _, err := s.CopyTo(t.Context(), copied); !errors.Is(err, store.ErrNotEmpty) {
					t.Errorf("copy onto a copy: got %v, want ErrNotEmpty", err)
				}
			})
		}
	}
}

// TestEraseBesideReader says that a reader in the way of an erasure only puts
// the emptying of the log off, and holds nobody up for long.
func TestEraseBesideReader(t *testing.T) {
	url := storetest.URL(t, "sqlite")
	path := strings.TrimPrefix(url, "sqlite:")
	s := storetest.Open(t, url, storetest.NewKey(t), nil)
	desk := newDesk(t, s)
	id, _, err := desk.Report(t.Context(), anna, casefile.Sign{Kind: "skimmer", Reporter: "staff", Place: "till"}, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := desk.Note(t.Context(), anna, id, "a name that must go", "", time.Time{}); err != nil {
		t.Fatal(err)
	}
	c, err := desk.Case(t.Context(), tenant.Default, id)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	open, err := reader.Begin()
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := open.QueryRow(`SELECT COUNT(*) FROM cases`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	if err := desk.Erase(t.Context(), anna, id, c.Notes[0].ID, "request"); err != nil {
		t.Fatal(err)
	}
	if err := open.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := s.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, path + "-wal"} {
		if held, err := os.ReadFile(name); err != nil || strings.Contains(string(held), "a name that must go") {
			t.Errorf("%s still holds what was erased (%v)", filepath.Base(name), err)
		}
	}
}

// TestGivingUp says that a caller who gives up while others commit gets away,
// and that nothing of the change is made.
func TestGivingUp(t *testing.T) {
	s := storetest.Open(t, storetest.URL(t, "sqlite"), storetest.NewKey(t), nil)
	began, finish := make(chan struct{}), make(chan struct{})
	first := make(chan error, 1)
	go func() {
		first <- s.Update(t.Context(), anna, func(context.Context, record.Tx) error {
			close(began)
			<-finish
			return nil
		})
	}()
	<-began
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ran := false
	err := s.Update(ctx, anna, func(context.Context, record.Tx) error { ran = true; return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want canceled", err)
	}
	close(finish)
	if err := <-first; err != nil {
		t.Error(err)
	}
	if ran {
		t.Error("a change that was given up ran")
	}
}

// TestListsUseIndexes says that the lists of a case do not read everybody's rows.
func TestListsUseIndexes(t *testing.T) {
	url := storetest.URL(t, "sqlite")
	storetest.Open(t, url, storetest.NewKey(t), nil)
	db, err := sql.Open("sqlite", strings.TrimPrefix(url, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for text, index := range map[string]string{
		`SELECT payload FROM ledger_entries WHERE tenant_id = 'main' AND case_id = 'x' ORDER BY idx DESC LIMIT 50`:  "ledger_entries_case",
		`SELECT body FROM findings WHERE tenant_id = 'main' AND case_id = 'x' ORDER BY last_seen DESC, id LIMIT 50`: "findings_case_seen",
		`SELECT body FROM cases WHERE tenant_id = 'main' ORDER BY number DESC LIMIT 50`:                             "cases_number",
		`SELECT state, COUNT(*) FROM findings WHERE tenant_id = 'main' GROUP BY state`:                              "findings_state",
	} {
		var a, b, c int
		var plan string
		if err := db.QueryRow("EXPLAIN QUERY PLAN "+text).Scan(&a, &b, &c, &plan); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(plan, index) {
			t.Errorf("%s: plan %q, want index %s", text, plan, index)
		}
	}
}
