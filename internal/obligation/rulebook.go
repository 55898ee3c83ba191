// Package obligation works out who has to be told what by when after a leak.
//
// Packs of rules and the facts of one case go in; for every rule a duty comes
// out that applies, may apply or does not, with its due time, the reason and the
// provision it stands in. The package never sends anything, reads no clock and
// never invents a number: what the law leaves open or nobody could read is said
// in words, and what is unknown stays unknown.
package obligation

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	_ "time/tzdata" // zones must mean the same on every machine

	"github.com/stanch/stanch/internal/datafile"
)

// A Rulebook is all packs and what they refer to. It is read-only after Read and
// safe for concurrent use.
type Rulebook struct {
	Packs      []*Pack // by id
	Rules      []*Rule // by id
	Facts      map[string]Fact
	Clocks     map[string]Clock
	Addressees map[string]Addressee
	Sources    map[string]Source
	Gradings   []Grading
	Groups     []Group
	Forms      map[string]Form
	Calendars  map[string]*Calendar

	contradictions []Contradiction
	order          [][2]string // clocks of which the first comes before the second
	cyclic         []string    // rules in a circle of follow-ups
	versions       map[string]string
}

// Load reads the packs and refuses what would give wrong answers. The error is a
// [*datafile.FileError] if a file's content is at fault.
func Load(embedded, override fs.FS) (*Rulebook, error) {
	b, found, err := Read(embedded, override)
	if err != nil {
		return nil, err
	}
	for _, f := range found {
		if f.Gravity == Fault {
			return nil, fmt.Errorf("load packs: %w", f.Err())
		}
	}
	return b, nil
}

// Read reads the packs and returns all that is wrong or worth knowing in them. A
// file in override replaces the embedded file of the same name, and a pack-….yaml
// of another name is a pack more. The error says that a file cannot be read at
// all. A rulebook with a [Fault] must not be evaluated.
func Read(embedded, override fs.FS) (*Rulebook, []Finding, error) {
	shelf, err := open(embedded, override)
	if err != nil {
		return nil, nil, fmt.Errorf("load packs: %w", err)
	}
	b := &Rulebook{versions: map[string]string{}}
	var found []Finding
	for _, f := range shelf.files(b) {
		if err := f.src.Decode(f.into); err != nil {
			return nil, nil, fmt.Errorf("load packs: %w", err)
		}
		if f.header != nil {
			if err := f.src.CheckHeader(*f.header, f.schema); err != nil {
				return nil, nil, fmt.Errorf("load packs: %w", err)
			}
			b.versions[f.src.Name] = f.header.Version + " " + digest(f.src)
		}
	}
	shelf.gather(b)
	shelf.check(b, &found)
	b.bind()
	inOrder(found, shelf.own)
	return b, found, nil
}

// Versions maps each pack's id, and each file beside the packs, to its edition
// and the SHA-256 of the bytes that were loaded, so that a case can record
// exactly what it was decided by.
func (b *Rulebook) Versions() map[string]string { return b.versions }

// Rule finds a rule by its id.
func (b *Rulebook) Rule(id string) (*Rule, bool) {
	i, ok := slices.BinarySearchFunc(b.Rules, id, func(r *Rule, id string) int { return strings.Compare(r.ID, id) })
	if !ok {
		return nil, false
	}
	return b.Rules[i], true
}

// businessCalendar returns the calendar of business:ID; nil if days are counted
// otherwise.
func (b *Rulebook) businessCalendar(word string) *Calendar {
	id, ok := strings.CutPrefix(word, "business:")
	if !ok {
		return nil
	}
	return b.Calendars[id]
}

// A shelf is the files as they are read, before they become a rulebook.
type shelf struct {
	facts      factFile
	calendars  calendarFile
	addressees addresseeFile
	gradings   gradingFile
	sources    sourceFile
	actions    actionFile
	forms      formFile
	packs      []*packFile
	at         map[string]*datafile.File // by name
	own        map[string]bool           // names of the override's files
	names      []string                  // of the packs
}

// loaded is one file and where it goes.
type loaded struct {
	src    *datafile.File
	into   any
	header *datafile.Header
	schema string
}

// The files beside the packs.
var besides = []string{"facts.yaml", "calendars.yaml", "addressees.yaml", "gradings.yaml", "sources.yaml", "actions.yaml", "forms.yaml"}

const packSchema = "stanch.obligation-pack/v1"

// maxPacks bounds how many packs are read.
const maxPacks = 200

// open reads every file into memory, the override's before the embedded.
func open(embedded, override fs.FS) (*shelf, error) {
	s := &shelf{at: map[string]*datafile.File{}, own: map[string]bool{}}
	for i, from := range []fs.FS{embedded, override} {
		if from == nil {
			continue
		}
		names, err := listed(from)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			src, err := datafile.Open(from, name)
			if err != nil {
				return nil, err
			}
			s.at[name], s.own[name] = src, i == 1
		}
	}
	for _, name := range besides {
		if s.at[name] == nil {
			return nil, &datafile.FileError{File: name, Problem: "is missing; copy the embedded file"}
		}
	}
	for name := range s.at {
		if !slices.Contains(besides, name) {
			s.names = append(s.names, name)
		}
	}
	slices.Sort(s.names)
	if len(s.names) > maxPacks {
		return nil, fmt.Errorf("more than %d packs; put fewer into the folder", maxPacks)
	}
	return s, nil
}

// listed returns the files of a folder that are ours. A YAML file of another name
// is refused, because a misspelt override would otherwise be ignored in silence.
func listed(from fs.FS) ([]string, error) {
	entries, err := fs.ReadDir(from, ".")
	if err != nil {
		return nil, fmt.Errorf("list folder of packs: %w", err)
	}
	var names []string
	for _, e := range entries {
		name := e.Name()
		ext := path.Ext(name)
		switch {
		case e.IsDir() || ext != ".yaml" && ext != ".yml":
		case slices.Contains(besides, name), strings.HasPrefix(name, "pack-") && ext == ".yaml":
			names = append(names, name)
		default:
			return nil, &datafile.FileError{File: name, Problem: "is no pack; name it pack-….yaml, or like the file it replaces (facts.yaml, sources.yaml, …), or move it away"}
		}
	}
	return names, nil
}

func (s *shelf) files(b *Rulebook) []loaded {
	files := []loaded{
		{s.at["facts.yaml"], &s.facts, &s.facts.Header, "stanch.obligation-facts/v1"},
		{s.at["calendars.yaml"], &s.calendars, &s.calendars.Header, "stanch.calendars/v1"},
		{s.at["addressees.yaml"], &s.addressees, &s.addressees.Header, "stanch.addressees/v1"},
		{s.at["gradings.yaml"], &s.gradings, &s.gradings.Header, "stanch.gradings/v1"},
		{s.at["sources.yaml"], &s.sources, &s.sources.Header, "stanch.sources/v1"},
		{s.at["actions.yaml"], &s.actions, &s.actions.Header, "stanch.actions/v1"},
		{s.at["forms.yaml"], &s.forms, &s.forms.Header, "stanch.report-forms/v1"},
	}
	for _, name := range s.names {
		p := &packFile{}
		s.packs = append(s.packs, p)
		files = append(files, loaded{src: s.at[name], into: p})
	}
	return files
}

// gather moves what was read into the rulebook.
func (s *shelf) gather(b *Rulebook) {
	b.Facts, b.Clocks, b.Calendars = s.facts.Facts, s.facts.Clocks, s.calendars.Calendars
	b.contradictions, b.order = s.facts.Contradictions, s.facts.ClockOrder
	b.Addressees, b.Sources, b.Forms = s.addressees.Addressees, s.sources.Sources, s.forms.Forms
	b.Gradings, b.Groups = s.gradings.Gradings, s.actions.Groups
	for i, p := range s.packs {
		b.Packs = append(b.Packs, &p.Pack)
		b.versions[p.Pack.ID] = p.Pack.Version + " " + digest(s.at[s.names[i]])
		for _, rule := range p.Rules {
			if rule != nil {
				rule.pack = &p.Pack
				b.Rules = append(b.Rules, rule)
			}
		}
	}
	slices.SortFunc(b.Packs, func(x, y *Pack) int { return strings.Compare(x.ID, y.ID) })
	slices.SortFunc(b.Rules, func(x, y *Rule) int { return strings.Compare(x.ID, y.ID) })
}

// bind joins what refers to each other by id.
func (b *Rulebook) bind() {
	for _, group := range b.Groups {
		for _, id := range group.Rules {
			if rule, ok := b.Rule(id); ok {
				rule.groups = append(rule.groups, group.ID)
			}
		}
	}
	for _, rule := range b.Rules {
		for i := range rule.Citations {
			rule.Citations[i].Title = b.Sources[rule.Citations[i].Source].Title
		}
	}
	b.cyclic = b.circles()
}

// circles returns the rules that are their own follow-ups, sooner or later.
func (b *Rulebook) circles() []string {
	var circular []string
	for _, rule := range b.Rules {
		seen := map[string]bool{}
		for next := slices.Clone(rule.FollowUps); len(next) > 0; next = next[1:] {
			if seen[next[0]] {
				continue
			}
			seen[next[0]] = true
			if follow, ok := b.Rule(next[0]); ok {
				next = append(next, follow.FollowUps...)
			}
		}
		if seen[rule.ID] {
			circular = append(circular, rule.ID)
		}
	}
	return circular
}

func digest(src *datafile.File) string {
	sum := sha256.Sum256(src.Data)
	return "sha256:" + hex.EncodeToString(sum[:])
}
