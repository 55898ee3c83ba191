package card

// A Brand is a card scheme, told by the first digits and the length. The zero
// Brand is a scheme we do not know.
type Brand string

// The brands that BrandOf tells apart.
const (
	Visa       Brand = "visa"
	Mastercard Brand = "mastercard"
	UnionPay   Brand = "unionpay"
	Amex       Brand = "amex"
	Discover   Brand = "discover"
	JCB        Brand = "jcb"
	Diners     Brand = "diners"
	Mir        Brand = "mir"
	Maestro    Brand = "maestro"
)

// lengths is a set of number lengths, bit n for n digits.
type lengths uint32

const (
	len13         lengths = 1 << 13
	len14         lengths = 1 << 14
	len15         lengths = 1 << 15
	len16         lengths = 1 << 16
	len19         lengths = 1 << 19
	from16To19    lengths = len16 | 1<<17 | 1<<18 | len19
	from12To19    lengths = 1<<12 | len13 | len14 | len15 | from16To19
	visaLengths   lengths = len13 | len16 | len19
	dinersLengths lengths = len14 | len16
	minDigits             = 12
	maxDigits             = 19
)

// prefixes are the ranges of the first four digits that brands were given, in
// rising order, no two overlapping. 62 is UnionPay's although Discover accepts
// some of it. Maestro's ranges are the ones in use: its whole space would take
// in every number that begins with 5 or 6.
var prefixes = [...]struct {
	low, high uint16
	brand     Brand
	lengths   lengths
}{
	{2200, 2204, Mir, from16To19},
	{2221, 2720, Mastercard, len16},
	{3000, 3059, Diners, len14},
	{3095, 3095, Diners, len14},
	{3400, 3499, Amex, len15},
	{3528, 3589, JCB, from16To19},
	{3600, 3699, Diners, dinersLengths},
	{3700, 3799, Amex, len15},
	{3800, 3999, Diners, dinersLengths},
	{4000, 4999, Visa, visaLengths},
	{5018, 5018, Maestro, from12To19},
	{5020, 5020, Maestro, from12To19},
	{5038, 5038, Maestro, from12To19},
	{5100, 5599, Mastercard, len16},
	{5600, 5699, Maestro, from12To19},
	{5893, 5893, Maestro, from12To19},
	{6011, 6011, Discover, from16To19},
	{6200, 6299, UnionPay, from16To19},
	{6304, 6304, Maestro, from12To19},
	{6440, 6599, Discover, from16To19},
	{6700, 6799, Maestro, from12To19},
	{8100, 8199, UnionPay, from16To19},
}

// ranges holds, for each first four digits, one more than the place of their
// range in prefixes, or 0. Scanners ask for the brand of every long number.
var ranges = func() (at [10_000]uint8) {
	for i, p := range prefixes {
		for prefix := p.low; prefix <= p.high; prefix++ {
			at[prefix] = uint8(i + 1)
		}
	}
	return at
}()

// BrandOf tells the brand by the prefix and the length. It does not look at
// the check digit. It returns "" for what no brand issues.
func BrandOf(digits []byte) Brand {
	if len(digits) < minDigits || len(digits) > maxDigits {
		return ""
	}
	a, b, c, d := uint(digits[0]-'0'), uint(digits[1]-'0'), uint(digits[2]-'0'), uint(digits[3]-'0')
	if a > 9 || b > 9 || c > 9 || d > 9 {
		return ""
	}
	at := ranges[a*1000+b*100+c*10+d]
	if at == 0 || prefixes[at-1].lengths>>len(digits)&1 == 0 {
		return ""
	}
	return prefixes[at-1].brand
}
