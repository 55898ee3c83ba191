package main

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// goIdle lets every other process go first, with the processor and the disk.
// Threads and workers that begin later inherit it.
func goIdle() error {
	const lowest, idleClass, whoProcess = 19, 3 << 13, 1
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return fmt.Errorf("lower the priority: %w", err)
	}
	for _, t := range threads {
		id, err := strconv.Atoi(t.Name())
		if err != nil {
			continue
		}
		if err := unix.Setpriority(unix.PRIO_PROCESS, id, lowest); err != nil && err != unix.ESRCH {
			return fmt.Errorf("lower the priority: %w", err)
		}
		if _, _, errno := unix.Syscall(unix.SYS_IOPRIO_SET, whoProcess, uintptr(id), idleClass); errno != 0 && errno != unix.ESRCH {
			return fmt.Errorf("lower the disk priority: %w", errno)
		}
	}
	return nil
}
