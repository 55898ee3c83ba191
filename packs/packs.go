// Package packs holds what Stanch knows as data: the playbook of a case, its
// gates, the policy that opens one, the words for kinds of data and signs, the
// first-hour sheet, codenames and the taxonomy of operator errors.
//
// The embedded files go in, and any file of the same name that the caller puts
// in an override folder takes its place whole. Checked, typed values come out:
// every reference between files resolves and every text exists in Chinese and
// in English, or nothing is loaded at all. The package decides nothing about a
// case, reads no clock and writes nothing.
package packs

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/stanch/stanch/internal/datafile"
)

//go:embed *.yaml
var embedded embed.FS

// Packs is everything loaded, checked as a whole. It is read-only after Load
// and safe for concurrent use.
type Packs struct {
	Playbook    Playbook
	Policy      Policy
	Classes     Classes
	DataClasses DataClasses
	Signs       Signs
	Sheet       Sheet
	Codenames   Codenames
	Taxonomy    Taxonomy

	versions map[string]string
}

// How packs are written is the business of [datafile]; its words are used as they are.
type (
	Header    = datafile.Header
	FileError = datafile.FileError
	Text      = datafile.Text
	Tri       = datafile.Tri
)

// The three truths in their order.
const (
	False   = datafile.False
	Unknown = datafile.Unknown
	True    = datafile.True
)

// TriOf returns True or False for a fact that is known.
func TriOf(b bool) Tri { return datafile.TriOf(b) }

// Load reads the packs. A file in override replaces the embedded file of the
// same name; nil means the embedded files alone. A YAML file with a name that is
// no pack's is refused, because a misspelt override would otherwise be ignored
// in silence. The error is a [*FileError] if a file's content is at fault.
func Load(override fs.FS) (*Packs, error) {
	p := &Packs{versions: map[string]string{}}
	files := p.files()
	if err := refuseStrangers(override, files); err != nil {
		return nil, err
	}
	sources := map[string]*datafile.File{}
	for _, f := range files {
		src, err := open(override, f.name)
		if err != nil {
			return nil, fmt.Errorf("load packs: %w", err)
		}
		if err := src.Decode(f.into); err != nil {
			return nil, fmt.Errorf("load packs: %w", err)
		}
		if err := src.CheckHeader(*f.header, f.schema); err != nil {
			return nil, fmt.Errorf("load packs: %w", err)
		}
		sum := sha256.Sum256(src.Data)
		p.versions[f.name] = f.header.Version + " sha256:" + hex.EncodeToString(sum[:])
		sources[f.name] = src
	}
	for _, f := range files {
		r := &report{src: sources[f.name]}
		r.walk(f.into)
		f.check(r)
		if r.fault != nil {
			return nil, fmt.Errorf("load packs: %w", r.fault)
		}
	}
	return p, nil
}

// Versions maps each file's name to its edition and the SHA-256 of the bytes
// that were loaded, so that a case can record exactly what it was run by.
func (p *Packs) Versions() map[string]string {
	out := make(map[string]string, len(p.versions))
	for name, v := range p.versions {
		out[name] = v
	}
	return out
}

// packFile says where one file is decoded to and what is asked of it.
type packFile struct {
	name, schema string
	into         any
	header       *Header
	check        func(*report)
}

func (p *Packs) files() []packFile {
	return []packFile{
		{"data-classes.yaml", "stanch.data-classes/v1", &p.DataClasses, &p.DataClasses.Header, p.DataClasses.check},
		{"classes.yaml", "stanch.classes/v1", &p.Classes, &p.Classes.Header, p.checkClasses},
		{"signs.yaml", "stanch.signs/v1", &p.Signs, &p.Signs.Header, p.checkSigns},
		{"playbook.yaml", "stanch.playbook/v1", &p.Playbook, &p.Playbook.Header, p.checkPlaybook},
		{"policy.yaml", "stanch.policy/v1", &p.Policy, &p.Policy.Header, p.checkPolicy},
		{"sheet.yaml", "stanch.sheet/v1", &p.Sheet, &p.Sheet.Header, p.checkSheet},
		{"codenames.yaml", "stanch.codenames/v1", &p.Codenames, &p.Codenames.Header, p.Codenames.check},
		{"taxonomy.yaml", "stanch.taxonomy/v1", &p.Taxonomy, &p.Taxonomy.Header, p.checkTaxonomy},
	}
}

func refuseStrangers(override fs.FS, files []packFile) error {
	if override == nil {
		return nil
	}
	entries, err := fs.ReadDir(override, ".")
	if err != nil {
		return fmt.Errorf("load packs: list override folder: %w", err)
	}
	for _, e := range entries {
		ext := path.Ext(e.Name())
		if e.IsDir() || ext != ".yaml" && ext != ".yml" {
			continue
		}
		if !slices.ContainsFunc(files, func(f packFile) bool { return f.name == e.Name() }) {
			return fmt.Errorf("load packs: %w", &FileError{File: e.Name(),
				Problem: "is no pack; name it like the pack it replaces (playbook.yaml, policy.yaml, …) or move it away"})
		}
	}
	return nil
}

// open reads a file from the override if it is there, and else from the binary.
func open(override fs.FS, name string) (*datafile.File, error) {
	from := fs.FS(embedded)
	if override != nil {
		switch _, err := fs.Stat(override, name); {
		case err == nil:
			from = override
		case !errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("open pack %s: %w", name, err)
		}
	}
	return datafile.Open(from, name)
}
