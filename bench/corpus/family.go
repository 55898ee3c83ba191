package corpus

import "strings"

// A Family is a set of templates and seeds.
type Family string

// The families. Whoever works on the scanner looks at Tuning alone.
const (
	Tuning Family = "tuning"
	Report Family = "report"
)

// Families lists them.
func Families() []Family { return []Family{Tuning, Report} }

// A style is how one family writes. In a template ~word~ stands for a value
// that [maker.word] makes, ~pan~ for the number.
type style struct {
	salt    uint64
	clock   string              // layout of times
	from    int                 // seconds since 1970 of the first record
	stems   []string            // of file names
	records []string            // lines with a number, for all classes that do not care
	noise   []string            // lines without one
	forms   map[string][]string // by class, lines with a number or look-alike
	heads   map[string]string   // by class, the first line of each file
	holders []string            // names on cards
}

var styles = map[Family]*style{Tuning: &tuning, Report: &report}

func words(s string) []string { return strings.Fields(s) }

func lines(s string) []string { return strings.Split(strings.Trim(s, "\n"), "\n") }
