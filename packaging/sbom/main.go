// Command sbom writes the bill of materials of a binary as CycloneDX 1.5: the
// modules linked into it with their checksums and licences. The same binary
// gives the same bytes: there is no clock in it and no random number.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/stanch/stanch/packaging/module"
)

type bom struct {
	Format       string       `json:"bomFormat"`
	Spec         string       `json:"specVersion"`
	Serial       string       `json:"serialNumber"`
	Version      int          `json:"version"`
	Metadata     metadata     `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Type     string         `json:"type"`
	Ref      string         `json:"bom-ref"`
	Name     string         `json:"name"`
	Version  string         `json:"version"`
	Hashes   []hash         `json:"hashes,omitempty"`
	Licences []licenceEntry `json:"licenses,omitempty"`
	PURL     string         `json:"purl"`
	More     []property     `json:"properties,omitempty"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type licenceEntry struct {
	Licence struct {
		ID string `json:"id"`
	} `json:"license"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type dependency struct {
	Ref string   `json:"ref"`
	On  []string `json:"dependsOn,omitempty"`
}

func main() {
	version := flag.String("version", "", "version of the release")
	flag.Parse()
	if flag.NArg() != 1 || *version == "" {
		fmt.Fprintln(os.Stderr, "usage: sbom -version V BINARY >FILE")
		os.Exit(2)
	}
	if err := write(os.Stdout, flag.Arg(0), *version); err != nil {
		fmt.Fprintf(os.Stderr, "sbom: %v\n", err)
		os.Exit(1)
	}
}

func write(w io.Writer, binary, version string) error {
	modules, err := module.Read(binary, ".")
	if err != nil {
		return err
	}
	body, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(describe(filepath.Base(binary), version, sha256.Sum256(body), modules))
}

// describe lists the modules. The serial number of a bill has the form of a
// UUID; this one is made from the binary's hash.
func describe(name, version string, sum [32]byte, modules []module.Module) bom {
	self := component{
		Type: "application", Name: name, Version: version, PURL: "pkg:golang/github.com/stanch/stanch@v" + version,
		Hashes: []hash{{"SHA-256", hex.EncodeToString(sum[:])}}, Licences: named("Apache-2.0"),
	}
	self.Ref = self.PURL
	out := bom{Format: "CycloneDX", Spec: "1.5", Version: 1, Serial: serial(sum), Metadata: metadata{self}}
	on := dependency{Ref: self.Ref}
	for _, m := range modules {
		c := component{Type: "library", Ref: m.URL, Name: m.Path, Version: m.Version, PURL: m.URL, Licences: named(ids(m)...)}
		if m.Sum != "" {
			// The hash of a list of hashes: no file has it, so it must not pass
			// for a plain SHA-256.
			c.More = []property{{"go:sum", m.Sum}}
		}
		out.Components = append(out.Components, c)
		out.Dependencies = append(out.Dependencies, dependency{Ref: c.Ref})
		on.On = append(on.On, c.Ref)
	}
	out.Dependencies = append([]dependency{on}, out.Dependencies...)
	return out
}

func serial(sum [32]byte) string {
	id := sum[:16]
	id[6] = id[6]&0x0f | 0x80 // version 8: made by a rule of one's own
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:16])
}

// ids are the licences of a module by name, each once.
func ids(m module.Module) []string {
	var all []string
	seen := map[string]bool{"": true}
	for _, l := range m.Licences {
		if !seen[l.SPDX] {
			seen[l.SPDX] = true
			all = append(all, l.SPDX)
		}
	}
	return all
}

func named(ids ...string) []licenceEntry {
	var all []licenceEntry
	for _, id := range ids {
		var l licenceEntry
		l.Licence.ID = id
		all = append(all, l)
	}
	return all
}
