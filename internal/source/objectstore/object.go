package objectstore

import (
	"context"
	"io"
	"slices"
	"sync"

	"github.com/minio/minio-go/v7"
)

const (
	blockSize = 1 << 20
	maxBlocks = 6 // of one object in memory
	attempts  = 3 // at a block whose transfer broke off
)

// A Reader reads an object in blocks and asks for the next one ahead of time
// while reading runs forwards. Calls must not overlap. Close it.
type Reader struct {
	Labels []string // what the store says about the object: names and values

	b      *Bucket
	object Object
	ctx    context.Context
	cancel context.CancelFunc
	group  sync.WaitGroup
	blocks []*block // least recently used first
	last   int64
}

// A block is a part of an object, there once done is closed.
type block struct {
	index int64
	done  chan struct{}
	bytes []byte
	err   error
}

// Open opens an object and asks for its first block.
func (b *Bucket) Open(ctx context.Context, o Object) (*Reader, error) {
	ctx, cancel := context.WithCancel(ctx)
	r := &Reader{b: b, object: o, ctx: ctx, cancel: cancel, last: -1}
	if o.Size == 0 {
		return r, nil
	}
	first := &block{done: make(chan struct{})}
	info, err := r.transfer(first)
	if err != nil {
		cancel()
		return nil, err
	}
	close(first.done)
	r.blocks = append(r.blocks, first)
	for name, value := range info.UserMetadata {
		r.Labels = append(r.Labels, name+": "+value)
	}
	slices.Sort(r.Labels)
	return r, nil
}

// Close ends what is under way.
func (r *Reader) Close() {
	r.cancel()
	r.group.Wait()
}

// ReadAt implements io.ReaderAt.
func (r *Reader) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	for n < len(p) {
		at := off + int64(n)
		if at >= r.object.Size {
			return n, io.EOF
		}
		b := r.block(at / blockSize)
		<-b.done
		if b.err != nil {
			return n, b.err
		}
		n += copy(p[n:], b.bytes[at%blockSize:])
	}
	return n, nil
}

// block returns a block that is there or on its way.
func (r *Reader) block(index int64) *block {
	forwards := index == r.last+1
	r.last = index
	b := r.have(index)
	if next := index + 1; forwards && index > 0 && next*blockSize < r.object.Size {
		r.have(next)
		r.have(index) // stays the most recently used
	}
	return b
}

func (r *Reader) have(index int64) *block {
	i := slices.IndexFunc(r.blocks, func(b *block) bool { return b.index == index })
	if i >= 0 {
		b := r.blocks[i]
		r.blocks = append(slices.Delete(r.blocks, i, i+1), b)
		return b
	}
	if len(r.blocks) >= maxBlocks {
		r.blocks = slices.Delete(r.blocks, 0, 1)
	}
	b := &block{index: index, done: make(chan struct{})}
	r.blocks = append(r.blocks, b)
	r.group.Go(func() {
		defer close(b.done)
		_, b.err = r.transfer(b)
	})
	return b
}

// transfer fetches a block, again if the connection breaks off.
func (r *Reader) transfer(b *block) (info minio.ObjectInfo, err error) {
	for range attempts {
		if info, err = r.fetch(b); err == nil || r.ctx.Err() != nil || err != ErrUnreachable {
			break
		}
	}
	return info, err
}

func (r *Reader) fetch(b *block) (minio.ObjectInfo, error) {
	start := b.index * blockSize
	size := min(blockSize, r.object.Size-start)
	options := minio.GetObjectOptions{VersionID: r.object.Version}
	if err := options.SetRange(start, start+size-1); err != nil {
		return minio.ObjectInfo{}, ErrStore
	}
	if r.object.etag != "" {
		if err := options.SetMatchETag(r.object.etag); err != nil {
			return minio.ObjectInfo{}, ErrStore
		}
	}
	body, info, _, err := r.b.core.GetObject(r.ctx, r.b.name, r.object.Key, options)
	if err != nil {
		return minio.ObjectInfo{}, r.b.fault(err)
	}
	defer body.Close()
	b.bytes = make([]byte, size)
	if _, err := io.ReadFull(body, b.bytes); err != nil {
		return minio.ObjectInfo{}, ErrUnreachable
	}
	return info, nil
}
