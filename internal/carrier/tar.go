package carrier

import (
	"archive/tar"
	"errors"
	"io"
	"strconv"
	"strings"
)

// tarFile reads tar archives in every form that package archive/tar knows.
type tarFile struct{}

func (tarFile) Name() string { return "tar" }

// Sniff accepts the magic of POSIX and GNU tar, and old archives by checksum.
func (tarFile) Sniff(head []byte, _ string) bool {
	return len(head) >= 512 && head[0] != 0 && (magic{257, "ustar"}.in(head) || tarSum(head[:512]))
}

// tarSum reports whether a header block holds its own checksum.
func tarSum(block []byte) bool {
	field := strings.Trim(string(block[148:156]), " \x00")
	want, err := strconv.ParseInt(field, 8, 64)
	if err != nil || want == 0 {
		return false
	}
	var sum int64
	for i, c := range block {
		if i >= 148 && i < 156 {
			c = ' '
		}
		sum += int64(c)
	}
	return sum == want
}

// Walk visits the members in order. Where the archive lies open its members
// are given with random access, so that an archive in it need not be held.
func (tarFile) Walk(p *Part, visit func(*Member) error) error {
	var at *offsetReader
	r := p.R
	if p.At != nil && p.Size >= 0 {
		at = &offsetReader{r: io.NewSectionReader(p.At, 0, p.Size)}
		r = at
	}
	archive := tar.NewReader(r)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) {
			return err
		}
		m := tarMember(header, archive)
		if at != nil && header.Typeflag == tar.TypeReg && !sparse(header) && at.n+header.Size <= p.Size {
			m.At, m.Size = io.NewSectionReader(p.At, at.n, header.Size), header.Size
		}
		if err := visit(m); err != nil {
			return err
		}
	}
}

func tarMember(header *tar.Header, archive *tar.Reader) *Member {
	m := &Member{Name: header.Name, Stored: header.Size, Size: -1}
	m.Open = func() (io.Reader, error) { return archive, nil }
	if header.Linkname != "" {
		m.Labels = append(m.Labels, header.Linkname)
	}
	if comment := header.PAXRecords["comment"]; comment != "" {
		m.Labels = append(m.Labels, comment)
	}
	switch header.Typeflag {
	case tar.TypeReg, tar.TypeCont, tar.TypeGNUSparse:
	default:
		m.Dir = header.Size == 0 || header.Typeflag == tar.TypeDir
	}
	return m
}

// sparse reports whether the stored bytes differ from the content.
func sparse(header *tar.Header) bool {
	for key := range header.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return true
		}
	}
	return header.Typeflag == tar.TypeGNUSparse
}

// offsetReader knows where it stands in an open archive, and lets the content
// of members be skipped, because they are read on their own.
type offsetReader struct {
	r *io.SectionReader
	n int64
}

func (o *offsetReader) Read(p []byte) (int, error) {
	n, err := o.r.Read(p)
	o.n += int64(n)
	return n, err
}

func (o *offsetReader) Seek(offset int64, whence int) (int64, error) {
	n, err := o.r.Seek(offset, whence)
	if err == nil {
		o.n = n
	}
	return n, err
}
