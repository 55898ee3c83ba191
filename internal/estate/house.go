// Package estate holds what a house says of itself and what it owns: the
// settings that other parts work by, and the registry of merchants, stores,
// terminals, operators and systems that findings and cases point at. In go
// forms and CSV files; out come entries, settings and nodes. It never sends
// anything, never opens a file, and keeps no card number: text that holds one
// is refused.
package estate

import (
	"errors"
	"slices"

	"github.com/stanch/stanch/ledger"
)

// HouseNoun is the noun of a tenant's settings in the ledger. There is one
// such thing in each tenant.
const HouseNoun = "house"

// HouseSubject is the house as a subject of entries.
const HouseSubject ledger.Subject = HouseNoun + ":" + HouseNoun

// Errors that callers decide by.
var (
	ErrCardData  = errors.New("the text holds a card number; it does not belong here")
	ErrName      = errors.New("a name has at most 120 characters on one line")
	ErrKind      = errors.New("no such kind")
	ErrCountry   = errors.New("country is not a code of two letters")
	ErrLang      = errors.New("no such language")
	ErrZone      = errors.New("no such time zone")
	ErrAddress   = errors.New("address is not a whole http or https address without a user name")
	ErrKey       = errors.New("the key does not fit this kind of channel")
	ErrRecipient = errors.New("it is not an age public key (age1…)")
	ErrTooMany   = errors.New("there are too many of these")
	ErrNoChannel = errors.New("no such channel")
	ErrNoSuch    = errors.New("no such recipient")
	ErrNoNode    = errors.New("no such node")
	ErrCode      = errors.New("a code has 1 to 64 characters without spaces at its ends")
	ErrParent    = errors.New("a node of this kind cannot stand below that one")
	ErrRepeat    = errors.New("alarms repeat after 1 to 1440 minutes")
	ErrOrder     = errors.New("entry does not fit what was applied before it")
)

// A HouseKind says how large the house is.
type HouseKind string

// The kinds of houses.
const (
	Shop    HouseKind = "shop"
	Chain   HouseKind = "chain"
	Company HouseKind = "operator" // of payments: its merchants are estate
)

// DefaultRepeat is after how many minutes a case that nobody opened alarms
// again.
const DefaultRepeat = 15

// Settings are what a person says of the house at first run and may change
// later. A zero Kind means that nobody has said anything yet.
type Settings struct {
	Name          string    `json:"name"`
	Kind          HouseKind `json:"kind"`
	Country       string    `json:"country"` // ISO 3166-1, two capital letters
	Lang          string    `json:"lang"`    // zh or en: of alarms and papers
	Zone          string    `json:"zone"`    // IANA
	OnePerson     bool      `json:"one_person"`
	Acquirer      string    `json:"acquirer"`
	AcquirerPhone string    `json:"acquirer_phone"`
	Address       string    `json:"address,omitempty"` // of the console as people reach it; alarms link there
	Repeat        int64     `json:"repeat"`            // minutes
}

// A House is a tenant's settings. It holds no secret.
type House struct {
	Settings
	Channels   []Channel   `json:"channels"`
	Recipients []Recipient `json:"recipients"`
	Roots      []string    `json:"roots,omitempty"` // folders watched besides those of the settings file
	Updated    int64       `json:"updated"`         // Unix microseconds
}

// Channel returns the channel with this id.
func (h *House) Channel(id ChannelID) (Channel, bool) {
	i := slices.IndexFunc(h.Channels, func(c Channel) bool { return c.ID == id })
	if i < 0 {
		return Channel{}, false
	}
	return h.Channels[i], true
}

// Keys returns the age public keys of the outside recipients.
func (h *House) Keys() []string {
	var keys []string
	for _, r := range h.Recipients {
		keys = append(keys, r.Key)
	}
	return keys
}

// A Recipient is somebody outside, such as an expert, to whom evidence is
// sealed as well.
type Recipient struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Key   string `json:"key"` // age public key
	Added int64  `json:"added"`
}

// ChannelIDs returns the ids of the channels.
func (h *House) ChannelIDs() []ChannelID {
	var ids []ChannelID
	for _, c := range h.Channels {
		ids = append(ids, c.ID)
	}
	return ids
}
