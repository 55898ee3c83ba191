package pdf

import (
	"bufio"
	"compress/flate"
	"errors"
	"io"
)

// maxFilters is how many filters a stream may pass through.
const maxFilters = 8

// errPicture ends the filters at one that makes a picture.
var errPicture = errors.New("unpack stream: picture")

// ErrFilter is the error of what is packed in a way that is not known.
var ErrFilter = errors.New("unpack stream: unknown filter")

// unpack returns a stream's content without its filters.
func (f *file) unpack(s *object) (io.Reader, error) {
	filters, params := f.list(either(s, "Filter", "F")), f.list(either(s, "DecodeParms", "DP"))
	if len(filters) > maxFilters {
		return nil, ErrTooLarge
	}
	r, err := f.raw(s, filters)
	if err != nil {
		return nil, err
	}
	for i, filter := range filters {
		var param object
		if i < len(params) {
			param = f.resolve(params[i])
		}
		if r, err = f.filtered(r, string(f.resolve(filter).text), &param); err != nil {
			return nil, err
		}
		r = f.charge(r)
	}
	return r, nil
}

func (f *file) filtered(r io.Reader, name string, param *object) (io.Reader, error) {
	switch name {
	case "FlateDecode", "Fl":
		return f.predicted(inflate(r), param)
	case "LZWDecode", "LZW":
		early := 1
		if o := f.resolve(param.get("EarlyChange")); o.kind == isNumber {
			early = o.integer()
		}
		return f.predicted(newLZW(r, early), param)
	case "ASCII85Decode", "A85":
		return &ascii85{r: bufio.NewReader(r)}, nil
	case "ASCIIHexDecode", "AHx":
		return &asciiHex{r: bufio.NewReader(r)}, nil
	case "RunLengthDecode", "RL":
		return &runLength{r: bufio.NewReader(r)}, nil
	case "Crypt":
		return r, nil
	case "DCTDecode", "DCT", "JPXDecode", "CCITTFaxDecode", "CCF", "JBIG2Decode":
		return nil, errPicture
	}
	return nil, ErrFilter
}

// list returns the elements of an array, or a single object as a list of one.
func (f *file) list(o object) []object {
	switch o = f.resolve(o); o.kind {
	case isArray:
		return o.list
	case isNull:
		return nil
	}
	return []object{o}
}

// either returns the value of the first key that is there.
func either(o *object, keys ...string) object {
	for _, key := range keys {
		if v := o.get(key); v.kind != isNull {
			return v
		}
	}
	return object{}
}

// inflate reads the zlib format and does not mind a wrong sum at its end, as
// no reader of PDF does.
func inflate(r io.Reader) io.Reader { return &inflater{r: bufio.NewReader(r)} }

type inflater struct {
	r    *bufio.Reader
	open io.Reader
}

func (i *inflater) Read(p []byte) (int, error) {
	if i.open == nil {
		head, _ := i.r.Peek(2)
		if len(head) == 2 && head[0]&0x0f == 8 && (int(head[0])<<8|int(head[1]))%31 == 0 {
			i.r.Discard(2)
		}
		i.open = flate.NewReader(i.r)
	}
	return i.open.Read(p)
}

// ascii85 reads base 85 up to ~>.
type ascii85 struct {
	r    *bufio.Reader
	out  [4]byte
	have []byte

	begun, done bool
}

func (a *ascii85) Read(p []byte) (int, error) {
	for len(a.have) == 0 {
		if a.done {
			return 0, io.EOF
		}
		if err := a.group(); err != nil {
			return 0, err
		}
	}
	n := copy(p, a.have)
	a.have = a.have[n:]
	return n, nil
}

func (a *ascii85) group() error {
	if head, _ := a.r.Peek(2); !a.begun && string(head) == "<~" {
		a.r.Discard(2)
	}
	a.begun = true
	var value uint32
	n := 0
	for n < 5 {
		c, err := a.r.ReadByte()
		switch {
		case err == io.EOF || err == nil && c == '~':
			a.done = true
		case err != nil:
			return err
		case c == 'z' && n == 0:
			a.out = [4]byte{}
			a.have = a.out[:]
			return nil
		case c >= '!' && c <= 'u':
			value = value*85 + uint32(c-'!')
			n++
			continue
		default:
			continue
		}
		break
	}
	if n < 2 {
		return nil
	}
	for i := n; i < 5; i++ {
		value = value*85 + 84
	}
	a.out = [4]byte{byte(value >> 24), byte(value >> 16), byte(value >> 8), byte(value)}
	a.have = a.out[:n-1]
	return nil
}

// asciiHex reads hexadecimal up to >.
type asciiHex struct {
	r    *bufio.Reader
	done bool
}

func (a *asciiHex) Read(p []byte) (int, error) {
	for n := range p {
		high, ok := a.digit()
		if !ok {
			return n, io.EOF
		}
		low, _ := a.digit()
		p[n] = byte(high<<4 | low)
	}
	return len(p), nil
}

func (a *asciiHex) digit() (int, bool) {
	for !a.done {
		c, err := a.r.ReadByte()
		if err != nil || c == '>' {
			a.done = true
			break
		}
		if d, ok := hexDigit(int(c)); ok {
			return d, true
		}
	}
	return 0, false
}

// runLength reads runs of equal bytes.
type runLength struct {
	r      *bufio.Reader
	copies int
	repeat int
	value  byte
}

func (l *runLength) Read(p []byte) (int, error) {
	for n := range p {
		if l.copies == 0 && l.repeat == 0 {
			length, err := l.r.ReadByte()
			if err != nil || length == 128 {
				return n, io.EOF
			}
			if length < 128 {
				l.copies = int(length) + 1
			} else {
				l.repeat = 257 - int(length)
				if l.value, err = l.r.ReadByte(); err != nil {
					return n, io.EOF
				}
			}
		}
		if l.repeat > 0 {
			l.repeat--
			p[n] = l.value
			continue
		}
		c, err := l.r.ReadByte()
		if err != nil {
			return n, io.EOF
		}
		l.copies--
		p[n] = c
	}
	return len(p), nil
}
