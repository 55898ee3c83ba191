//go:build unix

package segment

import (
	"errors"
	"syscall"
)

// full names a full disk by what to do about it.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return ErrFull
	}
	return err
}
