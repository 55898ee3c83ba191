//go:build !unix

package storetest

import "syscall"

// credential changes nothing: only unix servers refuse to run as root.
func credential(string) (*syscall.SysProcAttr, error) { return nil, nil }
