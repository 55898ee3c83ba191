package cell

import "syscall"

// socketOpens reports whether this process may talk to anyone.
func socketOpens() bool {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM, 0)
	if err == nil {
		syscall.Close(fd)
	}
	return err == nil
}
