package carrier

import (
	"bytes"
	"fmt"
	"io"
	"net/netip"
	"slices"
)

// Bounds of what a capture holds in memory.
const (
	maxCapture = 4 << 20   // of all connections
	maxWaiting = 512 << 10 // of one connection, behind a gap
	halfCost   = 512       // for each direction of a connection, whatever it sent
	seamSize   = 512       // said again when a connection is visited in pieces
	recent     = 4096      // packets after which a connection counts as idle
)

// A capture puts connections together.
type capture struct {
	visit     func(*Member) error
	room      int64
	held      int64
	count     int64 // packets
	halves    map[ends]*half
	order     int64 // of the next half
	others    half  // what no connection is known for
	notes     half
	fragments int64 // bytes
	stopped   error // from visit
}

// ends name one direction.
type ends struct {
	from, to netip.AddrPort
	udp      bool
}

func (e ends) String() string {
	if e.udp {
		return fmt.Sprintf("udp %s-%s", e.from, e.to)
	}
	return fmt.Sprintf("%s-%s", e.from, e.to)
}

func newCapture(room int64, visit func(*Member) error) *capture {
	return &capture{visit: visit, room: min(max(room, 64<<10), maxCapture), halves: map[ends]*half{}}
}

// A half is one direction of a connection.
type half struct {
	name    string
	order   int64
	last    int64 // packet
	data    []byte
	seam    int    // bytes of data that were visited before
	first   uint32 // where the stream begins
	next    uint32 // the byte that comes next
	begun   bool   // first and next are set
	synced  bool   // the beginning was seen
	closed  bool
	waiting []segment // by number
	queued  int       // bytes in them
	missing int64
	tail    int64 // not kept of the last segment
	pieces  int   // visited
}

// A segment waits for what comes before it.
type segment struct {
	seq  uint32
	data []byte
}

// size is what h costs.
func (h *half) size() int64 {
	return int64(cap(h.data)) + halfCost + int64(h.queued) + 64*int64(len(h.waiting))
}

// half returns the direction, new or known.
func (c *capture) half(key ends) *half {
	h := c.halves[key]
	if h == nil {
		c.order++
		h = &half{name: key.String(), order: c.order}
		c.halves[key] = h
		c.held += halfCost
	}
	h.last = c.count
	return h
}

// grow accounts for what change does to h, and makes room.
func (c *capture) grow(h *half, change func()) error {
	before := h.size()
	change()
	c.held += h.size() - before
	if c.held > c.room {
		return c.relieve()
	}
	return nil
}

// datagram takes what was sent in one piece.
func (c *capture) datagram(key ends, b []byte, cut int64) error {
	if len(b) == 0 {
		return nil
	}
	h := c.half(key)
	return c.grow(h, func() {
		h.data = append(append(h.data, b...), '\n')
		h.missing += cut
	})
}

// other keeps a packet that is of no connection.
func (c *capture) other(b []byte) error {
	c.others.name = "(other packets)"
	return c.grow(&c.others, func() { c.others.data = append(append(c.others.data, b...), '\n') })
}

// note keeps what is written in a capture beside the packets.
func (c *capture) note(b []byte) error {
	if len(b) <= 4 {
		return nil
	}
	c.notes.name = "(notes)"
	return c.grow(&c.notes, func() { c.notes.data = append(append(c.notes.data, b...), '\n') })
}

// fragment keeps a piece of a packet, and counts that it was not put together.
func (c *capture) fragment(b []byte) error {
	c.fragments += int64(len(b))
	return c.other(b)
}

// relieve visits what has ended or was quiet the longest, until half of the
// room is free.
func (c *capture) relieve() error {
	all := c.sorted(func(a, b *half) bool {
		if a.closed != b.closed {
			return a.closed
		}
		return a.last < b.last
	})
	for _, h := range all {
		if c.held <= c.room/2 {
			return nil
		}
		if err := c.flush(h.key, h.half, true); err != nil {
			return err
		}
	}
	for _, h := range []*half{&c.others, &c.notes} {
		if err := c.flush(ends{}, h, true); err != nil {
			return err
		}
	}
	return nil
}

type keyed struct {
	*half
	key ends
}

func (c *capture) sorted(less func(a, b *half) bool) []keyed {
	all := make([]keyed, 0, len(c.halves))
	for key, h := range c.halves {
		all = append(all, keyed{h, key})
	}
	slices.SortFunc(all, func(a, b keyed) int {
		switch {
		case less(a.half, b.half):
			return -1
		case less(b.half, a.half):
			return 1
		}
		return int(a.order - b.order)
	})
	return all
}

// end visits all that is left, in the order in which it began.
func (c *capture) end() error {
	for _, h := range c.sorted(func(a, b *half) bool { return a.order < b.order }) {
		if err := c.flush(h.key, h.half, false); err != nil {
			return err
		}
	}
	for _, h := range []*half{&c.others, &c.notes} {
		if err := c.flush(ends{}, h, false); err != nil {
			return err
		}
	}
	if c.fragments > 0 {
		return c.visit(&Member{Name: "(fragments)", Refused: Broken, Stored: c.fragments})
	}
	return nil
}

// flush visits what a direction has sent so far. If it goes on, the end of
// that is kept, so that a number across the seam is found; what lies in it
// whole is found twice.
func (c *capture) flush(key ends, h *half, goesOn bool) error {
	c.held -= h.size()
	h.release(len(h.waiting))
	h.missing, h.tail = h.missing+h.tail, 0
	if len(h.data) > h.seam {
		if err := c.hand(h, goesOn); err != nil {
			c.stopped = err
			return err
		}
	}
	if h.missing > 0 {
		if err := c.visit(&Member{Name: h.name + " (missing)", Refused: Broken, Stored: h.missing}); err != nil {
			c.stopped = err
			return err
		}
	}
	h.missing = 0
	if h == &c.others || h == &c.notes {
		h.data, h.seam = nil, 0
		h.pieces++
		c.held += h.size()
		return nil
	}
	if !goesOn || h.closed || c.count-h.last > recent || c.held > c.room/4 {
		delete(c.halves, key)
		return nil
	}
	h.data = bytes.Clone(h.data[max(0, len(h.data)-seamSize):])
	h.seam = len(h.data)
	h.pieces++
	c.held += h.size()
	return nil
}

// hand visits the stream of a direction, and what was packed in it.
func (c *capture) hand(h *half, goesOn bool) error {
	name := h.name
	if h.pieces > 0 {
		name = fmt.Sprintf("%s#%d", name, h.pieces+1)
	}
	if cause := ciphered(h.data); cause != "" && h.pieces == 0 {
		return c.visit(&Member{Name: name, Refused: cause, Stored: int64(len(h.data))})
	}
	text, bodies := unHTTP(h.data)
	m := &Member{Name: name, Stored: int64(len(h.data)), Size: -1, Plain: len(bodies) > 0}
	m.Open = func() (io.Reader, error) { return bytes.NewReader(text), nil }
	if err := c.visit(m); err != nil {
		return err
	}
	for i, b := range bodies {
		m := b.member(fmt.Sprintf("%s/body-%d", name, i+1))
		if err := c.visit(m); err != nil {
			return err
		}
		if goesOn && b.cut { // its rest comes when this is gone
			if err := c.visit(&Member{Name: m.Name + " (rest)", Refused: OverBudget, Stored: -1}); err != nil {
				return err
			}
		}
	}
	return nil
}

// ciphered names streams that nobody without the keys can read: TLS and SSH.
func ciphered(b []byte) Cause {
	tls := len(b) > 5 && b[0] == 0x16 && b[1] == 3 && b[2] <= 4 && (b[5] == 1 || b[5] == 2)
	if tls || bytes.HasPrefix(b, []byte("SSH-2.0-")) {
		return Encrypted
	}
	return ""
}
