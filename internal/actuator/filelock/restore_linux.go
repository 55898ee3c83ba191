package filelock

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/stanch/stanch/internal/containment"
	"github.com/stanch/stanch/internal/durable"
)

// Restore implements [containment.Actuator]. The file is written whole beside
// its place, and takes its name only where that is free, or still the masked
// copy's.
func (l *Lock) Restore(_ context.Context, r containment.Restoration) (string, error) {
	var meta metadata
	if err := json.Unmarshal(r.Meta, &meta); err != nil || len(meta.Names) == 0 {
		return "", fault(r.At, containment.FaultInternal)
	}
	back := &restoration{Restoration: r, meta: &meta, tag: tag("restore " + r.Mark)}
	for i, path := range meta.Names {
		if err := back.name(l, string(path), i == 0); err != nil {
			return "", err
		}
	}
	return back.beside, nil
}

// A restoration is one file on its way back.
type restoration struct {
	containment.Restoration
	meta   *metadata
	tag    string
	made   id     // the file written
	at     string // one name of it
	beside string
}

// name brings the file back under one of its names. The first is written, the
// others are links to it.
func (b *restoration) name(l *Lock, path string, first bool) error {
	place, err := l.placeOf(b.At, string(b.meta.Root), path)
	if err != nil {
		return err
	}
	dir, err := l.into(place, true)
	if err != nil {
		return err
	}
	defer dir.close()
	base := place.parts[len(place.parts)-1]
	hidden, err := private(b.tag, base)
	if err != nil {
		return faultBy(b.At, err)
	}
	if first {
		return b.first(dir, base, hidden)
	}
	return b.link(dir, base, hidden)
}

// placeOf finds the root that a restored path lies under.
func (l *Lock) placeOf(at containment.Where, root, path string) (rooted, error) {
	for _, declared := range append([]string{root}, l.Roots()...) {
		declared = filepath.Clean(declared)
		if !slices.ContainsFunc(l.Roots(), func(r string) bool { return filepath.Clean(r) == declared }) {
			continue
		}
		rel, err := filepath.Rel(declared, path)
		if err != nil || !filepath.IsLocal(rel) {
			continue
		}
		if l.ownRoot(declared) {
			return rooted{}, fault(at, containment.FaultOwn)
		}
		n := name{declared, filepath.Dir(rel), filepath.Base(rel)}
		return n.at(at), nil
	}
	return rooted{}, fault(at, containment.FaultOutside)
}

// first writes the file and gives it its name.
func (b *restoration) first(dir *folder, base, hidden string) error {
	if b.done(dir, base) {
		if err := b.dropCopy(dir, hidden); err != nil {
			return err
		}
		if err := b.tell(dir, base); err != nil {
			return err
		}
		return b.remember(dir, base)
	}
	if name := b.earlier(dir, base); name != "" {
		if err := b.remember(dir, name); err != nil {
			return err
		}
		if err := b.tell(dir, name); err != nil {
			return err
		}
		return b.place(dir, base, name)
	}
	print, err := write(dir, hidden, b.Content, b.meta)
	if err == nil && print.SHA256 != b.SHA256 {
		err = errors.Join(unix.EIO, unix.Unlinkat(dir.fd, hidden, 0))
	}
	if err != nil {
		return faultBy(b.At, err)
	}
	durable.Step("filelock.written")
	b.made = id{print.Device, print.Inode}
	if err := b.tell(dir, hidden); err != nil {
		return err
	}
	return b.place(dir, base, hidden)
}

// tell shows the file to who asked for it.
func (b *restoration) tell(dir *folder, base string) error {
	if b.Made == nil {
		return nil
	}
	file, _, err := dir.open(base)
	if err == nil {
		err = b.Made(file)
		file.Close()
	}
	if err != nil {
		return faultBy(b.At, err)
	}
	return nil
}

// earlier returns the name beside its own that an earlier attempt gave the
// file, without living to record it, or nothing.
func (b *restoration) earlier(dir *folder, base string) string {
	for _, name := range besides(base) {
		if b.done(dir, name) {
			return name
		}
	}
	return ""
}

// done reports whether an earlier attempt got as far as the name.
func (b *restoration) done(dir *folder, base string) bool {
	file, st, err := dir.open(base)
	if err != nil {
		return false
	}
	defer file.Close()
	if st.Mtim.Nano() != b.meta.Modify || st.Mode&0o7777 != b.meta.Mode&0o7777 {
		return false
	}
	print, err := fingerprint(file, st)
	return err == nil && print.SHA256 == b.SHA256
}

// dropCopy removes the masked copy that an earlier attempt took the place of,
// if it was cut off before it did that.
func (b *restoration) dropCopy(dir *folder, hidden string) error {
	if b.Present == nil {
		return nil
	}
	if got, err := dir.inode(hidden); err != nil || got != idOf(*b.Present) {
		return nil
	}
	if err := errors.Join(unix.Unlinkat(dir.fd, hidden, 0), dir.sync()); err != nil {
		return faultBy(b.At, err)
	}
	return nil
}

func (b *restoration) remember(dir *folder, base string) (err error) {
	if b.made, err = dir.inode(base); err != nil {
		return faultBy(b.At, err)
	}
	b.at = filepath.Join(dir.path, base)
	return nil
}

// place moves the file from the name it has to its own, or beside it.
func (b *restoration) place(dir *folder, base, hidden string) error {
	name, err := base, unix.Renameat2(dir.fd, hidden, dir.fd, base, unix.RENAME_NOREPLACE)
	if errors.Is(err, unix.EEXIST) {
		var swapped bool
		if swapped, err = b.exchange(dir, base, hidden); err == nil && !swapped {
			if name, err = beside(dir, hidden, base); err == nil {
				b.beside = shown(filepath.Join(dir.path, name))
			}
		}
	}
	if err == nil {
		err = dir.sync()
	}
	if err != nil {
		return faultBy(b.At, err)
	}
	durable.Step("filelock.placed")
	b.at = filepath.Join(dir.path, name)
	return nil
}

// exchange puts the file in the place of the masked copy, if that is what has
// the name and nobody wrote to it since.
func (b *restoration) exchange(dir *folder, base, hidden string) (bool, error) {
	if b.Present == nil {
		return false, nil
	}
	file, st, err := dir.open(base)
	if err != nil {
		return false, nil // whatever has the name, it is not our copy
	}
	defer file.Close()
	print, err := fingerprint(file, st)
	if err != nil || idOf(print) != idOf(*b.Present) || print.SHA256 != b.Present.SHA256 {
		return false, nil
	}
	if err := unix.Renameat2(dir.fd, hidden, dir.fd, base, unix.RENAME_EXCHANGE); err != nil {
		return false, err
	}
	got, err := dir.inode(hidden)
	if err != nil || got != idOf(*b.Present) || !unchanged(file, print) {
		return false, errors.Join(err, unix.Renameat2(dir.fd, hidden, dir.fd, base, unix.RENAME_EXCHANGE))
	}
	durable.Step("filelock.exchanged")
	return true, unix.Unlinkat(dir.fd, hidden, 0)
}

// link gives the file one more of its names.
func (b *restoration) link(dir *folder, base, hidden string) error {
	if got, err := dir.inode(base); err == nil && got == b.made {
		return b.dropCopy(dir, hidden)
	}
	for _, name := range besides(base) {
		if got, err := dir.inode(name); err == nil && got == b.made && filepath.Join(dir.path, name) != b.at {
			return b.place(dir, base, name)
		}
	}
	if err := unix.Unlinkat(dir.fd, hidden, 0); err != nil && !errors.Is(err, unix.ENOENT) {
		return faultBy(b.At, err)
	}
	err := unix.Linkat(unix.AT_FDCWD, b.at, dir.fd, hidden, 0)
	if got, same := dir.inode(hidden); err == nil && (same != nil || got != b.made) {
		err = errors.Join(unix.ESTALE, unix.Unlinkat(dir.fd, hidden, 0))
	}
	if err != nil {
		return faultBy(b.At, err)
	}
	return b.place(dir, base, hidden)
}
