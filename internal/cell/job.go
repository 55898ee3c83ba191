package cell

import (
	"time"

	"github.com/stanch/stanch/internal/carrier"
	"github.com/stanch/stanch/scan"
)

// A job is what the parent tells a worker about the input. The name is a hint
// for telling kinds apart, and is scanned like any other.
type job struct {
	name   string
	size   int64
	wall   time.Duration
	memory int64
	budget carrier.Budget

	classes []scan.Class // nil means all
	least   scan.Confidence
	plain   bool
}

func (j job) pack() []byte {
	var p packer
	p.text(j.name)
	for _, n := range []int64{j.size, int64(j.wall), j.memory, int64(j.budget.Depth), j.budget.Bytes, j.budget.Ratio,
		j.budget.Members, j.budget.Buffer} {
		p.num(n)
	}
	p.num(int64(j.least))
	p.flag(j.plain)
	p.num(int64(len(j.classes)))
	for _, class := range j.classes {
		p.text(string(class))
	}
	return p.b
}

func unpackJob(payload []byte) (job, error) {
	u := unpacker{b: payload}
	j := job{name: u.text(maxPath), size: u.num(), wall: time.Duration(u.num()), memory: u.num()}
	j.budget = carrier.Budget{Depth: int(u.num()), Bytes: u.num(), Ratio: u.num(), Members: u.num(), Buffer: u.num()}
	j.least = scan.Confidence(u.num())
	j.plain = u.flag()
	for _, class := range u.words() {
		j.classes = append(j.classes, scan.Class(class))
	}
	if u.bad {
		return job{}, errWire
	}
	return j, nil
}

// packMissed writes one unexamined part; path is relative to the input.
func packMissed(m carrier.Unexamined, path string) []byte {
	var p packer
	p.text(path)
	p.text(string(m.Cause))
	p.num(m.Bytes)
	return p.b
}

func unpackMissed(payload []byte) (carrier.Unexamined, error) {
	u := unpacker{b: payload}
	m := carrier.Unexamined{Path: u.text(maxPath), Cause: carrier.Cause(u.word()), Bytes: u.num()}
	if u.bad || !m.Cause.Valid() || m.Path != "" && m.Path[0] != '!' {
		return carrier.Unexamined{}, errWire
	}
	return m, nil
}

// maxLayers is how many layers a report may have: more than any budget of depth.
const maxLayers = 64

// packEnd writes the counts of a report; its list went before it.
func packEnd(r carrier.Report) []byte {
	var p packer
	for _, n := range []int64{r.Found, r.Examined, r.Refused, r.Bytes, r.Beyond} {
		p.num(n)
	}
	p.num(int64(len(r.Layers)))
	for _, l := range r.Layers {
		for _, n := range []int64{l.Found, l.Examined, l.Refused, l.Unsized} {
			p.num(n)
		}
	}
	p.num(int64(len(r.Causes)))
	for cause, n := range r.Causes {
		p.text(string(cause))
		p.num(n)
	}
	return p.b
}

// unpackEnd reads the counts and checks that they add up with the list.
func unpackEnd(payload []byte, list []carrier.Unexamined) (carrier.Report, error) {
	u := unpacker{b: payload}
	r := carrier.Report{Found: u.num(), Examined: u.num(), Refused: u.num(), Bytes: u.num(), Beyond: u.num(), Unexamined: list}
	layers := u.num()
	if layers < 0 || layers > maxLayers {
		return carrier.Report{}, errWire
	}
	for range layers {
		l := carrier.Layer{Found: u.num(), Examined: u.num(), Refused: u.num(), Unsized: u.num()}
		if u.bad || min(l.Examined, l.Refused, l.Unsized) < 0 || l.Found != l.Examined+l.Refused {
			return carrier.Report{}, errWire
		}
		r.Layers = append(r.Layers, l)
	}
	kinds := u.num()
	if kinds < 0 || kinds > maxWords {
		return carrier.Report{}, errWire
	}
	var sum int64
	for range kinds {
		cause, n := carrier.Cause(u.word()), u.num()
		if u.bad || !cause.Valid() || n <= 0 || n > r.Refused {
			return carrier.Report{}, errWire
		}
		if r.Causes == nil {
			r.Causes = make(map[carrier.Cause]int64)
		}
		r.Causes[cause] += n
		sum += n
	}
	if u.bad || r.Found < 1 || r.Examined < 0 || r.Found != r.Examined+r.Refused || sum != r.Refused ||
		int64(len(list))+r.Beyond != r.Refused {
		return carrier.Report{}, errWire
	}
	return r, nil
}
