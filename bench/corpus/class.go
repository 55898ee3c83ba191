package corpus

// A Group is a part of the table.
type Group string

// The groups. Recall is asked of all but [LookAlike].
const (
	Ordinary  Group = "ordinary text"
	Odd       Group = "odd separators"
	Encoding  Group = "encodings"
	Wire      Group = "wire formats"
	Neighbour Group = "neighbours"
	Archive   Group = "archives"
	Document  Group = "documents, mail"
	Store     Group = "databases, captures"
	Wanted    Group = "beside the number"
	Encrypted Group = "encrypted"
	POS       Group = "POS log"
	LookAlike Group = "look-alikes"
)

// How much of each class there is, and in how many files.
const (
	filesEach   = 4
	cardsInText = 400 / filesEach
	cardsInBox  = 100 / filesEach
	posFiles    = 2
	cardsOfPOS  = 2000 / posFiles
	itemsOfLook = 1000 // in a file of their own, and as many among others
	mixedFiles  = 16
)

// A Class is one carrier, or one look-alike.
type Class struct {
	Name  string
	Group Group
	Files int
	Each  int // cards or look-alikes in a file
	// Reported lists what a look-alike may rightly be reported as.
	Reported []string

	make func(m *maker, n int) file
	look func(m *maker) (line, value string) // one look-alike in its line
}

// A file is a file not yet written. A missing tool leaves it empty, and says so.
type file struct {
	name    string
	data    []byte
	plants  []Plant
	missing string
}

// Classes lists all classes, in the order of the table.
func Classes() []Class {
	var out []Class
	for _, list := range [][]Class{
		ordinaryClasses(), oddClasses(), encodingClasses(), wireClasses(), neighbourClasses(),
		archiveClasses(), documentClasses(), storeClasses(), wantedClasses(), posClasses(), lookAlikeClasses(),
	} {
		out = append(out, list...)
	}
	return out
}

// A painter makes one file of these numbers: its name's ending and its bytes.
type painter func(m *maker, pans []string) (ending string, data []byte)

// carries turns a painter into a class of text.
func carries(name string, group Group, paint painter) Class {
	return Class{Name: name, Group: group, Files: filesEach, Each: cardsInText, make: paint.file}
}

// boxed turns a painter into a class of containers.
func boxed(name string, group Group, paint painter) Class {
	return Class{Name: name, Group: group, Files: filesEach, Each: cardsInBox, make: paint.file}
}

func (paint painter) file(m *maker, n int) file {
	pans := m.deck.deal(n)
	f := file{}
	f.name, f.data = paint(m, pans)
	for _, pan := range pans {
		f.plants = append(f.plants, Plant{Kind: "pan", Value: pan})
	}
	f.missing, m.missing = m.missing, ""
	return f
}
