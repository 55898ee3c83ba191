package filelock

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/stanch/stanch/internal/containment"
)

const maxHolders = 50

// holders lists the processes that have a file open, those that write first,
// and counts those that could not be looked into. Readers past the most that
// are listed are left out. A file mapped into memory with its descriptor
// closed is not seen.
func holders(want id) (all []containment.Holder, unseen int) {
	procs, err := os.ReadDir("/proc")
	if err != nil {
		return nil, 1
	}
	for _, p := range procs {
		pid, err := strconv.Atoi(p.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		holds, writes, seen := holdsOpen(pid, want)
		if !seen {
			unseen++
		}
		if holds {
			all = append(all, containment.Holder{PID: pid, Name: processName(pid), Writes: writes})
		}
	}
	slices.SortStableFunc(all, func(a, b containment.Holder) int {
		switch {
		case a.Writes == b.Writes:
			return 0
		case a.Writes:
			return -1
		}
		return 1
	})
	return all[:min(len(all), maxHolders)], unseen
}

// holdsOpen looks through a process's descriptors.
func holdsOpen(pid int, want id) (holds, writes, seen bool) {
	dir := filepath.Join("/proc", strconv.Itoa(pid), "fd")
	fds, err := os.ReadDir(dir)
	if err != nil {
		return false, false, os.IsNotExist(err)
	}
	for _, fd := range fds {
		info, err := os.Stat(filepath.Join(dir, fd.Name()))
		if err != nil {
			continue
		}
		st, ok := info.Sys().(*syscall.Stat_t)
		if ok && (id{st.Dev, st.Ino}) == want {
			holds, writes = true, writes || opensToWrite(pid, fd.Name())
		}
	}
	return holds, writes, true
}

// opensToWrite reads the flags a descriptor was opened with. One whose flags
// cannot be read counts as writing.
func opensToWrite(pid int, fd string) bool {
	raw, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "fdinfo", fd))
	if err != nil {
		return true
	}
	lines := bufio.NewScanner(bytes.NewReader(raw))
	for lines.Scan() {
		if value, ok := strings.CutPrefix(lines.Text(), "flags:"); ok {
			flags, err := strconv.ParseUint(strings.TrimSpace(value), 8, 64)
			return err != nil || flags&syscall.O_ACCMODE != syscall.O_RDONLY
		}
	}
	return true
}

func processName(pid int) string {
	raw, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "comm"))
	if err != nil {
		return ""
	}
	return shown(strings.TrimSpace(string(raw)))
}

// advise guesses which setting makes a process write a log. It names files and
// units, and never quotes what is in them.
func advise(path string, holding []containment.Holder) *containment.Advice {
	if file := logrotateFor(path); file != "" {
		return &containment.Advice{Setting: "logrotate", File: file}
	}
	for _, h := range holding {
		if !h.Writes {
			continue
		}
		if unit := unitOf(h.PID); unit != "" {
			return &containment.Advice{Setting: "systemd", Unit: unit, File: configOf(h.PID)}
		}
		if file := configOf(h.PID); file != "" {
			return &containment.Advice{Setting: "own_config", File: file}
		}
	}
	return &containment.Advice{Setting: "unknown"}
}

// logrotateFor finds the logrotate file that names a path.
func logrotateFor(path string) string {
	files, err := filepath.Glob("/etc/logrotate.d/*")
	if err != nil {
		return ""
	}
	for _, file := range append(files, "/etc/logrotate.conf") {
		raw, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		for _, field := range strings.Fields(strings.NewReplacer("{", " ", `"`, " ").Replace(string(raw))) {
			if ok, err := filepath.Match(field, path); err == nil && ok {
				return file
			}
		}
	}
	return ""
}

// unitOf returns the systemd service that a process runs in.
func unitOf(pid int) string {
	raw, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cgroup"))
	if err != nil {
		return ""
	}
	parts := strings.FieldsFunc(string(raw), func(r rune) bool { return r == '/' || r == '\n' || r == ':' })
	i := slices.IndexFunc(parts, func(p string) bool { return strings.HasSuffix(p, ".service") && !strings.HasPrefix(p, "user@") })
	if i < 0 {
		return ""
	}
	return shown(parts[i])
}

// configOf returns the argument of a process that looks like its configuration
// file.
func configOf(pid int) string {
	raw, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
	if err != nil {
		return ""
	}
	for _, arg := range strings.Split(string(raw), "\x00") {
		_, value, ok := strings.Cut(arg, "=")
		if !ok {
			value = arg
		}
		switch filepath.Ext(value) {
		case ".conf", ".cfg", ".ini", ".yml", ".yaml", ".toml", ".xml", ".properties":
			return shown(value)
		}
	}
	return ""
}
