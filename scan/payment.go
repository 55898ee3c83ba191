package scan

import "bytes"

// What else a payment's record holds tells a card number from a number of the
// record that reads like one.

// byValue returns the doubt that the digits raise and that nothing beside them
// takes away.
func (j *judgement) byValue() string {
	s, digits := j.scene, j.match.Digits
	if s.At.Shape == Grouped {
		if j.traced() {
			return ctxChain
		}
		return ""
	}
	why := byValue(digits)
	if why == ctxEAN && (j.labels.pays || messageBeside(s)) {
		return ""
	}
	if (why == "" || why == ctxReference) && (len(digits) == 12 || len(digits) == 18) {
		switch mine, theirs := references(s, digits); {
		case mine >= agreed:
			return ctxReference
		case theirs >= agreed && len(digits) == 12:
			return ""
		}
	}
	return why
}

// traced reports whether a number in groups of six and twelve digits or more
// is a trace number and what follows it in a message: an amount, a reference
// of the log's day, or any number if that is not the end.
func (j *judgement) traced() bool {
	const trace = 6
	text, c := j.scene.Text, j.scene.At
	separator := separatorOf(text, c)
	if bytes.IndexByte(text[c.Start:c.End], separator) != trace || tight(separator) {
		return false
	}
	second := j.match.Digits[trace:]
	if bytes.HasPrefix(second, []byte(leastAmount)) {
		return true
	}
	before, after := tokenBefore(text, c.Start, separator), tokenAfter(text, c.End, separator)
	if len(before) >= trace && allDigits(before) || len(after) >= trace && allDigits(after) {
		return true
	}
	mine, _ := references(j.scene, second)
	return len(second) == minRun && mine >= agreed
}

// leastAmount begins the amounts of payment messages: they have twelve digits.
const leastAmount = "00000"

// agreed is how many retrieval reference numbers must be of one day before it
// is taken for the log's.
const agreed = 2

// references counts the numbers of twelve digits around the candidate that
// begin like retrieval references, with the last digit of a year and the day in
// it, and pass for no card. Mine begin as the candidate does, and theirs as the
// most of the others do: where those are of another day, it is no reference.
func references(s *Scene, digits []byte) (mine, theirs int) {
	const head, most = 4, 8
	var days [most]struct{ day, count int }
	own := number(digits[:head])
	var room [maxRun]byte
	for o := range twelves(s, max(0, s.At.Start-Reach), min(len(s.Text), s.At.End+Reach)) {
		their := appendDigits(room[:0], s.Text[o.Start:o.End])
		if !dayOfYear(their) {
			continue
		}
		day := number(their[:head])
		switch {
		case passes(o, their):
		case day == own:
			mine++
		case day/1000 == own/1000 && (day-own == 1 || own-day == 1):
			// about midnight a log has references of two days
		default:
			for i := range days {
				if d := &days[i]; d.count == 0 || d.day == day {
					d.day = day
					d.count++
					theirs = max(theirs, d.count)
					break
				}
			}
		}
	}
	if !dayOfYear(digits) {
		mine = 0
	}
	return mine, theirs
}

// twelves yields the runs of twelve digits from from to to beside the
// candidate itself, also those in what looks like a grouped number.
func twelves(s *Scene, from, to int) func(yield func(Candidate) bool) {
	return func(yield func(Candidate) bool) {
		DigitMatcher{}.Find(s.Text, from, to, func(o Candidate) bool {
			return o.Shape != Run || o.Digits != minRun || o.Start < s.At.End && s.At.Start < o.End || yield(o)
		})
	}
}

// dayOfYear reports whether the digits after the first are a day of a year.
func dayOfYear(digits []byte) bool {
	day := number(digits[1:4])
	return day >= 1 && day <= 366
}

// messageBeside reports whether an amount or a reference stands on the
// candidate's line as payment messages write it: in twelve digits.
func messageBeside(s *Scene) bool {
	from := bytes.LastIndexByte(s.Text[:s.At.Start], '\n') + 1
	to := len(s.Text)
	if i := bytes.IndexByte(s.Text[s.At.End:], '\n'); i >= 0 {
		to = s.At.End + i
	}
	for o := range twelves(s, from, to) {
		if other := s.Text[o.Start:o.End]; bytes.HasPrefix(other, []byte(leastAmount)) || reference(other) {
			return true
		}
	}
	return false
}
