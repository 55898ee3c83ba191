package filelock

import (
	"bytes"
	"encoding/binary"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/stanch/stanch/internal/containment"
)

// headSize is how much of a file its kind is told by.
const headSize = 4096

// programs are the first bytes of what a system runs or loads.
var programs = [][]byte{
	{0x7f, 'E', 'L', 'F'},
	{0xfe, 0xed, 0xfa, 0xce}, {0xfe, 0xed, 0xfa, 0xcf}, {0xce, 0xfa, 0xed, 0xfe}, {0xcf, 0xfa, 0xed, 0xfe}, // Mach-O
	{0xca, 0xfe, 0xba, 0xbe}, // Mach-O for several machines, Java class
	{0x00, 'a', 's', 'm'},
}

// databases are the first bytes of files that belong to a running database.
// Taking one away would take the business down with it.
var databases = [][]byte{
	[]byte("SQLite format 3\x00"),
	{0x37, 0x7f, 0x06, 0x82}, {0x37, 0x7f, 0x06, 0x83}, // SQLite write-ahead log
	{0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7},                                     // SQLite rollback journal
	[]byte("\x00\x01\x00\x00Standard Jet DB"), []byte("\x00\x01\x00\x00Standard ACE DB"), // Access
	[]byte("REDIS0"),
}

// databaseNames are names of database files whose first bytes say little.
var databaseNames = regexp.MustCompile(`(?i)\.(mdb|accdb|ibd|frm|myd|myi|mdf|ndf|ldf|dbf|fpt|fdb|gdb|db|db3|sqlite3?|ldb|sst|wt|lmdb|realm|edb|nsf)$|` +
	`(?i)[.-](wal|shm|journal)$|^ibdata\d|^ib_logfile\d|^#ib_|^pg_wal$|^MANIFEST-\d`)

// libraryNames are names of what a program loads, whatever it begins with.
var libraryNames = regexp.MustCompile(`(?i)\.(so(\.\d+)*|dll|dylib|exe|com|sys|drv|ocx|jar|war|apk|ko)$`)

// refuseKind returns the fault word for a file that a lock must not take, or
// nothing. Runs says that its mode lets it be run.
func refuseKind(name string, head []byte, runs bool) string {
	for _, magic := range programs {
		if bytes.HasPrefix(head, magic) {
			return containment.FaultProgram
		}
	}
	if isPE(head) || libraryNames.MatchString(name) || runs && bytes.HasPrefix(head, []byte("#!")) {
		return containment.FaultProgram
	}
	for _, magic := range databases {
		if bytes.HasPrefix(head, magic) {
			return containment.FaultDatabase
		}
	}
	isDuck := len(head) > 12 && bytes.Equal(head[8:12], []byte("DUCK"))
	if isDuck || isBerkeley(head) || databaseNames.MatchString(filepath.Base(name)) {
		return containment.FaultDatabase
	}
	return ""
}

// isPE tells a Windows program by the header that its DOS stub points to.
func isPE(head []byte) bool {
	if len(head) < 0x40 || !bytes.HasPrefix(head, []byte("MZ")) {
		return false
	}
	at := int(binary.LittleEndian.Uint32(head[0x3c:]))
	return at < 0 || at+4 > len(head) || bytes.Equal(head[at:at+4], []byte("PE\x00\x00"))
}

func isBerkeley(head []byte) bool {
	if len(head) < 16 {
		return false
	}
	magic := binary.LittleEndian.Uint32(head[12:])
	return magic == 0x00053162 || magic == 0x00061561 || magic == 0x00042253
}

// databaseFolder reports whether a folder with these names in it is the data
// folder of a database.
func databaseFolder(names map[string]bool) bool {
	return names["PG_VERSION"] || names["ibdata1"] || names["WiredTiger"] || names["CURRENT"] && names["LOCK"]
}

// markers are the names that databaseFolder looks for.
func markers() []string { return []string{"PG_VERSION", "ibdata1", "WiredTiger", "CURRENT", "LOCK"} }

// private returns the name that a file has while it is acted on, in the same
// folder. It holds the name that the file has otherwise, so that a crash
// leaves enough to put it back.
func private(tag, name string) (string, error) {
	const most = 255 // NAME_MAX everywhere
	p := privatePrefix + tag + "-" + name
	if len(p) > most {
		return "", errPrivate
	}
	return p, nil
}

const privatePrefix = ".stanch-"

// privateName is the form of what private returns.
var privateName = regexp.MustCompile(`^\.stanch-[0-9a-f]{12}-(.+)$`)

// Private returns the name that a file has when nobody acts on it, and whether
// the one given is a private one, which says nothing of where it belongs.
func Private(name string) (own string, private bool) {
	if m := privateName.FindStringSubmatch(name); m != nil {
		return m[1], true
	}
	return name, false
}

// bare returns the name that a private name stands for, and whether it is one
// of this tag.
func bare(tag, name string) (string, bool) {
	rest, ok := strings.CutPrefix(name, privatePrefix+tag+"-")
	return rest, ok
}
