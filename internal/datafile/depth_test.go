package datafile

import (
	"strings"
	"testing"
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
		"brackets":      "rules: " + strings.Repeat("[", MaxSize/2),
		"braces":        "rules: " + strings.Repeat("{a: ", MaxSize/8),
		"lines":         strings.Repeat("[\n", MaxSize/4),
		"dashes":        strings.Repeat("- ", MaxSize/4),
		"longest line":  strings.Repeat("- ", maxLine/2-1) + "a",
		"question":      strings.Repeat("? ", maxLine/2-1) + "a",
		"deep mapping":  steps("a:", 1000),
		"deep sequence": steps("-", 1000),
	}
	for what, text := range tests {
		var into struct{ Rules []string }
		if err := (&File{Name: "policy.yaml", Data: []byte(text)}).Decode(&into); err == nil {
			t.Errorf("%s: got no error", what)
		}
	}
}
