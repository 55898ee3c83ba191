package obligation

import (
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/stanch/stanch/internal/datafile"
	"github.com/stanch/stanch/packs"
)

// FuzzPack holds the reader of packs to its word: it ends, it never panics, an
// error is one line that names the file, and what it accepts can be linted and
// evaluated. The files beside the pack are read once, to leave the time to the pack.
func FuzzPack(f *testing.F) {
	for _, name := range []string{"pack-contract.yaml", "pack-apac.yaml"} {
		data, err := fs.ReadFile(packs.Obligations(), name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("schema: stanch.obligation-pack/v1\npack: {id: x, version: 2026.1.1}\nrules: [null]"))
	f.Add([]byte("rules: [{id: a.b, follow_ups: [a.b], when: {not: {any: [{fact: incident.people, op: gte, value: 1}]}}, deadline: {kind: recurring, duration: PT1S, clock: discovered_at}}]"))
	beside, err := open(packs.Obligations(), nil)
	if err != nil {
		f.Fatal(err)
	}
	beside.names = nil
	for _, file := range beside.files(&Rulebook{}) {
		if err := file.src.Decode(file.into); err != nil {
			f.Fatal(err)
		}
	}
	beside.actions.Groups = nil // they name rules of the packs that are left out
	f.Fuzz(func(t *testing.T, data []byte) { tryPack(t, *beside, data) })
}

func tryPack(t *testing.T, s shelf, data []byte) {
	src := &datafile.File{Name: "pack-fuzz.yaml", Data: data}
	pack := &packFile{}
	if err := src.Decode(pack); err != nil {
		if strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "pack-fuzz.yaml") {
			t.Fatalf("got error %q", err)
		}
		return
	}
	s.names, s.packs = []string{src.Name}, []*packFile{pack}
	s.at = map[string]*datafile.File{src.Name: src}
	for _, name := range besides {
		s.at[name] = &datafile.File{Name: name}
	}
	b := &Rulebook{versions: map[string]string{}}
	s.gather(b)
	var found []Finding
	s.check(b, &found)
	for _, f := range found {
		if strings.Contains(f.Err().Error(), "\n") {
			t.Fatalf("got finding %q", f.Err())
		}
		if f.Gravity == Fault {
			return
		}
	}
	b.bind()
	at := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	b.Lint(at)
	facts := NewFacts(time.UTC)
	for name := range b.Clocks {
		facts.Record(name, at.AddDate(-40, 0, 0))
	}
	b.Eval(facts, Options{At: at, Before: true, Preview: true})
}
