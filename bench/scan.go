//go:build linux

package main

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
)

// scanRuns is how often each program reads the log.
const scanRuns = 3

// scan compares the scanner's CPU with that of a pattern search, which says
// less, and with reading alone.
func (b *bench) scan(ctx context.Context) error {
	reader, err := b.build(ctx, "./bench/peer/read")
	if err != nil {
		return err
	}
	grep, err := exec.LookPath("grep")
	if err != nil {
		return err
	}
	log := filepath.Join(b.dir, "access.log")
	if err := writeLog(log, b.log); err != nil {
		return err
	}
	defer os.Remove(log)
	report := filepath.Join(b.dir, "report.jsonl")
	defer os.Remove(report)
	cost, err := alternate(ctx, scanRuns, []int{1, 0, 0},
		[]string{b.stanch, "scan", "--format", "jsonl", "--out", report, log},
		[]string{grep, "-c", "-E", "[0-9]{13,19}", log},
		[]string{reader, log})
	if err != nil {
		return err
	}
	conditions := fmt.Sprintf("%d MiB web log in memory, medians of %d", b.log/mebi, scanRuns)
	rate := func(u usage) float64 { return float64(b.log) / mebi / u.cpu.Seconds() }
	b.add("scan", "scan_cpu_to_grep", ratio(cost[0].cpu, cost[1].cpu), "ratio",
		"grep -c -E '[0-9]{13,19}', C locale: %.0f MiB per CPU second; stanch scan: %.0f; %s", rate(cost[1]), rate(cost[0]), conditions)
	b.add("scan", "scan_cpu_to_read", ratio(cost[0].cpu, cost[2].cpu), "ratio",
		"Go program that only reads: %.0f MiB per CPU second; stanch scan: %.0f; %s", rate(cost[2]), rate(cost[0]), conditions)
	b.add("scan", "scan_time_to_grep", ratio(cost[0].wall, cost[1].wall), "ratio",
		"the same grep: %.1f s of time; stanch scan: %.1f s; %s", cost[1].wall.Seconds(), cost[0].wall.Seconds(), conditions)
	return nil
}

// writeLog writes a web server's log. One line in a thousand has a long
// number that is no card, one in ten thousand has a card.
func writeLog(path string, size int64) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	w := bufio.NewWriterSize(file, mebi)
	random := rand.New(rand.NewPCG(1, 2))
	agents := []string{"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", "okhttp/4.12.0", "curl/8.14.1"}
	var line []byte
	for written, n := int64(0), uint64(0); written < size; n++ {
		line = fmt.Appendf(line[:0], "10.%d.%d.%d - - [05/Jan/2026:12:%02d:%02d +0800] \"POST /api/v2/orders/%d/items/%d?session=%08x HTTP/1.1\" 200 %d \"-\" \"%s\"",
			random.IntN(256), random.IntN(256), random.IntN(256), random.IntN(60), random.IntN(60), random.IntN(1e7), random.IntN(100), random.Uint32(),
			random.IntN(1e5), agents[random.IntN(len(agents))])
		switch {
		case n%10_000 == 0:
			line = fmt.Appendf(line, " card=%s", cardtest.Number(card.Visa, 16, n))
		case n%1000 == 0:
			line = fmt.Appendf(line, " trace=9%017d", random.Uint64N(1e17))
		}
		line = append(line, '\n')
		if _, err := w.Write(line); err != nil {
			return err
		}
		written += int64(len(line))
	}
	return w.Flush()
}
