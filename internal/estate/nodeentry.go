package estate

import (
	"slices"

	"github.com/stanch/stanch/ledger"
)

// The bodies of a node's entries.
type (
	// Registered says what a node is, first or anew. The name of a person is
	// in Named instead.
	Registered struct {
		Type     NodeKind `json:"type"`
		Merchant NodeID   `json:"merchant,omitempty"`
		Parent   NodeID   `json:"parent,omitempty"`
		Code     string   `json:"code"`
		Name     string   `json:"name,omitempty"`
		Place    string   `json:"place,omitempty"`
		Active   bool     `json:"active"`
	}
	// Named says what a person is called. It can be erased, with the item
	// "name".
	Named struct {
		Name string `json:"name"`
	}
)

// Kind returns "node.registered".
func (Registered) Kind() string { return "node.registered" }

// Kind returns "node.named".
func (Named) Kind() string { return "node.named" }

// Apply folds an entry into the node.
func (n *Node) Apply(e ledger.Entry) error {
	var err error
	switch {
	case e.Kind == Registered{}.Kind():
		err = n.register(e)
	case n.ID == "":
		return ErrOrder
	case e.Kind == Named{}.Kind():
		var b Named
		err = e.Decode(&b)
		n.Name, n.Naming = b.Name, append(n.Naming, e.Index)
	case e.Kind == ledger.Erased{}.Kind():
		var b ledger.Erased
		err = e.Decode(&b)
		// Replay never sees the entries that gave the name.
		if slices.Contains(b.Items, "name") {
			n.Name, n.Naming = "", nil
		}
	default:
		return ErrOrder
	}
	n.Updated = e.At.UnixMicro()
	return err
}

func (n *Node) register(e ledger.Entry) error {
	var b Registered
	if err := e.Decode(&b); err != nil {
		return err
	}
	id := NodeID(e.Subject.ID())
	if id != IDOf(b.Type, b.Merchant, b.Code) {
		return ErrOrder
	}
	if n.ID == "" {
		*n = Node{ID: id, Kind: b.Type, Merchant: b.Merchant, Code: b.Code, Added: e.At.UnixMicro()}
	}
	n.Parent, n.Place, n.Active = b.Parent, b.Place, b.Active
	if n.Kind != Operator {
		n.Name = b.Name
	}
	return nil
}
