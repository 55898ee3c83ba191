package notice

import (
	"context"
	"fmt"
	"time"

	"github.com/stanch/stanch/internal/estate"
)

// A Message is what leaves the house: codenames, numbers, reasons and links,
// and nothing else.
type Message struct {
	ID     string // the same at each attempt
	Lang   string // zh or en
	Reason Reason
	At     time.Time // when the alarm rang
	Items  []Item    // the cases; none for a test
	More   int64     // cases that are not listed
	Link   string    // to the console's first page, or to the one case
}

// An Item is one case in a message, or with number 0 trouble with the watch.
type Item struct {
	Number     int64
	CodenameZH string
	CodenameEN string
	Reason     Reason
	Link       string
}

// Name returns the case's name in a language, or nothing.
func (i Item) Name(lang string) string {
	if i.Number == 0 {
		return ""
	}
	if lang == "zh" {
		return fmt.Sprintf("%s %d", i.CodenameZH, i.Number)
	}
	return fmt.Sprintf("%s %d", i.CodenameEN, i.Number)
}

// A Route is a channel with what must be known to send over it.
type Route struct {
	Channel estate.Channel
	Secret  estate.Secret
}

// A Sender sends one message over one channel.
type Sender interface {
	// Send returns nil once the other side has taken the message, and a
	// *[Fault] otherwise. It returns within a bounded time.
	Send(ctx context.Context, to Route, m Message) error
}

// A Word says in our own words why a message was not taken. Console and API
// translate it.
type Word string

// The words.
const (
	Unreachable Word = "unreachable" // no address, no connection, no answer in time
	Forbidden   Word = "forbidden"   // the address lies inside a network that alarms may not reach
	Insecure    Word = "insecure"    // http without TLS to an address that is not on the allow-list
	Untrusted   Word = "untrusted"   // its certificate is not good
	Redirected  Word = "redirected"  // it sends on elsewhere, and redirects are not followed
	Refused     Word = "refused"     // it answered, and did not take the message; Code says how
	TooFast     Word = "too_fast"    // it wants messages more slowly
	BadAddress  Word = "bad_address" // the address cannot be used
	NoSecret    Word = "no_secret"   // the address or key of the channel is gone
	Expired     Word = "expired"     // it was given up after a day
	Internal    Word = "internal"
)

// Words lists every word.
func Words() []Word {
	return []Word{Unreachable, Forbidden, Insecure, Untrusted, Redirected, Refused, TooFast, BadAddress, NoSecret, Expired, Internal}
}

// A Fault says that a message was not taken. It holds no part of the address,
// the message or the answer.
type Fault struct {
	Word  Word
	Code  int           // HTTP status, or the vendor's error code; 0 if there is none
	After time.Duration // how long the other side wants to be left alone; 0 if it did not say
}

// Error says why.
func (f *Fault) Error() string {
	if f.Code != 0 {
		return fmt.Sprintf("send alarm: %s (%d)", f.Word, f.Code)
	}
	return "send alarm: " + string(f.Word)
}
