//go:build unix

package main

import "syscall"

// openFlags keep a file that was swapped for a pipe from holding up the scan.
const openFlags = syscall.O_NONBLOCK | syscall.O_NOFOLLOW
