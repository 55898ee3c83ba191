package containment

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/gowebpki/jcs"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/finding"
)

// A Probe is a check after the work.
type Probe string

// The probes. The first two prove that it worked, the last two that nothing
// was lost.
const (
	PlaceClean  Probe = "place_clean"  // a re-scan of the place finds nothing
	PlaceKept   Probe = "place_kept"   // a seal leaves the target as it was
	SealIntact  Probe = "seal_intact"  // the ciphertext is the one that was sealed
	RestoredBit Probe = "restored_bit" // what came back has the hash that was sealed
)

// Terms are what is agreed to: the whole of it, and nothing but it. Their
// canonical form is what an approval's hash covers.
type Terms struct {
	Tenant    string            `json:"tenant"`
	Case      casefile.ID       `json:"case"`
	Plan      ID                `json:"plan"`
	Action    Action            `json:"action"`
	Mode      Mode              `json:"mode,omitempty"`
	Undoes    ID                `json:"undoes,omitempty"`
	Writers   bool              `json:"writers,omitempty"` // see Draft
	Targets   []Target          `json:"targets"`           // in the order in which they are acted on
	Probes    []Probe           `json:"probes"`
	OnExpiry  OnExpiry          `json:"on_expiry"`
	Lasts     int64             `json:"lasts"`   // seconds from activation to expiry
	Expires   int64             `json:"expires"` // Unix microseconds: not executed after this
	DryRun    string            `json:"dry_run"` // SHA-256 of the report, hex
	Requester string            `json:"requester"`
	OnePerson bool              `json:"one_person,omitempty"` // the requester may approve
	Packs     map[string]string `json:"packs"`                // editions of the packs it was drafted under
}

// A Target is one thing to act on. Root and Path are masked.
type Target struct {
	Root     string             `json:"root"`
	Path     string             `json:"path"`
	Print    Fingerprint        `json:"print"`
	Findings []finding.ID       `json:"findings"`
	Exhibit  casefile.ExhibitID `json:"exhibit,omitempty"` // of an undo: what is brought back
}

// A Fingerprint is what a file is and holds. Its large numbers are text in
// JSON, because canonical JSON keeps 53 bits of a number.
type Fingerprint struct {
	Device  uint64 `json:"device,string"`
	Inode   uint64 `json:"inode,string"`
	Size    int64  `json:"size,string"`
	ModTime int64  `json:"mtime,string"` // Unix nanoseconds
	SHA256  string `json:"sha256"`
	// Links are the names of the file under its root, masked, sorted. All are
	// acted on. Elsewhere counts the names that are not under it.
	Links     []string `json:"links"`
	Elsewhere int      `json:"elsewhere,omitempty"`
}

// Canonical returns the terms in canonical JSON (RFC 8785).
func (t Terms) Canonical() ([]byte, error) { return canonical(t) }

// Hash returns the SHA-256 of the canonical terms, in hex.
func (t Terms) Hash() (string, error) { return digest(t) }

func canonical(v any) ([]byte, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode plan: %w", err)
	}
	if raw, err = jcs.Transform(raw); err != nil {
		return nil, fmt.Errorf("encode plan: %w", err)
	}
	return raw, nil
}

func digest(v any) (string, error) {
	raw, err := canonical(v)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:]), nil
}
