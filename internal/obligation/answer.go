package obligation

import (
	"cmp"
	"slices"
	"time"
)

// A Status says whether a duty is owed.
type Status string

// The statuses.
const (
	Applies       Status = "applies"
	Possible      Status = "possible" // something that decides it is not known
	NotApplicable Status = "not_applicable"
)

// Options say what is asked for.
type Options struct {
	At      time.Time // now: what recurs falls due after it, and later clocks are noted
	Before  bool      // work out the duties that hold before any incident, too
	Preview bool      // and the rules that nobody has verified yet
}

// An Answer says of every rule what it asks in one case. What was not asked for is
// in it as not applicable, with that as the reason.
type Answer struct {
	// Grades are the grades that each computed grading leaves possible, the
	// gravest first. The tables have open-ended clauses: a grade is at least
	// the last of them, and never surely not higher.
	Grades map[string]Words
	Duties []Duty
	Held   []string // rules not worked out because nobody has verified them
	Notes  []Note
}

// Grade returns the one grade that a grading leaves, if there is only one.
func (a *Answer) Grade(grading string) (string, bool) {
	if w := a.Grades[grading]; len(w) == 1 {
		return w[0], true
	}
	return "", false
}

// A Duty is what one rule asks in one case.
type Duty struct {
	Rule      string     `json:"rule"`
	Status    Status     `json:"status"`
	Due       Due        `json:"due"`
	Why       string     `json:"why"`
	Citations []Citation `json:"citations"`

	Title        Text         `json:"title"`
	DueText      Text         `json:"due_text"` // the deadline in the words of the rule
	Pack         string       `json:"pack"`
	Kind         string       `json:"kind"`
	Phase        string       `json:"phase"`
	Jurisdiction string       `json:"jurisdiction"`
	Force        string       `json:"force"`
	Gate         string       `json:"gate"` // ok, review or block
	Confidence   string       `json:"confidence"`
	Verification Verification `json:"verification"`
	Addressees   []string     `json:"addressees,omitempty"`
	Actions      []string     `json:"actions,omitempty"` // groups that it is answered with
	Form         string       `json:"form,omitempty"`
	Staged       *Staged      `json:"staged,omitempty"`
	FollowUps    []string     `json:"follow_ups,omitempty"`
	Conflicts    []string     `json:"conflicts,omitempty"`
	Extension    *Extension   `json:"extension,omitempty"`

	Clock        string   `json:"clock,omitempty"`
	ClockBasis   string   `json:"clock_basis,omitempty"`
	Starts       []Start  `json:"starts,omitempty"` // what it was counted from, if there was a choice
	Every        string   `json:"every,omitempty"`
	Provisional  bool     `json:"provisional,omitempty"`   // a year's holidays are not known
	CalendarNote string   `json:"calendar_note,omitempty"` // what the calendar takes for granted
	Shadow       bool     `json:"shadow,omitempty"`        // a clock that runs in case the duty applies
	Overdue      bool     `json:"overdue,omitempty"`
	Open         []string `json:"open,omitempty"` // facts that could still change the status

	InternalTarget *OwnTarget `json:"internal_target,omitempty"`
}

// An OwnTarget is the house's own aim for a duty. It is not law.
type OwnTarget struct {
	Due      Due    `json:"due"`
	Duration Period `json:"duration"`
	Note     string `json:"note,omitempty"`
}

// inTime puts what applies first, then what may; within each what has a time by
// that time, and then what has none.
func inTime(list []Duty) {
	order := make([]int, len(list)) // duties are large: they move once, in the end
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		x, y := &list[i], &list[j]
		return cmp.Or(
			cmp.Compare(ranks[x.Status], ranks[y.Status]),
			cmp.Compare(x.Due.Word, y.Due.Word), // empty is before any word
			x.Due.At.Compare(y.Due.At),
			cmp.Compare(x.Rule, y.Rule),
		)
	})
	for i, from := range order {
		for from < i {
			from = order[from] // it was moved on when its place was taken
		}
		list[i], list[from] = list[from], list[i]
	}
}

var ranks = map[Status]int{Applies: 0, Possible: 1, NotApplicable: 2}
