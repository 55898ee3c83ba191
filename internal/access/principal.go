package access

import (
	"time"

	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
)

// A Via is the way by which a principal came in.
type Via string

// The ways in.
const (
	BySession Via = "session"
	ByToken   Via = "token"
	BySocket  Via = "socket" // the admin socket, or the data folder's lock, on the machine itself
)

// presenceLife is how long a proof of presence holds.
const presenceLife = 5 * time.Minute

// A Principal is who asks. Its zero value may do nothing.
type Principal struct {
	Tenant     tenant.ID
	Account    ID // who answers for what it does; a token's is that of the person who made it
	Role       Role
	Via        Via
	Session    SessionID // if by session
	Token      TokenID   // if by token
	Lang       string    // the person's language, or empty
	PresenceAt time.Time // when the person last proved to be there; zero if never in this session
}

// Socket returns the principal of whoever holds the machine: the caller has
// checked who is at the other end. It proves no presence.
func Socket(t tenant.ID) Principal {
	return Principal{Tenant: t, Account: record.System, Role: Owner, Via: BySocket}
}

// Who returns on whose behalf the principal's transactions run. A token acts
// for the person who made it, so nobody is two people by holding one.
func (p Principal) Who() record.Who { return record.Who{Tenant: p.Tenant, Actor: string(p.Account)} }

// Present reports whether the person proved to be there a short time ago.
func (p Principal) Present(now time.Time) bool {
	age := now.Sub(p.PresenceAt)
	return p.Via == BySession && !p.PresenceAt.IsZero() && age >= 0 && age < presenceLife
}

// Allow returns nil if the principal may do this now, [ErrForbidden] if the
// role does not allow it, and [ErrPresence] if a proof of presence would. What
// needs one is never allowed to a token: nobody is there.
func (p Principal) Allow(a Action, now time.Time) error {
	g, _ := grantOf(a)
	switch {
	case p.Tenant == "" || p.Account == "" || !p.Role.May(a):
		return ErrForbidden
	case g.machine && p.Via == BySocket:
		return nil
	case a.NeedsPresence() && p.Via != BySession:
		return ErrForbidden
	case a.NeedsPresence() && !p.Present(now):
		return ErrPresence
	}
	return nil
}
