package filelock

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/stanch/stanch/internal/containment"
)

// Inspect implements [containment.Actuator].
func (l *Lock) Inspect(ctx context.Context, at containment.Where, mode containment.Mode) (containment.Inspection, error) {
	var seen containment.Inspection
	place, err := l.locate(at)
	if err != nil {
		return seen, err
	}
	t, err := l.hold(place, mode != "")
	if err != nil {
		return seen, err
	}
	defer t.close()
	if mode != "" {
		if err := t.refuseFolder(); err != nil {
			return seen, err
		}
	}
	if seen.Print, err = fingerprint(t.file, t.st); err != nil {
		return seen, fault(at, refusal(err))
	}
	if seen.Print.Links, seen.Print.Elsewhere, err = l.linksOf(ctx, place, t); err != nil {
		return seen, err
	}
	seen.Holders, seen.Unseen = holders(t.id())
	if slices.ContainsFunc(seen.Holders, func(h containment.Holder) bool { return h.Writes }) {
		seen.Advice = advise(filepath.Join(t.dir.path, t.name), seen.Holders)
		seen.Advice.Old = t.older()
	}
	return seen, nil
}

// Same implements [containment.Actuator].
func (l *Lock) Same(_ context.Context, at containment.Where, want containment.Fingerprint) (bool, error) {
	place, err := l.locate(at)
	if err != nil {
		return false, err
	}
	dir, err := l.into(place, false)
	if err != nil {
		return false, err
	}
	defer dir.close()
	name, err := dir.real(place.parts[len(place.parts)-1])
	if err != nil {
		return false, fault(at, refusal(err))
	}
	got, err := dir.inode(name)
	return err == nil && got == idOf(want), nil
}

// A target is an open file in its open folder.
type target struct {
	at   rooted
	dir  *folder
	name string // as the system knows it
	file *os.File
	st   unix.Stat_t
}

func (t *target) close() {
	t.file.Close()
	t.dir.close()
}

func (t *target) id() id { return id{t.st.Dev, t.st.Ino} }

// hold opens the file at a place. With guard set it refuses what a lock must
// not take.
func (l *Lock) hold(at rooted, guard bool) (*target, error) {
	dir, err := l.into(at, guard)
	if err != nil {
		return nil, err
	}
	name, err := dir.real(at.parts[len(at.parts)-1])
	if err != nil {
		dir.close()
		return nil, fault(at.Where, refusal(err))
	}
	return l.holdIn(at, dir, name, guard)
}

// holdIn opens a file in a folder, and closes the folder if it cannot.
func (l *Lock) holdIn(at rooted, dir *folder, name string, guard bool) (*target, error) {
	file, st, err := dir.open(name)
	if err != nil {
		dir.close()
		return nil, faultBy(at.Where, err)
	}
	t := &target{at, dir, name, file, st}
	if isOwn(int(file.Fd()), l.ownFiles()) {
		t.close()
		return nil, fault(at.Where, containment.FaultOwn)
	}
	if guard {
		if fault := t.refuse(); fault != nil {
			t.close()
			return nil, fault
		}
	}
	return t, nil
}

// refuse says why a lock must not take the file, or nil.
func (t *target) refuse() error {
	head := make([]byte, headSize)
	n, err := t.file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return faultBy(t.at.Where, err)
	}
	defer clear(head) // it may hold card data
	if word := refuseKind(t.name, head[:n], t.st.Mode&0o111 != 0); word != "" {
		return fault(t.at.Where, word)
	}
	return nil
}

// older counts the files beside a log that look like its older generations.
func (t *target) older() int {
	names, err := t.dir.names()
	if err != nil {
		return 0
	}
	n := 0
	for _, name := range names {
		if len(name) > len(t.name)+1 && name[:len(t.name)] == t.name && (name[len(t.name)] == '.' || name[len(t.name)] == '-') {
			n++
		}
	}
	return n
}
