//go:build !linux

package procmem

import "io"

// A Process cannot be opened on this system.
type Process struct{ Regions []Region }

// Open returns ErrSystem.
func Open(int) (*Process, error) { return nil, ErrSystem }

// Close does nothing.
func (*Process) Close() error { return nil }

// Reader is never called.
func (*Process) Reader(Region) io.ReaderAt { return nil }
