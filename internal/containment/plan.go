package containment

import (
	"errors"

	"github.com/stanch/stanch/internal/approval"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/ledger"
)

// An ID names a plan: a UUIDv7 in its usual text form.
type ID string

// Noun is the noun of plans in the ledger.
const Noun = "plan"

// Subject returns the plan as a subject of entries.
func (id ID) Subject() ledger.Subject { return ledger.SubjectOf(Noun, string(id)) }

// An Action is what a plan does.
type Action string

// The actions.
const (
	Seal Action = "seal" // an encrypted copy into evidence; the target stays
	Lock Action = "lock" // seal, then remove or mask
	Undo Action = "undo" // bring back what a lock took
)

// A Mode is how a lock takes the data away.
type Mode string

// The modes of a lock.
const (
	Remove Mode = "remove" // the file goes
	Mask   Mode = "mask"   // the file stays, its numbers masked
)

// OnExpiry is what the end of an active plan does.
type OnExpiry string

// What expiry can do.
const (
	Hold    OnExpiry = "hold"    // it stays and people are called
	Release OnExpiry = "release" // it is rolled back, once a person gives the passphrase
)

// Errors that callers decide by.
var (
	ErrNoPlan     = errors.New("no such plan")
	ErrState      = errors.New("the plan's state does not allow this")
	ErrChanged    = errors.New("a target is not as it was when the plan was approved")
	ErrApproval   = errors.New("the plan is not approved")
	ErrPresence   = errors.New("presence has to be proved first")
	ErrPassphrase = errors.New("the recovery passphrase is needed")
	ErrEmpty      = errors.New("the plan has no target that can be acted on")
	ErrDraft      = errors.New("the plan cannot be drafted so")
	ErrBusy       = errors.New("the plan is being carried out already")
	ErrOrder      = errors.New("entry does not fit the plan's history")
)

// A Plan is an intended change with all that was agreed and done about it.
// Times are Unix microseconds, zero where the thing has not happened.
type Plan struct {
	ID          ID                  `json:"id"`
	State       State               `json:"state"`
	Terms       Terms               `json:"terms"` // what is approved; its targets are known from the dry-run on
	Hash        string              `json:"hash,omitempty"`
	Report      Report              `json:"report"`
	Findings    []finding.ID        `json:"findings,omitempty"`
	Reason      string              `json:"reason,omitempty"` // why it was drafted
	Why         string              `json:"why,omitempty"`    // a fault word or a person's reason for the last change of state
	Drafted     int64               `json:"drafted"`
	Requested   int64               `json:"requested,omitempty"`
	RequestedBy string              `json:"requested_by,omitempty"` // account id; the terms name who drafted it
	Approvals   []approval.Approval `json:"approvals,omitempty"`
	Begun       int64               `json:"begun,omitempty"`
	Verified    int64               `json:"verified,omitempty"`
	Active      int64               `json:"active,omitempty"`
	Ends        int64               `json:"ends,omitempty"` // when an active plan expires
	Overdue     bool                `json:"overdue,omitempty"`
	Ended       int64               `json:"ended,omitempty"`
	Results     []Result            `json:"results,omitempty"` // one for each target
	Probes      []ProbeResult       `json:"probes,omitempty"`  // as last run
	UndoneBy    ID                  `json:"undone_by,omitempty"`
}

// Case returns the case that the plan belongs to.
func (p *Plan) Case() casefile.ID { return p.Terms.Case }

// A Step is how far the work on one target has come. Each is recorded before
// the next begins.
type Step string

// The steps of a target.
const (
	Waiting   Step = ""
	Sealing   Step = "sealing"
	Sealed    Step = "sealed"
	Taking    Step = "taking" // about to remove or mask
	Taken     Step = "taken"
	Restoring Step = "restoring"
	Restored  Step = "restored"
	Failed    Step = "failed"
)

// A Result is what became of one target.
type Result struct {
	Step    Step               `json:"step,omitempty"`
	Exhibit casefile.ExhibitID `json:"exhibit,omitempty"`
	Fault   string             `json:"fault,omitempty"` // see the Fault words of this package
	At      int64              `json:"at,omitempty"`
	After   *Fingerprint       `json:"after,omitempty"`  // of the masked copy that takes its place
	Beside  string             `json:"beside,omitempty"` // where it was restored to, if its name was taken; masked
}

// A ProbeResult is what one probe showed.
type ProbeResult struct {
	Probe  Probe  `json:"probe"`
	Target int    `json:"target"`
	OK     bool   `json:"ok"`
	At     int64  `json:"at"`
	Fault  string `json:"fault,omitempty"`
}
