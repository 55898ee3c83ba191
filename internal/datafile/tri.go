package datafile

import "github.com/goccy/go-yaml/ast"

// A Tri is a truth that may not be known. The zero value is Unknown, so a fact
// nobody set is never taken for false.
type Tri int8

// The three truths in their order: False is below Unknown, Unknown below True.
const (
	False   Tri = -1
	Unknown Tri = 0
	True    Tri = 1
)

// TriOf returns True or False for a fact that is known.
func TriOf(b bool) Tri {
	if b {
		return True
	}
	return False
}

// Not returns the inverse; what is unknown stays unknown.
func (t Tri) Not() Tri { return -t }

func (t Tri) String() string {
	switch t {
	case True:
		return "true"
	case False:
		return "false"
	}
	return "unknown"
}

// UnmarshalYAML reads true, false or unknown.
func (t *Tri) UnmarshalYAML(node ast.Node) error {
	switch n := node.(type) {
	case *ast.BoolNode:
		*t = TriOf(n.Value)
		return nil
	case *ast.StringNode:
		if n.Value == "unknown" {
			*t = Unknown
			return nil
		}
	}
	return BadValue(node, "is not a truth; write true, false or unknown")
}
