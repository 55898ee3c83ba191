package scan

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
)

func source(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 42)) }

func randomDigits(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('0' + r.IntN(10))
	}
	return string(b)
}

// kinds are the brands and lengths whose recall is measured.
var kinds = []struct {
	name string
	make func(n uint64) string
}{
	{"visa16", func(n uint64) string { return cardtest.Number(card.Visa, 16, n) }},
	{"visa13", func(n uint64) string { return cardtest.Number(card.Visa, 13, n) }},
	{"visa19", func(n uint64) string { return cardtest.Number(card.Visa, 19, n) }},
	{"mastercard", func(n uint64) string { return cardtest.Number(card.Mastercard, 16, n) }},
	{"series2", cardtest.Series2},
	{"amex", func(n uint64) string { return cardtest.Number(card.Amex, 15, n) }},
	{"discover", func(n uint64) string { return cardtest.Number(card.Discover, 16, n) }},
	{"jcb", func(n uint64) string { return cardtest.Number(card.JCB, 16, n) }},
	{"diners", func(n uint64) string { return cardtest.Number(card.Diners, 14, n) }},
	{"unionpay16", func(n uint64) string { return cardtest.Number(card.UnionPay, 16, n) }},
	{"unionpay18", func(n uint64) string { return cardtest.Number(card.UnionPay, 18, n) }},
	{"unionpay19", func(n uint64) string { return cardtest.Number(card.UnionPay, 19, n) }},
	{"unionpay81", func(n uint64) string { return cardtest.UnionPay81(16, n) }},
	{"mir", func(n uint64) string { return cardtest.Number(card.Mir, 16, n) }},
	{"maestro", func(n uint64) string { return cardtest.Number(card.Maestro, 16, n) }},
	{"maestro12", func(n uint64) string { return cardtest.Number(card.Maestro, 12, n) }},
}

// grouped writes a number as its brand prints it.
func grouped(pan, separator string) string {
	switch len(pan) {
	case 12:
		return group(pan, separator, 4, 4, 4)
	case 13:
		return group(pan, separator, 4, 4, 4, 1)
	case 14:
		return group(pan, separator, 4, 6, 4)
	case 15:
		return group(pan, separator, 4, 6, 5)
	case 16:
		return group(pan, separator, 4, 4, 4, 4)
	case 18:
		return group(pan, separator, 4, 4, 4, 4, 2)
	}
	return group(pan, separator, 4, 4, 4, 4, 3)
}

// carriers are the ordinary texts that hold a card.
var carriers = []struct {
	name  string
	write func(pan string, n uint64) string
}{
	{"plain", func(p string, n uint64) string { return fmt.Sprintf("sale %d ok %s done\n", n, p) }},
	{"alone", func(p string, _ uint64) string { return p + "\n" }},
	{"query", func(p string, n uint64) string { return fmt.Sprintf("POST /pay?id=%d&pan=%s&amount=100\n", n, p) }},
	{"spaced", func(p string, _ uint64) string { return "paid with " + grouped(p, " ") + " today\n" }},
	{"dashed", func(p string, _ uint64) string { return "paid with " + grouped(p, "-") + " today\n" }},
	{"json string", func(p string, n uint64) string { return fmt.Sprintf(`{"id":%d,"number":"%s"}`+"\n", n, p) }},
	{"json number", func(p string, n uint64) string { return fmt.Sprintf(`{"n":%d,"value":%s}`+"\n", n, p) }},
	{"json in json", func(p string, _ uint64) string { return `{"body":"{\"value\":\"` + p + `\"}"}` + "\n" }},
	{"xml", func(p string, _ uint64) string { return "<row><v>" + p + "</v></row>\n" }},
	{"csv", func(p string, n uint64) string { return fmt.Sprintf("%d,shop,%s,100.00\n", n, p) }},
	{"csv quoted", func(p string, n uint64) string { return fmt.Sprintf("\"%d\",\"shop\",\"%s\",\"9\"\n", n, p) }},
	{"track 1", func(p string, n uint64) string { return cardtest.Track1(p, n) + "\n" }},
	{"track 2", func(p string, n uint64) string { return "data " + cardtest.Track2(p, n) + "\n" }},
	{"track 2 bare", func(p string, n uint64) string { return strings.Trim(cardtest.Track2(p, n), ";?") + "\n" }},
}

func TestRecall(t *testing.T) {
	const each = 400
	for _, c := range carriers {
		t.Run(c.name, func(t *testing.T) {
			var text strings.Builder
			want := map[string]bool{}
			for n := range uint64(each * len(kinds)) {
				pan := kinds[n%uint64(len(kinds))].make(n * 31)
				want[pan] = true
				text.WriteString(c.write(pan, n))
			}
			total := len(want)
			for _, s := range scanAll(text.String()) {
				if s.Confidence >= Medium {
					delete(want, s.digits)
				}
			}
			if missed := len(want); missed*100 > total {
				t.Errorf("got %d of %d cards, want 99 %%", total-missed, total)
				by := map[string]int{}
				for pan := range want {
					by[fmt.Sprintf("%s… of %d digits", pan[:6], len(pan))]++
				}
				t.Logf("missed %v", by)
			}
		})
	}
}

// lookAlikes write numbers that are no cards, as they come in real texts.
var lookAlikes = []struct {
	name  string
	write func(r *rand.Rand, n int) string
}{
	{"no check digit", func(r *rand.Rand, n int) string {
		pan := []byte(visa(r.Uint64()))
		pan[15] = '0' + (pan[15]-'0'+1+byte(r.IntN(9)))%10
		return string(pan)
	}},
	{"unassigned", func(r *rand.Rand, n int) string { return withCheck("1"+randomDigits(r, 14), 10) }},
	{"run of 22", func(r *rand.Rand, n int) string { return randomDigits(r, 22) }},
	{"run of 40", func(r *rand.Rand, n int) string { return visa(r.Uint64()) + randomDigits(r, 24) }},
	{"epoch ms", func(r *rand.Rand, n int) string { return fmt.Sprint(1_790_000_000_000 + r.Int64N(1e9)) }},
	{"epoch us", func(r *rand.Rand, n int) string { return fmt.Sprint(1_790_000_000_000_000 + r.Int64N(1e12)) }},
	{"epoch ns", func(r *rand.Rand, n int) string { return fmt.Sprint(1_790_000_000_000_000_000 + r.Int64N(1e15)) }},
	{"date time", func(r *rand.Rand, n int) string { return stamp(r, "20") + randomDigits(r, r.IntN(6)) }},
	{"date and message type", func(r *rand.Rand, n int) string { return stamp(r, "") + "0200" }},
	{"date, message type apart", func(r *rand.Rand, n int) string { return stamp(r, "") + " 0210" }},
	{"day first", func(r *rand.Rand, n int) string {
		return fmt.Sprintf("30%02d2026%02d%02d%02d", 1+r.IntN(5), r.IntN(24), r.IntN(60), r.IntN(60))
	}},
	{"sha256", func(r *rand.Rand, n int) string { return randomHex(r, 32) }},
	{"git sha", func(r *rand.Rand, n int) string { return "commit " + randomHex(r, 20) }},
	{"digest around a card", func(r *rand.Rand, n int) string { return "e3" + visa(r.Uint64()) + "b1c" + randomHex(r, 8) }},
	{"digest ends in a card", func(r *rand.Rand, n int) string { return randomHex(r, 7) + "a" + visa(r.Uint64()) }},
	{"uuid", func(r *rand.Rand, n int) string {
		h := randomHex(r, 16)
		return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
	}},
	{"uuid of digits", func(r *rand.Rand, n int) string {
		return randomDigits(r, 8) + "-" + randomDigits(r, 4) + "-" + randomDigits(r, 4) + "-" + randomDigits(r, 4) + "-6759" + randomDigits(r, 8)
	}},
	{"fraction", func(r *rand.Rand, n int) string { return "0." + visa(r.Uint64()) }},
	{"scientific", func(r *rand.Rand, n int) string { return "4." + visa(r.Uint64())[1:] + "e+15" }},
	{"exponent", func(r *rand.Rand, n int) string { return visa(r.Uint64()) + "E-05" }},
	{"imei", func(r *rand.Rand, n int) string { return "IMEI: " + withCheck("34"+randomDigits(r, 12), 10) }},
	{"imei list", func(r *rand.Rand, n int) string { return withCheck("35"+randomDigits(r, 12), 10) }},
	{"iban", func(r *rand.Rand, n int) string { return "NO" + randomDigits(r, 2) + "5" + randomDigits(r, 10) }},
	{"iban spaced", func(r *rand.Rand, n int) string {
		return "DE" + randomDigits(r, 2) + " " + grouped(visa(r.Uint64()), " ") + " " + randomDigits(r, 2)
	}},
	{"resident id as a card", func(r *rand.Rand, n int) string { return luhnID(r) }},
	{"phones", func(r *rand.Rand, n int) string { return "+49151" + randomDigits(r, 8) }},
	{"phones bare", func(r *rand.Rand, n int) string { return "49151" + randomDigits(r, 8) }},
	{"phone pairs", func(r *rand.Rand, n int) string { return "138" + randomDigits(r, 8) + " 139" + randomDigits(r, 8) }},
	{"phone of eights", func(r *rand.Rand, n int) string {
		return "6" + randomDigits(r, 3) + " " + randomDigits(r, 4) + ", " + randomDigits(r, 4) + " " + randomDigits(r, 4)
	}},
	{"ean", func(r *rand.Rand, n int) string { return ean("4" + randomDigits(r, 11)) }},
	{"isbn", func(r *rand.Rand, n int) string { return ean("978" + randomDigits(r, 9)) }},
	{"table of 4", func(r *rand.Rand, n int) string { return grouped(randomDigits(r, 16), " ") }},
	{"table of 5", func(r *rand.Rand, n int) string { return randomDigits(r, 4) + " " + grouped(randomDigits(r, 16), " ") }},
	{"table of 8", func(r *rand.Rand, n int) string {
		return grouped(randomDigits(r, 16), " ") + " " + grouped(randomDigits(r, 16), " ")
	}},
	{"table of code points", func(r *rand.Rand, n int) string {
		return "4" + randomHex(r, 2)[:3] + " " + grouped(visa(r.Uint64()), " ") + " 5" + randomHex(r, 2)[:3]
	}},
	{"coordinates", func(r *rand.Rand, n int) string {
		return "31.2304161234" + randomDigits(r, 4) + ",121.473701" + randomDigits(r, 8)
	}},
	{"addresses", func(r *rand.Rand, n int) string {
		return fmt.Sprintf("192.168.%d.%d 200.100.%d.%d", r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(256))
	}},
	{"masked", func(r *rand.Rand, n int) string { return card.Mask([]byte(visa(r.Uint64()))) }},
	{"rrn and stan", func(r *rand.Rand, n int) string {
		return fmt.Sprintf("6%03d%02d%06d %06d", 1+r.IntN(365), r.IntN(24), n, n)
	}},
	{"rrn of october", func(r *rand.Rand, n int) string { return fmt.Sprintf("6304%02d%06d", r.IntN(24), r.IntN(1e6)) }},
	{"rrn with stan", func(r *rand.Rand, n int) string {
		trace := r.IntN(1e6)
		return fmt.Sprintf("62%02d%02d%06d%06d", r.IntN(100), r.IntN(24), trace, trace)
	}},
	{"uint64", func(r *rand.Rand, n int) string { return fmt.Sprint(r.Uint64()) }},
	{"json big", func(r *rand.Rand, n int) string { return `{"id":` + fmt.Sprint(4e18+float64(r.Int64N(1e18))) + `}` }},
	{"json id", func(r *rand.Rand, n int) string {
		return fmt.Sprintf(`{"id":%d}`, 4_000_000_000_000_000_000+r.Int64N(1e18))
	}},
	{"one digit", func(r *rand.Rand, n int) string { return strings.Repeat(string('0'+byte(r.IntN(10))), 12+r.IntN(8)) }},
}

func TestLookAlikes(t *testing.T) {
	const each = 2000
	for i, l := range lookAlikes {
		t.Run(l.name, func(t *testing.T) {
			r := source(uint64(i))
			var text strings.Builder
			for n := range each {
				text.WriteString(l.write(r, n) + "\n")
			}
			for _, s := range scanAll(text.String()) {
				if s.Confidence >= Medium && s.Class != ResidentID {
					t.Errorf("got %s", s.line())
				}
			}
		})
	}
}

// withCheck appends a Luhn check digit.
func withCheck(s string, tries int) string {
	for c := range tries {
		if d := append([]byte(s), byte('0'+c)); card.Luhn(d) {
			return string(d)
		}
	}
	panic("no check digit")
}

func ean(s string) string {
	for c := byte('0'); ; c++ {
		if d := append([]byte(s), c); eanCheck(d) {
			return string(d)
		}
	}
}

func randomHex(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return hex.EncodeToString(b)
}

func stamp(r *rand.Rand, century string) string {
	return fmt.Sprintf("%s%02d%02d%02d%02d%02d%02d", century, 23+r.IntN(5), 1+r.IntN(12), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60))
}

// luhnID returns a resident ID that begins with 62 and passes for a card.
func luhnID(r *rand.Rand) string {
	for {
		id := cardtest.ResidentID(r.Uint64N(20_000_000)/5*5 + 4)
		if card.Luhn([]byte(id)) && strings.HasPrefix(id, "62") {
			return id
		}
	}
}

// mixture is text with cards of all kinds, records, look-alikes and noise.
func mixture(seed uint64, size int) string {
	r := source(seed)
	var b strings.Builder
	for n := uint64(0); b.Len() < size; n++ {
		pan := kinds[r.IntN(len(kinds))].make(r.Uint64N(1e5))
		switch r.IntN(7) {
		case 6:
			b.WriteString([]string{
				"pan=" + pan + " pinBlock=" + randomHex(r, 8), "DE52=" + randomHex(r, 16) + " DE2=" + pan,
				"TMK = " + randomHex(r, 16) + " KCV=" + randomHex(r, 3), "db.password: xZ" + randomHex(r, 6) + "!",
				"姓名：李明 手机：174640" + randomDigits(r, 5), "开户行 账号：1109" + randomDigits(r, 11), "密码：aZ9-" + randomHex(r, 5),
			}[r.IntN(7)])
		case 0:
			b.WriteString(lookAlikes[r.IntN(len(lookAlikes))].write(r, int(n)))
		case 1:
			b.WriteString("pan=" + pan + "&track2=" + cardtest.Track2(pan, n) + "&cvv=" + cardtest.CVV(n))
		case 2:
			b.WriteString(cardtest.Track1(pan, n) + cardtest.Track2(pan, n))
		case 3:
			b.WriteString(pan + "," + cardtest.Expiry(n) + "," + cardtest.CVV(n) + " " + cardtest.ResidentID(n))
		default:
			b.WriteString(carriers[r.IntN(len(carriers))].write(pan, n))
		}
		b.WriteString([]string{"\n", " ", ";", "\n\n", ""}[r.IntN(5)])
	}
	return b.String()
}
