package access

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/secure/precis"
)

// A password has at least minPassword characters (PCI DSS 8.3.6), and at most
// maxPassword bytes, so that nobody can have us hash a book.
const (
	minPassword = 12
	maxPassword = 256
)

// WeakPassword says why a password was refused. Why is one of the constants,
// so that pages can say it in their own words.
type WeakPassword struct{ Why string }

// The reasons for which a password is refused.
const (
	WeakShort  = "short"  // fewer than 12 characters
	WeakLong   = "long"   // more than 256 bytes, or not text
	WeakCommon = "common" // what guessers try first, or a pattern
	WeakLogin  = "login"  // the login, or hardly more than it
)

// Error says what is wrong with the password, never the password.
func (e *WeakPassword) Error() string {
	switch e.Why {
	case WeakShort:
		return fmt.Sprintf("choose password: it has fewer than %d characters", minPassword)
	case WeakLong:
		return fmt.Sprintf("choose password: it is longer than %d bytes, or is not text", maxPassword)
	case WeakLogin:
		return "choose password: it is too close to the login"
	}
	return "choose password: it is one that is guessed first; try a few words that do not belong together"
}

// common holds the words that guessers build long passwords from, one a line,
// the longest first.
//
//go:embed common.txt
var common []byte

// CheckPassword returns a *[WeakPassword] if the password is too easy to
// guess for whoever has this login.
func CheckPassword(password, login string) error {
	password, ok := normal(password)
	if !ok {
		return &WeakPassword{WeakLong}
	}
	if utf8.RuneCountInString(password) < minPassword {
		return &WeakPassword{WeakShort}
	}
	folded := strings.ToLower(password)
	if login != "" && utf8.RuneCountInString(strings.ReplaceAll(folded, strings.ToLower(login), "")) < 4 {
		return &WeakPassword{WeakLogin}
	}
	if patterned([]rune(folded)) || wellKnown(folded) {
		return &WeakPassword{WeakCommon}
	}
	return nil
}

// normal returns the password in the form in which it is hashed: the same on
// every keyboard. It is false for what is too long or no text.
func normal(password string) (string, bool) {
	if len(password) > maxPassword || !utf8.ValidString(password) {
		return "", false
	}
	if password == "" {
		return "", true
	}
	s, err := precis.OpaqueString.String(password)
	return s, err == nil
}

// patterned reports whether the runes are few, or mostly follow one another
// by the same small step, as in 1234567890 or aaaabbbbcccc.
func patterned(s []rune) bool {
	distinct := slices.Compact(slices.Sorted(slices.Values(s)))
	if len(distinct) < 5 {
		return true
	}
	steps := 0
	for i := 1; i < len(s); i++ {
		if d := s[i] - s[i-1]; d >= -1 && d <= 1 {
			steps++
		}
	}
	return steps*4 >= (len(s)-1)*3
}

// wellKnown reports whether s is made of common words, or digits, and little
// else. Digits are taken as letters in one reading and as padding in another.
func wellKnown(s string) bool {
	letter := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsSymbol(r) }
	if !strings.ContainsFunc(s, letter) {
		return true
	}
	s = strings.TrimFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
	spelt := strings.NewReplacer("0", "o", "1", "l", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i").Replace(s)
	return onlyCommon(s) || onlyCommon(spelt)
}

// onlyCommon reports whether the letters of s are common words, but for three
// at most.
func onlyCommon(s string) bool {
	left := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, s)
	found := false
	for line := range bytes.Lines(common) {
		word := string(bytes.TrimSpace(line))
		found = found || strings.Contains(left, word)
		left = strings.ReplaceAll(left, word, "")
	}
	return found && utf8.RuneCountInString(left) < 4
}
