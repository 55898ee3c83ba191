package estate

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
)

// Storage keeps what is not folded, and lists nodes. Its implementation is in
// internal/store.
type Storage interface {
	// SaveSecret keeps the secret of a channel with the transaction.
	SaveSecret(ctx context.Context, tx record.Tx, id ChannelID, s Secret) error
	// DropSecret removes it with the transaction.
	DropSecret(ctx context.Context, tx record.Tx, id ChannelID) error
	// Secret returns the secret of a channel, or [record.ErrNone].
	Secret(ctx context.Context, t tenant.ID, id ChannelID) (Secret, error)
	// Nodes lists nodes in order of their ids.
	Nodes(ctx context.Context, t tenant.ID, f NodeFilter) ([]*Node, error)
}

// A NodeFilter narrows a list of nodes. Its zero value keeps all.
type NodeFilter struct {
	Kind   NodeKind
	Parent NodeID
	Active bool   // active ones only
	Placed bool   // those with a place only
	After  NodeID // ids after this one: the cursor
	Limit  int    // at most; 0 is 1000
}

// A Registrar keeps the house's settings and its registry. Its methods are
// safe for concurrent use, and what they change is durable when they return
// nil.
type Registrar struct {
	Book  record.Book
	Store Storage
}

// channelsMost and recipientsMost bound what a house lists.
const (
	channelsMost   = 20
	recipientsMost = 20
)

// House returns the settings, or the zero House before anybody gave any.
func (r *Registrar) House(ctx context.Context, t tenant.ID) (*House, error) {
	thing, err := r.Book.Read(ctx, t, HouseSubject)
	if errors.Is(err, record.ErrNone) {
		return &House{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read house: %w", err)
	}
	return thing.(*House), nil
}

// Describe records what a person says of the house. An empty Lang, Zone or
// Repeat becomes en, UTC or [DefaultRepeat].
func (r *Registrar) Describe(ctx context.Context, who record.Who, s Settings) error {
	s, err := s.checked()
	if err != nil {
		return fmt.Errorf("describe house: %w", err)
	}
	return r.change(ctx, who, "describe house", func(ctx context.Context, tx record.Tx, h *House) error {
		if h.Settings == s {
			return nil
		}
		return tx.Record(ctx, HouseSubject, Described{s}, record.About{})
	})
}

// change runs a decision about the house, which may not exist yet.
func (r *Registrar) change(ctx context.Context, who record.Who, verb string, decide func(context.Context, record.Tx, *House) error) error {
	err := r.Book.Update(ctx, who, func(ctx context.Context, tx record.Tx) error {
		h := &House{}
		switch thing, err := tx.Load(ctx, HouseSubject); {
		case err == nil:
			h = thing.(*House)
		case !errors.Is(err, record.ErrNone):
			return err
		}
		return decide(ctx, tx, h)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", verb, err)
	}
	return nil
}

// AddChannel records a new way to be alarmed and keeps its secret. A webhook
// without a key gets one. The key is returned to be shown once. Whether the
// address may be called is asked by whoever calls it.
func (r *Registrar) AddChannel(ctx context.Context, who record.Who, kind ChannelKind, address, key string) (id ChannelID, shown string, err error) {
	secret, host, err := newSecret(kind, address, key)
	if err != nil {
		return "", "", fmt.Errorf("add channel: %w", err)
	}
	id = ChannelID(uuid.Must(uuid.NewV7()).String())
	added := ChannelAdded{id, kind, host, secret.Fingerprint(), secret.Key != ""}
	err = r.change(ctx, who, "add channel", func(ctx context.Context, tx record.Tx, h *House) error {
		if len(h.Channels) >= channelsMost {
			return ErrTooMany
		}
		if err := tx.Record(ctx, HouseSubject, added, record.About{}); err != nil {
			return err
		}
		return r.Store.SaveSecret(ctx, tx, id, secret)
	})
	return id, secret.Key, err
}

// RemoveChannel takes a channel away and forgets its secret.
func (r *Registrar) RemoveChannel(ctx context.Context, who record.Who, id ChannelID) error {
	return r.change(ctx, who, "remove channel", func(ctx context.Context, tx record.Tx, h *House) error {
		if _, ok := h.Channel(id); !ok {
			return ErrNoChannel
		}
		if err := tx.Record(ctx, HouseSubject, ChannelRemoved{id}, record.About{}); err != nil {
			return err
		}
		return r.Store.DropSecret(ctx, tx, id)
	})
}

// AddRecipient adds somebody to whom evidence is sealed from now on as well.
func (r *Registrar) AddRecipient(ctx context.Context, who record.Who, name, key string) (id string, err error) {
	added, err := newRecipient(name, key)
	if err != nil {
		return "", fmt.Errorf("add recipient: %w", err)
	}
	err = r.change(ctx, who, "add recipient", func(ctx context.Context, tx record.Tx, h *House) error {
		if len(h.Recipients) >= recipientsMost {
			return ErrTooMany
		}
		return tx.Record(ctx, HouseSubject, added, record.About{})
	})
	return added.ID, err
}

// RemoveRecipient takes a recipient away. What was sealed stays sealed to it.
func (r *Registrar) RemoveRecipient(ctx context.Context, who record.Who, id string) error {
	return r.change(ctx, who, "remove recipient", func(ctx context.Context, tx record.Tx, h *House) error {
		for _, known := range h.Recipients {
			if known.ID == id {
				return tx.Record(ctx, HouseSubject, RecipientRemoved{id}, record.About{})
			}
		}
		return ErrNoSuch
	})
}
