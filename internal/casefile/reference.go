package casefile

import (
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/stanch/stanch/card"
)

// longestID is as long as a reference to something can be.
const longestID = 64

const idAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-"

// checkIDs refuses references that cannot name anything of ours. A person's
// text never passes for one, and no card number does.
func checkIDs(ids ...string) error {
	for _, id := range ids {
		switch {
		case made(id):
		case card.HoldsPAN(id):
			return ErrCardData
		case id == "" || len(id) > longestID || strings.Trim(id, idAlphabet) != "":
			return fmt.Errorf("read id: %w", ErrUnknown)
		}
	}
	return nil
}

// made reports whether the id is of a form that only Stanch makes: a UUIDv7,
// or a finding's f with sixteen of base32's characters. By chance some of them
// hold as many digits in a row as a card number.
func made(id string) bool {
	if rest, ok := strings.CutPrefix(id, "f"); ok && len(rest) == 16 {
		return strings.Trim(rest, "abcdefghijklmnopqrstuvwxyz234567") == "" && !card.HoldsPAN(rest)
	}
	u, err := uuid.Parse(id)
	return err == nil && len(id) == len(u.String()) && u.Version() == 7
}
