package filelock

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/user"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/stanch/stanch/internal/containment"
)

// A metadata is what a file is besides its content. It is sealed with it, and
// holds real names. Paths are bytes: they need not be text.
type metadata struct {
	Root   []byte            `json:"root"`
	Names  [][]byte          `json:"names"` // whole paths; the first is the one it was found by
	Device uint64            `json:"device"`
	Inode  uint64            `json:"inode"`
	Mode   uint32            `json:"mode"`
	UID    uint32            `json:"uid"`
	GID    uint32            `json:"gid"`
	Owner  string            `json:"owner,omitempty"` // names, where the system knew them
	Group  string            `json:"group,omitempty"`
	Access int64             `json:"atime"` // Unix nanoseconds
	Modify int64             `json:"mtime"`
	Change int64             `json:"ctime"`
	Born   int64             `json:"born,omitempty"`
	Xattrs map[string][]byte `json:"xattrs,omitempty"` // ACLs included
}

// Capture implements [containment.Actuator].
func (l *Lock) Capture(ctx context.Context, at containment.Where, want containment.Fingerprint, take func(json.RawMessage, int64, io.Reader) error) error {
	place, err := l.locate(at)
	if err != nil {
		return err
	}
	t, err := l.hold(place, false)
	if err != nil {
		return err
	}
	defer t.close()
	if !unchanged(t.file, want) {
		return fault(at, containment.FaultChanged)
	}
	meta, err := l.describe(ctx, t)
	if err != nil {
		return faultBy(at, err)
	}
	if err := take(meta, want.Size, &source{t, io.NewSectionReader(t.file, 0, want.Size)}); err != nil {
		return err
	}
	if !unchanged(t.file, want) {
		return fault(at, containment.FaultChanged)
	}
	return nil
}

// A source reads a target, and turns errors of the system, which quote names,
// into faults.
type source struct {
	t *target
	r io.Reader
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = faultBy(s.t.at.Where, err)
	}
	return n, err
}

// describe returns the metadata of an open target as JSON.
func (l *Lock) describe(ctx context.Context, t *target) (json.RawMessage, error) {
	names := []name{nameOf(t.at, t)}
	if t.st.Nlink > 1 {
		more, err := l.namesOf(ctx, t.id(), nil)
		if err != nil {
			return nil, err
		}
		for _, n := range more {
			if n.path() != names[0].path() {
				names = append(names, n)
			}
		}
	}
	m := metadata{
		Root: []byte(t.at.root), Device: t.st.Dev, Inode: t.st.Ino, Mode: t.st.Mode, UID: t.st.Uid, GID: t.st.Gid,
		Owner: userName(t.st.Uid), Group: groupName(t.st.Gid),
		Access: t.st.Atim.Nano(), Modify: t.st.Mtim.Nano(), Change: t.st.Ctim.Nano(), Born: birth(t.file),
	}
	for _, n := range names {
		m.Names = append(m.Names, []byte(n.path()))
	}
	var err error
	if m.Xattrs, err = xattrs(int(t.file.Fd())); err != nil {
		return nil, err
	}
	return json.Marshal(m)
}

func userName(uid uint32) string {
	u, err := user.LookupId(strconv.FormatUint(uint64(uid), 10))
	if err != nil {
		return ""
	}
	return u.Username
}

func groupName(gid uint32) string {
	g, err := user.LookupGroupId(strconv.FormatUint(uint64(gid), 10))
	if err != nil {
		return ""
	}
	return g.Name
}

func birth(file *os.File) int64 {
	var st unix.Statx_t
	err := unix.Statx(int(file.Fd()), "", unix.AT_EMPTY_PATH, unix.STATX_BTIME, &st)
	if err != nil || st.Mask&unix.STATX_BTIME == 0 {
		return 0
	}
	return st.Btime.Sec*1e9 + int64(st.Btime.Nsec)
}

// xattrs reads every extended attribute that we may read.
func xattrs(fd int) (map[string][]byte, error) {
	list := make([]byte, 64<<10) // XATTR_LIST_MAX
	n, err := unix.Flistxattr(fd, list)
	if errors.Is(err, unix.ENOTSUP) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	all := map[string][]byte{}
	for _, key := range strings.Split(string(list[:n]), "\x00") {
		if key == "" {
			continue
		}
		value := make([]byte, 64<<10) // XATTR_SIZE_MAX
		n, err := unix.Fgetxattr(fd, key, value)
		if errors.Is(err, unix.ENODATA) || errors.Is(err, unix.EPERM) && strings.HasPrefix(key, "trusted.") {
			continue
		}
		if err != nil {
			return nil, err
		}
		all[key] = value[:n:n]
	}
	return all, nil
}

// apply gives an open file the owner, mode, attributes and times described.
// Times come last: everything before moves them.
func (m *metadata) apply(file *os.File) error {
	fd := int(file.Fd())
	if err := unix.Fchown(fd, int(m.UID), int(m.GID)); err != nil {
		return err
	}
	if err := unix.Fchmod(fd, m.Mode&0o7777); err != nil {
		return err
	}
	for key, value := range m.Xattrs {
		err := unix.Fsetxattr(fd, key, value, 0)
		// Labels of a security module are the system's to give.
		if err != nil && !strings.HasPrefix(key, "security.") {
			return err
		}
	}
	return setTimes(fd, m.Access, m.Modify)
}

// setTimes sets access and modification time by descriptor: glibc's futimens,
// which is utimensat with no path.
func setTimes(fd int, access, modify int64) error {
	times := [2]unix.Timespec{unix.NsecToTimespec(access), unix.NsecToTimespec(modify)}
	_, _, errno := unix.Syscall6(unix.SYS_UTIMENSAT, uintptr(fd), 0, uintptr(unsafe.Pointer(&times)), 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}
