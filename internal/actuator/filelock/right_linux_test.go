package filelock_test

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/stanch/stanch/internal/containment"
)

const nobody = 65534

// asNobody runs act with the rights of an account that owns nothing. Under an
// account that is not root it keeps its own.
func asNobody(t *testing.T, act func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		act()
		return
	}
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends here, with its rights
		_, _, no := unix.RawSyscall(unix.SYS_SETRESUID, nobody, nobody, nobody)
		if no != 0 {
			done <- no
			return
		}
		act()
		done <- nil
	}()
	check(t, <-done)
}

// TestInspectWhereNothingMayBeWritten has a lock refused by its dry-run that
// could not be carried out.
func TestInspectWhereNothingMayBeWritten(t *testing.T) {
	tests := []struct {
		name       string
		mode       os.FileMode
		owner      int // of the file
		mustBeRoot bool
		fault      string
	}{
		{name: "read only", mode: 0o555, fault: containment.FaultUnwritable},
		{name: "sticky", mode: 0o777 | os.ModeSticky, mustBeRoot: true, fault: containment.FaultUnwritable},
		{name: "sticky, own file", mode: 0o777 | os.ModeSticky, owner: nobody, mustBeRoot: true},
		{name: "open", mode: 0o777},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.mustBeRoot && os.Geteuid() != 0 {
				t.Skip("needs root")
			}
			y := newYard(t)
			path := y.write(t, "logs/a.log", leak())
			dir := filepath.Dir(path)
			check(t, os.Chmod(path, 0o644))
			if test.owner != 0 {
				check(t, os.Chown(path, test.owner, test.owner))
			}
			for _, above := range []string{filepath.Dir(y.root), y.root} {
				check(t, os.Chmod(above, 0o755))
			}
			check(t, os.Chmod(dir, test.mode))
			defer os.Chmod(dir, 0o755)
			before := entries(t, dir)
			asNobody(t, func() {
				_, err := y.Inspect(t.Context(), y.at("logs/a.log"), containment.Remove)
				if test.fault == "" && err != nil {
					t.Errorf("got %v, want it to be possible", err)
				}
				if test.fault != "" {
					wantFault(t, err, test.fault)
				}
				if _, err := y.Inspect(t.Context(), y.at("logs/a.log"), ""); err != nil {
					t.Errorf("look without a lock in mind: %v", err)
				}
			})
			if after := entries(t, dir); !slices.Equal(before, after) {
				t.Errorf("got %v, had %v", after, before)
			}
		})
	}
}
