package carrier

import "github.com/stanch/stanch/scan"

// A Cause says why something was not examined. It is one word from this list,
// so that a person can accept it by name.
type Cause string

// The causes.
const (
	Encrypted          Cause = "encrypted"
	Broken             Cause = "broken"              // damaged, or not what it says it is
	OverBudget         Cause = "over_budget"         // an archive bomb, or larger than allowed
	UnknownCompression Cause = "unknown_compression" // packed in a way that is not read yet
	Picture            Cause = "picture"
	Unreadable         Cause = "unreadable"  // permission or device fault
	Vanished           Cause = "vanished"    // gone between being seen and being read
	Shrank             Cause = "shrank"      // lost bytes while being read
	Special            Cause = "special"     // a pipe, socket or device: never opened
	Symlink            Cause = "symlink"     // names another place, which is not followed
	WorkerDied         Cause = "worker_died" // the parser brought its process down
	Timeout            Cause = "timeout"
	Memory             Cause = "memory"
)

// Causes lists every cause, in the order they are documented.
func Causes() []Cause {
	return []Cause{Encrypted, Broken, OverBudget, UnknownCompression, Picture, Unreadable, Vanished, Shrank,
		Special, Symlink, WorkerDied, Timeout, Memory}
}

// Valid reports whether c is one of the known causes.
func (c Cause) Valid() bool {
	for _, known := range Causes() {
		if c == known {
			return true
		}
	}
	return false
}

// An Unexamined is one part that was not examined to its end.
type Unexamined struct {
	Path  string // card numbers in it are masked
	Cause Cause
	Bytes int64 // not examined, as stored; -1 if nobody can tell
}

// maxUnexamined bounds the list of a report; the counts go on.
const maxUnexamined = 1000

// A Report accounts for every part of one input: the input itself and each
// member. Found is always Examined plus Refused.
type Report struct {
	Found, Examined, Refused int64
	Bytes                    int64   // bytes of text and binary that went through the scanner
	Layers                   []Layer // by depth: the input as stored, what was unpacked from it, and so on
	Causes                   map[Cause]int64
	Unexamined               []Unexamined  // the first thousand
	Beyond                   int64         // refused parts that the list has no room for
	Resume                   scan.Position // where to go on when a text has grown; zero: read it whole
}

// A Layer is the ledger of one depth, in bytes of the parts that lie there:
// Found is always Examined plus Refused. A part that was not examined to its
// end counts as refused with all of its bytes.
type Layer struct {
	Found, Examined, Refused int64
	Unsized                  int64 // refused parts whose size nobody can tell
}

func (l *Layer) add(o Layer) {
	l.Found += o.Found
	l.Examined += o.Examined
	l.Refused += o.Refused
	l.Unsized += o.Unsized
}

// layer returns the ledger of a depth.
func (r *Report) layer(depth int) *Layer {
	for len(r.Layers) <= depth {
		r.Layers = append(r.Layers, Layer{})
	}
	return &r.Layers[depth]
}

// Refuse counts an input that was found and not examined. Bytes are its size.
func (r *Report) Refuse(u Unexamined) { r.refuse(u, 0, u.Bytes) }

// refuse counts one part that was found and not examined, of so many bytes.
func (r *Report) refuse(u Unexamined, depth int, size int64) {
	l := r.layer(depth)
	if size < 0 {
		l.Unsized++
	} else {
		l.Found += size
		l.Refused += size
	}
	r.Found++
	r.Refused++
	if r.Causes == nil {
		r.Causes = make(map[Cause]int64)
	}
	r.Causes[u.Cause]++
	if len(r.Unexamined) >= maxUnexamined {
		r.Beyond++
		return
	}
	r.Unexamined = append(r.Unexamined, u)
}

// examined counts one part that was read to its end.
func (r *Report) examined(depth int, size int64) {
	r.Found++
	r.Examined++
	l := r.layer(depth)
	l.Found += size
	l.Examined += size
}

// Add folds another input's report into r. Resume is left alone.
func (r *Report) Add(o Report) { r.addAt(o, 0) }

// addAt folds in the report of what lies at a depth.
func (r *Report) addAt(o Report, depth int) {
	for i, l := range o.Layers {
		r.layer(depth + i).add(l)
	}
	r.Found += o.Found
	r.Examined += o.Examined
	r.Refused += o.Refused
	r.Bytes += o.Bytes
	for cause, n := range o.Causes {
		if r.Causes == nil {
			r.Causes = make(map[Cause]int64)
		}
		r.Causes[cause] += n
	}
	room := min(maxUnexamined-len(r.Unexamined), len(o.Unexamined))
	r.Unexamined = append(r.Unexamined, o.Unexamined[:room]...)
	r.Beyond += o.Beyond + int64(len(o.Unexamined)-room)
}
