package main

import (
	"strings"
	"testing"

	"github.com/stanch/stanch/scan"
)

func TestEveryLabelHasWords(t *testing.T) {
	for _, id := range scan.Labels() {
		if g := grounds[id]; g.en == "" || g.zh == "" {
			t.Errorf("label %s has no words", id)
		}
	}
	if len(grounds) != len(scan.Labels()) {
		t.Errorf("got words for %d labels, want %d", len(grounds), len(scan.Labels()))
	}
}

func TestWriteGrounds(t *testing.T) {
	var out strings.Builder
	writeGrounds(&out, []string{"card", "glued", "unknown"})
	want := "    + a label of a card stands before it / 前面有卡号标签\n    - letters touch it / 与字母相连\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}
