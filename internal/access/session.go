package access

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
)

// A SessionID names a session in lists. It opens nothing.
type SessionID string

const (
	sessionIdle   = 12 * time.Hour
	sessionLife   = 7 * day
	sessionSecret = 32 // bytes
	sessionsKept  = 50 // per account
	touchEvery    = time.Minute
)

// A Session is a browser that is signed in. Times are Unix microseconds.
type Session struct {
	ID       SessionID
	Digest   []byte // of its secret
	Account  ID
	From     string // truncated address
	Created  int64
	Seen     int64 // last used, to the minute
	Presence int64 // when the person last proved to be there
}

// newSession begins one for a person who has just typed the password, which is
// a proof of presence too.
func newSession(id ID, from string, now time.Time) (secret string, s Session) {
	secret, digest := newSecret(sessionSecret)
	at := now.UnixMicro()
	return secret, Session{ID: SessionID(uuid.Must(uuid.NewV7()).String()), Digest: digest, Account: id, From: from, Created: at, Seen: at, Presence: at}
}

// ended reports whether the session has run out.
func (s Session) ended(now time.Time) bool {
	at := now.UnixMicro()
	return at-s.Seen >= sessionIdle.Microseconds() || at-s.Created >= sessionLife.Microseconds()
}

func (s Session) principal(t tenant.ID, a *Account) Principal {
	p := Principal{Tenant: t, Account: a.ID, Role: a.Role, Via: BySession, Session: s.ID, Lang: a.Lang}
	if s.Presence != 0 {
		p.PresenceAt = time.UnixMicro(s.Presence).UTC()
	}
	return p
}

// Resume returns who a session's secret belongs to, with the role the account
// has now, or [ErrSession].
func (d *Door) Resume(ctx context.Context, t tenant.ID, secret string) (Principal, error) {
	s, account, err := d.resume(ctx, t, secret)
	if err != nil {
		return Principal{}, err
	}
	if now := d.now().UnixMicro(); now-s.Seen >= touchEvery.Microseconds() {
		err := d.store.Update(ctx, system(t), func(ctx context.Context, tx record.Tx) error {
			return d.store.TouchSession(ctx, tx, s.ID, now)
		})
		if err != nil { // a full disk must not keep people out
			d.log.WarnContext(ctx, "session not touched", "err", err)
		}
	}
	return s.principal(t, account), nil
}

func (d *Door) resume(ctx context.Context, t tenant.ID, secret string) (Session, *Account, error) {
	if !plausible(secret, sessionSecret) {
		return Session{}, nil, ErrSession
	}
	s, err := d.store.Session(ctx, t, digestOf(secret))
	if errors.Is(err, record.ErrNone) || err == nil && s.ended(d.now()) {
		return Session{}, nil, ErrSession
	}
	if err != nil {
		return Session{}, nil, err
	}
	account, err := d.Account(ctx, t, s.Account)
	if errors.Is(err, ErrNoAccount) || err == nil && !account.Active() {
		return Session{}, nil, ErrSession
	}
	return s, account, err
}

// SignOut ends the session. One that is over already is no error.
func (d *Door) SignOut(ctx context.Context, t tenant.ID, secret string) error {
	return d.store.Update(ctx, system(t), func(ctx context.Context, tx record.Tx) error {
		return d.endOld(ctx, tx, secret)
	})
}

// endOld ends the session with this secret, if there is one.
func (d *Door) endOld(ctx context.Context, tx record.Tx, secret string) error {
	if !plausible(secret, sessionSecret) {
		return nil
	}
	s, err := d.store.Session(ctx, tx.Who().Tenant, digestOf(secret))
	if errors.Is(err, record.ErrNone) {
		return nil
	}
	if err != nil {
		return err
	}
	return d.store.EndSession(ctx, tx, s.Account, s.ID)
}

// ProvePresence takes the password of the person in front of the session and
// returns its principal, present for the next five minutes. It returns
// [ErrSignIn] or a *[Throttled] as [Door.SignIn] does.
func (d *Door) ProvePresence(ctx context.Context, p Principal, password, address string) (Principal, error) {
	aim, login, err := d.reprove(ctx, p, password, address)
	if err != nil {
		return p, err
	}
	err = d.store.Update(ctx, p.Who(), func(ctx context.Context, tx record.Tx) error {
		if _, err := d.unchanged(ctx, tx, aim); err != nil {
			return err
		}
		if err := d.settle(ctx, tx, login, address); err != nil {
			return err
		}
		p.PresenceAt = tx.Now()
		return d.store.ProveSession(ctx, tx, p.Session, tx.Now().UnixMicro())
	})
	if errors.Is(err, record.ErrNone) {
		return p, ErrSession
	}
	return p, err
}

// reprove judges the password of a person who is signed in.
func (d *Door) reprove(ctx context.Context, p Principal, password, address string) (target, string, error) {
	if p.Via != BySession {
		return target{}, "", ErrSession
	}
	account, err := d.Account(ctx, p.Tenant, p.Account)
	if err != nil {
		return target{}, "", err
	}
	aim, err := d.guessed(ctx, p.Tenant, account.Login, password, address)
	return aim, account.Login, err
}

// Sessions lists the sessions of an account that still hold, newest first: a
// person's own, or anybody's for those who manage people.
func (d *Door) Sessions(ctx context.Context, by Principal, id ID) ([]Session, error) {
	if err := d.selfOr(by, id, ManagePeople); err != nil {
		return nil, err
	}
	all, err := d.store.Sessions(ctx, by.Tenant, id)
	var live []Session
	for _, s := range all {
		if !s.ended(d.now()) {
			live = append(live, s)
		}
	}
	return live, err
}

// EndSession ends one session of an account, or [ErrSession] if there is none.
func (d *Door) EndSession(ctx context.Context, by Principal, id ID, session SessionID) error {
	if err := d.selfOr(by, id, ManagePeople); err != nil {
		return err
	}
	err := d.store.Update(ctx, by.Who(), func(ctx context.Context, tx record.Tx) error {
		if err := d.store.EndSession(ctx, tx, id, session); err != nil {
			return err
		}
		return tx.Record(ctx, id.Subject(), SessionsEnded{"revoked"}, record.About{})
	})
	if errors.Is(err, record.ErrNone) {
		return ErrSession
	}
	return err
}

// selfOr allows a person what concerns the person's own account, and others
// by the table.
func (d *Door) selfOr(by Principal, id ID, a Action) error {
	if by.Via == BySession && by.Account == id && by.Role.May(View) {
		return nil
	}
	return by.Allow(a, d.now())
}
