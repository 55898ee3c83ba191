package obligation

import "github.com/stanch/stanch/internal/datafile"

// Text is one thing said in Chinese and in English.
type Text = datafile.Text

// A Pack is a set of rules of one field of law or contract, read as it stood on
// one day.
type Pack struct {
	ID            string   `yaml:"id"`
	Version       string   `yaml:"version"` // a released version never changes
	AsOf          string   `yaml:"as_of"`   // the law was read as it stood on this day
	ReviewBy      string   `yaml:"review_by"`
	Jurisdictions []string `yaml:"jurisdictions"`
	Title         Text     `yaml:"title"`
	Status        string   `yaml:"status"` // draft, released or superseded
	Supersedes    string   `yaml:"supersedes"`
	SignedBy      string   `yaml:"signed_by"`
	Notes         []string `yaml:"notes"`
}

// A Rule is one duty that one provision lays down.
type Rule struct {
	ID             string       `yaml:"id"`
	Kind           string       `yaml:"kind"`
	Phase          string       `yaml:"phase"` // before, during or after an incident
	Jurisdiction   string       `yaml:"jurisdiction"`
	Force          string       `yaml:"force"`
	Title          Text         `yaml:"title"`
	Summary        Text         `yaml:"summary"`
	Obligated      []string     `yaml:"obligated"` // values of org.type or org.role
	Addressees     []string     `yaml:"addressees"`
	When           *Cond        `yaml:"when"`
	Unless         *Cond        `yaml:"unless"` // an exception: it has to be known to hold
	UnknownPolicy  string       `yaml:"unknown_policy"`
	Deadline       Deadline     `yaml:"deadline"`
	InternalTarget *Target      `yaml:"internal_target"`
	Form           string       `yaml:"form"`
	Staged         *Staged      `yaml:"staged"`
	FollowUps      []string     `yaml:"follow_ups"`
	Penalty        Text         `yaml:"penalty"`
	Conflicts      []string     `yaml:"conflicts"`
	Citations      []Citation   `yaml:"citations"`
	Effective      Effective    `yaml:"effective"`
	Confidence     string       `yaml:"confidence"`
	Verification   Verification `yaml:"verification"`
	ReleaseGate    string       `yaml:"release_gate"` // ok, review or block; empty is ok

	pack   *Pack
	groups []string
}

// A Deadline is when a duty falls due, in the law's own units.
type Deadline struct {
	Kind         string     `yaml:"kind"`
	Duration     *Period    `yaml:"duration"`
	DurationFrom string     `yaml:"duration_from"` // a fact that holds the duration: a contract's clock
	Clock        string     `yaml:"clock"`
	ClockBasis   string     `yaml:"clock_basis"` // text, guidance or assumed
	Calendar     string     `yaml:"calendar"`    // elapsed, calendar or business:ID; empty is elapsed
	Count        string     `yaml:"count"`       // elapsed or exclude_start_day
	EndOfDay     bool       `yaml:"end_of_day"`
	Timezone     string     `yaml:"timezone"` // a zone of its own; empty is the calendar's, else the case's
	NotAfter     *NotAfter  `yaml:"not_after"`
	Extension    *Extension `yaml:"extension"`
	Text         Text       `yaml:"text"`
}

// NotAfter is a second limit that the text sets beside the first.
type NotAfter struct {
	Duration Period `yaml:"duration"`
	Clock    string `yaml:"clock"`
}

// An Extension says what may lengthen a deadline. It is shown and never reckoned with.
type Extension struct {
	For  []string `yaml:"for" json:"for,omitempty"`
	Days int      `yaml:"days" json:"days,omitempty"`
	If   string   `yaml:"if" json:"if,omitempty"`
}

// A Target is what the house asks of itself. It is never shown as law.
type Target struct {
	Duration Period `yaml:"duration"`
	Note     string `yaml:"note"`
}

// Staged says what the first report may be limited to.
type Staged struct {
	Initial []string `yaml:"initial" json:"initial"`
	Later   string   `yaml:"later" json:"later"`
	Basis   string   `yaml:"basis" json:"basis"`
}

// A Citation is where a rule stands.
type Citation struct {
	Source  string `yaml:"source" json:"source"`
	Title   string `yaml:"-" json:"title"` // of the source
	Article string `yaml:"article" json:"article,omitempty"`
	Note    string `yaml:"note" json:"note,omitempty"`
}

// Effective is when a rule is in force. No From is a commencement nobody wrote
// down, as in contracts: the rule is taken to be in force.
type Effective struct {
	From string `yaml:"from"`
	To   string `yaml:"to"` // the first day on which it no longer is
}

// Verification says how closely a text was read.
type Verification struct {
	State   string `yaml:"state" json:"state"`
	Checked string `yaml:"checked" json:"checked,omitempty"`
	Note    string `yaml:"note" json:"note,omitempty"`
}
