package scan

import "bytes"

// A value is what stands behind a label that says it is secret: a password, a
// key, a PIN block, a bank account.
type value struct {
	kind valueKind
	at   span // of the value alone
	bare bool // not in quotes
}

type valueKind uint8

const (
	noValue  valueKind = iota
	password           // or another word that lets one in
	keyWord            // a long secret of any letters, as of an API
	key                // of a terminal, in hex
	pinBlock
	pinField // DE 52, which holds a PIN block
	account
)

const (
	longestValue    = 128
	longestLabelled = 12 + 32 + longestValue // label, what is between, value
)

// valueAt reads the label at text[i] and the value that belongs to it. What it
// says depends on Reach bytes either side only.
func valueAt(text []byte, i int) (value, bool) {
	kind, end := valueLabel(text, i)
	if kind == noValue {
		return value{}, false
	}
	start, quote := assigned(text, end, kind)
	if start < 0 {
		return value{}, false
	}
	v := value{kind: kind, bare: quote == 0}
	switch kind {
	case password, keyWord:
		v.at = span{start, wordEnd(text, start, quote)}
	case account:
		v.at = span{start, accountEnd(text, start)}
	default:
		v.at = hexAt(text, start, kind == key)
	}
	return v, v.at.end > v.at.start
}

// valueLabels are the labels by their first byte. A whole one is a word of its
// own; the others may have a number or a further word behind them.
var valueLabels = [...]struct {
	text  string
	kind  valueKind
	whole bool
}{
	{"password", password, true}, {"passwd", password, true}, {"passphrase", password, true}, {"pwd", password, true},
	{"pinblock", pinBlock, false}, {"pin_block", pinBlock, false}, {"pin block", pinBlock, false},
	{"pin-block", pinBlock, false}, {"pinblk", pinBlock, false}, {"pin_blk", pinBlock, false},
	{"bank account", account, false}, {"bank_account", account, false}, {"bankaccount", account, false},
	{"bank acct", account, false}, {"bank_acct", account, false}, {"bank a/c", account, false},
	{"secret", password, true},
	{"tmk", key, true}, {"tpk", key, true}, {"tek", key, true}, {"tak", key, true}, {"tdk", key, true},
	{"zmk", key, true}, {"zpk", key, true}, {"zek", key, true}, {"zak", key, true},
	{"bdk", key, true}, {"kek", key, true}, {"lmk", key, true},
	{"de52", pinField, true}, {"de052", pinField, true}, {"f52", pinField, true}, {"f052", pinField, true},
	{"密码", password, false}, {"口令", password, false}, {"密钥", key, false},
}

// valueLabel returns what the label at text[i] is for, and where it ends.
func valueLabel(text []byte, i int) (valueKind, int) {
	if !beginsWord(text, i) {
		if hasPrefixFold(text[i:], "key") {
			return keyLabel(text, i)
		}
		return noValue, 0
	}
	for k := range valueLabels {
		l := &valueLabels[k]
		if lower[text[i]] == l.text[0] && hasPrefixFold(text[i:], l.text) {
			if end := i + len(l.text); !l.whole || wordEnds(text, end) {
				return l.kind, end
			}
		}
	}
	switch {
	case hasPrefixFold(text[i:], "key"):
		return keyLabel(text, i)
	case hasPrefixFold(text[i:], "账号"), hasPrefixFold(text[i:], "账户"):
		return accountLabel(text, i)
	}
	return noValue, 0
}

// beginsWord reports whether a word begins at text[i]: behind no letter or
// digit, or with a capital behind a small letter.
func beginsWord(text []byte, i int) bool {
	if i == 0 || !letter(text[i]) || !alphanumeric(text[i-1]) || escaped(text[:i]) {
		return true
	}
	return upper(text[i]) && !upper(text[i-1])
}

// keyLabels say what kind of key the word before "key" makes it.
var keyLabels = [...]struct {
	text string
	kind valueKind
}{
	{"master", key}, {"work", key}, {"working", key}, {"mac", key}, {"pin", key}, {"session", key}, {"zone", key},
	{"terminal", key}, {"transport", key}, {"encryption", key}, {"des", key}, {"aes", key}, {"derivation", key},
	{"secret", keyWord}, {"api", keyWord}, {"access", keyWord}, {"private", keyWord}, {"app", keyWord}, {"sign", keyWord},
}

// keyLabel reads a label that ends in "key", at text[i].
func keyLabel(text []byte, i int) (valueKind, int) {
	end := i + len("key")
	if !wordEnds(text, end) {
		return noValue, 0
	}
	before := text[:i]
	if n := len(before); n > 0 && (before[n-1] == '_' || before[n-1] == '-' || before[n-1] == ' ' || before[n-1] == '.') {
		before = before[:n-1]
	}
	for _, l := range keyLabels {
		if n := len(before) - len(l.text); n >= 0 && hasPrefixFold(before[n:], l.text) && (n == 0 || beginsWord(before, n)) {
			return l.kind, end
		}
	}
	return noValue, 0
}

// accountWords make an account one of a bank.
var accountWords = [...]string{"银行", "对公", "结算", "收款", "开户", "付款", "打款"}

// accountLabel reads the label of a bank account at text[i].
func accountLabel(text []byte, i int) (valueKind, int) {
	const word, farthest = len("账号"), 32
	for _, w := range accountWords {
		if bytes.Contains(text[max(0, i-farthest):i], []byte(w)) {
			return account, i + word
		}
	}
	return noValue, 0
}

// assigned returns where the value begins that is given to the name ending at
// text[i], and the quote it begins behind. It is -1 if none is given.
func assigned(text []byte, i int, kind valueKind) (start int, quote byte) {
	const longestSuffix, longestGap = 12, 20
	for n := 0; n < longestSuffix && i < len(text) && suffix(text[i], kind); n++ {
		i++
	}
	given := false
	for n := 0; n < longestGap && i < len(text); n++ {
		switch c := text[i]; {
		case c == '=', c == ':', c == '>':
			given = true
			i++
		case c == ' ', c == '\t':
			i++
		case c == '"', c == '\'', c == '`':
			if given {
				return i + 1, c
			}
			i++
		case c == '\\' && i+1 < len(text) && text[i+1] == '"':
			i++
		case bytes.HasPrefix(text[i:], []byte("：")):
			given = true
			i += len("：")
		case bytes.HasPrefix(text[i:], []byte("value=")):
			i += len("value")
		case given || kind >= key && text[i-1] == ' ':
			return i, 0
		default:
			return -1, 0
		}
	}
	return -1, 0
}

// suffix reports whether a byte may follow a label within a name. A password
// has a number behind it at most: what is called passwordField holds none.
func suffix(c byte, kind valueKind) bool {
	if kind == password || kind == keyWord {
		return digit(c)
	}
	return alphanumeric(c) || c == '_'
}

// wordEnd returns where a password ends: at its quote, or at what ends a value
// in a configuration, a query or a tag. It is start if there is none.
func wordEnd(text []byte, start int, quote byte) int {
	for i := start; i < min(len(text), start+longestValue); i++ {
		c := text[i]
		switch {
		case c < ' ', quote != 0 && c == quote:
			return endOf(text, start, i, quote)
		case quote == 0 && (c == ' ' || c == ',' || c == ';' || c == '&' || c == '<' || c == '"' || c == '\''):
			return i
		}
	}
	if len(text)-start < longestValue && quote == 0 {
		return len(text)
	}
	return start
}

// endOf refuses a quoted value that its line ends before its quote does.
func endOf(text []byte, start, i int, quote byte) int {
	if quote != 0 && text[i] != quote {
		return start
	}
	return i
}

// hexAt returns the 16, 32, 48 or 64 hex digits that begin at text[i]. A key
// may have a letter before it that says how it is packed.
func hexAt(text []byte, i int, packed bool) span {
	const longest = 64
	if packed && i+1 < len(text) && (text[i] == 'U' || text[i] == 'T' || text[i] == 'X' || text[i] == 'S') && hexDigit(text[i+1]) {
		i++
	}
	if i+2 < len(text) && text[i] == '0' && text[i+1]|0x20 == 'x' {
		i += 2
	}
	end := i
	for end < len(text) && end-i <= longest && hexDigit(text[end]) {
		end++
	}
	switch n := end - i; {
	case end < len(text) && alphanumeric(text[end]):
	case n == 16, n == 32, n == 48 && packed, n == 64 && packed:
		return span{i, end}
	}
	return span{}
}

// accountEnd returns where the digits of a bank account end, which may stand
// in groups. It is start if there are too few or too many.
func accountEnd(text []byte, start int) int {
	const fewest, most = 8, 25
	digits, end := 0, start
	for i := start; i < len(text) && digits <= most; i++ {
		switch {
		case digit(text[i]):
			digits, end = digits+1, i+1
		case (text[i] == ' ' || text[i] == '-') && i+1 < len(text) && digit(text[i+1]) && i > start:
		default:
			i = len(text)
		}
	}
	if digits < fewest || digits > most || !valueEnds(text, end) {
		return start
	}
	return end
}

func hexDigit(c byte) bool { return digit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }
