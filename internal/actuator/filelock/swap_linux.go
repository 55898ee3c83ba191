package filelock

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"github.com/stanch/stanch/internal/carrier/redact"
	"github.com/stanch/stanch/internal/containment"
	"github.com/stanch/stanch/internal/durable"
)

// Prepare implements [containment.Actuator]. The copy has owner, mode,
// attributes and times of the file, and no card data.
func (l *Lock) Prepare(ctx context.Context, at containment.Where, want containment.Fingerprint, o containment.Options) (containment.Fingerprint, error) {
	var none containment.Fingerprint
	o.Again = false
	h, err := l.gather(ctx, at, want, o)
	if err != nil {
		return none, err
	}
	defer h.close()
	if h.target == nil {
		return none, fault(at, containment.FaultGone)
	}
	if err := h.check(o); err != nil {
		return none, err
	}
	masked, err := redact.Mask(ctx, h.file, want.Size, redact.Options{Apart: l.Apart})
	if err != nil {
		return none, fault(at, maskWord(err))
	}
	raw, err := l.describe(ctx, h.target)
	if err != nil {
		return none, faultBy(at, err)
	}
	var meta metadata
	if err := json.Unmarshal(raw, &meta); err != nil {
		return none, fault(at, containment.FaultInternal)
	}
	first := h.names[0]
	print, err := write(first.dir, first.hidden, io.NewSectionReader(masked, 0, masked.Size()), &meta)
	if err != nil {
		return none, fault(at, maskWord(err))
	}
	print.Links, print.Elsewhere = want.Links, 0
	durable.Step("filelock.prepared")
	return print, nil
}

func maskWord(err error) string {
	switch {
	case errors.Is(err, redact.ErrKind):
		return containment.FaultNotText
	case errors.Is(err, redact.ErrTooMany):
		return containment.FaultTooMany
	case errors.Is(err, redact.ErrTooLarge):
		return containment.FaultTooLarge
	case errors.Is(err, redact.ErrRemains):
		return containment.FaultNotMasked
	}
	return word(err)
}

// write makes a new file in a folder, in place of one that a crash left under
// the same private name, and makes it durable.
func write(dir *folder, hidden string, content io.Reader, meta *metadata) (containment.Fingerprint, error) {
	var none containment.Fingerprint
	if err := unix.Unlinkat(dir.fd, hidden, 0); err != nil && !errors.Is(err, unix.ENOENT) {
		return none, err
	}
	fd, err := openat(dir.fd, hidden, unix.O_RDWR|unix.O_CREAT|unix.O_EXCL, 0o600)
	if err != nil {
		return none, err
	}
	file := os.NewFile(uintptr(fd), "copy")
	defer file.Close()
	print, err := fill(file, content, meta)
	if err != nil {
		return none, errors.Join(err, unix.Unlinkat(dir.fd, hidden, 0))
	}
	return print, dir.sync()
}

func fill(file *os.File, content io.Reader, meta *metadata) (p containment.Fingerprint, err error) {
	h := sha256.New()
	if _, err := io.Copy(io.MultiWriter(file, h), content); err != nil {
		return p, err
	}
	if err := meta.apply(file); err != nil {
		return p, err
	}
	if err := file.Sync(); err != nil {
		return p, err
	}
	var st unix.Stat_t
	if err := unix.Fstat(int(file.Fd()), &st); err != nil {
		return p, err
	}
	return containment.Fingerprint{Device: st.Dev, Inode: st.Ino, Size: st.Size, ModTime: st.Mtim.Nano(), SHA256: hex.EncodeToString(h.Sum(nil))}, nil
}

// Swap implements [containment.Actuator]. Name and copy change places in one
// step each; the original is unlinked from its private names only when every
// name was seen to have been the approved file.
func (l *Lock) Swap(ctx context.Context, at containment.Where, want, copied containment.Fingerprint, o containment.Options) error {
	o.Copy = &copied
	h, err := l.gather(ctx, at, want, o)
	if err != nil {
		return err
	}
	defer h.close()
	if h.target == nil {
		return l.swapped(at, copied)
	}
	if !o.Again {
		if err := h.check(o); err != nil {
			return errors.Join(err, h.unswap())
		}
	}
	for _, n := range h.names {
		if err := h.swap(n, idOf(copied)); err != nil {
			return errors.Join(err, h.unswap())
		}
		durable.Step("filelock.swapped")
	}
	err = h.free(o)
	if !h.steady() {
		err = fault(at, containment.FaultChanged)
	}
	if err != nil {
		return errors.Join(err, h.unswap())
	}
	return h.unlink()
}

// swapped checks that a swap that was cut off after its end did end.
func (l *Lock) swapped(at containment.Where, copied containment.Fingerprint) error {
	place, err := l.locate(at)
	if err != nil {
		return err
	}
	t, err := l.hold(place, true)
	if err != nil {
		return err
	}
	defer t.close()
	if t.id() != idOf(copied) {
		return fault(at, containment.FaultChanged)
	}
	return nil
}

// swap puts the copy in the place of one name, and the original under the
// private one.
func (h *hold) swap(n held, copied id) error {
	hidden, err := n.dir.inode(n.hidden)
	switch {
	case err == nil && hidden == idOf(h.want):
		return nil // by an earlier attempt
	case errors.Is(err, unix.ENOENT):
		if err := h.linkCopy(n, copied); err != nil {
			return faultBy(h.at.Where, err)
		}
	case err != nil:
		return faultBy(h.at.Where, err)
	case hidden != copied:
		return fault(h.at.Where, containment.FaultChanged)
	}
	if err := unix.Renameat2(n.dir.fd, n.hidden, n.dir.fd, n.base, unix.RENAME_EXCHANGE); err != nil {
		return faultBy(h.at.Where, err)
	}
	if got, err := n.dir.inode(n.hidden); err == nil && got == idOf(h.want) {
		return nil
	}
	if err := unix.Renameat2(n.dir.fd, n.hidden, n.dir.fd, n.base, unix.RENAME_EXCHANGE); err != nil {
		return fault(h.at.Where, containment.FaultInternal)
	}
	return fault(h.at.Where, containment.FaultChanged)
}

// linkCopy gives the copy a private name beside a further name of the file.
func (h *hold) linkCopy(n held, copied id) error {
	for _, other := range h.names {
		for _, name := range []string{other.hidden, other.base} {
			if got, err := other.dir.inode(name); err == nil && got == copied {
				return unix.Linkat(other.dir.fd, name, n.dir.fd, n.hidden, 0)
			}
		}
	}
	return unix.ENOENT
}

// unswap gives the original its names back where the copy has them, and drops
// the copy. What is neither is left alone.
func (h *hold) unswap() error {
	if h.copied == nil {
		return nil
	}
	var failed error
	for _, n := range h.names {
		hidden, err := n.dir.inode(n.hidden)
		if err != nil {
			continue
		}
		base, err := n.dir.inode(n.base)
		switch {
		case hidden == idOf(h.want) && err == nil && base == *h.copied:
			err = h.takeBack(n, base)
		case hidden == *h.copied:
			err = unix.Unlinkat(n.dir.fd, n.hidden, 0)
		default:
			continue
		}
		if err = errors.Join(err, n.dir.sync()); err != nil {
			failed = fault(h.at.Where, containment.FaultInternal)
		}
	}
	return failed
}

// takeBack puts the original back where a masked copy of ours stands.
func (h *hold) takeBack(n held, copied id) error {
	if err := unix.Renameat2(n.dir.fd, n.hidden, n.dir.fd, n.base, unix.RENAME_EXCHANGE); err != nil {
		return err
	}
	if got, err := n.dir.inode(n.hidden); err != nil || got != copied {
		return errors.Join(err, unix.Renameat2(n.dir.fd, n.hidden, n.dir.fd, n.base, unix.RENAME_EXCHANGE))
	}
	return unix.Unlinkat(n.dir.fd, n.hidden, 0)
}
