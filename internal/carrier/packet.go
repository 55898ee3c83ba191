package carrier

import (
	wire "encoding/binary"
	"net/netip"
)

// Link types of captures.
const (
	linkNull     = 0
	linkEthernet = 1
	linkRawOld   = 12
	linkRawBSD   = 14
	linkRaw      = 101
	linkLoop     = 108
	linkCooked   = 113
	linkIPv4     = 228
	linkIPv6     = 229
	linkCooked2  = 276
)

// Kinds of frames and numbers of protocols.
const (
	etherIPv4   = 0x0800
	etherIPv6   = 0x86dd
	etherPPPoE  = 0x8864
	protoIPv4   = 4
	protoTCP    = 6
	protoUDP    = 17
	protoIPv6   = 41
	maxTunnels  = 4
	maxIPv6Exts = 16
)

// packet takes one packet as it was captured. Cut is how much was not kept.
func (c *capture) packet(link uint32, b []byte, cut int64) error {
	c.count++
	ip, ok := unlink(link, b)
	if !ok {
		return c.other(b)
	}
	return c.ip(ip, b, max(cut, 0), 0)
}

// unlink takes the link's header off. It reports whether IP is below.
func unlink(link uint32, b []byte) ([]byte, bool) {
	switch link {
	case linkEthernet:
		if len(b) < 14 {
			return nil, false
		}
		return unframe(wire.BigEndian.Uint16(b[12:]), b[14:])
	case linkCooked:
		if len(b) < 16 {
			return nil, false
		}
		return unframe(wire.BigEndian.Uint16(b[14:]), b[16:])
	case linkCooked2:
		if len(b) < 20 {
			return nil, false
		}
		return unframe(wire.BigEndian.Uint16(b), b[20:])
	case linkNull, linkLoop:
		if len(b) < 4 {
			return nil, false
		}
		return b[4:], true // the family is told by the version as well
	case linkRaw, linkRawOld, linkRawBSD, linkIPv4, linkIPv6:
		return b, true
	}
	return nil, false
}

// unframe takes off tags of virtual networks and of PPP over Ethernet.
func unframe(kind uint16, b []byte) ([]byte, bool) {
	for range 4 {
		switch {
		case (kind == 0x8100 || kind == 0x88a8 || kind == 0x9100) && len(b) >= 4:
			kind, b = wire.BigEndian.Uint16(b[2:]), b[4:]
		case kind == etherPPPoE && len(b) >= 8:
			return b[8:], true
		default:
			return b, kind == etherIPv4 || kind == etherIPv6
		}
	}
	return nil, false
}

// ip takes a packet of either version. What it cannot follow is kept whole.
func (c *capture) ip(b, whole []byte, cut int64, tunnels int) error {
	if len(b) < 1 || tunnels > maxTunnels {
		return c.other(whole)
	}
	switch b[0] >> 4 {
	case 4:
		return c.ipv4(b, whole, cut, tunnels)
	case 6:
		return c.ipv6(b, whole, cut, tunnels)
	}
	return c.other(whole)
}

func (c *capture) ipv4(b, whole []byte, cut int64, tunnels int) error {
	if len(b) < 20 {
		return c.other(whole)
	}
	header, length := int(b[0]&15)*4, int(wire.BigEndian.Uint16(b[2:]))
	if length == 0 {
		length = len(b) // cut into segments by the network card
	}
	if header < 20 || header > len(b) || length < header {
		return c.other(whole)
	}
	from, to := netip.AddrFrom4([4]byte(b[12:])), netip.AddrFrom4([4]byte(b[16:]))
	body := b[header:min(length, len(b))] // without what fills up a short frame
	if fragment := wire.BigEndian.Uint16(b[6:]); fragment&0x3fff != 0 {
		return c.fragment(body)
	}
	return c.transport(b[9], from, to, body, whole, cut, tunnels)
}

func (c *capture) ipv6(b, whole []byte, cut int64, tunnels int) error {
	if len(b) < 40 {
		return c.other(whole)
	}
	length, next := int(wire.BigEndian.Uint16(b[4:])), b[6]
	from, to := netip.AddrFrom16([16]byte(b[8:])), netip.AddrFrom16([16]byte(b[24:]))
	body := b[40:]
	if length > 0 {
		body = body[:min(length, len(body))]
	}
	for range maxIPv6Exts {
		size := 0
		switch next {
		case 0, 43, 60: // options and routes
			if len(body) >= 8 {
				size = int(body[1])*8 + 8
			}
		case 51: // authentication
			if len(body) >= 8 {
				size = int(body[1])*4 + 8
			}
		case 44:
			return c.fragment(body)
		default:
			return c.transport(next, from, to, body, whole, cut, tunnels)
		}
		if size == 0 || size > len(body) {
			break
		}
		next, body = body[0], body[size:]
	}
	return c.other(whole)
}

// transport takes what IP carries.
func (c *capture) transport(proto byte, from, to netip.Addr, b, whole []byte, cut int64, tunnels int) error {
	switch {
	case proto == protoTCP && len(b) >= 20:
		size := int(b[12]>>4) * 4
		if size < 20 || size > len(b) {
			return c.other(whole)
		}
		key := ends{ports(from, b), ports(to, b[2:]), false}
		return c.segment(key, wire.BigEndian.Uint32(b[4:]), b[13], b[size:], cut)
	case proto == protoUDP && len(b) >= 8:
		return c.datagram(ends{ports(from, b), ports(to, b[2:]), true}, b[8:], cut)
	case proto == protoIPv4 || proto == protoIPv6:
		return c.ip(b, whole, cut, tunnels+1)
	}
	return c.other(whole)
}

func ports(addr netip.Addr, b []byte) netip.AddrPort {
	return netip.AddrPortFrom(addr, wire.BigEndian.Uint16(b))
}
