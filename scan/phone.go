package scan

import "bytes"

// phoneDigits is the length of a China mobile number.
const phoneDigits = 11

// phone judges a run of digits that is a China mobile number by form. It is
// one only beside other personal data: a number alone is anything.
func phone(s *Scene, m *Match) bool {
	const reach = 96
	if s.Text[s.At.Start+1] < '3' {
		return false
	}
	m.Digits = nil
	if touching(s.Text, s.At, false) != "" && !countryCode(s.Text[:s.At.Start]) {
		return false
	}
	from, to := lineAround(s.Text, s.At, reach)
	called := labelledPhone(s.Text, s.At.Start)
	person := 0
	eachLabel(s.Text[from:to], func(means meaning, _, _ int) {
		switch means {
		case meansName, meansAddress, meansID, meansCard:
			person++
		}
	})
	switch {
	case called && person > 0:
		m.Confidence = High
	case called:
		m.Confidence = Low
	case person > 1:
		m.Confidence = Medium
	default:
		return false
	}
	m.Class = Phone
	if called {
		m.Context = append(m.Context, ctxPhone)
	}
	if person > 0 {
		m.Context = append(m.Context, ctxPerson)
	}
	m.Parts = []Part{{Phone, m.Offset, m.Length}}
	return true
}

// countryCode reports whether left ends as +86 does.
func countryCode(left []byte) bool {
	return bytes.HasSuffix(left, []byte("+86")) || bytes.HasSuffix(left, []byte("+86 ")) || bytes.HasSuffix(left, []byte("+86-"))
}

// labelledPhone reports whether the last label before text[at] is a phone's.
func labelledPhone(text []byte, at int) bool {
	const farthest = 32
	region := text[max(0, at-farthest):at]
	nearest := noMeaning
	eachLabel(region, func(means meaning, _, end int) {
		if binds(region[end:]) {
			nearest = means
		}
	})
	return nearest == meansPhone
}

// lineAround returns where the line of a candidate begins and ends, as far as
// reach. Where a record has a value on each line it returns the reach itself.
func lineAround(text []byte, c Candidate, reach int) (from, to int) {
	from, to = max(0, c.Start-reach), min(len(text), c.End+reach)
	start := from + bytes.LastIndexByte(text[from:c.Start], '\n') + 1
	end := to
	if i := bytes.IndexByte(text[c.End:to], '\n'); i >= 0 {
		end = c.End + i
	}
	if end-start > len(`  "mobile_number": "",  `)+phoneDigits+4 {
		return start, end
	}
	return from, to
}
