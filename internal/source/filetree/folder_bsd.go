//go:build unix && !linux

package filetree

import (
	"os"
	"syscall"
)

const (
	noFollow    = syscall.O_NOFOLLOW
	idNeedsFile = false
)

func fileID(info os.FileInfo, _ *os.File) FileID {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return FileID{}
	}
	return FileID{Dev: uint64(s.Dev), Ino: uint64(s.Ino)}
}

// network says no: on these systems everything is polled anyhow.
func (d *folder) network() bool { return false }
