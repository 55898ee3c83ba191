package corpus

import (
	"encoding/binary"
	"fmt"
)

// A conversation is what one TCP connection carries to the server, cut into
// segments.
type conversation func(m *maker, pan string) (toServer, toClient [][]byte)

// request is an HTTP request with the number in its body.
func (m *maker) request(body string) []byte {
	path := "/charge"
	if !m.tunes() {
		path = "/api/v2/debit"
	}
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: pay.example\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s", path, len(body), body)
}

func wholeSegments(m *maker, pan string) (toServer, toClient [][]byte) {
	return [][]byte{m.request(m.form("payload", pan))}, [][]byte{[]byte("HTTP/1.1 204 No Content\r\n\r\n")}
}

// cutSegments cuts the request in the middle of the number.
func cutSegments(m *maker, pan string) (toServer, toClient [][]byte) {
	whole := m.request(m.form("payload", pan))
	at := len(whole) - len(pan)
	for string(whole[at:at+len(pan)]) != pan {
		at--
	}
	at += m.cut(pan)
	return [][]byte{whole[:at], whole[at:]}, [][]byte{[]byte("HTTP/1.1 204 No Content\r\n\r\n")}
}

// gzipBody has the number in the compressed body of the answer.
func gzipBody(m *maker, pan string) (toServer, toClient [][]byte) {
	body := m.gzip("", []byte(m.form("payload", pan)+"\n"))
	head := fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n", len(body))
	if m.index%2 == 1 { // in chunks, as most servers send it
		head = []byte("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n")
		half := len(body) / 2
		body = fmt.Appendf(nil, "%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n", half, body[:half], len(body)-half, body[half:])
	}
	return [][]byte{[]byte("GET /last HTTP/1.1\r\nHost: pay.example\r\n\r\n")}, [][]byte{append(head, body...)}
}

const (
	synFlag = 0x02
	ackFlag = 0x10
	pshFlag = 0x08
	finFlag = 0x01
)

// A wire writes a capture file: Ethernet, IPv4, TCP.
type wire struct {
	out     []byte
	seconds uint32
	next    bool // pcapng in place of pcap
	late    bool // the second segment comes before the first
}

// capture records conversations. The last file is a pcapng, and in the one
// before it segments arrive in the wrong order.
func (m *maker) capture(pans []string, talk conversation) []byte {
	w := &wire{seconds: uint32(m.from), next: m.index == filesEach-1, late: m.index == filesEach-2}
	w.head()
	for i, pan := range pans {
		toServer, toClient := talk(m, pan)
		w.connection(uint16(40000+i), m.Uint32(), m.Uint32(), toServer, toClient)
	}
	return w.out
}

func (w *wire) numbers(list ...uint32) {
	for _, n := range list {
		w.out = binary.LittleEndian.AppendUint32(w.out, n)
	}
}

const (
	pcapMagic   = 0xa1b2c3d4
	sectionHead = 0x0a0d0d0a
	sectionSign = 0x1a2b3c4d
	ethernet    = 1
)

func (w *wire) head() {
	if w.next {
		w.numbers(sectionHead, 28, sectionSign, 1, 0xffffffff, 0xffffffff, 28) // version 1.0, length unknown
		w.numbers(1, 20, ethernet, 0, 20)                                      // one interface
		return
	}
	w.numbers(pcapMagic, 4<<16|2, 0, 0, 65535, ethernet) // version 2.4
}

func (w *wire) frame(data []byte) {
	w.seconds++
	n := uint32(len(data))
	if !w.next {
		w.numbers(w.seconds, 0, n, n)
		w.out = append(w.out, data...)
		return
	}
	data = append(data, make([]byte, -len(data)&3)...)
	whole := uint32(32 + len(data))
	micros := uint64(w.seconds) * 1e6
	w.numbers(6, whole, 0, uint32(micros>>32), uint32(micros), n, n)
	w.out = append(w.out, data...)
	w.numbers(whole)
}

// connection writes a whole TCP connection.
func (w *wire) connection(port uint16, theirs, ours uint32, toServer, toClient [][]byte) {
	client, server := true, false
	w.segment(client, port, theirs, 0, synFlag, nil)
	w.segment(server, port, ours, theirs+1, synFlag|ackFlag, nil)
	theirs, ours = theirs+1, ours+1
	w.segment(client, port, theirs, ours, ackFlag, nil)
	if w.late && len(toServer) == 2 {
		w.segment(client, port, theirs+uint32(len(toServer[0])), ours, pshFlag|ackFlag, toServer[1])
		w.segment(client, port, theirs, ours, ackFlag, toServer[0])
		theirs += uint32(len(toServer[0]) + len(toServer[1]))
		w.segment(server, port, ours, theirs, ackFlag, nil)
		toServer = nil
	}
	for _, data := range toServer {
		w.segment(client, port, theirs, ours, pshFlag|ackFlag, data)
		theirs += uint32(len(data))
		w.segment(server, port, ours, theirs, ackFlag, nil)
	}
	for _, data := range toClient {
		w.segment(server, port, ours, theirs, pshFlag|ackFlag, data)
		ours += uint32(len(data))
		w.segment(client, port, theirs, ours, ackFlag, nil)
	}
	w.segment(client, port, theirs, ours, finFlag|ackFlag, nil)
	w.segment(server, port, ours, theirs+1, finFlag|ackFlag, nil)
	w.segment(client, port, theirs+1, ours+1, ackFlag, nil)
}

func (w *wire) segment(fromClient bool, port uint16, seq, ack uint32, flags byte, data []byte) {
	from, to := []byte{10, 0, 0, 7}, []byte{10, 0, 0, 80}
	source, target := port, uint16(8080)
	if !fromClient {
		from, to, source, target = to, from, target, source
	}
	tcp := binary.BigEndian.AppendUint16(nil, source)
	tcp = binary.BigEndian.AppendUint16(tcp, target)
	tcp = binary.BigEndian.AppendUint32(tcp, seq)
	tcp = binary.BigEndian.AppendUint32(tcp, ack)
	tcp = append(tcp, 5<<4, flags, 0xff, 0xff, 0, 0, 0, 0)
	tcp = append(tcp, data...)
	pseudo := append(append(append([]byte{}, from...), to...), 0, 6, byte(len(tcp)>>8), byte(len(tcp)))
	binary.BigEndian.PutUint16(tcp[16:], checksum(append(pseudo, tcp...)))
	ip := []byte{0x45, 0, byte((20 + len(tcp)) >> 8), byte(20 + len(tcp)), 0, 1, 0x40, 0, 64, 6, 0, 0}
	ip = append(append(ip, from...), to...)
	binary.BigEndian.PutUint16(ip[10:], checksum(ip))
	frame := append([]byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0}, ip...)
	frame = append(frame, tcp...)
	w.frame(frame)
}

// checksum is the Internet's.
func checksum(data []byte) uint16 {
	var sum uint32
	for i := 0; i < len(data); i += 2 {
		sum += uint32(data[i]) << 8
		if i+1 < len(data) {
			sum += uint32(data[i+1])
		}
	}
	for sum>>16 > 0 {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}
