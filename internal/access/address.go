package access

import (
	"net"
	"net/netip"
)

// An address is where an attempt came from. Whoever serves HTTP passes the
// peer's address, or the one a trusted proxy names; never one that the
// client chose.

// addressOf reads "host" or "host:port". What cannot be read is the zero
// address, which counts as one place.
func addressOf(s string) netip.Addr {
	if host, _, err := net.SplitHostPort(s); err == nil {
		s = host
	}
	addr, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Addr{}
	}
	return addr.Unmap().WithZone("")
}

// counted returns the address as attempts are counted: an IPv6 customer holds
// a whole /64, so its addresses count as one.
func counted(s string) string {
	addr := addressOf(s)
	if addr.Is6() {
		if prefix, err := addr.Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return addr.String()
}

// Truncated returns the address without what tells one customer from the
// next: the first 24 bits of IPv4, the first 48 of IPv6.
func Truncated(s string) string {
	addr := addressOf(s)
	if !addr.IsValid() {
		return ""
	}
	if addr.IsLoopback() {
		return "local"
	}
	bits := 24
	if addr.Is6() {
		bits = 48
	}
	prefix, err := addr.Prefix(bits)
	if err != nil {
		return ""
	}
	return prefix.String()
}
