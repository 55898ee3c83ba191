package containment

import (
	"bytes"
	"testing"
)

func terms() Terms {
	return Terms{
		Tenant: "main", Case: "c", Plan: "p", Action: Lock, Mode: Remove, Probes: probesOf(Lock), OnExpiry: Hold, Lasts: 60, Expires: 1,
		Requester: "a", Packs: map[string]string{"b": "2", "a": "1"},
		Targets: []Target{{Root: "/pos", Path: "/pos/a", Print: Fingerprint{Device: 1 << 60, Inode: 1<<60 + 1, Size: 5, ModTime: 1<<60 + 3, SHA256: "d", Links: []string{"/pos/a"}}}},
	}
}

// TestHashCoversEverything changes each term and wants another hash, large
// numbers included: canonical JSON keeps 53 bits of a number only.
func TestHashCoversEverything(t *testing.T) {
	base, err := terms().Hash()
	if err != nil {
		t.Fatal(err)
	}
	changes := map[string]func(*Terms){
		"tenant":     func(x *Terms) { x.Tenant = "other" },
		"case":       func(x *Terms) { x.Case = "d" },
		"plan":       func(x *Terms) { x.Plan = "q" },
		"action":     func(x *Terms) { x.Action = Seal },
		"mode":       func(x *Terms) { x.Mode = Mask },
		"undoes":     func(x *Terms) { x.Undoes = "p0" },
		"writers":    func(x *Terms) { x.Writers = true },
		"order":      func(x *Terms) { x.Targets = append(x.Targets, x.Targets[0]) },
		"root":       func(x *Terms) { x.Targets[0].Root = "/" },
		"path":       func(x *Terms) { x.Targets[0].Path = "/pos/b" },
		"device":     func(x *Terms) { x.Targets[0].Print.Device++ },
		"inode":      func(x *Terms) { x.Targets[0].Print.Inode++ },
		"size":       func(x *Terms) { x.Targets[0].Print.Size++ },
		"mtime":      func(x *Terms) { x.Targets[0].Print.ModTime++ },
		"sha256":     func(x *Terms) { x.Targets[0].Print.SHA256 = "e" },
		"links":      func(x *Terms) { x.Targets[0].Print.Links = nil },
		"elsewhere":  func(x *Terms) { x.Targets[0].Print.Elsewhere = 1 },
		"findings":   func(x *Terms) { x.Targets[0].Findings = append(x.Targets[0].Findings, "f") },
		"exhibit":    func(x *Terms) { x.Targets[0].Exhibit = "x" },
		"probes":     func(x *Terms) { x.Probes = x.Probes[:1] },
		"on_expiry":  func(x *Terms) { x.OnExpiry = Release },
		"lasts":      func(x *Terms) { x.Lasts++ },
		"expires":    func(x *Terms) { x.Expires++ },
		"dry_run":    func(x *Terms) { x.DryRun = "r" },
		"requester":  func(x *Terms) { x.Requester = "b" },
		"one person": func(x *Terms) { x.OnePerson = true },
		"packs":      func(x *Terms) { x.Packs["a"] = "3" },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			changed := terms()
			change(&changed)
			got, err := changed.Hash()
			if err != nil || got == base {
				t.Errorf("got the same hash, %v; want another", err)
			}
		})
	}
}

func TestCanonicalIsSorted(t *testing.T) {
	raw, err := terms().Canonical()
	if err != nil || !bytes.HasPrefix(raw, []byte(`{"action":"lock","case":"c",`)) || !bytes.Contains(raw, []byte(`"packs":{"a":"1","b":"2"}`)) {
		t.Errorf("got %s, %v; want RFC 8785", raw, err)
	}
}
