package card_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
)

var brands = map[card.Brand][]int{
	card.Visa: {13, 16, 19}, card.Mastercard: {16}, card.UnionPay: {16, 17, 18, 19}, card.Amex: {15},
	card.Discover: {16, 19}, card.JCB: {16, 19}, card.Diners: {14}, card.Mir: {16, 19}, card.Maestro: {12, 13, 14, 15, 16, 17, 18, 19},
}

func TestNumbersAreValid(t *testing.T) {
	for brand, sizes := range brands {
		for _, size := range sizes {
			seen := map[string]bool{}
			for n := range uint64(2000) {
				pan := cardtest.Number(brand, size, n)
				if len(pan) != size || !card.Luhn([]byte(pan)) || card.BrandOf([]byte(pan)) != brand {
					t.Fatalf("%s of %d digits, number %d: got an invalid one", brand, size, n)
				}
				seen[pan] = true
			}
			if len(seen) != 2000 {
				t.Errorf("%s of %d digits: got %d different numbers, want 2000", brand, size, len(seen))
			}
		}
	}
	if got := card.BrandOf([]byte(cardtest.Series2(3))); got != card.Mastercard {
		t.Errorf("got brand %q of the 2-series, want mastercard", got)
	}
	if got := card.BrandOf([]byte(cardtest.UnionPay81(17, 3))); got != card.UnionPay {
		t.Errorf("got brand %q of 81, want unionpay", got)
	}
}

func TestLuhn(t *testing.T) {
	pan := []byte(cardtest.Number(card.Visa, 16, 9))
	for i := range pan {
		changed := bytes.Clone(pan)
		changed[i] = '0' + (changed[i]-'0'+1)%10
		if card.Luhn(changed) {
			t.Errorf("digit %d changed: got valid, want invalid", i)
		}
	}
	for _, bad := range []string{"", " ", "4x", "18:"} {
		if card.Luhn([]byte(bad)) {
			t.Errorf("%q: got valid, want invalid", bad)
		}
	}
	if !card.Luhn([]byte("79927398713")) {
		t.Errorf("the standard's example: got invalid, want valid")
	}
}

func TestBrandOf(t *testing.T) {
	tests := []struct {
		prefix string
		length int
		want   card.Brand
	}{
		{"4", 16, card.Visa}, {"4", 15, ""}, {"2220", 16, ""}, {"2221", 16, card.Mastercard}, {"2720", 16, card.Mastercard},
		{"2721", 16, ""}, {"51", 16, card.Mastercard}, {"55", 16, card.Mastercard}, {"55", 19, ""}, {"34", 15, card.Amex},
		{"35", 15, ""}, {"3528", 16, card.JCB}, {"3527", 16, ""}, {"36", 14, card.Diners}, {"3095", 14, card.Diners},
		{"306", 14, ""}, {"6011", 16, card.Discover}, {"6012", 16, ""}, {"644", 16, card.Discover}, {"62", 19, card.UnionPay},
		{"62", 15, ""}, {"81", 16, card.UnionPay}, {"82", 16, ""}, {"2200", 16, card.Mir}, {"2205", 16, ""},
		{"67", 12, card.Maestro}, {"67", 11, ""}, {"67", 20, ""}, {"1", 16, ""}, {"0", 16, ""}, {"9", 16, ""}, {"4a", 16, ""},
	}
	for _, tt := range tests {
		digits := tt.prefix + strings.Repeat("0", tt.length-len(tt.prefix))
		if got := card.BrandOf([]byte(digits)); got != tt.want {
			t.Errorf("%s with %d digits: got %q, want %q", tt.prefix, tt.length, got, tt.want)
		}
	}
}

func TestMask(t *testing.T) {
	pan := cardtest.Number(card.UnionPay, 19, 4)
	tests := []struct{ in, want string }{
		{pan, pan[:6] + "*********" + pan[15:]},
		{pan[:12], pan[:6] + "**" + pan[8:12]},
		{pan[:11], strings.Repeat("*", 11)},
		{pan + "1", strings.Repeat("*", 20)},
		{pan[:16] + "x", strings.Repeat("*", 17)},
		{"", ""},
	}
	for _, tt := range tests {
		if got := card.Mask([]byte(tt.in)); got != tt.want {
			t.Errorf("%d bytes: got %q, want %q", len(tt.in), got, tt.want)
		}
	}
}

func TestParsePAN(t *testing.T) {
	pan := cardtest.Number(card.Visa, 16, 1)
	got, err := card.ParsePAN(pan)
	if err != nil || got.Brand() != card.Visa || got.Masked() != card.Mask([]byte(pan)) {
		t.Errorf("got %v, %v", got, err)
	}
	same, _ := card.ParsePAN(strings.Clone(pan))
	other, _ := card.ParsePAN(cardtest.Number(card.Visa, 16, 2))
	if !got.Equal(same) || got.Equal(other) || got.Equal(card.PAN{}) {
		t.Errorf("Equal does not compare numbers")
	}
	for _, bad := range []string{"", pan[:11], pan + "0000", pan[:15] + "x", " " + pan, pan + "\n", "４" + pan[1:]} {
		if _, err := card.ParsePAN(bad); err != card.ErrNotPAN {
			t.Errorf("%d bytes: got %v, want ErrNotPAN", len(bad), err)
		}
	}
	if (card.PAN{}).Masked() != "" || (card.PAN{}).Token(nil, "") != "" {
		t.Errorf("a zero PAN has a form")
	}
}

// A PAN may not print its digits, in whatever it is wrapped.
func TestPANHidesDigits(t *testing.T) {
	pan := cardtest.Number(card.UnionPay, 19, 77)
	p, err := card.ParsePAN(pan)
	if err != nil {
		t.Fatal(err)
	}
	type outer struct {
		PAN   card.PAN
		Ref   *card.PAN
		inner card.PAN
		ref   *card.PAN
	}
	o := outer{p, &p, p, &p}
	var out bytes.Buffer
	for _, v := range []any{p, &p, o, &o, []card.PAN{p}, []outer{o}, map[string]card.PAN{"k": p}, fmt.Errorf("wrap: %v", p)} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%t"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		fmt.Fprintln(&out, v)
		json.NewEncoder(&out).Encode(v)
		slog.New(slog.NewTextHandler(&out, nil)).Info("m", "v", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "v", v)
	}
	xml.NewEncoder(&out).Encode(struct{ P card.PAN }{p})
	if !strings.Contains(out.String(), p.Masked()) {
		t.Fatalf("got no masked form")
	}
	for _, form := range []string{pan, pan[6:15], fmt.Sprintf("%x", pan), strings.Trim(fmt.Sprint([]byte(pan)), "[]")} {
		if strings.Contains(out.String(), form) {
			t.Errorf("digits show")
		}
	}
}

func tokenizer(t testing.TB, id string, fill byte) *card.Tokenizer {
	t.Helper()
	tok, err := card.NewTokenizer(id, bytes.Repeat([]byte{fill}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func TestToken(t *testing.T) {
	pan := []byte(cardtest.Number(card.Visa, 16, 1))
	base := tokenizer(t, "k1", 1).Token("a", pan)
	if !base.Valid() || base.KeyID() != "k1" || !strings.HasPrefix(string(base), "t1.k1.") || len(base) != 6+52 {
		t.Errorf("got %q", base)
	}
	if again := tokenizer(t, "k1", 1).Token("a", pan); again != base {
		t.Errorf("got %q and %q for one number", base, again)
	}
	p, _ := card.ParsePAN(string(pan))
	if got := p.Token(tokenizer(t, "k1", 1), "a"); got != base {
		t.Errorf("got %q of the PAN, want %q", got, base)
	}
	others := []card.Token{
		tokenizer(t, "k1", 2).Token("a", pan),
		tokenizer(t, "k1", 1).Token("b", pan),
		tokenizer(t, "k1", 1).Token("a", []byte(cardtest.Number(card.Visa, 16, 2))),
		tokenizer(t, "k1", 1).Token("a"+string(pan[:1]), pan[1:]),
	}
	for _, other := range others {
		if other == base {
			t.Errorf("another key, tenant or number gives the same token")
		}
	}
	for _, bad := range []card.Token{"", "t1", "t1.k1", "t1.k1.", "t2" + base[2:], base[:len(base)-1], base + "A", "t1.K." + base[6:], base[:57] + "1", base[:57] + "\n"} {
		if bad.Valid() {
			t.Errorf("%q: got valid, want invalid", bad)
		}
	}
}

func TestNewTokenizer(t *testing.T) {
	key := bytes.Repeat([]byte{1}, 32)
	for _, id := range []string{"", "K", "a-b", "a.b", strings.Repeat("a", 17)} {
		if _, err := card.NewTokenizer(id, key); err != card.ErrKey {
			t.Errorf("id %q: got %v, want ErrKey", id, err)
		}
	}
	if _, err := card.NewTokenizer("a", key[:31]); err != card.ErrKey {
		t.Errorf("short key: got %v, want ErrKey", err)
	}
	tok, _ := card.NewTokenizer("a", key)
	before := tok.Token("", []byte("1"))
	clear(key)
	if tok.Token("", []byte("1")) != before {
		t.Errorf("the tokenizer reads the caller's key")
	}
	if printed := fmt.Sprintf("%v %+v %#v", tok, tok, struct{ t *card.Tokenizer }{tok}); strings.Contains(printed, "1 1 1 1") || strings.Contains(printed, "0x1, 0x1") {
		t.Errorf("the key shows")
	}
}

func TestTokenConcurrently(t *testing.T) {
	tok := tokenizer(t, "k", 1)
	var all sync.WaitGroup
	for n := range uint64(8) {
		all.Go(func() {
			pan := []byte(cardtest.Number(card.Visa, 16, n))
			want := tokenizer(t, "k", 1).Token("a", pan)
			for range 500 {
				if got := tok.Token("a", pan); got != want {
					t.Errorf("got %q, want %q", got, want)
					return
				}
			}
		})
	}
	all.Wait()
}

func TestIsTest(t *testing.T) {
	published := []string{"4" + strings.Repeat("1", 15), strings.Repeat("42", 8), strings.Repeat("5", 12) + "4444", "62" + strings.Repeat("0", 13) + "5"}
	for _, pan := range published {
		if !card.IsTest([]byte(pan)) || !card.Luhn([]byte(pan)) {
			t.Errorf("%s…: got no test number", pan[:4])
		}
	}
	for n := range uint64(5000) {
		if card.IsTest([]byte(cardtest.Number(card.Visa, 16, n))) {
			t.Errorf("number %d: got a published one", n)
		}
	}
	if card.IsTest(nil) || card.IsTest([]byte("4")) {
		t.Errorf("got a test number from too few digits")
	}
}

func BenchmarkToken(b *testing.B) {
	tok, pan := tokenizer(b, "k", 1), []byte(cardtest.Number(card.Visa, 16, 1))
	b.ReportAllocs()
	for b.Loop() {
		tok.Token("tenant", pan)
	}
}
