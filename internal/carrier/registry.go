package carrier

import "io"

// A Decoder knows one kind of bytes by sight. What it can do with them beyond
// that, it says by also being a Container, an Encoding or a Refusal; one that
// is none of these is scanned as plain bytes.
type Decoder interface {
	// Name is one lower-case word: gzip, utf16le, zip.
	Name() string
	// Sniff reports whether a part with this head is of the kind. The head is
	// at most HeadSize bytes; the name is only a hint and may lie.
	Sniff(head []byte, name string) bool
}

// A Container holds members. It is parsed in a process apart.
type Container interface {
	Decoder
	// Walk calls visit for each member in turn and returns nil after the last.
	// An error from visit is returned as it is. Any other error means that the
	// container is damaged from there on; a CauseError says how.
	Walk(p *Part, visit func(*Member) error) error
}

// An Encoding is text in other bytes than ASCII or UTF-8.
type Encoding interface {
	Decoder
	// Text returns p's content as UTF-8, from byte start on.
	Text(r io.Reader, start int64) Text
	// Sure reports whether the head proves the encoding. If it does not, the
	// bytes are scanned as they are as well.
	Sure(head []byte) bool
}

// A Text is decoded text that remembers where each byte came from.
type Text interface {
	io.Reader
	// Origin returns the offset in the encoded bytes of a decoded offset that
	// lies within the last 128 KiB.
	Origin(decoded int64) int64
}

// A Refusal names a kind that cannot be examined in full.
type Refusal interface {
	Decoder
	// Cause is why, and whether the bytes are worth scanning as they are.
	Cause(head []byte) (cause Cause, scanned bool)
}

// HeadSize is how many bytes of a part are shown to Sniff.
const HeadSize = 4096

// A Registry is an ordered list of decoders: the first that recognises a part
// has it. It does not change after it is made.
type Registry struct{ decoders []Decoder }

// NewRegistry returns a registry that asks the given decoders in order.
func NewRegistry(decoders ...Decoder) *Registry { return &Registry{decoders} }

// Builtin returns the decoders that Stanch ships, after any given ones.
func Builtin(first ...Decoder) *Registry {
	return NewRegistry(append(first, zipFile{}, pdfFile{}, tarFile{}, gzipFile(), bzip2File(),
		xzFile(), zstdFile(), lz4File(), snappyFile(), lzmaFile(), zlibFile(), compressFile(),
		sevenFile{}, rarFile{}, arFile{}, cpioFile{}, sqliteFile{}, pcapFile{}, journalFile{}, mboxFile{}, mailFile{},
		packed{}, locked{}, oleFile{}, picture{}, richText{}, markup{open: true}, markup{}, utf16{}, utf16{big: true}, ebcdicText{}, binary{}, plain{})...)
}

// Sniff returns the kind of a part by its head.
func (g *Registry) Sniff(head []byte, name string) Kind {
	for _, d := range g.decoders {
		if d.Sniff(head, name) {
			return Kind{d}
		}
	}
	return Kind{plain{}}
}

// A Kind is what a part was recognised as.
type Kind struct{ decoder Decoder }

// Sniff returns the kind of a part among the builtin decoders.
func Sniff(head []byte, name string) Kind { return Builtin().Sniff(head, name) }

// String returns the decoder's name.
func (k Kind) String() string { return k.decoder.Name() }

// Hostile reports whether the bytes must be parsed in a process apart.
func (k Kind) Hostile() bool {
	switch k.decoder.(type) {
	case Container, interface{ apart() }:
		return true
	}
	return false
}

// RandomAccess reports whether the kind is read from its end or by jumping, so
// that a stream of it must be held before it can be examined.
func (k Kind) RandomAccess() bool {
	_, ok := k.decoder.(interface{ randomAccess() })
	return ok
}

// plain is text, and everything that nothing else recognises.
type plain struct{}

func (plain) Name() string              { return "plain" }
func (plain) Sniff([]byte, string) bool { return true }

// binary is plain bytes in which lines and columns mean nothing.
type binary struct{}

func (binary) Name() string { return "binary" }
func (binary) Sniff(head []byte, _ string) bool {
	for _, c := range head {
		if c == 0 {
			return true
		}
	}
	return false
}
