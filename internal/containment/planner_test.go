package containment_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/stanch/stanch/card/cardtest"
	"github.com/stanch/stanch/internal/approval"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/containment"
	"github.com/stanch/stanch/internal/evidence"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/store/storetest"
	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/ledger"
)

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (s *site) findingState(t *testing.T, id finding.ID) finding.State {
	t.Helper()
	thing, err := s.store.Read(t.Context(), tenant.Default, id.Subject())
	check(t, err)
	return thing.(*finding.Finding).State
}

func (s *site) theCase(t *testing.T, id casefile.ID) *casefile.Case {
	t.Helper()
	c, err := s.Desk.Case(t.Context(), tenant.Default, id)
	check(t, err)
	return c
}

func wantState(t *testing.T, plan *containment.Plan, err error, want containment.State) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if plan.State != want {
		t.Fatalf("got plan %s (%s) with results %+v and probes %+v, want %s", plan.State, plan.Why, plan.Results, plan.Probes, want)
	}
}

func TestLockAndRollback(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		for _, mode := range []containment.Mode{containment.Remove, containment.Mask} {
			s, ctx := newSite(t, storetest.URL(t, strings.Split(url, ":")[0])), t.Context()
			ids, id, err := s.plant(ctx, "a.log", "b.log")
			check(t, err)
			plan, err := s.approved(ctx, containment.Draft{Case: id, Action: containment.Lock, Mode: mode, Findings: ids})
			wantState(t, plan, err, containment.Approved)
			plan, err = s.Execute(ctx, s.person("anna"), plan.ID, "")
			wantState(t, plan, err, containment.Active)
			for _, name := range []string{"a.log", "b.log"} {
				raw, err := os.ReadFile(filepath.Join(s.root, name))
				if mode == containment.Remove && !errors.Is(err, os.ErrNotExist) || mode == containment.Mask && (err != nil || !strings.Contains(string(raw), "******")) {
					t.Errorf("%s %s: got %q, %v", mode, name, raw, err)
				}
			}
			if got := s.findingState(t, ids[0]); got != finding.Locked {
				t.Errorf("got finding %s, want locked", got)
			}
			if c := s.theCase(t, id); c.Contained == 0 || c.Leaking || c.Tasks["stop.lock"].State != "done" || c.Tasks["protect.seal"].State != "done" {
				t.Errorf("got case %+v, want it contained and the task done", c)
			}
			if _, err := s.Rollback(ctx, s.person("anna"), plan.ID, s.passphrase[1:], "wrong file"); !errors.Is(err, evidence.ErrMistyped) {
				t.Errorf("got %v for a mistyped passphrase, want %v", err, evidence.ErrMistyped)
			}
			absent := s.person("anna")
			absent.Presence = time.Time{}
			if _, err := s.Rollback(ctx, absent, plan.ID, s.passphrase, "wrong file"); !errors.Is(err, containment.ErrPresence) {
				t.Errorf("got %v without presence, want %v", err, containment.ErrPresence)
			}
			plan, err = s.Rollback(ctx, s.person("anna"), plan.ID, s.passphrase, "wrong file")
			wantState(t, plan, err, containment.RolledBack)
			for _, name := range []string{"a.log", "b.log"} {
				if raw, err := os.ReadFile(filepath.Join(s.root, name)); err != nil || string(raw) != leak() {
					t.Errorf("got %q, %v; want %s as it was", raw, err, name)
				}
			}
			if c := s.theCase(t, id); c.Contained != 0 || !c.Leaking || s.findingState(t, ids[1]) != finding.Open || c.Tasks["stop.lock"].State == "done" {
				t.Errorf("got case %+v, want it open again", c)
			}
			if _, err := s.store.VerifyDeep(ctx); err != nil {
				t.Errorf("got %v, want a ledger that replays", err)
			}
		}
	})
}

// TestMaskAndRollbackOfADocument takes a docx and an xlsx all the way: plan,
// approval, deed, probe, and back bit for bit.
func TestMaskAndRollbackOfADocument(t *testing.T) {
	s, ctx := newSite(t, storetest.URL(t, "sqlite")), t.Context()
	texts := map[string]string{"a.docx": document(t), "b.xlsx": workbook(t)}
	ids, id, err := s.plantTexts(ctx, texts, "a.docx", "b.xlsx")
	check(t, err)
	plan, err := s.approved(ctx, containment.Draft{Case: id, Action: containment.Lock, Mode: containment.Mask, Findings: ids})
	wantState(t, plan, err, containment.Approved)
	plan, err = s.Execute(ctx, s.person("anna"), plan.ID, "")
	wantState(t, plan, err, containment.Active)
	for name, text := range texts {
		if raw, err := os.ReadFile(filepath.Join(s.root, name)); err != nil || string(raw) == text || !strings.HasPrefix(string(raw), "PK") {
			t.Errorf("%s: got %d bytes, %v; want a masked copy", name, len(raw), err)
		}
	}
	plan, err = s.Rollback(ctx, s.person("anna"), plan.ID, s.passphrase, "needed")
	wantState(t, plan, err, containment.RolledBack)
	for name, text := range texts {
		if raw, err := os.ReadFile(filepath.Join(s.root, name)); err != nil || string(raw) != text {
			t.Errorf("%s: got %d bytes, %v; want it as it was", name, len(raw), err)
		}
	}
}

// document is a docx whose number is cut in two.
func document(t *testing.T) string {
	t.Helper()
	pan := cardtest.Number("visa", 16, 4)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, part := range [][2]string{
		{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`},
		{"word/document.xml", `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:p><w:r><w:t>` +
			pan[:9] + `</w:t></w:r><w:r><w:t>` + pan[9:] + `</w:t></w:r></w:p></w:document>`},
	} {
		to, err := w.Create(part[0])
		check(t, err)
		_, err = io.WriteString(to, part[1])
		check(t, err)
	}
	check(t, w.Close())
	return out.String()
}

func workbook(t *testing.T) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	check(t, f.SetSheetRow("Sheet1", "A1", &[]any{"Ann", cardtest.Number("visa", 16, 1), 12.5}))
	check(t, f.SetCellDefault("Sheet1", "B2", cardtest.Number("visa", 16, 2)))
	var out bytes.Buffer
	check(t, f.Write(&out))
	return out.String()
}

func TestSealStands(t *testing.T) {
	s, ctx := newSite(t, storetest.URL(t, "sqlite")), t.Context()
	ids, id, err := s.plant(ctx, "a.log")
	check(t, err)
	plan, err := s.approved(ctx, containment.Draft{Case: id, Action: containment.Seal, Findings: ids})
	check(t, err)
	plan, err = s.Execute(ctx, s.person("anna"), plan.ID, "")
	wantState(t, plan, err, containment.Permanent)
	if raw, err := os.ReadFile(filepath.Join(s.root, "a.log")); err != nil || string(raw) != leak() {
		t.Errorf("got %q, %v; want the file as it was", raw, err)
	}
	if c := s.theCase(t, id); s.findingState(t, ids[0]) != finding.Sealed || c.Contained != 0 || c.Tasks["protect.seal"].State != "done" {
		t.Errorf("got %+v, want it sealed and not contained", c)
	}
}

func TestUndoOfAPermanentLock(t *testing.T) {
	s, ctx := newSite(t, storetest.URL(t, "sqlite")), t.Context()
	ids, id, err := s.plant(ctx, "a.log")
	check(t, err)
	lock, err := s.approved(ctx, containment.Draft{Case: id, Action: containment.Lock, Mode: containment.Remove, Findings: ids})
	check(t, err)
	lock, err = s.Execute(ctx, s.person("anna"), lock.ID, "")
	wantState(t, lock, err, containment.Active)
	check(t, s.MakePermanent(ctx, s.person("anna"), lock.ID, "the log is off"))
	if _, err := s.Rollback(ctx, s.person("anna"), lock.ID, s.passphrase, "x"); !errors.Is(err, containment.ErrState) {
		t.Errorf("got %v, want %v", err, containment.ErrState)
	}
	undo, err := s.approved(ctx, containment.Draft{Case: id, Action: containment.Undo, Undoes: lock.ID, Reason: "needed for the audit"})
	check(t, err)
	if _, err := s.Execute(ctx, s.person("anna"), undo.ID, ""); !errors.Is(err, containment.ErrPassphrase) {
		t.Errorf("got %v, want %v", err, containment.ErrPassphrase)
	}
	undo, err = s.Execute(ctx, s.person("anna"), undo.ID, s.passphrase)
	wantState(t, undo, err, containment.Permanent)
	if lock, err = s.Plan(ctx, tenant.Default, lock.ID); err != nil || lock.State != containment.RolledBack || lock.UndoneBy != undo.ID {
		t.Errorf("got lock %+v, %v; want it rolled back", lock, err)
	}
	if raw, err := os.ReadFile(filepath.Join(s.root, "a.log")); err != nil || string(raw) != leak() {
		t.Errorf("got %q, %v; want the file as it was", raw, err)
	}
}

func TestApprovalIsForOnePlan(t *testing.T) {
	s, ctx := newSite(t, storetest.URL(t, "sqlite")), t.Context()
	ids, id, err := s.plant(ctx, "a.log")
	check(t, err)
	anna, ben := s.person("anna"), s.person("ben")
	plan, err := s.Draft(ctx, anna, containment.Draft{Case: id, Action: containment.Lock, Mode: containment.Remove, Findings: ids})
	check(t, err)
	if err := s.Request(ctx, anna, plan.ID, "x"); !errors.Is(err, containment.ErrState) {
		t.Errorf("got %v before the dry-run, want %v", err, containment.ErrState)
	}
	plan, err = s.DryRun(ctx, anna, plan.ID)
	check(t, err)
	check(t, s.Request(ctx, anna, plan.ID, "x"))
	if _, err := s.Approve(ctx, anna, plan.ID, plan.Hash); !errors.Is(err, approval.ErrOwnRequest) {
		t.Errorf("got %v, want %v", err, approval.ErrOwnRequest)
	}
	if _, err := s.Execute(ctx, anna, plan.ID, ""); !errors.Is(err, containment.ErrState) {
		t.Errorf("got %v before approval, want %v", err, containment.ErrState)
	}
	stale := plan.Hash
	// The file changes, and the plan is made again for what is there now.
	check(t, os.WriteFile(filepath.Join(s.root, "a.log"), []byte(leak()+leak()), 0o640))
	plan, err = s.DryRun(ctx, anna, plan.ID)
	check(t, err)
	check(t, s.Request(ctx, anna, plan.ID, "x"))
	if _, err := s.Approve(ctx, ben, plan.ID, stale); !errors.Is(err, approval.ErrHash) {
		t.Errorf("got %v for what was looked at before, want %v", err, approval.ErrHash)
	}
	plan, err = s.Approve(ctx, ben, plan.ID, plan.Hash)
	wantState(t, plan, err, containment.Approved)
	s.now = func() time.Time { return time.Now().Add(approval.ValidFor + time.Hour) }
	if _, err := s.Execute(ctx, s.person("anna"), plan.ID, ""); !errors.Is(err, containment.ErrApproval) {
		t.Errorf("got %v with an old approval, want %v", err, containment.ErrApproval)
	}
	if _, err := os.Stat(filepath.Join(s.root, "a.log")); err != nil {
		t.Errorf("got %v, want the file untouched", err)
	}
	if _, err := s.Plan(ctx, "other", plan.ID); !errors.Is(err, containment.ErrNoPlan) {
		t.Errorf("got %v for another tenant, want %v", err, containment.ErrNoPlan)
	}
}

// TestNobodyApprovesWhatTheyAskedFor has one person draft and another request,
// who are all there are.
func TestNobodyApprovesWhatTheyAskedFor(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s, ctx := newSite(t, storetest.URL(t, strings.Split(url, ":")[0])), t.Context()
		ids, id, err := s.plant(ctx, "a.log")
		check(t, err)
		anna, ben := s.person("anna"), s.person("ben")
		plan, err := s.Draft(ctx, anna, containment.Draft{Case: id, Action: containment.Lock, Mode: containment.Remove, Findings: ids})
		check(t, err)
		plan, err = s.DryRun(ctx, ben, plan.ID)
		check(t, err)
		check(t, s.Request(ctx, ben, plan.ID, "stop it"))
		for _, who := range []containment.Person{anna, ben} {
			if _, err := s.Approve(ctx, who, plan.ID, plan.Hash); !errors.Is(err, approval.ErrOwnRequest) {
				t.Errorf("got %v for %s, want %v", err, who.Actor, approval.ErrOwnRequest)
			}
		}
		// Anna asks herself, and Ben has no more part in it.
		plan, err = s.DryRun(ctx, anna, plan.ID)
		check(t, err)
		check(t, s.Request(ctx, anna, plan.ID, "stop it"))
		plan, err = s.Approve(ctx, ben, plan.ID, plan.Hash)
		wantState(t, plan, err, containment.Approved)
		if plan.RequestedBy != "anna" {
			t.Errorf("got %q, want the plan to say who requested it", plan.RequestedBy)
		}
		if _, err := s.store.VerifyDeep(ctx); err != nil {
			t.Errorf("got %v, want a ledger that replays", err)
		}
	})
}

func TestOnePersonApproves(t *testing.T) {
	s, ctx := newSite(t, storetest.URL(t, "sqlite")), t.Context()
	s.OnePerson = func(context.Context, tenant.ID) bool { return true }
	ids, id, err := s.plant(ctx, "a.log")
	check(t, err)
	anna := s.person("anna")
	plan, err := s.Draft(ctx, anna, containment.Draft{Case: id, Action: containment.Lock, Mode: containment.Remove, Findings: ids})
	check(t, err)
	plan, err = s.DryRun(ctx, anna, plan.ID)
	check(t, err)
	check(t, s.Request(ctx, anna, plan.ID, "x"))
	absent := anna
	absent.Presence = time.Time{}
	if _, err := s.Approve(ctx, absent, plan.ID, plan.Hash); !errors.Is(err, approval.ErrPresence) {
		t.Errorf("got %v, want %v", err, approval.ErrPresence)
	}
	plan, err = s.Approve(ctx, anna, plan.ID, plan.Hash)
	wantState(t, plan, err, containment.Approved)
	if !plan.Terms.OnePerson {
		t.Error("got a plan that does not say one person")
	}
}

func TestChangedTargetVoidsThePlan(t *testing.T) {
	s, ctx := newSite(t, storetest.URL(t, "sqlite")), t.Context()
	ids, id, err := s.plant(ctx, "a.log", "b.log")
	check(t, err)
	plan, err := s.approved(ctx, containment.Draft{Case: id, Action: containment.Lock, Mode: containment.Remove, Findings: ids})
	check(t, err)
	check(t, os.WriteFile(filepath.Join(s.root, "b.log"), []byte("other"), 0o640))
	if _, err := s.Execute(ctx, s.person("anna"), plan.ID, ""); !errors.Is(err, containment.ErrChanged) {
		t.Errorf("got %v, want %v", err, containment.ErrChanged)
	}
	plan, err = s.Plan(ctx, tenant.Default, plan.ID)
	wantState(t, plan, err, containment.Void)
	if _, err := os.Stat(filepath.Join(s.root, "a.log")); err != nil {
		t.Errorf("got %v, want nothing taken", err)
	}
}

// A blind prober finds nothing clean, and a failing one says nothing.
type blind struct{ err error }

func (b blind) Rescan(context.Context, record.Who, []finding.ID) ([]finding.ID, error) {
	return nil, b.err
}

func TestFailedProbeHolds(t *testing.T) {
	for name, p := range map[string]containment.Prober{"dirty": blind{}, "failing": blind{errors.New("no")}} {
		t.Run(name, func(t *testing.T) {
			s, ctx := newSite(t, storetest.URL(t, "sqlite")), t.Context()
			ids, id, err := s.plant(ctx, "a.log")
			check(t, err)
			plan, err := s.approved(ctx, containment.Draft{Case: id, Action: containment.Lock, Mode: containment.Remove, Findings: ids})
			check(t, err)
			good := s.Prober
			s.Prober = p
			plan, err = s.Execute(ctx, s.person("anna"), plan.ID, "")
			wantState(t, plan, err, containment.Leaking)
			if _, err := os.Stat(filepath.Join(s.root, "a.log")); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("got %v, want it held", err)
			}
			if c := s.theCase(t, id); !c.Leaking || c.Contained != 0 || s.findingState(t, ids[0]) != finding.Open {
				t.Errorf("got %+v, want a leaking case", c)
			}
			s.Prober = good
			plan, err = s.Probe(ctx, s.person("anna"), plan.ID)
			wantState(t, plan, err, containment.Active)
			if c := s.theCase(t, id); c.Leaking || c.Contained == 0 {
				t.Errorf("got %+v, want a contained case", c)
			}
		})
	}
}

// TestHalfRestoredLockIsNotActive takes a lock back whose second seal is
// damaged, so that the first file lies open and the other does not come back.
func TestHalfRestoredLockIsNotActive(t *testing.T) {
	s, ctx := newSite(t, storetest.URL(t, "sqlite")), t.Context()
	ids, id, err := s.plant(ctx, "a.log", "b.log")
	check(t, err)
	plan, err := s.approved(ctx, containment.Draft{Case: id, Action: containment.Lock, Mode: containment.Remove, Findings: ids})
	check(t, err)
	plan, err = s.Execute(ctx, s.person("anna"), plan.ID, "")
	wantState(t, plan, err, containment.Active)
	exhibit, err := s.custodian.Exhibit(ctx, tenant.Default, plan.Results[1].Exhibit)
	check(t, err)
	check(t, os.Remove(filepath.Join(s.custodian.Dir, string(tenant.Default), exhibit.Cipher[:2], exhibit.Cipher+".age")))
	plan, err = s.Rollback(ctx, s.person("anna"), plan.ID, s.passphrase, "wrong file")
	wantState(t, plan, err, containment.Leaking)
	if _, err := s.Probe(ctx, s.person("anna"), plan.ID); !errors.Is(err, containment.ErrState) {
		t.Errorf("got %v, want %v", err, containment.ErrState)
	}
	plan, err = s.Plan(ctx, tenant.Default, plan.ID)
	wantState(t, plan, err, containment.Leaking)
}

// A sealer that fails one seal, before or after it took effect.
type faultCustody struct {
	containment.Custody
	late bool
}

func (f faultCustody) Seal(ctx context.Context, who record.Who, o casefile.Original) (casefile.ExhibitID, error) {
	if f.late {
		if _, err := f.Custody.Seal(ctx, who, o); err != nil {
			return "", err
		}
	}
	return "", evidence.ErrNoSpace
}

func TestNothingIsTakenWithoutASeal(t *testing.T) {
	for _, late := range []bool{false, true} {
		s, ctx := newSite(t, storetest.URL(t, "sqlite")), t.Context()
		ids, id, err := s.plant(ctx, "a.log")
		check(t, err)
		plan, err := s.approved(ctx, containment.Draft{Case: id, Action: containment.Lock, Mode: containment.Remove, Findings: ids})
		check(t, err)
		s.Custody = faultCustody{s.Custody, late}
		plan, err = s.Execute(ctx, s.person("anna"), plan.ID, "")
		wantState(t, plan, err, containment.FailedPlan)
		if _, err := os.Stat(filepath.Join(s.root, "a.log")); err != nil {
			t.Errorf("got %v, want the file in its place", err)
		}
	}
}

func TestDraftIsChecked(t *testing.T) {
	s, ctx := newSite(t, storetest.URL(t, "sqlite")), t.Context()
	ids, id, err := s.plant(ctx, "a.log")
	check(t, err)
	tests := []struct {
		name  string
		draft containment.Draft
		want  error
	}{
		{"no findings", containment.Draft{Case: id, Action: containment.Seal}, containment.ErrDraft},
		{"no mode", containment.Draft{Case: id, Action: containment.Lock, Findings: ids}, containment.ErrDraft},
		{"no action", containment.Draft{Case: id, Findings: ids}, containment.ErrDraft},
		{"seal with a mode", containment.Draft{Case: id, Action: containment.Seal, Mode: containment.Mask, Findings: ids}, containment.ErrDraft},
		{"undo of nothing", containment.Draft{Case: id, Action: containment.Undo}, containment.ErrDraft},
		{"undo of an unknown plan", containment.Draft{Case: id, Action: containment.Undo, Undoes: "p"}, containment.ErrNoPlan},
		{"no such case", containment.Draft{Case: "none", Action: containment.Seal, Findings: ids}, casefile.ErrNoCase},
		{"no such finding", containment.Draft{Case: id, Action: containment.Seal, Findings: []finding.ID{"f"}}, record.ErrNone},
		{"negative time", containment.Draft{Case: id, Action: containment.Seal, Findings: ids, Lasts: -1}, containment.ErrDraft},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := s.Draft(ctx, s.person("anna"), tt.draft); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
	check(t, s.Desk.RuleOut(ctx, s.person("anna").Who, id, "a test file"))
	if _, err := s.Draft(ctx, s.person("anna"), containment.Draft{Case: id, Action: containment.Seal, Findings: ids}); !errors.Is(err, casefile.ErrState) {
		t.Errorf("got %v for a case that is over, want %v", err, casefile.ErrState)
	}
}

func TestPlanWithoutTargetsIsNotRequested(t *testing.T) {
	s, ctx := newSite(t, storetest.URL(t, "sqlite")), t.Context()
	ids, id, err := s.plant(ctx, "a.log")
	check(t, err)
	check(t, os.WriteFile(filepath.Join(s.root, "a.log"), []byte("SQLite format 3\x00"+leak()), 0o640))
	plan, err := s.Draft(ctx, s.person("anna"), containment.Draft{Case: id, Action: containment.Lock, Mode: containment.Remove, Findings: ids})
	check(t, err)
	plan, err = s.DryRun(ctx, s.person("anna"), plan.ID)
	check(t, err)
	if len(plan.Report.Left) != 1 || plan.Report.Left[0].Fault != containment.FaultDatabase {
		t.Errorf("got %+v, want the database left alone", plan.Report)
	}
	if err := s.Request(ctx, s.person("anna"), plan.ID, "x"); !errors.Is(err, containment.ErrEmpty) {
		t.Errorf("got %v, want %v", err, containment.ErrEmpty)
	}
}

func TestExpiry(t *testing.T) {
	s, ctx := newSite(t, storetest.URL(t, "sqlite")), t.Context()
	ids, id, err := s.plant(ctx, "a.log", "b.log")
	check(t, err)
	waiting, err := s.approved(ctx, containment.Draft{Case: id, Action: containment.Lock, Mode: containment.Remove, Findings: ids[1:]})
	check(t, err)
	active, err := s.approved(ctx, containment.Draft{Case: id, Action: containment.Lock, Mode: containment.Remove, Findings: ids[:1], Lasts: time.Hour})
	check(t, err)
	active, err = s.Execute(ctx, s.person("anna"), active.ID, "")
	wantState(t, active, err, containment.Active)
	check(t, s.Expire(ctx, tenant.Default))
	if active, err = s.Plan(ctx, tenant.Default, active.ID); err != nil || active.Overdue {
		t.Errorf("got overdue %v, %v before its time", active.Overdue, err)
	}
	s.now = func() time.Time { return time.Now().Add(8 * 24 * time.Hour) }
	check(t, s.Expire(ctx, tenant.Default))
	check(t, s.Expire(ctx, tenant.Default))
	active, err = s.Plan(ctx, tenant.Default, active.ID)
	wantState(t, active, err, containment.Active)
	if !active.Overdue {
		t.Error("got an active plan that nobody is told about")
	}
	waiting, err = s.Plan(ctx, tenant.Default, waiting.ID)
	wantState(t, waiting, err, containment.Expired)
}

// A deafBook does not read one plan.
type deafBook struct {
	record.Book
	not containment.ID
}

func (d deafBook) Read(ctx context.Context, t tenant.ID, subject ledger.Subject) (record.Thing, error) {
	if subject == d.not.Subject() {
		return nil, errFull
	}
	return d.Book.Read(ctx, t, subject)
}

// TestExpiryGoesOn has one plan that cannot be resumed.
func TestExpiryGoesOn(t *testing.T) {
	s, ctx := newSite(t, storetest.URL(t, "sqlite")), t.Context()
	ids, id, err := s.plant(ctx, "a.log", "b.log")
	check(t, err)
	stuck, err := s.approved(ctx, containment.Draft{Case: id, Action: containment.Lock, Mode: containment.Remove, Findings: ids[:1]})
	check(t, err)
	waiting, err := s.approved(ctx, containment.Draft{Case: id, Action: containment.Lock, Mode: containment.Remove, Findings: ids[1:]})
	check(t, err)
	s.Book = fullBook{s.store, s}
	if _, err := s.Execute(ctx, s.person("anna"), stuck.ID, ""); !errors.Is(err, errFull) {
		t.Fatalf("got %v, want %v", err, errFull)
	}
	s.Book = deafBook{s.store, stuck.ID}
	s.now = func() time.Time { return time.Now().Add(8 * 24 * time.Hour) }
	if err := s.Expire(ctx, tenant.Default); !errors.Is(err, errFull) {
		t.Errorf("got %v, want %v", err, errFull)
	}
	waiting, err = s.Plan(ctx, tenant.Default, waiting.ID)
	wantState(t, waiting, err, containment.Expired)
}

// A fullBook has no room once the files are taken.
type fullBook struct {
	record.Book
	site *site
}

var errFull = errors.New("disk is full")

func (f fullBook) Update(ctx context.Context, who record.Who, change func(context.Context, record.Tx) error) error {
	if _, err := os.Stat(filepath.Join(f.site.root, "a.log")); errors.Is(err, os.ErrNotExist) {
		return errFull
	}
	return f.Book.Update(ctx, who, change)
}

// TestResumeWaitsForTheWatcher cuts a lock off by a full disk, and resumes it
// while the watcher cannot look yet.
func TestResumeWaitsForTheWatcher(t *testing.T) {
	for _, comes := range []bool{true, false} {
		s, ctx := newSite(t, storetest.URL(t, "sqlite")), t.Context()
		ids, id, err := s.plant(ctx, "a.log")
		check(t, err)
		plan, err := s.approved(ctx, containment.Draft{Case: id, Action: containment.Lock, Mode: containment.Remove, Findings: ids})
		check(t, err)
		s.Book = fullBook{s.store, s}
		if _, err := s.Execute(ctx, s.person("anna"), plan.ID, ""); !errors.Is(err, errFull) {
			t.Fatalf("got %v, want %v", err, errFull)
		}
		good := s.Prober
		s.Book, s.Prober = s.store, blind{errors.New("not watched yet")}
		check(t, s.Resume(ctx, tenant.Default))
		plan, err = s.Plan(ctx, tenant.Default, plan.ID)
		wantState(t, plan, err, containment.Executing)
		want := containment.Leaking
		if comes {
			s.Prober, want = good, containment.Active
		} else {
			s.now = func() time.Time { return time.Now().Add(time.Hour) }
		}
		check(t, s.Expire(ctx, tenant.Default))
		plan, err = s.Plan(ctx, tenant.Default, plan.ID)
		wantState(t, plan, err, want)
	}
}
