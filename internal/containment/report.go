package containment

import "github.com/stanch/stanch/internal/finding"

// A Report is what a dry-run showed: the blast radius. Everything in it is
// safe to show.
type Report struct {
	At        int64        `json:"at,omitempty"` // Unix microseconds
	Files     int          `json:"files"`        // that will be acted on
	Bytes     int64        `json:"bytes"`
	Names     int          `json:"names"`               // of those files, hard links included
	Elsewhere int          `json:"elsewhere,omitempty"` // names outside the roots, that will go on leaking
	Targets   []TargetView `json:"targets,omitempty"`
	Left      []Refusal    `json:"left,omitempty"` // places that cannot be acted on, and why
	Lost      []string     `json:"lost,omitempty"` // ids of what is lost meanwhile or for good, see the Lost words
}

// The Lost words: what a plan costs. The language files have a sentence for
// each.
const (
	LostReading   = "reading_until_undone" // nobody can read the files until the lock is undone
	LostDigits    = "digits_until_undone"  // the middle digits are gone until the lock is undone
	LostInode     = "identity_of_file"     // after an undo it is another inode, with a new time of change
	LostAfter     = "writes_after_seal"    // what a process writes after the seal is lost for good
	LostElsewhere = "names_elsewhere"      // other names of the file keep the data
)

// A TargetView is what the dry-run saw of one target of the terms, at the same
// index.
type TargetView struct {
	Holders []Holder `json:"holders,omitempty"`
	Unseen  int      `json:"unseen,omitempty"` // processes that could not be looked into: they may hold it too
	Advice  *Advice  `json:"advice,omitempty"` // for a live log
}

// A Holder is a process that has a target open.
type Holder struct {
	PID    int    `json:"pid"`
	Name   string `json:"name"`
	Writes bool   `json:"writes"`
}

// Advice names the setting that writes a live log. Setting is an id for the
// language files; File is the configuration file to look at, if it is known.
type Advice struct {
	Setting string `json:"setting"` // logrotate, systemd, journald, own_config
	File    string `json:"file,omitempty"`
	Unit    string `json:"unit,omitempty"`
	Old     int    `json:"old"` // older generations beside it that can be sealed now
}

// A Refusal is a place that a plan leaves alone, and why.
type Refusal struct {
	Findings []finding.ID `json:"findings"`
	Path     string       `json:"path"` // masked
	Fault    string       `json:"fault"`
	TargetView
}

// The fault words: why a target is refused or what went wrong with it. The
// language files have a sentence for each.
const (
	FaultGone        = "gone"
	FaultChanged     = "changed"
	FaultNotFile     = "not_a_file"
	FaultOutside     = "outside_roots"
	FaultLink        = "symbolic_link"
	FaultMount       = "other_mount"
	FaultProgram     = "program"
	FaultDatabase    = "database"
	FaultOwn         = "own_file"
	FaultAmbiguous   = "ambiguous_name"
	FaultWriters     = "held_for_writing"
	FaultUnreadable  = "unreadable"
	FaultUnwritable  = "folder_not_writable" // Stanch has no right to change names in the folder
	FaultUnsupported = "unsupported"         // this system or file system cannot do it safely
	FaultNotText     = "not_plain_text"
	FaultTooMany     = "too_many_numbers"
	FaultTooLarge    = "too_large_to_mask"
	FaultNotMasked   = "not_masked" // masking left a number that still reads as one
	FaultElsewhere   = "other_names"
	FaultSeal        = "seal_failed"
	FaultStillThere  = "still_there" // a probe found card data
	FaultNoSpace     = "disk_full"
	FaultInterrupted = "interrupted" // a crash cut it off, and the passphrase is gone
	FaultInternal    = "internal"
)
