// Package approval decides who may agree to a plan, and when enough people
// have. In go the plan's hash, who asked for it and who agreed so far; out
// comes yes, or which rule says no. It keeps nothing, knows no plan from the
// inside, and never lets an approval count for any hash but its own.
package approval

import (
	"errors"
	"slices"
	"time"
)

// Why an approval is not taken.
var (
	ErrOwnRequest = errors.New("somebody else than those who asked for it has to approve")
	ErrTwice      = errors.New("this person has approved already")
	ErrHash       = errors.New("the plan has changed since it was looked at")
	ErrPresence   = errors.New("presence has to be proved first")
)

const (
	// PresenceFor is how long a proof of presence counts.
	PresenceFor = 5 * time.Minute
	// ValidFor is how long an approval counts.
	ValidFor = 24 * time.Hour
)

// An Approval is one person's yes to one exact plan.
type Approval struct {
	Hash   string `json:"hash"`
	Person string `json:"person"` // account id
	At     int64  `json:"at"`     // Unix microseconds
	Method string `json:"method"` // how presence was proved: password
}

// Rules are what one plan needs.
type Rules struct {
	Askers    []string // account ids: who drew the plan up, and who asked for approval
	Hash      string   // of the plan as it is now
	Deletes   bool     // something is lost that no seal brings back
	Targets   int
	TwoAbove  int  // more targets than this need two people; 0 stands for never
	OnePerson bool // the house has one person, who may approve what they asked for
}

// Needed returns how many people have to approve.
func (r Rules) Needed() int {
	if !r.OnePerson && (r.Deletes || r.TwoAbove > 0 && r.Targets > r.TwoAbove) {
		return 2
	}
	return 1
}

// Check says why next cannot be added to the approvals given, or nil. Presence
// is when the person last proved it; zero is never.
func (r Rules) Check(given []Approval, next Approval, presence, now time.Time) error {
	switch {
	case next.Hash == "" || next.Hash != r.Hash:
		return ErrHash
	case r.own(next):
		return ErrOwnRequest
	case slices.ContainsFunc(r.Valid(given, now), func(a Approval) bool { return a.Person == next.Person }):
		return ErrTwice
	case presence.IsZero() || next.Method == "" || presence.After(now) || now.Sub(presence) > PresenceFor:
		return ErrPresence
	}
	return nil
}

// own reports whether an approval is of what its person asked for and may not
// agree to.
func (r Rules) own(a Approval) bool {
	return !r.OnePerson && slices.Contains(r.Askers, a.Person)
}

// Valid returns those approvals that still count: for this hash, not too old,
// one for each person.
func (r Rules) Valid(given []Approval, now time.Time) []Approval {
	var valid []Approval
	for _, a := range given {
		again := slices.ContainsFunc(valid, func(v Approval) bool { return v.Person == a.Person })
		if a.Hash == r.Hash && !again && !r.own(a) && now.Sub(time.UnixMicro(a.At)) <= ValidFor {
			valid = append(valid, a)
		}
	}
	return valid
}

// Enough reports whether the approvals that count suffice.
func (r Rules) Enough(given []Approval, now time.Time) bool {
	return len(r.Valid(given, now)) >= r.Needed()
}
