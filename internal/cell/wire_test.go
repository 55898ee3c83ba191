package cell

import (
	"testing"

	"github.com/stanch/stanch/internal/carrier"
	"github.com/stanch/stanch/scan"
)

// A worker that was taken over must not smuggle text out as a class or a label.
func TestUnpackMatchKnowsItsWords(t *testing.T) {
	good := scan.Match{Class: scan.PAN, Also: []scan.Class{scan.CVV}, Context: []string{"card"}, Confidence: scan.High}
	for _, tt := range []struct {
		name string
		bend func(m *scan.Match)
		fine bool
	}{
		{"as it is", func(*scan.Match) {}, true},
		{"class", func(m *scan.Match) { m.Class = "surname" }, false},
		{"further class", func(m *scan.Match) { m.Also = []scan.Class{"surname"} }, false},
		{"label", func(m *scan.Match) { m.Context = []string{"surname"} }, false},
	} {
		m := good
		tt.bend(&m)
		_, _, _, err := unpackMatch(packMatch(&carrier.Match{Match: m}, ""))
		if (err == nil) != tt.fine {
			t.Errorf("%s: got error %v", tt.name, err)
		}
	}
}

// What is asked for reaches a worker.
func TestJobKeepsWhatIsAskedFor(t *testing.T) {
	j, err := unpackJob(job{name: "a", classes: []scan.Class{scan.PAN, scan.Track1}, least: scan.Medium, plain: true}.pack())
	if err != nil || len(j.classes) != 2 || j.classes[1] != scan.Track1 || j.least != scan.Medium || !j.plain {
		t.Errorf("got %v, %v, plain %t: %v", j.classes, j.least, j.plain, err)
	}
	if j, err = unpackJob(job{name: "a"}.pack()); err != nil || j.classes != nil || j.plain {
		t.Errorf("got classes %v: %v, want none", j.classes, err)
	}
}
