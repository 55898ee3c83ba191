package sqltable

import (
	"context"
	"sync"
	"time"
)

// A Pace holds readings to so many rows a second, all together. A nil one
// holds nothing.
type Pace struct {
	rows int64
	mu   sync.Mutex // guards free
	free time.Time  // when the next row may be read
}

// NewPace returns a pace, nil for no limit.
func NewPace(rowsPerSecond int64) *Pace {
	if rowsPerSecond <= 0 {
		return nil
	}
	return &Pace{rows: rowsPerSecond}
}

// clip bounds a page to what a second allows.
func (p *Pace) clip(rows int) int {
	if p == nil {
		return rows
	}
	return int(min(int64(rows), p.rows))
}

// wait returns when so many rows may be read.
func (p *Pace) wait(ctx context.Context, rows int) error {
	if p == nil {
		return ctx.Err()
	}
	p.mu.Lock()
	now := time.Now()
	if p.free.Before(now) {
		p.free = now
	}
	until := p.free
	p.free = p.free.Add(time.Duration(rows) * time.Second / time.Duration(p.rows))
	p.mu.Unlock()
	select {
	case <-time.After(until.Sub(now)):
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}
