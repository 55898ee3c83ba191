package scan

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
)

// seen is a match as a test may keep it: digits copied.
type seen struct {
	Match
	digits string
}

func (s seen) line() string {
	return fmt.Sprintf("%s %v %s %s %d+%d %d:%d %v %v", s.Class, s.Also, s.digits, s.Confidence,
		s.Offset, s.Length, s.Line, s.Column, s.Context, s.Parts)
}

// scanBlocks writes text in blocks of the given sizes, over and over.
func scanBlocks(text []byte, o Options, sizes ...int) []seen {
	var all []seen
	s := New(o, func(m *Match) { all = append(all, seen{*m, string(m.Digits)}) })
	for i := 0; len(text) > 0; i++ {
		n := min(len(text), max(1, sizes[i%len(sizes)]))
		s.Write(text[:n])
		text = text[n:]
	}
	s.Close()
	return all
}

// scanWindow scans with a window of another size.
func scanWindow(text []byte, size int) []seen {
	var all []seen
	s := New(Options{}, func(m *Match) { all = append(all, seen{*m, string(m.Digits)}) })
	s.size = size
	s.Write(text)
	s.Close()
	return all
}

// scanLent scans blocks where they are, as large ones are.
func scanLent(text []byte, size int) []seen {
	var all []seen
	s := New(Options{}, func(m *Match) { all = append(all, seen{*m, string(m.Digits)}) })
	s.borrow = behind + ahead
	for ; len(text) > 0; text = text[min(size, len(text)):] {
		s.Write(bytes.Clone(text[:min(size, len(text))]))
	}
	s.Close()
	return all
}

func scanAll(text string) []seen { return scanBlocks([]byte(text), Options{}, len(text)+1) }

func lines(all []seen) string {
	var b strings.Builder
	for _, s := range all {
		b.WriteString(s.line() + "\n")
	}
	return b.String()
}

func visa(n uint64) string { return cardtest.Number(card.Visa, 16, n) }

func group(s, separator string, sizes ...int) string {
	var parts []string
	for _, n := range sizes {
		parts = append(parts, s[:n])
		s = s[n:]
	}
	return strings.Join(parts, separator)
}

func TestScan(t *testing.T) {
	pan, union := visa(1), cardtest.Number(card.UnionPay, 19, 1)
	amex := cardtest.Number(card.Amex, 15, 1)
	id := cardtest.ResidentID(7)
	bad := union[:18] + string('0'+(union[18]-'0'+1)%10)
	ibanDigits := ""
	for n := uint64(0); ibanDigits == ""; n++ {
		if c := cardtest.Number(card.Visa, 19, n); iban([]byte("CH"), []byte(c)) {
			ibanDigits = c
		}
	}
	visa13, eanVisa := cardtest.Number(card.Visa, 13, 1), ""
	for n := uint64(0); eanVisa == ""; n++ {
		if c := cardtest.Number(card.Visa, 13, n); eanCheck([]byte(c)) {
			eanVisa = c
		}
	}
	tests := []struct {
		name, text string
		want       []string // class, also joined by +, confidence, masked
	}{
		{"nothing", "no number here 123", nil},
		{"bare", "x " + pan + " y", []string{"pan medium " + pan}},
		{"labelled", "card no: " + pan, []string{"pan high " + pan}},
		{"chinese label", "卡号：" + union, []string{"pan high " + union}},
		{"glued label", "CARDNO" + pan, []string{"pan high " + pan}},
		{"glued", "zz" + pan, []string{"pan medium " + pan}},
		{"glued to hex", "be" + pan, []string{"pan low " + pan}},
		{"glued both ways", "9c9ezz" + pan + "q", []string{"pan medium " + pan}},
		{"dots", group(pan, ".", 4, 4, 4, 4), []string{"pan medium " + pan}},
		{"dots at the end of a sentence", "card " + group(pan, ".", 4, 4, 4, 4) + ".", []string{"pan high " + pan}},
		{"version", "1." + group(pan, ".", 4, 4, 4, 4), []string{"pan low " + pan}},
		{"file name", "/" + group(pan, "/", 4, 4, 4, 4), []string{"pan low " + pan}},
		{"file name with underscores", "img_" + group(pan, "_", 4, 4, 4, 4), []string{"pan low " + pan}},
		{"underscores", "x " + group(pan, "_", 4, 4, 4, 4), []string{"pan medium " + pan}},
		{"plus", "card=" + group(pan, "+", 4, 4, 4, 4) + "&x", []string{"pan high " + pan}},
		{"tabs", group(pan, "\t", 4, 4, 4, 4), []string{"pan medium " + pan}},
		{"ean of a shop", "item " + eanVisa, []string{"pan low " + eanVisa}},
		{"ean that paid", "she paid 9.90 with " + eanVisa, []string{"pan medium " + eanVisa}},
		{"thirteen in groups", "card " + group(visa13, " ", 4, 3, 3, 3), []string{"pan high " + visa13}},
		{"spaced", group(pan, " ", 4, 4, 4, 4), []string{"pan medium " + pan}},
		{"dashed", group(pan, "-", 4, 4, 4, 4), []string{"pan medium " + pan}},
		{"spaced and paid", "paid by " + group(pan, " ", 4, 4, 4, 4), []string{"pan high " + pan}},
		{"amex", group(amex, " ", 4, 6, 5), []string{"pan high " + amex}},
		{"unionpay groups", group(union, " ", 6, 13), []string{"pan high " + union}},
		{"unionpay fours", group(union, " ", 4, 4, 4, 4, 3), []string{"pan medium " + union}},
		{"mixed separators", group(pan[:8], " ", 4, 4) + "-" + group(pan[8:], "-", 4, 4), nil},
		{"no luhn", bad, nil},
		{"no luhn labelled", "银行卡 " + bad, []string{"pan low " + bad}},
		{"track 1", cardtest.Track1(pan, 1), []string{"track1 high " + pan}},
		{"track 2", cardtest.Track2(pan, 1), []string{"track2 high " + pan}},
		{"track 2 bare", strings.Trim(cardtest.Track2(pan, 1), ";?"), []string{"track2 high " + pan}},
		{"track 2 D", strings.Replace(strings.Trim(cardtest.Track2(pan, 1), ";?"), "=", "D", 1) + "F", []string{"track2 high " + pan}},
		{"tracks join", cardtest.Track1(pan, 1) + cardtest.Track2(pan, 1), []string{"track1+track2 high " + pan}},
		{"record", "pan=" + pan + "&track2=" + cardtest.Track2(pan, 1) + "&cvv=123&exp=12/27", []string{"track2+cvv+pan+expiry high " + pan}},
		{"query", "card=" + pan + "&exp=12/27&cvv=123", []string{"cvv+pan+expiry high " + pan}},
		{"cvv first", "cvv2=123 card=" + pan, []string{"cvv+pan high " + pan}},
		{"json", `{"pan":"` + pan + `","expiry":"2712","cvc":"007"}`, []string{"cvv+pan+expiry high " + pan}},
		{"json lines", "{\n \"number\": \"" + pan + "\",\n \"cvv\": \"123\"\n}", []string{"cvv+pan high " + pan}},
		{"chinese record", "卡号:" + pan + " 有效期:12/27 安全码:123", []string{"cvv+pan+expiry high " + pan}},
		{"cvv null", `{"pan":"` + pan + `","cvv":null,"amount":100}`, []string{"pan high " + pan}},
		{"xml", "<Pan>" + pan + "</Pan><Cvv></Cvv><Amt>100</Amt>", []string{"pan high " + pan}},
		{"dump", pan + "|12|2027|123", []string{"cvv+pan+expiry high " + pan}},
		{"csv row", pan + ",12/27,123,x", []string{"cvv+pan+expiry high " + pan}},
		{"amex cvv", "card " + amex + " cvv 1234", []string{"cvv+pan high " + amex}},
		{"csv header", "id,cvv2,card_number,name\n7,123," + pan + ",A\n", []string{"cvv+pan high " + pan}},
		{"two cards", "pan=" + pan + " cvv=123\npan=" + visa(2) + " cvv=456", []string{"cvv+pan high " + pan, "cvv+pan high " + visa(2)}},
		{"cvv of the next line", "pan=" + pan + "\ncvv=456 pan=" + visa(2), []string{"pan high " + pan, "cvv+pan high " + visa(2)}},
		{"same card twice", pan + "\n" + pan + "\n", []string{"pan medium " + pan, "pan medium " + pan}},
		{"resident id", "x " + id + " y", []string{"resident_id medium " + id}},
		{"resident id labelled", "身份证号 " + id, []string{"resident_id high " + id}},
		{"float", "0." + pan, []string{"pan low " + pan}},
		{"float of a table", "pan " + pan + ".0,", []string{"pan high " + pan}},
		{"exponent", pan + "e+15", []string{"pan low " + pan}},
		{"query escape", "pan%3D" + pan + "%26x", []string{"pan high " + pan}},
		{"json in json", `"{\n` + pan + `\n"`, []string{"pan medium " + pan}},
		{"phone", "+" + cardtest.Number(card.Visa, 13, 3), []string{"pan low " + cardtest.Number(card.Visa, 13, 3)}},
		{"imei label", "imei " + amex, []string{"pan low " + amex}},
		{"escaped label", `"first\ncard ` + pan + `\n"`, []string{"pan high " + pan}},
		{"label in a word", "discard " + pan + ", 5cc " + visa(2), []string{"pan medium " + pan, "pan medium " + visa(2)}},
		{"masked", card.Mask([]byte(pan)), nil},
		{"cvv after groups", group(pan, " ", 4, 4, 4, 4) + " 123", []string{"pan medium " + pan}},
		{"label of the line before", "card " + visa(3) + " declined\n" + pan, []string{"pan high " + visa(3), "pan medium " + pan}},
		{"label on the line before", "card number\n" + pan, []string{"pan high " + pan}},
		{"iban", "pay to CH" + ibanDigits + " by", []string{"pan low " + ibanDigits}},
		{"pin block", "pan=" + pan + "&pinblock=06082537b6a9977b", []string{"pin_block+pan high " + pan}},
		{"pin block first", "DE52=d1b2a6f0e187d31e DE2=" + pan, []string{"pin_block+pan high " + pan}},
		{"pin block alone", "verify pinBlock=\"d1b2a6f0e187d31e\"", []string{"pin_block high "}},
		{"sad record", "pan=" + pan + " track2=" + cardtest.Track2(pan, 1) + " cvv=123 pin_block=d1b2a6f0e187d31e",
			[]string{"track2+cvv+pin_block+pan high " + pan}},
		{"pin of another line", "pin_block=d1b2a6f0e187d31e\npan=" + pan, []string{"pin_block high ", "pan high " + pan}},
		{"no pin block", "spinblock=d1b2a6f0e187d31e pinblock=d1b2 pinblock=d1b2a6f0e187d31e00", nil},
		{"terminal key", "terminal.tpk = fd4d7c0deface2ff18e50cedcf07dcd7", []string{"secret medium "}},
		{"terminal key with check value", "TMK=b175bd8d6dcee440944055b0621dcd2c KCV=1B6CBF", []string{"secret high "}},
		{"key of a test", "TMK=0123456789abcdef0123456789abcdef", []string{"secret low "}},
		{"packed key", "ZPK: U9A35CDF9C1AB7B9B59786A6D2C7BA8C4", []string{"secret medium "}},
		{"master key", `"master_key": "9a35cdf9c1ab7b9b59786a6d2c7ba8c4",`, []string{"secret medium "}},
		{"a key of a map", `"primary_key": "9a35cdf9c1ab7b9b59786a6d2c7ba8c4",`, nil},
		{"password", "db.password=xCA8aNweT66-hM4@\n", []string{"secret medium "}},
		{"password in xml", `<add key="Password" value="xe_%N-xNsJ4DVDD" />`, []string{"secret medium "}},
		{"chinese password", "密码：xCA8aNweT66", []string{"secret medium "}},
		{"no password", "password=${DB_PASSWORD} pwd: config.Password, password = getPassword()", nil},
		{"field of a password", "passwordField=xCA8aNweT66", nil},
		{"phone", "姓名：李明 手机：17464026096", []string{"phone high "}},
		{"phone beside an address", "customer A phone 17461006359 address 12 Long Road", []string{"phone high "}},
		{"phone called one", "tel 17461006359", []string{"phone low "}},
		{"phone alone", "x 17461006359 y", nil},
		{"bank account", "开户行：某银行 账号：110938475610203", []string{"bank_account medium "}},
		{"bank account of a card", "银行账号：" + pan, []string{"pan high " + pan}},
		{"user account", "账号：110938475610203", nil},
		{"20 digits", pan + "0000", nil},
		{"card to the next number", "imei 123456789012345 card " + pan, []string{"pan high " + pan}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, s := range scanAll(tt.text) {
				class := string(s.Class)
				for _, c := range s.Also {
					class += "+" + string(c)
				}
				got = append(got, fmt.Sprintf("%s %s %s", class, s.Confidence, s.digits))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q\n%s", got, tt.want, lines(scanAll(tt.text)))
			}
		})
	}
}

func TestPlaces(t *testing.T) {
	pan := visa(5)
	text := "one\ntwo\n  " + cardtest.Track2(pan, 5) + " cvv=123\n"
	all := scanAll(text)
	if len(all) != 1 {
		t.Fatalf("got %d matches, want 1", len(all))
	}
	m := all[0]
	if m.Line != 3 || m.Column != 3 || m.Offset != 10 {
		t.Errorf("got %d:%d at %d, want 3:3 at 10", m.Line, m.Column, m.Offset)
	}
	var parts []string
	for _, p := range m.Parts {
		parts = append(parts, string(p.Class)+" "+text[p.Offset:p.Offset+p.Length])
	}
	if want := []string{"track2 " + cardtest.Track2(pan, 5), "cvv 123"}; !slices.Equal(parts, want) {
		t.Errorf("got parts %q, want %q", parts, want)
	}
}

func TestStart(t *testing.T) {
	start := Position{Offset: 1000, Line: 20, Column: 5}
	var got []Match
	s := New(Options{Start: start}, func(m *Match) { got = append(got, *m) })
	if s.LineStart() != start || s.Pos() != start {
		t.Errorf("got %v and %v before any byte, want %v", s.LineStart(), s.Pos(), start)
	}
	s.Write([]byte("ab" + visa(1) + " "))
	if s.LineStart() != start {
		t.Errorf("got line start %v, want %v", s.LineStart(), start)
	}
	s.Write([]byte("\n pan " + visa(2)))
	want, pos := Position{1020, 21, 1}, Position{1041, 21, 22}
	for range 2 {
		if s.LineStart() != want || s.Pos() != pos {
			t.Errorf("got %v and %v, want %v and %v", s.LineStart(), s.Pos(), want, pos)
		}
		s.Close()
	}
	if len(got) != 2 || got[0].Offset != 1002 || got[0].Line != 20 || got[0].Column != 7 || got[1].Column != 6 {
		t.Errorf("got %v", got)
	}
}

// A match may not change with the blocks it came in.
func TestAnySplit(t *testing.T) {
	text := []byte(mixture(1, 1600))
	want := lines(scanBlocks(text, Options{}, len(text)))
	if strings.Count(want, "\n") < 10 {
		t.Fatalf("the text holds too little: %s", want)
	}
	for cut := 1; cut < len(text); cut++ {
		if got := lines(scanBlocks(text, Options{}, cut, len(text))); got != want {
			t.Fatalf("cut at %d: got\n%s\nwant\n%s", cut, got, want)
		}
	}
}

// A match may not change with its place in the window either, so each text is
// shifted over the window's edges.
func TestAnyShift(t *testing.T) {
	text := mixture(2, 6000)
	plain := scanAll(strings.Repeat("\n", 1000) + text)
	for shift := windowSize - 4000; shift < windowSize+1500; shift += 23 {
		all := scanBlocks([]byte(strings.Repeat("\n", shift)+text), Options{}, 1<<20)
		if len(all) != len(plain) {
			t.Fatalf("shift %d: got %d matches, want %d", shift, len(all), len(plain))
		}
		for i, s := range all {
			s.Offset, s.Line = s.Offset-int64(shift)+1000, s.Line-int64(shift)+1000
			s.Parts = slices.Clone(s.Parts)
			for k := range s.Parts {
				s.Parts[k].Offset += 1000 - int64(shift)
			}
			if s.line() != plain[i].line() {
				t.Fatalf("shift %d: got %s, want %s", shift, s.line(), plain[i].line())
			}
		}
	}
}

// Nor with the places where the window is cut, so small windows find the same.
func TestAnyWindow(t *testing.T) {
	for seed := range uint64(6) {
		text := []byte(mixture(seed, 40_000))
		want := lines(scanWindow(text, windowSize))
		for size := ahead + behind + 1; size < 1<<14; size += 1 + size/9 {
			if got := lines(scanWindow(text, size)); got != want {
				t.Fatalf("seed %d, window of %d bytes: got\n%s\nwant\n%s", seed, size, got, want)
			}
			if got := lines(scanLent(text, size)); got != want {
				t.Fatalf("seed %d, blocks of %d bytes: got\n%s\nwant\n%s", seed, size, got, want)
			}
		}
	}
}

func TestLongLine(t *testing.T) {
	block := bytes.Repeat([]byte("7"), 1<<20)
	n := 0
	s := New(Options{}, func(*Match) { n++ })
	for range 32 {
		s.Write(block)
	}
	s.Write([]byte(" " + visa(1)))
	s.Close()
	if n != 1 || s.Pos().Offset != 32<<20+17 {
		t.Errorf("got %d matches at %v, want 1", n, s.Pos())
	}
	if cap(s.window) > windowSize {
		t.Errorf("got a window of %d bytes, want at most %d", cap(s.window), windowSize)
	}
}
