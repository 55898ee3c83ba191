//go:build !linux

package cell

import "syscall"

// rootDir is empty: a worker runs where its parent does.
const rootDir = ""

// ownGroup asks for nothing special on this system.
func ownGroup() *syscall.SysProcAttr { return nil }

// fence does nothing on this system: the parent's watch on time is the wall.
func fence(int64) {}

// resident is not known on this system.
func resident(int) int64 { return 0 }
