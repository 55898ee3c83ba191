package cell

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ErrClosed is returned for an examination after Close.
var ErrClosed = errors.New("cell: closed")

const (
	maxJobs = 2000             // a worker is replaced after so many inputs
	maxIdle = 30 * time.Second // and ended when nothing came for so long
)

// A pool keeps workers warm. Its lock is never held while a process starts,
// works or ends.
type pool struct {
	command []string
	slots   chan struct{}
	closed  chan struct{}
	mu      sync.Mutex // guards all below
	shut    bool
	idle    []*process
	busy    map[*process]bool
	timer   *time.Timer
	running sync.WaitGroup // processes taken and not yet given back
}

func newPool(command []string, workers int) *pool {
	return &pool{command: command, slots: make(chan struct{}, workers), closed: make(chan struct{}), busy: make(map[*process]bool)}
}

// take returns a worker, warm if there is one. It blocks while all are busy.
func (p *pool) take(ctx context.Context) (*process, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-p.closed:
		return nil, ErrClosed
	case p.slots <- struct{}{}:
	}
	w, err := p.warm()
	if w == nil && err == nil {
		if w, err = start(p.command); err == nil {
			err = p.enter(w)
		}
	}
	if err != nil {
		<-p.slots
		return nil, err
	}
	return w, nil
}

// warm takes an idle worker, if any.
func (p *pool) warm() (*process, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shut {
		return nil, ErrClosed
	}
	if len(p.idle) == 0 {
		return nil, nil
	}
	w := p.idle[len(p.idle)-1]
	p.idle = p.idle[:len(p.idle)-1]
	p.busy[w] = true
	p.running.Add(1)
	return w, nil
}

// enter counts a worker that was just started.
func (p *pool) enter(w *process) error {
	p.mu.Lock()
	shut := p.shut
	if !shut {
		p.busy[w] = true
		p.running.Add(1)
	}
	p.mu.Unlock()
	if shut {
		w.end()
		return ErrClosed
	}
	return nil
}

// give returns a worker. One that is not fit, or has worked long, is ended.
func (p *pool) give(w *process, fit bool) {
	p.mu.Lock()
	delete(p.busy, w)
	keep := fit && !p.shut && w.jobs < maxJobs
	if keep {
		p.idle = append(p.idle, w)
		if p.timer == nil {
			p.timer = time.AfterFunc(maxIdle, p.cool)
		} else {
			p.timer.Reset(maxIdle)
		}
	}
	p.mu.Unlock()
	if !keep {
		w.end()
	}
	p.running.Done()
	<-p.slots
}

// cool ends the workers that nothing came for.
func (p *pool) cool() {
	p.mu.Lock()
	idle := p.idle
	p.idle = nil
	p.running.Add(1)
	p.mu.Unlock()
	for _, w := range idle {
		w.end()
	}
	p.running.Done()
}

// close ends all workers and waits for them.
func (p *pool) close() {
	p.mu.Lock()
	if !p.shut {
		p.shut = true
		close(p.closed)
	}
	if p.timer != nil {
		p.timer.Stop()
	}
	idle := p.idle
	p.idle = nil
	for w := range p.busy {
		w.cmd.Process.Kill() // whoever holds it sees the pipe end
	}
	p.mu.Unlock()
	for _, w := range idle {
		w.end()
	}
	p.running.Wait()
}
