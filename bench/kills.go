//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"
)

const (
	killWithin  = 900 * time.Millisecond // of the moment when it is ready, at random
	killNotes   = 3                      // clients that write notes
	deepEvery   = 20                     // crashes between two complete judgements of a long run
	deepAlways  = 50                     // crashes up to which each gets one
	leakSpacing = 40 * time.Millisecond
)

// kills kills a busy centre at random times, again and again. After each
// start a judge asks whether everything that was acknowledged is there.
func (b *bench) kills(ctx context.Context) error {
	in, err := b.installation("kills")
	if err != nil {
		return err
	}
	k := &killer{bench: b, installation: in, random: rand.New(rand.NewPCG(b.seed, 7)), judge: newJudge()}
	err = k.run(ctx)
	only := fmt.Sprintf("kills -kills %d -seed %d", b.crashes, b.seed)
	b.add(only, "kills", float64(k.done), "crashes", "SIGKILL within %s of ready, under load; acknowledged: %s; %d requests were cut off and repeated", killWithin, k.judge, k.repeated)
	b.atMost(0, only, "kills_lost", float64(len(k.judge.lost)), "things", "acknowledged by the API and not there, changed, or there twice: %s", k.judge.worst())
	b.atMost(0, only, "kills_ledger", float64(k.broken), "verdicts", "ledger verify that did not say intact, of %d (%d deep)", k.verified, k.deep)
	return err
}

// run makes all crashes, and judges the last one by a start more.
func (k *killer) run(ctx context.Context) error {
	for k.done < k.crashes {
		if err := k.cycle(ctx); err != nil {
			return fmt.Errorf("crash %d, seed %d: %w", k.done, k.seed, err)
		}
		if k.done%50 == 0 {
			k.say("kills: %d done, %s", k.done, k.judge)
		}
	}
	return k.settle(ctx)
}

// A killer runs the crashes.
type killer struct {
	*bench
	*installation
	random *rand.Rand
	judge  *judge

	done     int
	cut      []request // begun, and not answered before the crash
	repeated int
	verified int
	deep     int
	broken   int
	number   atomic.Uint64 // of requests and leaks
}

// A request is a call that changes something, safe to repeat by its key.
type request struct {
	key  string
	path string
	body map[string]any
}

// cycle starts the centre, judges the crash before, puts load on it and kills
// it.
func (k *killer) cycle(ctx context.Context) error {
	c, err := k.serve(ctx, k.installation)
	if err != nil {
		return err
	}
	defer c.kill()
	if err := k.repeat(ctx, c); err != nil {
		return err
	}
	if err := k.judge.look(ctx, c, k.complete()); err != nil {
		return err
	}
	if err := k.load(ctx, c); err != nil {
		return err
	}
	k.done++
	return k.verify(ctx, k.complete())
}

// settle judges the last crash.
func (k *killer) settle(ctx context.Context) error {
	c, err := k.serve(ctx, k.installation)
	if err != nil {
		return err
	}
	defer c.kill()
	if err := k.repeat(ctx, c); err != nil {
		return err
	}
	if err := k.judge.look(ctx, c, true); err != nil {
		return err
	}
	if err := c.stop(); err != nil {
		return err
	}
	return k.verify(ctx, true)
}

// complete reports whether this crash is judged over everything.
func (k *killer) complete() bool { return k.crashes <= deepAlways || k.done%deepEvery == 0 }

// load writes notes, opens cases and leaks cards until the centre is dead.
func (k *killer) load(ctx context.Context, c *centre) error {
	after := time.Duration(k.random.Int64N(int64(killWithin)))
	failed := make(chan error, killNotes+1)
	var clients sync.WaitGroup
	for range killNotes {
		clients.Go(func() { failed <- k.write(ctx, c) })
	}
	clients.Go(func() { failed <- k.leak(c) })
	time.Sleep(after)
	c.kill()
	clients.Wait()
	close(failed)
	var err error
	for e := range failed {
		err = errors.Join(err, e)
	}
	return err
}

// write opens a case and puts notes on it until the centre is dead.
func (k *killer) write(ctx context.Context, c *centre) error {
	n := k.number.Add(1)
	open := request{fmt.Sprintf("case-%d", n), "/cases", map[string]any{"kind": "other", "reporter": "staff", "place": fmt.Sprintf("till %d", n)}}
	id, err := k.send(ctx, c, open)
	if err != nil || id == "" {
		return err
	}
	for !c.dying.Load() {
		n := k.number.Add(1)
		note := request{fmt.Sprintf("note-%d", n), "/cases/" + id + "/notes", map[string]any{"text": fmt.Sprintf("remark %d", n)}}
		if _, err := k.send(ctx, c, note); err != nil {
			return err
		}
	}
	return nil
}

// send makes a call and tells the judge if it was acknowledged. A call that
// the crash cut off is kept to be repeated; it gives an empty id.
func (k *killer) send(ctx context.Context, c *centre, r request) (id string, err error) {
	var out json.RawMessage
	err = c.call(ctx, http.MethodPost, r.path, r.key, r.body, &out)
	var refused *refusal
	switch {
	case err == nil:
		return k.judge.acknowledged(r, out)
	case errors.As(err, &refused) && refused.Type == "/faults/outcome_unknown":
		return "", nil // said truly; the judge counts what came of it
	case errors.As(err, &refused), !c.dying.Load():
		return "", fmt.Errorf("send %s: %w", r.key, err)
	}
	k.judge.mu.Lock()
	defer k.judge.mu.Unlock()
	k.cut = append(k.cut, r)
	return "", nil
}

// repeat sends again what was cut off, under the same keys.
func (k *killer) repeat(ctx context.Context, c *centre) error {
	cut := k.cut
	k.cut = nil
	for _, r := range cut {
		k.repeated++
		if _, err := k.send(ctx, c, r); err != nil {
			return err
		}
	}
	return nil
}

// leak plants leaks until the centre is dead. A leak needs no acknowledgement:
// the file is there, so it must be found after the next start.
func (k *killer) leak(c *centre) error {
	for !c.dying.Load() {
		n := k.number.Add(1)
		dir, err := c.folder(fmt.Sprintf("till/%d", n))
		if err != nil {
			return err
		}
		l := leakIn(dir, n)
		if err := l.write(); err != nil {
			return err
		}
		k.judge.planted(l.path)
		time.Sleep(leakSpacing)
	}
	return nil
}

// verify checks the ledger as the crash left it.
func (k *killer) verify(ctx context.Context, deep bool) error {
	args := []string{"ledger", "verify", "--data", k.data(), "--keys", k.keys()}
	if deep {
		args = append(args, "--deep")
		k.deep++
	}
	k.verified++
	text, err := exec.CommandContext(ctx, k.stanch, args...).CombinedOutput()
	var ended *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return ctx.Err() // the check was cut off, and says nothing
	case errors.As(err, &ended):
		k.broken++
		k.say("kills: ledger verify after crash %d: %s", k.done, text)
	case err != nil:
		return err
	}
	return nil
}
