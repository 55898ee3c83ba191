//go:build !windows

package quality

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stanch/stanch/bench/corpus"
)

// program writes a shell script that takes the place of stanch. Its arguments
// end with the target.
func program(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "stanch")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestJudgeReadsWhatTheProgramSays(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "c")
	if _, err := corpus.Write(dir, corpus.Tuning, 1, []string{"plain", "imei"}); err != nil {
		t.Fatal(err)
	}
	binary := program(t, `
for target; do :; done
echo '{"class":"pan","path":"'$target'/plain/payments-01.log","line":1,"confidence":"high","token":"t1.x.AAAA"}'
echo '{"class":"pan","path":"'$target'/imei/payments-01.log","line":3,"confidence":"high","token":"t1.x.BBBB"}'
echo "stanch: not examined: $target/x: it is encrypted" >&2
exit 2`)
	table, err := Judge(t.Context(), binary, dir)
	if err != nil {
		t.Fatal(err)
	}
	if s := table.Class("plain"); s.Found != 0 || s.Planted != 400 || s.False != 1 {
		t.Errorf("plain: got %+v, want a stranger and nothing found", s)
	}
	if s := table.Class("imei"); s.High != 1 || s.Planted != 2000 {
		t.Errorf("imei: got %+v, want one at high confidence", s)
	}
	if table.Refused != 1 {
		t.Errorf("got %d lines about what was not examined, want 1", table.Refused)
	}
}

func TestJudgeRefusesABrokenProgram(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "c")
	if _, err := corpus.Write(dir, corpus.Tuning, 1, []string{"plain"}); err != nil {
		t.Fatal(err)
	}
	for name, script := range map[string]string{"exit 3": "echo stanch: no >&2; exit 3", "no JSON": "echo hello", "killed": "kill -9 $$"} {
		if _, err := Judge(t.Context(), program(t, script), dir); err == nil {
			t.Errorf("%s: got a table, want an error", name)
		}
	}
}

func TestRealText(t *testing.T) {
	dir := t.TempDir()
	test := "4111" + strings.Repeat("1", 12)
	if err := os.WriteFile(filepath.Join(dir, "a"), []byte("card "+test), 0o600); err != nil {
		t.Fatal(err)
	}
	binary := program(t, `
for target; do :; done
say() { echo '{"class":"pan","path":"'$target'/'$1'","line":1,"offset":5,"length":16,"confidence":"'$2'","token":"'$3'","test":'$4'}'; }
say a high A true
say b high B false
say c high B false
say c medium C false
say 'z.zip!d' high D true
exit 1`)
	text, err := RealText(t.Context(), binary, []string{dir})
	if err != nil {
		t.Fatal(err)
	}
	// The first holds a test number, but the token is not that number's.
	if len(text.Distinct) != 2 || text.Distinct[0].Places != 2 || text.Tests != 1 || text.Medium != 1 {
		t.Errorf("got %+v", text)
	}
}
