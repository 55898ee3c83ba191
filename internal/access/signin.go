package access

import (
	"context"
	"errors"
	"time"

	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
)

// An Attempt is what somebody offers to be let in.
type Attempt struct {
	Login    string
	Password string
	Address  string // of the peer, or as a trusted proxy says
	Old      string // secret of the session to replace, if there is one
}

// A Visit is a session that just began. Secret goes into the cookie and is
// shown nowhere else.
type Visit struct {
	Secret    string
	Principal Principal
}

// A target is the account that an attempt is aimed at. Its zero value is a
// login that does not exist.
type target struct {
	id   ID
	hash string
}

// SignIn begins a session. It returns [ErrSignIn] for whatever is wrong with
// the login or password, and a *[Throttled] after too many failures.
func (d *Door) SignIn(ctx context.Context, t tenant.ID, a Attempt) (Visit, error) {
	login, err := ParseLogin(a.Login)
	if err != nil {
		login = "" // counts as one login that does not exist
	}
	aim, err := d.guessed(ctx, t, login, a.Password, a.Address)
	if err != nil {
		return Visit{}, err
	}
	fresh := ""
	if d.aged(aim.hash) {
		if fresh, err = d.hash(ctx, a.Password); err != nil {
			return Visit{}, err
		}
	}
	var visit Visit
	err = d.store.Update(ctx, record.Who{Tenant: t, Actor: string(aim.id)}, func(ctx context.Context, tx record.Tx) error {
		account, err := d.unchanged(ctx, tx, aim)
		if err != nil {
			return err
		}
		if err := d.settle(ctx, tx, login, a.Address); err != nil {
			return err
		}
		if fresh != "" {
			if err := d.store.SetPasswordHash(ctx, tx, aim.id, fresh); err != nil {
				return err
			}
		}
		if err := d.endOld(ctx, tx, a.Old); err != nil {
			return err
		}
		visit, err = d.begin(ctx, tx, account, a.Address)
		return err
	})
	return visit, err
}

// guessed counts an attempt at a password, judges it, and returns whom it was
// aimed at if it is right. The caller settles the count.
func (d *Door) guessed(ctx context.Context, t tenant.ID, login, password, address string) (target, error) {
	var aim target
	err := d.store.Update(ctx, system(t), func(ctx context.Context, tx record.Tx) (err error) {
		if err := d.charge(ctx, tx, login, address); err != nil {
			return err
		}
		aim, err = d.aim(ctx, tx, login)
		return err
	})
	if err != nil {
		return target{}, err
	}
	right, err := d.verify(ctx, aim.hash, password)
	if err != nil {
		return target{}, err
	}
	if !right {
		return target{}, errors.Join(ErrSignIn, d.miss(ctx, t, aim.id))
	}
	return aim, nil
}

// aim finds the account of a login and its hash, or the zero target.
func (d *Door) aim(ctx context.Context, tx record.Tx, login string) (target, error) {
	if login == "" {
		return target{}, nil
	}
	id, err := d.store.AccountOf(ctx, tx, login)
	if errors.Is(err, record.ErrNone) {
		return target{}, nil
	}
	if err != nil {
		return target{}, err
	}
	hash, err := d.store.PasswordHash(ctx, tx, id)
	if errors.Is(err, record.ErrNone) {
		return target{}, nil
	}
	return target{id, hash}, err
}

// unchanged loads the account that was aimed at, if it may still sign in with
// the password that was judged.
func (d *Door) unchanged(ctx context.Context, tx record.Tx, aim target) (*Account, error) {
	account, err := load(ctx, tx, aim.id)
	if err != nil {
		return nil, err
	}
	hash, err := d.store.PasswordHash(ctx, tx, aim.id)
	if errors.Is(err, record.ErrNone) || err == nil && (hash != aim.hash || !account.Active()) {
		return nil, ErrSignIn
	}
	return account, err
}

// miss adds to the failures of an account; each tenth makes an entry, so a
// guesser fills neither the ledger nor the disk. Logins that do not exist
// share one count, kept only so that they take as long.
func (d *Door) miss(ctx context.Context, t tenant.ID, id ID) error {
	return d.store.Update(ctx, system(t), func(ctx context.Context, tx record.Tx) error {
		y, err := d.store.Tally(ctx, tx, "account:"+string(id))
		if err != nil {
			return err
		}
		y.Failures, y.Last = y.Failures+1, tx.Now().UnixMicro()
		if y.Failures >= missesEach && id != "" {
			y.Failures = 0
			if err := tx.Record(ctx, id.Subject(), Missed{missesEach}, record.About{}); err != nil {
				return err
			}
		}
		return d.store.SaveTally(ctx, tx, y)
	})
}

// recordEvery bounds how often sign-ins from one place are recorded.
const recordEvery = time.Hour

// begin makes a session of the account, and records that the person came in.
func (d *Door) begin(ctx context.Context, tx record.Tx, a *Account, address string) (Visit, error) {
	now, from := tx.Now(), Truncated(address)
	if from != a.From || now.UnixMicro()-a.SignedIn >= recordEvery.Microseconds() {
		if err := tx.Record(ctx, a.ID.Subject(), CameIn{from}, record.About{}); err != nil {
			return Visit{}, err
		}
	}
	secret, s := newSession(a.ID, from, now)
	if err := d.store.SaveSession(ctx, tx, s, sessionsKept); err != nil {
		return Visit{}, err
	}
	return Visit{secret, s.principal(tx.Who().Tenant, a)}, nil
}
