package filetree

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"sync"
	"syscall"
	"time"
)

// lane orders the files that wait: what just changed before what a walk found,
// and large ones apart, so that they cannot take the last worker.
type lane uint8

const (
	fresh lane = iota
	backlog
	large
	lanes
)

// A task is what a worker does for a keeper: it is self-contained, because the
// keeper's tree goes on changing meanwhile.
type task struct {
	k      *keeper
	root   *os.Root
	file   *file // a key for the keeper; the worker does not look inside
	known  Mark  // what the sink knows
	path   string
	id     FileID
	read   bool // the sink has read it before
	tried  bool // the sink failed to, and may have kept a mark all the same
	gone   bool
	heavy  bool     // a large file
	note   *Trouble // or this to be told, and no file
	issued time.Time
}

// A result is what became of a task.
type result struct {
	task
	at    string // path and identity that the sink knows now
	atID  FileID
	mark  *Mark // set if the file was read or found unchanged
	err   error
	ended time.Time
}

// A crew is the few workers that all keepers share. Workers past the first
// take large files too.
type crew struct {
	sink  Sink
	opts  Options
	small chan task
	big   chan task
}

func newCrew(sink Sink, opts Options) *crew {
	return &crew{sink: sink, opts: opts, small: make(chan task), big: make(chan task)}
}

func (c *crew) start(ctx context.Context, group *sync.WaitGroup) {
	for i := range c.opts.Workers {
		big := c.big
		if i == 0 {
			big = nil
		}
		group.Go(func() { c.work(ctx, big) })
	}
}

func (c *crew) work(ctx context.Context, big <-chan task) {
	for {
		var t task
		select {
		case <-ctx.Done():
			return
		case t = <-c.small:
		case t = <-big:
		}
		r := result{task: t, at: t.known.Path, atID: t.known.ID}
		r.err = c.perform(ctx, &r)
		r.ended = c.opts.Now()
		t.k.done <- r // has room for all that are in flight
	}
}

// perform does a task up to the first step that fails, and notes how far it came.
func (c *crew) perform(ctx context.Context, r *result) error {
	if r.note != nil {
		return c.sink.Trouble(ctx, *r.note)
	}
	if r.gone {
		return c.sink.Gone(ctx, r.known)
	}
	if r.read && (r.known.Path != r.path || r.known.ID != r.id) {
		to := r.known
		to.Path, to.ID = r.path, r.id
		if err := c.sink.Moved(ctx, r.known, to); err != nil {
			return &sinkError{err}
		}
	}
	if r.tried {
		if err := c.sink.Gone(ctx, r.known); err != nil {
			return &sinkError{err}
		}
	}
	r.at, r.atID = r.path, r.id
	return c.examine(ctx, r)
}

func (c *crew) examine(ctx context.Context, r *result) error {
	f, info, err := r.open()
	if err != nil {
		return err
	}
	defer f.Close()
	job := Job{Root: r.known.Root, Path: r.path, File: f, Info: info, Size: info.Size, New: !r.read}
	job.From = r.known // judged under the identity that was read, continued under the present one
	if r.read {
		v, err := judge(f, r.known, info)
		if err != nil {
			return cause(err)
		}
		if v == unchanged {
			m := r.known
			m.Path, m.ID, m.ModTime = r.path, r.id, info.ModTime
			r.mark = &m
			return nil
		}
		job.Reset = v == replaced
	}
	job.From.Path, job.From.ID = r.path, r.id
	if job.New || job.Reset {
		job.From.Offset, job.From.Line = 0, 1
		job.From.Generation++
	}
	m, err := c.sink.Examine(ctx, job)
	if err != nil {
		return &sinkError{err}
	}
	m.Root, m.Path, m.ID, m.Generation = job.Root, job.Path, r.id, job.From.Generation
	r.mark = &m
	return nil
}

// open opens the file that the keeper meant, or says that it is another now.
func (t *task) open() (*os.File, Info, error) {
	folderPath, name := path.Split(t.path)
	d, err := openFolder(t.root, path.Clean("./"+folderPath))
	if err != nil {
		return nil, Info{}, astray(err)
	}
	defer d.close()
	// The look before keeps us from opening a device, which alone can do harm.
	if info, err := d.lstat(name); err != nil {
		return nil, Info{}, cause(err)
	} else if info.Kind != Regular || info.ID != t.id {
		return nil, Info{}, errMoved
	}
	f, err := d.open(name)
	if err != nil {
		return nil, Info{}, cause(err)
	}
	info, err := identify(f)
	if err == nil && (info.Kind != Regular || info.ID != t.id) {
		err = errMoved
	}
	if err != nil {
		f.Close()
		return nil, Info{}, cause(err)
	}
	return f, info, nil
}

// A sinkError tells the sink's failures from those of the file system. Its text
// is the sink's own.
type sinkError struct{ err error }

func (e *sinkError) Error() string { return e.err.Error() }
func (e *sinkError) Unwrap() error { return e.err }

// cause strips the path from an error of the os package: it may hold a card number.
func cause(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	return err
}

// astray turns the failures of a path that leads through a link, which no path
// of ours does unless somebody is at work, into errMoved.
func astray(err error) error {
	err = cause(err)
	if _, fromSystem := errors.AsType[syscall.Errno](err); !fromSystem || errors.Is(err, syscall.ELOOP) {
		return errMoved // "path escapes", and a root closed meanwhile
	}
	return err
}

// fate is what a failed look or read means for the file.
func fate(err error) Cause {
	_, fromSink := errors.AsType[*sinkError](err)
	switch {
	case errors.Is(err, ErrShrunk):
		return Shrunk
	case fromSink:
		return Failed
	case errors.Is(err, errMoved), errors.Is(err, fs.ErrClosed), errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return Recovered // nothing is wrong with it: look what is there now
	case errors.Is(err, fs.ErrPermission):
		return Unreadable
	}
	return Broken
}
