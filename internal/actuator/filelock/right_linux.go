package filelock

import (
	"errors"

	"golang.org/x/sys/unix"

	"github.com/stanch/stanch/internal/containment"
)

// writable says why names of a file cannot be changed in the folder, or nil.
// It asks the system and writes nothing.
func (f *folder) writable(st unix.Stat_t) error {
	// By the rights that the process acts with, not those it was started with.
	if err := unix.Faccessat(f.fd, ".", unix.W_OK|unix.X_OK, unix.AT_EACCESS); err != nil {
		return err
	}
	var dir unix.Stat_t
	if err := unix.Fstat(f.fd, &dir); err != nil {
		return err
	}
	if me := uint32(unix.Geteuid()); dir.Mode&unix.S_ISVTX == 0 || me == st.Uid || me == dir.Uid || actsAsOwner() {
		return nil
	}
	return unix.EPERM // in a sticky folder only an owner takes a name away
}

// actsAsOwner reports whether the process may treat files of others as its own.
func actsAsOwner() bool {
	head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	return unix.Capget(&head, &data[0]) == nil && data[0].Effective&(1<<unix.CAP_FOWNER) != 0
}

// refuseFolder says that the folder of a target is closed to a lock, or nil.
func (t *target) refuseFolder() error {
	err := t.dir.writable(t.st)
	if errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM) {
		return &containment.Fault{Word: containment.FaultUnwritable, Path: t.at.Path, Cause: plain(err)}
	}
	if err != nil {
		return faultBy(t.at.Where, err)
	}
	return nil
}
