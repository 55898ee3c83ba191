package cell

import (
	"strings"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/scan"
)

// A sealer is where clear digits end: it turns a match into a token and a
// masked form and passes that on.
type sealer struct {
	tokens  *card.Tokenizer
	tenant  string
	emit    func(finding.Match)
	outside bool // emit is running
}

func (s *sealer) match(m *scan.Match, path string, encoding []string) {
	sealed := finding.Match{
		Class: string(m.Class), Path: path, Encoding: strings.Join(encoding, ">"),
		Line: m.Line, Column: m.Column, Offset: m.Offset, Length: m.Length,
		Masked: m.Masked(), Brand: m.Brand, Confidence: m.Confidence.String(), Test: m.Test,
	}
	for _, class := range m.Also {
		sealed.Also = append(sealed.Also, string(class))
	}
	sealed.Context = append(sealed.Context, m.Context...)
	if len(m.Digits) > 0 {
		sealed.Token = s.tokens.Token(s.tenant, m.Digits)
	}
	clear(m.Digits)
	s.outside = true
	s.emit(sealed)
	s.outside = false
}
