// Package notice tells people. In go cases that are new, that nobody opened or
// that leak again, and requests for a test; out come alarms with a codename, a
// number, a reason and a link, handed to a sender. Each alarm is recorded
// before it is sent and its result after, so one may come twice and none is
// lost in silence. An alarm never says where, and never holds card data.
package notice

import (
	"errors"
	"fmt"
	"time"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/estate"
	"github.com/stanch/stanch/ledger"
)

// An ID names an alarm: the id of the case it is about, [CrowdID], [WatchID],
// or a UUIDv7 for a test.
type ID string

// Noun is the noun of alarms in the ledger.
const Noun = "alarm"

// Subject returns the alarm as a subject of entries.
func (id ID) Subject() ledger.Subject { return ledger.SubjectOf(Noun, string(id)) }

// The alarms that are about no single case.
const (
	CrowdID ID = "crowd" // many cases at once
	WatchID ID = "watch" // the watch cannot be relied on
)

// A Reason says why an alarm rings.
type Reason string

// The reasons.
const (
	NewCase      Reason = "new_case"
	UnseenCase   Reason = "unseen_case" // nobody opened it in time
	Leaking      Reason = "leaking"     // card data is where it should be gone
	WatchTrouble Reason = "watch_trouble"
	TestAlarm    Reason = "test"
)

// Reasons lists every reason, the gravest first.
func Reasons() []Reason { return []Reason{Leaking, NewCase, UnseenCase, WatchTrouble, TestAlarm} }

// ErrOrder says that an entry cannot follow the ones applied before it.
var ErrOrder = errors.New("entry does not fit the alarm's history")

// A State says how an alarm stands to one channel.
type State string

// The states of a delivery.
const (
	Pending State = "pending" // to be sent, or sent with its result not known
	Sent    State = "sent"
	Failed  State = "failed"  // given up
	Dropped State = "dropped" // the channel was taken away
)

// A Delivery is one alarm on its way over one channel.
type Delivery struct {
	State    State `json:"state"`
	Attempts int   `json:"attempts"`
	At       int64 `json:"at,omitempty"` // of the last attempt, Unix microseconds
	Word     Word  `json:"word,omitempty"`
	Code     int   `json:"code,omitempty"`
}

// An Alarm is everything that rang about one case, or about one thing that is
// no case. Fields are those of its latest turn. Times are Unix microseconds.
type Alarm struct {
	ID         ID                            `json:"id"`
	Case       casefile.ID                   `json:"case,omitempty"`
	Number     int64                         `json:"number,omitempty"`
	CodenameZH string                        `json:"codename_zh,omitempty"`
	CodenameEN string                        `json:"codename_en,omitempty"`
	Reason     Reason                        `json:"reason"`
	Count      int64                         `json:"count,omitempty"`   // cases in a crowd
	Through    int64                         `json:"through,omitempty"` // highest case number a crowd has covered
	Leak       int64                         `json:"leak,omitempty"`    // entry that said that the case leaks
	Turn       int                           `json:"turn"`              // how often it rang, from 1
	First      int64                         `json:"first"`
	Rang       int64                         `json:"rang"`
	Deliveries map[estate.ChannelID]Delivery `json:"deliveries"`
}

// RangAt returns when the alarm rang last.
func (a *Alarm) RangAt() time.Time { return time.UnixMicro(a.Rang).UTC() }

// MessageID returns the id under which the latest turn is sent, the same at
// each attempt.
func (a *Alarm) MessageID() string { return fmt.Sprintf("%s.%d", a.ID, a.Turn) }

// Waiting returns how many channels have not taken the alarm yet.
func (a *Alarm) Waiting() int {
	n := 0
	for _, d := range a.Deliveries {
		if d.State == Pending {
			n++
		}
	}
	return n
}

// A Result is how a channel answered last.
type Result struct {
	Channel estate.ChannelID
	At      int64 // Unix microseconds
	OK      bool
	Word    Word
	Code    int
	Failing int64 // since when it has failed each time; 0 if the last went well
}
