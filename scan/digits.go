package scan

// DigitMatcher is the built-in matcher. It yields each run of 12 to 19 digits,
// each run of 17 digits and an X, and each chain of groups that cards are
// written in.
type DigitMatcher struct{}

const (
	minRun = 12 // digits of the shortest card number
	maxRun = 19
	stride = 12 // no run of minRun digits fits between two probes
)

// byteKind tells digits and separators apart in one look.
var byteKind = [256]uint8{
	'0': isDigit, '1': isDigit, '2': isDigit, '3': isDigit, '4': isDigit,
	'5': isDigit, '6': isDigit, '7': isDigit, '8': isDigit, '9': isDigit,
	' ': isSeparator, '-': isSeparator,
}

const (
	isDigit     = 1
	isSeparator = 2
)

func digit(c byte) bool { return c-'0' < 10 }

// Find implements [Matcher].
//
// It probes two neighbouring bytes in every twelve. A number side by side has
// a digit under the first probe at the latest; a grouped one has a digit under
// one of the two, because single bytes separate its groups.
func (DigitMatcher) Find(window []byte, from, to int, yield func(Candidate) bool) {
	i := from
	if from > 0 && digit(window[from-1]) {
		for i < len(window) && digit(window[i]) {
			i++
		}
	}
	seen := i // runs that begin before this have been looked at
	for last := len(window) - 1; i < to+stride && i <= last; {
		at := i
		if !digit(window[at]) {
			if at == last || !digit(window[at+1]) {
				i += stride
				continue
			}
			at++
		}
		start, end := at, at+1
		for start > seen && digit(window[start-1]) {
			start--
		}
		for end <= last && digit(window[end]) {
			end++
		}
		if start > seen+1 && byteKind[window[start-1]] == isSeparator && digit(window[start-2]) {
			if !skippedGroups(window, seen, start, to, yield) {
				return
			}
		}
		if start >= to || !candidatesAt(window, start, end, yield) {
			return
		}
		seen = end
		i = end + stride - 1
	}
}

// skippedGroups yields what begins with the groups that the probes stepped over and that
// chain up to the run at start.
func skippedGroups(window []byte, seen, start, to int, yield func(Candidate) bool) bool {
	const longest = maxRun + 4 // bytes of the longest grouped number
	first := start
	for first > seen+1 && start-first <= longest &&
		byteKind[window[first-1]] == isSeparator && digit(window[first-2]) {
		first -= 2
		for first > seen && digit(window[first-1]) {
			first--
		}
	}
	for at := first; at < start && at < to; {
		end := at
		for digit(window[end]) {
			end++
		}
		if !candidatesAt(window, at, end, yield) {
			return false
		}
		at = end + 1
	}
	return true
}

// candidatesAt yields what begins with the run window[start:end]. Like the
// others it returns false when yield does.
func candidatesAt(window []byte, start, end int, yield func(Candidate) bool) bool {
	switch n := end - start; {
	case n == 4 || n == 6:
		if end+1 < len(window) && byteKind[window[end]] == isSeparator && digit(window[end+1]) {
			return groupsAt(window, start, end, yield)
		}
	case n == idDigits-1 && end < len(window) && window[end]|0x20 == 'x':
		return yield(Candidate{start, end + 1, idDigits, RunX}) && yield(Candidate{start, end, n, Run})
	case n >= minRun && n <= maxRun:
		return yield(Candidate{start, end, n, Run})
	}
	return true
}

// groupsAt yields the forms of a card number that begin with this group,
// longest first.
func groupsAt(window []byte, start, end int, yield func(Candidate) bool) bool {
	const most = 5
	var found [most]Candidate
	separator := window[end]
	form, digits, n := end-start, end-start, 0
	for groups := 1; groups < most && end < len(window) && window[end] == separator; groups++ {
		next := end + 1
		end = next
		for end < len(window) && digit(window[end]) {
			end++
		}
		length := end - next
		if length == 0 || length > 13 {
			break
		}
		form, digits = form<<4|length, digits+length
		if cardForm(form) {
			found[n] = Candidate{start, end, digits, Grouped}
			n++
		}
	}
	for n--; n >= 0; n-- {
		if !yield(found[n]) {
			return false
		}
	}
	return true
}

// cardForm reports whether cards are written in groups of these lengths. Each
// hexadecimal digit of form is the length of a group.
func cardForm(form int) bool {
	switch form {
	case 0x4444, 0x465, 0x464, 0x6d, 0x44443, 0x44442, 0x44441, 0x4441, 0x444, 0x445:
		return true
	}
	return false
}
