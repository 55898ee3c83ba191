package corpus

import "strings"

// shapes lists in which groups a number of a length is printed, the most usual
// one first.
var shapes = map[int][][]int{
	12: {{4, 4, 4}},
	13: {{4, 3, 3, 3}, {4, 4, 5}},
	14: {{4, 6, 4}},
	15: {{4, 6, 5}},
	16: {{4, 4, 4, 4}},
	17: {{4, 4, 4, 5}, {4, 4, 4, 4, 1}},
	18: {{4, 4, 4, 4, 2}, {6, 12}},
	19: {{4, 4, 4, 4, 3}, {6, 13}},
}

// groups cuts a number as it is printed. One in eight gets a rarer shape.
func (m *maker) groups(pan string) []string {
	list := shapes[len(pan)]
	shape := list[0]
	if len(list) > 1 && m.IntN(8) == 0 {
		shape = list[1+m.IntN(len(list)-1)]
	}
	var out []string
	for _, n := range shape {
		out, pan = append(out, pan[:n]), pan[n:]
	}
	return out
}

func (m *maker) joined(pan, separator string) string {
	return strings.Join(m.groups(pan), separator)
}

// cut returns a place inside a number, with at least two digits on each side.
func (m *maker) cut(pan string) int { return 2 + m.IntN(len(pan)-3) }
