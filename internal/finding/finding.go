package finding

import (
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stanch/stanch/ledger"
)

// An ID names a finding. It is made from the finding's place, so the same
// place in the same generation is always the same finding.
type ID string

// Noun is the noun of findings in the ledger.
const Noun = "finding"

// Subject returns the finding as a subject of entries.
func (id ID) Subject() ledger.Subject { return ledger.SubjectOf(Noun, string(id)) }

// SampleSize is how many masked matches a finding keeps at most.
const SampleSize = 100

// ErrOrder says that an entry cannot follow the ones applied before it.
var ErrOrder = errors.New("entry does not fit the finding's history")

// A Place is where something was found: a file under a watch root, and inside
// it the member of a container. File is the file's identity (device, inode,
// birth), which survives a change of name; Generation counts how often the
// content was replaced. Path and Member are safe to show: card numbers in
// them are masked. Real is the path as the system knows it when that is not
// what Path says; it is never shown.
type Place struct {
	Root       string `json:"root"`
	Path       string `json:"path"`
	Member     string `json:"member,omitempty"`
	File       string `json:"file"`
	Generation int64  `json:"generation"`
}

// ID returns the id of the finding at this place.
func (p Place) ID() ID {
	sum := sha256.Sum256([]byte(strings.Join([]string{p.Root, p.File, p.Member, fmt.Sprint(p.Generation)}, "\x00")))
	return ID("f" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10])))
}

// Folder returns the folder of the file, relative to nothing: as in Path.
func (p Place) Folder() string {
	if i := strings.LastIndexAny(p.Path, `/\`); i > 0 {
		return p.Path[:i]
	}
	return p.Root
}

// Shown returns the place as people read it.
func (p Place) Shown() string {
	if p.Member == "" {
		return p.Path
	}
	return p.Path + "!" + p.Member
}

// A Segment names a sorted file of card tokens by the SHA-256 of its bytes,
// in hex, and says how many distinct cards it holds.
type Segment struct {
	Digest string `json:"digest"`
	Cards  int64  `json:"cards"`
	Bytes  int64  `json:"bytes"`
}

// Counts are what a finding amounts to so far. Low and High are equal unless
// the file was still growing faster than duplicates could be told apart.
type Counts struct {
	Matches int64            `json:"matches"`
	Low     int64            `json:"low"`  // distinct cards, at least
	High    int64            `json:"high"` // distinct cards, at most
	Kinds   map[string]int64 `json:"kinds"`
	Brands  map[string]int64 `json:"brands,omitempty"`  // distinct cards by brand
	Issuers map[string]int64 `json:"issuers,omitempty"` // distinct cards by first six digits; "" for the rest
	Test    int64            `json:"test,omitempty"`    // matches that are published test numbers
	Judged  int64            `json:"judged"`            // distinct cards at or above the policy's confidence, at most
}

// A State says what became of a finding.
type State string

// The states of a finding.
const (
	Open     State = "open"      // the data is there
	Sealed   State = "sealed"    // in evidence, and still there
	Locked   State = "locked"    // taken away or masked, sealed before
	Clean    State = "clean"     // a later scan found nothing there
	Gone     State = "gone"      // the file is gone, not by us
	RuledOut State = "ruled_out" // not a leak, by a person, with a reason
)

// A Finding is one place and what it holds.
type Finding struct {
	ID        ID        `json:"id"`
	Place     Place     `json:"place"`
	State     State     `json:"state"`
	Case      string    `json:"case,omitempty"`
	Counts    Counts    `json:"counts"`
	Sensitive bool      `json:"sensitive"` // authentication data: tracks, CVV, PIN blocks
	Sample    []Match   `json:"sample,omitempty"`
	Segments  []Segment `json:"segments,omitempty"`
	FirstSeen int64     `json:"first_seen"` // Unix microseconds
	LastSeen  int64     `json:"last_seen"`
	Version   int64     `json:"version"` // how often it was seen to change
	Baseline  int64     `json:"baseline,omitempty"`
}

// Seen is the body of an entry for a new version of a finding. Counts and
// Segments stand in place of the earlier ones; Sample is added.
type Seen struct {
	Place     Place     `json:"place"`
	Counts    Counts    `json:"counts"`
	Sensitive bool      `json:"sensitive"`
	Sample    []Match   `json:"sample,omitempty"`
	Segments  []Segment `json:"segments,omitempty"`
}

// Kind returns "finding.seen".
func (Seen) Kind() string { return "finding.seen" }

// Moved is the body of an entry for a file that changed its name.
type Moved struct {
	Path string `json:"path"`
}

// Kind returns "finding.moved".
func (Moved) Kind() string { return "finding.moved" }

// Joined is the body of an entry for a finding that became part of a case.
type Joined struct {
	Case string `json:"case"`
}

// Kind returns "finding.joined".
func (Joined) Kind() string { return "finding.joined" }

// Settled is the body of an entry for a finding whose state changed.
type Settled struct {
	State  State  `json:"state"`
	Reason string `json:"reason,omitempty"`
	Plan   string `json:"plan,omitempty"` // id of the plan that did it
}

// Kind returns "finding.settled".
func (Settled) Kind() string { return "finding.settled" }

// Apply folds an entry into the finding.
func (f *Finding) Apply(e ledger.Entry) error {
	if f.ID == "" && e.Kind != (Seen{}).Kind() {
		return ErrOrder
	}
	switch e.Kind {
	case Seen{}.Kind():
		return f.seen(e)
	case Moved{}.Kind():
		var b Moved
		err := e.Decode(&b)
		f.Place.Path = b.Path
		return err
	case Joined{}.Kind():
		var b Joined
		err := e.Decode(&b)
		f.Case = b.Case
		return err
	case Settled{}.Kind():
		var b Settled
		err := e.Decode(&b)
		f.State = b.State
		if b.State == RuledOut {
			f.Baseline = f.Counts.High
		}
		return err
	}
	return ErrOrder
}

func (f *Finding) seen(e ledger.Entry) error {
	var b Seen
	if err := e.Decode(&b); err != nil {
		return err
	}
	if f.ID == "" {
		f.ID, f.FirstSeen, f.State = b.Place.ID(), e.At.UnixMicro(), Open
	}
	if f.State != RuledOut || b.Counts.High > f.Baseline {
		f.State = Open
	}
	if b.Counts.Matches == 0 {
		f.State = Clean
	}
	f.Place, f.Counts, f.Sensitive, f.Segments = b.Place, b.Counts, b.Sensitive, b.Segments
	f.Sample = append(f.Sample, b.Sample...)
	f.Sample = f.Sample[:min(len(f.Sample), SampleSize)]
	f.LastSeen = e.At.UnixMicro()
	f.Version++
	return nil
}

// KindNames returns the kinds of data in the finding, sorted.
func (c Counts) KindNames() []string { return slices.Sorted(maps.Keys(c.Kinds)) }

// First returns when the finding was first seen.
func (f *Finding) First() time.Time { return time.UnixMicro(f.FirstSeen).UTC() }

// Last returns when the finding last changed.
func (f *Finding) Last() time.Time { return time.UnixMicro(f.LastSeen).UTC() }
