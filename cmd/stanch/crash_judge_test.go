package main

import (
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// judge compares the centre, started again, with what was acknowledged.
func (w *witness) judge() {
	w.t.Helper()
	for _, check := range []func() error{w.settled, w.judgeFindings, w.judgeCases, w.judgePlans, w.judgeFiles} {
		if err := check(); err != nil {
			w.t.Fatalf("judge: %v: %s", err, w.seat.errs.String())
		}
	}
}

// settled waits until no plan is under way: what was cut off is taken up as
// soon as the watcher can look. Going back needs the passphrase, so a person
// says it again.
func (w *witness) settled() error {
	return w.until(func() (bool, error) {
		if _, err := w.list(); err != nil {
			return false, err
		}
		for _, id := range w.cases() {
			var page struct{ Items []drilledPlan }
			if err := w.ask(http.MethodGet, "/cases/"+id+"/plans", nil, &page); err != nil {
				return false, err
			}
			for _, p := range page.Items {
				switch p.State {
				case "executing":
					return false, nil
				case "rolling_back":
					in := map[string]string{"passphrase": w.passphrase, "reason": "judge"}
					return false, w.ask(http.MethodPost, "/plans/"+p.ID+"/rollback", in, nil)
				}
			}
		}
		return true, nil
	})
}

// judgeFindings wants each finding that was told, once, and each leak that is
// still there to be found.
func (w *witness) judgeFindings() error {
	told := w.told
	w.findings = map[string]found{}
	if err := w.until(func() (bool, error) {
		all, err := w.list()
		return len(all) >= len(w.planted) && !loose(all), err
	}); err != nil {
		return err
	}
	places := map[string]string{}
	for id, f := range w.findings {
		// A crash between bringing a file back and reading it loses that it is
		// the same place: then it has a finding of its own beside the old one.
		if other := places[f.Path]; other != "" && !strings.HasSuffix(f.Path, undone) {
			w.t.Errorf("%s is told twice: %+v and %+v", f.Path, w.findings[other], f)
		}
		places[f.Path] = id
	}
	for id, before := range told {
		now, there := w.findings[id]
		switch {
		case !there:
			w.t.Errorf("finding of %s was told and is not there", before.Path)
		case now.Path != before.Path || before.Case != "" && now.Case != before.Case || now.Cards < before.Cards && now.State == before.State:
			w.t.Errorf("finding: got %+v, was told %+v", now, before)
		}
	}
	return nil
}

func (w *witness) judgeCases() error {
	var notes []string
	for _, id := range w.cases() {
		var c struct {
			State string
			Notes []struct{ Text string }
		}
		if err := w.ask(http.MethodGet, "/cases/"+id, nil, &c); err != nil {
			return err
		}
		if want := w.states[id]; want != "" && c.State != want {
			w.t.Errorf("case %s: got %s, was told %s", id, c.State, want)
		}
		for _, n := range c.Notes {
			notes = append(notes, n.Text)
		}
	}
	slices.Sort(notes)
	if len(slices.Compact(slices.Clone(notes))) != len(notes) {
		w.t.Errorf("notes: got %q, want each once", notes)
	}
	for _, text := range w.notes {
		if !slices.Contains(notes, text) {
			w.t.Errorf("note %q was told and is not there", text)
		}
		// A client that did not hear the answer asks again, with the same key.
		if err := w.ask(http.MethodPost, "/cases/"+w.cases()[0]+"/notes", map[string]string{"text": text}, nil, "Idempotency-Key", text); errors.Is(err, errGone) {
			return err
		}
	}
	return w.countNotes(len(notes))
}

// countNotes wants no more notes than there were.
func (w *witness) countNotes(want int) error {
	got := 0
	for _, id := range w.cases() {
		var c struct{ Notes []struct{ Text string } }
		if err := w.ask(http.MethodGet, "/cases/"+id, nil, &c); err != nil {
			return err
		}
		got += len(c.Notes)
	}
	if got != want {
		w.t.Errorf("after the same calls again: got %d notes, want %d", got, want)
	}
	return nil
}

// judgePlans wants each plan as it was told, and none under way.
func (w *witness) judgePlans() error {
	for _, id := range w.cases() {
		var page struct{ Items []drilledPlan }
		if err := w.ask(http.MethodGet, "/cases/"+id+"/plans", nil, &page); err != nil {
			return err
		}
		for _, p := range page.Items {
			told, known := w.plans[p.ID]
			delete(w.plans, p.ID)
			switch {
			case slices.Contains([]string{"executing", "rolling_back", "verified", "leaking"}, p.State):
				w.t.Errorf("plan %s is left %s: %s", p.ID, p.State, p.Why)
			case known && told != "any" && told != p.State && !w.next(told, p.State):
				w.t.Errorf("plan %s: got %s (%s), was told %s", p.ID, p.State, p.Why, told)
			}
		}
	}
	for id, state := range w.plans {
		w.t.Errorf("plan %s was told %s and is not there", id, state)
	}
	return nil
}

// next reports whether a plan may have gone on by the one call whose answer
// was not heard.
func (w *witness) next(told, now string) bool {
	follows := map[string]string{"draft": "dry_run", "dry_run": "requested", "requested": "approved"}
	return w.gone && follows[told] == now
}

// judgeFiles takes every lock back and wants every file as it was planted, and
// nothing else beside it.
func (w *witness) judgeFiles() error {
	for _, id := range w.cases() {
		var page struct{ Items []drilledPlan }
		if err := w.ask(http.MethodGet, "/cases/"+id+"/plans", nil, &page); err != nil {
			return err
		}
		for _, p := range page.Items {
			if p.State != "active" {
				continue
			}
			in := map[string]string{"passphrase": w.passphrase, "reason": "judge"}
			if err := w.ask(http.MethodPost, "/plans/"+p.ID+"/rollback", in, &p); err != nil {
				w.t.Errorf("take plan back: %v", err)
			} else if p.State != "rolled_back" {
				w.t.Errorf("take plan back: got %s: %s", p.State, p.Why)
			}
		}
	}
	shop := filepath.Join(w.dir, "shop")
	for path, want := range w.planted {
		if got, err := os.ReadFile(filepath.Join(shop, filepath.FromSlash(path))); err != nil || !bytes.Equal(got, want) {
			w.t.Errorf("%s: got %d bytes, %v; want the %d that were planted", path, len(got), err, len(want))
		}
	}
	return filepath.WalkDir(shop, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(shop, path)
		if _, planted := w.planted[filepath.ToSlash(name)]; !planted && !strings.HasSuffix(name, "~") {
			w.t.Errorf("%s was left behind", name)
		}
		return err
	})
}
