package cell

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// socketOpens reports whether this process may talk to anyone.
func socketOpens() bool {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM, 0)
	if err == nil {
		syscall.Close(fd)
	}
	return err == nil
}

// capable reports whether this process has any right that its user has not.
func capable() bool {
	header := &unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var has [2]unix.CapUserData
	err := unix.Capget(header, &has[0])
	return err != nil || has[0].Effective|has[0].Permitted|has[1].Effective|has[1].Permitted != 0
}

// TestLentCapabilities starts a worker as a service starts it that is not root
// and may read every file.
func TestLentCapabilities(t *testing.T) {
	setpriv, err := exec.LookPath("setpriv")
	if err != nil || os.Getuid() != 0 {
		t.Skip("only root, with setpriv, can lend a capability")
	}
	if _, _, errno := syscall.AllThreadsSyscall(unix.SYS_GETPID, 0, 0, 0); errno != 0 {
		t.Skip("linked with C, where no call reaches all threads; releases are not")
	}
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "worker") // others may not run the go tool's own file
	if err := os.WriteFile(program, self, 0o755); err != nil {
		t.Fatal(err)
	}
	e := newExaminer(t, Limits{})
	e.pool.command = []string{setpriv, "--reuid", "65534", "--regid", "65534", "--clear-groups",
		"--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search", program, "worker"}
	report, _ := examine(t, e, "s", []byte("bad parser sees\n"))
	if report.Refused != 0 || report.Examined != 1 {
		t.Errorf("got report %+v, want a worker that runs without capabilities", report)
	}
}
