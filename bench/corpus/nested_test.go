package corpus

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"strings"
	"testing"
)

// opened unpacks zip, gzip and tar as deep as they go, and returns what is at
// the bottom.
func opened(t *testing.T, data []byte) string {
	var out strings.Builder
	switch {
	case bytes.HasPrefix(data, []byte("PK")):
		r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range r.File {
			in, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			out.WriteString(opened(t, all(t, in)))
		}
	case bytes.HasPrefix(data, []byte{0x1f, 0x8b}):
		r, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		return opened(t, all(t, r))
	case len(data) > 262 && string(data[257:262]) == "ustar":
		for r := tar.NewReader(bytes.NewReader(data)); ; {
			_, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			out.WriteString(opened(t, all(t, r)))
		}
	default:
		return string(data)
	}
	return out.String()
}

func all(t *testing.T, r io.Reader) []byte {
	t.Helper()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func mailText(t *testing.T, data []byte) string {
	message, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	kind, parameters, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(kind, "multipart/") {
		return string(all(t, base64.NewDecoder(base64.StdEncoding, message.Body)))
	}
	var out strings.Builder
	for r := multipart.NewReader(message.Body, parameters["boundary"]); ; {
		part, err := r.NextPart()
		if err == io.EOF {
			return out.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		if part.Header.Get("Content-Transfer-Encoding") == "base64" {
			out.WriteString(opened(t, all(t, base64.NewDecoder(base64.StdEncoding, part))))
		}
	}
}

// streams puts TCP streams together from a capture file, checks each packet's
// sums, and returns what the streams carry, compressed bodies unpacked.
func streams(t *testing.T, data []byte) string {
	parts, first := map[string]map[uint32][]byte{}, map[string]uint32{}
	for _, frame := range frames(data) {
		ip := frame[14:]
		tcp := ip[20:binary.BigEndian.Uint16(ip[2:])]
		pseudo := append(bytes.Clone(ip[12:20]), 0, 6, byte(len(tcp)>>8), byte(len(tcp)))
		if checksum(ip[:20]) != 0 || checksum(append(pseudo, tcp...)) != 0 {
			t.Fatal("a packet's sum is wrong")
		}
		key, seq := string(ip[12:20])+string(tcp[:4]), binary.BigEndian.Uint32(tcp[4:])
		if tcp[13]&synFlag != 0 {
			first[key], parts[key] = seq+1, map[uint32][]byte{}
		} else if len(tcp) > 20 {
			parts[key][seq-first[key]] = tcp[20:]
		}
	}
	var out strings.Builder
	for _, segments := range parts {
		var whole []byte
		for segments[uint32(len(whole))] != nil {
			whole = append(whole, segments[uint32(len(whole))]...)
		}
		out.Write(whole)
		if at := bytes.Index(whole, []byte{0x1f, 0x8b}); at >= 0 && !bytes.Contains(whole, []byte("chunked")) {
			out.WriteString(opened(t, whole[at:]))
		} else if at >= 0 {
			out.WriteString(opened(t, unchunked(t, whole)))
		}
	}
	return out.String()
}

// frames reads pcap and pcapng, of one interface and little-endian.
func frames(data []byte) [][]byte {
	var out [][]byte
	number := func(at int) int { return int(binary.LittleEndian.Uint32(data[at:])) }
	if number(0) != sectionHead {
		for at := 24; at < len(data); at += 16 + number(at+8) {
			out = append(out, data[at+16:at+16+number(at+8)])
		}
		return out
	}
	for at := 0; at < len(data); at += number(at + 4) {
		if number(at) == 6 {
			out = append(out, data[at+28:at+28+number(at+20)])
		}
	}
	return out
}

func unchunked(t *testing.T, answer []byte) []byte {
	_, body, _ := bytes.Cut(answer, []byte("\r\n\r\n"))
	var out []byte
	for {
		size, rest, _ := bytes.Cut(body, []byte("\r\n"))
		n := 0
		for _, c := range size {
			n = n*16 + strings.IndexByte(hexDigits, c)
		}
		if n <= 0 || n > len(rest) {
			return out
		}
		out, body = append(out, rest[:n]...), rest[n+2:]
	}
}
