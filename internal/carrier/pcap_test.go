package carrier

import (
	"bytes"
	"compress/flate"
	wire "encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

var (
	tillEnd = netip.MustParseAddrPort("10.0.0.2:51234")
	hostEnd = netip.MustParseAddrPort("10.0.0.1:8583")
)

const tillToHost = "10.0.0.2:51234-10.0.0.1:8583"

// tcpSegment is the TCP part of a packet.
func tcpSegment(from, to netip.AddrPort, seq uint32, flags byte, data string) []byte {
	b := make([]byte, 20, 20+len(data))
	wire.BigEndian.PutUint16(b, from.Port())
	wire.BigEndian.PutUint16(b[2:], to.Port())
	wire.BigEndian.PutUint32(b[4:], seq)
	b[12], b[13] = 5<<4, flags
	return append(b, data...)
}

func udpDatagram(from, to netip.AddrPort, data string) []byte {
	b := make([]byte, 8, 8+len(data))
	wire.BigEndian.PutUint16(b, from.Port())
	wire.BigEndian.PutUint16(b[2:], to.Port())
	wire.BigEndian.PutUint16(b[4:], uint16(8+len(data)))
	return append(b, data...)
}

// ipPacket wraps what is above IP.
func ipPacket(from, to netip.AddrPort, proto byte, body []byte) []byte {
	if from.Addr().Is6() {
		b := make([]byte, 40, 40+len(body))
		b[0], b[6] = 6<<4, proto
		wire.BigEndian.PutUint16(b[4:], uint16(len(body)))
		copy(b[8:], from.Addr().AsSlice())
		copy(b[24:], to.Addr().AsSlice())
		return append(b, body...)
	}
	b := make([]byte, 20, 20+len(body))
	b[0], b[9] = 4<<4|5, proto
	wire.BigEndian.PutUint16(b[2:], uint16(20+len(body)))
	copy(b[12:], from.Addr().AsSlice())
	copy(b[16:], to.Addr().AsSlice())
	return append(b, body...)
}

func sent(seq uint32, flags byte, data string) []byte {
	return ipPacket(tillEnd, hostEnd, protoTCP, tcpSegment(tillEnd, hostEnd, seq, flags, data))
}

// etherFramed puts the header of a link before each packet.
func etherFramed(link uint32, packets ...[]byte) [][]byte {
	lead := map[uint32]string{
		linkEthernet: "\x01\x02\x03\x04\x05\x06\x01\x02\x03\x04\x05\x06\x08\x00", linkNull: "\x02\x00\x00\x00", linkLoop: "\x00\x00\x00\x02",
		linkCooked: "\x00\x00\x00\x01\x00\x06\x01\x02\x03\x04\x05\x06\x00\x00\x08\x00", linkCooked2: "\x08\x00\x00\x00\x00\x00\x00\x01\x00\x01\x00\x06\x01\x02\x03\x04\x05\x06\x00\x00",
		linkRaw: "",
	}[link]
	var out [][]byte
	for _, p := range packets {
		frame := append([]byte(lead), p...)
		if link == linkEthernet && len(frame) < 60 {
			frame = append(frame, bytes.Repeat([]byte("7"), 60-len(frame))...) // what fills up a short frame is not content
		}
		out = append(out, frame)
	}
	return out
}

// captured writes a pcap file.
func captured(order wire.ByteOrder, nano bool, link uint32, frames ...[]byte) []byte {
	mark := uint32(0xa1b2c3d4)
	if nano {
		mark = 0xa1b23c4d
	}
	b := make([]byte, 24)
	order.PutUint32(b, mark)
	order.PutUint16(b[4:], 2)
	order.PutUint16(b[6:], 4)
	order.PutUint32(b[16:], 262144)
	order.PutUint32(b[20:], link)
	for _, f := range frames {
		h := make([]byte, 16)
		order.PutUint32(h[8:], uint32(len(f)))
		order.PutUint32(h[12:], uint32(len(f)))
		b = append(append(b, h...), f...)
	}
	return b
}

// capturedNG writes a pcapng file, its packets in blocks of all three kinds.
func capturedNG(order wire.ByteOrder, link uint32, comment string, frames ...[]byte) []byte {
	var out []byte
	block := func(kind uint32, body []byte) {
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
		h := make([]byte, 8)
		order.PutUint32(h, kind)
		order.PutUint32(h[4:], uint32(len(body)+12))
		out = append(append(append(out, h...), body...), h[4:]...)
	}
	section := make([]byte, 16)
	order.PutUint32(section, 0x1a2b3c4d)
	order.PutUint16(section[4:], 1)
	for i := range section[8:] {
		section[8+i] = 0xff
	}
	block(pcapSection, append(section, comment...))
	device := make([]byte, 8)
	order.PutUint16(device, uint16(link))
	block(pcapInterface, device)
	for i, f := range frames {
		h := make([]byte, 20)
		order.PutUint32(h[12:], uint32(len(f)))
		order.PutUint32(h[16:], uint32(len(f)))
		switch i % 3 {
		case 0:
			block(pcapEnhanced, append(h, f...))
		case 1:
			block(pcapOldPacket, append(h, f...))
		case 2:
			block(pcapSimple, append(h[16:20:20], f...))
		}
	}
	return out
}

// halved is a message whose number lies across two segments.
func halved(n uint64) [][]byte {
	text := "hello " + line(n)
	return [][]byte{sent(99, tcpSYN, ""), sent(100, 0, text[:20]), sent(120, tcpFIN, text[20:])}
}

func TestCaptures(t *testing.T) {
	six := [2]netip.AddrPort{netip.MustParseAddrPort("[fd00::2]:4000"), netip.MustParseAddrPort("[fd00::1]:80")}
	for _, order := range []wire.ByteOrder{wire.LittleEndian, wire.BigEndian} {
		for _, link := range []uint32{linkEthernet, linkNull, linkLoop, linkCooked, linkCooked2, linkRaw} {
			frames := etherFramed(link, halved(1)...)
			for name, content := range map[string][]byte{
				"us": captured(order, false, link, frames...), "ns": captured(order, true, link, frames...), "ng": capturedNG(order, link, "", frames...),
				"gz": gzipped(t, string(captured(order, false, link, frames...))),
			} {
				report, all := examine(t, "c", content, Options{})
				if len(all) != 1 || report.Refused != 0 || all[0].path != "c!"+tillToHost || all[0].line != 1 {
					t.Errorf("%s %s link %d: got %d matches, report %+v; want one", name, order, link, len(all), report)
				}
			}
		}
	}
	vlan := etherFramed(linkEthernet, halved(1)...)
	for i, f := range vlan {
		vlan[i] = append(append(bytes.Clone(f[:12]), 0x81, 0, 0, 7), f[12:]...)
	}
	v6 := func(data string) []byte {
		return ipPacket(six[0], six[1], protoTCP, tcpSegment(six[0], six[1], 7, 0, data))
	}
	ext := v6(line(1))
	ext = append(append(bytes.Clone(ext[:40]), protoTCP, 0, 0, 0, 0, 0, 0, 0), ext[40:]...)
	ext[6] = 0
	wire.BigEndian.PutUint16(ext[4:], uint16(len(ext)-40))
	for name, tt := range map[string]struct {
		frames [][]byte
		want   string
	}{
		"vlan":   {vlan, tillToHost},
		"v6":     {[][]byte{append([]byte("\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x86\xdd"), v6(line(1))...)}, "[fd00::2]:4000-[fd00::1]:80"},
		"v6 ext": {[][]byte{append([]byte("\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x86\xdd"), ext...)}, "[fd00::2]:4000-[fd00::1]:80"},
		"udp":    {etherFramed(linkEthernet, ipPacket(tillEnd, hostEnd, protoUDP, udpDatagram(tillEnd, hostEnd, line(1)))), "udp " + tillToHost},
		"tunnel": {etherFramed(linkEthernet, ipPacket(hostEnd, tillEnd, protoIPv4, sent(1, 0, line(1)))), tillToHost},
		"arp":    {[][]byte{append([]byte("\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x08\x06"), line(1)...)}, "(other packets)"},
		"icmp":   {etherFramed(linkEthernet, ipPacket(tillEnd, hostEnd, 1, []byte(line(1)))), "(other packets)"},
	} {
		report, all := examine(t, "c", captured(wire.LittleEndian, false, linkEthernet, tt.frames...), Options{})
		if len(all) != 1 || report.Refused != 0 || all[0].path != "c!"+tt.want {
			t.Errorf("%s: got %d matches, report %+v; want one in %s", name, len(all), report, tt.want)
		}
	}
	report, all := examine(t, "c", capturedNG(wire.LittleEndian, linkRaw, "card="+pan(1), halved(2)...), Options{})
	if len(all) != 2 || report.Refused != 0 || all[1].path != "c!(notes)" {
		t.Errorf("got %d matches, report %+v; want one in the comment", len(all), report)
	}
}

func TestReassembly(t *testing.T) {
	text := "hello " + line(1)
	a, b, c := text[:8], text[8:20], text[20:]
	syn := sent(99, tcpSYN, "")
	wrap := uint32(0xfffffffa)
	tests := []struct {
		name    string
		frames  [][]byte
		matches int
		broken  int64
	}{
		{"in order", [][]byte{syn, sent(100, 0, a), sent(108, 0, b), sent(120, 0, c)}, 1, 0},
		{"out of order", [][]byte{syn, sent(120, 0, c), sent(108, 0, b), sent(100, 0, a)}, 1, 0},
		{"middle, out of order", [][]byte{sent(108, 0, b), sent(100, 0, a), sent(120, 0, c)}, 1, 0},
		{"again", [][]byte{syn, sent(100, 0, a), sent(100, 0, a), sent(108, 0, b), sent(100, 0, text[:20]), sent(120, 0, c)}, 1, 0},
		{"overlap", [][]byte{syn, sent(100, 0, text[:12]), sent(104, 0, text[4:22]), sent(110, 0, text[10:])}, 1, 0},
		{"waiting overlap", [][]byte{syn, sent(110, 0, text[10:]), sent(108, 0, text[8:22]), sent(100, 0, a)}, 1, 0},
		{"wrap", [][]byte{sent(wrap-1, tcpSYN, ""), sent(wrap, 0, a), sent(wrap+8, 0, b), sent(wrap+20, 0, c)}, 1, 0},
		{"gap", [][]byte{syn, sent(100, 0, text[:10]), sent(112, 0, text[12:])}, 0, 1},
		{"gap elsewhere", [][]byte{syn, sent(100, 0, text), sent(5000, 0, line(2))}, 2, 1},
		{"ports again", [][]byte{syn, sent(100, tcpFIN, text), sent(7000, tcpSYN, ""), sent(7001, 0, line(2))}, 2, 0},
		{"keep-alive", [][]byte{syn, sent(100, 0, text[:12]), sent(111, 0, "x"), sent(112, 0, text[12:])}, 1, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			report, all := examine(t, "c", captured(wire.LittleEndian, false, linkRaw, tt.frames...), Options{})
			if len(all) != tt.matches || report.Refused != tt.broken || report.Causes[Broken] != tt.broken {
				t.Errorf("got %d matches, report %+v; want %d and %d broken", len(all), report, tt.matches, tt.broken)
			}
		})
	}
}

// conversed cuts a stream into segments.
func conversed(stream string) [][]byte {
	out := [][]byte{sent(99, tcpSYN, "")}
	for seq := uint32(100); len(stream) > 0; {
		n := min(len(stream), 1000)
		out = append(out, sent(seq, 0, stream[:n]))
		seq += uint32(n)
		stream = stream[n:]
	}
	return out
}

func chunked(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		n := min(len(s), 700)
		fmt.Fprintf(&b, "%x;x=y\r\n%s\r\n", n, s[:n])
		s = s[n:]
	}
	return b.String() + "0\r\nTrailer: x\r\n\r\n"
}

func TestHTTP(t *testing.T) {
	packed := string(gzipped(t, "{\"pan\":\""+pan(1)+"\"}"+filler(300)))
	var raw bytes.Buffer
	w, _ := flate.NewWriter(&raw, 9)
	w.Write([]byte(line(1)))
	w.Close()
	head := "HTTP/1.1 200 OK\r\nServer: x\r\n"
	plain := fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", head, len(line(2)), line(2))
	body := "c!" + tillToHost + "/body-1"
	tests := []struct {
		name, stream string
		want         []string
	}{
		{"identity", plain + plain, []string{"c!" + tillToHost + " " + pan(2), "c!" + tillToHost + " " + pan(2)}},
		{"gzip", fmt.Sprintf("%sContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s%s", head, len(packed), packed, plain), []string{"c!" + tillToHost + " " + pan(2), body + " " + pan(1)}},
		{"gzip in chunks", head + "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(packed) + plain, []string{"c!" + tillToHost + " " + pan(2), body + " " + pan(1)}},
		{"chunks", head + "Transfer-Encoding: chunked\r\n\r\n" + chunked(filler(100)+line(1)), []string{body + " " + pan(1)}},
		{"deflate", head + "Content-Encoding: deflate\r\n\r\n" + raw.String(), []string{body + " " + pan(1)}},
		{"to the end", head + "Content-Encoding: gzip\r\n\r\n" + packed, []string{body + " " + pan(1)}},
		{"request", fmt.Sprintf("POST /pay?card=%s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", pan(3), len(packed), packed), []string{"c!" + tillToHost + " " + pan(3), body + " " + pan(1)}},
		{"head", head + "Content-Encoding: gzip\r\nContent-Length: 900\r\n\r\n" + plain, []string{"c!" + tillToHost + " " + pan(2)}},
		{"continue", "HTTP/1.1 100 Continue\r\n\r\n" + plain, []string{"c!" + tillToHost + " " + pan(2)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			report, all := examine(t, "c", captured(wire.LittleEndian, false, linkRaw, conversed(tt.stream)...), Options{})
			if got := placed(all); !slices.Equal(got, tt.want) || report.Refused != 0 {
				t.Errorf("got %d matches, report %+v; want %d", len(got), report, len(tt.want))
			}
		})
	}
}

func TestCaptureRefusals(t *testing.T) {
	fragment := sent(100, 0, line(1))
	fragment[6] = 0x20
	whole := captured(wire.LittleEndian, false, linkRaw, halved(1)...)
	snapped := captured(wire.LittleEndian, false, linkRaw, halved(1)...)
	wire.LittleEndian.PutUint32(snapped[len(snapped)-len(sent(0, 0, line(1)))-4-2:], 9999)
	brotli := "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 4\r\n\r\nabcd"
	tests := []struct {
		name    string
		content []byte
		cause   Cause
		matches int
	}{
		{"fragment", captured(wire.LittleEndian, false, linkRaw, fragment), Broken, 1},
		{"cut", gzipped(t, string(append(whole, whole[24:50]...))), Broken, 1},
		{"wild", gzipped(t, string(append(whole, bytes.Repeat([]byte{0xff}, 40)...))), Broken, 1},
		{"tls", captured(wire.LittleEndian, false, linkRaw, conversed("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")...), Encrypted, 0},
		{"ssh", captured(wire.LittleEndian, false, linkRaw, conversed("SSH-2.0-OpenSSH_9\r\n")...), Encrypted, 0},
		{"brotli", captured(wire.LittleEndian, false, linkRaw, conversed(brotli)...), UnknownCompression, 0},
		{"ng", gzipped(t, string(append(capturedNG(wire.LittleEndian, linkRaw, "", halved(1)...), 6, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0))), Broken, 1},
	}
	for _, tt := range tests {
		report, all := examine(t, "c", tt.content, Options{})
		if report.Causes[tt.cause] == 0 || len(all) != tt.matches {
			t.Errorf("%s: got %d matches, report %+v; want %d and %s", tt.name, len(all), report, tt.matches, tt.cause)
		}
	}
}

// TestCaptureRoom: what does not fit is examined in pieces, and nothing is lost.
func TestCaptureRoom(t *testing.T) {
	var stream strings.Builder
	for i := range uint64(200) {
		stream.WriteString(filler(60) + line(i))
	}
	var many [][]byte
	for i := range uint16(3000) {
		from := netip.AddrPortFrom(tillEnd.Addr(), 1000+i)
		many = append(many, ipPacket(from, hostEnd, protoTCP, tcpSegment(from, hostEnd, 1, 0, line(uint64(i%200)))))
	}
	for name, frames := range map[string][][]byte{"one": conversed(stream.String()), "many": many} {
		report, all := examine(t, "c", captured(wire.LittleEndian, false, linkRaw, frames...), Options{Budget: Budget{Buffer: 100 << 10}})
		distinct := map[string]bool{}
		for _, m := range all {
			distinct[m.digits] = true
		}
		if len(distinct) != 200 || report.Refused != 0 {
			t.Errorf("%s: got %d numbers, report %+v; want all 200", name, len(distinct), report)
		}
		if name == "one" && len(all) > 210 {
			t.Errorf("got %d matches: the seams say too much again", len(all))
		}
	}
	packed := "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + string(gzipped(t, line(1)+filler(30_000)))
	report, all := examine(t, "c", captured(wire.LittleEndian, false, linkRaw, conversed(packed)...), Options{Budget: Budget{Buffer: 100 << 10}})
	if report.Causes[OverBudget] == 0 {
		t.Errorf("got %d matches, report %+v; want the body that does not fit named", len(all), report)
	}
}

func FuzzPcap(f *testing.F) {
	frames := etherFramed(linkEthernet, halved(1)...)
	f.Add(captured(wire.LittleEndian, false, linkEthernet, frames...))
	f.Add(captured(wire.BigEndian, true, linkRaw, conversed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"+chunked(line(1)))...))
	f.Add(capturedNG(wire.LittleEndian, linkEthernet, "comment", frames...))
	f.Fuzz(func(t *testing.T, content []byte) {
		examine(t, "x", content, Options{Budget: Budget{Bytes: 4 << 20, Members: 200, Buffer: 64 << 10}})
	})
}
