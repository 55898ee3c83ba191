package stanch_test

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/stanch/stanch/"

// rings says how high each package stands. A package imports lower rings
// only; docs/architecture.md says why. A folder's ring holds for all below it.
var rings = map[string]int{
	"card": 0, "internal/datafile": 0, "internal/durable": 0, "internal/tenant": 0, "ledger": 0,
	"scan": 1, "internal/carrier": 1, "internal/finding": 1, "internal/obligation": 1, "internal/record": 1, "packs": 1,
	"internal/casefile": 2, "internal/estate": 2, "internal/approval": 2,
	"internal/containment": 3, "internal/evidence": 3, "internal/notice": 3, "internal/access": 3,
	"internal/source": 4, "internal/cell": 4, "internal/segment": 4, "internal/keyring": 4, "internal/store": 4,
	"internal/courier": 4, "internal/actuator": 4, "internal/console": 4, "internal/rest": 4,
	"internal/config": 5,
	"internal/server": 6, "packaging": 6, "scripts": 6,
	"cmd/stanch": 7, "bench": 7,
}

// exceptions are arrows inside a ring, each with its reason.
var exceptions = map[string]string{
	"internal/carrier -> scan": "a carrier hands what it unwraps to the scanner: ARCHITECTURE section 4",
}

// testOnly packages are imported by tests alone, or by what plants synthetic
// cards on purpose.
var testOnly = map[string][]string{
	"card/cardtest":            {"cmd/stanch", "bench", "internal/server"},
	"internal/store/storetest": {},
	"bench/corpus":             {"bench"},
}

type listed struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatalf("list packages: %v", err)
	}
	var all []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var p listed
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

// ringOf returns the ring of a package of ours by the longest folder listed.
func ringOf(path string) (ring int, folder string, ok bool) {
	for folder = path; ; {
		if ring, ok = rings[folder]; ok {
			return ring, folder, true
		}
		i := strings.LastIndexByte(folder, '/')
		if i < 0 {
			return 0, "", false
		}
		folder = folder[:i]
	}
}

func TestRings(t *testing.T) {
	for _, p := range packages(t) {
		from, ours := strings.CutPrefix(p.ImportPath, module)
		if !ours || testOnly[from] != nil {
			continue
		}
		ring, folder, ok := ringOf(from)
		if !ok {
			t.Errorf("%s is in no ring; give it one in imports_test.go and docs/architecture.md", from)
			continue
		}
		for _, path := range p.Imports {
			to, ours := strings.CutPrefix(path, module)
			if !ours {
				continue
			}
			checkArrow(t, from, folder, ring, to)
		}
	}
}

func checkArrow(t *testing.T, from, folder string, ring int, to string) {
	t.Helper()
	if users, ok := testOnly[to]; ok {
		for _, user := range users {
			if folder == user {
				return
			}
		}
		t.Errorf("%s imports %s, which is for tests", from, to)
		return
	}
	toRing, toFolder, ok := ringOf(to)
	switch _, excepted := exceptions[from+" -> "+to]; {
	case !ok, excepted, toFolder == folder:
	case toRing >= ring:
		t.Errorf("%s (ring %d) imports %s (ring %d)", from, ring, to, toRing)
	}
}

// TestPublic holds the public packages to what they promise: the standard
// library, each other, and for the ledger the transparency-log modules.
func TestPublic(t *testing.T) {
	allowed := map[string][]string{
		"card":   {},
		"scan":   {module + "card"},
		"ledger": {"golang.org/x/mod/sumdb/tlog", "golang.org/x/mod/sumdb/note", "github.com/gowebpki/jcs"},
	}
	for _, p := range packages(t) {
		may, ok := allowed[strings.TrimPrefix(p.ImportPath, module)]
		if !ok {
			continue
		}
		for _, path := range p.Imports {
			if first, _, _ := strings.Cut(path, "/"); !strings.Contains(first, ".") {
				continue
			}
			found := false
			for _, m := range may {
				found = found || m == path
			}
			if !found {
				t.Errorf("%s imports %s", p.ImportPath, path)
			}
		}
	}
}
