package filelock

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/stanch/stanch/internal/containment"
	"github.com/stanch/stanch/internal/durable"
)

// A hold is a file with every name it has under the roots, about to be taken
// away.
type hold struct {
	*target
	want   containment.Fingerprint
	copied *id // the masked copy, if one is known
	names  []held
}

// held is one name: the folder it is in and what it is called when nobody acts
// on it, and the private name it has meanwhile.
type held struct {
	dir          *folder
	base, hidden string
}

func (h *hold) close() {
	if h.target != nil {
		h.file.Close()
	}
	for _, n := range h.names {
		n.dir.close()
	}
}

// tag is the short form of a plan's mark that private names carry.
func tag(mark string) string {
	sum := sha256.Sum256([]byte(mark))
	return hex.EncodeToString(sum[:6])
}

// gather finds the file that was fingerprinted under its own names or under
// the private ones that an earlier attempt gave it. It returns a hold without
// a target if no name is left where the file was.
func (l *Lock) gather(ctx context.Context, at containment.Where, want containment.Fingerprint, o containment.Options) (*hold, error) {
	place, err := l.locate(at)
	if err != nil {
		return nil, err
	}
	h := &hold{want: want}
	if o.Copy != nil {
		copied := idOf(*o.Copy)
		h.copied = &copied
	}
	names, err := l.present(ctx, place, want, tag(o.Mark), o.Again)
	if err != nil {
		return nil, err
	}
	for _, n := range names {
		if err := l.gatherName(h, n, place, tag(o.Mark)); err != nil {
			h.close()
			return nil, err
		}
	}
	if h.target == nil {
		return h, l.reach(place, want)
	}
	return h, nil
}

// reach makes sure that what is left of the way to a file is on the device
// that the file was on. Where nothing is mounted, a file is not gone: it
// cannot be reached.
func (l *Lock) reach(at rooted, want containment.Fingerprint) error {
	dir, err := openRoot(at.root)
	if err != nil {
		return fault(at.Where, containment.FaultUnreadable)
	}
	defer func() { dir.close() }()
	for _, part := range at.parts[:len(at.parts)-1] {
		next, err := dir.step(part)
		if errors.Is(err, unix.ENOENT) {
			break
		}
		if err != nil {
			return fault(at.Where, containment.FaultUnreadable)
		}
		dir.close()
		dir = next
	}
	if !dir.mayHold(want.Device) {
		return fault(at.Where, containment.FaultUnreadable)
	}
	return nil
}

// present lists the names of the file, private ones included.
func (l *Lock) present(ctx context.Context, at rooted, want containment.Fingerprint, tag string, again bool) ([]name, error) {
	if len(want.Links) == 1 && !again {
		dir, err := l.into(at, true)
		if err != nil {
			return nil, err
		}
		defer dir.close()
		base, err := dir.real(at.parts[len(at.parts)-1])
		if err != nil {
			return nil, fault(at.Where, refusal(err))
		}
		if got, err := dir.inode(base); err != nil || got != idOf(want) {
			return nil, fault(at.Where, containment.FaultChanged)
		}
		t := &target{at: at, dir: dir, name: base}
		return []name{nameOf(at, t)}, nil
	}
	names, err := l.namesOf(ctx, idOf(want), want.Links)
	if err != nil {
		return nil, fault(at.Where, containment.FaultUnreadable)
	}
	// After a crash the inode may be another file's by now: only names that
	// the plan lists, or their private forms, count.
	return slices.DeleteFunc(names, func(n name) bool {
		n.base, _ = bare(tag, n.base)
		return !slices.Contains(want.Links, shown(n.path()))
	}), nil
}

func (l *Lock) gatherName(h *hold, n name, at rooted, tag string) error {
	dir, err := l.into(n.at(at.Where), true)
	if err != nil {
		return err
	}
	base, _ := bare(tag, n.base)
	hidden, err := private(tag, base)
	if err != nil {
		dir.close()
		return faultBy(at.Where, err)
	}
	if h.target == nil {
		t, err := l.holdIn(at, dir, n.base, true)
		if err != nil {
			return err
		}
		t.name = base
		if t.id() != idOf(h.want) {
			t.close()
			return fault(at.Where, containment.FaultChanged)
		}
		h.target = t
	}
	if !slices.ContainsFunc(h.names, func(o held) bool { return o.dir.path == dir.path && o.base == base }) {
		h.names = append(h.names, held{dir, base, hidden})
	} else {
		dir.close()
	}
	return nil
}

// check compares content and holders with what was approved.
func (h *hold) check(o containment.Options) error {
	if !h.steady() || !o.Again && len(h.names) != len(h.want.Links) {
		return fault(h.at.Where, containment.FaultChanged)
	}
	got, err := fingerprint(h.file, h.st)
	if err != nil || got.SHA256 != h.want.SHA256 {
		return fault(h.at.Where, containment.FaultChanged)
	}
	return h.free(o)
}

// steady reports whether the file still is as approved, with no name more.
func (h *hold) steady() bool {
	var st unix.Stat_t
	if unix.Fstat(int(h.file.Fd()), &st) != nil || int(st.Nlink) > len(h.want.Links)+h.want.Elsewhere {
		return false
	}
	return unchanged(h.file, h.want)
}

// free says that nobody has the file open for writing, or that it does not
// matter.
func (h *hold) free(o containment.Options) error {
	if o.Writers {
		return nil
	}
	all, _ := holders(h.id())
	if slices.ContainsFunc(all, func(x containment.Holder) bool { return x.Writes }) {
		return fault(h.at.Where, containment.FaultWriters)
	}
	return nil
}

// Remove implements [containment.Actuator]. Each name is first changed to a
// private one; only when all of them are seen to be the approved file, and it
// has not changed meanwhile, are they unlinked.
func (l *Lock) Remove(ctx context.Context, at containment.Where, want containment.Fingerprint, o containment.Options) error {
	h, err := l.gather(ctx, at, want, o)
	if err != nil {
		return err
	}
	defer h.close()
	if h.target == nil {
		return nil // cut off after the last name was unlinked
	}
	if err := h.check(o); err != nil {
		return errors.Join(err, h.reveal())
	}
	for _, n := range h.names {
		if err := h.hide(n); err != nil {
			return errors.Join(err, h.reveal())
		}
		durable.Step("filelock.hidden")
	}
	err = h.free(o)
	if !h.steady() {
		err = fault(at, containment.FaultChanged)
	}
	if err != nil {
		return errors.Join(err, h.reveal())
	}
	return h.unlink()
}

// hide gives the file a private name, and gives whatever else turns out to
// have had the name its name back.
func (h *hold) hide(n held) error {
	if got, err := n.dir.inode(n.hidden); err == nil && got == idOf(h.want) {
		return nil // by an earlier attempt
	}
	if err := unix.Renameat2(n.dir.fd, n.base, n.dir.fd, n.hidden, unix.RENAME_NOREPLACE); err != nil {
		return faultBy(h.at.Where, err)
	}
	if got, err := n.dir.inode(n.hidden); err == nil && got == idOf(h.want) {
		return nil
	}
	if err := unix.Renameat2(n.dir.fd, n.hidden, n.dir.fd, n.base, unix.RENAME_NOREPLACE); err != nil {
		return fault(h.at.Where, containment.FaultInternal)
	}
	return fault(h.at.Where, containment.FaultChanged)
}

// reveal gives the file its names back. A name that somebody took meanwhile
// stays theirs, and the file stands beside it.
func (h *hold) reveal() error {
	var failed error
	for _, n := range h.names {
		if got, err := n.dir.inode(n.hidden); err != nil || got != idOf(h.want) {
			continue
		}
		err := unix.Renameat2(n.dir.fd, n.hidden, n.dir.fd, n.base, unix.RENAME_NOREPLACE)
		if errors.Is(err, unix.EEXIST) {
			_, err = beside(n.dir, n.hidden, n.base)
		}
		if err = errors.Join(err, n.dir.sync()); err != nil {
			failed = fault(h.at.Where, containment.FaultInternal)
		}
	}
	return failed
}

// unlink takes the private names away. What stands under one of them now can
// only be the file: nobody else knows the name.
func (h *hold) unlink() error {
	for _, n := range h.names {
		if err := unix.Unlinkat(n.dir.fd, n.hidden, 0); err != nil && !errors.Is(err, unix.ENOENT) {
			return faultBy(h.at.Where, err)
		}
		durable.Step("filelock.unlinked")
	}
	for _, n := range h.names {
		if err := n.dir.sync(); err != nil {
			return faultBy(h.at.Where, err)
		}
	}
	return nil
}

// Settle implements [containment.Actuator].
func (l *Lock) Settle(ctx context.Context, at containment.Where, want containment.Fingerprint, o containment.Options) error {
	o.Again = true
	h, err := l.gather(ctx, at, want, o)
	if err != nil {
		return err
	}
	defer h.close()
	if h.target == nil {
		return nil
	}
	if err := h.unswap(); err != nil {
		return err
	}
	return h.reveal()
}

// besideSuffix says by itself why a file stands there.
const besideSuffix = ".stanch-restored"

// besides returns the names that a file may be given if its own is taken, in
// the order in which they are tried.
func besides(base string) []string {
	names := []string{base + besideSuffix}
	for n := 1; n < 100; n++ {
		names = append(names, fmt.Sprintf("%s%s-%02d", base, besideSuffix, n))
	}
	return names
}

// beside gives a file in a folder a free name next to the one it cannot have,
// unless it has such a name already.
func beside(dir *folder, from, base string) (string, error) {
	names := besides(base)
	if slices.Contains(names, from) {
		return from, nil
	}
	for _, to := range names {
		err := unix.Renameat2(dir.fd, from, dir.fd, to, unix.RENAME_NOREPLACE)
		if !errors.Is(err, unix.EEXIST) {
			return to, err
		}
	}
	return "", unix.EEXIST
}
