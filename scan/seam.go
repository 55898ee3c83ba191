package scan

// A Shape says how a candidate is written.
type Shape uint8

// The shapes of candidates.
const (
	Run      Shape = iota // digits side by side, no further digit on either side
	RunX                  // 17 digits and an X, as a resident ID may end
	Grouped               // groups of digits with one separator between
	Short                 // 11 digits side by side, as a mobile number has
	Labelled              // a label, what is between, and the value that belongs to it
)

// A Candidate is a stretch of the window that could be a number. Start and End
// are indexes in the window; Digits counts the digits (and the X) in it.
type Candidate struct {
	Start, End int
	Digits     int
	Shape      Shape
}

// A Matcher finds candidates.
type Matcher interface {
	// Find calls yield for each candidate that starts in window[from:to], by
	// rising start, and longest first among those with one start, until yield
	// returns false. What it yields may depend on Reach bytes either side of the
	// candidate and on nothing else, least of all on where the window is cut.
	Find(window []byte, from, to int, yield func(Candidate) bool)
}

// A Scene is a candidate with the bytes around it.
type Scene struct {
	Text       []byte    // the candidate and up to Reach bytes before and after it; the stream's own
	At         Candidate // with Start and End as indexes in Text
	Offset     int64     // of Text[0] in the stream
	Header     []byte    // the stream's first line if it looks like column names, else nil
	Begin, End bool      // Text starts where the stream does, ends where it does
}

// A Scorer judges candidates.
type Scorer interface {
	// Score fills m with what the candidate is and returns true, or returns
	// false if it is nothing. It sets Class, Also, Digits, Parts, Context, Brand,
	// Confidence and Test, and sets Offset and Length; the scanner sets Line and
	// Column. m.Digits has room for 19 digits on entry;
	// it is nil for what is no card number and no resident ID. Score must depend on
	// the scene alone.
	Score(scene *Scene, m *Match) bool
}

// Reach is how many bytes on either side of a candidate may be looked at.
const Reach = 512
