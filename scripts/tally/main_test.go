package main

import (
	"strings"
	"testing"
)

func TestTally(t *testing.T) {
	tests := []struct {
		name, events            string
		passed, failed, skipped int
		shows, hides            string
	}{
		{
			"a pass keeps its output to itself",
			`{"Action":"output","Package":"p","Test":"TestA","Output":"quiet\n"}
			{"Action":"pass","Package":"p","Test":"TestA"}
			{"Action":"pass","Package":"p","Elapsed":1.5}`,
			1, 0, 0, "pass     1.5s  p", "quiet",
		},
		{
			"a failure shows its output",
			`{"Action":"output","Package":"p","Test":"TestA","Output":"got 1, want 2\n"}
			{"Action":"fail","Package":"p","Test":"TestA"}
			{"Action":"fail","Package":"p"}`,
			0, 1, 0, "got 1, want 2", "",
		},
		{
			"a panic outside a test is one failure",
			`{"Action":"output","Package":"p","Output":"panic: boom\n"}
			{"Action":"fail","Package":"p"}`,
			0, 1, 0, "panic: boom", "",
		},
		{
			"a test cut off by a panic shows what it wrote",
			`{"Action":"output","Package":"p","Test":"TestA","Output":"panic: inside\n"}
			{"Action":"fail","Package":"p"}`,
			0, 1, 0, "panic: inside", "",
		},
		{
			"a skip gives its reason",
			`{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:3: no browser\n"}
			{"Action":"output","Package":"p","Test":"TestA","Output":"--- SKIP: TestA (0.00s)\n"}
			{"Action":"skip","Package":"p","Test":"TestA"}
			{"Action":"pass","Package":"p"}`,
			0, 0, 1, "p TestA: a_test.go:3: no browser", "",
		},
		{
			"a build failure counts once",
			`{"Action":"build-output","ImportPath":"p [p.test]","Output":"a.go:1: undefined\n"}
			{"Action":"build-fail","ImportPath":"p [p.test]"}
			{"Action":"fail","Package":"p","FailedBuild":"p [p.test]"}`,
			0, 1, 0, "a.go:1: undefined", "",
		},
		{"words of the go tool pass through", "go: downloading m\n", 0, 0, 0, "go: downloading m", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			c := &tally{out: &out, held: map[string]*strings.Builder{}, bad: map[string]bool{}}
			if err := c.read(strings.NewReader(tt.events)); err != nil {
				t.Fatal(err)
			}
			c.close()
			if c.passed != tt.passed || c.failed != tt.failed || c.skipped != tt.skipped {
				t.Errorf("got %d passed, %d failed, %d skipped, want %d, %d, %d", c.passed, c.failed, c.skipped, tt.passed, tt.failed, tt.skipped)
			}
			if !strings.Contains(out.String(), tt.shows) {
				t.Errorf("got %q, want it to show %q", out.String(), tt.shows)
			}
			if tt.hides != "" && strings.Contains(out.String(), tt.hides) {
				t.Errorf("got %q, want it without %q", out.String(), tt.hides)
			}
		})
	}
}
