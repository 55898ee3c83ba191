package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stanch/stanch/internal/rest"
)

// A stage is an installation with one person, made once and copied for each
// trial: the session and the proof of presence are in it.
type stage struct {
	dir        string
	session    string
	password   string
	passphrase string
}

func prepare(t *testing.T) *stage {
	t.Helper()
	p := &stage{dir: t.TempDir(), password: "long words for the owner 1"}
	s, err := takeSeat(t.Context(), program(t), p.dir, scratch(t, p.dir), "serve", "--data", "data", "--keys", "keys", "--listen", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("start: %v: %s", err, s.errs.String())
	}
	g := newGuest(t, s.base, "en", nil)
	g.settle(s.link, "owner", p.password)
	g.onward("/welcome/house", "name", "Shop", "kind", "shop", "country", "CN", "zone", "UTC", "one_person", "yes")
	p.passphrase = g.identity()
	g.prove()
	r, err := http.NewRequest(http.MethodGet, s.base, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range g.client.Jar.Cookies(r.URL) {
		if c.Name == rest.SessionCookie {
			p.session = c.Value
		}
	}
	if err := s.leave(); err != nil {
		t.Fatal(err)
	}
	return p
}

// A witness drives one centre and knows only what its API acknowledged.
type witness struct {
	*stage
	t     *testing.T
	dir   string
	seat  *seat
	guest *guest

	planted  map[string][]byte // by path below the shop
	findings map[string]found  // by id
	told     map[string]found  // those that were told before the centre was started again
	states   map[string]string // of cases
	notes    []string          // texts
	plans    map[string]string // id to state
	gone     bool              // the centre died; nothing said after counts
}

var errGone = errors.New("the centre is gone")

// live copies the stage, walks a case under env, and judges what is left. It
// reports whether the centre was killed on the way.
func (p *stage) live(t *testing.T, env string) (died bool) {
	t.Helper()
	w := &witness{stage: p, t: t, dir: t.TempDir(), planted: map[string][]byte{}, findings: map[string]found{}, states: map[string]string{}, plans: map[string]string{}}
	for _, part := range []string{"data", "keys"} {
		if err := os.CopyFS(filepath.Join(w.dir, part), os.DirFS(filepath.Join(p.dir, part))); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(w.dir, "shop"), 0o755); err != nil {
		t.Fatal(err)
	}
	w.plant()
	if err := w.sit(env); err != nil {
		wantKill(t, err, w.seat)
		w.gone = true
	} else if err := w.walk(); err != nil && !errors.Is(err, errGone) {
		t.Fatalf("walk: %v: %s", err, w.seat.errs.String())
	}
	if !w.gone {
		err := w.seat.leave()
		w.gone = err != nil
		if err != nil {
			wantKill(t, err, w.seat)
		}
	}
	if err := w.sit(); err != nil {
		t.Fatalf("second start: %v: %s", err, w.seat.errs.String())
	}
	w.told = maps.Clone(w.findings)
	w.judge()
	if err := w.seat.leave(); err != nil {
		t.Errorf("second start ends: %v: %s", err, w.seat.errs.String())
	}
	intact(t, w.dir)
	return w.gone
}

// sit starts the centre.
func (w *witness) sit(env ...string) (err error) {
	w.t.Helper()
	w.seat, err = takeSeat(w.t.Context(), program(w.t), w.dir, scratch(w.t, w.dir, env...), "serve", "--data", "data", "--keys", "keys", "--listen", "127.0.0.1:0", "--watch", "shop")
	if err != nil {
		return err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	w.guest = &guest{t: w.t, base: w.seat.base, client: &http.Client{Jar: jar, Timeout: time.Minute}, password: w.password}
	r, err := http.NewRequest(http.MethodGet, w.seat.base, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	jar.SetCookies(r.URL, []*http.Cookie{{Name: rest.SessionCookie, Value: w.session, Path: "/"}})
	return nil
}

// plant writes the leaks, as mistakes that were there before the centre came.
func (w *witness) plant() {
	w.t.Helper()
	leaks, err := mistakes()
	if err != nil {
		w.t.Fatal(err)
	}
	for i := range leaks {
		if err := leaks[i].plant(filepath.Join(w.dir, "shop")); err != nil {
			w.t.Fatal(err)
		}
		w.planted[leaks[i].path] = leaks[i].bytes
	}
}

// ask calls the API. It returns [errGone] if the centre is not there any more.
func (w *witness) ask(method, path string, in, out any, headers ...string) error {
	sent, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r, err := http.NewRequest(method, w.guest.base+"/api/v1"+path, strings.NewReader(string(sent)))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	got, err := w.guest.do(r)
	switch {
	case err != nil:
		<-w.seat.over // nothing but its death cuts an answer off
		w.gone = true
		return errGone
	case got.status >= http.StatusMultipleChoices:
		return fmt.Errorf("%s %s: %d %s", method, path, got.status, got.body)
	case out == nil:
		return nil
	}
	return json.Unmarshal(got.body, out)
}

// walk takes the case as far as the centre lives, and notes each answer.
func (w *witness) walk() error {
	for _, do := range []func() error{w.find, w.confirm, w.note, w.seal, w.lock, w.undo, w.mask, w.note, w.append, w.rescan} {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

// until looks again until done.
func (w *witness) until(done func() (bool, error)) error {
	for limit := time.Now().Add(time.Minute); time.Now().Before(limit); time.Sleep(poll) {
		if ok, err := done(); ok || err != nil {
			return err
		}
	}
	return errors.New("nothing came of it in a minute")
}

// list notes what findings there are.
func (w *witness) list() (all []found, err error) {
	var page struct{ Items []found }
	if err := w.ask(http.MethodGet, "/findings?limit=200", nil, &page); err != nil {
		return nil, err
	}
	for _, f := range page.Items {
		w.findings[f.ID] = f
	}
	return page.Items, nil
}

// find waits until each leak is a finding that belongs to a case.
func (w *witness) find() error {
	return w.until(func() (bool, error) {
		all, err := w.list()
		return len(all) == len(w.planted) && !loose(all), err
	})
}

// loose reports whether a finding waits for its case. The growing log holds
// too few numbers for one.
func loose(all []found) bool {
	return slices.ContainsFunc(all, func(f found) bool { return f.Case == "" && !strings.HasSuffix(f.Path, "growing.log") })
}

// cases returns the cases of the findings known.
func (w *witness) cases() []string {
	var ids []string
	for _, f := range w.findings {
		if f.Case != "" && !slices.Contains(ids, f.Case) {
			ids = append(ids, f.Case)
		}
	}
	slices.Sort(ids)
	return ids
}

func (w *witness) confirm() error {
	for _, id := range w.cases() {
		var c struct{ State string }
		if err := w.ask(http.MethodPost, "/cases/"+id+"/confirm", reason("planted"), &c); err != nil {
			return err
		}
		w.states[id] = c.State
	}
	return nil
}

func (w *witness) note() error {
	text := fmt.Sprintf("note %d", len(w.notes)+1)
	if err := w.ask(http.MethodPost, "/cases/"+w.cases()[0]+"/notes", map[string]string{"text": text}, nil, "Idempotency-Key", text); err != nil {
		return err
	}
	w.notes = append(w.notes, text)
	return nil
}

// carry takes a plan to its end and notes every state on the way.
func (w *witness) carry(in map[string]any) error {
	in["reason"] = "crash test"
	var p drilledPlan
	if err := w.ask(http.MethodPost, "/plans", in, &p); err != nil {
		return err
	}
	w.plans[p.ID] = p.State
	for _, turn := range []struct {
		verb string
		in   func() any
	}{
		{"dry-run", func() any { return nil }},
		{"request", func() any { return reason("crash test") }},
		{"approve", func() any { return map[string]string{"hash": p.Hash} }},
		{"execute", func() any { return nil }},
	} {
		err := w.ask(http.MethodPost, "/plans/"+p.ID+"/"+turn.verb, turn.in(), &p)
		if err == nil {
			w.plans[p.ID] = p.State
			continue
		}
		if turn.verb == "execute" && errors.Is(err, errGone) {
			w.plans[p.ID] = "any" // it was told to, and nobody knows how far it came
		}
		return err
	}
	return nil
}

func (w *witness) idsAt(paths ...string) (ids []string, of string) {
	for _, f := range w.findings {
		file, _, _ := strings.Cut(filepath.ToSlash(f.Path), "!")
		if slices.ContainsFunc(paths, func(p string) bool { return strings.HasSuffix(file, p) }) {
			ids, of = append(ids, f.ID), f.Case
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), of
}

// undone is the file that is locked away and brought back.
const undone = "pos/logs/debug.log"

func (w *witness) seal() error {
	ids, of := w.idsAt(undone)
	return w.carry(map[string]any{"case": of, "action": "seal", "findings": ids})
}

func (w *witness) lock() error {
	ids, of := w.idsAt(undone)
	return w.carry(map[string]any{"case": of, "action": "lock", "mode": "remove", "findings": ids, "writers": true})
}

// undo takes the last lock back.
func (w *witness) undo() error {
	for id, state := range w.plans {
		var p struct{ State, Action string }
		if state != "active" {
			continue
		}
		if err := w.ask(http.MethodGet, "/plans/"+id, nil, &p); err != nil {
			return err
		}
		in := map[string]string{"passphrase": w.passphrase, "reason": "crash test"}
		err := w.ask(http.MethodPost, "/plans/"+id+"/rollback", in, &p)
		if errors.Is(err, errGone) {
			w.plans[id] = "any"
		}
		if err != nil {
			return err
		}
		w.plans[id] = p.State
	}
	return nil
}

func (w *witness) mask() error {
	ids, of := w.idsAt("office/export.csv")
	if err := w.carry(map[string]any{"case": of, "action": "lock", "mode": "mask", "findings": ids, "writers": true}); err != nil {
		return err
	}
	ids, of = w.idsAt("backup/receipts.zip")
	return w.carry(map[string]any{"case": of, "action": "lock", "mode": "remove", "findings": ids, "writers": true})
}

// append makes a log grow while it is watched.
func (w *witness) append() error {
	path := filepath.Join(w.dir, "shop", "growing.log")
	for i := range 3 {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
		if err != nil {
			return err
		}
		line := "card number " + drillCards("visa", 9500+uint64(i), 1)[0] + "\n"
		_, err = f.WriteString(line)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
		w.planted["growing.log"] = append(w.planted["growing.log"], line...)
		if err := w.until(func() (bool, error) {
			all, err := w.list()
			return slices.ContainsFunc(all, func(f found) bool { return strings.HasSuffix(f.Path, "growing.log") && f.Cards == int64(i+1) }), err
		}); err != nil {
			return err
		}
	}
	return nil
}

func (w *witness) rescan() error {
	for _, id := range w.cases() {
		if err := w.ask(http.MethodPost, "/cases/"+id+"/rescan", nil, nil); err != nil {
			return err
		}
	}
	return nil
}
