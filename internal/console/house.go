package console

import (
	"context"

	"github.com/stanch/stanch/internal/estate"
)

// A Channel is a way to be alarmed, with how it went last.
type Channel struct {
	ID      string
	Kind    string // webhook, dingtalk or wecom
	Host    string // where it goes, without the secret parts
	Tried   int64
	OK      bool
	Trouble string // one of notice.Words
	Key     string // made for a webhook without one; shown once
}

// readHouse returns the settings, or empty ones if they cannot be read now:
// every page needs them, and none should fail for a time zone.
func (c *Console) readHouse(ctx context.Context) *estate.House {
	h, err := c.Registrar.House(ctx, c.Tenant)
	if err != nil {
		c.Log.ErrorContext(ctx, "settings not read", "err", err)
		return &estate.House{}
	}
	return h
}

// channels lists the ways to be alarmed with how each went last.
func (v *visit) channels() ([]Channel, error) {
	house, err := v.c.Registrar.House(v.ctx(), v.c.Tenant)
	if err != nil {
		return nil, err
	}
	results, err := v.c.Ringer.Results(v.ctx())
	if err != nil {
		return nil, err
	}
	var list []Channel
	for _, ch := range house.Channels {
		last := results[ch.ID]
		list = append(list, Channel{ID: string(ch.ID), Kind: string(ch.Kind), Host: ch.Host, Tried: last.At, OK: last.OK, Trouble: string(last.Word)})
	}
	return list, nil
}

// addChannel adds the channel that a form names, and returns the key that was
// made for it, if one was.
func (v *visit) addChannel() (id estate.ChannelID, key string, err error) {
	kind, url := known(alarmKinds, v.form("alarm_kind")), v.form("alarm_url")
	if kind == "" || url == "" {
		return "", "", errField
	}
	return v.c.Registrar.AddChannel(v.ctx(), v.actor(), estate.ChannelKind(kind), url, v.r.PostFormValue("alarm_secret"))
}

// test sends a test alarm and tells how it went.
func (v *visit) test(id estate.ChannelID) (*Channel, error) {
	result, err := v.c.Ringer.Test(v.ctx(), v.actor(), id)
	if err != nil {
		return nil, err
	}
	tested := Channel{ID: string(id), Tried: result.At, OK: result.OK, Trouble: string(result.Word)}
	if ch, there := v.c.readHouse(v.ctx()).Channel(id); there {
		tested.Kind, tested.Host = string(ch.Kind), ch.Host
	}
	return &tested, nil
}
