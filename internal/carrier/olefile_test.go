package carrier

import (
	"archive/zip"
	"bytes"
	packing "encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"
)

// compound returns a compound file with streams of 4096 bytes or more as they
// are and smaller ones in the small sectors.
func compound(files ...file) []byte {
	const size = 512
	var sectors [][]byte
	var fat []uint32
	put := func(content []byte) uint32 {
		first := uint32(len(sectors))
		for i := 0; i < len(content) || i == 0; i += size {
			block := make([]byte, size)
			copy(block, content[min(i, len(content)):])
			sectors = append(sectors, block)
			fat = append(fat, uint32(len(sectors)))
		}
		fat[len(fat)-1] = 0xfffffffe
		return first
	}
	var small []byte
	var smallFAT []uint32
	entry := func(name string, kind byte, child, start uint32, length int) []byte {
		e := make([]byte, 128)
		wide := wideText16(name, false, false)
		copy(e, wide)
		packing.LittleEndian.PutUint16(e[64:], uint16(len(wide)+2))
		e[66] = kind
		for i, link := range []uint32{0xffffffff, 0xffffffff, child} {
			packing.LittleEndian.PutUint32(e[68+4*i:], link)
		}
		packing.LittleEndian.PutUint32(e[116:], start)
		packing.LittleEndian.PutUint64(e[120:], uint64(length))
		return e
	}
	var directory []byte
	for i, f := range files {
		var e []byte
		if len(f.content) >= 4096 {
			e = entry(f.name, 2, 0xffffffff, put([]byte(f.content)), len(f.content))
		} else {
			start := uint32(len(smallFAT))
			for j := 0; j < len(f.content); j += 64 {
				smallFAT = append(smallFAT, uint32(len(smallFAT)+1))
			}
			if len(smallFAT) > int(start) {
				smallFAT[len(smallFAT)-1] = 0xfffffffe
			}
			e = entry(f.name, 2, 0xffffffff, start, len(f.content))
			small = append(small, f.content...)
			small = append(small, make([]byte, (64-len(small)%64)%64)...)
		}
		if i+1 < len(files) { // the next one hangs to the right
			packing.LittleEndian.PutUint32(e[72:], uint32(i+2))
		}
		directory = append(directory, e...)
	}
	root := entry("Root Entry", 5, 1, put(small), len(small))
	dirStart := put(append(root, directory...))
	table := make([]byte, 4*len(smallFAT))
	for i, n := range smallFAT {
		packing.LittleEndian.PutUint32(table[4*i:], n)
	}
	smallStart := put(table)
	own := (len(fat) + 128) / 128
	head := make([]byte, size)
	copy(head, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	packing.LittleEndian.PutUint16(head[30:], 9)
	for at, value := range map[int]uint32{44: uint32(own), 48: dirStart, 56: 4096, 60: smallStart, 64: uint32((len(table) + size - 1) / size), 68: 0xfffffffe} {
		packing.LittleEndian.PutUint32(head[at:], value)
	}
	for i := 76; i < size; i += 4 {
		packing.LittleEndian.PutUint32(head[i:], 0xffffffff)
	}
	for i := range own {
		packing.LittleEndian.PutUint32(head[76+4*i:], uint32(len(fat)+i))
	}
	for range own {
		fat = append(fat, 0xfffffffd)
	}
	out := bytes.Join(append([][]byte{head}, sectors...), nil)
	for i := range own * 128 {
		n := uint32(0xffffffff)
		if i < len(fat) {
			n = fat[i]
		}
		out = packing.LittleEndian.AppendUint32(out, n)
	}
	return out
}

// record returns a record of a workbook.
func record(kind uint16, body ...any) string {
	var b bytes.Buffer
	for _, v := range body {
		if s, ok := v.(string); ok {
			b.WriteString(s)
			continue
		}
		packing.Write(&b, packing.LittleEndian, v)
	}
	var head [4]byte
	packing.LittleEndian.PutUint16(head[:], kind)
	packing.LittleEndian.PutUint16(head[2:], uint16(b.Len()))
	return string(head[:]) + b.String()
}

func cellAt(row, column uint16) string {
	return string(packing.LittleEndian.AppendUint16(packing.LittleEndian.AppendUint16(packing.LittleEndian.AppendUint16(nil, row), column), 0))
}

// book97 returns the stream of a workbook with one sheet. The third shared
// string goes on in a second record, there with wide characters.
func book97(globals string) string {
	shared := func(s string) string {
		return string(packing.LittleEndian.AppendUint16(nil, uint16(len(s)))) + "\x00" + s
	}
	n := pan(3)
	sst := record(0xfc, uint32(4), uint32(4), shared("name"), shared("card number"), string(packing.LittleEndian.AppendUint16(nil, 16))+"\x00"+n[:6]) +
		record(0x3c, "\x01"+string(wideText16(n[6:], false, false))+shared("card "+pan(4)))
	var number float64
	fmt.Sscan(pan(1), &number)
	sheet := record(0x809, uint16(0x600), uint16(0x10)) +
		record(0xfd, cellAt(0, 0), uint32(0)) + record(0xfd, cellAt(0, 1), uint32(1)) +
		record(0x203, cellAt(1, 1), number) +
		record(0x204, cellAt(2, 1), shared(pan(2))) +
		record(0xfd, cellAt(4, 1), uint32(2)) +
		record(0x06, cellAt(5, 1), number, uint16(0), uint32(0)) +
		record(0x06, cellAt(6, 0), "\x00\x00\x00\x00\x00\x00\xff\xff", uint16(0), uint32(0)) + record(0x207, shared("card "+pan(5))) +
		record(0x1b6, "") + record(0x3c, "\x00note: card "+pan(6)) +
		record(0x0a)
	begin := func(at int) string {
		return record(0x809, uint16(0x600), uint16(5)) + globals + record(0x85, uint32(at), uint16(0), "\x04\x00Till") + sst + record(0x0a)
	}
	return begin(len(begin(0))) + sheet
}

func TestWorkbook97(t *testing.T) {
	report, all := examine(t, "a.xls", compound(file{"Workbook", book97("")}), Options{})
	var got []string
	for _, m := range all {
		got = append(got, fmt.Sprintf("%s:%d", strings.TrimPrefix(m.path, "a.xls!"), m.line))
	}
	if want := "Till:2 Till:3 Till:5 Till:6 Till:7 Till:8 Workbook:1"; strings.Join(got, " ") != want || report.Refused != 0 {
		t.Errorf("got %s, refused %d; want %s", got, report.Refused, want)
	}
	checkNumbers(t, all, []string{pan(1), pan(2), pan(3), pan(1), pan(5), pan(6), pan(4)})
}

// binaryRecord returns a record of a binary workbook.
func binaryRecord(kind int, body ...any) string {
	whole := record(0, body...)[4:]
	out := []byte{byte(kind)}
	if kind > 127 {
		out = []byte{byte(kind) | 0x80, byte(kind >> 7)}
	}
	return string(append(out, byte(len(whole)&0x7f)|0x80, byte(len(whole)>>7))) + whole
}

func wideString(s string) string {
	return string(packing.LittleEndian.AppendUint32(nil, uint32(len(s)))) + string(wideText16(s, false, false))
}

func TestBinaryWorkbook(t *testing.T) {
	var number float64
	fmt.Sscan(pan(1), &number)
	sheet := binaryRecord(0, uint32(0)) + binaryRecord(7, uint32(1), uint32(0), uint32(0)) +
		binaryRecord(0, uint32(1)) + binaryRecord(5, uint32(1), uint32(0), number) +
		binaryRecord(0, uint32(3)) + binaryRecord(6, uint32(0), uint32(0), wideString("card "+pan(2))) + binaryRecord(7, uint32(1), uint32(0), uint32(1))
	content := zipped(t, zip.Deflate,
		file{"[Content_Types].xml", `<Types><Override PartName="/xl/workbook.bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>`},
		file{"xl/workbook.bin", binaryRecord(156, uint32(0), uint32(1), wideString("r1"), wideString("Till"))},
		file{"xl/_rels/workbook.bin.rels", `<Relationships><Relationship Id="r1" Target="worksheets/sheet1.bin"/><Relationship Id="r2" Type="/sharedStrings" Target="sharedStrings.bin"/></Relationships>`},
		file{"xl/sharedStrings.bin", binaryRecord(19, "\x00"+wideString("card number")) + binaryRecord(19, "\x00"+wideString("card "+pan(3))) + binaryRecord(19, "\x00"+wideString("card "+pan(4)))},
		file{"xl/worksheets/sheet1.bin", sheet},
		file{"xl/comments1.bin", binaryRecord(637, "\x00"+wideString("card "+pan(5)))})
	report, all := examine(t, "a.xlsb", content, Options{})
	var got []string
	for _, m := range all {
		got = append(got, fmt.Sprintf("%s:%d", strings.TrimPrefix(m.path, "a.xlsb!"), m.line))
	}
	if want := "Till:2 Till:4 Till:4 xl/comments1.bin:1 xl/sharedStrings.bin:1"; strings.Join(got, " ") != want || report.Refused != 0 {
		t.Errorf("got %s, refused %d; want %s", got, report.Refused, want)
	}
	checkNumbers(t, all, []string{pan(1), pan(2), pan(3), pan(5), pan(4)})
}

// word97 returns the streams of a document of two pieces, one of wide
// characters, that cut a number.
func word97(flags uint16) []file {
	head := make([]byte, 1536)
	packing.LittleEndian.PutUint16(head, 0xa5ec)
	packing.LittleEndian.PutUint16(head[10:], flags)
	first, second := "card "+pan(1)[:7], string(wideText16(pan(1)[7:]+"\r"+pan(2)[:8]+"\x07"+pan(2)[8:], false, false))
	clx := []byte{1, 2, 0, 9, 9, 2, 0, 0, 0, 0}
	for _, at := range []int{0, len(first), len(first) + len(second)/2} {
		clx = packing.LittleEndian.AppendUint32(clx, uint32(at))
	}
	for _, place := range []uint32{1536*2 | 1<<30, uint32(1536 + len(first))} {
		clx = packing.LittleEndian.AppendUint32(append(clx, 0, 0), place)
		clx = append(clx, 0, 0)
	}
	packing.LittleEndian.PutUint32(head[418:], 0)
	packing.LittleEndian.PutUint32(head[422:], uint32(len(clx)))
	return []file{{"WordDocument", string(head) + first + second + strings.Repeat("\x00", 4096)}, {"0Table", string(clx)}}
}

func TestOldDocuments(t *testing.T) {
	atom := func(kind uint16, text string) string {
		return "\x00\x00" + string(packing.LittleEndian.AppendUint32(packing.LittleEndian.AppendUint16(nil, kind), uint32(len(text)))) + text
	}
	tests := []struct {
		name  string
		files []file
		want  []string
		cause Cause
	}{
		{"Word", word97(0), []string{pan(1)}, ""},
		{"Word, encrypted", word97(0x100), nil, Encrypted},
		{"Word, damaged", []file{{"WordDocument", strings.Repeat(" ", 5000) + line(1)}}, []string{pan(1)}, ""},
		{"PowerPoint", []file{{"PowerPoint Document", "\x0f\x00\xe8\x03\x00\x00\x00\x00" + atom(4000, string(wideText16("card "+pan(1), false, false))) + atom(1, "x") + atom(4008, "card "+pan(2))}}, []string{pan(1), pan(2)}, ""},
		{"Outlook", []file{{"__substg1.0_1000001F", string(wideText16("银行卡 card "+pan(1), false, false))}, {"__substg1.0_37010102", line(2)}}, []string{pan(1), pan(2)}, ""},
		{"Excel, encrypted", []file{{"Workbook", book97(record(0x2f, uint16(1)))}}, nil, Encrypted},
		{"an encrypted package", []file{{"Filler", strings.Repeat("x", 8000)}, {"EncryptedPackage", strings.Repeat("x", 5000)}}, nil, Encrypted},
		{"Excel 95", []file{{"Book", record(0x809, uint16(0x500), uint16(5)) + record(0x204, cellAt(0, 0), uint16(21), "card "+pan(1))}}, []string{pan(1)}, ""},
		{"a large stream", []file{{"Contents", strings.Repeat("filler\n", 3000) + line(1)}}, []string{pan(1)}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			report, all := examine(t, "a.doc", compound(tt.files...), Options{})
			checkNumbers(t, all, tt.want)
			if tt.cause != "" && report.Causes[tt.cause] != 1 || tt.cause == "" && report.Refused != 0 {
				t.Errorf("got %+v, want %q", report, tt.cause)
			}
		})
	}
}

// Tables that run in circles or lead nowhere are refused or read as far as
// they go, and nothing hangs.
func TestOldDocumentLimits(t *testing.T) {
	content := compound(file{"Contents", strings.Repeat("x", 20_000)}, file{"b", line(1)})
	for at := 24; at < 512; at += 2 {
		for _, value := range []byte{0, 1, 2, 0xff} {
			damaged := bytes.Clone(content)
			damaged[at] = value
			examine(t, "a.doc", damaged, Options{})
		}
	}
	report, _ := examineInput(t, Input{Name: "a.doc", R: bytes.NewReader(content), Size: 4 << 30}, Options{})
	if report.Causes[OverBudget]+report.Causes[Shrank] == 0 {
		t.Errorf("got %+v, want over_budget or shrank", report)
	}
	many := strings.Repeat(record(0x3c, "\x00"), 3000)
	examine(t, "a.xls", compound(file{"Workbook", record(0x809, uint16(0x600), uint16(5)) + record(0xfc, uint32(1), uint32(1), uint16(math.MaxUint16), "\x00") + many}), Options{})
}

func FuzzOldDocument(f *testing.F) {
	f.Add(compound(file{"Workbook", book97("")}))
	f.Add(compound(word97(0)...))
	f.Add([]byte(binaryRecord(19, "\x00"+wideString("a")) + binaryRecord(0, uint32(1)) + binaryRecord(6, uint32(2), uint32(0), wideString("b")) + binaryRecord(7, uint32(1), uint32(0), uint32(0))))
	f.Fuzz(func(t *testing.T, content []byte) {
		sheet := zipped(t, zip.Store,
			file{"[Content_Types].xml", `<Types><Override PartName="/b.bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>`},
			file{"b.bin", binaryRecord(156, uint32(0), uint32(1), wideString("r1"), wideString("Till"))},
			file{"_rels/b.bin.rels", `<Relationships><Relationship Id="r1" Target="s.bin"/><Relationship Id="r2" Type="/sharedStrings" Target="t.bin"/></Relationships>`},
			file{"s.bin", string(content)}, file{"t.bin", string(content)})
		for _, whole := range [][]byte{sheet, append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), content[min(8, len(content)):]...), compound(file{"Workbook", string(content)})} {
			report, _ := examine(t, "x", whole, Options{Budget: Budget{Bytes: 8 << 20, Members: 200}})
			if report.Found < 1 || report.Bytes > 40<<20 {
				t.Errorf("got report %+v: not bounded", report)
			}
		}
	})
}
