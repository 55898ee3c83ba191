package cell

import (
	"encoding/binary"
	"io"
	"io/fs"
	"slices"
	"sync"
)

// How the parent's read went, as one byte on the wire.
const (
	readFine = iota
	readEnd  // the input ends within the block
	readGone
	readFault
)

// A block is an answer of the parent.
type block struct {
	index  int64
	status byte
	bytes  []byte
}

func unpackBlock(payload []byte) (block, error) {
	if len(payload) < 9 || len(payload) > blockSize+9 || payload[8] > readFault {
		return block{}, errWire
	}
	return block{
		index:  int64(binary.LittleEndian.Uint64(payload)),
		status: payload[8],
		bytes:  slices.Clone(payload[9:]),
	}, nil
}

const (
	maxAhead  = 2  // questions under way at once
	maxBlocks = 16 // blocks kept: archives are read near their end and forwards
)

// A remote is the input as the worker sees it: blocks asked for over the pipe,
// the next one ahead of time while reading runs forwards.
type remote struct {
	side   *workerSide
	mu     sync.Mutex // guards all below
	asked  []int64
	blocks []block // least recently used first
	last   int64
}

func newRemote(side *workerSide) *remote { return &remote{side: side, last: -1} }

// ReadAt implements io.ReaderAt over the pipe.
func (r *remote) ReadAt(p []byte, off int64) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for n < len(p) {
		at := off + int64(n)
		b, err := r.block(at / blockSize)
		if err != nil {
			return n, err
		}
		from := at % blockSize
		if from < int64(len(b.bytes)) {
			n += copy(p[n:], b.bytes[from:])
		}
		if n == len(p) {
			return n, nil
		}
		switch {
		case b.status == readGone:
			return n, fs.ErrNotExist
		case b.status == readFault:
			return n, fs.ErrPermission
		case len(b.bytes) < blockSize:
			return n, io.EOF
		}
	}
	return n, nil
}

// block returns one block, from the cache or from the parent.
func (r *remote) block(index int64) (block, error) {
	forwards := index == r.last+1
	r.last = index
	if !r.cached(index) && !slices.Contains(r.asked, index) {
		if err := r.ask(index); err != nil {
			return block{}, err
		}
	}
	if forwards && !r.cached(index+1) && !slices.Contains(r.asked, index+1) && len(r.asked) < maxAhead {
		if err := r.ask(index + 1); err != nil {
			return block{}, err
		}
	}
	for !r.cached(index) {
		r.take()
	}
	i := slices.IndexFunc(r.blocks, func(b block) bool { return b.index == index })
	b := r.blocks[i]
	r.blocks = append(slices.Delete(r.blocks, i, i+1), b)
	return b, nil
}

func (r *remote) cached(index int64) bool {
	return slices.ContainsFunc(r.blocks, func(b block) bool { return b.index == index })
}

func (r *remote) ask(index int64) error {
	for len(r.asked) >= maxAhead {
		r.take()
	}
	r.asked = append(r.asked, index)
	return writeFrame(r.side.out, frameRead, binary.LittleEndian.AppendUint64(nil, uint64(index)))
}

// take waits for one answer; they come in the order of the questions.
func (r *remote) take() {
	b := <-r.side.data
	r.asked = slices.DeleteFunc(r.asked, func(i int64) bool { return i == b.index })
	if len(r.blocks) >= maxBlocks {
		r.blocks = slices.Delete(r.blocks, 0, 1)
	}
	r.blocks = append(r.blocks, b)
}

// drain waits for answers that nobody needs any more, so that the next job
// does not meet them.
func (r *remote) drain() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.asked) > 0 {
		r.take()
	}
	r.blocks = nil
}
