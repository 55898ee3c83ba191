package carrier

import "github.com/stanch/stanch/scan"

// A Piece is where one part of a match stands that must not stay in clear.
type Piece struct {
	Offset, Length int64
	// Number is set for a number of which the first and last digits may be
	// shown; of anything else nothing may be.
	Number bool
}

// Pieces returns what of a match must not stay. Personal data that is no card
// data may: nobody is harmed by a shop's own phone number.
func (m *Match) Pieces() []Piece {
	parts := m.Parts
	if len(parts) == 0 {
		parts = []scan.Part{{Class: m.Class, Offset: m.Offset, Length: m.Length}}
	}
	var all []Piece
	for _, p := range parts {
		switch p.Class {
		case scan.Phone, scan.BankAccount, scan.Secret:
			continue
		}
		all = append(all, Piece{p.Offset, p.Length, p.Class == scan.PAN || p.Class == scan.ResidentID})
	}
	return all
}
