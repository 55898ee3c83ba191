package corpus

import (
	"fmt"
	"strings"
)

func ordinaryClasses() []Class {
	byForm := func(name, ending string) Class {
		return carries(name, Ordinary, func(m *maker, pans []string) (string, []byte) {
			return ending, []byte(m.text(pans, func(pan string) string { return m.form(name, pan) }))
		})
	}
	byTable := func(name, ending string) Class {
		return carries(name, Ordinary, func(m *maker, pans []string) (string, []byte) {
			return ending, []byte(m.table(name, pans))
		})
	}
	return []Class{
		byForm("plain", ".log"),
		byForm("urlparam", ".log"),
		separated("spaced", Ordinary, " "),
		separated("dashed", Ordinary, "-"),
		byForm("json_string", ".json"),
		byForm("json_number", ".json"),
		byForm("json_in_json", ".json"),
		byForm("xml", ".xml"),
		byTable("csv", ".csv"),
		byTable("csv_quoted", ".csv"),
		track("track1", func(m *maker, pan string) string {
			return fmt.Sprintf("%%B%s^%s^%s%s%s?", pan, m.holder(), m.word("yymm"), m.service(), m.digits(10+m.IntN(8)))
		}),
		track("track2", func(m *maker, pan string) string { return ";" + m.track2(pan, "=") + "?" }),
		track("track2_bare", func(m *maker, pan string) string {
			if m.index == filesEach-1 { // as chips and many logs write the separator
				return m.track2(pan, "D")
			}
			return m.track2(pan, "=")
		}),
	}
}

// separated writes the number in groups in lines of the family.
func separated(name string, group Group, separator string) Class {
	return carries(name, group, func(m *maker, pans []string) (string, []byte) {
		return ".txt", []byte(m.text(pans, func(pan string) string { return m.record(m.joined(pan, separator)) }))
	})
}

func track(name string, write func(m *maker, pan string) string) Class {
	return carries(name, Ordinary, func(m *maker, pans []string) (string, []byte) {
		return ".log", []byte(m.text(pans, func(pan string) string { return m.form("track", write(m, pan)) }))
	})
}

func (m *maker) holder() string {
	given, family, _ := strings.Cut(strings.ToUpper(m.word("name")), " ")
	return family + "/" + given
}

func (m *maker) service() string { return pick(m, []string{"101", "201", "120", "220", "121", "206"}) }

// track2 lays track 2 out as ISO/IEC 7813 has it, without sentinels, and no
// longer than the 37 characters it may have.
func (m *maker) track2(pan, separator string) string {
	rest := min(8+m.IntN(6), 37-len(pan)-1-7)
	return pan + separator + m.word("yymm") + m.service() + m.digits(rest)
}
