package main

import (
	"io/fs"
	"syscall"
)

// changeOf returns when the system last changed anything of a file, in
// nanoseconds, and its inode.
func changeOf(info fs.FileInfo) (changed, inode int64) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0
	}
	return st.Ctim.Nano(), int64(st.Ino)
}
