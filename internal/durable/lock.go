package durable

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// ErrLocked says that another holder has the folder's lock.
var ErrLocked = errors.New("folder is locked")

// A LockedError names the process that holds a folder. It is [ErrLocked].
type LockedError struct {
	Dir string
	PID int // 0 if the holder has not written it yet
}

func (e *LockedError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("lock %s: in use by another process", e.Dir)
	}
	return fmt.Sprintf("lock %s: in use by process %d", e.Dir, e.PID)
}

// Unwrap makes errors.Is(err, ErrLocked) true.
func (e *LockedError) Unwrap() error { return ErrLocked }

// A DirLock is the sole right to write in a folder. The system takes it back
// when the process ends, however it ends.
type DirLock struct{ f *os.File }

// Lock takes the folder's lock, held in the file "lock" there, or returns at
// once a [LockedError]. Two calls in one process exclude each other too.
func Lock(dir string) (*DirLock, error) {
	path := filepath.Join(dir, "lock")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|noFollow, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", dir, cause(err))
	}
	switch held, err := tryLock(f); {
	case err != nil:
		f.Close()
		return nil, fmt.Errorf("lock %s: %w", dir, cause(err))
	case held:
		defer f.Close()
		return nil, &LockedError{Dir: dir, PID: holder(f)}
	}
	if err := sign(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %s: %w", dir, cause(err))
	}
	return &DirLock{f}, nil
}

// Unlock gives the folder back. The file stays: removing it would let two
// processes hold locks on two files of one name.
func (l *DirLock) Unlock() error {
	if err := l.f.Close(); err != nil {
		return fmt.Errorf("unlock: %w", cause(err))
	}
	return nil
}

// sign writes our process id. It replaces the whole line before it cuts the
// rest, so that a reader in between finds digits that are somebody's.
func sign(f *os.File) error {
	line := strconv.Itoa(os.Getpid()) + "\n"
	if _, err := f.WriteAt([]byte(line), 0); err != nil {
		return err
	}
	return f.Truncate(int64(len(line)))
}

func holder(f *os.File) int {
	var buf [16]byte
	n, _ := f.ReadAt(buf[:], 0)
	line, _, ended := strings.Cut(string(buf[:n]), "\n")
	pid, err := strconv.Atoi(line)
	if err != nil || !ended || pid < 0 {
		return 0
	}
	return pid
}
