package casefile

import "github.com/stanch/stanch/ledger"

// The bodies of a case's entries. Each says one thing that happened; Apply
// folds it.
type (
	// Opened begins a case.
	Opened struct {
		Number     int64    `json:"number"`
		CodenameZH string   `json:"codename_zh"`
		CodenameEN string   `json:"codename_en"`
		Severity   int      `json:"severity"`
		Source     string   `json:"source"` // watch or sign
		Root       string   `json:"root,omitempty"`
		Place      string   `json:"place,omitempty"`
		Rules      []string `json:"rules,omitempty"`
		Packs      string   `json:"packs"`
	}
	// Joined says that a finding became part of the case.
	Joined struct {
		Finding  string `json:"finding"`
		Severity int    `json:"severity"`
	}
	// SignReported adds a sign.
	SignReported struct {
		Sign Sign `json:"sign"`
	}
	// Moved changes the case's state. Reason says why.
	Moved struct {
		To     State  `json:"to"`
		Reason string `json:"reason,omitempty"`
	}
	// SeenFirst says that a person looked at the case for the first time.
	SeenFirst struct{}
	// Noted adds a remark.
	Noted struct {
		ID   string `json:"id"`
		Text string `json:"text"`
		Box  string `json:"box,omitempty"`
	}
	// Marked records what was done with a task, stage or gate.
	Marked struct {
		What     string   `json:"what"` // task, stage or gate
		Item     string   `json:"item"`
		State    string   `json:"state"`
		Reason   string   `json:"reason,omitempty"`
		Evidence []string `json:"evidence,omitempty"`
		Owner    string   `json:"owner,omitempty"`
	}
	// CauseNamed says what led to the leak, by the operator-error taxonomy.
	CauseNamed struct {
		Cause string `json:"cause"`
	}
	// Exposed is a new version of the exposure.
	Exposed struct {
		Exposure Exposure `json:"exposure"`
	}
	// Contained says that nothing leaks any more, as far as a probe shows, or
	// with Leaking that something does again.
	Contained struct {
		Leaking bool   `json:"leaking,omitempty"`
		Clean   bool   `json:"clean,omitempty"` // a re-scan found every place clean
		Plan    string `json:"plan,omitempty"`
	}
)

// Kind returns "case.opened".
func (Opened) Kind() string { return "case.opened" }

// Kind returns "case.joined".
func (Joined) Kind() string { return "case.joined" }

// Kind returns "case.sign_reported".
func (SignReported) Kind() string { return "case.sign_reported" }

// Kind returns "case.moved".
func (Moved) Kind() string { return "case.moved" }

// Kind returns "case.seen".
func (SeenFirst) Kind() string { return "case.seen" }

// Kind returns "case.noted".
func (Noted) Kind() string { return "case.noted" }

// Kind returns "case.marked".
func (Marked) Kind() string { return "case.marked" }

// Kind returns "case.cause_named".
func (CauseNamed) Kind() string { return "case.cause_named" }

// Kind returns "case.exposed".
func (Exposed) Kind() string { return "case.exposed" }

// Kind returns "case.contained".
func (Contained) Kind() string { return "case.contained" }

// folds maps each kind of entry to what it does to a case.
var folds = map[string]func(*Case, ledger.Entry) error{
	Joined{}.Kind():       foldJoined,
	SignReported{}.Kind(): foldSign,
	Moved{}.Kind():        foldMoved,
	SeenFirst{}.Kind():    func(c *Case, e ledger.Entry) error { c.Seen = e.At.UnixMicro(); return nil },
	Noted{}.Kind():        foldNoted,
	Marked{}.Kind():       foldMarked,
	CauseNamed{}.Kind():   foldCause,
	Exposed{}.Kind():      foldExposed,
	Contained{}.Kind():    foldContained,
	"ledger.erased":       foldErased,
}

// Apply folds an entry into the case.
func (c *Case) Apply(e ledger.Entry) error {
	if e.Kind == (Opened{}).Kind() {
		return c.open(e)
	}
	fold, ok := folds[e.Kind]
	if !ok || c.ID == "" {
		return ErrOrder
	}
	if err := fold(c, e); err != nil {
		return err
	}
	c.Updated = e.At.UnixMicro()
	return nil
}

func (c *Case) open(e ledger.Entry) error {
	var b Opened
	if err := e.Decode(&b); err != nil {
		return err
	}
	if c.ID != "" {
		return ErrOrder
	}
	*c = Case{
		ID: ID(e.Subject.ID()), Number: b.Number, CodenameZH: b.CodenameZH, CodenameEN: b.CodenameEN, State: Suspected,
		Severity: b.Severity, Source: []string{b.Source}, Root: b.Root, Place: b.Place, Rules: b.Rules, Packs: b.Packs,
		Opened: e.At.UnixMicro(), Updated: e.At.UnixMicro(),
	}
	return nil
}
