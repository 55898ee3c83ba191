package access

import (
	"context"
	"crypto/subtle"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/ledger"
)

// A TokenID names a token: a UUIDv7 in its usual text form.
type TokenID string

// TokenNoun is the noun of tokens in the ledger.
const TokenNoun = "apitoken"

// Subject returns the token as a subject of entries.
func (id TokenID) Subject() ledger.Subject { return ledger.SubjectOf(TokenNoun, string(id)) }

const (
	tokenPrefix = "stn_"
	tokenSecret = 32 // bytes
	tokenLife   = 365 * day
)

// An APIToken lets a program in. Times are Unix microseconds.
type APIToken struct {
	ID      TokenID `json:"id"`
	Label   string  `json:"label"`
	Role    Role    `json:"role"`
	By      ID      `json:"by"` // who made it and answers for it, or "system" if made on the machine
	Created int64   `json:"created"`
	Expires int64   `json:"expires"`
	Revoked int64   `json:"revoked,omitempty"`
}

// The bodies of a token's entries.
type (
	// TokenIssued begins a token.
	TokenIssued struct {
		Label   string `json:"label"`
		Role    Role   `json:"role"`
		Expires int64  `json:"expires"` // Unix microseconds
	}
	// TokenRevoked ends it before its time.
	TokenRevoked struct{}
)

// Kind returns "apitoken.issued".
func (TokenIssued) Kind() string { return "apitoken.issued" }

// Kind returns "apitoken.revoked".
func (TokenRevoked) Kind() string { return "apitoken.revoked" }

// Apply folds an entry into the token.
func (k *APIToken) Apply(e ledger.Entry) error {
	switch {
	case e.Kind == TokenIssued{}.Kind() && k.ID == "":
		var b TokenIssued
		if err := e.Decode(&b); err != nil {
			return err
		}
		*k = APIToken{ID: TokenID(e.Subject.ID()), Label: b.Label, Role: b.Role, By: ID(e.Actor), Created: e.At.UnixMicro(), Expires: b.Expires}
	case e.Kind == TokenRevoked{}.Kind() && k.ID != "" && k.Revoked == 0:
		k.Revoked = e.At.UnixMicro()
	default:
		return ErrOrder
	}
	return nil
}

// Valid reports whether the token opens anything now.
func (k *APIToken) Valid(now time.Time) bool {
	return k.Revoked == 0 && now.UnixMicro() < k.Expires
}

// FormatToken returns a token as it is shown, once.
func FormatToken(id TokenID, secret string) string {
	return tokenPrefix + strings.ReplaceAll(string(id), "-", "") + "_" + secret
}

// ParseToken takes a token apart. It returns [ErrToken] for what cannot be
// one, without quoting it.
func ParseToken(s string) (id TokenID, secret string, err error) {
	rest, ok := strings.CutPrefix(s, tokenPrefix)
	plain, secret, cut := strings.Cut(rest, "_")
	if !ok || !cut || len(plain) != 32 || strings.Trim(plain, "0123456789abcdef") != "" || !plausible(secret, tokenSecret) {
		return "", "", ErrToken
	}
	parts := []string{plain[:8], plain[8:12], plain[12:16], plain[16:20], plain[20:]}
	return TokenID(strings.Join(parts, "-")), secret, nil
}

// IssueToken makes a token and returns it as it is shown, once. A zero time
// of expiry is a year from now, which is also the latest.
func (d *Door) IssueToken(ctx context.Context, by Principal, role Role, label string, expires time.Time) (string, TokenID, error) {
	if err := by.Allow(ManageTokens, d.now()); err != nil {
		return "", "", err
	}
	if by.Via == ByToken { // or else revoking a token would not end what it began
		return "", "", ErrForbidden
	}
	if !role.Valid() {
		return "", "", ErrRole
	}
	label, err := parseName(label)
	if err != nil {
		return "", "", err
	}
	now := d.now()
	if expires.IsZero() {
		expires = now.Add(tokenLife)
	}
	if !expires.After(now) || expires.After(now.Add(tokenLife)) {
		return "", "", ErrExpiry
	}
	id := TokenID(uuid.Must(uuid.NewV7()).String())
	secret, digest := newSecret(tokenSecret)
	err = d.store.Update(ctx, by.Who(), func(ctx context.Context, tx record.Tx) error {
		if err := d.store.SaveTokenDigest(ctx, tx, id, digest); err != nil {
			return err
		}
		return tx.Record(ctx, id.Subject(), TokenIssued{label, role, expires.UnixMicro()}, record.About{})
	})
	if err != nil {
		return "", "", err
	}
	return FormatToken(id, secret), id, nil
}

// RevokeToken ends a token at once. It returns [ErrToken] if there is none, or
// it is revoked already.
func (d *Door) RevokeToken(ctx context.Context, by Principal, id TokenID) error {
	if err := by.Allow(ManageTokens, d.now()); err != nil {
		return err
	}
	return d.store.Update(ctx, by.Who(), func(ctx context.Context, tx record.Tx) error {
		thing, err := tx.Load(ctx, id.Subject())
		if errors.Is(err, record.ErrNone) || err == nil && thing.(*APIToken).Revoked != 0 {
			return ErrToken
		}
		if err != nil {
			return err
		}
		if err := d.store.DropTokenDigest(ctx, tx, id); err != nil {
			return err
		}
		return tx.Record(ctx, id.Subject(), TokenRevoked{}, record.About{})
	})
}

// A ListedToken is a token with when it was last used, to the minute.
type ListedToken struct {
	APIToken
	Used int64 // Unix microseconds; 0 is never
}

// Tokens lists the tenant's tokens, oldest first.
func (d *Door) Tokens(ctx context.Context, by Principal) ([]ListedToken, error) {
	if err := by.Allow(ViewTokens, d.now()); err != nil {
		return nil, err
	}
	all, err := d.store.APITokens(ctx, by.Tenant)
	if err != nil {
		return nil, err
	}
	used, err := d.store.TokensUsed(ctx, by.Tenant)
	if err != nil {
		return nil, err
	}
	list := make([]ListedToken, len(all))
	for i, k := range all {
		list[i] = ListedToken{*k, used[k.ID]}
	}
	return list, nil
}

// Authenticate returns whom a bearer token lets in, or [ErrToken]. A token
// holds no longer than the account that made it, and may no more than it.
func (d *Door) Authenticate(ctx context.Context, t tenant.ID, bearer string) (Principal, error) {
	id, secret, err := ParseToken(bearer)
	if err != nil {
		return Principal{}, err
	}
	digest, used, err := d.store.TokenDigest(ctx, t, id)
	if errors.Is(err, record.ErrNone) || err == nil && subtle.ConstantTimeCompare(digest, digestOf(secret)) != 1 {
		return Principal{}, ErrToken
	}
	if err != nil {
		return Principal{}, err
	}
	thing, err := d.store.Read(ctx, t, id.Subject())
	if err != nil {
		return Principal{}, err
	}
	token := thing.(*APIToken)
	p := Principal{Tenant: t, Account: token.By, Role: token.Role, Via: ByToken, Token: id}
	if !token.Valid(d.now()) {
		return Principal{}, ErrToken
	}
	if err := d.vouched(ctx, &p); err != nil {
		return Principal{}, err
	}
	d.touchToken(ctx, t, id, used)
	return p, nil
}

// vouched checks that whoever made the token may still answer for it. A token
// made on the machine itself answers for itself, under its own id.
func (d *Door) vouched(ctx context.Context, p *Principal) error {
	if p.Account == record.System {
		p.Account = ID(p.Token.Subject())
		return nil
	}
	maker, err := d.Account(ctx, p.Tenant, p.Account)
	if errors.Is(err, ErrNoAccount) || err == nil && (!maker.Active() || !maker.Role.May(ManageTokens)) {
		return ErrToken
	}
	return err
}

// touchToken notes that the token was used. Failing to is no reason to refuse.
func (d *Door) touchToken(ctx context.Context, t tenant.ID, id TokenID, used int64) {
	now := d.now().UnixMicro()
	if now-used < touchEvery.Microseconds() {
		return
	}
	err := d.store.Update(ctx, system(t), func(ctx context.Context, tx record.Tx) error {
		return d.store.TouchToken(ctx, tx, id, now)
	})
	if err != nil {
		d.log.WarnContext(ctx, "token use not noted", "token", string(id), "err", err)
	}
}
