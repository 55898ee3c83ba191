package access

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/stanch/stanch/internal/record"
)

// A Tally counts attempts to sign in that failed, or are under way. Times are
// Unix microseconds.
type Tally struct {
	Key      string // a digest: logins people mistyped stand nowhere
	Failures int64
	Until    int64 // no attempt before this
	Last     int64 // of the last failure
	Good     int64 // of the last success
}

const (
	freePair    = 5               // failures of one login from one address that cost nothing
	freeAddress = 30              // failures of one address over all logins that cost nothing
	longestWait = 5 * time.Minute // between two attempts
	perMinute   = 60              // failures a minute over everything
	forgetAfter = time.Hour       // without a failure
	knownFor    = 90 * day        // how long a success makes a login known from an address
	missesEach  = 10              // failures that make one entry
)

// A guess is one attempt at a password, as it is counted: by login and
// address, by address, and over all. Nothing is counted by login alone, or
// else anybody could lock anybody out.
type guess struct{ pair, address, all Tally }

func guessKeys(login, address string) (pair, place string) {
	digest := func(s string) string { sum := sha256.Sum256([]byte(s)); return hex.EncodeToString(sum[:]) }
	address = counted(address)
	return "pair:" + digest(login+"\x00"+address), "address:" + digest(address)
}

// tallies reads the counts that an attempt belongs to.
func (d *Door) tallies(ctx context.Context, tx record.Tx, login, address string) (g guess, err error) {
	pair, place := guessKeys(login, address)
	if g.pair, err = d.store.Tally(ctx, tx, pair); err != nil {
		return g, err
	}
	if g.address, err = d.store.Tally(ctx, tx, place); err != nil {
		return g, err
	}
	g.all, err = d.store.Tally(ctx, tx, "all")
	return g, err
}

func (d *Door) saveTallies(ctx context.Context, tx record.Tx, g guess) error {
	for _, y := range []Tally{g.pair, g.address, g.all} {
		if err := d.store.SaveTally(ctx, tx, y); err != nil {
			return err
		}
	}
	return nil
}

// charge counts an attempt as failed before it is made, so that many at once
// get no further than one after the other. It returns a *[Throttled] if the
// attempt must wait; then nothing is counted.
func (d *Door) charge(ctx context.Context, tx record.Tx, login, address string) error {
	g, err := d.tallies(ctx, tx, login, address)
	if err != nil {
		return err
	}
	if wait := g.wait(tx.Now()); wait > 0 {
		return &Throttled{wait}
	}
	g.count(tx.Now())
	return d.saveTallies(ctx, tx, g)
}

// settle takes the charge of an attempt that succeeded back.
func (d *Door) settle(ctx context.Context, tx record.Tx, login, address string) error {
	g, err := d.tallies(ctx, tx, login, address)
	if err != nil {
		return err
	}
	g.pair.Failures, g.pair.Until, g.pair.Good = 0, 0, tx.Now().UnixMicro()
	g.address.Failures = max(0, g.address.Failures-1)
	g.all.Failures = max(0, g.all.Failures-1)
	return d.saveTallies(ctx, tx, g)
}

// wait returns how long the attempt must wait. Where this login has been used
// from this address before, what others do there or elsewhere holds nobody up.
func (g guess) wait(now time.Time) time.Duration {
	at := now.UnixMicro()
	until := g.pair.Until
	if g.pair.Good == 0 || at-g.pair.Good > knownFor.Microseconds() {
		until = max(until, g.address.Until)
		if g.all.Failures >= perMinute {
			until = max(until, g.all.Until)
		}
	}
	return time.Duration(max(0, until-at)) * time.Microsecond
}

// count adds one failure everywhere.
func (g *guess) count(now time.Time) {
	at := now.UnixMicro()
	g.pair.miss(now, freePair)
	g.address.miss(now, freeAddress)
	if at >= g.all.Until { // a new minute begins
		g.all.Failures, g.all.Until = 0, now.Add(time.Minute).UnixMicro()
	}
	g.all.Failures++
	g.all.Last = at
}

// miss counts a failure; those after the free ones each double the wait.
func (y *Tally) miss(now time.Time, free int64) {
	at := now.UnixMicro()
	if at-y.Last > forgetAfter.Microseconds() {
		y.Failures = 0
	}
	y.Failures++
	y.Last, y.Until = at, 0
	if over := y.Failures - free; over > 0 {
		y.Until = now.Add(min(longestWait, time.Second<<min(over, 20))).UnixMicro()
	}
}
