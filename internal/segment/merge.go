package segment

import (
	"bufio"
	"container/heap"
	"context"
	"io"
)

// A stream yields records in rising order.
type stream struct {
	in  *bufio.Reader
	mem []record // instead of in
	own func(*record)
	old bool // its cards were counted before
	rec record
}

// next moves to the next record and reports whether there is one.
func (s *stream) next() (bool, error) {
	if s.in == nil {
		if len(s.mem) == 0 {
			return false, nil
		}
		s.rec, s.mem = s.mem[0], s.mem[1:]
		return true, nil
	}
	_, err := io.ReadFull(s.in, s.rec[:])
	switch {
	case err == io.EOF:
		return false, nil
	case err != nil:
		return false, ErrDamaged
	}
	if s.own != nil {
		s.own(&s.rec)
	}
	return true, nil
}

type streams []*stream

func (h streams) Len() int           { return len(h) }
func (h streams) Less(i, j int) bool { return compare(&h[i].rec, &h[j].rec) < 0 }
func (h streams) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *streams) Push(x any)        { *h = append(*h, x.(*stream)) }
func (h *streams) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// A union is one card over all streams of a merge.
type union struct {
	rec       record // judged if any is
	old       bool   // some old stream has it
	oldJudged bool   // and there it is judged
}

// fresh reports whether the card was not counted before, and upgraded whether
// it was but only now counts for the policy.
func (u *union) fresh() bool    { return !u.old }
func (u *union) upgraded() bool { return u.old && u.rec.judged() && !u.oldJudged }

// merge calls yield once for each card in any of the streams, in rising order.
func merge(ctx context.Context, from []*stream, yield func(*union) error) error {
	var h streams
	for _, s := range from {
		more, err := s.next()
		if err != nil {
			return err
		}
		if more {
			h = append(h, s)
		}
	}
	heap.Init(&h)
	for turn := 0; len(h) > 0; turn++ {
		if turn&0xfff == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		u := union{rec: h[0].rec}
		for len(h) > 0 && compare(&h[0].rec, &u.rec) == 0 {
			s := h[0]
			u.rec.judge(s.rec.judged())
			u.old = u.old || s.old
			u.oldJudged = u.oldJudged || s.old && s.rec.judged()
			if err := h.advance(); err != nil {
				return err
			}
		}
		if err := yield(&u); err != nil {
			return err
		}
	}
	return nil
}

// advance moves the first stream on.
func (h *streams) advance() error {
	more, err := (*h)[0].next()
	switch {
	case err != nil:
		return err
	case more:
		heap.Fix(h, 0)
	default:
		heap.Pop(h)
	}
	return nil
}
