package estate

import (
	"slices"

	"github.com/stanch/stanch/ledger"
)

// The bodies of a house's entries.
type (
	// Described says what a person said of the house, all of it.
	Described struct {
		Settings Settings `json:"settings"`
	}
	// ChannelAdded adds a way to be alarmed. Its secret is not in it.
	ChannelAdded struct {
		ID          ChannelID   `json:"id"`
		Type        ChannelKind `json:"type"`
		Host        string      `json:"host"`
		Fingerprint string      `json:"fingerprint"`
		Signed      bool        `json:"signed"`
	}
	// ChannelRemoved takes a channel away.
	ChannelRemoved struct {
		ID ChannelID `json:"id"`
	}
	// RecipientAdded adds somebody to whom evidence is sealed as well.
	RecipientAdded struct {
		ID   string `json:"id"`
		Name string `json:"name"`
		Key  string `json:"key"`
	}
	// RecipientRemoved takes a recipient away. What was sealed stays sealed
	// to it.
	RecipientRemoved struct {
		ID string `json:"id"`
	}
)

// Kind returns "house.described".
func (Described) Kind() string { return "house.described" }

// Kind returns "house.channel_added".
func (ChannelAdded) Kind() string { return "house.channel_added" }

// Kind returns "house.channel_removed".
func (ChannelRemoved) Kind() string { return "house.channel_removed" }

// Kind returns "house.recipient_added".
func (RecipientAdded) Kind() string { return "house.recipient_added" }

// Kind returns "house.recipient_removed".
func (RecipientRemoved) Kind() string { return "house.recipient_removed" }

// Apply folds an entry into the house. Any of them may be the first.
func (h *House) Apply(e ledger.Entry) error {
	fold, ok := houseFolds[e.Kind]
	if !ok || e.Subject != HouseSubject {
		return ErrOrder
	}
	h.Updated = e.At.UnixMicro()
	return fold(h, e)
}

// houseFolds maps each kind of entry to what it does to a house.
var houseFolds = map[string]func(*House, ledger.Entry) error{
	Described{}.Kind():        foldDescribed,
	ChannelAdded{}.Kind():     foldChannelAdded,
	ChannelRemoved{}.Kind():   foldChannelRemoved,
	RecipientAdded{}.Kind():   foldRecipientAdded,
	RecipientRemoved{}.Kind(): foldRecipientRemoved,
	RootAdded{}.Kind():        foldRootAdded,
}

func foldDescribed(h *House, e ledger.Entry) error {
	var b Described
	err := e.Decode(&b)
	h.Settings = b.Settings
	return err
}

func foldChannelAdded(h *House, e ledger.Entry) error {
	var b ChannelAdded
	if err := e.Decode(&b); err != nil {
		return err
	}
	if _, there := h.Channel(b.ID); there {
		return ErrOrder
	}
	h.Channels = append(h.Channels, Channel{b.ID, b.Type, b.Host, b.Fingerprint, b.Signed, e.At.UnixMicro()})
	return nil
}

func foldChannelRemoved(h *House, e ledger.Entry) error {
	var b ChannelRemoved
	err := e.Decode(&b)
	h.Channels = slices.DeleteFunc(h.Channels, func(c Channel) bool { return c.ID == b.ID })
	return err
}

func foldRecipientAdded(h *House, e ledger.Entry) error {
	var b RecipientAdded
	err := e.Decode(&b)
	h.Recipients = append(h.Recipients, Recipient{b.ID, b.Name, b.Key, e.At.UnixMicro()})
	return err
}

func foldRecipientRemoved(h *House, e ledger.Entry) error {
	var b RecipientRemoved
	err := e.Decode(&b)
	h.Recipients = slices.DeleteFunc(h.Recipients, func(r Recipient) bool { return r.ID == b.ID })
	return err
}
