package redact

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"hash/crc32"
	"io"
	"path"
	"strings"

	"github.com/stanch/stanch/internal/carrier/office"
)

// Limits of a document. It is held in memory while it is rewritten.
const (
	maxDocument = 64 << 20  // as stored
	maxPart     = 64 << 20  // one part, unpacked
	maxUnpacked = 256 << 20 // all parts together
	maxParts    = 20_000
	maxShared   = 64 << 20 // text of the shared strings
)

// maskDocument rewrites a document until a scan of it finds nothing more. The
// document may be a stranger's: a fault in reading it must not end the process.
func maskDocument(ctx context.Context, r io.ReaderAt, size int64, o Options) (masked Copy, err error) {
	defer func() {
		if recover() != nil {
			masked, err = nil, ErrKind
		}
	}()
	if size > maxDocument {
		return nil, ErrTooLarge
	}
	held := make([]byte, size)
	if _, err := r.ReadAt(held, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	for pass := range maxPasses {
		found, inside, err := find(ctx, bytes.NewReader(held), int64(len(held)), o)
		if err != nil {
			return nil, err
		}
		if len(found)+inside == 0 {
			if pass == 0 {
				return nil, ErrKind
			}
			return bytes.NewReader(held), nil
		}
		next, err := rewrite(ctx, held, o, pass > 0)
		if err != nil {
			return nil, err
		}
		clear(held)
		held = next
	}
	return nil, ErrRemains
}

// A document is an office document that is being rewritten.
type document struct {
	ctx     context.Context
	o       Options
	again   bool // what is found was masked before: hide it whole
	archive *zip.Reader
	room    int64
	parts   map[*zip.File][]byte // with masked content
	strings *office.Strings      // of a workbook, as they were
	starred *office.Strings      // and as they are masked
}

// rewrite returns a document with all that its parts show masked. Parts
// that hold nothing are taken over as they are packed. It returns ErrRemains
// if there is nothing that it can mask even in the stern way.
func rewrite(ctx context.Context, held []byte, o Options, again bool) ([]byte, error) {
	archive, err := zip.NewReader(bytes.NewReader(held), int64(len(held)))
	if err != nil {
		return nil, ErrKind
	}
	d := &document{ctx: ctx, o: o, again: again, archive: archive, room: maxUnpacked, parts: make(map[*zip.File][]byte)}
	defer d.wipe()
	if err := d.fit(); err != nil {
		return nil, err
	}
	if err := d.maskParts(); err != nil {
		return nil, err
	}
	if len(d.parts) == 0 && again {
		return nil, ErrRemains
	}
	return d.pack()
}

func (d *document) wipe() {
	for _, content := range d.parts {
		clear(content)
	}
}

// fit refuses what is no document, or one that a changed part would break.
func (d *document) fit() error {
	if len(d.archive.File) > maxParts {
		return ErrTooLarge
	}
	seen := make(map[string]bool)
	for _, f := range d.archive.File {
		name := strings.ToLower(f.Name)
		if f.Flags&1 != 0 || seen[name] || isSignature(name) {
			return ErrKind
		}
		seen[name] = true
	}
	if !seen["[content_types].xml"] && !seen["mimetype"] {
		return ErrKind
	}
	return nil
}

// isSignature reports whether a part signs others: a masked copy would be
// taken for a forgery.
func isSignature(name string) bool {
	return strings.HasPrefix(name, "_xmlsignatures/") || strings.HasPrefix(path.Base(name), "vbaprojectsignature") ||
		strings.HasPrefix(name, "meta-inf/") && strings.Contains(name, "signatures")
}

// maskParts masks every part that is markup, the shared strings first: the
// sheets show them.
func (d *document) maskParts() error {
	var shared *zip.File
	for _, f := range d.archive.File {
		if strings.EqualFold(path.Base(f.Name), "sharedStrings.xml") {
			shared = f
		}
	}
	if shared != nil {
		if err := d.maskShared(shared); err != nil {
			return err
		}
	}
	for _, f := range d.archive.File {
		if f == shared || !isMarkup(f.Name) {
			continue
		}
		content, err := d.maskPart(f)
		if err != nil {
			return err
		}
		if d.parts[f] == nil {
			clear(content)
		}
	}
	return nil
}

// maskShared masks the shared strings, and keeps them as they were as well:
// what a row says by all its cells is to be seen once more.
func (d *document) maskShared(f *zip.File) error {
	before, err := d.unpack(f)
	if err != nil {
		return err
	}
	defer clear(before)
	after, err := d.maskPart(f)
	if err != nil {
		return err
	}
	var failed [2]error
	d.strings, failed[0] = office.ReadStrings(bytes.NewReader(before), maxShared)
	d.starred, failed[1] = office.ReadStrings(bytes.NewReader(after), maxShared)
	if errors.Join(failed[:]...) != nil {
		return ErrKind
	}
	return nil
}

func isMarkup(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".xml", ".rels", ".vml", ".rdf":
		return true
	}
	return false
}

// maskPart returns a part's content, masked, and keeps it if it was changed.
func (d *document) maskPart(f *zip.File) ([]byte, error) {
	content, err := d.unpack(f)
	if err != nil {
		return nil, err
	}
	p := &part{document: d, src: content}
	masked, err := p.mask()
	if err != nil || masked == nil {
		return content, err
	}
	clear(content)
	d.parts[f] = masked
	return masked, nil
}

func (d *document) unpack(f *zip.File) ([]byte, error) {
	if f.Method != zip.Store && f.Method != zip.Deflate {
		return nil, ErrKind
	}
	r, err := f.Open()
	if err != nil {
		return nil, ErrKind
	}
	defer r.Close()
	most := min(maxPart, d.room)
	content, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, ErrKind
	}
	if int64(len(content)) > most {
		return nil, ErrTooLarge
	}
	d.room -= int64(len(content))
	return content, nil
}

// pack writes the archive anew: the same parts in the same order, under the
// same names, times and attributes.
func (d *document) pack() ([]byte, error) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	if err := w.SetComment(d.archive.Comment); err != nil {
		return nil, ErrKind
	}
	for _, f := range d.archive.File {
		var err error
		if content := d.parts[f]; content != nil {
			err = packPart(w, f, content)
		} else {
			err = w.Copy(f)
		}
		if err != nil {
			return nil, ErrKind
		}
		if out.Len() > 2*maxDocument {
			return nil, ErrTooLarge
		}
	}
	if err := w.Close(); err != nil {
		return nil, ErrKind
	}
	return out.Bytes(), nil
}

// packPart writes a part with new content under the header of the old one.
func packPart(w *zip.Writer, f *zip.File, content []byte) error {
	h := f.FileHeader
	var packed bytes.Buffer
	if h.Method == zip.Store {
		packed.Write(content)
	} else {
		squeeze, err := flate.NewWriter(&packed, flate.DefaultCompression)
		if err != nil {
			return err
		}
		if _, err := squeeze.Write(content); err != nil {
			return err
		}
		if err := squeeze.Close(); err != nil {
			return err
		}
	}
	h.CRC32 = crc32.ChecksumIEEE(content)
	h.CompressedSize64, h.UncompressedSize64 = uint64(packed.Len()), uint64(len(content))
	to, err := w.CreateRaw(&h)
	if err != nil {
		return err
	}
	_, err = to.Write(packed.Bytes())
	return err
}
