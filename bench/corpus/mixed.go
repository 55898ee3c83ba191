package corpus

import "strings"

// looks writes look-alikes of one kind, a line each, and nothing between. The
// line is what is counted.
func (m *maker) looks(n int, look func(m *maker) (line, value string)) file {
	f, t := file{name: ".log"}, &tally{}
	for range n {
		text, value := look(m)
		f.plants = append(f.plants, Plant{Kind: "none", Value: value, Line: t.add(text)})
	}
	f.data = []byte(t.String())
	return f
}

// mixedFolder holds the files in which all look-alikes stand among each other
// and among lines without numbers: there a scanner cannot tell one by its
// company. A few cards stand there, too; whether they are found is asked
// elsewhere.
const mixedFolder = "look_alikes_mixed"

// mixed writes the second half of each of the classes' look-alikes.
func mixed(classes []Class, family Family, seed uint64) []file {
	m := newMaker(family, seed, mixedFolder)
	type item struct {
		text  string
		plant Plant
	}
	var items []item
	for _, c := range classes {
		for range c.Each {
			text, value := c.look(m)
			items = append(items, item{text, Plant{Class: c.Name, Kind: "none", Value: value}})
		}
	}
	m.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
	files, tallies := make([]file, mixedFiles), make([]tally, mixedFiles)
	for i, it := range items {
		f, t := &files[i%mixedFiles], &tallies[i%mixedFiles]
		for range m.IntN(3) {
			t.add(m.fill(pick(m, m.noise), ""))
		}
		if m.IntN(8) == 0 {
			t.add(m.record(m.deck.deal(1)[0]))
		}
		it.plant.Line = t.add(it.text)
		f.plants = append(f.plants, it.plant)
	}
	for i := range files {
		files[i].name, files[i].data = ".log", []byte(strings.Clone(tallies[i].String()))
	}
	return files
}
