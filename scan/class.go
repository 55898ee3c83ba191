package scan

import "errors"

// A Class says what kind of data a match is.
type Class string

// The classes of data. Not all of them are found yet: see [Found].
const (
	PAN         Class = "pan"
	Track1      Class = "track1"
	Track2      Class = "track2"
	CVV         Class = "cvv"
	Expiry      Class = "expiry"
	PINBlock    Class = "pin_block"
	EMV         Class = "emv"
	ResidentID  Class = "resident_id"
	Phone       Class = "phone"
	BankAccount Class = "bank_account"
	Secret      Class = "secret"
)

// Classes returns every class there is.
func Classes() []Class {
	return []Class{PAN, Track1, Track2, CVV, Expiry, PINBlock, EMV, ResidentID, Phone, BankAccount, Secret}
}

// Found returns the classes that the built-in matcher and scorer can find.
func Found() []Class { return []Class{PAN, Track1, Track2, CVV, Expiry, ResidentID} }

// weight orders the classes that can meet in one record: the heaviest is what
// the joined match is called.
func (c Class) weight() int {
	switch c {
	case Track1:
		return 6
	case Track2:
		return 5
	case CVV:
		return 4
	case PINBlock:
		return 3
	case PAN:
		return 2
	case Expiry:
		return 1
	}
	return 0
}

// Confidence says how sure a scorer is.
type Confidence int8

// The levels of confidence.
const (
	Low    Confidence = 1 // weak, or beside something that looks like an explanation
	Medium Confidence = 2 // right form, right check digit, nothing against it
	High   Confidence = 3 // a label, a track or a record says so too
)

// ErrConfidence says that a text names no level of confidence.
var ErrConfidence = errors.New("confidence must be low, medium or high")

// String returns low, medium or high.
func (c Confidence) String() string {
	switch c {
	case Low:
		return "low"
	case Medium:
		return "medium"
	case High:
		return "high"
	}
	return "none"
}

// ParseConfidence reads what String wrote.
func ParseConfidence(s string) (Confidence, error) {
	for c := Low; c <= High; c++ {
		if s == c.String() {
			return c, nil
		}
	}
	return 0, ErrConfidence
}

// MarshalText writes what String returns.
func (c Confidence) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (c *Confidence) UnmarshalText(text []byte) (err error) {
	*c, err = ParseConfidence(string(text))
	return err
}
