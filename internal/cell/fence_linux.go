package cell

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// rootDir is where a worker runs.
const rootDir = "/"

// ownGroup keeps the terminal's signals from the worker: its parent decides.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// nobody is the user a worker becomes if it was started as root.
const nobody = 65534

// fence gives up all that a parser does not need: other users' rights, files,
// the network, new programs, and memory without end. Each step is tried on its
// own, because old kernels and containers lack some; what remains is the
// parent's watch.
func fence(memory int64) {
	limit(unix.RLIMIT_CORE, 0)
	limit(unix.RLIMIT_FSIZE, 0)
	limit(unix.RLIMIT_NOFILE, 16)
	limit(unix.RLIMIT_CPU, 4*60*60)
	if !raceBuild {
		limit(unix.RLIMIT_DATA, uint64(memory))
		limit(unix.RLIMIT_AS, uint64(memory)+4<<30) // the Go runtime reserves space that it does not use
	}
	if os.Getuid() == 0 {
		syscall.Setgroups(nil)
		syscall.Setresgid(nobody, nobody, nobody)
		syscall.Setresuid(nobody, nobody, nobody)
	}
	dropCapabilities()
	unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
	allThreads(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1)
	allThreads(unix.SYS_PRCTL, unix.PR_SET_DUMPABLE, 0)
	closeFiles()
	closeCalls()
}

func limit(resource int, n uint64) {
	unix.Setrlimit(resource, &unix.Rlimit{Cur: n, Max: n})
}

// dropCapabilities gives up what a service that is not root was lent to read
// watched folders: it passes to every program that the service starts.
func dropCapabilities() {
	if raceBuild {
		return
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var none [2]unix.CapUserData
	syscall.AllThreadsSyscall(unix.SYS_PRCTL, unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0)
	syscall.AllThreadsSyscall(unix.SYS_CAPSET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&none)), 0)
}

// allThreads makes a call on every thread of the process. It does nothing in a
// program linked with C, as those with the race detector are.
func allThreads(call, a, b uintptr) {
	if raceBuild {
		return
	}
	syscall.AllThreadsSyscall(call, a, b, 0)
}

// closeFiles puts the process into a Landlock domain in which no path may be
// opened, no TCP port used, and no process outside signalled.
func closeFiles() {
	abi, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 || abi < 1 {
		return
	}
	rules := unix.LandlockRulesetAttr{Handled_access_fs: 1<<13 - 1}
	size := unsafe.Sizeof(rules.Handled_access_fs)
	if abi >= 2 {
		rules.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_REFER
	}
	if abi >= 3 {
		rules.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	if abi >= 4 {
		rules.Handled_access_net = unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
		size += unsafe.Sizeof(rules.Handled_access_net)
	}
	if abi >= 5 {
		rules.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	}
	if abi >= 6 {
		rules.Scoped = unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | unix.LANDLOCK_SCOPE_SIGNAL
		size += unsafe.Sizeof(rules.Scoped)
	}
	set, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&rules)), size, 0)
	if errno != 0 {
		return
	}
	allThreads(unix.SYS_LANDLOCK_RESTRICT_SELF, set, 0)
	unix.Close(int(set))
}

// resident returns how many bytes of memory the process holds, 0 if unknown.
func resident(pid int) int64 {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}
