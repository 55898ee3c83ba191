package scan

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"

	"github.com/stanch/stanch/card"
)

// A Match is one occurrence of card data, or of personal data. A record that
// holds a number together with a track, a CVV or an expiry date is one match,
// named for its heaviest class.
//
// A Match prints itself masked. Its Digits are the scanner's, and are wiped
// when the call that was given them returns, so that a copy kept by mistake
// holds nothing.
//
// BUG: fmt cannot ask a Match that stands by value in another struct's
// unexported field how to print itself, and shows the codes of its digits if
// such a struct is printed during the call.
type Match struct {
	Class      Class
	Also       []Class  // further classes in the record, heaviest first
	Offset     int64    // of the number or track, in bytes from the start of the stream
	Length     int64    // in bytes
	Line       int64    // 1-based, counted by line feeds
	Column     int64    // 1-based, in bytes
	Digits     []byte   // in clear: the digits of the PAN, or the 18 characters of a resident ID; else nil
	Parts      []Part   // each piece of the record where it stands, in order of offset
	Context    []string // ids of labels that were met, see Labels; never text of the stream
	Brand      card.Brand
	Confidence Confidence
	Test       bool // a published test number
}

// A Part is one piece of a record, for one who has to mask it in place.
type Part struct {
	Class  Class
	Offset int64
	Length int64
}

// A Position is a place in a stream. Line and Column are 1-based.
type Position struct{ Offset, Line, Column int64 }

// Masked returns the number as it may be shown: six digits, stars, four
// characters. Anything else than a card number or a resident ID is hidden
// entirely.
func (m *Match) Masked() string {
	const idLength = 18
	if m.Class == ResidentID && len(m.Digits) == idLength {
		return string(m.Digits[:6]) + strings.Repeat("*", idLength-10) + string(m.Digits[idLength-4:])
	}
	if len(m.Digits) == 0 {
		return "********" // even how long it is says something of a password
	}
	return card.Mask(m.Digits)
}

// Format prints the match masked, whatever the verb.
func (m Match) Format(f fmt.State, _ rune) { fmt.Fprint(f, m.String()) }

// String returns the match in one line, masked.
func (m Match) String() string {
	return fmt.Sprintf("%s %s at %d:%d (%s)", m.Class, m.Masked(), m.Line, m.Column, m.Confidence)
}

// GoString returns the match in one line, masked.
func (m Match) GoString() string { return m.String() }

// LogValue returns the match in one line, masked.
func (m Match) LogValue() slog.Value { return slog.StringValue(m.String()) }

// MarshalJSON writes the match masked. It cannot be read back.
func (m Match) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Class      Class      `json:"class"`
		Also       []Class    `json:"also,omitempty"`
		Offset     int64      `json:"offset"`
		Length     int64      `json:"length"`
		Line       int64      `json:"line"`
		Column     int64      `json:"column"`
		Masked     string     `json:"masked"`
		Brand      card.Brand `json:"brand,omitempty"`
		Confidence Confidence `json:"confidence"`
		Test       bool       `json:"test,omitempty"`
		Context    []string   `json:"context,omitempty"`
	}{m.Class, m.Also, m.Offset, m.Length, m.Line, m.Column, m.Masked(), m.Brand, m.Confidence, m.Test, m.Context})
}
