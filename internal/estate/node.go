package estate

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"github.com/stanch/stanch/ledger"
)

// A NodeID names a node. It is made from the node's kind, its merchant and its
// code, so the same code is always the same node.
type NodeID string

// NodeNoun is the noun of nodes in the ledger.
const NodeNoun = "node"

// Subject returns the node as a subject of entries.
func (id NodeID) Subject() ledger.Subject { return ledger.SubjectOf(NodeNoun, string(id)) }

// A NodeKind says what a node is.
type NodeKind string

// The kinds of nodes. An operator is a person at the till.
const (
	Merchant NodeKind = "merchant"
	Store    NodeKind = "store"
	Terminal NodeKind = "terminal"
	Operator NodeKind = "operator"
	System   NodeKind = "system"
)

// NodeKinds lists the kinds, those that others stand below first.
func NodeKinds() []NodeKind { return []NodeKind{Merchant, Store, Terminal, Operator, System} }

// under lists what a node of a kind may stand below; everything may stand at
// the top.
func under(k NodeKind) []NodeKind {
	switch k {
	case Merchant:
		return nil
	case Store:
		return []NodeKind{Merchant}
	}
	return []NodeKind{Store, Merchant}
}

// A Node is something the house owns or someone who works there. Code is the
// merchant number, store number, terminal number, staff number or serial. It
// tells nodes of a kind apart within their merchant.
type Node struct {
	ID       NodeID   `json:"id"`
	Kind     NodeKind `json:"kind"`
	Merchant NodeID   `json:"merchant,omitempty"` // that it belongs to, above all between
	Parent   NodeID   `json:"parent,omitempty"`
	Code     string   `json:"code"`
	Name     string   `json:"name"`
	Place    string   `json:"place,omitempty"` // a folder, or "host:" and a pattern of names
	Active   bool     `json:"active"`
	Naming   []int64  `json:"naming,omitempty"` // entries that give the name of a person
	Added    int64    `json:"added"`            // Unix microseconds
	Updated  int64    `json:"updated"`
}

// IDOf returns the id of the node of a kind with this code under a merchant;
// the merchant is empty for a merchant, and for what belongs to none.
func IDOf(kind NodeKind, merchant NodeID, code string) NodeID {
	sum := sha256.Sum256([]byte(string(kind) + "\x00" + string(merchant) + "\x00" + code))
	return NodeID("n" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:15])))
}

// Covers reports whether a file with this path lies in the node's folder.
func (n *Node) Covers(path string) bool {
	folder := strings.TrimRight(n.Place, `/\`)
	if folder == "" || strings.HasPrefix(folder, hostPrefix) {
		return false
	}
	rest, ok := strings.CutPrefix(path, folder)
	return ok && (rest == "" || rest[0] == '/' || rest[0] == '\\')
}

const hostPrefix = "host:"

// Nearest returns the active node whose folder is the innermost one that holds
// path, or nil.
func Nearest(nodes []*Node, path string) *Node {
	var best *Node
	for _, n := range nodes {
		if n.Active && n.Covers(path) && (best == nil || len(n.Place) > len(best.Place)) {
			best = n
		}
	}
	return best
}
