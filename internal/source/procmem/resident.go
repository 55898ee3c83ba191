package procmem

import (
	"encoding/binary"
	"io"
)

// Programs map far more memory than they use. What was never touched holds
// nothing, and reading it would make the kernel provide it.
const (
	splitFrom = 16 << 20 // bytes of a region that is looked at
	joinGap   = 1 << 20  // bytes that are rather read than left out
	entrySize = 8        // bytes of a page's entry in the kernel's pagemap
	inUse     = 1<<63 | 1<<62
)

// resident returns the stretches of a region with pages in memory or in swap.
// A region whose pages cannot be told is returned as it is.
func resident(pagemap io.ReaderAt, r Region, pageSize int64) []Region {
	var stretches []Region
	entries := make([]byte, 64<<10)
	pages := (r.End - r.Start) / pageSize
	for page := int64(0); page < pages; {
		n := min(int64(len(entries))/entrySize, pages-page)
		block := entries[:n*entrySize]
		if _, err := pagemap.ReadAt(block, (r.Start/pageSize+page)*entrySize); err != nil {
			return []Region{r}
		}
		for i := range n {
			if binary.NativeEndian.Uint64(block[i*entrySize:])&inUse == 0 {
				continue
			}
			at := r.Start + (page+i)*pageSize
			if last := len(stretches) - 1; last >= 0 && at-stretches[last].End <= joinGap {
				stretches[last].End = at + pageSize
				continue
			}
			stretches = append(stretches, Region{at, at + pageSize, r.Label, r.lone})
		}
		page += n
	}
	return stretches
}
