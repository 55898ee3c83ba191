package estate

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"filippo.io/age"
	"github.com/google/uuid"

	"github.com/stanch/stanch/card"
)

// checked returns the settings trimmed and completed, or what is wrong with
// them.
func (s Settings) checked() (Settings, error) {
	texts := []*string{&s.Name, &s.Acquirer, &s.AcquirerPhone, &s.Country, &s.Lang, &s.Zone, &s.Address}
	for _, text := range texts {
		*text = strings.TrimSpace(*text)
		if err := checkText(*text, longestAddress); err != nil {
			return s, err
		}
	}
	for _, text := range []string{s.Name, s.Acquirer, s.AcquirerPhone} {
		if err := checkText(text, longestName); err != nil {
			return s, err
		}
	}
	if s.Kind != Shop && s.Kind != Chain && s.Kind != Company {
		return s, ErrKind
	}
	return s.completed()
}

func (s Settings) completed() (Settings, error) {
	if s.Lang == "" {
		s.Lang = "en"
	}
	if s.Zone == "" {
		s.Zone = "UTC"
	}
	if s.Repeat == 0 {
		s.Repeat = DefaultRepeat
	}
	s.Country, s.Address = strings.ToUpper(s.Country), strings.TrimRight(s.Address, "/")
	switch {
	case len(s.Country) != 2 || strings.Trim(s.Country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "":
		return s, ErrCountry
	case s.Lang != "zh" && s.Lang != "en":
		return s, ErrLang
	case s.Repeat < 1 || s.Repeat > 24*60:
		return s, ErrRepeat
	}
	// "Local" is this machine's zone, which another machine would not share.
	if _, err := time.LoadLocation(s.Zone); err != nil || s.Zone == "Local" {
		return s, ErrZone
	}
	if s.Address != "" {
		if _, err := checkAddress(s.Address); err != nil {
			return s, err
		}
	}
	return s, nil
}

// longestName bounds a name in characters.
const longestName = 120

// checkText refuses text that is too long or not on one line, and text that
// holds a card number.
func checkText(s string, most int) error {
	if card.HoldsPAN(s) {
		return ErrCardData
	}
	if utf8.RuneCountInString(s) > most {
		return ErrName
	}
	return checkLine(s)
}

// checkLine refuses what is no text, or not on one line.
func checkLine(s string) error {
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return ErrName
	}
	return nil
}

// newRecipient checks a name and an age public key.
func newRecipient(name, key string) (RecipientAdded, error) {
	name, key = strings.TrimSpace(name), strings.TrimSpace(key)
	if err := checkText(name, longestName); err != nil {
		return RecipientAdded{}, err
	}
	if _, err := age.ParseX25519Recipient(key); err != nil {
		return RecipientAdded{}, ErrRecipient
	}
	return RecipientAdded{uuid.Must(uuid.NewV7()).String(), name, key}, nil
}
