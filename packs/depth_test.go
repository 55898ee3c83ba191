package packs

import (
	"strings"
	"testing"
	"testing/fstest"
)

// Whatever nests must be refused quickly, not parsed until memory is gone.
func TestDeepNestingEnds(t *testing.T) {
	steps := func(line string, n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.Repeat(" ", i) + line + "\n")
		}
		return b.String()
	}
	tests := map[string]string{
		"brackets":      "rules: " + strings.Repeat("[", maxFile/2),
		"braces":        "rules: " + strings.Repeat("{a: ", maxFile/8),
		"lines":         strings.Repeat("[\n", maxFile/4),
		"dashes":        strings.Repeat("- ", maxFile/4),
		"longest line":  strings.Repeat("- ", maxLine/2-1) + "a",
		"question":      strings.Repeat("? ", maxLine/2-1) + "a",
		"deep mapping":  steps("a:", 1000),
		"deep sequence": steps("-", 1000),
	}
	for what, text := range tests {
		if _, err := Load(fstest.MapFS{"policy.yaml": {Data: []byte(text)}}); err == nil {
			t.Errorf("%s: got no error", what)
		}
	}
}
