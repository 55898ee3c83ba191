// Command compiles reports whether the packages here would compile for other
// systems, tests included. In go names like windows/arm64; out comes each type
// error. It reads sources and generates no code, which takes a tenth of the
// time of a build: bodies of functions are checked in our own packages alone.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	bad := false
	for _, system := range os.Args[1:] {
		errs, err := check(system, "./...")
		if err != nil {
			fmt.Fprintf(os.Stderr, "compiles: check for %s: %v\n", system, err)
			os.Exit(2)
		}
		fmt.Println(system)
		for _, err := range errs {
			fmt.Println("  ", err)
			bad = true
		}
	}
	if bad {
		os.Exit(1)
	}
}

// listed is what the go tool says of a package, or of a variant for a test.
type listed struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	ImportMap  map[string]string // import path in the source, to ImportPath
	Module     *struct{ Main bool }
	Error      *struct{ Err string }
}

// check type-checks all packages for a system, in the order in which they
// need each other, and returns the errors in ours.
func check(system, pattern string) ([]error, error) {
	list, err := packages(system, pattern)
	if err != nil {
		return nil, err
	}
	c := &checker{files: token.NewFileSet(), done: map[string]*types.Package{"unsafe": types.Unsafe}}
	_, c.arch, _ = strings.Cut(system, "/")
	for _, p := range list {
		if p.Error != nil {
			c.errs = append(c.errs, errors.New(p.Error.Err))
			continue
		}
		if p.ImportPath != "unsafe" && !strings.HasSuffix(p.ImportPath, ".test") { // that one the go tool writes itself
			c.check(p)
		}
	}
	return c.errs, nil
}

// packages lists what matches pattern and all it needs, needed ones first.
func packages(system, pattern string) ([]listed, error) {
	goos, arch, ok := strings.Cut(system, "/")
	if !ok {
		return nil, errors.New("want a name like windows/amd64")
	}
	cmd := exec.Command("go", "list", "-e", "-test", "-deps", "-json=ImportPath,Dir,GoFiles,ImportMap,Module,Error", pattern)
	cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+arch, "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("list packages: %w", err)
	}
	var all []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); err == io.EOF {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("list packages: %w", err)
		}
		all = append(all, p)
	}
}

// A checker holds the packages checked so far.
type checker struct {
	arch  string
	files *token.FileSet
	done  map[string]*types.Package
	errs  []error
}

// check type-checks one package. Errors in packages of others are not ours to
// report: whatever they break in ours shows there.
func (c *checker) check(p listed) {
	ours := p.Module != nil && p.Module.Main
	report := func(err error) {
		if ours {
			c.errs = append(c.errs, err)
		}
	}
	var files []*ast.File
	for _, name := range p.GoFiles {
		if !filepath.IsAbs(name) {
			name = filepath.Join(p.Dir, name)
		}
		f, err := parser.ParseFile(c.files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			report(err)
		}
		if f != nil {
			files = append(files, f)
		}
	}
	path, _, _ := strings.Cut(p.ImportPath, " ")
	config := types.Config{
		Importer: importer{c, p.ImportMap}, IgnoreFuncBodies: !ours, Error: report, Sizes: types.SizesFor("gc", c.arch),
	}
	c.done[p.ImportPath], _ = config.Check(path, c.files, files, nil) // report has had the errors
}

// An importer finds what one package imports among those checked.
type importer struct {
	*checker
	names map[string]string
}

// Import implements [types.Importer].
func (i importer) Import(path string) (*types.Package, error) {
	if name, ok := i.names[path]; ok {
		path = name
	}
	if p := i.done[path]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("import %s: it does not exist on this system", path)
}
