package filetree

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// A folder is one open folder of a root: names are resolved in it, whatever
// happens to the path that led to it.
type folder struct{ f *os.File }

// openFolder opens a folder by its path under root; "" is the root itself.
func openFolder(root *os.Root, path string) (*folder, error) {
	if path == "" {
		path = "."
	}
	f, err := root.OpenFile(filepath.FromSlash(path), os.O_RDONLY|unix.O_DIRECTORY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	return &folder{f}, nil
}

func (d *folder) close() { d.f.Close() }

// names returns the next few names in the folder, and io.EOF after the last.
func (d *folder) names(n int) ([]string, error) { return d.f.Readdirnames(n) }

// stat describes the folder itself.
func (d *folder) stat() (Info, error) { return statx(int(d.f.Fd()), "", unix.AT_EMPTY_PATH) }

// lstat describes one name in the folder.
func (d *folder) lstat(name string) (Info, error) {
	return statx(int(d.f.Fd()), name, unix.AT_SYMLINK_NOFOLLOW)
}

// open opens one name for reading. A pipe or a link put there since the last
// look neither blocks nor leads away; the caller checks what it got.
func (d *folder) open(name string) (*os.File, error) {
	for {
		fd, err := unix.Openat(int(d.f.Fd()), name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.ELOOP):
			return nil, errMoved
		case err != nil:
			return nil, err
		}
		return os.NewFile(uintptr(fd), name), nil
	}
}

// identify describes an open file.
func identify(f *os.File) (Info, error) { return statx(int(f.Fd()), "", unix.AT_EMPTY_PATH) }

func statx(fd int, name string, flags int) (Info, error) {
	var s unix.Statx_t
	const mask = unix.STATX_TYPE | unix.STATX_INO | unix.STATX_SIZE | unix.STATX_MTIME | unix.STATX_BTIME
	for {
		err := unix.Statx(fd, name, flags|unix.AT_NO_AUTOMOUNT, mask, &s)
		switch {
		case err == nil:
			return infoOf(&s), nil
		case errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EPERM):
			return fstatat(fd, name, flags) // kernels before 4.11, and old sandboxes
		case !errors.Is(err, unix.EINTR):
			return Info{}, err
		}
	}
}

func infoOf(s *unix.Statx_t) Info {
	info := Info{
		ID:      FileID{Dev: unix.Mkdev(s.Dev_major, s.Dev_minor), Ino: s.Ino},
		Size:    int64(s.Size),
		ModTime: s.Mtime.Sec*1e6 + int64(s.Mtime.Nsec)/1e3,
		Kind:    kindOf(uint32(s.Mode)),
	}
	if s.Mask&unix.STATX_BTIME != 0 {
		info.ID.Born = s.Btime.Sec*1e6 + int64(s.Btime.Nsec)/1e3
	}
	return info
}

func fstatat(fd int, name string, flags int) (Info, error) {
	var s unix.Stat_t
	if err := unix.Fstatat(fd, name, &s, flags); err != nil {
		return Info{}, err
	}
	return Info{
		ID:      FileID{Dev: uint64(s.Dev), Ino: s.Ino},
		Size:    s.Size,
		ModTime: s.Mtim.Nano() / 1e3,
		Kind:    kindOf(s.Mode),
	}, nil
}

func kindOf(mode uint32) Kind {
	switch mode & unix.S_IFMT {
	case unix.S_IFREG:
		return Regular
	case unix.S_IFDIR:
		return Folder
	}
	return Other
}

// statPath describes a path, links followed: a root may be named by one.
func statPath(path string) (Info, error) { return statx(unix.AT_FDCWD, path, 0) }

// remote lists the file systems where others change files without an event here.
var remote = map[int64]bool{
	unix.NFS_SUPER_MAGIC:   true,
	unix.SMB_SUPER_MAGIC:   true,
	unix.SMB2_SUPER_MAGIC:  true,
	unix.CIFS_SUPER_MAGIC:  true,
	unix.FUSE_SUPER_MAGIC:  true,
	unix.V9FS_MAGIC:        true,
	unix.CEPH_SUPER_MAGIC:  true,
	unix.AFS_SUPER_MAGIC:   true,
	unix.AFS_FS_MAGIC:      true,
	unix.CODA_SUPER_MAGIC:  true,
	unix.NCP_SUPER_MAGIC:   true,
	unix.OCFS2_SUPER_MAGIC: true,
	0x01161970:             true, // GFS2
	0x0BD00BD0:             true, // Lustre
	0x47504653:             true, // GPFS
	0x19830326:             true, // BeeGFS
	0x786f4256:             true, // VirtualBox shared folder
	0xbacbacbc:             true, // VMware shared folder
}

// layered reports whether files can have other device numbers than the folder
// they lie in, as in an overlay over several file systems.
func layered(f *os.File) bool {
	var s unix.Statfs_t
	return unix.Fstatfs(int(f.Fd()), &s) == nil && int64(uint32(s.Type)) == unix.OVERLAYFS_SUPER_MAGIC
}

func (d *folder) network() bool {
	var s unix.Statfs_t
	if err := unix.Fstatfs(int(d.f.Fd()), &s); err != nil {
		return false
	}
	return remote[int64(uint32(s.Type))]
}
