package access

import (
	"context"

	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
)

// Store keeps accounts, tokens and what passes: password hashes, links,
// sessions and counts of attempts. Its implementation is in internal/store.
// Methods with a transaction read what it sees and commit with it; those with
// a tenant read what was last committed. What is not there, or belongs to
// another tenant, is [record.ErrNone].
type Store interface {
	record.Book
	accountStore
	linkStore
	sessionStore
	tallyStore
	tokenStore
	// Sweep removes links, sessions and tallies that ended before the cutoffs.
	Sweep(ctx context.Context, tx record.Tx, c Cutoffs) error
}

type accountStore interface {
	// Accounts lists all accounts, oldest first.
	Accounts(ctx context.Context, t tenant.ID) ([]*Account, error)
	// AccountOf returns the id of the account with this login.
	AccountOf(ctx context.Context, tx record.Tx, login string) (ID, error)
	// CountOwners returns how many owners can sign in.
	CountOwners(ctx context.Context, tx record.Tx) (int, error)
	// PasswordHash returns the password hash of an account.
	PasswordHash(ctx context.Context, tx record.Tx, id ID) (string, error)
	// SetPasswordHash keeps it; an empty hash removes it.
	SetPasswordHash(ctx context.Context, tx record.Tx, id ID, hash string) error
}

type linkStore interface {
	// SaveLink keeps a link under its digest.
	SaveLink(ctx context.Context, tx record.Tx, l Link) error
	// Link returns the link with this digest.
	Link(ctx context.Context, t tenant.ID, digest []byte) (Link, error)
	// TakeLink removes the link with this digest and returns it.
	TakeLink(ctx context.Context, tx record.Tx, digest []byte) (Link, error)
	// DropLinks removes all links of a purpose to an account.
	DropLinks(ctx context.Context, tx record.Tx, purpose Purpose, account ID) error
}

type sessionStore interface {
	// SaveSession keeps a session, and forgets the oldest of its account
	// beyond keep.
	SaveSession(ctx context.Context, tx record.Tx, s Session, keep int) error
	// Session returns the session with this digest.
	Session(ctx context.Context, t tenant.ID, digest []byte) (Session, error)
	// Sessions lists the sessions of an account, newest first.
	Sessions(ctx context.Context, t tenant.ID, account ID) ([]Session, error)
	// TouchSession notes when the session was last used.
	TouchSession(ctx context.Context, tx record.Tx, id SessionID, seen int64) error
	// ProveSession notes when its person last proved to be there.
	ProveSession(ctx context.Context, tx record.Tx, id SessionID, at int64) error
	// EndSession removes one session of an account.
	EndSession(ctx context.Context, tx record.Tx, account ID, id SessionID) error
	// EndSessions removes all sessions of an account but one, and returns
	// how many. The exception may be empty.
	EndSessions(ctx context.Context, tx record.Tx, account ID, but SessionID) (int64, error)
}

type tallyStore interface {
	// Tally returns the count with this key, zero if there is none.
	Tally(ctx context.Context, tx record.Tx, key string) (Tally, error)
	// SaveTally keeps a count.
	SaveTally(ctx context.Context, tx record.Tx, y Tally) error
}

type tokenStore interface {
	// APITokens lists all tokens, oldest first.
	APITokens(ctx context.Context, t tenant.ID) ([]*APIToken, error)
	// SaveTokenDigest keeps the digest of a token's secret.
	SaveTokenDigest(ctx context.Context, tx record.Tx, id TokenID, digest []byte) error
	// TokenDigest returns it, and when the token was last used.
	TokenDigest(ctx context.Context, t tenant.ID, id TokenID) (digest []byte, used int64, err error)
	// TokensUsed returns when each token was last used.
	TokensUsed(ctx context.Context, t tenant.ID) (map[TokenID]int64, error)
	// TouchToken notes when the token was last used.
	TouchToken(ctx context.Context, tx record.Tx, id TokenID, used int64) error
	// DropTokenDigest removes the digest of a token's secret.
	DropTokenDigest(ctx context.Context, tx record.Tx, id TokenID) error
}

// Cutoffs say what has run out, in Unix microseconds.
type Cutoffs struct {
	Now     int64 // links that ended before
	Created int64 // sessions begun before
	Seen    int64 // sessions last used before
	Missed  int64 // tallies whose last failure was before, if their
	Good    int64 // last success was before
}
