package access

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/ledger"
)

// Invite makes an account for somebody, and the link by which the person
// chooses login and password. The name is what others see until then.
func (d *Door) Invite(ctx context.Context, by Principal, role Role, name string) (secret string, id ID, err error) {
	if err := by.Allow(ManagePeople, d.now()); err != nil {
		return "", "", err
	}
	if !role.Valid() {
		return "", "", ErrRole
	}
	if name != "" {
		if name, err = parseName(name); err != nil {
			return "", "", err
		}
	}
	id = ID(uuid.Must(uuid.NewV7()).String())
	err = d.store.Update(ctx, by.Who(), func(ctx context.Context, tx record.Tx) error {
		if err := tx.Record(ctx, id.Subject(), Created{role, Invite}, record.About{}); err != nil {
			return err
		}
		if name != "" {
			if err := d.name(ctx, tx, id, Named{Name: name}); err != nil {
				return err
			}
		}
		secret, err = d.makeLink(ctx, tx, Invite, id)
		return err
	})
	return secret, id, err
}

// InviteAgain makes a new link for somebody who has not used the first.
func (d *Door) InviteAgain(ctx context.Context, by Principal, id ID) (secret string, err error) {
	err = d.changePerson(ctx, by, id, ManagePeople, func(ctx context.Context, tx record.Tx, a *Account) error {
		if a.PasswordSet != 0 || a.Disabled {
			return ErrSetUp
		}
		secret, err = d.makeLink(ctx, tx, Invite, id)
		return err
	})
	return secret, err
}

// changePerson runs a decision about one account.
func (d *Door) changePerson(ctx context.Context, by Principal, id ID, action Action, decide func(context.Context, record.Tx, *Account) error) error {
	if err := by.Allow(action, d.now()); err != nil {
		return err
	}
	return d.store.Update(ctx, by.Who(), func(ctx context.Context, tx record.Tx) error {
		account, err := load(ctx, tx, id)
		if err == nil && account.Erased {
			err = ErrNoAccount
		}
		if err != nil {
			return err
		}
		return decide(ctx, tx, account)
	})
}

// keepOwner returns [ErrLastOwner] if nobody but a could let others in.
func (d *Door) keepOwner(ctx context.Context, tx record.Tx, a *Account) error {
	if !a.ActiveOwner() {
		return nil
	}
	owners, err := d.store.CountOwners(ctx, tx)
	if err == nil && owners < 2 {
		return ErrLastOwner
	}
	return err
}

// SetRole gives a person another role, at once in all sessions.
func (d *Door) SetRole(ctx context.Context, by Principal, id ID, role Role) error {
	if !role.Valid() {
		return ErrRole
	}
	return d.changePerson(ctx, by, id, ManagePeople, func(ctx context.Context, tx record.Tx, a *Account) error {
		if a.Role == role {
			return nil
		}
		if err := d.keepOwner(ctx, tx, a); err != nil {
			return err
		}
		return tx.Record(ctx, id.Subject(), RoleChanged{role}, record.About{})
	})
}

// Disable shuts an account: its sessions, links and tokens end with it.
func (d *Door) Disable(ctx context.Context, by Principal, id ID, reason string) error {
	reason, err := parseReason(reason)
	if err != nil {
		return err
	}
	return d.changePerson(ctx, by, id, ManagePeople, func(ctx context.Context, tx record.Tx, a *Account) error {
		if a.Disabled {
			return nil
		}
		if err := d.keepOwner(ctx, tx, a); err != nil {
			return err
		}
		if err := tx.Record(ctx, id.Subject(), Disabled{reason}, record.About{}); err != nil {
			return err
		}
		for _, purpose := range []Purpose{Invite, Recover} {
			if err := d.store.DropLinks(ctx, tx, purpose, id); err != nil {
				return err
			}
		}
		return d.endAll(ctx, tx, id, "", "disabled")
	})
}

// Enable opens a shut account again; the old password holds.
func (d *Door) Enable(ctx context.Context, by Principal, id ID) error {
	return d.changePerson(ctx, by, id, ManagePeople, func(ctx context.Context, tx record.Tx, a *Account) error {
		if !a.Disabled {
			return nil
		}
		return tx.Record(ctx, id.Subject(), Enabled{}, record.About{})
	})
}

// Rename changes what a person is called.
func (d *Door) Rename(ctx context.Context, by Principal, id ID, name string) error {
	name, err := parseName(name)
	if err != nil {
		return err
	}
	return d.changePerson(ctx, by, id, ManagePeople, func(ctx context.Context, tx record.Tx, a *Account) error {
		if a.Name == name {
			return nil
		}
		return d.name(ctx, tx, id, Named{Name: name})
	})
}

// SetLang sets the language of the person who asks.
func (d *Door) SetLang(ctx context.Context, by Principal, lang string) error {
	lang, err := parseLang(lang)
	if err != nil {
		return err
	}
	if by.Via != BySession {
		return ErrSession
	}
	return d.changePerson(ctx, by, by.Account, View, func(ctx context.Context, tx record.Tx, a *Account) error {
		if a.Lang == lang {
			return nil
		}
		return tx.Record(ctx, a.ID.Subject(), LangChosen{lang}, record.About{})
	})
}

// ChangePassword sets the password of the person who asks, who knows the old
// one, and ends the person's other sessions.
func (d *Door) ChangePassword(ctx context.Context, p Principal, old, fresh, address string) error {
	aim, login, err := d.reprove(ctx, p, old, address)
	if err != nil {
		return err
	}
	if err := CheckPassword(fresh, login); err != nil {
		return err
	}
	hash, err := d.hash(ctx, fresh)
	if err != nil {
		return err
	}
	return d.store.Update(ctx, p.Who(), func(ctx context.Context, tx record.Tx) error {
		if _, err := d.unchanged(ctx, tx, aim); err != nil {
			return err
		}
		if err := d.settle(ctx, tx, login, address); err != nil {
			return err
		}
		return d.setPassword(ctx, tx, p.Account, hash, Self, p.Session)
	})
}

// setPassword keeps a new password hash and ends all sessions but one.
func (d *Door) setPassword(ctx context.Context, tx record.Tx, id ID, hash string, via Purpose, but SessionID) error {
	if err := d.store.SetPasswordHash(ctx, tx, id, hash); err != nil {
		return err
	}
	if err := tx.Record(ctx, id.Subject(), PasswordSet{via}, record.About{}); err != nil {
		return err
	}
	return d.endAll(ctx, tx, id, but, "password")
}

// endAll ends the sessions of an account but one, and records it if there
// were any.
func (d *Door) endAll(ctx context.Context, tx record.Tx, id ID, but SessionID, why string) error {
	n, err := d.store.EndSessions(ctx, tx, id, but)
	if err != nil || n == 0 {
		return err
	}
	return tx.Record(ctx, id.Subject(), SessionsEnded{why}, record.About{})
}

// EraseName takes the login and name of a shut account out of the record, for
// good. What the person did stays, under the account's id.
func (d *Door) EraseName(ctx context.Context, by Principal, id ID, reason string) error {
	reason, err := parseReason(reason)
	if err != nil {
		return err
	}
	return d.changePerson(ctx, by, id, Erase, func(ctx context.Context, tx record.Tx, a *Account) error {
		if !a.Disabled {
			return ErrStillOpen
		}
		err := d.store.SetPasswordHash(ctx, tx, id, "")
		if err != nil && !errors.Is(err, record.ErrNone) {
			return err
		}
		gone := ledger.Erased{Entries: a.Naming, Items: []string{"name"}, Reason: reason}
		return tx.Record(ctx, id.Subject(), gone, record.About{})
	})
}
