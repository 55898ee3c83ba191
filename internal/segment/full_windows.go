package segment

import (
	"errors"

	"golang.org/x/sys/windows"
)

// full names a full disk by what to do about it.
func full(err error) error {
	if errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL) {
		return ErrFull
	}
	return err
}
