package filetree

import (
	"context"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"time"
)

// A Sink reads files and remembers how far. For one file its methods are called
// one after the other, for different files at once. A method that fails is
// called again later with what is true then, so each must be safe to repeat.
//
// A sink keeps marks by root, path and identity together. In a rotation two
// files bear one path until the first of them is told to have Moved, and where
// numbers are used again two bear one identity until the first is told Gone.
type Sink interface {
	// Known yields the marks of a root as they were last made durable. It is
	// called once for each root, at the start. A failure ends the watch.
	Known(ctx context.Context, root string) iter.Seq2[Mark, error]
	// Examine reads job.File from job.From.Offset to job.Size and makes what it
	// found durable together with the mark, made by job.Mark, that it returns.
	Examine(ctx context.Context, job Job) (Mark, error)
	// Moved says that the file of mark from is now known by mark to: another
	// path, or another identity under the same path.
	Moved(ctx context.Context, from, to Mark) error
	// Gone says that no name leads to the file any more. It may name a mark that
	// the sink does not have, if an Examine failed that might have left one.
	Gone(ctx context.Context, last Mark) error
	// Trouble says that a path cannot be examined, or with cause Recovered that it can again.
	Trouble(ctx context.Context, t Trouble) error
}

// A Job is one file to be read. The watcher opened it without following a link,
// checked it to be a regular file, and closes it when Examine returns.
type Job struct {
	Root, Path string
	File       *os.File
	Info       Info
	Size       int64 // read no further: later bytes come with the next job
	From       Mark  // where to begin: Offset, Line and Generation are always set
	New        bool  // never read before
	Reset      bool  // content was replaced: forget what was found in the last generation
}

// Name returns the full path, for showing masked; never open it.
func (j Job) Name() string { return filepath.Join(j.Root, filepath.FromSlash(j.Path)) }

// Reader returns the bytes that were not read before.
func (j Job) Reader() *io.SectionReader {
	return io.NewSectionReader(j.File, j.From.Offset, j.Size-j.From.Offset)
}

// Mark returns the mark for a file read to job.Size, in which the first line
// not yet ended begins at offset and has number line. Whole says that the next
// read must begin at the start again. It returns [ErrShrunk] if the file has
// become shorter meanwhile: what was read then is not to be relied on.
func (j Job) Mark(offset, line int64, whole bool) (Mark, error) {
	if offset < 0 || offset > j.Size {
		return Mark{}, errors.New("mark file: offset outside of it")
	}
	now, err := j.File.Stat()
	if err != nil {
		return Mark{}, cause(err)
	}
	if now.Size() < j.Size {
		return Mark{}, ErrShrunk
	}
	m := j.From
	m.Size, m.Offset, m.Line, m.Whole = j.Size, offset, line, whole
	m.ModTime = j.Info.ModTime
	return m, m.fingerprint(j.File)
}

// A Cause is why a path cannot be examined.
type Cause string

// The causes. Recovered takes an earlier trouble back.
const (
	Unreadable Cause = "unreadable" // permission is missing
	Vanished   Cause = "vanished"   // a root that is not there
	Shrunk     Cause = "shrunk"     // it keeps getting shorter while it is read
	Broken     Cause = "broken"     // the file system fails
	Failed     Cause = "failed"     // the sink fails
	Recovered  Cause = "recovered"
)

// A Trouble says what cannot be examined, why, and since when. An empty Path is
// the root itself.
type Trouble struct {
	Root, Path string
	Cause      Cause
	Since      time.Time
}

// ErrShrunk says that a file became shorter while it was read.
var ErrShrunk = errors.New("file shrank while it was read")

// errMoved says that a name stands for another file than was meant.
var errMoved = errors.New("another file has this name")

// verdict is what has to be done with a file that was read before.
type verdict uint8

const (
	unchanged verdict = iota
	appended
	replaced
)

// judge compares an open file with its mark. Where it cannot be sure that what
// was read is still there it says replaced: reading twice is cheap, missing a
// card is not.
//
// BUG: an edit in the middle that leaves the first 4 KiB and the 4 KiB before
// Offset alone and makes the file longer is taken for an append.
func judge(r io.ReaderAt, m Mark, info Info) (verdict, error) {
	if info.Size == m.Size && info.ModTime == m.ModTime && info.ID == m.ID {
		return unchanged, nil
	}
	if info.Size < m.Size {
		return replaced, nil
	}
	begins, err := m.stillBegins(r)
	switch {
	case errors.Is(err, ErrShrunk), err == nil && !begins:
		return replaced, nil
	case err != nil:
		return replaced, err
	}
	grown := info.Size > m.Size
	switch {
	case !grown && (m.HeadLen == m.Size || info.ModTime == m.ModTime):
		return unchanged, nil // touched, or brought back as it was
	case !grown || m.Whole:
		return replaced, nil
	}
	return appended, nil
}
