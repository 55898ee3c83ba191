//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
)

const (
	growthSeconds = 40 // that the file takes to grow
	growthLimit   = 8 * time.Minute
	growthConst   = 20 // entries of one finding besides one a second
	quietLeaks    = 25
	quietBegin    = 50_000 // number of the first leak
)

// growth measures what one file of card numbers, each another one, does to
// the centre and to those who leak elsewhere meanwhile.
func (b *bench) growth(ctx context.Context) error {
	in, err := b.installation("growth")
	if err != nil {
		return err
	}
	c, err := b.serve(ctx, in)
	if err != nil {
		return err
	}
	defer c.kill()
	defer os.RemoveAll(in.watched())
	quiet, err := c.toCases(ctx, "quiet", quietBegin, quietBegin+quietLeaks)
	if err != nil {
		return err
	}
	g := &growing{centre: c, path: filepath.Join(in.watched(), "export", "cards.txt"), size: b.bytes, say: b.say}
	if err := os.Mkdir(filepath.Dir(g.path), 0o755); err != nil {
		return err
	}
	if err := g.run(ctx); err != nil {
		return err
	}
	if err := g.count(ctx); err != nil {
		return err
	}
	b.addGrowth(g, quiet)
	return c.stop()
}

func (b *bench) addGrowth(g *growing, quiet []time.Duration) {
	what := fmt.Sprintf("one file of %d MiB, %d distinct numbers, grown in %.0f s, read after %.0f s", g.size/mebi, g.cards, g.grown.Seconds(), g.read.Seconds())
	b.atMost(serveMemory/mebi, "growth", "growth_memory", float64(g.peak.Load())/mebi, "MiB", "peak of centre and workers together; %s", what)
	b.atMost(1, "growth", "growth_findings", float64(g.rows), "rows", "%s", what)
	b.atMost(0, "growth", "growth_miscounted", float64(g.cards-min(g.low, g.cards)+max(g.high-g.cards, 0)), "cards", "counted %d to %d; %s", g.low, g.high, what)
	b.atMost(float64(int(g.read.Seconds())+growthConst), "growth", "growth_entries", float64(g.versions), "entries",
		"entries about that finding: one a second and %d; %s", growthConst, what)
	during, before := median(g.during), median(quiet)
	b.add("growth", "growth_latency", ratio(during, before), "ratio",
		"leak to case in another folder of the same root, p50 before: %.0f ms; while the file grew and was read: %.0f ms, slowest %.0f ms, %d leaks", ms(before), ms(during), ms(quantile(g.during, 1)), len(g.during))
}

// A growing is a file that grows under a centre's eyes.
type growing struct {
	*centre
	path string
	size int64
	say  func(string, ...any)

	began       time.Time
	cards       int64         // written
	grown, read time.Duration // until all was written, and counted
	during      []time.Duration
	rows        int // findings of the file
	low, high   int64
	versions    int // entries about its finding
}

// run writes the file, waits until it has been read, and leaks elsewhere all
// the time.
func (g *growing) run(ctx context.Context) error {
	g.began = time.Now()
	ctx, cancel := context.WithTimeout(ctx, growthLimit)
	defer cancel()
	group, ctx := errgroup.WithContext(ctx)
	done := make(chan struct{})
	group.Go(func() error { return g.grow(ctx) })
	group.Go(func() error {
		defer close(done)
		return g.await(ctx)
	})
	group.Go(func() error { return g.elsewhere(ctx, done) })
	return group.Wait()
}

// grow writes numbers at an even pace.
func (g *growing) grow(ctx context.Context) error {
	file, err := os.Create(g.path)
	if err != nil {
		return err
	}
	defer file.Close()
	numbers := newNumbers()
	const step = 100 * time.Millisecond
	part := g.size / int64(growthSeconds*time.Second/step)
	var chunk []byte
	var cards, written int64
	tick := time.NewTicker(step)
	defer tick.Stop()
	for written < g.size {
		chunk = chunk[:0]
		for int64(len(chunk)) < part && written+int64(len(chunk)) < g.size {
			chunk = append(chunk, soldBefore...)
			chunk = append(numbers.next(chunk), soldAfter...)
			cards++
		}
		n, err := file.Write(chunk)
		if err != nil {
			return err
		}
		written += int64(n)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	g.grown, g.cards = time.Since(g.began), cards
	return nil
}

// Each line of the file is one sale as a till exports it.
const (
	soldBefore = "sale;approved;till at the door;chip and signature;slip printed;card="
	soldAfter  = ";paid in full;goods handed over;no refund\n"
)

// A numbers makes card numbers in order under a published test BIN. It gives
// the same kind of number as cardtest, many times faster.
type numbers struct {
	digits [16]byte
}

func newNumbers() *numbers {
	n := &numbers{}
	copy(n.digits[:], cardtest.Number(card.Visa, 16, 0)[:6])
	copy(n.digits[6:], "0000000000")
	return n
}

// next appends a number that was not there before.
func (n *numbers) next(to []byte) []byte {
	for i := 14; ; i-- {
		if n.digits[i] < '9' {
			n.digits[i]++
			break
		}
		n.digits[i] = '0'
	}
	sum := 0
	for i := range 15 {
		d := int(n.digits[i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	n.digits[15] = '0' + byte((10-sum%10)%10)
	return append(to, n.digits[:]...)
}

// await waits until the finding counts every number.
func (g *growing) await(ctx context.Context) error {
	for told := time.Now(); ; time.Sleep(500 * time.Millisecond) {
		f, err := g.find(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return fmt.Errorf("read a growing file: not at its end in time; counted %d cards", g.low)
			}
			return err
		}
		g.low, g.high = f.Low, f.High
		if g.read = time.Since(g.began); g.cards > 0 && f.Low >= g.cards {
			return nil
		}
		if time.Since(told) > 20*time.Second {
			told = time.Now()
			g.say("growth: %.0f s, %d of %d million cards counted, %d MiB held", g.read.Seconds(), f.Low/1e6, g.size/int64(len(soldBefore)+len(soldAfter)+16)/1e6, g.peak.Load()/mebi)
		}
	}
}

// find returns the finding of the file, or an empty one. It is among the
// first, because it was seen just now.
func (g *growing) find(ctx context.Context) (found, error) {
	list, _, err := g.findings(ctx, "", 50)
	for _, f := range list {
		if f.Path == g.path {
			return f, err
		}
	}
	return found{}, err
}

// elsewhere leaks in other folders, one after the other.
func (g *growing) elsewhere(ctx context.Context, done <-chan struct{}) error {
	for n := uint64(quietBegin + 10_000); ; n++ {
		dir, err := g.folder(fmt.Sprintf("busy/%d", n))
		if err != nil {
			return err
		}
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			return nil // the others say why
		case <-time.After(time.Second):
		}
		took, err := g.toCase(ctx, leakIn(dir, n))
		if err != nil && ctx.Err() == nil {
			return err
		}
		if err == nil {
			g.during = append(g.during, took)
		}
	}
}

// count counts the findings of the file, and the entries about them.
func (g *growing) count(ctx context.Context) error {
	mine := map[string]bool{}
	for cursor := ""; ; {
		list, next, err := g.findings(ctx, cursor, 200)
		if err != nil {
			return err
		}
		for _, f := range list {
			if strings.HasPrefix(f.Path, g.path) {
				mine["finding:"+f.ID] = true
			}
		}
		if cursor = next; next == "" {
			break
		}
	}
	g.rows = len(mine)
	if g.rows == 0 {
		return errors.New("the file has no finding")
	}
	return g.countEntries(ctx, mine)
}

func (g *growing) countEntries(ctx context.Context, mine map[string]bool) error {
	for cursor := ""; ; {
		var page struct {
			Items []struct{ Subject string }
			Next  string
		}
		if err := g.call(ctx, http.MethodGet, "/ledger/entries?limit=200&cursor="+cursor, "", nil, &page); err != nil {
			return err
		}
		for _, e := range page.Items {
			if mine[e.Subject] {
				g.versions++
			}
		}
		if cursor = page.Next; cursor == "" {
			return nil
		}
	}
}
