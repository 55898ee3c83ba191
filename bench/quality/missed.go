package quality

import (
	"fmt"
	"io"

	"github.com/stanch/stanch/bench/corpus"
	"github.com/stanch/stanch/card"
)

// PrintMissed lists plants that were not found, with the line to look at.
func (t *Table) PrintMissed(w io.Writer, most int) {
	for _, s := range t.Scores {
		for i, p := range s.missed {
			if i == most {
				break
			}
			fmt.Fprintf(w, "missed %-20s %s:%d %s\n", s.Class, p.File, p.Line, shown(p))
		}
	}
}

// shown is a plant as it may be printed.
func shown(p corpus.Plant) string {
	for _, v := range []string{p.Value, p.Partner} {
		if v != "" {
			return p.Kind + " " + card.Mask([]byte(v))
		}
	}
	return p.Kind
}
