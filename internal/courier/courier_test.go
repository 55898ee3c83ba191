package courier_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stanch/stanch/internal/courier"
	"github.com/stanch/stanch/internal/estate"
	"github.com/stanch/stanch/internal/notice"
)

// names is a resolver of the test's own.
type names map[string][]string

func (n names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	var all []netip.Addr
	for _, a := range n[host] {
		all = append(all, netip.MustParseAddr(a))
	}
	if all == nil {
		return nil, errors.New("no such host")
	}
	return all, nil
}

var at = time.Date(2026, 3, 1, 2, 3, 4, 0, time.UTC)

func message() notice.Message {
	return notice.Message{
		ID: "case-1.2", Lang: "zh", Reason: notice.NewCase, At: at, Link: "https://stanch.example/cases/case-1",
		Items: []notice.Item{{Number: 12, CodenameZH: "青石", CodenameEN: "Bluestone", Reason: notice.NewCase, Link: "https://stanch.example/cases/case-1"}},
	}
}

// a vendor is a server that plays the other side. It keeps what it was sent.
type vendor struct {
	*httptest.Server
	got    *http.Request
	body   []byte
	answer func(w http.ResponseWriter)
}

func newVendor(t *testing.T, answer func(http.ResponseWriter)) *vendor {
	t.Helper()
	v := &vendor{answer: answer}
	v.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v.got = r
		v.body, _ = io.ReadAll(r.Body)
		v.answer(w)
	}))
	t.Cleanup(v.Close)
	return v
}

func says(status int, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// to returns a courier that may reach the vendor, and a route to it.
func (v *vendor) to(t *testing.T, kind estate.ChannelKind, path, key string) (*courier.Courier, notice.Route) {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(v.Certificate())
	c, err := courier.New(courier.Options{Allow: []string{"127.0.0.1"}, Roots: roots, Now: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	return c, notice.Route{Channel: estate.Channel{Kind: kind}, Secret: estate.Secret{Address: v.URL + path, Key: key}}
}

// TestWebhook checks the signature as the Standard Webhooks specification
// tells a receiver to.
func TestWebhook(t *testing.T) {
	v := newVendor(t, says(http.StatusNoContent, ""))
	raw := []byte("a key of thirty-two bytes, exact")
	c, route := v.to(t, estate.Webhook, "/hook", "whsec_"+base64.StdEncoding.EncodeToString(raw))
	if err := c.Send(t.Context(), route, message()); err != nil {
		t.Fatal(err)
	}
	id, stamp := v.got.Header.Get("webhook-id"), v.got.Header.Get("webhook-timestamp")
	if id != "case-1.2" || stamp != strconv.FormatInt(at.Unix(), 10) {
		t.Errorf("got id %q, time %q", id, stamp)
	}
	h := hmac.New(sha256.New, raw)
	fmt.Fprintf(h, "%s.%s.%s", id, stamp, v.body)
	if got, want := v.got.Header.Get("webhook-signature"), "v1,"+base64.StdEncoding.EncodeToString(h.Sum(nil)); got != want {
		t.Errorf("got signature %q, want %q", got, want)
	}
	var body struct {
		Type string
		Data struct {
			Link  string
			Cases []struct {
				Number     int64
				CodenameZH string `json:"codename_zh"`
			}
		}
	}
	if err := json.Unmarshal(v.body, &body); err != nil || body.Type != "alarm.new_case" || body.Data.Cases[0].Number != 12 || body.Data.Cases[0].CodenameZH != "青石" {
		t.Errorf("got %s, %v", v.body, err)
	}
}

// TestDingTalk checks the signature as the vendor's document on group robots
// describes it.
func TestDingTalk(t *testing.T) {
	v := newVendor(t, says(http.StatusOK, `{"errcode":0,"errmsg":"ok"}`))
	c, route := v.to(t, estate.DingTalk, "/robot/send?access_token=abc", "SECxyz")
	if err := c.Send(t.Context(), route, message()); err != nil {
		t.Fatal(err)
	}
	query := v.got.URL.Query()
	h := hmac.New(sha256.New, []byte("SECxyz"))
	fmt.Fprintf(h, "%s\n%s", query.Get("timestamp"), "SECxyz")
	if got, want := query.Get("sign"), base64.StdEncoding.EncodeToString(h.Sum(nil)); got != want || query.Get("access_token") != "abc" {
		t.Errorf("got sign %q, want %q; token %q", got, want, query.Get("access_token"))
	}
	if query.Get("timestamp") != strconv.FormatInt(at.UnixMilli(), 10) {
		t.Errorf("got timestamp %q, want milliseconds", query.Get("timestamp"))
	}
	var body struct {
		MsgType  string
		Markdown struct{ Title, Text string }
	}
	if err := json.Unmarshal(v.body, &body); err != nil || body.MsgType != "markdown" || !strings.Contains(body.Markdown.Title, "青石 12") {
		t.Errorf("got %s, %v", v.body, err)
	}
}

func TestWeCom(t *testing.T) {
	v := newVendor(t, says(http.StatusOK, `{"errcode":0,"errmsg":"ok"}`))
	c, route := v.to(t, estate.WeCom, "/cgi-bin/webhook/send?key=abc", "")
	m := message()
	for i := range 200 {
		m.Items = append(m.Items, notice.Item{Number: int64(i), CodenameZH: "青石", Reason: notice.UnseenCase, Link: "https://stanch.example/cases/x"})
	}
	if err := c.Send(t.Context(), route, m); err != nil {
		t.Fatal(err)
	}
	var body struct {
		MsgType  string
		Markdown struct{ Content string }
	}
	if err := json.Unmarshal(v.body, &body); err != nil || body.MsgType != "markdown" {
		t.Errorf("got %s, %v", v.body, err)
	}
	if n := len(body.Markdown.Content); n > 4096 || !strings.Contains(body.Markdown.Content, "打开止漏") {
		t.Errorf("got %d bytes; want at most 4096, with the link at the end", n)
	}
}

func TestAnswers(t *testing.T) {
	redirect := func(w http.ResponseWriter) {
		w.Header().Set("Location", "https://169.254.169.254/")
		w.WriteHeader(http.StatusTemporaryRedirect)
	}
	slow := func(w http.ResponseWriter) {
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(http.StatusTooManyRequests)
	}
	for _, test := range []struct {
		name   string
		kind   estate.ChannelKind
		answer func(http.ResponseWriter)
		want   notice.Fault
	}{
		{"redirect", estate.Webhook, redirect, notice.Fault{Word: notice.Redirected, Code: 307}},
		{"status", estate.Webhook, says(500, "no"), notice.Fault{Word: notice.Refused, Code: 500}},
		{"too many", estate.Webhook, slow, notice.Fault{Word: notice.TooFast, Code: 429, After: 30 * time.Second}},
		{"dingtalk refuses", estate.DingTalk, says(200, `{"errcode":310000,"errmsg":"sign not match"}`), notice.Fault{Word: notice.Refused, Code: 310000}},
		{"dingtalk is full", estate.DingTalk, says(200, `{"errcode":130101}`), notice.Fault{Word: notice.TooFast, Code: 130101, After: 10 * time.Minute}},
		{"dingtalk says nothing", estate.DingTalk, says(200, `{}`), notice.Fault{Word: notice.Refused}},
		{"dingtalk is a web page", estate.DingTalk, says(200, `<html>`), notice.Fault{Word: notice.Refused}},
		{"wecom is full", estate.WeCom, says(200, `{"errcode":45009}`), notice.Fault{Word: notice.TooFast, Code: 45009, After: time.Minute}},
		{"wecom refuses", estate.WeCom, says(200, `{"errcode":93000}`), notice.Fault{Word: notice.Refused, Code: 93000}},
		{"endless answer", estate.WeCom, says(200, `{"errcode":0,"x":"`+strings.Repeat("a", 1<<20)), notice.Fault{Word: notice.Refused}},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := newVendor(t, test.answer)
			c, route := v.to(t, test.kind, "/?token=sesame", "")
			err := c.Send(t.Context(), route, message())
			var got *notice.Fault
			if !errors.As(err, &got) || *got != test.want {
				t.Errorf("got %+v (%v), want %+v", got, err, test.want)
			}
			if strings.Contains(fmt.Sprint(err), "sesame") || strings.Contains(fmt.Sprint(err), "sign not match") {
				t.Error("the error holds the address or the answer")
			}
		})
	}
}

func TestUntrusted(t *testing.T) {
	v := newVendor(t, says(200, ""))
	c, err := courier.New(courier.Options{Allow: []string{"127.0.0.0/8"}, Roots: x509.NewCertPool()})
	if err != nil {
		t.Fatal(err)
	}
	checkWord(t, c.Send(t.Context(), notice.Route{Channel: estate.Channel{Kind: estate.Webhook}, Secret: estate.Secret{Address: v.URL}}, message()), notice.Untrusted)
	if v.got != nil {
		t.Error("the message went out")
	}
}

func checkWord(t *testing.T, err error, want notice.Word) {
	t.Helper()
	var fault *notice.Fault
	if want == "" && err == nil {
		return
	}
	if !errors.As(err, &fault) || fault.Word != want {
		t.Errorf("got %v, want %q", err, want)
	}
}

// TestGate goes over every way we know to name what lies inside.
func TestGate(t *testing.T) {
	resolver := names{
		"good.example": {"93.184.215.14"}, "mixed.example": {"93.184.215.14", "10.0.0.1"}, "inside.example": {"192.168.1.5"},
		"six.example": {"2606:4700::1"}, "mapped.example": {"::ffff:127.0.0.1"}, "hook.lan": {"192.168.1.5"}, "localhost": {"127.0.0.1"},
		"2130706433": {"127.0.0.1"}, "0x7f.1": {"127.0.0.1"}, "0177.0.0.1": {"127.0.0.1"}, "127.1": {"127.0.0.1"}, "0x7f000001": {"127.0.0.1"},
	}
	c, err := courier.New(courier.Options{Allow: []string{"hook.lan", "10.9.0.0/16", "[fd00::7]"}, Resolver: resolver})
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]notice.Word{
		"https://good.example/x":          "",
		"https://GOOD.example./x":         "",
		"https://good.example:8443/":      "",
		"https://six.example/":            "",
		"https://93.184.215.14/":          "",
		"https://hook.lan/":               "",
		"http://hook.lan/":                "",
		"https://10.9.3.4/":               "",
		"http://10.9.3.4:8080/":           "",
		"https://[fd00::7]/":              "",
		"https://[::ffff:10.9.3.4]/":      "",
		"http://good.example/":            notice.Insecure,
		"https://nowhere.example/":        notice.Unreachable,
		"https://mixed.example/":          notice.Forbidden,
		"https://inside.example/":         notice.Forbidden,
		"https://mapped.example/":         notice.Forbidden,
		"https://localhost/":              notice.Forbidden,
		"https://127.0.0.1/":              notice.Forbidden,
		"https://0.0.0.0/":                notice.Forbidden,
		"https://10.0.0.1/":               notice.Forbidden,
		"https://172.16.0.1/":             notice.Forbidden,
		"https://192.168.0.1/":            notice.Forbidden,
		"https://100.64.0.1/":             notice.Forbidden,
		"https://100.100.100.200/":        notice.Forbidden,
		"https://169.254.169.254/":        notice.Forbidden,
		"https://168.63.129.16/":          notice.Forbidden,
		"https://192.0.0.192/":            notice.Forbidden,
		"https://198.18.0.1/":             notice.Forbidden,
		"https://224.0.0.1/":              notice.Forbidden,
		"https://255.255.255.255/":        notice.Forbidden,
		"https://[::1]/":                  notice.Forbidden,
		"https://[::]/":                   notice.Forbidden,
		"https://[::ffff:127.0.0.1]/":     notice.Forbidden,
		"https://[::ffff:a9fe:a9fe]/":     notice.Forbidden,
		"https://[::7f00:1]/":             notice.Forbidden,
		"https://[64:ff9b::7f00:1]/":      notice.Forbidden,
		"https://[2002:7f00:1::]/":        notice.Forbidden,
		"https://[2001::1]/":              notice.Forbidden,
		"https://[fe80::1]/":              notice.Forbidden,
		"https://[fd00:ec2::254]/":        notice.Forbidden,
		"https://[ff02::1]/":              notice.Forbidden,
		"https://[fe80::1%25eth0]/":       notice.BadAddress,
		"https://2130706433/":             notice.BadAddress,
		"https://0x7f000001/":             notice.BadAddress,
		"https://0x7f.1/":                 notice.BadAddress,
		"https://0177.0.0.1/":             notice.BadAddress,
		"https://127.1/":                  notice.BadAddress,
		"https://127.0.0.1.:443@x/":       notice.BadAddress,
		"https://user:pass@good.example/": notice.BadAddress,
		"https://good。example/":           notice.BadAddress,
		"https:///x":                      notice.BadAddress,
		"https:good.example":              notice.BadAddress,
		"gopher://good.example/":          notice.BadAddress,
		"file:///etc/passwd":              notice.BadAddress,
		"https://good.example:0/":         notice.BadAddress,
		"https://good.example:99999/":     notice.BadAddress,
	} {
		t.Run(url.PathEscape(address), func(t *testing.T) { checkWord(t, c.Check(t.Context(), address), want) })
	}
}

// turning answers each look-up with another address.
type turning struct {
	addrs []string
	asked int
}

func (r *turning) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	addr := r.addrs[min(r.asked, len(r.addrs)-1)]
	r.asked++
	return []netip.Addr{netip.MustParseAddr(addr)}, nil
}

// TestRebinding: a name that turns to loopback after it was looked at is
// dialled where it was looked at.
func TestRebinding(t *testing.T) {
	resolver := &turning{addrs: []string{"93.184.215.14", "127.0.0.1"}}
	var dialled []string
	c, err := courier.New(courier.Options{Resolver: resolver, Dial: func(_ context.Context, _, address string) (net.Conn, error) {
		dialled = append(dialled, address)
		return nil, errors.New("no line")
	}})
	if err != nil {
		t.Fatal(err)
	}
	route := notice.Route{Channel: estate.Channel{Kind: estate.WeCom}, Secret: estate.Secret{Address: "https://turn.example/x"}}
	checkWord(t, c.Send(t.Context(), route, message()), notice.Unreachable)
	if fmt.Sprint(dialled) != "[93.184.215.14:443]" || resolver.asked != 1 {
		t.Errorf("dialled %v after %d look-ups; want the address that was checked, once", dialled, resolver.asked)
	}
	checkWord(t, c.Send(t.Context(), route, message()), notice.Forbidden)
	if len(dialled) != 1 {
		t.Errorf("dialled %v; want nothing once it points inside", dialled)
	}
}

// TestSilence: a server that takes the message and never answers costs ten
// seconds.
func TestSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := courier.New(courier.Options{Allow: []string{"hook.lan"}, Resolver: names{"hook.lan": {"192.168.1.5"}},
			Dial: func(context.Context, string, string) (net.Conn, error) {
				ours, theirs := net.Pipe()
				go func() { _, _ = io.Copy(io.Discard, theirs) }()
				return ours, nil
			}})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		route := notice.Route{Channel: estate.Channel{Kind: estate.WeCom}, Secret: estate.Secret{Address: "http://hook.lan/x"}}
		checkWord(t, c.Send(t.Context(), route, message()), notice.Unreachable)
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("took %s, want 10 s", took)
		}
	})
}

func TestAllowList(t *testing.T) {
	for _, bad := range []string{"", "http://hook.lan", "hook.lan:80", "10.0.0.0/64", "a b"} {
		if _, err := courier.New(courier.Options{Allow: []string{bad}}); err == nil {
			t.Errorf("%q: got nil, want an error", bad)
		}
	}
}
