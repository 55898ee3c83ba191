package server

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/stanch/stanch/internal/console"
	"github.com/stanch/stanch/internal/courier"
	"github.com/stanch/stanch/internal/estate"
	"github.com/stanch/stanch/internal/notice"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
)

// consoleSettings shows the house, its alarms and its registry to the console.
type consoleSettings struct {
	c       *Centre
	courier *courier.Courier
}

var _ console.Settings = consoleSettings{}

// House implements [console.Settings].
func (s consoleSettings) House(ctx context.Context, t tenant.ID) (console.House, error) {
	h, err := s.c.Registrar.House(ctx, t)
	if err != nil {
		return console.House{}, err
	}
	return console.House{
		Name: h.Name, Kind: string(h.Kind), Country: h.Country, Zone: h.Zone, OnePerson: h.OnePerson, Acquirer: h.Acquirer, AcquirerPhone: h.AcquirerPhone,
	}, nil
}

// Keep implements [console.Settings].
func (s consoleSettings) Keep(ctx context.Context, who record.Who, h console.House) error {
	before, err := s.c.Registrar.House(ctx, who.Tenant)
	if err != nil {
		return err
	}
	said := before.Settings
	said.Name, said.Kind, said.Country, said.Zone = h.Name, estate.HouseKind(h.Kind), h.Country, h.Zone
	said.OnePerson, said.Acquirer, said.AcquirerPhone = h.OnePerson, h.Acquirer, h.AcquirerPhone
	return s.c.Registrar.Describe(ctx, who, said)
}

// Channels implements [console.Settings].
func (s consoleSettings) Channels(ctx context.Context, t tenant.ID) ([]console.Channel, error) {
	h, err := s.c.Registrar.House(ctx, t)
	if err != nil {
		return nil, err
	}
	results, err := s.c.Ringer.Results(ctx)
	if err != nil {
		return nil, err
	}
	var out []console.Channel
	for _, c := range h.Channels {
		out = append(out, showChannel(c, results[c.ID]))
	}
	return out, nil
}

func showChannel(c estate.Channel, r notice.Result) console.Channel {
	return console.Channel{ID: string(c.ID), Kind: string(c.Kind), Host: c.Host, Tried: r.At, OK: r.OK, Trouble: troubleWord(r.Word)}
}

// troubleWord puts a fault of a channel into the console's words.
func troubleWord(w notice.Word) string {
	switch w {
	case "", notice.Unreachable:
		return string(w)
	case notice.Forbidden, notice.Insecure, notice.BadAddress:
		return "refused"
	case notice.Refused:
		return "rejected"
	}
	return "other"
}

// AddChannel implements [console.Settings].
func (s consoleSettings) AddChannel(ctx context.Context, who record.Who, kind, url, secret string) error {
	if s.courier.Check(ctx, url) != nil {
		return console.ErrAddress
	}
	_, _, err := s.c.Registrar.AddChannel(ctx, who, estate.ChannelKind(kind), url, secret)
	if errors.Is(err, estate.ErrAddress) {
		return fmt.Errorf("%w: %w", console.ErrAddress, err)
	}
	return err
}

// RemoveChannel implements [console.Settings].
func (s consoleSettings) RemoveChannel(ctx context.Context, who record.Who, id string) error {
	return s.c.Registrar.RemoveChannel(ctx, who, estate.ChannelID(id))
}

// TestChannel implements [console.Settings].
func (s consoleSettings) TestChannel(ctx context.Context, who record.Who, id string) (console.Channel, error) {
	h, err := s.c.Registrar.House(ctx, who.Tenant)
	if err != nil {
		return console.Channel{}, err
	}
	channel, ok := h.Channel(estate.ChannelID(id))
	if !ok {
		return console.Channel{}, estate.ErrNoChannel
	}
	result, err := s.c.Ringer.Test(ctx, who, channel.ID)
	return showChannel(channel, result), err
}

// Nodes implements [console.Settings].
func (s consoleSettings) Nodes(ctx context.Context, t tenant.ID) ([]console.Node, error) {
	list, err := s.c.Registrar.Nodes(ctx, t, estate.NodeFilter{})
	var out []console.Node
	for _, n := range list {
		out = append(out, console.Node{
			ID: string(n.ID), Kind: string(n.Kind), Parent: string(cmp.Or(n.Parent, n.Merchant)), Code: n.Code, Name: n.Name, Place: n.Place, Active: n.Active,
		})
	}
	return out, err
}

// Import implements [console.Settings].
func (s consoleSettings) Import(ctx context.Context, who record.Who, from io.Reader) (taken int, bad []console.BadLine, err error) {
	report, err := s.c.Registrar.Import(ctx, who, from)
	for _, b := range report.Bad {
		bad = append(bad, console.BadLine{Line: b.Line, Cause: importWord(b.Cause)})
	}
	if errors.Is(err, estate.ErrImport) {
		err = console.ErrImport
	}
	return report.Added + report.Changed + report.Same, bad, err
}

// importWord puts a cause into the console's words.
func importWord(c estate.Cause) string {
	switch c {
	case estate.CauseCard, estate.CauseCode, estate.CauseColumns, estate.CauseEncoding, estate.CauseHeader, estate.CauseKind, estate.CauseParent, estate.CauseQuotes:
		return string(c)
	case estate.CauseTwice:
		return string(estate.CauseCode)
	case estate.CauseMerchant, estate.CauseAmbiguous:
		return string(estate.CauseParent)
	case estate.CauseText, estate.CauseTooLarge:
		return "too_long"
	}
	return "other"
}

// ImportEstate puts a registry into the house, as an upload would.
func (c *Centre) ImportEstate(ctx context.Context, who record.Who, sheet []byte) error {
	_, err := c.Registrar.Import(ctx, who, bytes.NewReader(sheet))
	return err
}
