//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

const (
	// scanRuns is how often each program reads the log.
	scanRuns = 5
	// scanPattern is what the peers search for, which says less than a match.
	scanPattern = "[0-9]{13,19}"
	// scanRule is what a rule for card numbers looks like where groups count.
	scanRule = "\\b(?:[0-9][ -]?){13,19}\\b"
	// slowLog is how much of the log the slowest peer gets.
	slowLog = 4 * mebi
)

// A scanLog is one input of the scan.
type scanLog struct {
	name  string
	write func(path string, size int64) error
	bound float64 // of the scanner's CPU to that of reading alone
}

// scan compares the scanner's CPU with that of pattern searches and with
// reading alone, on two logs.
func (b *bench) scan(ctx context.Context) error {
	reader, err := b.build(ctx, "./bench/peer/read")
	if err != nil {
		return err
	}
	for _, log := range []scanLog{{"web", writeLog, 4}, {"pos", writeTillLog, 5}} {
		path := filepath.Join(b.dir, log.name+".log")
		if err := log.write(path, b.log); err != nil {
			return err
		}
		err := b.scanOne(ctx, reader, log, path)
		if err == nil && log.name == "web" {
			err = b.scanSlow(ctx, path)
		}
		if err == nil && log.name == "web" {
			err = b.scanTwo(ctx, reader, path)
		}
		_ = os.Remove(path)
		if err != nil {
			return err
		}
	}
	return nil
}

// scanOne adds the rows of one log.
func (b *bench) scanOne(ctx context.Context, reader string, log scanLog, path string) error {
	peers, err := b.searchers(ctx, path)
	if err != nil {
		return err
	}
	commands := [][]string{b.scanOf(path, "--plain", "--classes", "pan,track1,track2"), b.scanOf(path), {reader, path}}
	good := []int{1, 1, 0}
	for _, p := range peers {
		commands, good = append(commands, p.command), append(good, 0)
	}
	cost, err := alternate(ctx, scanRuns, good, commands...)
	if err != nil {
		return err
	}
	conditions := fmt.Sprintf("%d MiB %s log in memory, medians of %d", b.log/mebi, log.name, scanRuns)
	rate := func(u usage) float64 { return float64(b.log) / mebi / u.cpu.Seconds() }
	const against = "%s: %.0f MiB per CPU second; stanch scan: %.0f; %s"
	cards, all, read := cost[0], cost[1], cost[2]
	b.atMost(log.bound, "scan", "scan_"+log.name+"_cpu_to_read", ratio(cards.cpu, read.cpu), "ratio",
		against, "Go program that only reads; plain cards and tracks", rate(read), rate(cards), conditions)
	b.atMost(10, "scan", "scan_"+log.name+"_all_cpu_to_read", ratio(all.cpu, read.cpu), "ratio",
		against, "the same; all classes and decoders", rate(read), rate(all), conditions)
	for i, p := range peers {
		name, u := "scan_"+log.name+"_cpu_to_"+p.name, cost[3+i]
		if p.bound > 0 {
			b.atMost(p.bound, "scan", name, ratio(cards.cpu, u.cpu), "ratio", against, p.says, rate(u), rate(cards), conditions)
			continue
		}
		b.add("scan", name, ratio(cards.cpu, u.cpu), "ratio", against, p.says, rate(u), rate(cards), conditions)
	}
	return b.scanMemory(ctx, log.name, path)
}

// scanOf is the command of a scan whose report goes to a file.
func (b *bench) scanOf(path string, options ...string) []string {
	command := append([]string{b.stanch, "scan", "--format", "jsonl", "--out", filepath.Join(b.dir, "report.jsonl")}, options...)
	return append(command, path)
}

// scanMemory adds the row of what a scan holds above the program's own start.
func (b *bench) scanMemory(ctx context.Context, name, path string) error {
	const workers = 2
	base, err := heldBy(ctx, 0, b.stanch, "version")
	if err != nil {
		return err
	}
	command := b.scanOf(path)
	held, err := heldBy(ctx, 1, command[0], command[1:]...)
	if err != nil {
		return err
	}
	b.atMost(32+8*workers, "scan", "scan_"+name+"_memory", float64(held-base)/mebi, "MiB",
		"above the peak of stanch version, %.0f MiB, at %d workers, all classes", float64(base)/mebi, workers)
	return nil
}

// scanSlow adds the row of a peer that takes minutes for what others read in a
// second, on the head of the log.
func (b *bench) scanSlow(ctx context.Context, path string) error {
	gitleaks, err := exec.LookPath("gitleaks")
	if err != nil {
		b.say("scan: gitleaks is not installed, so it is not measured")
		return nil
	}
	folder := filepath.Join(b.dir, "slow")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	rules, head := filepath.Join(b.dir, "rules.toml"), filepath.Join(folder, "head.log")
	if err := os.WriteFile(rules, []byte("[[rules]]\nid = \"card\"\nregex = '''"+scanRule+"'''\n"), 0o644); err != nil {
		return err
	}
	size := min(b.log, slowLog)
	if err := writeLog(head, size); err != nil {
		return err
	}
	slow, err := alternate(ctx, 1, []int{0}, []string{gitleaks, "dir", "--config", rules, "--exit-code", "0", "--log-level", "error", folder})
	if err != nil {
		return err
	}
	cards, err := alternate(ctx, scanRuns, []int{1}, b.scanOf(path, "--plain", "--classes", "pan,track1,track2"))
	if err != nil {
		return err
	}
	each := func(u usage, bytes int64) float64 { return u.cpu.Seconds() / float64(bytes) * mebi }
	b.atMost(1.0/400, "scan", "scan_web_cpu_to_gitleaks", each(cards[0], b.log)/each(slow[0], size), "ratio",
		"gitleaks with one card rule: %.3f CPU seconds for a MiB, of %d; stanch scan: %.6f, of %d", each(slow[0], size), size/mebi,
		each(cards[0], b.log), b.log/mebi)
	return nil
}

// scanTwo adds the row of two workers: two files at once against one after
// the other. It promises something only where reading alone gains as much.
func (b *bench) scanTwo(ctx context.Context, reader, path string) error {
	cost, err := alternate(ctx, scanRuns, []int{1, 1, 0}, b.scanOf(path), append(b.scanOf(path), path), []string{reader, path})
	if err != nil {
		return err
	}
	floor, err := atOnce(ctx, 2, reader, path)
	if err != nil {
		return err
	}
	gain, floorGain := ratio(2*cost[0].wall, cost[1].wall), ratio(2*cost[2].wall, floor)
	const against = "two files one after the other take %.2f times as long as at once; for a program that only reads it is %.2f times"
	if floorGain >= 1.9 {
		b.atMost(1/1.8, "scan", "scan_two_workers", 1/gain, "ratio", against, gain, floorGain)
		return nil
	}
	b.add("scan", "scan_two_workers", 1/gain, "ratio", against+", so nothing is promised", gain, floorGain)
	return nil
}
