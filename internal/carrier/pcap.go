package carrier

import (
	"bufio"
	wire "encoding/binary"
	"io"
)

// pcapFile reads captures of network traffic: each direction of a connection
// is a member that holds what was sent, in order.
type pcapFile struct{}

func (pcapFile) Name() string { return "pcap" }

// Sniff accepts the four magics of pcap with the version that all files have,
// and the section header of pcapng.
func (pcapFile) Sniff(head []byte, _ string) bool {
	if len(head) < 24 {
		return false
	}
	order, ng := pcapOrder(head)
	return order != nil && (ng || order.Uint16(head[4:]) == 2 && order.Uint16(head[6:]) <= 4)
}

// pcapOrder returns the byte order of a capture, nil if it is none.
func pcapOrder(head []byte) (order wire.ByteOrder, ng bool) {
	switch string(head[:4]) {
	case "\xa1\xb2\xc3\xd4", "\xa1\xb2\x3c\x4d":
		return wire.BigEndian, false
	case "\xd4\xc3\xb2\xa1", "\x4d\x3c\xb2\xa1":
		return wire.LittleEndian, false
	case "\x0a\x0d\x0d\x0a":
		switch string(head[8:12]) {
		case "\x1a\x2b\x3c\x4d":
			return wire.BigEndian, true
		case "\x4d\x3c\x2b\x1a":
			return wire.LittleEndian, true
		}
	}
	return nil, false
}

// Bounds of one packet and of one block that is none.
const (
	maxPacket    = 256 << 10
	maxPcapBlock = 16 << 20
)

// Walk reads the packets in order and visits connections as they end, as room
// is needed, and at the end.
func (pcapFile) Walk(p *Part, visit func(*Member) error) error {
	c := newCapture(p.Room, visit)
	in := bufio.NewReaderSize(p.R, 64<<10)
	head, err := in.Peek(24)
	if err != nil {
		return damaged(err)
	}
	if order, ng := pcapOrder(head); ng {
		err = (&pcapng{in: in, c: c, order: order}).read()
	} else {
		err = readPcap(in, order, c)
	}
	if c.stopped != nil {
		return c.stopped
	}
	if ended := c.end(); ended != nil {
		return ended
	}
	return err
}

// readPcap reads the classic form.
func readPcap(in *bufio.Reader, order wire.ByteOrder, c *capture) error {
	var head [24]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return damaged(err)
	}
	link := order.Uint32(head[20:]) & 0xffff
	packet := make([]byte, maxPacket)
	for {
		var h [16]byte
		if _, err := io.ReadFull(in, h[:]); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		held, sent := order.Uint32(h[8:]), order.Uint32(h[12:])
		if held > maxPacket {
			return &CauseError{Broken}
		}
		if _, err := io.ReadFull(in, packet[:held]); err != nil {
			return damaged(err)
		}
		if err := c.packet(link, packet[:held], int64(sent)-int64(held)); err != nil {
			return err
		}
	}
}

// Kinds of pcapng blocks.
const (
	pcapSection    = 0x0a0d0d0a
	pcapInterface  = 1
	pcapOldPacket  = 2
	pcapSimple     = 3
	pcapEnhanced   = 6
	maxPcapDevices = 4096
)

// A pcapng reads the newer form, block by block.
type pcapng struct {
	in    *bufio.Reader
	c     *capture
	order wire.ByteOrder
	links []uint32 // of the section's interfaces
	buf   []byte
}

func (n *pcapng) read() error {
	for {
		head, err := n.in.Peek(12)
		if err == io.EOF && len(head) == 0 {
			return nil
		}
		if err != nil {
			return damaged(err)
		}
		if order, ng := pcapOrder(head); ng {
			n.order, n.links = order, nil
		}
		kind, size := n.order.Uint32(head), n.order.Uint32(head[4:])
		if size < 12 || size%4 != 0 || size > maxPcapBlock {
			return &CauseError{Broken}
		}
		if n.buf, err = readBlock(n.in, n.buf, int(size)); err != nil {
			return err
		}
		if err := n.block(kind, n.buf[8:size-4]); err != nil {
			return err
		}
	}
}

// readBlock reads size bytes into buf, which grows only as bytes come.
func readBlock(r io.Reader, buf []byte, size int) ([]byte, error) {
	buf = buf[:0]
	for len(buf) < size {
		step := min(size-len(buf), 256<<10)
		at := len(buf)
		if cap(buf) < at+step {
			buf = append(buf, make([]byte, step)...)
		}
		buf = buf[:at+step]
		if _, err := io.ReadFull(r, buf[at:]); err != nil {
			return buf, damaged(err)
		}
	}
	return buf, nil
}

// block hands on one block's content. What is no packet is kept as notes,
// because comments and names are in it.
func (n *pcapng) block(kind uint32, b []byte) error {
	device, at, held, sent := 0, 0, 0, 0
	switch {
	case kind == pcapInterface && len(b) >= 8 && len(n.links) < maxPcapDevices:
		n.links = append(n.links, uint32(n.order.Uint16(b)))
		return n.c.note(b[8:])
	case kind == pcapEnhanced && len(b) >= 20:
		device, at, held, sent = int(n.order.Uint32(b)), 20, int(n.order.Uint32(b[12:])), int(n.order.Uint32(b[16:]))
	case kind == pcapOldPacket && len(b) >= 20:
		device, at, held, sent = int(n.order.Uint16(b)), 20, int(n.order.Uint32(b[12:])), int(n.order.Uint32(b[16:]))
	case kind == pcapSimple && len(b) >= 4:
		at, sent = 4, int(n.order.Uint32(b))
		held = min(sent, len(b)-4)
	case kind == pcapSection && len(b) >= 16:
		return n.c.note(b[16:])
	default:
		return n.c.note(b)
	}
	if held > len(b)-at || held > maxPacket || device >= len(n.links) {
		return &CauseError{Broken}
	}
	if err := n.c.packet(n.links[device], b[at:at+held], int64(sent-held)); err != nil {
		return err
	}
	return n.c.note(b[min(len(b), at+(held+3)&^3):])
}
