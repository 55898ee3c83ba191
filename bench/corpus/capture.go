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
}

func (m *maker) capture(pans []string, talk conversation) []byte {
	w := &wire{seconds: uint32(m.from)}
	w.out = binary.LittleEndian.AppendUint32(w.out, 0xa1b2c3d4)
	w.out = append(w.out, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	w.out = binary.LittleEndian.AppendUint32(w.out, 65535)
	w.out = binary.LittleEndian.AppendUint32(w.out, 1)
	for i, pan := range pans {
		toServer, toClient := talk(m, pan)
		w.connection(uint16(40000+i), m.Uint32(), m.Uint32(), toServer, toClient)
	}
	return w.out
}

// connection writes a whole TCP connection.
func (w *wire) connection(port uint16, theirs, ours uint32, toServer, toClient [][]byte) {
	client, server := true, false
	w.segment(client, port, theirs, 0, synFlag, nil)
	w.segment(server, port, ours, theirs+1, synFlag|ackFlag, nil)
	theirs, ours = theirs+1, ours+1
	w.segment(client, port, theirs, ours, ackFlag, nil)
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
	w.seconds++
	for _, n := range []uint32{w.seconds, 0, uint32(len(frame)), uint32(len(frame))} {
		w.out = binary.LittleEndian.AppendUint32(w.out, n)
	}
	w.out = append(w.out, frame...)
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
