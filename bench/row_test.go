//go:build linux

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestQuantile(t *testing.T) {
	list := make([]time.Duration, 0, 200)
	for i := 200; i > 0; i-- {
		list = append(list, time.Duration(i))
	}
	tests := []struct {
		q    float64
		want time.Duration
	}{{0, 1}, {0.5, 100}, {0.95, 190}, {0.99, 198}, {1, 200}}
	for _, test := range tests {
		if got := quantile(list, test.q); got != test.want {
			t.Errorf("quantile %v: got %d, want %d", test.q, got, test.want)
		}
	}
	if got := quantile([]float64{}, 0.5); got != 0 {
		t.Errorf("quantile of nothing: got %v, want 0", got)
	}
}

func TestBounds(t *testing.T) {
	b := &bench{}
	b.add("a", "free", 5, "ratio", "nobody")
	b.atMost(1, "a", "held", 1, "rows", "nobody")
	b.atMost(1, "a", "broken", 1.5, "rows", "nobody")
	b.atLeast(95, "a", "reached", 95, "%", "nobody")
	b.atLeast(95, "a", "missed", 94.9, "%", "nobody")
	path := filepath.Join(t.TempDir(), "out", "report.json")
	if err := writeReport(path, b.rows); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]any
	if err := json.Unmarshal(text, &rows); err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		ok    bool
		bound any
	}{{true, nil}, {true, 1.0}, {false, 1.0}, {true, 95.0}, {false, 95.0}} {
		if got := rows[i]; got["ok"] != want.ok || got["bound"] != want.bound {
			t.Errorf("row %v: got ok %v bound %v, want %v %v", got["name"], got["ok"], got["bound"], want.ok, want.bound)
		}
		for _, key := range []string{"name", "value", "unit", "bound", "ok", "against", "command"} {
			if _, there := rows[i][key]; !there {
				t.Errorf("row %d has no %s", i, key)
			}
		}
	}
}

func TestParse(t *testing.T) {
	if _, err := parse([]string{"-only", "latency,nothing"}, os.Stderr); err == nil {
		t.Error("an unknown measurement: got no error")
	}
	s, err := parse([]string{"-soak"}, os.Stderr)
	if err != nil || s.crashes != 1000 || s.only != "kills" {
		t.Errorf("soak: got %d crashes of %q, %v; want 1000 of kills", s.crashes, s.only, err)
	}
	if s, err = parse([]string{"-soak", "-kills", "3"}, os.Stderr); err != nil || s.crashes != 3 {
		t.Errorf("soak of three: got %d crashes, %v", s.crashes, err)
	}
}
