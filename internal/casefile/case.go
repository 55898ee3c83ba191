// Package casefile holds cases: what is known of a leak, what was decided
// about it, and what is still to be done. In go findings, signs that people
// report, and their decisions; out come entries, a case's facts, its exposure
// and its next step. It never opens a file or a database, and never sees a
// clear card number.
package casefile

import (
	"errors"
	"fmt"
	"time"

	"github.com/stanch/stanch/ledger"
)

// An ID names a case: a UUIDv7 in its usual text form.
type ID string

// Noun is the noun of cases in the ledger.
const Noun = "case"

// Subject returns the case as a subject of entries.
func (id ID) Subject() ledger.Subject { return ledger.SubjectOf(Noun, string(id)) }

// A State is where a case stands.
type State string

// The states of a case. Reopening leads back to Confirmed.
const (
	Suspected State = "suspected"
	Confirmed State = "confirmed"
	RuledOut  State = "ruled_out"
	Closed    State = "closed"
)

// Live reports whether work on the case goes on.
func (s State) Live() bool { return s == Suspected || s == Confirmed }

// Errors that callers decide by.
var (
	ErrNoCase      = errors.New("no such case")
	ErrState       = errors.New("the case's state does not allow this")
	ErrReason      = errors.New("a reason is needed")
	ErrEvidence    = errors.New("evidence is needed: name an exhibit, a plan or a note of this case")
	ErrContradicts = errors.New("a scan of this case found authentication data; choose the answer that lists it, or rule the finding out")
	ErrStored      = errors.New("a scan of this case found stored card numbers; choose an answer that says so, or rule the finding out")
	ErrOpenTasks   = errors.New("tasks of this stage are open; settle them, or say why the stage is not needed")
	ErrGates       = errors.New("the case is not ready to close")
	ErrUnknown     = errors.New("the playbook has no such item")
	ErrAway        = errors.New("the watched folder cannot be reached now; bring it back, then scan again")
	ErrCount       = errors.New("a number of cards is at most 10,000,000,000, and the lower end at most the upper")
	ErrFuture      = errors.New("a time lies in the future")
	ErrWindow      = errors.New("the window ends before it begins")
	ErrCardData    = errors.New("the text holds a card number; seal the original as evidence and describe it here instead")
	ErrOrder       = errors.New("entry does not fit the case's history")
)

// A Mark is what a person did with a task, stage or gate.
type Mark struct {
	State    string   `json:"state"`              // done, not_needed, open; a gate's answer
	By       string   `json:"by"`                 // account id
	At       int64    `json:"at"`                 // recorded, Unix microseconds
	Happened int64    `json:"happened,omitempty"` // typed by a person, Unix microseconds
	Reason   string   `json:"reason,omitempty"`
	Evidence []string `json:"evidence,omitempty"` // ids of exhibits or plans
	Owner    string   `json:"owner,omitempty"`    // account id
}

// A Note is a remark by a person. It can be erased by its id.
type Note struct {
	ID       string `json:"id"`
	Text     string `json:"text"`
	By       string `json:"by"`
	At       int64  `json:"at"`
	Happened int64  `json:"happened,omitempty"`
	Entry    int64  `json:"entry"`         // that it was written by
	Box      string `json:"box,omitempty"` // box of the first-hour sheet it was typed from
}

// A Case is a leak and what is done about it. Times are Unix microseconds,
// zero where the thing has not happened.
type Case struct {
	ID          ID              `json:"id"`
	Number      int64           `json:"number"`
	CodenameZH  string          `json:"codename_zh"`
	CodenameEN  string          `json:"codename_en"`
	State       State           `json:"state"`
	Severity    int             `json:"severity"` // 1 to 5
	Source      []string        `json:"source"`   // watch, sign
	Root        string          `json:"root,omitempty"`
	Place       string          `json:"place,omitempty"` // folder or typed place
	Rules       []string        `json:"rules,omitempty"` // of the policy, that opened it
	Packs       string          `json:"packs"`           // edition of the packs it was opened under
	Opened      int64           `json:"opened"`
	Seen        int64           `json:"seen,omitempty"` // first looked at by a person
	Confirmed   int64           `json:"confirmed,omitempty"`
	Contained   int64           `json:"contained,omitempty"`
	Closed      int64           `json:"closed,omitempty"`
	Updated     int64           `json:"updated"`
	Reason      string          `json:"reason,omitempty"` // for the last change of state
	FirstLeak   int64           `json:"first_leak,omitempty"`
	LastLeak    int64           `json:"last_leak,omitempty"`
	Findings    int64           `json:"findings"`
	Leaking     bool            `json:"leaking,omitempty"` // a probe found card data where it should be gone
	Signs       []Sign          `json:"signs,omitempty"`
	Tasks       map[string]Mark `json:"tasks,omitempty"`
	Stages      map[string]Mark `json:"stages,omitempty"`
	Gates       map[string]Mark `json:"gates,omitempty"`
	Notes       []Note          `json:"notes,omitempty"`
	Cause       string          `json:"cause,omitempty"` // id of the operator-error taxonomy
	Exposure    Exposure        `json:"exposure"`
	RescanClean int64           `json:"rescan_clean,omitempty"` // when a re-scan last proved every place clean
}

// Name returns the codename in a language with the case's number.
func (c *Case) Name(lang string) string {
	if lang == "zh" {
		return fmt.Sprintf("%s %d", c.CodenameZH, c.Number)
	}
	return fmt.Sprintf("%s %d", c.CodenameEN, c.Number)
}

// OpenedAt returns when the case was opened.
func (c *Case) OpenedAt() time.Time { return time.UnixMicro(c.Opened).UTC() }

// A Command is what a person or Stanch may ask of a case.
type Command string

// The commands of a case.
const (
	CmdConfirm Command = "confirm"
	CmdRuleOut Command = "rule_out"
	CmdClose   Command = "close"
	CmdReopen  Command = "reopen"
	CmdWork    Command = "work" // notes, tasks, stages, gates, signs, findings
	CmdAct     Command = "act"  // plans that change a target
)

// Allows reports whether a case in state s takes the command. Gates on closing
// come on top of it.
func (s State) Allows(c Command) bool {
	switch c {
	case CmdConfirm:
		return s == Suspected
	case CmdRuleOut, CmdWork, CmdAct:
		return s.Live()
	case CmdClose:
		return s == Confirmed
	case CmdReopen:
		return s == Closed || s == RuledOut
	}
	return false
}
