// Package procmem reads the memory of a running process, on Linux. In goes a
// process id, out come the regions that can hold what the process works on:
// readable memory of its own, and files that it maps to write. What only
// repeats a file on disk is left out. The process is neither stopped nor
// changed, so its memory moves while it is read.
package procmem

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
)

// What can go wrong with a process as a whole.
var (
	ErrNoProcess = errors.New("there is no such process")
	ErrOwn       = errors.New("it is this very scan, which holds what it finds")
	ErrDenied    = errors.New("the kernel does not allow it; run as root, or with CAP_SYS_PTRACE")
	ErrSystem    = errors.New("memory can be read on Linux only")
	ErrMaps      = errors.New("its list of regions is not understood")
)

// A Region is a stretch of memory that is mapped in one way.
type Region struct {
	Start, End int64
	Label      string // what it is: heap, stack, anonymous, or the name of a file

	lone bool // the process's own, shared with nobody
}

// Shown is the region's name within its process. A file's name may hold a card
// number, which whoever prints it masks.
func (r Region) Shown() string { return fmt.Sprintf("%x-%x(%s)", r.Start, r.End, r.Label) }

// maxRegions bounds the list: the kernel's own limit is far lower.
const maxRegions = 1 << 20

// parse reads a maps file of the kernel and returns what is worth reading.
func parse(maps io.Reader) ([]Region, error) {
	lines := bufio.NewScanner(maps)
	lines.Buffer(make([]byte, 0, 4096), 64<<10)
	var regions []Region
	for lines.Scan() {
		r, wanted, err := parseLine(lines.Text())
		if err != nil {
			return nil, err
		}
		if !wanted {
			continue
		}
		if regions = append(regions, r); len(regions) > maxRegions {
			return nil, ErrMaps
		}
	}
	if lines.Err() != nil {
		return nil, ErrMaps
	}
	return regions, nil
}

// parseLine reads a line: addresses, permissions, offset, device, inode, name.
func parseLine(line string) (r Region, wanted bool, err error) {
	fields := strings.Fields(line)
	if len(fields) < 5 || len(fields[1]) < 4 {
		return r, false, ErrMaps
	}
	from, to, _ := strings.Cut(fields[0], "-")
	start, err1 := strconv.ParseUint(from, 16, 64)
	end, err2 := strconv.ParseUint(to, 16, 64)
	if err1 != nil || err2 != nil || end <= start {
		return r, false, ErrMaps
	}
	if end > 1<<63-1 {
		return r, false, nil // the kernel's own page
	}
	name := ""
	if len(fields) > 5 {
		name = strings.Join(fields[5:], " ")
	}
	r = Region{Start: int64(start), End: int64(end), Label: label(name), lone: fields[4] == "0" && fields[1][3] == 'p'}
	return r, holds(fields[1], fields[4], name), nil
}

// holds reports whether a region can hold something that no file shows.
func holds(permissions, inode, name string) bool {
	switch {
	case permissions[0] != 'r', strings.HasPrefix(name, "[v"): // vdso, vvar, vsyscall
		return false
	case strings.HasPrefix(name, "/dev/") && !strings.HasPrefix(name, "/dev/shm/") && !strings.HasPrefix(name, "/dev/zero"):
		return false // a device may act on being read
	case inode == "0", strings.HasSuffix(name, " (deleted)"), strings.HasPrefix(name, "/dev/"):
		return true
	}
	return permissions[1] == 'w'
}

func label(name string) string {
	switch {
	case name == "":
		return "anonymous"
	case strings.HasPrefix(name, "["):
		return strings.Trim(name, "[]")
	}
	return strings.TrimSuffix(path.Base(name), " (deleted)")
}
