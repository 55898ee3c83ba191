package carrier

// writtenRun is how many hexadecimal digits begin the shortest message in
// ASCII: type, bitmap, length, number.
const writtenRun = 4 + 16 + 2 + minDigits

// written finds messages in ASCII with the bitmap in hexadecimal whose type
// begins in text[from:to].
func (w *wireReader) written(text []byte, from, to int) {
	for i := from; i < to && i+writtenRun <= len(text); {
		if i = w.kinds.run(ofHex, writtenRun, i, to); i == len(text) {
			return
		}
		end := i + writtenRun
		for ; i < to && i+writtenRun <= end; i++ {
			for end < len(text) && end <= i+writtenRun && nibbleOf[text[end]] <= 15 {
				end++
			}
			if text[i] <= '2' && w.base+int64(i) >= w.covered {
				w.writtenAt(text, i)
			}
		}
	}
}

// writtenAt looks at a message that may begin at text[at].
func (w *wireReader) writtenAt(text []byte, at int) {
	m, ok := messageAt(text, at, inASCII)
	if !ok || !m.hexMap {
		return
	}
	m.style = style{digits: inASCII, length: 2}
	if !m.readWhole() || packedBetter(text, at, &m) {
		return
	}
	w.reportMessage(&m)
}

// readWhole reads a message from its bitmap on, and reports whether there is a
// card number in it.
func (m *message) readWhole() bool {
	if !m.has(2) {
		if !m.has(35) && !m.has(45) && !m.has(55) {
			return false
		}
		m.walk(3, 64)
		return m.number.n > 0 && m.sound()
	}
	at := m.at + m.style.length
	if at > len(m.text) || !m.style.digits.all(m.text[m.at:at]) {
		return false
	}
	return m.holds(lengthReading{m.style.digits.number(m.text[m.at:at]), m.style}, at)
}

// packedBetter reports whether hexadecimal digits read better as the bytes of
// a message in nibbles than as a message in ASCII. The two begin alike; bytes
// in hexadecimal end where the digits end, text hardly ever does.
func packedBetter(text []byte, at int, written *message) bool {
	end := at
	for end < len(text) && end < at+sightBehind && nibbleOf[text[end]] <= 15 {
		end++
	}
	raw := bytesOfHex(text[at : end-(end-at)%2])
	defer clear(raw)
	m, ok := messageAt(raw, 0, inNibbles)
	if !ok {
		return false
	}
	m.style = style{digits: inNibbles, length: 1}
	if !m.readWhole() {
		return false
	}
	if !m.broken && (m.at == len(raw) || m.has(1)) && (end-at)%2 == 0 { // what follows element 64 is not read
		return true
	}
	return m.sense() > written.sense()
}
