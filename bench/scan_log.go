//go:build linux

package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
)

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

// writeTillLog writes the log of a till, two thirds of it digits. One line in
// a thousand has a card.
func writeTillLog(path string, size int64) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	w := bufio.NewWriterSize(file, mebi)
	random := rand.New(rand.NewPCG(3, 4))
	var line []byte
	for written, n := int64(0), uint64(0); written < size; n++ {
		line = fmt.Appendf(line[:0], "20260105%02d%02d%02d.%03d 0200 STAN=%06d RRN=600512%06d TID=%08d MID=%015d AMT=%012d REF=20260105%010d",
			random.IntN(24), random.IntN(60), random.IntN(60), random.IntN(1000), random.IntN(1e6), random.IntN(1e6), random.IntN(1e8),
			random.Int64N(1e15), random.IntN(1e7), random.Int64N(1e10))
		if n%1000 == 0 {
			line = fmt.Appendf(line, " PAN=%s", cardtest.Number(card.Visa, 16, n))
		}
		line = append(line, '\n')
		if _, err := w.Write(line); err != nil {
			return err
		}
		written += int64(len(line))
	}
	return w.Flush()
}
