package corpus

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/stanch/stanch/card"
)

func lookAlikeClasses() []Class {
	looks := func(name, form string, item func(m *maker) string) Class {
		look := func(m *maker) (line, value string) {
			value = m.luring(item)
			return m.form(form, value), value
		}
		return Class{Name: name, Group: LookAlike, Files: 1, Each: itemsOfLook, look: look, make: func(m *maker, n int) file { return m.looks(n, look) }}
	}
	id := looks("resident_62", "look_id", resident62)
	id.Reported = []string{"resident_id"}
	phone, list := looks("phone_alone", "look_phone", foreignPhone), looks("phone_list", "look_phone", phoneList)
	phone.Reported, list.Reported = []string{"phone"}, []string{"phone"}
	return []Class{
		looks("no_luhn", "look", noLuhn),
		looks("unassigned", "look", unassigned),
		looks("epoch_s", "look_time", func(m *maker) string { return fmt.Sprint(m.moment()) }),
		looks("epoch_ms", "look_time", func(m *maker) string { return fmt.Sprint(m.moment()) + m.digits(3) }),
		looks("epoch_us", "look_time", func(m *maker) string { return fmt.Sprint(m.moment()) + m.digits(6) }),
		looks("epoch_ns", "look_time", func(m *maker) string { return fmt.Sprint(m.moment()) + m.digits(9) }),
		looks("stamp", "look_time", func(m *maker) string {
			return m.stampIn(2021, 2027, "20060102150405") + m.digits(pick(m, []int{0, 2, 3, 3, 4, 5}))
		}),
		looks("run_22", "look_number", func(m *maker) string { return m.digits(22) }),
		looks("run_40", "look_number", func(m *maker) string { return m.digits(40) }),
		looks("hex_digest", "look", func(m *maker) string { return m.hexWithRun(64) }),
		looks("git_sha", "look", func(m *maker) string { return m.hexWithRun(40) }),
		looks("uuid", "look", uuid),
		looks("fraction", "look_number", func(m *maker) string { return m.digits(1) + "." + m.digits(16) }),
		looks("scientific", "look_number", func(m *maker) string { return "4." + m.digits(15) + pick(m, words("e-05 E+12 e+00 e-17")) }),
		looks("imei", "look_imei", imei),
		looks("iban", "look_iban", func(m *maker) string { return iban(m) }),
		looks("iban_spaced", "look_iban", func(m *maker) string { return inFours(iban(m)) }),
		id, phone, list,
		looks("ean", "look_book", func(m *maker) string { return ean(pick(m, words("690 400 541 471 544")) + m.digits(9)) }),
		looks("isbn", "look_book", isbn),
		looks("table_of_fours", "look_place", tableOfFours),
		looks("coordinates", "look_place", coordinates),
		looks("ip_addresses", "look_host", addresses),
		looks("masked", "look_mask", masked),
		looks("rrn_stan", "look_rrn", rrnAndSTAN),
		looks("uint64", "look_number", func(m *maker) string { return fmt.Sprint(m.Uint64()>>uint(m.IntN(2)) | 1<<62) }),
		looks("json_integer", "look_number", func(m *maker) string { return pick(m, words("4 5 6 2 3")) + m.digits(pick(m, []int{15, 17, 18})) }),
		looks("one_digit", "look", func(m *maker) string { return strings.Repeat(m.digits(1), 12+m.IntN(8)) }),
		looks("date_mti", "look_mti", dateAndMTI),
	}
}

// luring makes a look-alike. One in eight is drawn until it would pass for a
// card by prefix, length and check digit, if its kind can: chance alone makes
// too few of those to tell a careful scanner from a careless one.
func (m *maker) luring(item func(m *maker) string) string {
	value := item(m)
	if m.IntN(8) > 0 {
		return value
	}
	for range 50 {
		if lures(value) {
			break
		}
		value = item(m)
	}
	return value
}

var digitRuns = regexp.MustCompile(`\d(?:[ .-]?\d){11,}`)

// lures reports whether a run of digits in text, or its first or last sixteen,
// passes for a card.
func lures(text string) bool {
	for _, run := range digitRuns.FindAllString(text, -1) {
		digits := []byte(strings.NewReplacer(" ", "", ".", "", "-", "").Replace(run))
		whole := [][]byte{digits}
		if n := len(digits); n > 16 {
			whole = append(whole, digits[:16], digits[n-16:])
		}
		for _, d := range whole {
			if card.Luhn(d) && card.BrandOf(d) != "" {
				return true
			}
		}
	}
	return false
}

// moment is a second between 2021 and 2027.
func (m *maker) moment() int64 { return 1_609_459_200 + m.Int64N(6*365*86400) }

// stampIn is a time between two years in a layout.
func (m *maker) stampIn(from, to int, layout string) string {
	return time.Date(from, 1, 1, 0, 0, m.IntN((to-from)*365*86400), 0, time.UTC).Format(layout)
}

// noLuhn has a brand's prefix and a wrong check digit.
func noLuhn(m *maker) string {
	for {
		if pan := m.deck.deal(1)[0]; len(pan) == 16 {
			return without(pan, m.IntN(9))
		}
	}
}

// unassigned has a right check digit, and a prefix that no scheme has.
func unassigned(m *maker) string {
	prefix := pick(m, words("00 01 03 10 11 12 14 16 70 71 72 73 74 76 77 78 83 84 85 87 90 92 93 94 95 96 99 0000 1985 2800 2999 3199 3300"))
	return withCheck(prefix + m.digits(15-len(prefix)))
}

// hexWithRun is hex that has a long run of digits in it, as one in a few
// hundred digests has.
func (m *maker) hexWithRun(n int) string {
	run := 13 + m.IntN(6)
	at := 1 + m.IntN(n-run-1)
	letter := func() string { return m.inCase(hexDigits[10+m.IntN(6):][:1]) }
	return m.hex(at-1) + letter() + pick(m, words("4 5 3 6 2")) + m.digits(run-1) + letter() + m.hex(n-at-run-1)
}

// uuid has digits alone in its last part, or in its first three.
func uuid(m *maker) string {
	if m.IntN(2) == 0 {
		return m.hex(8) + "-" + m.hex(4) + "-4" + m.hex(3) + "-a" + m.hex(3) + "-" + m.digits(12)
	}
	return m.digits(8) + "-" + m.digits(4) + "-4" + m.digits(3) + "-8" + m.digits(3) + "-" + m.hex(12)
}

func imei(m *maker) string {
	return withCheck(pick(m, words("35 86 01 99 35 86")) + m.digits(12))
}

func iban(m *maker) string {
	country := pick(m, []struct {
		code   string
		digits int
	}{{"DE", 18}, {"AT", 16}, {"CH", 17}, {"ES", 20}, {"BE", 12}, {"PT", 21}})
	account := m.digits(country.digits)
	rest := 0
	for _, c := range account + fmt.Sprintf("%d%d00", country.code[0]-'A'+10, country.code[1]-'A'+10) {
		rest = (rest*10 + int(c-'0')) % 97
	}
	return fmt.Sprintf("%s%02d%s", country.code, 98-rest, account)
}

func inFours(s string) string {
	var out []string
	for len(s) > 4 {
		out, s = append(out, s[:4]), s[4:]
	}
	return strings.Join(append(out, s), " ")
}

// resident62 is a resident ID of a region that begins with 62 whose digits
// pass for a UnionPay number of 18. The region is a whole province.
func resident62(m *maker) string {
	for {
		id := "620000" + m.stampIn(1950, 2005, "20060102") + m.digits(3)
		if id += residentCheck(id); card.Luhn([]byte(id)) {
			return id
		}
	}
}

// residentCheck is the check character of GB 11643.
func residentCheck(id string) string {
	p := 0
	for _, c := range id {
		p = (p + int(c-'0')) * 2 % 11
	}
	return "0123456789X"[(12-p)%11:][:1]
}

func foreignPhone(m *maker) string {
	return pick(m, []string{"+86 " + inFours(m.mobile()), "0086" + m.mobile(), "+1 (555) 01" + m.digits(1) + "-" + m.digits(4), "+49 30 5550 " + m.digits(5), "021-555" + m.digits(5) + "-" + m.digits(4), m.mobile()})
}

func phoneList(m *maker) string {
	return strings.Join([]string{m.mobile(), m.mobile(), m.mobile()}, pick(m, words(", / ; |"))+pick(m, []string{"", " "}))
}

// ean puts the check digit of EAN-13 after twelve digits.
func ean(digits string) string {
	sum := 0
	for i, c := range digits {
		sum += int(c-'0') * (1 + 2*(i%2))
	}
	return digits + fmt.Sprint((10-sum%10)%10)
}

func isbn(m *maker) string {
	s := ean("978" + m.digits(9))
	if m.IntN(2) == 0 {
		return s
	}
	return s[:3] + "-" + s[3:4] + "-" + s[4:8] + "-" + s[8:12] + "-" + s[12:]
}

func tableOfFours(m *maker) string {
	var row []string
	for range 4 + m.IntN(4) {
		row = append(row, fmt.Sprint(1000+m.IntN(9000)))
	}
	return strings.Join(row, pick(m, []string{" ", "  ", "\t", " "}))
}

func coordinates(m *maker) string {
	return fmt.Sprintf("%d.%s%s%d.%s", 18+m.IntN(35), m.digits(6+m.IntN(8)), pick(m, []string{",", ", ", " "}), 73+m.IntN(60), m.digits(6+m.IntN(8)))
}

func addresses(m *maker) string {
	var out []string
	for range 1 + m.IntN(3) {
		out = append(out, fmt.Sprintf("%d.%d.%d.%d", 100+m.IntN(120), 100+m.IntN(155), 100+m.IntN(155), 100+m.IntN(155)))
	}
	return strings.Join(out, " ")
}

// masked is a number as it may be shown.
func masked(m *maker) string {
	pan := m.deck.deal(1)[0]
	n := len(pan)
	sign := "*"
	if !m.tunes() {
		sign = "X"
	}
	switch m.IntN(4) {
	case 0:
		return strings.Repeat(sign, n-4) + pan[n-4:]
	case 1:
		return pan[:4] + " " + pan[4:6] + strings.Repeat(sign, 2) + " " + strings.Repeat(sign, 4) + " " + pan[n-4:]
	case 2: // some write zeros; what a zero would make valid again is no look-alike
		if zeros := pan[:6] + strings.Repeat("0", n-10) + pan[n-4:]; !card.Luhn([]byte(zeros)) {
			return zeros
		}
	}
	return pan[:6] + strings.Repeat(sign, n-10) + pan[n-4:]
}

// rrnAndSTAN is a retrieval reference number, which begins with the last digit
// of the year and the day of the year, and a trace number. In July they read as
// a UnionPay number of 18.
func rrnAndSTAN(m *maker) string {
	rrn := fmt.Sprintf("%d%03d%02d%06d", 5+m.IntN(3), 1+m.IntN(365), m.IntN(24), m.IntN(1e6))
	return rrn + pick(m, []string{"", "", " ", ",", " STAN ", "|"}) + m.word("stan")
}

// dateAndMTI is how a host prints a time and a message type: together they read
// as a card of the 2-series, or of Mir.
func dateAndMTI(m *maker) string {
	return m.stampIn(2022, 2027, "060102150405") + pick(m, []string{" ", "", " ", "-"}) + pick(m, words("0200 0210 0100 0110 0400 0800"))
}
