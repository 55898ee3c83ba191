package courier

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/stanch/stanch/internal/notice"
)

// A gate decides which addresses may be sent to.
type gate struct {
	hosts    map[string]bool
	networks []netip.Prefix
	resolver Resolver
}

// A way is an address that may be sent to, with what its host resolved to.
type way struct {
	url   *url.URL
	addrs []netip.Addr
	port  uint16
}

func newGate(allow []string, resolver Resolver) (*gate, error) {
	g := &gate{hosts: map[string]bool{}, resolver: resolver}
	if g.resolver == nil {
		g.resolver = net.DefaultResolver
	}
	for _, one := range allow {
		one = strings.ToLower(strings.TrimSpace(one))
		if prefix, err := netip.ParsePrefix(one); err == nil {
			g.networks = append(g.networks, prefix.Masked())
			continue
		}
		if addr, err := netip.ParseAddr(strings.Trim(one, "[]")); err == nil {
			addr = addr.Unmap()
			g.networks = append(g.networks, netip.PrefixFrom(addr, addr.BitLen()))
			continue
		}
		if one == "" || strings.ContainsAny(one, "/:@ ") {
			return nil, fmt.Errorf("read allow-list: entry %d is neither a host, an address nor a network", len(g.hosts)+len(g.networks)+1)
		}
		g.hosts[strings.TrimSuffix(one, ".")] = true
	}
	return g, nil
}

// pass resolves an address and returns the way to it if every address of its
// host may be sent to. One bad address among good ones refuses them all: which
// of them a later look would give is not ours to choose.
func (g *gate) pass(ctx context.Context, address string) (*way, *notice.Fault) {
	w, host, fault := parse(address)
	if fault != nil {
		return nil, fault
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		if addr.Zone() != "" {
			return nil, &notice.Fault{Word: notice.BadAddress}
		}
		w.addrs = []netip.Addr{addr.Unmap()}
	} else if w.addrs, err = g.resolver.LookupNetIP(ctx, "ip", host); err != nil || len(w.addrs) == 0 {
		return nil, &notice.Fault{Word: notice.Unreachable}
	}
	allowed := g.hosts[host]
	for i, addr := range w.addrs {
		w.addrs[i] = addr.Unmap().WithZone("")
		inside := slices.ContainsFunc(g.networks, func(p netip.Prefix) bool { return p.Contains(w.addrs[i]) })
		if !g.hosts[host] && !inside && !public(w.addrs[i]) {
			return nil, &notice.Fault{Word: notice.Forbidden}
		}
		allowed = allowed || inside
	}
	if w.url.Scheme == "http" && !allowed {
		return nil, &notice.Fault{Word: notice.Insecure}
	}
	return w, nil
}

// parse reads an address and returns its host in lower case, without a dot at
// the end.
func parse(address string) (w *way, host string, fault *notice.Fault) {
	bad := &notice.Fault{Word: notice.BadAddress}
	u, err := url.Parse(address)
	if err != nil || u.User != nil || u.Opaque != "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, "", bad
	}
	u.Fragment, u.RawFragment = "", ""
	port := uint64(443)
	if u.Scheme == "http" {
		port = 80
	}
	if typed := u.Port(); typed != "" {
		if port, err = strconv.ParseUint(typed, 10, 16); err != nil || port == 0 {
			return nil, "", bad
		}
	}
	host = strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if !plausible(host) {
		return nil, "", bad
	}
	return &way{url: u, port: uint16(port)}, host, nil
}

// plausible reports whether a host is an address in its usual form or a name.
// A host that ends in a number is an address to some resolvers (2130706433,
// 0177.0.0.1, 127.1, 0x7f.1) and a name to others, so it is neither to us.
func plausible(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	if host == "" || len(host) > 253 || strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789-._") != "" {
		return false
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	_, err := strconv.ParseUint(last, 0, 64)
	return last != "" && err != nil && strings.Trim(last, "0123456789") != "" && !strings.HasPrefix(last, "0x")
}

// special lists networks inside the public space that are not the internet:
// the RFC 6890 registry, addresses that hold others, and what clouds answer
// metadata on.
var special = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "240.0.0.0/4", "168.63.129.16/32",
	"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
)

// unicast is what is given out of IPv6.
var unicast = netip.MustParsePrefix("2000::/3")

func prefixes(texts ...string) []netip.Prefix {
	var all []netip.Prefix
	for _, t := range texts {
		all = append(all, netip.MustParsePrefix(t))
	}
	return all
}

// public reports whether an address is on the internet.
func public(addr netip.Addr) bool {
	addr = addr.Unmap()
	if !addr.IsGlobalUnicast() || addr.IsPrivate() || addr.Is6() && !unicast.Contains(addr) {
		return false
	}
	return !slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(addr) })
}
