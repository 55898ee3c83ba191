package cell

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/carrier"
	"github.com/stanch/stanch/scan"
)

// A process is one worker as the parent sees it. It serves one input at a time.
type process struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	pipe   io.Closer
	words  *lastWords
	frame  []byte // for what the worker sends
	answer []byte // for what it asked
	jobs   int
	ended  sync.Once
}

// start starts a worker with two pipes and nothing else.
func start(command []string) (*process, error) {
	if len(command) == 0 {
		self, err := itself()
		if err != nil {
			return nil, err
		}
		command = []string{self, "worker"}
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Args[0] = filepath.Base(os.Args[0])
	cmd.Env = []string{}
	cmd.Dir = rootDir
	cmd.SysProcAttr = ownGroup()
	words := &lastWords{}
	cmd.Stderr = words
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &process{cmd: cmd, in: in, out: bufio.NewReaderSize(out, 64<<10), pipe: out, words: words,
		frame: make([]byte, maxFrame), answer: make([]byte, blockSize+9)}, nil
}

// errTest keeps a test binary from running all its tests as a worker.
var errTest = errors.New("this program is a test and must name the worker's command")

// itself returns the path of this program.
func itself() (string, error) {
	if strings.HasSuffix(strings.TrimSuffix(os.Args[0], ".exe"), ".test") {
		return "", errTest
	}
	return os.Executable()
}

// end kills the worker and waits until it is gone.
func (w *process) end() {
	w.ended.Do(func() {
		w.in.Close()
		w.cmd.Process.Kill()
		w.cmd.Wait()
		clear(w.frame)
		clear(w.answer)
	})
}

// examine runs one input and reports whether the worker is fit for another.
func (w *process) examine(ctx context.Context, in Input, o Options, take take) (carrier.Report, bool) {
	w.jobs++
	watch := newWatch(w, o.Limits)
	stop := watch.run(ctx)
	report, err := w.converse(in, o, take, watch)
	stop()
	clear(w.frame)
	if err == nil {
		return report, true
	}
	w.end()
	return refused(in, watch.cause(w.words)), false
}

// converse sends the job and answers the worker until it has finished. Nothing
// a worker sends is trusted: a frame out of form ends it.
func (w *process) converse(in Input, o Options, take take, watch *watch) (carrier.Report, error) {
	j := job{
		name: in.Name, size: in.Size, wall: o.Limits.Wall, memory: o.Limits.Memory, budget: o.Limits.Budget,
		classes: o.Classes, least: o.Least, plain: o.Plain,
	}
	if err := writeFrame(w.in, frameJob, j.pack()); err != nil {
		return carrier.Report{}, err
	}
	shown := card.MaskText(in.Name)
	var missed []carrier.Unexamined
	for {
		kind, payload, err := readFrame(w.out, w.frame)
		watch.heard()
		if err != nil {
			return carrier.Report{}, err
		}
		switch kind {
		case frameRead:
			err = w.reply(in, payload)
			watch.heard()
		case frameMatch:
			err = found(take, shown, payload)
			clear(payload)
		case frameMissed:
			var u carrier.Unexamined
			u, err = unpackMissed(payload)
			u.Path = shown + card.MaskText(u.Path)
			missed = append(missed, u)
			if len(missed) > maxMissed {
				err = errWire
			}
		case frameEnd:
			return unpackEnd(payload, missed)
		default:
			err = errWire
		}
		if err != nil {
			return carrier.Report{}, err
		}
	}
}

// maxMissed is how many unexamined parts a worker may name; a report holds no
// more.
const maxMissed = 1000

// A take is given each match with its digits, for the length of the call.
type take func(m *scan.Match, path string, encoding []string)

// found hands over one match that the worker sent.
func found(take take, shown string, payload []byte) error {
	m, path, encoding, err := unpackMatch(payload)
	if err != nil {
		return err
	}
	take(&m, shown+card.MaskText(path), encoding)
	return nil
}

// reply reads one block of the input for the worker.
func (w *process) reply(in Input, payload []byte) error {
	if len(payload) != 8 {
		return errWire
	}
	index := int64(binary.LittleEndian.Uint64(payload))
	if index < 0 || index > 1<<40 {
		return errWire
	}
	n, err := in.R.ReadAt(w.answer[9:], index*blockSize)
	binary.LittleEndian.PutUint64(w.answer, uint64(index))
	switch {
	case err == nil:
		w.answer[8] = readFine
	case errors.Is(err, io.EOF):
		w.answer[8] = readEnd
	case errors.Is(err, fs.ErrNotExist):
		w.answer[8] = readGone
	default:
		w.answer[8] = readFault
	}
	return writeFrame(w.in, frameData, w.answer[:9+n])
}

// A watch kills a worker that oversteps, and remembers why.
type watch struct {
	w      *process
	limits Limits
	last   atomic.Int64 // when the worker was last heard, in nanoseconds since began
	began  time.Time
	why    atomic.Pointer[carrier.Cause]
}

func newWatch(w *process, limits Limits) *watch {
	return &watch{w: w, limits: limits, began: time.Now()}
}

func (t *watch) heard() { t.last.Store(int64(time.Since(t.began))) }

// tick is how often a worker is looked at while it works.
const tick = 100 * time.Millisecond

// run watches until the returned function is called.
func (t *watch) run(ctx context.Context) (stop func()) {
	done, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		ticker := time.NewTicker(tick)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ctx.Done():
				t.kill(carrier.Timeout)
				return
			case <-ticker.C:
				if cause := t.overstepped(); cause != "" {
					t.kill(cause)
					return
				}
			}
		}
	}()
	return func() { close(done); <-gone }
}

// overstepped names the limit that was passed. The worker itself stops at the
// wall time and reports what it has; it gets a quarter more to do so.
func (t *watch) overstepped() carrier.Cause {
	elapsed := time.Since(t.began)
	switch {
	case elapsed > t.limits.Wall+t.limits.Wall/4, elapsed-time.Duration(t.last.Load()) > t.limits.Silence:
		return carrier.Timeout
	case resident(t.w.cmd.Process.Pid) > t.limits.Memory:
		return carrier.Memory
	}
	return ""
}

func (t *watch) kill(cause carrier.Cause) {
	t.why.Store(&cause)
	t.w.cmd.Process.Kill()
}

// cause names why the worker ended: what it was killed for, or what its last
// words say, which are then forgotten.
func (t *watch) cause(words *lastWords) carrier.Cause {
	if why := t.why.Load(); why != nil {
		return *why
	}
	if words.outOfMemory() {
		return carrier.Memory
	}
	return carrier.WorkerDied
}

// lastWords keeps a little of what a worker writes to standard error, only to
// tell a lack of memory from other deaths. It is never shown.
type lastWords struct {
	mu   sync.Mutex // guards kept
	kept []byte
}

const maxWordsKept = 4 << 10

func (l *lastWords) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept = append(l.kept, p[:min(len(p), maxWordsKept-len(l.kept))]...)
	return len(p), nil
}

func (l *lastWords) outOfMemory() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := bytes.Contains(l.kept, []byte("out of memory")) || bytes.Contains(l.kept, []byte("cannot allocate memory"))
	clear(l.kept)
	l.kept = l.kept[:0]
	return out
}
