package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
	"github.com/stanch/stanch/internal/keyring"
)

// TestScanResumedAfterKill kills a scan in the middle, several times, and wants
// the last to come to what a scan in one piece does, without reading again what
// was remembered.
func TestScanResumedAfterKill(t *testing.T) {
	const files = 400
	dir := t.TempDir()
	shop, keys, state := filepath.Join(dir, "shop"), filepath.Join(dir, "keys"), filepath.Join(dir, "state")
	if err := os.Mkdir(shop, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := keyring.Create(keys, "shop"); err != nil {
		t.Fatal(err)
	}
	for n := range uint64(files) {
		text := fmt.Sprintf("card=%s\n%s", cardtest.Number(card.Visa, 16, n), strings.Repeat("nothing to see\n", 500))
		if err := os.WriteFile(filepath.Join(shop, fmt.Sprintf("%03d.log", n)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	scan := func(args ...string) (*exec.Cmd, *bytes.Buffer) {
		var out bytes.Buffer
		cmd := exec.Command(program(t), append(append([]string{"scan", "--keys", keys}, args...), shop)...)
		cmd.Stdout = &out
		return cmd, &out
	}
	whole, want := scan()
	_ = whole.Run() // exit 1: found
	digest := resultLine.FindString(want.String())
	if digest == "" {
		t.Fatalf("got %.300s, want a result", want)
	}
	remembered := 0
	for range 4 {
		cut, _ := scan("--state", state, "--max-rate", "2M")
		if err := cut.Start(); err != nil {
			t.Fatal(err)
		}
		eventually(t, "more remembered", func() bool { return linesOf(filepath.Join(state, "files")) >= remembered+40 })
		if err := cut.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cut.Wait()
		remembered = linesOf(filepath.Join(state, "files")) - 2 // the header, and perhaps a torn line
	}
	last, got := scan("--state", state)
	_ = last.Run()
	if after := resultLine.FindString(got.String()); after != digest {
		t.Errorf("got %s, want %s", after, digest)
	}
	var unchanged int
	for _, line := range strings.Split(got.String(), "\n") {
		fmt.Sscanf(line, "%d files are unchanged", &unchanged)
	}
	if unchanged < remembered || unchanged >= files {
		t.Errorf("got %d files not read again, want at least the %d remembered and not all", unchanged, remembered)
	}
}

func linesOf(path string) int {
	text, _ := os.ReadFile(path)
	return bytes.Count(text, []byte("\n"))
}

// TestScanStateShared says that two scans do not share a state.
func TestScanStateShared(t *testing.T) {
	tokens, err := card.NewTokenizer("k1", make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "state")
	first, err := openState(dir, tokens, false)
	if err != nil {
		t.Fatal(err)
	}
	defer first.close()
	began := time.Now()
	if second, err := openState(dir, tokens, false); err == nil {
		second.close()
		t.Errorf("got a second scan on one state after %v", time.Since(began))
	}
}
