package procmem

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
)

func TestUntouchedMemoryIsLeftOut(t *testing.T) {
	const page = 4096
	pages := make([]byte, 100_000*entrySize)
	use := func(i int, bit uint) { binary.NativeEndian.PutUint64(pages[i*entrySize:], 1<<bit) }
	use(3, 63)      // before the region
	use(10, 63)     // its first page
	use(12, 62)     // in swap, close by
	use(5000, 63)   // far
	use(9000, 61)   // of a file, not in memory
	use(99_999, 63) // its last
	r := Region{Start: 10 * page, End: 100_000 * page, Label: "heap"}
	got := resident(bytes.NewReader(pages), r, page)
	want := []Region{{10 * page, 13 * page, "heap", false}, {5000 * page, 5001 * page, "heap", false}, {99_999 * page, 100_000 * page, "heap", false}}
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got := resident(bytes.NewReader(pages[:800]), r, page); !slices.Equal(got, []Region{r}) {
		t.Errorf("without a list of pages: got %+v, want the region whole", got)
	}
}
