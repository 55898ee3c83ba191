package cell

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
	"github.com/stanch/stanch/internal/carrier"
	"github.com/stanch/stanch/internal/finding"
)

// TestMain lets the test binary be its own worker, with parsers that misbehave.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "worker" {
		if err := work(context.Background(), os.Stdin, os.Stdout, wild()); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// wild is the builtin registry with decoders that do what bad parsers do.
func wild() *carrier.Registry {
	return carrier.Builtin(
		bad{"panics", func(head []byte) { panic("parse " + string(head)) }},
		bad{"panics apart", func(head []byte) {
			go panic("parse " + string(head))
			time.Sleep(time.Minute)
		}},
		bad{"loops", func([]byte) {
			for {
				runtime.Gosched()
			}
		}},
		bad{"allocates", func([]byte) {
			var held [][]byte
			for range 8 << 10 {
				part := make([]byte, 1<<20)
				for i := 0; i < len(part); i += 4096 {
					part[i] = 1
				}
				held = append(held, part)
			}
			runtime.KeepAlive(held)
		}},
		bad{"allocates at once", func([]byte) { runtime.KeepAlive(make([]byte, 8<<30)) }},
		bad{"exits", func([]byte) { os.Exit(0) }},
		bad{"babbles", func([]byte) {
			os.Stdout.Write([]byte("M\xff\xff\xff\x7f and then nothing that makes sense"))
			time.Sleep(time.Minute)
		}},
		bad{"stops short", func([]byte) {
			os.Stdout.Write([]byte("M\x40\x00\x00\x00abc"))
			os.Exit(0)
		}},
		bad{"lies", func([]byte) {
			writeFrame(os.Stdout, frameEnd, packEnd(carrier.Report{Found: 5, Examined: 5, Refused: 3}))
			time.Sleep(time.Minute)
		}},
		bad{"sees", func([]byte) { sees() }},
	)
}

// sees ends the worker with a panic unless every door is shut.
func sees() {
	if _, err := os.Open("/etc/hostname"); err == nil {
		os.Exit(0)
	}
	if _, err := os.ReadDir("/proc"); err == nil {
		os.Exit(0)
	}
	if _, err := os.StartProcess("/bin/true", []string{"true"}, &os.ProcAttr{}); err == nil {
		os.Exit(0)
	}
	if len(os.Environ()) != 0 || os.Getuid() == 0 {
		os.Exit(0)
	}
	if socketOpens() || capable() {
		os.Exit(0)
	}
}

// bad is a container whose parser does something wrong.
type bad struct {
	mark string
	do   func(head []byte)
}

func (b bad) Name() string { return "bad" }
func (b bad) Sniff(head []byte, _ string) bool {
	return bytes.HasPrefix(head, []byte("bad parser "+b.mark+"\n"))
}
func (b bad) Walk(p *carrier.Part, visit func(*carrier.Member) error) error {
	head, _ := io.ReadAll(p.R)
	b.do(head)
	return nil
}

func newExaminer(t *testing.T, limits Limits) *Examiner {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := card.NewTokenizer("test", bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	e := New(Options{Tokenizer: tokens, Tenant: "main", Limits: limits, Command: []string{self, "worker"}, Registry: wild()})
	t.Cleanup(e.Close)
	return e
}

func examine(t *testing.T, e *Examiner, name string, content []byte) (carrier.Report, []finding.Match) {
	t.Helper()
	var found []finding.Match
	in := Input{Name: name, R: bytes.NewReader(content), Size: int64(len(content))}
	report, _, err := e.Examine(t.Context(), in, func(m finding.Match) { found = append(found, m) })
	if err != nil {
		t.Fatalf("examine %s: %v", name, err)
	}
	if report.Found != report.Examined+report.Refused {
		t.Errorf("examine %s: got found %d, examined %d, refused %d: does not add up", name, report.Found, report.Examined, report.Refused)
	}
	return report, found
}

func pan(n uint64) string { return cardtest.Number("visa", 16, n) }

// archive returns a zip with one deflated text member that holds the numbers.
func archive(t *testing.T, pans ...string) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	f, err := w.Create("b/c.log")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pans {
		fmt.Fprintf(f, "card number: %s ok\n", p)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestExaminePlainStartsNoWorker(t *testing.T) {
	e := newExaminer(t, Limits{})
	report, found := examine(t, e, "till.log", []byte("paid with "+pan(1)+"\n"))
	if len(found) != 1 || report.Examined != 1 {
		t.Fatalf("got %d matches, report %+v; want 1 match, 1 examined", len(found), report)
	}
	if got, want := found[0].Masked, card.Mask([]byte(pan(1))); got != want {
		t.Errorf("got masked %q, want %q", got, want)
	}
	if found[0].Token == "" || found[0].Path != "till.log" {
		t.Errorf("got token %q, path %q", found[0].Token, found[0].Path)
	}
	if started(e) != 0 {
		t.Errorf("got %d workers for plain text, want none", started(e))
	}
}

func TestExamineContainer(t *testing.T) {
	e := newExaminer(t, Limits{})
	report, found := examine(t, e, "dir/a.zip", archive(t, pan(1), pan(2)))
	if len(found) != 2 {
		t.Fatalf("got %d matches, want 2; report %+v", len(found), report)
	}
	if found[0].Path != "dir/a.zip!b/c.log" || found[0].Line != 1 || found[1].Line != 2 {
		t.Errorf("got %s line %d, then line %d; want dir/a.zip!b/c.log 1, 2", found[0].Path, found[0].Line, found[1].Line)
	}
	_, plainly := examine(t, e, "x", []byte(pan(1)))
	if len(plainly) != 1 || plainly[0].Token != found[0].Token {
		t.Errorf("the same number got different tokens apart and here")
	}
	if started(e) != 1 {
		t.Errorf("got %d workers, want 1", started(e))
	}
}

func TestBadParsers(t *testing.T) {
	// A worker that takes memory is slow near its limit, so only a loop gets a
	// short silence.
	limits := Limits{Wall: time.Minute, Silence: 30 * time.Second, Memory: 256 << 20}
	tests := []struct {
		mark string
		want carrier.Cause
	}{
		{"panics", carrier.WorkerDied},
		{"panics apart", carrier.WorkerDied},
		{"loops", carrier.Timeout},
		{"allocates", carrier.Memory},
		{"exits", carrier.WorkerDied},
		{"babbles", carrier.WorkerDied},
		{"stops short", carrier.WorkerDied},
		{"lies", carrier.WorkerDied},
	}
	if !raceBuild {
		tests = append(tests, struct {
			mark string
			want carrier.Cause
		}{"allocates at once", carrier.Memory})
	}
	for _, tt := range tests {
		t.Run(tt.mark, func(t *testing.T) {
			limits := limits
			if tt.mark == "loops" {
				limits.Silence = 500 * time.Millisecond
			}
			e := newExaminer(t, limits)
			report, _ := examine(t, e, "evil", []byte("bad parser "+tt.mark+"\n"+pan(77)))
			if report.Causes[tt.want] != 1 || report.Refused != 1 {
				t.Errorf("got report %+v, want one refused: %s", report, tt.want)
			}
			if after, found := examine(t, e, "a.zip", archive(t, pan(1))); len(found) != 1 || after.Refused != 0 {
				t.Errorf("after it: got %d matches, report %+v; want 1 match, none refused", len(found), after)
			}
		})
	}
}

func TestFence(t *testing.T) {
	if runtime.GOOS != "linux" || raceBuild {
		t.Skip("the walls stand on linux, in a build without C")
	}
	e := newExaminer(t, Limits{})
	report, _ := examine(t, e, "spy", []byte("bad parser sees\n"))
	if report.Refused != 0 || report.Examined != 1 {
		t.Errorf("got report %+v: the worker reached something it must not", report)
	}
}

func TestHundredAfterACrash(t *testing.T) {
	e := newExaminer(t, Limits{})
	examine(t, e, "evil", []byte("bad parser panics\n"))
	for i := range uint64(100) {
		report, found := examine(t, e, "a.zip", archive(t, pan(i)))
		if len(found) != 1 || report.Refused != 0 {
			t.Fatalf("input %d: got %d matches, report %+v; want 1 match, none refused", i, len(found), report)
		}
	}
	if started(e) != 1 {
		t.Errorf("got %d workers alive, want the one that replaced the first", started(e))
	}
}

func TestWorkerKilledFromOutside(t *testing.T) {
	e := newExaminer(t, Limits{})
	examine(t, e, "a.zip", archive(t, pan(1)))
	e.pool.mu.Lock()
	w := e.pool.idle[0]
	e.pool.mu.Unlock()
	w.cmd.Process.Kill()
	report, _ := examine(t, e, "a.zip", archive(t, pan(1)))
	if report.Causes[carrier.WorkerDied] != 1 {
		t.Errorf("got report %+v, want worker_died", report)
	}
	if _, found := examine(t, e, "a.zip", archive(t, pan(1))); len(found) != 1 {
		t.Errorf("after it: got %d matches, want 1", len(found))
	}
}

// shrinking answers as a file that is cut while it is read.
type shrinking struct {
	content []byte
	limit   int64
}

func (s shrinking) ReadAt(p []byte, off int64) (int, error) {
	if off >= s.limit {
		return 0, io.EOF
	}
	n := copy(p, s.content[off:s.limit])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func TestFileShrinks(t *testing.T) {
	e := newExaminer(t, Limits{})
	text := []byte(strings.Repeat("pay "+pan(3)+"\n", 60_000))
	packed := archive(t, pan(1))
	for name, content := range map[string][]byte{"till.log": text, "a.zip": packed} {
		in := Input{Name: name, R: shrinking{content, int64(len(content)) / 2}, Size: int64(len(content))}
		report, _, err := e.Examine(t.Context(), in, func(finding.Match) {})
		if err != nil || report.Causes[carrier.Shrank] == 0 {
			t.Errorf("%s: got report %+v, error %v; want cause shrank", name, report, err)
		}
	}
}

func TestCancelled(t *testing.T) {
	e := newExaminer(t, Limits{})
	ctx, cancel := context.WithCancel(t.Context())
	content := []byte("bad parser loops\n")
	go func() {
		for started(e) == 0 {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	_, _, err := e.Examine(ctx, Input{Name: "x", R: bytes.NewReader(content), Size: int64(len(content))}, func(finding.Match) {})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want context canceled", err)
	}
}

func TestCloseLeavesNoWorker(t *testing.T) {
	e := newExaminer(t, Limits{})
	examine(t, e, "a.zip", archive(t, pan(1)))
	e.pool.mu.Lock()
	w := e.pool.idle[0]
	e.pool.mu.Unlock()
	e.Close()
	if w.cmd.ProcessState == nil {
		t.Fatal("the worker was not waited for")
	}
	content := archive(t, pan(1))
	_, _, err := e.Examine(t.Context(), Input{Name: "a.zip", R: bytes.NewReader(content), Size: int64(len(content))}, func(finding.Match) {})
	if !errors.Is(err, ErrClosed) {
		t.Errorf("got error %v after Close, want ErrClosed", err)
	}
}

// TestWorkerWords reads what a worker with a panicking parser writes to
// standard error: it must not quote the input.
func TestWorkerWords(t *testing.T) {
	for _, mark := range []string{"panics", "allocates"} {
		e := newExaminer(t, Limits{Memory: 256 << 20})
		w, err := e.pool.take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		content := []byte("bad parser " + mark + "\n" + pan(77))
		in := Input{Name: pan(78), R: bytes.NewReader(content), Size: int64(len(content))}
		watch := newWatch(w, e.options.Limits)
		stop := watch.run(t.Context())
		_, err = w.converse(in, e.options, (&sealer{tokens: e.options.Tokenizer, emit: func(finding.Match) {}}).match, watch)
		if err == nil || card.HoldsPAN(err.Error()) {
			t.Errorf("%s: got error %v", mark, err)
		}
		stop()
		w.end()
		if bytes.Contains(w.words.kept, []byte(pan(77))) || bytes.Contains(w.words.kept, []byte(pan(78))) {
			t.Errorf("%s: the worker's last words quote the input", mark)
		}
		e.pool.give(w, false)
	}
}

// started counts the workers alive.
func started(e *Examiner) int {
	e.pool.mu.Lock()
	defer e.pool.mu.Unlock()
	return len(e.pool.idle) + len(e.pool.busy)
}
