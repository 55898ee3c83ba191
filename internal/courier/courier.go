// Package courier sends alarms out of the house: as signed webhooks, and to
// the group robots of DingTalk and WeCom. In go a channel, its secret and a
// message; out goes one request, and back comes nil or a fault in our own
// words. The addresses were typed by people, so a host is resolved once, what
// lies inside the house is refused unless the allow-list names it, the checked
// address is the one dialled, and no redirect is followed. The package never
// logs, and no part of an address, a message or an answer is in its errors.
//
// The robots are spoken to as their vendors' documents say. The tests play
// the vendors' part by the same documents; the real servers are untested.
package courier

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	"github.com/stanch/stanch/internal/estate"
	"github.com/stanch/stanch/internal/notice"
)

const (
	patience    = 10 * time.Second // for one message, all told
	answerLimit = 64 << 10
	headerLimit = 16 << 10
)

// A Resolver turns a host's name into addresses, as [net.Resolver] does.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Options are what a courier may be given.
type Options struct {
	Allow    []string         // hosts, addresses and networks inside the house that may be sent to
	Resolver Resolver         // nil is the system's
	Roots    *x509.CertPool   // trusted authorities; nil is the system's
	Now      func() time.Time // nil is time.Now
	// Dial opens connections to checked addresses; nil is a plain dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// A Courier sends messages. It is safe for concurrent use.
type Courier struct {
	gate *gate
	o    Options
}

// New returns a courier. It fails for an allow-list that cannot be read.
func New(o Options) (*Courier, error) {
	g, err := newGate(o.Allow, o.Resolver)
	if err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Dial == nil {
		o.Dial = (&net.Dialer{Timeout: patience}).DialContext
	}
	return &Courier{g, o}, nil
}

// Check says whether an address typed by a person may be sent to. It returns
// nil or a *[notice.Fault], and sends nothing.
func (c *Courier) Check(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if _, fault := c.gate.pass(ctx, address); fault != nil {
		return fault
	}
	return nil
}

// Send implements [notice.Sender].
func (c *Courier) Send(ctx context.Context, to notice.Route, m notice.Message) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	wire, ok := wires[to.Channel.Kind]
	if !ok {
		return &notice.Fault{Word: notice.Internal}
	}
	way, fault := c.gate.pass(ctx, to.Secret.Address)
	if fault != nil {
		return fault
	}
	request, err := wire.write(way.url, to.Secret, m, c.o.Now())
	if err != nil {
		return &notice.Fault{Word: notice.BadAddress}
	}
	if fault := c.post(request.WithContext(ctx), way, wire); fault != nil {
		return fault
	}
	return nil
}

// A wire is how one kind of channel is spoken to.
type wire struct {
	write func(to *url.URL, s estate.Secret, m notice.Message, now time.Time) (*http.Request, error)
	// answered reads what a status of 200 really means.
	answered func(body []byte) *notice.Fault
}

// wires holds the kinds of channels that can be spoken to.
var wires = map[estate.ChannelKind]wire{
	estate.Webhook:  {writeWebhook, func([]byte) *notice.Fault { return nil }},
	estate.DingTalk: {writeDingTalk, dingTalkAnswered},
	estate.WeCom:    {writeWeCom, weComAnswered},
}

// post sends the request to the checked addresses and judges the answer.
func (c *Courier) post(request *http.Request, way *way, w wire) *notice.Fault {
	transport := &http.Transport{
		DialContext:            c.dialer(way),
		TLSClientConfig:        &tls.Config{RootCAs: c.o.Roots, MinVersion: tls.VersionTLS12},
		DisableKeepAlives:      true,
		DisableCompression:     true, // an answer that unpacks to gigabytes is of no use to us
		MaxResponseHeaderBytes: headerLimit,
	}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	request.Header.Set("User-Agent", "Stanch")
	response, err := client.Do(request)
	if err != nil {
		return &notice.Fault{Word: whyNot(err)}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, answerLimit))
	switch code := response.StatusCode; {
	case code >= 300 && code < 400:
		return &notice.Fault{Word: notice.Redirected, Code: code}
	case code == http.StatusTooManyRequests, code == http.StatusServiceUnavailable:
		return &notice.Fault{Word: notice.TooFast, Code: code, After: retryAfter(response.Header.Get("Retry-After"))}
	case code < 200 || code >= 300:
		return &notice.Fault{Word: notice.Refused, Code: code}
	case err != nil:
		return &notice.Fault{Word: notice.Unreachable}
	}
	return w.answered(body)
}

// dialer returns a dial function that knows only the checked addresses.
func (c *Courier) dialer(way *way) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		err := errors.New("no address")
		for _, addr := range way.addrs {
			var conn net.Conn
			if conn, err = c.o.Dial(ctx, network, netip.AddrPortFrom(addr, way.port).String()); err == nil {
				return conn, nil
			}
		}
		return nil, err
	}
}

// whyNot sorts a failure to connect. The error itself quotes the address and
// is dropped.
func whyNot(err error) notice.Word {
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	if errors.As(err, &certificate) || errors.As(err, &record) {
		return notice.Untrusted
	}
	return notice.Unreachable
}

// retryAfter reads the seconds of a Retry-After header, within an hour.
func retryAfter(header string) time.Duration {
	seconds, err := strconv.Atoi(header)
	if err != nil || seconds < 0 || seconds > 3600 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// newRequest returns a request with a body that can be sent.
func newRequest(to *url.URL, body []byte) (*http.Request, error) {
	return http.NewRequest(http.MethodPost, to.String(), bytes.NewReader(body))
}
