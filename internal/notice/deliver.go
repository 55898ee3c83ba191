package notice

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stanch/stanch/internal/estate"
	"github.com/stanch/stanch/internal/record"
)

const (
	pendingMost = 500            // alarms looked at in one round
	burst       = 5              // more alarms than this go to a group as one message
	digestMost  = 200            // alarms in one message
	listed      = 20             // cases that a message names
	giveUp      = 24 * time.Hour // after which a failure is final
	patience    = 10 * time.Second
	testing     = time.Minute // how long a test is left to whoever asked for it
)

// deliver starts sending what is pending, one worker for each channel.
func (r *Ringer) deliver(ctx context.Context, house *estate.House, sending *sync.WaitGroup) error {
	// Lanes are taken before the list is read: else a worker that ends in
	// between would have its alarms sent a second time.
	taken := map[estate.ChannelID]bool{}
	for _, channel := range house.Channels {
		taken[channel.ID] = r.take(channel.ID)
	}
	defer func() {
		for id, idle := range taken {
			if idle {
				r.free(id)
			}
		}
	}()
	pending, err := r.Store.PendingAlarms(ctx, r.Tenant, pendingMost)
	if err != nil {
		return err
	}
	r.waiting = len(pending) > 0
	queues := map[estate.ChannelID][]*Alarm{}
	for _, a := range pending {
		if a.Reason == TestAlarm && r.now().Sub(a.RangAt()) < testing {
			continue
		}
		for id, d := range a.Deliveries {
			if d.State == Pending {
				queues[id] = append(queues[id], a)
			}
		}
	}
	for id, queue := range queues {
		channel, ok := house.Channel(id)
		if !ok {
			if err := r.drop(ctx, id, queue); err != nil {
				return err
			}
			continue
		}
		if !taken[id] {
			continue
		}
		taken[id] = false // its worker gives the lane back
		sending.Go(func() {
			defer r.free(id)
			r.work(ctx, house, channel, queue)
		})
	}
	return nil
}

// work sends a channel's queue until it is empty, the channel fails, or its
// minute is used up. What is left waits for another round.
func (r *Ringer) work(ctx context.Context, house *estate.House, channel estate.Channel, queue []*Alarm) {
	for len(queue) > 0 && ctx.Err() == nil {
		budget := r.budget(channel)
		if budget <= 0 {
			return
		}
		batch := queue[:1]
		if channel.Kind != estate.Webhook && len(queue) > min(burst, budget) {
			batch = queue[:min(len(queue), digestMost)]
		}
		queue = queue[len(batch):]
		fault := r.send(ctx, house, channel, batch)
		if ctx.Err() != nil && fault != nil {
			return // we stopped, it did not fail
		}
		r.heed(channel.ID, fault)
		if _, err := r.settle(ctx, channel.ID, batch, fault, false); err != nil {
			// Without its result the alarm stays pending and goes out again,
			// but not at once.
			r.heed(channel.ID, &Fault{Word: Internal})
			r.log().ErrorContext(ctx, "result of alarm not recorded", "channel", channel.ID, "err", err)
			return
		}
		if fault != nil {
			r.log().WarnContext(ctx, "alarm not taken", "channel", channel.ID, "word", fault.Word, "code", fault.Code)
			return
		}
	}
}

// send hands one message to the sender.
func (r *Ringer) send(ctx context.Context, house *estate.House, channel estate.Channel, batch []*Alarm) *Fault {
	secret, err := r.Store.Secret(ctx, r.Tenant, channel.ID)
	switch {
	case errors.Is(err, record.ErrNone):
		return &Fault{Word: NoSecret}
	case err != nil:
		return &Fault{Word: Internal}
	}
	r.spend(channel.ID)
	err = r.Sender.Send(ctx, Route{channel, secret}, r.message(house, batch))
	var fault *Fault
	switch {
	case err == nil:
		return nil
	case errors.As(err, &fault):
		return fault
	}
	return &Fault{Word: Internal}
}

// settle records what became of a batch on a channel. Of a batch that failed
// only the first alarm says so: the others wait as before.
func (r *Ringer) settle(ctx context.Context, id estate.ChannelID, batch []*Alarm, fault *Fault, final bool) (Result, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	result := Result{Channel: id, OK: fault == nil}
	if fault != nil {
		result.Word, result.Code = fault.Word, fault.Code
	}
	err := r.Book.Update(ctx, r.system(), func(ctx context.Context, tx record.Tx) error {
		result.At = tx.Now().UnixMicro()
		for i, a := range batch {
			tried := Tried{Turn: a.Turn, Channel: id, State: Sent, Digest: digest(batch)}
			if fault != nil {
				tried.State, tried.Word, tried.Code = Pending, fault.Word, fault.Code
				switch {
				case final || fault.Word == NoSecret:
					tried.State = Failed
				case tx.Now().Sub(a.RangAt()) >= giveUp:
					tried.State, tried.Word = Failed, Expired
				case i > 0:
					continue
				}
			}
			if err := tried.record(ctx, tx, a.ID); err != nil {
				return err
			}
		}
		return r.Store.SaveAlarmResult(ctx, tx, result)
	})
	if err != nil {
		return result, fmt.Errorf("record result: %w", err)
	}
	return result, nil
}

func digest(batch []*Alarm) int {
	if len(batch) == 1 {
		return 0
	}
	return len(batch)
}

// record records a result, unless the alarm has rung again or been settled
// meanwhile.
func (t Tried) record(ctx context.Context, tx record.Tx, id ID) error {
	thing, err := tx.Load(ctx, id.Subject())
	if err != nil {
		return err
	}
	a := thing.(*Alarm)
	if a.Turn != t.Turn || a.Deliveries[t.Channel].State != Pending {
		return nil
	}
	return tx.Record(ctx, id.Subject(), t, record.About{Case: string(a.Case)})
}

// drop says of alarms that their channel is gone.
func (r *Ringer) drop(ctx context.Context, id estate.ChannelID, queue []*Alarm) error {
	return r.Book.Update(ctx, r.system(), func(ctx context.Context, tx record.Tx) error {
		for _, a := range queue {
			if err := (Tried{Turn: a.Turn, Channel: id, State: Dropped}).record(ctx, tx, a.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// message says a batch in one message. Its id is that of its first alarm.
func (r *Ringer) message(house *estate.House, batch []*Alarm) Message {
	base := r.Base
	if house.Address != "" {
		base = house.Address
	}
	base = strings.TrimRight(base, "/")
	first := batch[0]
	m := Message{ID: first.MessageID(), Lang: house.Lang, At: first.RangAt(), Reason: TestAlarm, Link: base + "/"}
	for _, a := range batch {
		if slices.Index(Reasons(), a.Reason) < slices.Index(Reasons(), m.Reason) {
			m.Reason = a.Reason
		}
		m.More += a.Count
		switch {
		case a.Reason == WatchTrouble && len(batch) > 1:
			m.Items = append(m.Items, Item{Reason: a.Reason, Link: base + "/"})
		case a.Case == "":
		case len(m.Items) == listed:
			m.More++
		default:
			m.Items = append(m.Items, Item{a.Number, a.CodenameZH, a.CodenameEN, a.Reason, base + "/cases/" + string(a.Case)})
		}
	}
	switch {
	case len(m.Items) == 1 && m.More == 0:
		m.Link = m.Items[0].Link
	case len(m.Items) > 0 || m.More > 0:
		m.Link = base + "/cases"
	}
	return m
}
