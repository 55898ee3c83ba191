// Package module says what a binary is made of. In goes a Go binary; out come
// the modules linked into it, what else is embedded, and the licence of each
// as its own file says. It never guesses: a module without a licence file is an
// error, and a licence that it does not recognise has no name.
package module

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A Module is something that others made and that is in the binary.
type Module struct {
	Path     string // module path, or a name if it is not a Go module
	Version  string
	Sum      string // as go.sum has it; empty if it is not a Go module
	URL      string // package URL, see github.com/package-url
	Licences []Licence
}

// A Licence is one licence file.
type Licence struct {
	File string
	SPDX string // identifier, or empty if the text is not one we know
	Text []byte
}

// Read returns what the binary at path is made of, sorted by path. Folder is
// the repository, where files that are not Go modules lie.
func Read(path, folder string) ([]Module, error) {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read build of %s: %w", path, err)
	}
	all, err := std(strings.TrimPrefix(info.GoVersion, "go"))
	if err != nil {
		return nil, err
	}
	for _, dep := range info.Deps {
		if dep.Replace != nil {
			return nil, fmt.Errorf("read build of %s: %s is replaced; a release is built from what go.mod names", path, dep.Path)
		}
		m := Module{Path: dep.Path, Version: dep.Version, Sum: dep.Sum, URL: "pkg:golang/" + dep.Path + "@" + dep.Version}
		dir, err := fetched(dep.Path, dep.Version)
		if err != nil {
			return nil, err
		}
		if m.Licences, err = licences(dir); err != nil {
			return nil, fmt.Errorf("read licence of %s: %w", dep.Path, err)
		}
		all = append(all, m)
	}
	for _, v := range vendored() {
		text, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(v.licence)))
		if err != nil {
			return nil, fmt.Errorf("read licence of %s: %w", v.Path, err)
		}
		v.Licences = []Licence{{File: filepath.Base(v.licence), SPDX: identify(text), Text: text}}
		all = append(all, v.Module)
	}
	slices.SortFunc(all, func(a, b Module) int { return strings.Compare(a.Path, b.Path) })
	return all, nil
}

// std is the standard library and the runtime, which are in every Go binary.
func std(version string) ([]Module, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("find go: %w", err)
	}
	m := Module{Path: "std", Version: version, URL: "pkg:golang/std@" + version}
	dir := strings.TrimSpace(string(root))
	m.Licences, err = licences(dir)
	if errors.Is(err, errNone) { // distributions keep it one folder up
		m.Licences, err = licences(filepath.Dir(dir))
	}
	if err != nil {
		return nil, fmt.Errorf("read licence of go: %w", err)
	}
	return []Module{m}, nil
}

// fetched returns the folder of a module in the module cache. The go tool
// checks what it fetches against go.sum.
func fetched(path, version string) (string, error) {
	out, err := exec.Command("go", "mod", "download", "-json", path+"@"+version).Output()
	if err != nil {
		return "", fmt.Errorf("fetch %s: %w", path, err)
	}
	var got struct{ Dir string }
	if err := json.Unmarshal(out, &got); err != nil {
		return "", fmt.Errorf("fetch %s: %w", path, err)
	}
	return got.Dir, nil
}

var errNone = errors.New("there is no licence file")

// licences reads the licence and notice files at the top of a module.
func licences(dir string) ([]Licence, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var all []Licence
	for _, e := range entries {
		if e.IsDir() || !legal(e.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		text = append(bytes.TrimSpace(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))), '\n')
		all = append(all, Licence{File: e.Name(), SPDX: identify(text), Text: text})
	}
	if !slices.ContainsFunc(all, func(l Licence) bool { return l.SPDX != "" }) {
		return all, errNone
	}
	return all, nil
}

// legal reports whether a file's name is one under which licences are kept.
func legal(name string) bool {
	if strings.EqualFold(filepath.Ext(name), ".go") {
		return false
	}
	name, _, _ = strings.Cut(strings.ToUpper(name), ".")
	for _, word := range []string{"LICENSE", "LICENCE", "COPYING", "NOTICE", "PATENTS", "COPYRIGHT", "UNLICENSE"} {
		if name == word || strings.HasPrefix(name, word+"-") {
			return true
		}
	}
	return false
}
