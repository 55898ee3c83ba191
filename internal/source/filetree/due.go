package filetree

import (
	"container/heap"
	"time"
)

// A spotKey is a name in a folder, whether or not something has it.
type spotKey struct {
	dir  *dir
	name string
}

// A dueItem is a name to be looked at, or a file whose pause ends.
type dueItem struct {
	at   time.Time
	spot spotKey
	file *file
}

// A dueHeap has the earliest item first.
type dueHeap []dueItem

func (h *dueHeap) push(i dueItem) { heap.Push((*dueOrder)(h), i) }
func (h *dueHeap) pop() dueItem   { return heap.Pop((*dueOrder)(h)).(dueItem) }

type dueOrder []dueItem

func (o dueOrder) Len() int           { return len(o) }
func (o dueOrder) Less(i, j int) bool { return o[i].at.Before(o[j].at) }
func (o dueOrder) Swap(i, j int)      { o[i], o[j] = o[j], o[i] }
func (o *dueOrder) Push(x any)        { *o = append(*o, x.(dueItem)) }
func (o *dueOrder) Pop() any {
	old := *o
	last := old[len(old)-1]
	old[len(old)-1] = dueItem{}
	*o = old[:len(old)-1]
	return last
}
