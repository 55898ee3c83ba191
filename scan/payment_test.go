package scan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
)

// numberFor returns the first test number of a brand and length that is as
// asked.
func numberFor(t *testing.T, brand card.Brand, length int, is func(digits []byte) bool) string {
	t.Helper()
	for n := range uint64(1e6) {
		if pan := cardtest.Number(brand, length, n); is([]byte(pan)) {
			return pan
		}
	}
	t.Fatalf("no %s of %d digits is such", brand, length)
	return ""
}

// journal writes a line after a few and before a few of a till's log.
func journal(line string, other func(n int) string) string {
	var b strings.Builder
	for n := range 6 {
		b.WriteString(other(n) + "\n")
		if n == 2 {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// In the record of a payment a card stands among numbers as long as it is.
func TestTillLog(t *testing.T) {
	amex := cardtest.Number(card.Amex, 15, 3)
	union := cardtest.Number(card.UnionPay, 16, 3)
	maestro := withCheck("50180012345", 10)
	ean := numberFor(t, card.Visa, 13, article)
	given := numberFor(t, card.Maestro, 13, eanCheck)
	merchants := func(n int) string { return fmt.Sprintf("T%07d 89844015411%04d %08d SETTLE", n, n*7919%10000, n) }
	references := func(n int) string { return fmt.Sprintf("0210 %06d 614509%06d 00", n*1237, n*7919) }
	reference := withCheck("62140912345654321", 10) // the same with its trace, on that day
	ofDay := func(n int) string { return fmt.Sprintf("0210 %06d 621411%06d 00", n*1237, n*7919) }
	tests := []struct{ name, text, number, want string }{
		{"beside merchants", journal("T1234567 "+amex+" 00000001 SALE", merchants), amex, "medium"},
		{"among numbers that could be cards", journal("T1234567 "+amex+" 00000001 SALE", func(n int) string {
			return fmt.Sprintf("T1234567 37%012d%d 00000001 SALE", n*7919, n%2)
		}), amex, "low"},
		{"reads as a reference", "0200 000001 " + maestro + " 00\n", maestro, "low"},
		{"reads as a reference of another day", journal("0200 000001 "+maestro+" 00", references), maestro, "medium"},
		{"trace behind a reference", journal("VOID "+reference+" 00", ofDay), reference, "low"},
		{"no references about", journal("VOID "+reference+" 00", merchants), reference, "medium"},
		{"article", "T1234567|" + ean + "|1.99|123456", ean, "low"},
		{"article beside an amount", "T1234567|" + ean + "|000000000199|123456", ean, "medium"},
		{"article beside a reference", "T1234567|" + ean + "|1.99|614509123456", ean, "medium"},
		{"article of nobody", "T1234567|" + given + "|1.99|123456", given, "medium"},
		{"trace and amount", "SETTLE 620012 " + withCheck("62001200000001234", 10)[6:], withCheck("62001200000001234", 10), "low"},
		{"six and twelve in a chain", "0200 " + group(cardtest.Number(card.UnionPay, 18, 3), " ", 6, 12) + " 123456", cardtest.Number(card.UnionPay, 18, 3), "low"},
		{"six and twelve", "cash " + group(cardtest.Number(card.UnionPay, 18, 3), " ", 6, 12) + " 12.50", cardtest.Number(card.UnionPay, 18, 3), "high"},
		{"element of the original", "F61=" + union, union, "low"},
		{"element of a reference", "DE037: " + union, union, "low"},
		{"element of a card in XML", `<field id="2" value="` + union + `"/>`, union, "high"},
		{"element of a shop in XML", `<field id="42" value="` + union + `"/>`, union, "low"},
		{"element that holds anything", "F48=" + union, union, "medium"},
		{"hex and no element", "F61A=" + union, union, "medium"},
		{"voucher", "凭证号：" + union, union, "low"},
		{"voucher before a card", "凭证号 000123 卡号 " + union, union, "high"},
		{"code of a wallet", "付款码 " + union, union, "low"},
		{"order", `{"order_no":"` + union + `"}`, union, "low"},
		{"order in words", "the order now goes to " + union, union, "medium"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			for _, s := range scanAll(tt.text) {
				if s.digits == tt.number {
					got += s.Confidence.String()
				}
			}
			if got != tt.want {
				t.Errorf("got %q for the number, want %q", got, tt.want)
			}
		})
	}
}

// The columns of a log are told apart by the words before them.
func TestWordBefore(t *testing.T) {
	tests := []struct {
		one, other string
		same       bool
	}{
		{"mid ", "mid ", true}, {"mid ", "pan ", false}, {"订单号 ", "卡号 ", false}, {"卡号：", "卡号：", true},
		{"T1234567 ", "AUTH ", false}, {"T1234567 ", "T7654321 ", true}, {"= ", "AUTH ", true},
	}
	for _, tt := range tests {
		one, other := tt.one+visa(1)+" ", tt.other+visa(2)+" "
		text := one + other
		at := func(end int) Candidate { return Candidate{end - 17, end - 1, 16, Run} }
		a, b := at(len(one)), at(len(text))
		if got := sameSides([]byte(text), a, b); got != tt.same {
			t.Errorf("%q and %q: got %v, want %v", tt.one, tt.other, got, tt.same)
		}
	}
}
