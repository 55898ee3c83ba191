package corpus

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/stanch/stanch/card/cardtest"
)

// A maker makes the files of one class. It draws everything from one source
// of its own, so that no class changes when another does.
type maker struct {
	*rand.Rand
	*style
	family  Family
	class   string
	deck    *deck
	index   int // of the file in its class
	line    int // records written, for clocks and counters
	missing string
}

func newMaker(family Family, seed uint64, class string) *maker {
	sum := fnv.New64a()
	fmt.Fprintf(sum, "%s/%s", family, class)
	random := rand.New(rand.NewPCG(seed^styles[family].salt, sum.Sum64()))
	return &maker{Rand: random, style: styles[family], family: family, class: class, deck: newDeck(family, random)}
}

// tunes tells the families apart where a layout is code and no template.
func (m *maker) tunes() bool { return m.family == Tuning }

func pick[T any](m *maker, list []T) T { return list[m.IntN(len(list))] }

// digits returns n random digits.
func (m *maker) digits(n int) string {
	out := make([]byte, n)
	for i := range out {
		out[i] = '0' + byte(m.IntN(10))
	}
	return string(out)
}

// hex returns n random hex digits, in the family's case.
func (m *maker) hex(n int) string {
	alphabet := "0123456789abcdef"
	if !m.tunes() {
		alphabet = "0123456789ABCDEF"
	}
	out := make([]byte, n)
	for i := range out {
		out[i] = alphabet[m.IntN(16)]
	}
	return string(out)
}

func (m *maker) bytes(n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(m.Uint32())
	}
	return out
}

func (m *maker) now() time.Time {
	m.line++
	return time.Unix(int64(m.from+m.line*7+m.IntN(5)), 0).UTC()
}

// fill puts values into a template.
func (m *maker) fill(template, pan string) string {
	parts := strings.Split(template, "~")
	for i := 1; i < len(parts); i += 2 {
		if parts[i] == "pan" {
			parts[i] = pan
		} else {
			parts[i] = m.word(parts[i])
		}
	}
	return strings.Join(parts, "")
}

// word makes a value that is no card and no look-alike, by its name.
func (m *maker) word(name string) string {
	switch name {
	case "ts":
		return m.now().Format(m.clock)
	case "amt":
		return fmt.Sprintf("%d.%02d", m.IntN(900)+1, m.IntN(100))
	case "cents":
		return fmt.Sprint(m.IntN(90000) + 100)
	case "stan":
		return fmt.Sprintf("%06d", m.IntN(1e6))
	case "auth":
		return m.hex(6)
	case "tid":
		return fmt.Sprintf("T%07d", m.IntN(1e7))
	case "id":
		return fmt.Sprint(m.IntN(900000) + 1000)
	case "exp":
		return fmt.Sprintf("%02d/%02d", m.IntN(12)+1, m.IntN(7)+27)
	case "yymm":
		return fmt.Sprintf("%02d%02d", m.IntN(7)+27, m.IntN(12)+1)
	case "cvv":
		return m.digits(3)
	case "name":
		return pick(m, m.holders)
	case "kcv":
		return strings.ToUpper(m.hex(6))
	case "rrn":
		return fmt.Sprintf("%s%06d", m.now().Format("06002")[1:]+m.digits(2), m.IntN(1e6))
	case "resident":
		return cardtest.ResidentID(m.Uint64N(1 << 30))
	case "hex":
		return m.hex(8)
	case "ip":
		return fmt.Sprintf("10.%d.%d.%d", m.IntN(256), m.IntN(256), m.IntN(256))
	case "day":
		return m.now().Format("2006-01-02")
	case "n":
		return fmt.Sprint(m.line)
	}
	panic("corpus: no value is named " + name)
}

// form writes a number by one of the class's templates.
func (m *maker) form(class, pan string) string {
	list := m.forms[class]
	if list == nil {
		panic("corpus: no forms for " + class + " in " + string(m.family))
	}
	return m.fill(pick(m, list), pan)
}

// record writes a number in any line of the family.
func (m *maker) record(pan string) string { return m.fill(pick(m, m.records), pan) }

// text writes numbers a line each, with lines between that hold none.
func (m *maker) text(pans []string, write func(pan string) string) string {
	var out strings.Builder
	for _, pan := range pans {
		for range m.IntN(3) {
			out.WriteString(m.fill(pick(m, m.noise), "") + "\n")
		}
		out.WriteString(write(pan) + "\n")
	}
	return out.String()
}

// table writes a class's templates with its head, and nothing between.
func (m *maker) table(class string, pans []string) string {
	var out strings.Builder
	if head := m.heads[class]; head != "" {
		out.WriteString(head + "\n")
	}
	form := pick(m, m.forms[class])
	for _, pan := range pans {
		out.WriteString(m.fill(form, pan) + "\n")
	}
	return out.String()
}

// log is what most containers hold: records of the family.
func (m *maker) log(pans []string) string { return m.text(pans, m.record) }
