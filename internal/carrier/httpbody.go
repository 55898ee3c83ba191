package carrier

import (
	"bytes"
	"compress/flate"
	"io"
	"strconv"
	"strings"
)

// An httpBody is the content of one message that is not text as it lies there.
type httpBody struct {
	data     []byte
	encoding string // as the header says
	cut      bool   // more of it may come
}

// unHTTP takes the messages of HTTP/1 in a stream apart: heads and bodies that
// lie open, and the bodies that were packed, in chunks or otherwise, or are
// files of their own. A stream of something else comes back as it is.
func unHTTP(stream []byte) (text []byte, bodies []httpBody) {
	rest, known := stream, Builtin()
	for {
		h, size := httpHead(rest)
		if size == 0 && len(rest) == len(stream) {
			return stream, nil
		}
		if size == 0 {
			return append(text, rest...), bodies
		}
		text = append(text, rest[:size]...)
		rest = rest[size:]
		var b httpBody
		b, rest = h.body(rest)
		if h.chunked || b.encoding != "" || known.holdsMore(b.data) {
			bodies = append(bodies, b)
			text = append(text, '\n')
		} else {
			text = append(text, b.data...)
		}
	}
}

// holdsMore reports whether bytes are more than text to scan.
func (g *Registry) holdsMore(b []byte) bool {
	switch g.Sniff(b[:min(len(b), HeadSize)], "").decoder.(type) {
	case Container, Encoding, Refusal:
		return true
	}
	return false
}

// An httpHeader is what of a head says where the body ends.
type httpHeader struct {
	response, bare, chunked bool
	length                  int64 // -1 if it does not say
	encoding                string
}

// maxHTTPHead bounds a head.
const maxHTTPHead = 64 << 10

// httpHead reads a head and returns its size, 0 if there is none.
func httpHead(b []byte) (h httpHeader, size int) {
	lead := b[:min(len(b), maxHTTPHead)]
	line, _, ok := bytes.Cut(lead, []byte("\r\n"))
	if !ok || len(line) > 8<<10 {
		return h, 0
	}
	h.length = -1
	switch fields := bytes.Fields(line); {
	case len(fields) >= 2 && bytes.HasPrefix(line, []byte("HTTP/1.")):
		h.response = true
		code := string(fields[1])
		h.bare = strings.HasPrefix(code, "1") || code == "204" || code == "304"
	case len(fields) == 3 && bytes.HasPrefix(fields[2], []byte("HTTP/1.")):
	default:
		return h, 0
	}
	end := bytes.Index(lead, []byte("\r\n\r\n"))
	if end < 0 {
		return h, 0
	}
	for _, line := range strings.Split(string(lead[len(line)+2:end+2]), "\r\n") {
		name, value, _ := strings.Cut(line, ":")
		value = strings.ToLower(strings.TrimSpace(value))
		switch strings.ToLower(name) {
		case "content-length":
			if n, err := strconv.ParseInt(value, 10, 64); err == nil && n >= 0 {
				h.length = n
			}
		case "transfer-encoding":
			h.chunked = strings.Contains(value, "chunked")
		case "content-encoding":
			if value != "identity" {
				h.encoding = value
			}
		}
	}
	return h, end + 4
}

// body takes the body off what follows the head.
func (h httpHeader) body(b []byte) (httpBody, []byte) {
	out := httpBody{encoding: h.encoding}
	switch {
	case h.bare, h.response && bytes.HasPrefix(b, []byte("HTTP/1.")): // the answer to HEAD has a length and no body
		return httpBody{}, b
	case h.chunked:
		var rest []byte
		out.data, rest, out.cut = unchunk(b)
		return out, rest
	case h.length >= 0:
		n := int(min(h.length, int64(len(b))))
		out.data, out.cut = b[:n], h.length > int64(n)
		if n == 0 {
			out.encoding = ""
		}
		return out, b[n:]
	case h.response:
		out.data, out.cut = b, true // up to the end of the connection
		return out, nil
	}
	return httpBody{}, b
}

// unchunk joins the chunks of a body. What does not read as one ends it.
func unchunk(b []byte) (data, rest []byte, cut bool) {
	for {
		line, after, ok := bytes.Cut(b, []byte("\r\n"))
		digits, _, _ := bytes.Cut(line, []byte(";"))
		size, err := strconv.ParseUint(string(bytes.TrimSpace(digits)), 16, 31)
		if !ok || err != nil {
			return append(data, b...), nil, true
		}
		if size == 0 {
			_, rest, _ := bytes.Cut(append([]byte("\r\n"), after...), []byte("\r\n\r\n"))
			return data, rest, false
		}
		n := min(int(size), len(after))
		data = append(data, after[:n]...)
		if n < int(size) {
			return data, nil, true
		}
		b = bytes.TrimPrefix(after[n:], []byte("\r\n"))
	}
}

// member returns the body as what is to be examined.
func (b httpBody) member(name string) *Member {
	m := &Member{Name: name, Stored: int64(len(b.data)), Size: -1}
	m.Open = func() (io.Reader, error) { return bytes.NewReader(b.data), nil }
	switch b.encoding {
	case "", "gzip", "x-gzip", "zstd", "compress", "x-compress":
	case "deflate":
		if !looksZlib(b.data) { // some send it without the header that belongs to it
			m.Open = func() (io.Reader, error) { return flate.NewReader(bytes.NewReader(b.data)), nil }
		}
	default:
		m.Refused = UnknownCompression
	}
	return m
}
