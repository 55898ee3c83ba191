package main

import (
	"crypto/sha256"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stanch/stanch/packaging/module"
)

func TestDescribe(t *testing.T) {
	sum := sha256.Sum256([]byte("binary"))
	got := describe("stanch", "1.2.3", sum, []module.Module{
		{Path: "example.org/a", Version: "v1.0.0", Sum: "h1:abc=", URL: "pkg:golang/example.org/a@v1.0.0",
			Licences: []module.Licence{{File: "LICENSE", SPDX: "MIT"}, {File: "LICENSE-2", SPDX: "MIT"}, {File: "NOTICE"}}},
	})
	if got.Serial[:9] != "urn:uuid:" || len(got.Serial) != 45 || got.Serial[23] != '8' {
		t.Errorf("got serial %q, want a UUID of version 8", got.Serial)
	}
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"bomFormat":"CycloneDX","specVersion":"1.5"`,
		`"licenses":[{"license":{"id":"MIT"}}],"purl":"pkg:golang/example.org/a@v1.0.0","properties":[{"name":"go:sum","value":"h1:abc="}]`,
		`{"ref":"pkg:golang/github.com/stanch/stanch@v1.2.3","dependsOn":["pkg:golang/example.org/a@v1.0.0"]}`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("got %s\nwant it to hold %s", text, want)
		}
	}
}
