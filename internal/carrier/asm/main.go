// Command asm writes the assembly of package carrier: fold_amd64.s, and the Go
// declaration beside it. It is a module of its own, so that what generates the
// code is no dependency of what runs it. `go generate` in carrier calls it.
package main

import (
	"strconv"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// A class is a set of bytes: a high half and the low halves beside it. Each
// has a bit of its own in the two tables that PSHUFB looks bytes up in.
type class struct {
	bit   int
	highs []int
	lows  []int
}

var (
	any  = []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
	tens = any[:10]

	// triggers count after a digit, a blank, a dash or a semicolon.
	triggers = []class{
		{0, []int{0}, []int{0x0, 0xa, 0xd}}, {1, []int{1}, []int{0xb}}, {2, []int{2}, []int{5, 6, 0xb}},
		{3, []int{3}, []int{0xc, 0xd}}, {4, []int{5}, []int{0xc}}, {5, []int{0xe, 0xf}, any}, {6, []int{0x8, 0xc}, []int{2}},
		{7, []int{0x9, 0xa, 0xd}, []int{0, 1, 3, 6, 7, 9, 0xb, 0xd}},
	}
	// leads are the first bytes of digits outside of ASCII, and seconds with
	// the same bit are what may follow each.
	leads = []class{
		{0, []int{0xe}, []int{0xf}}, {1, []int{0xa, 0xd}, []int{0x3, 0xb}}, {2, []int{8}, []int{2}}, {3, []int{0xd}, []int{9}},
		{5, []int{0xe}, []int{0}}, {6, []int{0xf}, tens}, {7, []int{0xf}, []int{0}},
	}
	seconds = []class{
		{0, []int{0xb}, []int{9, 0xb, 0xc}}, {1, []int{0xb}, tens}, {2, []int{4, 5}, any}, {3, []int{0xa}, tens},
		{5, []int{0xa, 0xb}, any}, {6, []int{0xf}, tens}, {7, []int{9}, []int{0, 1, 0xd, 0xe}},
	}
)

func main() {
	ConstraintExpr("!purego")
	TEXT("triggersAVX2", NOSPLIT, "func(masks *uint64, text *byte, words int)")
	Doc("triggersAVX2 sets a bit for each trigger in words times 64 bytes of text. It reads", "a byte before and six bytes behind.")
	Pragma("noescape")
	k := kernel{
		masks: Load(Param("masks"), GP64()), text: Load(Param("text"), GP64()),
		nibble: constant(0x0f), zero: YMM(),
		triggers: tables("triggers", triggers), leads: tables("leads", leads), seconds: tables("seconds", seconds),
	}
	words := Load(Param("words"), GP64())
	VPXOR(k.zero, k.zero, k.zero)
	Label("next")
	low, high := k.half(0), k.half(32)
	SHLQ(Imm(32), high.As64())
	ORQ(low.As64(), high.As64())
	MOVQ(high.As64(), Mem{Base: k.masks})
	ADDQ(Imm(64), k.text)
	ADDQ(Imm(8), k.masks)
	DECQ(words)
	JNZ(LabelRef("next"))
	VZEROUPPER()
	RET()
	kinds()
	Generate()
}

// The kinds of bytes that the probe asks for, by the bits of two tables. See
// byteKinds in package carrier, which says the same byte by byte.
var (
	words = []class{
		{0, []int{3}, tens}, {1, []int{4, 6}, any[1:]}, {2, []int{5}, append(any[:11:11], 15)}, {3, []int{7}, any[:11]},
		{4, []int{2}, []int{0xb, 0xd, 0xf}}, {5, []int{4, 6}, any[1:7]},
	}
	others = []class{
		{0, []int{0}, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 0xb, 0xc, 0xe, 0xf}}, {1, []int{1}, any}, {2, []int{0xf}, tens},
		{3, []int{2}, []int{0, 0xc, 0xd}}, {4, []int{3}, []int{0xa}}, {5, []int{5, 7}, []int{8, 0xc}},
	}
)

// kinds writes five masks for each 64 bytes: word, hexadecimal, pair, control,
// digits of EBCDIC.
func kinds() {
	TEXT("kindsAVX2", NOSPLIT, "func(masks *uint64, text *byte, words int)")
	Doc("kindsAVX2 sets the masks of words times 64 bytes of text.")
	Pragma("noescape")
	k := kernel{
		masks: Load(Param("masks"), GP64()), text: Load(Param("text"), GP64()), nibble: constant(0x0f), zero: YMM(),
		triggers: tables("words", words), leads: tables("others", others),
	}
	words := Load(Param("words"), GP64())
	VPXOR(k.zero, k.zero, k.zero)
	Label("nextKinds")
	for half := range 2 {
		x := k.load(32 * half)
		a, b := k.in(x, k.triggers), k.in(x, k.leads)
		k.store(0, half, k.only(a, 0x1f))
		k.store(1, half, k.only(a, 0x21))
		k.store(3, half, k.only(b, 0x03))
		k.store(4, half, k.only(b, 0x04))
		pair := k.only(a, 0x21)
		VPOR(k.only(b, 0x38), pair, pair)
		k.store(2, half, pair)
	}
	ADDQ(Imm(64), k.text)
	ADDQ(Imm(40), k.masks)
	DECQ(words)
	JNZ(LabelRef("nextKinds"))
	VZEROUPPER()
	RET()
}

func (k *kernel) only(v VecVirtual, bits byte) VecVirtual {
	some := YMM()
	VPAND(bytesOf(bits), v, some)
	return some
}

// store writes which of 32 bytes are not zero into half a mask.
func (k *kernel) store(mask, half int, some VecVirtual) {
	VPCMPEQB(k.zero, some, some)
	bits := GP32()
	VPMOVMSKB(some, bits)
	NOTL(bits)
	MOVL(bits, Mem{Base: k.masks, Disp: 8*mask + 4*half})
}

type kernel struct {
	masks, text    Register
	nibble, zero   VecVirtual
	triggers       [2]VecVirtual
	leads, seconds [2]VecVirtual
}

// half gives the triggers of 32 bytes.
func (k *kernel) half(at int) GPVirtual {
	x, next := k.load(at), k.load(at+1)
	found := k.after(k.load(at - 1))
	VPAND(found, k.in(x, k.triggers), found)
	k.ifHigh(x, at, func() {
		wide := k.in(x, k.leads)
		VPAND(wide, k.in(next, k.seconds), wide)
		VPOR(found, wide, found)
	})

	// A byte of found is not zero where a trigger is: turn that around.
	VPCMPEQB(k.zero, found, found)
	percent := k.equal(x, '%')
	VPAND(k.digits(k.load(at+3)), percent, percent)
	escape := k.equal(x, '\\')
	VPAND(k.equal(next, 'u'), escape, escape)
	VPAND(k.digits(k.load(at+6)), escape, escape)
	VPOR(percent, escape, escape)
	VPANDN(found, escape, found) // nothing found, and no escape
	bits := GP32()
	VPMOVMSKB(found, bits)
	NOTL(bits)
	return bits
}

// ifHigh passes over code unless one of 32 bytes is outside of ASCII.
func (k *kernel) ifHigh(x VecVirtual, at int, code func()) {
	bits, label := GP32(), "ascii"+strconv.Itoa(at)
	VPMOVMSKB(x, bits)
	TESTL(bits, bits)
	JZ(LabelRef(label))
	code()
	Label(label)
}

func (k *kernel) load(at int) VecVirtual {
	v := YMM()
	VMOVDQU(Mem{Base: k.text, Disp: at}, v)
	return v
}

// in looks bytes up in two tables, by their halves.
func (k *kernel) in(v VecVirtual, t [2]VecVirtual) VecVirtual {
	low, high := YMM(), YMM()
	VPAND(k.nibble, v, low)
	VPSRLW(Imm(4), v, high)
	VPAND(k.nibble, high, high)
	VPSHUFB(low, t[0], low)
	VPSHUFB(high, t[1], high)
	VPAND(low, high, low)
	return low
}

// after marks the digits, and what may stand between two of them and an
// element: blanks, dashes, and the ends of entities and escapes.
func (k *kernel) after(v VecVirtual) VecVirtual {
	found := k.digits(v)
	for _, c := range " -;}" {
		VPOR(k.equal(v, byte(c)), found, found)
	}
	return found
}

// digits marks the bytes that are less than ten above zero.
func (k *kernel) digits(v VecVirtual) VecVirtual {
	above, least := YMM(), YMM()
	VPSUBB(bytesOf('0'), v, above)
	VPMINUB(bytesOf(9), above, least)
	VPCMPEQB(least, above, above)
	return above
}

func (k *kernel) equal(v VecVirtual, c byte) VecVirtual {
	found := YMM()
	VPCMPEQB(bytesOf(c), v, found)
	return found
}

var constants = map[byte]Mem{}

// bytesOf is 32 times one byte in memory.
func bytesOf(c byte) Mem {
	if m, ok := constants[c]; ok {
		return m
	}
	var all [32]byte
	for i := range all {
		all[i] = c
	}
	constants[c] = data("bytes_"+hex(c), all)
	return constants[c]
}

func hex(c byte) string { return string("0123456789abcdef"[c>>4]) + string("0123456789abcdef"[c&15]) }

// tables loads the two tables of some classes, each twice: PSHUFB looks up in
// halves of 16 bytes.
func tables(name string, classes []class) [2]VecVirtual {
	var low, high [32]byte
	for _, c := range classes {
		for _, i := range c.lows {
			low[i] |= 1 << c.bit
			low[i+16] |= 1 << c.bit
		}
		for _, i := range c.highs {
			high[i] |= 1 << c.bit
			high[i+16] |= 1 << c.bit
		}
	}
	t := [2]VecVirtual{YMM(), YMM()}
	VMOVDQU(data(name+"_low", low), t[0])
	VMOVDQU(data(name+"_high", high), t[1])
	return t
}

func data(name string, bytes [32]byte) Mem {
	m := GLOBL(name, RODATA|NOPTR)
	for i, b := range bytes {
		DATA(i, U8(b))
	}
	return m
}

// constant fills a register with one byte.
func constant(b uint8) VecVirtual {
	g, x, y := GP32(), XMM(), YMM()
	MOVL(U32(uint32(b)), g)
	MOVD(g, x)
	VPBROADCASTB(x, y)
	return y
}
