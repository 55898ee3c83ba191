package obligation

import (
	"regexp"
	"strconv"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/stanch/stanch/internal/datafile"
)

// A Period is a length of time in the units in which it was written: PT4H is
// four hours, P1D is a day of whatever calendar it is counted by.
type Period struct {
	Months, Days int
	Clock        time.Duration // hours, minutes and seconds
	text         string
}

var periodShape = regexp.MustCompile(`^P(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,5})M)?(?:(\d{1,5})S)?)?$`)

const notPeriod = "is not a length of time; write it like PT4H, P3D or P1M"

// ParsePeriod reads ISO 8601, as in PT4H, P3D, P2W, P1M. It reports whether the
// text is one and longer than nothing.
func ParsePeriod(s string) (Period, bool) {
	parts := periodShape.FindStringSubmatch(s)
	if parts == nil {
		return Period{}, false
	}
	var n [8]int
	for i, part := range parts {
		if i > 0 {
			n[i], _ = strconv.Atoi(part) // a missing part is zero
		}
	}
	p := Period{Months: 12*n[1] + n[2], Days: 7*n[3] + n[4], text: s}
	p.Clock = time.Duration(n[5])*time.Hour + time.Duration(n[6])*time.Minute + time.Duration(n[7])*time.Second
	known := p.Months != 0 || p.Days != 0 || p.Clock != 0
	return p, known && p.Months <= mostMonths && p.Days <= mostDays
}

// What a period may come to: a century, which no duty is and arithmetic bears.
const (
	mostMonths = 1200
	mostDays   = 36_600
)

func (p Period) String() string { return p.text }

// MarshalText writes the period as it was written.
func (p Period) MarshalText() ([]byte, error) { return []byte(p.text), nil }

// UnmarshalYAML reads a period.
func (p *Period) UnmarshalYAML(node ast.Node) error {
	word, ok := node.(*ast.StringNode)
	if !ok {
		return datafile.BadValue(node, notPeriod)
	}
	period, ok := ParsePeriod(word.Value)
	if !ok {
		return datafile.BadValue(node, notPeriod)
	}
	*p = period
	return nil
}

// times returns the period n times over.
func (p Period) times(n int) Period {
	return Period{Months: p.Months * n, Days: p.Days * n, Clock: p.Clock * time.Duration(n), text: p.text}
}
