package carrier

import (
	"io"
)

// A Part is what a decoder gets to unwrap: a sequential reader, and random
// access where the bytes lie open.
type Part struct {
	Name string
	R    io.Reader   // from the first byte on
	At   io.ReaderAt // nil if the bytes come out of a decompressor
	Size int64       // negative if unknown
	Room int64       // bytes that a container's decoder may hold of it in memory

	unpacked *unpacking // counts what was read of it; nil for the input itself

	meter *meter // of the examination; nil in the tests of a decoder alone
}

// A Member is one thing inside a container.
type Member struct {
	Name string
	// Wrapped is set by compressors: the member is not a file of its own but
	// the content of the part, and this encoding was taken off. The path stays.
	Wrapped string
	// Labels are further strings to scan, as comments and link targets.
	Labels []string
	// Dir is set if there is a name and no content.
	Dir bool
	// Plain is set if the content is text that the decoder made, whatever it
	// may look like.
	Plain bool
	// Refused is set, with Stored, if the content cannot be unwrapped.
	Refused Cause
	// Stored is the size within the container, negative if unknown.
	Stored int64
	// Size is the unpacked size if it is known for sure, else negative.
	Size int64
	// At gives random access if the member lies open in the part.
	At io.ReaderAt
	// Text is set if the content was made by the decoder: its kind is not told
	// by the name.
	Text bool
	// Open returns the content. It is called at most once, during visit.
	Open func() (io.Reader, error)
}

// A CauseError is an error that a report can name. It carries no input bytes.
type CauseError struct{ Cause Cause }

func (e *CauseError) Error() string { return "examine part: " + string(e.Cause) }
