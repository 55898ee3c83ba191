package filelock

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/stanch/stanch/internal/containment"
)

// beneath keeps a path under the folder it starts from, on its mount, and
// without a link on the way.
const beneath = unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_XDEV | unix.RESOLVE_NO_MAGICLINKS

// word turns an error of the system into a fault word.
func word(err error) string {
	switch {
	case errors.Is(err, unix.ENOENT):
		return containment.FaultGone
	case errors.Is(err, unix.ELOOP):
		return containment.FaultLink
	case errors.Is(err, unix.EXDEV), errors.Is(err, unix.EBUSY): // EBUSY: something is mounted on it
		return containment.FaultMount
	case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM):
		return containment.FaultUnreadable
	case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EDQUOT):
		return containment.FaultNoSpace
	case errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EINVAL), errors.Is(err, unix.EROFS), errors.Is(err, unix.ENOTSUP), errors.Is(err, errPrivate):
		return containment.FaultUnsupported
	case errors.Is(err, errNotFile):
		return containment.FaultNotFile
	case errors.Is(err, unix.ENOTDIR), errors.Is(err, unix.EEXIST), errors.Is(err, unix.ESTALE):
		return containment.FaultChanged
	}
	return containment.FaultInternal
}

// faultBy returns why nothing was done, with what the system said.
func faultBy(at containment.Where, err error) error {
	return &containment.Fault{Word: word(err), Path: at.Path, Cause: plain(err)}
}

// plain drops the paths that errors of package os hold.
func plain(err error) error {
	var no unix.Errno
	if errors.As(err, &no) {
		return no
	}
	return err
}

// A folder is an open directory under a root.
type folder struct {
	fd   int
	path string // as the system knows it; never shown
}

func (f *folder) close() { unix.Close(f.fd) }

// sync makes the folder's names durable.
func (f *folder) sync() error {
	err := unix.Fsync(f.fd)
	if errors.Is(err, unix.EINVAL) {
		return nil // some file systems cannot, and have no more to give
	}
	return err
}

// openat opens a name in a folder without following or leaving anything.
func openat(dir int, name string, flags int, mode uint32) (int, error) {
	how := unix.OpenHow{Flags: uint64(flags | unix.O_CLOEXEC | unix.O_NOFOLLOW), Mode: uint64(mode), Resolve: beneath}
	for {
		fd, err := unix.Openat2(dir, name, &how)
		if !errors.Is(err, unix.EINTR) && !errors.Is(err, unix.EAGAIN) {
			return fd, err
		}
	}
}

// openRoot opens a declared root. The root itself may be a link: whoever
// declared it meant where it leads.
func openRoot(path string) (*folder, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	return &folder{fd, path}, nil
}

// into opens the folder that a file lies in, from the root down. It refuses
// Stanch's own folders, and with guard set the data folders of databases.
func (l *Lock) into(at rooted, guard bool) (*folder, error) {
	dir, err := openRoot(at.root)
	if err != nil {
		return nil, faultBy(at.Where, err)
	}
	own := l.ownFiles()
	for _, part := range at.parts[:len(at.parts)-1] {
		if guard && dir.holdsDatabase() {
			dir.close()
			return nil, fault(at.Where, containment.FaultDatabase)
		}
		next, err := dir.step(part)
		dir.close()
		if err != nil {
			return nil, fault(at.Where, refusal(err))
		}
		if dir = next; isOwn(dir.fd, own) {
			dir.close()
			return nil, fault(at.Where, containment.FaultOwn)
		}
	}
	if guard && dir.holdsDatabase() {
		dir.close()
		return nil, fault(at.Where, containment.FaultDatabase)
	}
	return dir, nil
}

// errAmbiguous says that several names look alike when masked.
var errAmbiguous = errors.New("several names look alike")

func refusal(err error) string {
	if errors.Is(err, errAmbiguous) {
		return containment.FaultAmbiguous
	}
	return word(err)
}

// step opens the folder of a name, which may be masked.
func (f *folder) step(name string) (*folder, error) {
	name, err := f.real(name)
	if err != nil {
		return nil, err
	}
	fd, err := openat(f.fd, name, unix.O_RDONLY|unix.O_DIRECTORY, 0)
	if errors.Is(err, unix.ENOTDIR) {
		var st unix.Stat_t // a link is no folder either, and worth its own word
		if unix.Fstatat(f.fd, name, &st, unix.AT_SYMLINK_NOFOLLOW) == nil && st.Mode&unix.S_IFMT == unix.S_IFLNK {
			err = unix.ELOOP
		}
	}
	if err != nil {
		return nil, err
	}
	return &folder{fd, filepath.Join(f.path, name)}, nil
}

// real returns the name in the folder that is shown as name.
func (f *folder) real(name string) (string, error) {
	var st unix.Stat_t
	if err := unix.Fstatat(f.fd, name, &st, unix.AT_SYMLINK_NOFOLLOW); err == nil || !errors.Is(err, unix.ENOENT) {
		return name, err
	}
	if !strings.ContainsAny(name, "*\ufffd") {
		return "", unix.ENOENT
	}
	names, err := f.names()
	if err != nil {
		return "", err
	}
	found := ""
	for _, candidate := range names {
		if shown(candidate) != name {
			continue
		}
		if found != "" {
			return "", errAmbiguous
		}
		found = candidate
	}
	if found == "" {
		return "", unix.ENOENT
	}
	return found, nil
}

// names lists the folder.
func (f *folder) names() ([]string, error) {
	d, err := os.Open("/proc/self/fd/" + strconv.Itoa(f.fd))
	if err != nil {
		return nil, err
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	slices.Sort(names)
	return names, err
}

func (f *folder) holdsDatabase() bool {
	there := map[string]bool{}
	for _, name := range markers() {
		var st unix.Stat_t
		there[name] = unix.Fstatat(f.fd, name, &st, unix.AT_SYMLINK_NOFOLLOW) == nil
	}
	return databaseFolder(there)
}

func isOwn(fd int, own []os.FileInfo) bool {
	var st unix.Stat_t
	if unix.Fstat(fd, &st) != nil {
		return false
	}
	return slices.ContainsFunc(own, func(info os.FileInfo) bool {
		s, ok := info.Sys().(*syscall.Stat_t)
		return ok && s.Dev == st.Dev && s.Ino == st.Ino
	})
}

// inode returns what a name stands for, links not followed.
func (f *folder) inode(name string) (id, error) {
	var st unix.Stat_t
	if err := unix.Fstatat(f.fd, name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return id{}, err
	}
	return id{st.Dev, st.Ino}, nil
}

// mayHold reports whether files of a device can lie in the folder. In an
// overlay over several file systems they have other numbers than it has.
func (f *folder) mayHold(device uint64) bool {
	var st unix.Stat_t
	if unix.Fstat(f.fd, &st) == nil && st.Dev == device {
		return true
	}
	var fs unix.Statfs_t
	return unix.Fstatfs(f.fd, &fs) == nil && int64(uint32(fs.Type)) == unix.OVERLAYFS_SUPER_MAGIC
}

// An id is what a file is, whatever it is called.
type id struct{ dev, ino uint64 }

func idOf(p containment.Fingerprint) id { return id{p.Device, p.Inode} }

// open opens a regular file in the folder for reading. It looks before it
// opens: opening a pipe or a device can already do something.
func (f *folder) open(name string) (*os.File, unix.Stat_t, error) {
	var st unix.Stat_t
	path, err := openat(f.fd, name, unix.O_PATH, 0)
	if err != nil {
		return nil, st, err
	}
	defer unix.Close(path)
	if err := unix.Fstat(path, &st); err != nil {
		return nil, st, err
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
	case unix.S_IFLNK:
		return nil, st, unix.ELOOP
	default:
		return nil, st, errNotFile
	}
	reopen := "/proc/self/fd/" + strconv.Itoa(path)
	fd, err := unix.Open(reopen, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NOATIME, 0)
	if errors.Is(err, unix.EPERM) { // O_NOATIME is for the owner
		fd, err = unix.Open(reopen, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	}
	if err != nil {
		return nil, st, err
	}
	file := os.NewFile(uintptr(fd), "target")
	var opened unix.Stat_t
	if err := unix.Fstat(fd, &opened); err != nil || opened.Ino != st.Ino || opened.Dev != st.Dev {
		file.Close()
		return nil, st, unix.ESTALE
	}
	return file, opened, nil
}

var errNotFile = errors.New("not a regular file")

// fingerprint returns what a fingerprint says of an open file, names left out.
func fingerprint(file *os.File, st unix.Stat_t) (containment.Fingerprint, error) {
	p := containment.Fingerprint{Device: st.Dev, Inode: st.Ino, Size: st.Size, ModTime: st.Mtim.Nano()}
	h := sha256.New()
	n, err := io.Copy(h, io.NewSectionReader(file, 0, st.Size))
	if err != nil {
		return p, err
	}
	p.SHA256 = hex.EncodeToString(h.Sum(nil))
	if n != st.Size || !unchanged(file, p) {
		return p, unix.ESTALE
	}
	return p, nil
}

// unchanged reports whether an open file still has the size and time of a
// fingerprint.
func unchanged(file *os.File, p containment.Fingerprint) bool {
	var st unix.Stat_t
	err := unix.Fstat(int(file.Fd()), &st)
	return err == nil && st.Dev == p.Device && st.Ino == p.Inode && st.Size == p.Size && st.Mtim.Nano() == p.ModTime
}
