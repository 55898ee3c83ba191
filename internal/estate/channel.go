package estate

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
)

// A ChannelID names a channel: a UUIDv7 in its usual text form.
type ChannelID string

// A ChannelKind says how a channel is spoken to.
type ChannelKind string

// The kinds of channels.
const (
	Webhook  ChannelKind = "webhook"  // signed as Standard Webhooks describe it
	DingTalk ChannelKind = "dingtalk" // a group robot of DingTalk
	WeCom    ChannelKind = "wecom"    // a group robot of WeCom
)

// A Channel is a way to be alarmed. Its address and key are a [Secret] and are
// not here.
type Channel struct {
	ID          ChannelID   `json:"id"`
	Kind        ChannelKind `json:"kind"`
	Host        string      `json:"host"`        // of the address
	Fingerprint string      `json:"fingerprint"` // of the secret; tells whether it is still the one recorded
	Signed      bool        `json:"signed"`      // messages are signed with a key
	Added       int64       `json:"added"`       // Unix microseconds
}

// A Secret is what must be known to send over a channel. The address of a
// group robot holds its access token, so all of it is secret. A Secret never
// prints itself.
type Secret struct {
	Address string
	Key     string // signs messages; empty if the kind does without
	Salt    []byte // of the fingerprint, so that a weak key cannot be guessed from it
}

// String returns a word in place of the secret.
func (Secret) String() string { return "hidden" }

// GoString returns a word in place of the secret.
func (Secret) GoString() string { return "hidden" }

// LogValue returns a word in place of the secret.
func (Secret) LogValue() slog.Value { return slog.StringValue("hidden") }

// MarshalText returns a word in place of the secret, so that no encoder
// writes it.
func (Secret) MarshalText() ([]byte, error) { return []byte("hidden"), nil }

// Fingerprint returns eight bytes of a keyed hash of the secret, in hex.
func (s Secret) Fingerprint() string {
	h := hmac.New(sha256.New, s.Salt)
	h.Write([]byte(s.Address))
	h.Write([]byte{0})
	h.Write([]byte(s.Key))
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// keyPrefix begins the key of a webhook, as Standard Webhooks writes it.
const keyPrefix = "whsec_"

// newSecret checks an address and a key typed by a person. A webhook without
// a key gets one. It returns the host to show.
func newSecret(kind ChannelKind, address, key string) (s Secret, host string, err error) {
	address, key = strings.TrimSpace(address), strings.TrimSpace(key)
	if host, err = checkAddress(address); err != nil {
		return s, "", err
	}
	switch kind {
	case Webhook:
		if key == "" {
			key = newKey()
		}
		raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(key, keyPrefix))
		if err != nil || !strings.HasPrefix(key, keyPrefix) || len(raw) < 24 || len(raw) > 64 {
			return s, "", ErrKey
		}
	case DingTalk:
		if len(key) > 200 || strings.ContainsAny(key, " \t\r\n") {
			return s, "", ErrKey
		}
	case WeCom:
		if key != "" {
			return s, "", ErrKey
		}
	default:
		return s, "", fmt.Errorf("add channel: %w", ErrKind)
	}
	s = Secret{address, key, make([]byte, 16)}
	rand.Read(s.Salt)
	return s, host, nil
}

func newKey() string {
	raw := make([]byte, 32)
	rand.Read(raw)
	return keyPrefix + base64.StdEncoding.EncodeToString(raw)
}

// longestAddress bounds an address.
const longestAddress = 2000

// checkAddress returns the host of a whole http or https address.
func checkAddress(address string) (host string, err error) {
	u, err := url.Parse(address)
	if err != nil || len(address) > longestAddress || u.User != nil || u.Opaque != "" || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
		return "", ErrAddress
	}
	return u.Host, nil
}
