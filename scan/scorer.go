package scan

import (
	"bytes"
	"slices"

	"github.com/stanch/stanch/card"
)

// CardScorer is the built-in scorer. It judges by brand and check digit, by
// the track or group form, by labels, and by what the number may be instead.
type CardScorer struct{}

// Score implements [Scorer].
func (CardScorer) Score(s *Scene, m *Match) bool {
	c := s.At
	if c.Shape == Labelled {
		return labelled(s, m)
	}
	m.Digits = appendDigits(m.Digits[:0], s.Text[c.Start:c.End])
	m.Offset, m.Length = s.Offset+int64(c.Start), int64(c.End-c.Start)
	if c.Shape == Short {
		return phone(s, m)
	}
	id := c.Digits == idDigits && c.Shape != Grouped && validID(m.Digits)
	if c.Shape == RunX && !id {
		return false
	}
	luhn := c.Shape != RunX && card.Luhn(m.Digits)
	if c.Shape != RunX {
		m.Brand = card.BrandOf(m.Digits)
	}
	track, whole := trackAt(s.Text, c)
	if m.Brand == "" && unassigned(m.Digits[0], m.Digits[1]) {
		track = ""
	}
	if !id && (m.Brand == "" && track == "" || m.Brand == "" && !luhn || !luhn && m.Brand != card.UnionPay && track == "") {
		return false
	}
	if c.Shape == Grouped && (misread(m.Digits, luhn) || inTable(s.Text, c)) {
		return false
	}
	j := judgement{scene: s, match: m, luhn: luhn, track: track, whole: whole}
	j.labels = labelsBefore(s.Text, c.Start)
	if id && !(j.labels.closeCard && luhn && m.Brand != "") {
		return j.residentID()
	}
	return c.Shape != RunX && !oneDigit(m.Digits) && j.card()
}

// misread reports whether a grouped number is better read without its last
// group: the first 16 digits are a card, and what follows is a CVV or a count.
func misread(digits []byte, luhn bool) bool {
	const usual = 16
	return len(digits) > usual && !luhn && card.Luhn(digits[:usual]) && card.BrandOf(digits[:usual]) != ""
}

// appendDigits copies the digits of a candidate, and the X of a resident ID as
// a capital.
func appendDigits(to, text []byte) []byte {
	for _, c := range text {
		switch {
		case digit(c):
			to = append(to, c)
		case letter(c):
			to = append(to, 'X')
		}
	}
	return to
}

func oneDigit(digits []byte) bool {
	return bytes.Count(digits, digits[:1]) == len(digits)
}

// A judgement is what Score knows while it weighs one candidate.
type judgement struct {
	scene  *Scene
	match  *Match
	luhn   bool
	track  Class
	whole  span // of the track
	labels leftLabels
	beside pieces
}

// leftLabels is what the text before a number says about it.
type leftLabels struct {
	nearest meaning // of the last label before the number
	touches bool    // that label ends where the number begins
	pays    bool    // a payment is spoken of

	closeCard bool // the nearest is a card's, on the same line and binds
}

// labelsBefore reads the labels before text[at], not past the number before.
// A label that speaks against a card counts on its own line and close by only.
func labelsBefore(text []byte, at int) leftLabels {
	const farthest, closest = 64, 24
	from := numberBefore(text, max(0, at-farthest), at)
	for from > 0 && from < at && letter(text[from-1]) && letter(text[from]) {
		from++ // do not begin inside a word
	}
	line := bytes.LastIndexByte(text[from:at], '\n') + 1
	var l leftLabels
	region := text[from:at]
	eachLabel(region, func(m meaning, start, end int) {
		switch m {
		case meansCard, meansTrack, meansID:
			if start < line && !reaches(region[end:]) {
				return
			}
		case meansPay:
			l.pays = true
			return
		case meansOther, meansOtherBig, meansPhone:
			if start < line || len(region)-end > closest || !binds(region[end:]) {
				return
			}
		default:
			return
		}
		l.nearest = m
		l.closeCard = m == meansCard && start >= line && binds(region[end:])
		l.touches = allLetters(region[end:])
	})
	return l
}

// reaches reports whether a label of a card with this text between it and a
// number on a later line speaks of that number: it is the next line, and no
// other value comes before.
func reaches(between []byte) bool {
	const farthest = 40
	return len(between) <= farthest && bytes.Count(between, []byte{'\n'}) == 1 && !bytes.ContainsAny(between, "0123456789;&")
}

// binds reports whether a label with this text between it and a number speaks
// of that number: no other value stands there, and no entry ends.
func binds(between []byte) bool {
	return !bytes.ContainsAny(between, "0123456789,;&|{}")
}

func allLetters(b []byte) bool {
	for _, c := range b {
		if !letter(c) {
			return false
		}
	}
	return true
}

// residentID judges a number that is a resident ID by form.
func (j *judgement) residentID() bool {
	m, s := j.match, j.scene
	m.Class, m.Brand, m.Confidence = ResidentID, "", Medium
	m.Parts = []Part{{ResidentID, m.Offset, m.Length}}
	if doubt := touching(s.Text, s.At, j.labels.nearest == meansID && j.labels.touches); doubt != "" {
		m.Confidence, m.Context = Low, append(m.Context, doubt)
	} else if j.labels.nearest == meansID {
		m.Confidence, m.Context = High, append(m.Context, ctxID)
	}
	return true
}

// card judges a number that is a card number by form.
func (j *judgement) card() bool {
	m, s := j.match, j.scene
	end := s.At.End
	if j.track != "" {
		end = j.whole.end
		m.Offset, m.Length = s.Offset+int64(j.whole.start), int64(j.whole.end-j.whole.start)
	}
	inColumn := j.readBeside(end)
	labelled := j.labels.nearest == meansCard || j.labels.nearest == meansTrack || inColumn
	if !j.luhn && !labelled && j.track == "" {
		return false
	}
	j.name(inColumn)
	m.Test = card.IsTest(m.Digits)
	m.Confidence = j.confidence(labelled || j.beside.any())
	return m.Confidence > 0
}

// readBeside finds the CVV and the expiry date that belong to the number, and
// reports whether it stands in a column of cards.
func (j *judgement) readBeside(end int) bool {
	s, brand := j.scene, j.match.Brand
	inColumn := j.beside.columns(s, s.At, j.match)
	if j.track == "" {
		j.beside.following(s.Text, end, brand)
	}
	before, after := max(0, s.At.Start-near), min(len(s.Text), end+near)
	if !speaksOfCVV(s.Text[before:s.At.Start]) && !speaksOfCVV(s.Text[end:after]) {
		return inColumn
	}
	around := neighboursOf(s, j.match.Digits)
	j.beside.labelled(s.Text, around.after(s.Text, end), brand)
	j.beside.labelled(s.Text, around.before(s.Text, s.At.Start), brand)
	return inColumn
}

// name sets the classes, the parts and the labels of the match.
func (j *judgement) name(inColumn bool) {
	m := j.match
	m.Class = PAN
	if j.track != "" {
		m.Class = j.track
		m.Context = append(m.Context, ctxTrack)
	}
	m.Parts = append(m.Parts, Part{m.Class, m.Offset, m.Length})
	for _, p := range []piece{j.beside.cvv, j.beside.expiry} {
		if p.class != "" {
			m.Parts = append(m.Parts, Part{p.class, j.scene.Offset + int64(p.start), int64(p.end - p.start)})
			m.Context = append(m.Context, string(p.class))
		}
	}
	if j.labels.nearest == meansCard {
		m.Context = append(m.Context, ctxCard)
	}
	if inColumn {
		m.Context = append(m.Context, ctxHeader)
	}
	if j.scene.At.Shape == Grouped {
		m.Context = append(m.Context, ctxGrouped)
	}
	m.nameByParts()
}

// nameByParts sets Class and Also from Parts, heaviest first, and puts the
// parts in order of offset.
func (m *Match) nameByParts() {
	classes := make([]Class, 0, len(m.Parts))
	for _, p := range m.Parts {
		if !slices.Contains(classes, p.Class) {
			classes = append(classes, p.Class)
		}
	}
	slices.SortFunc(classes, func(a, b Class) int { return b.weight() - a.weight() })
	m.Class, m.Also = classes[0], nil
	if len(classes) > 1 {
		m.Also = classes[1:]
	}
	slices.SortFunc(m.Parts, func(a, b Part) int { return int(a.Offset - b.Offset) })
}

// confidence weighs what speaks for the number against what speaks against
// it. Zero means that it is nothing.
func (j *judgement) confidence(vouched bool) Confidence {
	m, s := j.match, j.scene
	doubt := func(why string) Confidence {
		m.Context = append(m.Context, why)
		return Low
	}
	if !j.luhn {
		return doubt(ctxNoLuhn)
	}
	if j.track != "" {
		if m.Brand == "" {
			return Medium
		}
		return High
	}
	vouching := j.labels.nearest == meansCard || j.labels.nearest == meansTrack
	most := High
	switch why := touching(s.Text, s.At, vouching && j.labels.touches); why {
	case "":
	case ctxGlued:
		m.Context = append(m.Context, why)
		most = Medium
	case ctxChain:
		if vouching && expiryAfter(s.Text, s.At) {
			return High
		}
		return doubt(why)
	default:
		return doubt(why)
	}
	if j.labels.nearest == meansOther || j.labels.nearest == meansPhone || j.labels.nearest == meansOtherBig && len(m.Digits) > 16 {
		return doubt(ctxOther)
	}
	if vouched {
		return most
	}
	if why := j.byValue(); why != "" {
		return doubt(why)
	}
	if badCompany(s) {
		return doubt(ctxCompany)
	}
	if s.At.Shape == Grouped && !odd(separatorOf(s.Text, s.At)) && (j.labels.pays || uneven(s.Text[s.At.Start:s.At.End])) {
		return most
	}
	return Medium
}

// uneven reports whether one of the groups is longer than four digits, as
// cards have them and tables of numbers do not.
func uneven(number []byte) bool {
	run := 0
	for _, c := range number {
		if run++; !digit(c) {
			run = 0
		} else if run > 4 {
			return true
		}
	}
	return false
}

// expiryAfter reports whether the group after a grouped number is an expiry
// date and the last of its chain.
func expiryAfter(text []byte, c Candidate) bool {
	separator := separatorOf(text, c)
	after := tokenAfter(text, c.End, separator)
	return len(tokenBefore(text, c.Start, separator)) != 4 &&
		len(after) == 4 && allDigits(after) && expiryLength(after) == 4
}
