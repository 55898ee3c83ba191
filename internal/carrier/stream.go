package carrier

import (
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"io"
)

// squeezed is a compressor of a single stream. The content has no name of its
// own, so the path stays and the encoding chain grows.
type squeezed struct {
	name  string
	sniff func(head []byte) bool
	open  func(r io.Reader) (io.Reader, error)
}

// gzipFile reads gzip, all its members one after the other.
func gzipFile() squeezed {
	return squeezed{
		name:  "gzip",
		sniff: func(head []byte) bool { return magic{0, "\x1f\x8b\x08"}.in(head) },
		open:  func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
	}
}

// bzip2File reads bzip2.
func bzip2File() squeezed {
	return squeezed{
		name: "bzip2",
		sniff: func(head []byte) bool {
			return magic{0, "BZh"}.in(head) && len(head) > 9 && head[3] >= '1' && head[3] <= '9' &&
				(bytes.Equal(head[4:10], []byte("1AY&SY")) || bytes.Equal(head[4:10], []byte("\x17rE8P\x90")))
		},
		open: func(r io.Reader) (io.Reader, error) { return bzip2.NewReader(r), nil },
	}
}

func (s squeezed) Name() string                     { return s.name }
func (s squeezed) Sniff(head []byte, _ string) bool { return s.sniff(head) }

// Walk visits the one member.
func (s squeezed) Walk(p *Part, visit func(*Member) error) error {
	r, err := s.open(p.R)
	var named *CauseError
	if errors.As(err, &named) {
		return visit(&Member{Wrapped: s.name, Refused: named.Cause, Stored: p.Size, Size: -1})
	}
	if err != nil {
		return err
	}
	m := &Member{Wrapped: s.name, Stored: p.Size, Size: -1, Open: func() (io.Reader, error) { return r, nil }}
	if z, ok := r.(*gzip.Reader); ok {
		m.Name = z.Name
		if z.Comment != "" {
			m.Labels = []string{z.Comment}
		}
	}
	return visit(m)
}
