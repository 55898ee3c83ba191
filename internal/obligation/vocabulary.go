package obligation

import (
	"strings"

	"github.com/stanch/stanch/internal/datafile"
)

// A Fact is one thing a condition may ask about a case.
type Fact struct {
	Type     string   `yaml:"type"` // bool, int, int_by_region, enum, set or duration
	Values   []string `yaml:"values"`
	Computed string   `yaml:"computed"` // the grading that gives its value
	ZH       string   `yaml:"zh"`
	EN       string   `yaml:"en"`
}

// A Clock is an event that deadlines hang from.
type Clock struct {
	ZH string `yaml:"zh"`
	EN string `yaml:"en"`
}

// A Contradiction is two facts that cannot both be so.
type Contradiction struct {
	About string `yaml:"about"` // the fact to look at
	When  *Cond  `yaml:"when"`
	Text  Text   `yaml:"text"`
}

// The clocks that the engine itself reads. Planning goes by the earlier of the two.
const (
	suspected  = "suspected_at"
	discovered = "discovered_at"
)

// The facts that the implicit conditions of every rule ask about.
const (
	factType          = "org.type"
	factRole          = "org.role"
	factJurisdictions = "org.jurisdictions"
)

// An Addressee is who is told.
type Addressee struct {
	Kind     string            `yaml:"kind" json:"kind"`
	ZH       string            `yaml:"zh" json:"zh"`
	EN       string            `yaml:"en" json:"en"`
	Channels map[string]string `yaml:"channels" json:"channels,omitempty"`
	Source   string            `yaml:"source" json:"source,omitempty"`
}

// A Source is where rules were read, and how closely.
type Source struct {
	Title    string `yaml:"title"`
	Official string `yaml:"official"`
	Read     string `yaml:"read"`
	State    string `yaml:"state"`
	Note     string `yaml:"note"`
}

// A Group is an act that answers several duties at once.
type Group struct {
	ID    string   `yaml:"id"`
	ZH    string   `yaml:"zh"`
	EN    string   `yaml:"en"`
	Rules []string `yaml:"rules"`
	Note  string   `yaml:"note"`
}

// A Form lists what a report or notice has to say.
type Form struct {
	Title     Text     `yaml:"title"`
	Basis     string   `yaml:"basis"`
	Gate      string   `yaml:"gate"`
	Languages []string `yaml:"languages"`
	Fields    []Field  `yaml:"fields"`
}

// A Field is one item of a form.
type Field struct {
	ID   string `yaml:"id"`
	ZH   string `yaml:"zh"`
	EN   string `yaml:"en"`
	Type string `yaml:"type"`
	Need string `yaml:"need"` // i: in the first report, f: by the last, o: optional
	Fact string `yaml:"fact"`
	When string `yaml:"when"` // a fact that has to be true for the item to count
}

// The files beside the packs.
type (
	factFile struct {
		datafile.Header `yaml:",inline"`
		Facts           map[string]Fact  `yaml:"facts"`
		Clocks          map[string]Clock `yaml:"clocks"`
		RulesOfUse      []string         `yaml:"rules_of_use"`
		Contradictions  []Contradiction  `yaml:"contradictions"`
		ClockOrder      [][2]string      `yaml:"clock_order"`
	}
	calendarFile struct {
		datafile.Header `yaml:",inline"`
		Calendars       map[string]*Calendar `yaml:"calendars"`
	}
	addresseeFile struct {
		datafile.Header `yaml:",inline"`
		Addressees      map[string]Addressee `yaml:"addressees"`
	}
	gradingFile struct {
		datafile.Header `yaml:",inline"`
		Gradings        []Grading `yaml:"gradings"`
	}
	sourceFile struct {
		datafile.Header `yaml:",inline"`
		Sources         map[string]Source `yaml:"sources"`
	}
	actionFile struct {
		datafile.Header `yaml:",inline"`
		Groups          []Group `yaml:"groups"`
	}
	formFile struct {
		datafile.Header `yaml:",inline"`
		Forms           map[string]Form `yaml:"forms"`
		Rules           []string        `yaml:"rules"`
	}
	packFile struct {
		Schema string  `yaml:"schema"`
		Pack   Pack    `yaml:"pack"`
		Rules  []*Rule `yaml:"rules"`
	}
)

// country returns the country of a jurisdiction such as US-CA.
func country(jurisdiction string) string {
	before, _, _ := strings.Cut(jurisdiction, "-")
	return before
}
