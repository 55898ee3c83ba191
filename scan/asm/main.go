// Command asm writes the assembly of package scan: kernel_amd64.s, and the Go
// declarations beside it. It is a module of its own, so that what generates
// the code is no dependency of what runs it. `go generate` in scan calls it.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("!purego")
	cpuid()
	xgetbv()
	digits()
	triggers()
	Generate()
}

// cpuid asks the processor what it can do.
func cpuid() {
	TEXT("cpuid", NOSPLIT, "func(leaf, sub uint32) (a, b, c, d uint32)")
	Doc("cpuid asks the processor what it can do.")
	Load(Param("leaf"), EAX)
	Load(Param("sub"), ECX)
	CPUID()
	Store(EAX, Return("a"))
	Store(EBX, Return("b"))
	Store(ECX, Return("c"))
	Store(EDX, Return("d"))
	RET()
}

// xgetbv asks which registers the system saves when it switches threads.
func xgetbv() {
	TEXT("xgetbv", NOSPLIT, "func() (a uint32)")
	Doc("xgetbv returns which registers the system saves when it switches threads.")
	XORL(ECX, ECX)
	XGETBV()
	Store(EAX, Return("a"))
	RET()
}

// digits turns 64 bytes at a time into a word with a bit for each digit.
func digits() {
	TEXT("digitsAVX2", NOSPLIT, "func(masks *uint64, text *byte, words int)")
	Doc("digitsAVX2 sets a bit for each digit in words times 64 bytes of text.")
	Pragma("noescape")
	masks := Load(Param("masks"), GP64())
	text := Load(Param("text"), GP64())
	words := Load(Param("words"), GP64())
	zero, nine := constant('0'), constant(9)

	Label("next")
	low, high := half(text, 0, zero, nine), half(text, 32, zero, nine)
	SHLQ(Imm(32), high.As64())
	ORQ(low.As64(), high.As64())
	MOVQ(high.As64(), Mem{Base: masks})
	ADDQ(Imm(64), text)
	ADDQ(Imm(8), masks)
	DECQ(words)
	JNZ(LabelRef("next"))
	VZEROUPPER()
	RET()
}

// half gives the digits of 32 bytes: those that are at most nine above zero.
func half(text Register, at int, zero, nine VecVirtual) GPVirtual {
	v, least := YMM(), YMM()
	VMOVDQU(Mem{Base: text, Disp: at}, v)
	VPSUBB(zero, v, v)
	VPMINUB(nine, v, least)
	VPCMPEQB(least, v, v)
	bits := GP32()
	VPMOVMSKB(v, bits)
	return bits
}

// constant fills a register with one byte.
func constant(b uint8) VecVirtual {
	g, x, y := GP32(), XMM(), YMM()
	MOVL(U32(uint32(b)), g)
	MOVD(g, x)
	VPBROADCASTB(x, y)
	return y
}

// triggers looks for three bytes in a row, by a table for each half of each.
func triggers() {
	TEXT("triggersAVX2", NOSPLIT, "func(masks *uint64, text *byte, words int, halves *uint8)")
	Doc("triggersAVX2 sets a bit for each place in words times 64 bytes of text where",
		"the tables of three bytes in a row have a bit in common. It reads two more.")
	Pragma("noescape")
	masks := Load(Param("masks"), GP64())
	text := Load(Param("text"), GP64())
	words := Load(Param("words"), GP64())
	halves := Load(Param("halves"), GP64())
	var tables [6]VecVirtual
	for i := range tables {
		tables[i] = YMM()
		VBROADCASTI128(Mem{Base: halves, Disp: 16 * i}, tables[i])
	}
	fifteen, zero := constant(15), YMM()
	VPXOR(zero, zero, zero)

	Label("following")
	low, high := hits(text, 0, tables, fifteen, zero), hits(text, 32, tables, fifteen, zero)
	SHLQ(Imm(32), high.As64())
	ORQ(low.As64(), high.As64())
	NOTQ(high.As64())
	MOVQ(high.As64(), Mem{Base: masks})
	ADDQ(Imm(64), text)
	ADDQ(Imm(8), masks)
	DECQ(words)
	JNZ(LabelRef("following"))
	VZEROUPPER()
	RET()
}

// hits gives the places in 32 bytes where the tables have nothing in common.
func hits(text Register, at int, tables [6]VecVirtual, fifteen, zero VecVirtual) GPVirtual {
	common := YMM()
	for place := range 3 {
		low, high := YMM(), YMM()
		VMOVDQU(Mem{Base: text, Disp: at + place}, low)
		VPSRLW(Imm(4), low, high)
		VPAND(fifteen, low, low)
		VPAND(fifteen, high, high)
		VPSHUFB(low, tables[2*place], low)
		VPSHUFB(high, tables[2*place+1], high)
		VPAND(high, low, low)
		if place == 0 {
			common = low
			continue
		}
		VPAND(low, common, common)
	}
	VPCMPEQB(zero, common, common)
	bits := GP32()
	VPMOVMSKB(common, bits)
	return bits
}
