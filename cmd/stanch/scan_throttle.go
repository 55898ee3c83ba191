package main

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A throttle holds reading to a rate, over all files together. A nil one holds
// nothing.
type throttle struct {
	rate int64      // bytes a second
	mu   sync.Mutex // guards next
	next time.Time  // when the bytes given out so far will have been paid for
}

// throttleBurst is how long a throttle may run ahead: a block is read at once.
const throttleBurst = 50 * time.Millisecond

// wait returns when n more bytes may have been read, or when ctx ends.
func (p *throttle) wait(ctx context.Context, n int) {
	if p == nil || n <= 0 {
		return
	}
	p.mu.Lock()
	now := time.Now()
	if p.next.Before(now) {
		p.next = now
	}
	p.next = p.next.Add(time.Duration(float64(n) / float64(p.rate) * float64(time.Second)))
	pause := p.next.Sub(now) - throttleBurst
	p.mu.Unlock()
	if pause <= 0 {
		return
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// A paced input counts what is read of it, and is read no faster than allowed.
type paced struct {
	r        io.ReaderAt
	ctx      context.Context
	throttle *throttle
	read     func(n int)
}

// ReadAt implements [io.ReaderAt].
func (p *paced) ReadAt(b []byte, off int64) (int, error) {
	n, err := p.r.ReadAt(b, off)
	p.throttle.wait(p.ctx, n)
	p.read(n)
	return n, err
}

// errRate says that a text is no rate.
var errRate = errors.New("want a number of bytes a second, such as 500K, 20M or 1G")

// parseRate reads a number of bytes with K, M or G behind it, powers of 1024.
func parseRate(text string) (int64, error) {
	text = strings.ToUpper(strings.TrimSuffix(strings.TrimSuffix(text, "/s"), "B"))
	shift := 0
	for unit, bits := range map[string]int{"K": 10, "M": 20, "G": 30} {
		if rest, ok := strings.CutSuffix(text, unit); ok {
			text, shift = rest, bits
			break
		}
	}
	n, err := strconv.ParseInt(text, 10, 33)
	if err != nil || n <= 0 {
		return 0, errRate
	}
	return n << shift, nil
}
