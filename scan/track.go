package scan

// A span is a stretch of a scene's text.
type span struct{ start, end int }

// trackAt looks whether the number at c is the number of a magnetic track,
// and returns the whole of that track.
func trackAt(text []byte, c Candidate) (Class, span) {
	if c.Shape != Run || c.End == len(text) {
		return "", span{}
	}
	switch text[c.End] {
	case '^':
		return track1At(text, c)
	case '=', 'D', 'd':
		return track2At(text, c)
	}
	return "", span{}
}

// track1At reads format B of ISO/IEC 7813: %B number ^ name ^ expiry, service
// code, discretionary data ?. The sentinels may be missing.
func track1At(text []byte, c Candidate) (Class, span) {
	const longestName, longestTail = 30, 64
	if c.Start == 0 || text[c.Start-1]|0x20 != 'b' {
		return "", span{}
	}
	start := c.Start - 1
	if start > 0 && text[start-1] == '%' {
		start--
	}
	i := c.End + 1
	for name := 0; i < len(text) && text[i] != '^'; i++ {
		if name++; name > longestName || text[i] < ' ' || text[i] == '?' {
			return "", span{}
		}
	}
	i++ // the second ^
	if i+4 > len(text) || !(yearMonth(text[i:]) || text[i] == '^') {
		return "", span{}
	}
	for tail := 0; tail < longestTail && i < len(text) && track1Byte(text[i]); tail++ {
		i++
	}
	if i < len(text) && text[i] == '?' {
		i++
	}
	return Track1, span{start, i}
}

func track1Byte(c byte) bool {
	return digit(c) || upper(c) || c == '^' || c == '/' || c == '.' || c == '-'
}

// track2At reads ISO/IEC 7813: ; number = expiry, service code, discretionary
// data ?. The sentinels may be missing, and = may be D, as chips and messages
// write it; then what stands around must not look like a hex digest.
func track2At(text []byte, c Candidate) (Class, span) {
	const longest = 37 // digits and separator
	start, sentinel := c.Start, false
	if start > 0 && text[start-1] == ';' {
		start, sentinel = start-1, true
	}
	i := c.End + 1
	if !yearMonth(text[i:]) {
		return "", span{}
	}
	for i < len(text) && digit(text[i]) {
		i++
	}
	tail := i - c.End - 1
	if i-c.Start > longest+3 || tail < 7 && !sentinel {
		return "", span{}
	}
	if text[c.End] != '=' {
		if c.Start > 0 && alphanumeric(text[c.Start-1]) {
			return "", span{}
		}
		for i < len(text) && text[i]|0x20 == 'f' {
			i++
		}
	}
	if i < len(text) && text[i] == '?' {
		i++
	} else if i < len(text) && alphanumeric(text[i]) {
		return "", span{}
	}
	return Track2, span{start, i}
}

// yearMonth reports whether text begins with an expiry date YYMM.
func yearMonth(text []byte) bool {
	if len(text) < 4 || !allDigits(text[:4]) {
		return false
	}
	month := number(text[2:4])
	return month >= 1 && month <= 12
}

func allDigits(b []byte) bool {
	for _, c := range b {
		if !digit(c) {
			return false
		}
	}
	return true
}

func alphanumeric(c byte) bool { return digit(c) || letter(c) }
