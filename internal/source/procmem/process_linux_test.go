package procmem

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
)

// holder starts a process that has text in its memory and waits.
func holder(t *testing.T, text string) *exec.Cmd {
	t.Helper()
	c := exec.Command("sh", "-c", `read held; echo ready; read more`)
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); c.Process.Kill(); c.Wait() })
	io.WriteString(in, text+"\n")
	if _, err := io.ReadFull(out, make([]byte, len("ready"))); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestReadsAnotherProcess(t *testing.T) {
	pan := cardtest.Number(card.Visa, 16, 41)
	c := holder(t, pan)
	p, err := Open(c.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	found := false
	for _, r := range p.Regions {
		content, err := io.ReadAll(io.NewSectionReader(p.Reader(r), 0, r.End-r.Start))
		if err != nil || int64(len(content)) != r.End-r.Start {
			t.Errorf("%s: got %d bytes and %v", r.Shown(), len(content), err)
		}
		found = found || bytes.Contains(content, []byte(pan))
	}
	if !found {
		t.Error("what the process was given is in none of its regions")
	}
	c.Process.Kill()
	c.Wait()
	for range 100 { // its memory goes a moment after it
		if _, err = p.Reader(p.Regions[0]).ReadAt(make([]byte, 16), 0); errors.Is(err, fs.ErrNotExist) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("after its end: got %v", err)
}

// TestHugeMapping maps a gigabyte, touches two pages of it and looks at them.
func TestHugeMapping(t *testing.T) {
	const size = 1 << 30
	mapped, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON|syscall.MAP_NORESERVE)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Munmap(mapped)
	mapped[1<<20], mapped[900<<20] = 'x', 'y'
	start := int64(uintptr(unsafe.Pointer(&mapped[0])))
	got := touched("/proc/self", []Region{{Start: start, End: start + size, Label: "anonymous", lone: true}})
	var read int64
	holds := 0
	for _, r := range got {
		read += r.End - r.Start
		for _, at := range []int64{start + 1<<20, start + 900<<20} {
			if r.Start <= at && at < r.End {
				holds++
			}
		}
	}
	if holds != 2 || read > 64<<20 {
		t.Errorf("got %d regions of %d bytes with %d of the 2 pages", len(got), read, holds)
	}
}

func TestAVanishedRegion(t *testing.T) {
	p, err := Open(holder(t, "x").Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if _, err := p.Reader(Region{Start: 4096, End: 8192}).ReadAt(make([]byte, 10), 0); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want %v", err, fs.ErrNotExist)
	}
}

func TestRefusedProcesses(t *testing.T) {
	if _, err := Open(os.Getpid()); err != ErrOwn {
		t.Errorf("this process: got %v", err)
	}
	if _, err := Open(1 << 30); err != ErrNoProcess {
		t.Errorf("no process: got %v", err)
	}
}
