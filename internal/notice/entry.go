package notice

import (
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/estate"
	"github.com/stanch/stanch/ledger"
)

// The bodies of an alarm's entries.
type (
	// Rang says that an alarm is to be sent: the intent.
	Rang struct {
		Reason     Reason             `json:"reason"`
		Case       casefile.ID        `json:"case,omitempty"`
		Number     int64              `json:"number,omitempty"`
		CodenameZH string             `json:"codename_zh,omitempty"`
		CodenameEN string             `json:"codename_en,omitempty"`
		Count      int64              `json:"count,omitempty"`
		Through    int64              `json:"through,omitempty"`
		Leak       int64              `json:"leak,omitempty"`
		Turn       int                `json:"turn"`
		Channels   []estate.ChannelID `json:"channels"`
	}
	// Tried says what became of it on one channel: the result.
	Tried struct {
		Turn    int              `json:"turn"`
		Channel estate.ChannelID `json:"channel"`
		State   State            `json:"state"` // pending if it is to be tried again
		Word    Word             `json:"word,omitempty"`
		Code    int              `json:"code,omitempty"`
		Digest  int              `json:"digest,omitempty"` // alarms that went in one message, if several did
	}
)

// Kind returns "alarm.rang".
func (Rang) Kind() string { return "alarm.rang" }

// Kind returns "alarm.tried".
func (Tried) Kind() string { return "alarm.tried" }

// Apply folds an entry into the alarm.
func (a *Alarm) Apply(e ledger.Entry) error {
	switch e.Kind {
	case Rang{}.Kind():
		return a.ring(e)
	case Tried{}.Kind():
		return a.tried(e)
	}
	return ErrOrder
}

// ring begins a new turn. What was still waiting in the turn before is
// replaced by it.
func (a *Alarm) ring(e ledger.Entry) error {
	var b Rang
	if err := e.Decode(&b); err != nil {
		return err
	}
	if b.Turn != a.Turn+1 {
		return ErrOrder
	}
	at, first := e.At.UnixMicro(), a.First
	if first == 0 {
		first = at
	}
	*a = Alarm{
		ID: ID(e.Subject.ID()), Case: b.Case, Number: b.Number, CodenameZH: b.CodenameZH, CodenameEN: b.CodenameEN, Reason: b.Reason,
		Count: b.Count, Through: max(b.Through, a.Through), Leak: max(b.Leak, a.Leak), Turn: b.Turn, First: first, Rang: at,
		Deliveries: map[estate.ChannelID]Delivery{},
	}
	for _, id := range b.Channels {
		a.Deliveries[id] = Delivery{State: Pending}
	}
	return nil
}

func (a *Alarm) tried(e ledger.Entry) error {
	var b Tried
	if err := e.Decode(&b); err != nil {
		return err
	}
	d, ok := a.Deliveries[b.Channel]
	if !ok || b.Turn != a.Turn || d.State != Pending {
		return ErrOrder
	}
	a.Deliveries[b.Channel] = Delivery{State: b.State, Attempts: d.Attempts + 1, At: e.At.UnixMicro(), Word: b.Word, Code: b.Code}
	return nil
}
