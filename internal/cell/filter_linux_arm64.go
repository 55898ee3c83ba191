package cell

import "golang.org/x/sys/unix"

const auditArch = unix.AUDIT_ARCH_AARCH64

// olderCalls are denied calls that only some architectures have; this one has
// none of them.
var olderCalls = [...]uint32{}
