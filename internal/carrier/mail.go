package carrier

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"mime"
	"path"
	"strconv"
	"strings"
)

// mailFile reads a message of RFC 5322 and MIME: its header, and each part as
// a member, decoded.
type mailFile struct{}

func (mailFile) Name() string { return "mail" }

// Sniff accepts a head that is nothing but header lines, as far as they go,
// among them those that only mail has. A name that says so lowers the bar.
func (mailFile) Sniff(head []byte, name string) bool {
	known, strong := mailHeader(head)
	if ext := strings.ToLower(path.Ext(name)); ext == ".eml" || ext == ".mht" || ext == ".mhtml" {
		return known >= 1
	}
	return known >= 3 && strong
}

// mailFields are headers that mail has, and whether others hardly have them.
var mailFields = map[string]bool{
	"from": false, "to": false, "cc": false, "subject": false, "date": false, "reply-to": false, "sender": false, "x-mailer": false,
	"content-type": false, "content-transfer-encoding": false, "message-id": true, "received": true, "return-path": true,
	"mime-version": true, "delivered-to": true, "dkim-signature": true,
}

// mailHeader counts the different mail headers at the start of head, and
// reports whether there is one of the strong ones. A line that is no header
// before the empty one makes it none at all.
func mailHeader(head []byte) (known int, strong bool) {
	seen := map[string]bool{}
	for first := true; len(head) > 0; first = false {
		line, rest, whole := bytes.Cut(head, []byte("\n"))
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(line) == 0 || !whole && !first {
			break // the end of the header, or of what is shown
		}
		if line[0] != ' ' && line[0] != '\t' || first {
			field, ok := mailField(line)
			if !ok {
				return 0, false
			}
			if sure, ok := mailFields[field]; ok {
				seen[field], strong = true, strong || sure
			}
		}
		head = rest
	}
	return len(seen), strong || seen["from"] && seen["subject"] && seen["date"]
}

// mailField returns the name of a header line in lower case.
func mailField(line []byte) (string, bool) {
	name, _, ok := bytes.Cut(line, []byte(":"))
	if !ok || len(name) == 0 || len(name) > 70 {
		return "", false
	}
	for _, c := range name {
		if c != '-' && c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return "", false
		}
	}
	return strings.ToLower(string(name)), true
}

// Bounds of what is held of a message.
const (
	maxMailHeader = 256 << 10
	maxMailDepth  = 24
)

// Walk visits header and parts in order.
func (mailFile) Walk(p *Part, visit func(*Member) error) error {
	w := &mailWalk{in: bufio.NewReaderSize(p.R, 64<<10), visit: visit}
	h, err := w.header()
	if err != nil {
		return err
	}
	text := &Member{Name: "header", Stored: int64(len(h.raw)), Size: -1, Plain: true}
	text.Open = func() (io.Reader, error) { return strings.NewReader(h.decoded()), nil }
	if err := visit(text); err != nil {
		return err
	}
	return w.body(h, "")
}

// A mailWalk goes through a message once, front to back.
type mailWalk struct {
	in         *bufio.Reader
	visit      func(*Member) error
	boundaries []string // of the multiparts around what is read, outermost first
	ended      int      // which of them ended the last part, -1 if none
	last       bool     // and that it was its closing line
}

// body visits what a header announces. Number is its place, as 1.2.
func (w *mailWalk) body(h *mailHead, number string) error {
	kind, params := h.kind()
	boundary := params["boundary"]
	if !strings.HasPrefix(kind, "multipart/") || boundary == "" {
		return w.leaf(h, kind, params, number)
	}
	if len(w.boundaries) >= maxMailDepth {
		return w.pass(&Member{Name: h.name(params, number), Refused: OverBudget, Stored: -1})
	}
	return w.multipart(boundary, number, kind == "multipart/encrypted")
}

// leaf visits one part that is not made of others.
func (w *mailWalk) leaf(h *mailHead, kind string, params map[string]string, number string) error {
	m := &Member{Name: h.name(params, number), Stored: -1, Size: -1}
	if number != "" { // the message's own is a member
		m.Labels = []string{h.decoded()}
	}
	var content io.Reader = &mailBody{w: w}
	switch encoding := strings.ToLower(strings.TrimSpace(h.get("content-transfer-encoding"))); encoding {
	case "base64":
		content = newBase64(content)
	case "quoted-printable":
		content = newQuoted(content)
	case "", "7bit", "8bit", "binary":
	default:
		m.Refused = UnknownCompression
	}
	if strings.HasPrefix(kind, "text/") {
		content = inCharset(content, params["charset"])
	}
	if kind == "message/rfc822" && !strings.HasSuffix(m.Name, ".eml") {
		m.Name += ".eml"
	}
	if kind == "application/pkcs7-mime" && params["smime-type"] != "signed-data" || kind == "application/pgp-encrypted" {
		m.Refused = Encrypted
	}
	m.Open = func() (io.Reader, error) { return &gathered{r: content}, nil }
	return w.pass(m)
}

// pass visits a member and goes to the end of the part it was made from.
func (w *mailWalk) pass(m *Member) error {
	if err := w.visit(m); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, &mailBody{w: w})
	return err
}

// multipart visits what comes before the first boundary, each part, and what
// comes after the last.
func (w *mailWalk) multipart(boundary, number string, locked bool) error {
	level := len(w.boundaries)
	w.boundaries = append(w.boundaries, boundary)
	err := w.between(number, "before")
	for n := 1; err == nil && w.ended == level && !w.last; n++ {
		place := strings.TrimPrefix(number+"."+strconv.Itoa(n), ".")
		var h *mailHead
		if h, err = w.header(); err != nil {
			break
		}
		if w.ended >= 0 {
			continue // a boundary within the header: an empty part
		}
		if locked {
			err = w.pass(&Member{Name: h.name(nil, place), Refused: Encrypted, Stored: -1})
		} else {
			err = w.body(h, place)
		}
	}
	w.boundaries = w.boundaries[:level]
	switch {
	case err != nil:
		return err
	case w.ended == level && w.last:
		return w.between(number, "after")
	case w.ended < 0:
		return &CauseError{Broken} // the message ends before its last part does
	}
	return nil
}

// between visits the text around parts if there is any.
func (w *mailWalk) between(number, name string) error {
	w.ended = -1
	body := bufio.NewReaderSize(&mailBody{w: w}, 4<<10)
	for {
		c, err := body.ReadByte()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if c != '\r' && c != '\n' && c != ' ' {
			body.UnreadByte()
			break
		}
	}
	m := &Member{Name: strings.TrimPrefix(number+"."+name, "."), Stored: -1, Size: -1, Open: func() (io.Reader, error) { return body, nil }}
	if err := w.visit(m); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, body)
	return err
}

// header reads header lines up to the empty one, or to a boundary.
func (w *mailWalk) header() (*mailHead, error) {
	h := &mailHead{}
	w.ended = -1
	for {
		line, err := w.in.ReadSlice('\n')
		if err != nil && err != io.EOF && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
		if w.boundary(line) {
			return h, nil
		}
		bare := bytes.TrimRight(line, "\r\n")
		if len(bare) == 0 {
			return h, nil // at the end of the input as well
		}
		if len(h.raw)+len(line) > maxMailHeader {
			return nil, &CauseError{OverBudget}
		}
		h.raw = append(h.raw, line...)
	}
}

// boundary notes whether a line ends the part that is being read.
func (w *mailWalk) boundary(line []byte) bool {
	if !bytes.HasPrefix(line, []byte("--")) {
		return false
	}
	text := string(bytes.TrimRight(line[2:], " \t\r\n"))
	for i := len(w.boundaries) - 1; i >= 0; i-- {
		if text == w.boundaries[i] || text == w.boundaries[i]+"--" {
			w.ended, w.last = i, text != w.boundaries[i]
			return true
		}
	}
	return false
}

// A mailBody reads up to the next boundary. The line break before that belongs
// to it.
type mailBody struct {
	w       *mailWalk
	inside  bool // of a line
	pending []byte
	broken  []byte // the line break held back
	err     error
}

func (b *mailBody) Read(p []byte) (int, error) {
	for len(b.pending) == 0 {
		if b.w.ended >= 0 {
			b.err = io.EOF
		}
		if b.err != nil {
			return 0, b.err
		}
		b.fill()
	}
	n := copy(p, b.pending)
	b.pending = b.pending[n:]
	return n, nil
}

func (b *mailBody) fill() {
	line, err := b.w.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		err = nil
	}
	if !b.inside && b.w.boundary(line) {
		return
	}
	text := bytes.TrimRight(line, "\r\n")
	b.inside = !bytes.HasSuffix(line, []byte("\n"))
	b.pending = append(append(b.pending[:0], b.broken...), text...)
	b.broken = append(b.broken[:0], line[len(text):]...)
	if err != nil {
		b.pending, b.broken = append(b.pending, b.broken...), nil
		b.err = err
	}
}

// A mailHead is the header of a message or a part.
type mailHead struct{ raw []byte }

// get returns the first header of a name, unfolded.
func (h *mailHead) get(name string) string {
	for rest := h.raw; len(rest) > 0; {
		var line []byte
		line, rest = unfold(rest)
		if field, ok := mailField(line); ok && field == name {
			return strings.TrimSpace(string(line[len(field)+1:]))
		}
	}
	return ""
}

// unfold returns the first header of raw on one line, and what follows it.
func unfold(raw []byte) (line, rest []byte) {
	for len(raw) > 0 {
		part, after, _ := bytes.Cut(raw, []byte("\n"))
		line = append(line, bytes.TrimSuffix(part, []byte("\r"))...)
		raw = after
		if len(raw) == 0 || raw[0] != ' ' && raw[0] != '\t' {
			break
		}
	}
	return line, raw
}

// kind returns the media type in lower case, with its parameters.
func (h *mailHead) kind() (string, map[string]string) {
	kind, params, err := mime.ParseMediaType(h.get("content-type"))
	if kind == "" || err != nil && params == nil {
		return "text/plain", map[string]string{}
	}
	return kind, params
}

// name returns what a part calls its file, or its number.
func (h *mailHead) name(params map[string]string, number string) string {
	_, disposition, _ := mime.ParseMediaType(h.get("content-disposition"))
	for _, name := range []string{disposition["filename"], params["name"]} {
		if name != "" {
			return decodeWords(name)
		}
	}
	if number == "" {
		return "body"
	}
	return "part-" + number
}

// decoded returns the header with encoded words as they read.
func (h *mailHead) decoded() string {
	var out strings.Builder
	for rest := h.raw; len(rest) > 0; {
		var line []byte
		line, rest = unfold(rest)
		out.WriteString(decodeWords(string(line)))
		out.WriteByte('\n')
	}
	return out.String()
}

// decodeWords decodes the words of RFC 2047.
func decodeWords(s string) string {
	decoder := mime.WordDecoder{CharsetReader: func(charset string, r io.Reader) (io.Reader, error) { return inCharset(r, charset), nil }}
	if out, err := decoder.DecodeHeader(s); err == nil {
		return out
	}
	return s
}
