package access

import (
	"slices"

	"github.com/stanch/stanch/ledger"
)

// The bodies of an account's entries. Only Named says who the person is, so
// that it can be erased.
type (
	// Created begins an account.
	Created struct {
		Role Role    `json:"role"`
		Via  Purpose `json:"via"`
	}
	// Named says what the person is called. It can be erased.
	Named struct {
		Login string `json:"login,omitempty"`
		Name  string `json:"name,omitempty"`
	}
	// PasswordSet says that the password was set or changed, and by which way.
	PasswordSet struct {
		Via Purpose `json:"via"`
	}
	// RoleChanged gives the account another role.
	RoleChanged struct {
		Role Role `json:"role"`
	}
	// Disabled shuts the account.
	Disabled struct {
		Reason string `json:"reason"`
	}
	// Enabled opens the account again.
	Enabled struct{}
	// LangChosen sets the person's language.
	LangChosen struct {
		Lang string `json:"lang"`
	}
	// LinkMade says that a single-use link to the account was made.
	LinkMade struct {
		Purpose Purpose `json:"purpose"`
		Expires int64   `json:"expires"` // Unix microseconds
	}
	// CameIn says that the person signed in, and roughly from where.
	CameIn struct {
		From string `json:"from"` // a truncated address
	}
	// Missed says that this many attempts to sign in failed since the last
	// such entry.
	Missed struct {
		Count int64 `json:"count"`
	}
	// SessionsEnded says that somebody ended sessions of the account.
	SessionsEnded struct {
		Why string `json:"why"` // password, disabled, revoked
	}
)

// Kind returns "account.created".
func (Created) Kind() string { return "account.created" }

// Kind returns "account.named".
func (Named) Kind() string { return "account.named" }

// Kind returns "account.password_set".
func (PasswordSet) Kind() string { return "account.password_set" }

// Kind returns "account.role_changed".
func (RoleChanged) Kind() string { return "account.role_changed" }

// Kind returns "account.disabled".
func (Disabled) Kind() string { return "account.disabled" }

// Kind returns "account.enabled".
func (Enabled) Kind() string { return "account.enabled" }

// Kind returns "account.lang_chosen".
func (LangChosen) Kind() string { return "account.lang_chosen" }

// Kind returns "account.link_made".
func (LinkMade) Kind() string { return "account.link_made" }

// Kind returns "account.signed_in".
func (CameIn) Kind() string { return "account.signed_in" }

// Kind returns "account.sign_in_failed".
func (Missed) Kind() string { return "account.sign_in_failed" }

// Kind returns "account.sessions_ended".
func (SessionsEnded) Kind() string { return "account.sessions_ended" }

// folds maps each kind of entry to what it does to an account.
var folds = map[string]func(*Account, ledger.Entry) error{
	Named{}.Kind():         foldNamed,
	PasswordSet{}.Kind():   func(a *Account, e ledger.Entry) error { a.PasswordSet = e.At.UnixMicro(); return nil },
	RoleChanged{}.Kind():   foldRole,
	Disabled{}.Kind():      func(a *Account, _ ledger.Entry) error { a.Disabled = true; return nil },
	Enabled{}.Kind():       func(a *Account, _ ledger.Entry) error { a.Disabled = false; return nil },
	LangChosen{}.Kind():    foldLang,
	LinkMade{}.Kind():      func(*Account, ledger.Entry) error { return nil },
	CameIn{}.Kind():        foldCameIn,
	Missed{}.Kind():        func(*Account, ledger.Entry) error { return nil },
	SessionsEnded{}.Kind(): func(*Account, ledger.Entry) error { return nil },
	"ledger.erased":        foldErased,
}

// Apply folds an entry into the account.
func (a *Account) Apply(e ledger.Entry) error {
	if e.Kind == (Created{}).Kind() {
		return a.begin(e)
	}
	fold, ok := folds[e.Kind]
	if !ok || a.ID == "" || a.Erased {
		return ErrOrder
	}
	return fold(a, e)
}

func (a *Account) begin(e ledger.Entry) error {
	var b Created
	if err := e.Decode(&b); err != nil {
		return err
	}
	if a.ID != "" || !b.Role.Valid() {
		return ErrOrder
	}
	*a = Account{ID: ID(e.Subject.ID()), Role: b.Role, Created: e.At.UnixMicro()}
	return nil
}

func foldNamed(a *Account, e ledger.Entry) error {
	var b Named
	err := e.Decode(&b)
	if b.Login != "" {
		a.Login = b.Login
	}
	if b.Name != "" {
		a.Name = b.Name
	}
	a.Naming = append(a.Naming, e.Index)
	return err
}

func foldRole(a *Account, e ledger.Entry) error {
	var b RoleChanged
	if err := e.Decode(&b); err != nil {
		return err
	}
	if !b.Role.Valid() {
		return ErrOrder
	}
	a.Role = b.Role
	return nil
}

func foldLang(a *Account, e ledger.Entry) error {
	var b LangChosen
	err := e.Decode(&b)
	a.Lang = b.Lang
	return err
}

func foldCameIn(a *Account, e ledger.Entry) error {
	var b CameIn
	err := e.Decode(&b)
	a.SignedIn, a.From = e.At.UnixMicro(), b.From
	return err
}

// foldErased takes the login and name away. Replay never sees the entries
// that gave them, so it gives the same account.
func foldErased(a *Account, e ledger.Entry) error {
	var b ledger.Erased
	if err := e.Decode(&b); err != nil {
		return err
	}
	if slices.Contains(b.Items, "name") {
		a.Login, a.Name, a.Naming, a.Erased = "", "", nil, true
	}
	return nil
}
