package card

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// ErrNotPAN says that a text is no card number. It does not say which text.
var ErrNotPAN = errors.New("not a card number")

// A PAN is a card number in clear. It never prints itself: fmt, slog and the
// encoders all get the masked form.
//
// The digits sit behind a pointer because fmt cannot call Format on a PAN in
// another struct's unexported field, and would print a string there as it is.
type PAN struct{ digits *string }

// ParsePAN reads a card number of 12 to 19 digits and nothing else. It does
// not look at the check digit: old UnionPay cards fail it. It returns
// [ErrNotPAN] for any other text.
func ParsePAN(s string) (PAN, error) {
	if len(s) < minDigits || len(s) > maxDigits || !allDigits([]byte(s)) {
		return PAN{}, ErrNotPAN
	}
	return PAN{&s}, nil
}

// Masked returns the number as PCI DSS 3.4.1 lets it be shown: at most the
// BIN and the last four digits. A zero PAN is the empty text.
func (p PAN) Masked() string { return Mask(p.clear()) }

// Brand returns the brand of the card, "" if it is not known.
func (p PAN) Brand() Brand { return BrandOf(p.clear()) }

// Token returns the token of the number for this tenant. A zero PAN has none.
func (p PAN) Token(t *Tokenizer, tenant string) Token {
	if p.digits == nil {
		return ""
	}
	return t.Token(tenant, p.clear())
}

// Equal reports whether p and q are the same number. It takes the same time
// wherever two numbers of one length differ.
func (p PAN) Equal(q PAN) bool { return subtle.ConstantTimeCompare(p.clear(), q.clear()) == 1 }

func (p PAN) clear() []byte {
	if p.digits == nil {
		return nil
	}
	return []byte(*p.digits)
}

// Format prints the masked form, whatever the verb.
func (p PAN) Format(f fmt.State, _ rune) { io.WriteString(f, p.Masked()) }

// String returns the masked form.
func (p PAN) String() string { return p.Masked() }

// GoString returns the masked form.
func (p PAN) GoString() string { return p.Masked() }

// LogValue returns the masked form.
func (p PAN) LogValue() slog.Value { return slog.StringValue(p.Masked()) }

// MarshalText returns the masked form.
func (p PAN) MarshalText() ([]byte, error) { return []byte(p.Masked()), nil }
