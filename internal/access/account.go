package access

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/secure/precis"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/ledger"
)

// An ID names an account: a UUIDv7 in its usual text form.
type ID string

// Noun is the noun of accounts in the ledger.
const Noun = "account"

// Subject returns the account as a subject of entries.
func (id ID) Subject() ledger.Subject { return ledger.SubjectOf(Noun, string(id)) }

// Errors that callers decide by.
var (
	ErrNoAccount    = errors.New("no such account")
	ErrSignIn       = errors.New("login or password is wrong")
	ErrSession      = errors.New("not signed in")
	ErrToken        = errors.New("token is not valid")
	ErrLink         = errors.New("link was used, has expired, or was never made")
	ErrForbidden    = errors.New("your role does not allow this")
	ErrPresence     = errors.New("enter your password again to show that it is you")
	ErrRole         = errors.New("no such role")
	ErrLang         = errors.New("no such language")
	ErrLogin        = errors.New("a login has 2 to 64 letters, digits or signs, no space and no card number")
	ErrName         = errors.New("a name or label has 1 to 80 characters on one line and no card number")
	ErrTaken        = errors.New("login is taken")
	ErrFirstRunOver = errors.New("first run is over: an owner exists; sign in, or use stanch account recover")
	ErrLastOwner    = errors.New("this is the last owner who can sign in; make another one first")
	ErrStillOpen    = errors.New("disable the account first")
	ErrSetUp        = errors.New("the account is set up already")
	ErrReason       = errors.New("a reason is needed, without any card number in it")
	ErrExpiry       = errors.New("a token ends at a time to come, within a year")
	ErrOrder        = errors.New("entry does not fit the account's history")
)

// Throttled says that there were too many attempts, and when to come back.
type Throttled struct{ Retry time.Duration }

// Error says how long to wait.
func (e *Throttled) Error() string {
	return fmt.Sprintf("too many attempts: try again in %s", (e.Retry + time.Second - 1).Truncate(time.Second))
}

// An Account is a person who can sign in. Times are Unix microseconds.
type Account struct {
	ID          ID      `json:"id"`
	Login       string  `json:"login,omitempty"` // empty until set up, and once erased
	Name        string  `json:"name,omitempty"`
	Role        Role    `json:"role"`
	Lang        string  `json:"lang,omitempty"` // zh-CN or en
	Disabled    bool    `json:"disabled,omitempty"`
	Erased      bool    `json:"erased,omitempty"`
	Created     int64   `json:"created"`
	PasswordSet int64   `json:"password_set,omitempty"` // 0 until set up
	SignedIn    int64   `json:"signed_in,omitempty"`    // last recorded sign-in
	From        string  `json:"from,omitempty"`         // its truncated address
	Naming      []int64 `json:"naming,omitempty"`       // entries that hold the login and name
}

// Active reports whether the account can sign in.
func (a *Account) Active() bool { return !a.Disabled && a.PasswordSet != 0 }

// ActiveOwner reports whether the account is an owner who can sign in.
func (a *Account) ActiveOwner() bool { return a.Active() && a.Role == Owner }

// ParseLogin returns the login as it is kept and compared: in one case and
// one width. It returns [ErrLogin] without quoting it.
func ParseLogin(s string) (string, error) {
	if len(s) > 256 {
		return "", ErrLogin
	}
	login, err := precis.UsernameCaseMapped.String(strings.TrimSpace(s))
	if n := utf8.RuneCountInString(login); err != nil || n < 2 || n > 64 || login == record.System || card.HoldsPAN(login) {
		return "", ErrLogin
	}
	return login, nil
}

// parseName checks a name or label that a person typed.
func parseName(s string) (string, error) {
	s = strings.TrimSpace(s)
	hidden := func(r rune) bool { return !unicode.IsGraphic(r) || unicode.Is(unicode.Cf, r) }
	if n := utf8.RuneCountInString(s); n < 1 || n > 80 || !utf8.ValidString(s) || strings.ContainsFunc(s, hidden) || card.HoldsPAN(s) {
		return "", ErrName
	}
	return s, nil
}

func parseLang(s string) (string, error) {
	if s != "" && s != "zh-CN" && s != "en" {
		return "", ErrLang
	}
	return s, nil
}

func parseReason(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 4096 || !utf8.ValidString(s) || card.HoldsPAN(s) {
		return "", ErrReason
	}
	return s, nil
}
