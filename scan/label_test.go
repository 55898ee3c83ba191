package scan

import (
	"slices"
	"testing"
)

// labelsFrom is right only if the labels of one first byte stand together.
func TestLabelsAreSorted(t *testing.T) {
	sorted := slices.IsSortedFunc(labels[:], func(a, b label) int { return int(a.text[0]) - int(b.text[0]) })
	if !sorted {
		t.Errorf("labels are not sorted by first byte")
	}
	for i, l := range labels {
		if m, n := labelAt([]byte(l.text), 0); n != len(l.text) || m != l.means {
			t.Errorf("label %d, %q, is hidden by one before it", i, l.text)
		}
	}
}
