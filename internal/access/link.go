package access

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
)

// A Purpose is what a link is for.
type Purpose string

// The purposes of links, and Self for what a person does when signed in.
const (
	FirstRun Purpose = "first_run" // makes the first owner
	Invite   Purpose = "invite"    // lets an invited person choose login and password
	Recover  Purpose = "recover"   // lets a person who lost the password choose another
	Self     Purpose = "self"
)

const (
	linkLife   = 15 * time.Minute
	passLife   = 30 * time.Minute // to fill in the form behind a link
	linkSecret = 16               // bytes
)

// A Link is a single-use secret that somebody was given. Looking at it leaves
// it as it is; following it turns it into a pass, which holds until the form
// behind it is filled in.
type Link struct {
	Digest  []byte // of its secret
	Purpose Purpose
	Account ID   // whom it is for; empty at first run
	Pass    bool // it was followed
	Expires int64
}

// FirstRunOver reports whether the tenant has an owner who can sign in.
func (d *Door) FirstRunOver(ctx context.Context, t tenant.ID) (bool, error) {
	all, err := d.store.Accounts(ctx, t)
	for _, a := range all {
		if a.ActiveOwner() {
			return true, err
		}
	}
	return false, err
}

// FirstRunLink makes the link by which the first owner is made, in place of
// any earlier one. It returns [ErrFirstRunOver] once there is an owner.
func (d *Door) FirstRunLink(ctx context.Context, t tenant.ID) (secret string, err error) {
	err = d.store.Update(ctx, system(t), func(ctx context.Context, tx record.Tx) error {
		if err := d.noOwner(ctx, tx); err != nil {
			return err
		}
		secret, err = d.makeLink(ctx, tx, FirstRun, "")
		return err
	})
	return secret, err
}

func (d *Door) noOwner(ctx context.Context, tx record.Tx) error {
	owners, err := d.store.CountOwners(ctx, tx)
	if err == nil && owners > 0 {
		return ErrFirstRunOver
	}
	return err
}

// Recover makes a link by which a person who lost the password chooses
// another. Only whoever holds the machine may; it is recorded and logged
// loudly, because it opens an account without its owner.
func (d *Door) Recover(ctx context.Context, by Principal, login string) (secret string, err error) {
	if by.Via != BySocket {
		return "", ErrForbidden
	}
	if login, err = ParseLogin(login); err != nil {
		return "", ErrNoAccount
	}
	var id ID
	err = d.store.Update(ctx, by.Who(), func(ctx context.Context, tx record.Tx) error {
		id, err = d.store.AccountOf(ctx, tx, login)
		if errors.Is(err, record.ErrNone) {
			return ErrNoAccount
		}
		if err != nil {
			return err
		}
		account, err := load(ctx, tx, id)
		if err != nil || account.Disabled {
			return errors.Join(err, ErrNoAccount)
		}
		secret, err = d.makeLink(ctx, tx, Recover, id)
		return err
	})
	if err == nil {
		d.log.WarnContext(ctx, "account recovery link made on this machine", "account", string(id), "tenant", string(by.Tenant))
	}
	return secret, err
}

// makeLink makes a link in place of earlier ones like it.
func (d *Door) makeLink(ctx context.Context, tx record.Tx, purpose Purpose, id ID) (string, error) {
	if err := d.store.DropLinks(ctx, tx, purpose, id); err != nil {
		return "", err
	}
	secret, digest := newSecret(linkSecret)
	l := Link{Digest: digest, Purpose: purpose, Account: id, Expires: tx.Now().Add(linkLife).UnixMicro()}
	if id != "" {
		if err := tx.Record(ctx, id.Subject(), LinkMade{purpose, l.Expires}, record.About{}); err != nil {
			return "", err
		}
	}
	return secret, d.store.SaveLink(ctx, tx, l)
}

// Peek returns the link or pass with this secret and leaves it as it is, so
// that a program that previews pages uses nothing up. It returns [ErrLink] if
// there is none.
func (d *Door) Peek(ctx context.Context, t tenant.ID, secret string) (Link, error) {
	if !plausible(secret, linkSecret) {
		return Link{}, ErrLink
	}
	l, err := d.store.Link(ctx, t, digestOf(secret))
	if errors.Is(err, record.ErrNone) || err == nil && d.now().UnixMicro() >= l.Expires {
		return Link{}, ErrLink
	}
	return l, err
}

// Follow uses the link up and returns the pass to the form behind it. Of
// several who follow it at once, one gets the pass and the others [ErrLink].
func (d *Door) Follow(ctx context.Context, t tenant.ID, secret string) (pass string, l Link, err error) {
	err = d.store.Update(ctx, system(t), func(ctx context.Context, tx record.Tx) error {
		if l, err = d.take(ctx, tx, secret); err != nil {
			return err
		}
		if l.Pass {
			return ErrLink
		}
		pass, l.Digest = newSecret(linkSecret)
		l.Pass, l.Expires = true, tx.Now().Add(passLife).UnixMicro()
		return d.store.SaveLink(ctx, tx, l)
	})
	return pass, l, err
}

// take removes a link or pass that still holds and returns it.
func (d *Door) take(ctx context.Context, tx record.Tx, secret string) (Link, error) {
	if !plausible(secret, linkSecret) {
		return Link{}, ErrLink
	}
	l, err := d.store.TakeLink(ctx, tx, digestOf(secret))
	if errors.Is(err, record.ErrNone) || err == nil && tx.Now().UnixMicro() >= l.Expires {
		return Link{}, ErrLink
	}
	return l, err
}

// takePass removes a pass of this purpose and returns it.
func (d *Door) takePass(ctx context.Context, tx record.Tx, pass string, purpose Purpose) (Link, error) {
	l, err := d.take(ctx, tx, pass)
	if err == nil && (!l.Pass || l.Purpose != purpose) {
		return Link{}, ErrLink
	}
	return l, err
}

// peekPass is the same without removing it. It keeps strangers from having us
// hash passwords.
func (d *Door) peekPass(ctx context.Context, t tenant.ID, pass string, purpose Purpose) (Link, error) {
	l, err := d.Peek(ctx, t, pass)
	if err == nil && (!l.Pass || l.Purpose != purpose) {
		return Link{}, ErrLink
	}
	return l, err
}

// A Newcomer is what a person fills in behind a link.
type Newcomer struct {
	Login    string
	Name     string // shown to others; empty is the login
	Lang     string // zh-CN, en or empty
	Password string
	Address  string // of the peer
}

// checked returns n with its parts in the form in which they are kept.
func (n Newcomer) checked() (Newcomer, error) {
	var err error
	if n.Login, err = ParseLogin(n.Login); err != nil {
		return n, err
	}
	if n.Name == "" {
		n.Name = n.Login
	}
	if n.Name, err = parseName(n.Name); err != nil {
		return n, err
	}
	if n.Lang, err = parseLang(n.Lang); err != nil {
		return n, err
	}
	return n, CheckPassword(n.Password, n.Login)
}

// CreateOwner makes the first owner and signs the person in. The pass holds
// until it succeeds, so a refused password costs no new link.
func (d *Door) CreateOwner(ctx context.Context, t tenant.ID, pass string, n Newcomer) (Visit, error) {
	id := ID(uuid.Must(uuid.NewV7()).String())
	return d.settleIn(ctx, t, pass, FirstRun, id, n, func(ctx context.Context, tx record.Tx, id ID) error {
		if err := d.noOwner(ctx, tx); err != nil {
			return err
		}
		return tx.Record(ctx, id.Subject(), Created{Owner, FirstRun}, record.About{})
	})
}

// Join lets an invited person choose login and password, and signs the person
// in. The pass holds until it succeeds.
func (d *Door) Join(ctx context.Context, t tenant.ID, pass string, n Newcomer) (Visit, error) {
	return d.settleIn(ctx, t, pass, Invite, "", n, func(ctx context.Context, tx record.Tx, id ID) error {
		account, err := load(ctx, tx, id)
		if err == nil && (account.Disabled || account.PasswordSet != 0) {
			return ErrLink
		}
		return err
	})
}

// settleIn gives an account its login, name and password once open lets it.
// The account is id, or if that is empty the one the pass is for.
func (d *Door) settleIn(ctx context.Context, t tenant.ID, pass string, purpose Purpose, id ID, n Newcomer, open func(context.Context, record.Tx, ID) error) (Visit, error) {
	l, err := d.peekPass(ctx, t, pass, purpose)
	if err != nil {
		return Visit{}, err
	}
	if n, err = n.checked(); err != nil {
		return Visit{}, err
	}
	hash, err := d.hash(ctx, n.Password)
	if err != nil {
		return Visit{}, err
	}
	if id == "" {
		id = l.Account
	}
	var visit Visit
	err = d.store.Update(ctx, record.Who{Tenant: t, Actor: string(id)}, func(ctx context.Context, tx record.Tx) error {
		if _, err := d.takePass(ctx, tx, pass, purpose); err != nil {
			return err
		}
		if err := open(ctx, tx, id); err != nil {
			return err
		}
		visit, err = d.equip(ctx, tx, id, n, hash, purpose)
		return err
	})
	return visit, err
}

// equip names the account, sets its password and begins a session.
func (d *Door) equip(ctx context.Context, tx record.Tx, id ID, n Newcomer, hash string, via Purpose) (Visit, error) {
	if err := d.name(ctx, tx, id, Named{n.Login, n.Name}); err != nil {
		return Visit{}, err
	}
	if n.Lang != "" {
		if err := tx.Record(ctx, id.Subject(), LangChosen{n.Lang}, record.About{}); err != nil {
			return Visit{}, err
		}
	}
	return d.rekey(ctx, tx, id, hash, via, n.Address)
}

// name records what a person is called, if nobody else has the login.
func (d *Door) name(ctx context.Context, tx record.Tx, id ID, n Named) error {
	if n.Login != "" {
		switch other, err := d.store.AccountOf(ctx, tx, n.Login); {
		case err == nil && other != id:
			return ErrTaken
		case err != nil && !errors.Is(err, record.ErrNone):
			return err
		}
	}
	return tx.Record(ctx, id.Subject(), n, record.About{})
}

// rekey sets the password of an account, ends its sessions and begins one.
func (d *Door) rekey(ctx context.Context, tx record.Tx, id ID, hash string, via Purpose, address string) (Visit, error) {
	if err := d.setPassword(ctx, tx, id, hash, via, ""); err != nil {
		return Visit{}, err
	}
	account, err := load(ctx, tx, id)
	if err != nil {
		return Visit{}, err
	}
	if err := d.settle(ctx, tx, account.Login, address); err != nil {
		return Visit{}, err
	}
	return d.begin(ctx, tx, account, address)
}

// Reset sets the password of an account that is being recovered, ends all its
// sessions and signs the person in. The pass holds until it succeeds.
func (d *Door) Reset(ctx context.Context, t tenant.ID, pass, password, address string) (Visit, error) {
	l, err := d.peekPass(ctx, t, pass, Recover)
	if err != nil {
		return Visit{}, err
	}
	account, err := d.Account(ctx, t, l.Account)
	if err != nil {
		return Visit{}, err
	}
	if err := CheckPassword(password, account.Login); err != nil {
		return Visit{}, err
	}
	hash, err := d.hash(ctx, password)
	if err != nil {
		return Visit{}, err
	}
	var visit Visit
	err = d.store.Update(ctx, record.Who{Tenant: t, Actor: string(l.Account)}, func(ctx context.Context, tx record.Tx) error {
		l, err := d.takePass(ctx, tx, pass, Recover)
		if err != nil {
			return err
		}
		account, err := load(ctx, tx, l.Account)
		if err != nil || account.Disabled {
			return errors.Join(err, ErrLink)
		}
		visit, err = d.rekey(ctx, tx, l.Account, hash, Recover, address)
		return err
	})
	return visit, err
}
