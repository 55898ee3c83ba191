package procmem

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strconv"
)

// A Process is open to be read.
type Process struct {
	Regions []Region
	memory  *os.File
}

// Open opens a process and lists its regions.
func Open(pid int) (*Process, error) {
	if pid == os.Getpid() {
		return nil, ErrOwn
	}
	folder := "/proc/" + strconv.Itoa(pid)
	maps, err := os.Open(folder + "/maps")
	if err != nil {
		return nil, fault(err)
	}
	defer maps.Close()
	regions, err := parse(maps)
	if err != nil {
		return nil, fault(err)
	}
	memory, err := os.Open(folder + "/mem")
	if err != nil {
		return nil, fault(err)
	}
	return &Process{Regions: touched(folder, regions), memory: memory}, nil
}

// touched leaves out what the process has mapped and never used.
func touched(folder string, regions []Region) []Region {
	pagemap, err := os.Open(folder + "/pagemap")
	if err != nil {
		return regions
	}
	defer pagemap.Close()
	var kept []Region
	for _, r := range regions {
		if r.lone && r.End-r.Start >= splitFrom {
			kept = append(kept, resident(pagemap, r, int64(os.Getpagesize()))...)
		} else {
			kept = append(kept, r)
		}
	}
	return kept
}

// fault names what happened.
func fault(err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return ErrDenied
	case errors.Is(err, ErrMaps):
		return ErrMaps
	}
	return ErrNoProcess
}

// Close gives the process free.
func (p *Process) Close() error { return p.memory.Close() }

// Reader reads a region from its start. A region that is gone reads as
// [fs.ErrNotExist].
func (p *Process) Reader(r Region) io.ReaderAt { return region{p.memory, r} }

type region struct {
	memory *os.File
	Region
}

// ReadAt implements io.ReaderAt.
func (r region) ReadAt(b []byte, off int64) (int, error) {
	size := r.End - r.Start
	if off >= size {
		return 0, io.EOF
	}
	ends := int64(len(b)) > size-off
	if ends {
		b = b[:size-off]
	}
	n, err := r.memory.ReadAt(b, r.Start+off)
	switch {
	case n < len(b): // unmapped, or the process has ended
		return n, fs.ErrNotExist
	case ends:
		return n, io.EOF
	case errors.Is(err, io.EOF):
		err = nil
	}
	return n, err
}
