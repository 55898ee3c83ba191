package pack

import (
	"archive/zip"
	"bytes"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var at = time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC)

func sample() []File {
	return []File{
		{Name: "usr/bin/tool", Mode: 0o755, Body: []byte("program")},
		{Name: "etc/tool/tool.yaml", Mode: 0o640, Body: []byte("odd")},
		{Name: "var/lib/tool", Mode: fs.ModeDir | 0o700},
	}
}

// TestSame builds each kind twice, from files in another order and under
// another time zone.
func TestSame(t *testing.T) {
	kinds := map[string]func(io.Writer, []File, time.Time) error{
		"tar.gz": TarGz,
		"zip":    Zip,
		"deb": func(w io.Writer, files []File, at time.Time) error {
			return Deb(w, []File{{Name: "control", Mode: 0o644, Body: []byte("Package: tool\n")}}, files, at)
		},
	}
	for name, write := range kinds {
		t.Run(name, func(t *testing.T) {
			var one, two bytes.Buffer
			if err := write(&one, sample(), at); err != nil {
				t.Fatal(err)
			}
			turned := sample()
			turned[0], turned[2] = turned[2], turned[0]
			if err := write(&two, turned, at); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(one.Bytes(), two.Bytes()) {
				t.Error("got two different archives of the same files, want one")
			}
		})
	}
}

func TestZip(t *testing.T) {
	var out bytes.Buffer
	if err := Zip(&out, sample()[:1], at); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if got := z.File[0]; got.Name != "usr/bin/tool" || got.Mode() != 0o755 || !got.Modified.Equal(at) {
		t.Errorf("got %s %v %v, want usr/bin/tool -rwxr-xr-x %v", got.Name, got.Mode(), got.Modified, at)
	}
}

// TestDeb lets Debian's own tool read the package.
func TestDeb(t *testing.T) {
	tool, err := exec.LookPath("dpkg-deb")
	if err != nil {
		t.Skip("no dpkg-deb here")
	}
	path := filepath.Join(t.TempDir(), "tool.deb")
	var out bytes.Buffer
	control := []File{{Name: "control", Mode: 0o644, Body: []byte("Package: tool\nVersion: 1\nArchitecture: all\nMaintainer: nobody\nDescription: a tool\n")}}
	if err := Deb(&out, control, sample(), at); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := exec.Command(tool, "--field", path, "Package").CombinedOutput(); err != nil || strings.TrimSpace(string(got)) != "tool" {
		t.Errorf("got package %q (%v), want tool", got, err)
	}
	list, err := exec.Command(tool, "--contents", path).CombinedOutput()
	if err != nil {
		t.Fatalf("list contents: %v: %s", err, list)
	}
	for _, want := range []string{
		"-rwxr-xr-x root/root         7 2026-01-02 ", " ./usr/bin/tool\n",
		"drwx------ root/root         0 2026-01-02 ", " ./var/lib/tool/\n",
		"drwxr-xr-x root/root         0 2026-01-02 ", " ./etc/\n",
	} {
		if !strings.Contains(string(list), want) {
			t.Errorf("got\n%s\nwant a line with %q", list, want)
		}
	}
}
