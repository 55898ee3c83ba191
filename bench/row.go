//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// A row is one line of the report.
type row struct {
	Name    string   `json:"name"`
	Value   float64  `json:"value"`
	Unit    string   `json:"unit"`
	Bound   *float64 `json:"bound"` // what the value may not pass; null: nothing is promised
	AtLeast bool     `json:"-"`     // the value may not fall below the bound, in place of not be above it
	OK      bool     `json:"ok"`
	Against string   `json:"against"` // the peer of the same run, and what both came to
	Command string   `json:"command"`
}

// add puts a row without a bound into the report.
func (b *bench) add(only, name string, value float64, unit, against string, args ...any) {
	b.rows = append(b.rows, row{
		Name: name, Value: value, Unit: unit, OK: true, Against: fmt.Sprintf(against, args...), Command: "go run ./bench -only " + only,
	})
}

// atMost puts a row into the report that is good only up to a bound.
func (b *bench) atMost(bound float64, only, name string, value float64, unit, against string, args ...any) {
	b.add(only, name, value, unit, against, args...)
	last := &b.rows[len(b.rows)-1]
	last.Bound, last.OK = &bound, value <= bound
}

// atLeast puts a row into the report that is good only from a bound on.
func (b *bench) atLeast(bound float64, only, name string, value float64, unit, against string, args ...any) {
	b.add(only, name, value, unit, against, args...)
	last := &b.rows[len(b.rows)-1]
	last.Bound, last.OK, last.AtLeast = &bound, value >= bound, true
}

func writeReport(path string, rows []row) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	text, err := json.MarshalIndent(slices.Concat([]row{}, rows), "", "  ")
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func printReport(w io.Writer, rows []row) {
	for _, r := range rows {
		mark, bound := "    ", ""
		if r.Bound != nil {
			sign := ""
			if r.AtLeast {
				sign = "at least "
			}
			mark, bound = "ok  ", fmt.Sprintf(" (bound %s%g)", sign, *r.Bound)
		}
		if !r.OK {
			mark = "FAIL"
		}
		fmt.Fprintf(w, "%s %-28s %10.4g %s%s\n     %s\n", mark, r.Name, r.Value, r.Unit, bound, r.Against)
	}
}

// quantile returns the value at q of a list, by nearest rank.
func quantile[T time.Duration | float64](list []T, q float64) T {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(list))
	rank := int(q*float64(len(sorted))+0.9999999) - 1
	return sorted[min(max(rank, 0), len(sorted)-1)]
}

func median[T time.Duration | float64](list []T) T { return quantile(list, 0.5) }

// ratio returns a over b, and 0 where there is nothing to compare with.
func ratio[T time.Duration | float64](a, b T) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

const mebi = 1 << 20
