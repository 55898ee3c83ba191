package carrier

import (
	"archive/zip"
	"compress/bzip2"
	"compress/flate"
	"io"
)

// Methods of APPNOTE 4.4.5 that package zip does not name.
const (
	methodLong    = 9 // Deflate64
	methodBzip2   = 12
	methodLZMA    = 14
	methodOldZstd = 20
	methodZstd    = 93
	methodXZ      = 95
)

// zipMethods unpack what is stored in a zip. The uncompressed size is negative
// if an end mark tells it.
var zipMethods = map[uint16]func(r io.Reader, size int64) (io.Reader, error){
	zip.Store:     func(r io.Reader, _ int64) (io.Reader, error) { return r, nil },
	zip.Deflate:   func(r io.Reader, _ int64) (io.Reader, error) { return flate.NewReader(r), nil },
	methodLong:    func(r io.Reader, _ int64) (io.Reader, error) { return newDeflate64(r), nil },
	methodBzip2:   func(r io.Reader, _ int64) (io.Reader, error) { return bzip2.NewReader(r), nil },
	methodLZMA:    zipLZMA,
	methodOldZstd: func(r io.Reader, _ int64) (io.Reader, error) { return newZstd(r) },
	methodZstd:    func(r io.Reader, _ int64) (io.Reader, error) { return newZstd(r) },
	methodXZ:      func(r io.Reader, _ int64) (io.Reader, error) { return newXZ(r), nil },
}

// zipLZMA reads version, length of the properties, properties, stream.
func zipLZMA(r io.Reader, size int64) (io.Reader, error) {
	var head [9]byte
	if _, err := io.ReadFull(r, head[:]); err != nil || head[2] != 5 || head[3] != 0 {
		return nil, damaged(err)
	}
	return rawLZMA(r, head[4:], size)
}

// A zipOpening opens members one at a time. Package zip does not tell its
// decompressors how long a member is, so it is kept here meanwhile.
type zipOpening struct{ f *zip.File }

// register gives the archive all methods.
func (o *zipOpening) register(archive *zip.Reader) {
	for method, open := range zipMethods {
		if method == zip.Store {
			continue
		}
		archive.RegisterDecompressor(method, func(r io.Reader) io.ReadCloser {
			unpacked, err := open(r, zipSize(o.f.Flags, o.f.UncompressedSize64))
			if err != nil {
				return failed{err}
			}
			return io.NopCloser(unpacked)
		})
	}
}

// open opens f.
func (o *zipOpening) open(f *zip.File) (io.Reader, error) {
	o.f = f
	return f.Open()
}

// zipEndMark says of an LZMA member that an end mark follows.
const zipEndMark = 1 << 1

func zipSize(flags uint16, size uint64) int64 {
	if flags&zipEndMark != 0 || size > 1<<62 {
		return -1
	}
	return int64(size)
}

// failed is the content of a member that could not be opened.
type failed struct{ err error }

func (f failed) Read([]byte) (int, error) { return 0, f.err }
func (failed) Close() error               { return nil }
