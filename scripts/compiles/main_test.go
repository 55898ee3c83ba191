package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCheck plants what compiles on one system only.
func TestCheck(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	files := map[string]string{
		"go.mod":         "module example.org/m\n\ngo 1.26\n",
		"m.go":           "package m\n\nimport \"syscall\"\n\nvar A = syscall.Umask\n",
		"m_test.go":      "package m_test\n\nimport (\n\t\"testing\"\n\n\t\"example.org/m\"\n)\n\nfunc TestM(t *testing.T) { m.B() }\n",
		"b_linux.go":     "package m\n\nfunc B() {}\n",
		"c_windows.go":   "package m\n\nfunc B() { var unused int }\n",
		"inner/inner.go": "package inner\n\nimport \"example.org/m\"\n\nvar B = m.B\n",
	}
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tests := map[string][]string{
		"linux/arm64":   nil,
		"windows/amd64": {"undefined: syscall.Umask", "declared and not used: unused"},
		"darwin/arm64":  {"undefined: m.B"},
	}
	for system, want := range tests {
		errs, err := check(system, "./...")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, err := range errs {
			got = append(got, err.Error())
		}
		text := strings.Join(got, "\n")
		if len(want) == 0 && text != "" {
			t.Errorf("%s: got %s, want nothing", system, text)
		}
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: got %q, want %q in it", system, text, w)
			}
		}
	}
	if _, err := check("windows", "./..."); err == nil {
		t.Error("half a name: got no error, want one")
	}
}
