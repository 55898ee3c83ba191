package carrier

import (
	"bytes"
	"slices"
)

// Flags of TCP.
const (
	tcpFIN = 1
	tcpSYN = 2
	tcpRST = 4
)

// segment takes one TCP segment of a direction: in order or not, once or
// again, with or without a gap before it. Cut is what of it was not kept.
func (c *capture) segment(key ends, seq uint32, flags byte, b []byte, cut int64) error {
	old := c.halves[key]
	if flags&tcpSYN != 0 {
		seq++
		if old != nil && (old.closed || old.synced && old.first != seq) { // the ports are used again
			if err := c.flush(key, old, false); err != nil {
				return err
			}
		}
	}
	if old == nil && len(b) == 0 {
		return nil
	}
	h := c.half(key)
	return c.grow(h, func() {
		if flags&tcpSYN != 0 && !h.begun {
			h.begin(seq)
			h.synced = true
		}
		if len(b) > 0 {
			h.take(seq, b)
			h.tail = cut
		}
		h.closed = h.closed || flags&(tcpFIN|tcpRST) != 0
	})
}

// begin sets where the stream begins.
func (h *half) begin(seq uint32) { h.first, h.next, h.begun = seq, seq, true }

// take adds a segment.
func (h *half) take(seq uint32, b []byte) {
	if !h.begun {
		h.begin(seq)
	}
	switch ahead := int32(seq - h.next); {
	case ahead > 0:
		h.wait(seq, b)
	case ahead+int32(len(b)) > 0:
		h.add(b[-ahead:])
		h.drain()
	case !h.synced && int32(seq-h.first) < 0 && h.pieces == 0 && len(h.data) < maxWaiting:
		h.before(seq, b)
	}
}

// add appends what comes next.
func (h *half) add(b []byte) {
	h.data = append(h.data, b...)
	h.next += uint32(len(b))
}

// before puts a segment in front of all, which is where it belongs if the
// capture began in the middle and the packets came in disorder.
func (h *half) before(seq uint32, b []byte) {
	gap := int64(int32(h.first - seq - uint32(len(b))))
	if gap < 0 {
		b = b[:int64(len(b))+gap]
	}
	b = bytes.Clone(b)
	if gap > 0 {
		h.missing += gap
		b = append(b, '\n')
	}
	h.data = append(b, h.data...)
	h.first = seq
}

// wait keeps a segment until what is before it has come. When too much waits,
// it is taken that it never will.
func (h *half) wait(seq uint32, b []byte) {
	at, _ := slices.BinarySearchFunc(h.waiting, seq, func(s segment, seq uint32) int { return int(int32(s.seq - seq)) })
	if at < len(h.waiting) && h.waiting[at].seq == seq && len(h.waiting[at].data) >= len(b) {
		return
	}
	h.waiting = slices.Insert(h.waiting, at, segment{seq, bytes.Clone(b)})
	h.queued += len(b)
	for h.queued > maxWaiting || len(h.waiting) > maxSegments {
		h.release(1)
	}
}

// maxSegments bounds how many segments wait, so that sorting stays cheap.
const maxSegments = 512

// maxGap is more than any window: what is further off is no gap.
const maxGap = 1 << 30

// drain adds what was waiting and is next now.
func (h *half) drain() {
	for len(h.waiting) > 0 {
		s := h.waiting[0]
		ahead := int32(s.seq - h.next)
		if ahead > 0 {
			return
		}
		h.pop()
		if ahead+int32(len(s.data)) > 0 {
			h.add(s.data[-ahead:])
		}
	}
}

func (h *half) pop() {
	h.queued -= len(h.waiting[0].data)
	h.waiting = h.waiting[1:]
}

// release gives up on up to n gaps. Digits on both sides of one must not read
// as a number, so a line ends there.
func (h *half) release(n int) {
	for ; n > 0 && len(h.waiting) > 0; n-- {
		if gap := int64(h.waiting[0].seq - h.next); gap < maxGap {
			h.missing += gap
		} else {
			h.missing++ // another stream, of which the beginning was not seen
		}
		h.next = h.waiting[0].seq
		h.data = append(h.data, '\n')
		h.drain()
	}
}
