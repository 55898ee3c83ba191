// Command licences writes the licence texts of everything linked into or
// embedded in the given binaries. It fails on a module without a licence that
// it knows, so that nothing is shipped by oversight.
package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/stanch/stanch/packaging/module"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: licences BINARY... >FILE")
		os.Exit(2)
	}
	if err := write(os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "licences: %v\n", err)
		os.Exit(1)
	}
}

func write(w io.Writer, binaries []string) error {
	all := map[string]module.Module{}
	for _, path := range binaries {
		modules, err := module.Read(path, ".")
		if err != nil {
			return err
		}
		for _, m := range modules {
			all[m.URL] = m
		}
	}
	var out bytes.Buffer
	out.WriteString("Stanch contains work of others. Their licences follow; Stanch's own is in LICENSE.\n")
	for _, url := range slices.Sorted(maps.Keys(all)) {
		m := all[url]
		fmt.Fprintf(&out, "\n%s\n%s %s\n", strings.Repeat("=", 78), m.Path, m.Version)
		for _, l := range m.Licences {
			fmt.Fprintf(&out, "%s\n%s\n\n%s", strings.Repeat("-", 78), l.File, l.Text)
		}
	}
	_, err := out.WriteTo(w)
	return err
}
