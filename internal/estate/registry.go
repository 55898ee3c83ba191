package estate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/width"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/ledger"
)

// A Draft is what a person says of a node.
type Draft struct {
	Kind     NodeKind
	Merchant NodeID // that it belongs to; empty for a merchant, and for what belongs to none
	Parent   NodeID // empty at the top, or below its merchant
	Code     string
	Name     string
	Place    string
	Active   bool
}

// Register records a node, new or changed, and returns its id. Kind, merchant
// and code say which node it is; an unchanged node is not recorded again.
func (r *Registrar) Register(ctx context.Context, who record.Who, d Draft) (NodeID, error) {
	d, err := d.checked()
	if err != nil {
		return "", fmt.Errorf("register node: %w", err)
	}
	id := IDOf(d.Kind, d.Merchant, d.Code)
	err = r.Book.Update(ctx, who, func(ctx context.Context, tx record.Tx) error {
		_, err := d.record(ctx, tx, id)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("register node: %w", err)
	}
	return id, nil
}

// checked returns the draft tidied, or what is wrong with it by itself.
func (d Draft) checked() (Draft, error) {
	d.Code, d.Name, d.Place = tidyCode(d.Code), strings.TrimSpace(d.Name), strings.TrimSpace(d.Place)
	switch {
	case !slices.Contains(NodeKinds(), d.Kind):
		return d, ErrKind
	case d.Kind == Merchant && (d.Merchant != "" || d.Parent != ""):
		return d, ErrParent
	case d.Code == "" || len(d.Code) > longestCode || checkLine(d.Code) != nil:
		return d, ErrCode
	case codeHoldsCard(d.Code):
		return d, ErrCardData
	}
	if d.Parent == "" {
		d.Parent = d.Merchant
	}
	if err := checkText(d.Name, longestName); err != nil {
		return d, err
	}
	return d, checkText(d.Place, longestPlace)
}

const (
	longestCode  = 64
	longestPlace = 400
)

// tidyCode returns a code as it is kept: what Chinese keyboards type in full
// width is the same code in half width.
func tidyCode(code string) string { return width.Narrow.String(strings.TrimSpace(code)) }

// codeHoldsCard reports whether a code is a card number. A merchant number has
// 15 digits, and many begin as some brand's cards do, so of that length only
// American Express counts; and only a whole run of digits counts, because any
// long serial has a card-like stretch somewhere.
func codeHoldsCard(code string) bool {
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -._+", r) {
			return -1
		}
		return r
	}, code)
	for _, run := range strings.FieldsFunc(digits, func(r rune) bool { return r < '0' || r > '9' }) {
		brand := card.BrandOf([]byte(run))
		switch {
		case len(run) < 12 || len(run) > 19 || brand == "":
		case len(run) == 15 && brand != card.Amex:
		case card.Luhn([]byte(run)) || brand == card.UnionPay:
			return true
		}
	}
	return false
}

// change says what recording a draft did.
type change int

const (
	same change = iota
	added
	changed
)

// record records what the draft changes, as the transaction sees it.
func (d Draft) record(ctx context.Context, tx record.Tx, id NodeID) (change, error) {
	if err := d.checkParents(ctx, tx); err != nil {
		return same, err
	}
	before, err := loadNode(ctx, tx, id)
	isNew := errors.Is(err, ErrNoNode)
	if err != nil && !isNew {
		return same, err
	}
	did := same
	body := Registered{Type: d.Kind, Merchant: d.Merchant, Parent: d.Parent, Code: d.Code, Name: d.Name, Place: d.Place, Active: d.Active}
	if d.Kind == Operator {
		body.Name = ""
	}
	if isNew || before.Parent != d.Parent || before.Place != d.Place || before.Active != d.Active || d.Kind != Operator && before.Name != d.Name {
		if err := tx.Record(ctx, id.Subject(), body, record.About{}); err != nil {
			return same, err
		}
		did = changed
	}
	if d.Kind == Operator && d.Name != "" && (isNew || before.Name != d.Name) {
		if err := tx.Record(ctx, id.Subject(), Named{d.Name}, record.About{}); err != nil {
			return same, err
		}
		did = changed
	}
	if isNew {
		did = added
	}
	return did, nil
}

// checkParents returns [ErrParent] unless the node's merchant and parent are
// there, are of the right kinds and belong together.
func (d Draft) checkParents(ctx context.Context, tx record.Tx) error {
	if d.Merchant != "" {
		if m, err := loadNode(ctx, tx, d.Merchant); err != nil || m.Kind != Merchant {
			return ErrParent
		}
	}
	if d.Parent == "" {
		return nil
	}
	parent, err := loadNode(ctx, tx, d.Parent)
	if err != nil || !slices.Contains(under(d.Kind), parent.Kind) || parent.Kind == Store && parent.Merchant != d.Merchant ||
		parent.Kind == Merchant && parent.ID != d.Merchant {
		return ErrParent
	}
	return nil
}

func loadNode(ctx context.Context, tx record.Tx, id NodeID) (*Node, error) {
	thing, err := tx.Load(ctx, id.Subject())
	if errors.Is(err, record.ErrNone) {
		return nil, ErrNoNode
	}
	if err != nil {
		return nil, err
	}
	// A copy: the transaction folds what is recorded into its own.
	n := *thing.(*Node)
	return &n, nil
}

// SetActive says that a node is in use, or no longer is.
func (r *Registrar) SetActive(ctx context.Context, who record.Who, id NodeID, active bool) error {
	return r.changeNode(ctx, who, id, func(ctx context.Context, tx record.Tx, n *Node) error {
		if n.Active == active {
			return nil
		}
		body := Registered{Type: n.Kind, Merchant: n.Merchant, Parent: n.Parent, Code: n.Code, Name: n.Name, Place: n.Place, Active: active}
		if n.Kind == Operator {
			body.Name = ""
		}
		return tx.Record(ctx, id.Subject(), body, record.About{})
	})
}

// EraseName takes the name of an operator out of the node and its entries.
func (r *Registrar) EraseName(ctx context.Context, who record.Who, id NodeID, reason string) error {
	if err := checkText(reason, longestPlace); err != nil {
		return fmt.Errorf("erase name: %w", err)
	}
	return r.changeNode(ctx, who, id, func(ctx context.Context, tx record.Tx, n *Node) error {
		if len(n.Naming) == 0 {
			return nil
		}
		return tx.Record(ctx, id.Subject(), ledger.Erased{Entries: slices.Clone(n.Naming), Items: []string{"name"}, Reason: reason}, record.About{})
	})
}

func (r *Registrar) changeNode(ctx context.Context, who record.Who, id NodeID, decide func(context.Context, record.Tx, *Node) error) error {
	err := r.Book.Update(ctx, who, func(ctx context.Context, tx record.Tx) error {
		n, err := loadNode(ctx, tx, id)
		if err != nil {
			return err
		}
		return decide(ctx, tx, n)
	})
	if err != nil {
		return fmt.Errorf("change node %s: %w", id, err)
	}
	return nil
}

// Node returns a node as last committed, or [ErrNoNode].
func (r *Registrar) Node(ctx context.Context, t tenant.ID, id NodeID) (*Node, error) {
	thing, err := r.Book.Read(ctx, t, id.Subject())
	if errors.Is(err, record.ErrNone) {
		return nil, ErrNoNode
	}
	if err != nil {
		return nil, err
	}
	return thing.(*Node), nil
}

// Nodes lists nodes.
func (r *Registrar) Nodes(ctx context.Context, t tenant.ID, f NodeFilter) ([]*Node, error) {
	return r.Store.Nodes(ctx, t, f)
}

// placesMost bounds how many folders one look-up weighs.
const placesMost = 10_000

// At returns the active node whose folder holds path, the innermost if several
// do, or [ErrNoNode].
func (r *Registrar) At(ctx context.Context, t tenant.ID, path string) (*Node, error) {
	nodes, err := r.Store.Nodes(ctx, t, NodeFilter{Placed: true, Active: true, Limit: placesMost})
	if err != nil {
		return nil, err
	}
	if n := Nearest(nodes, path); n != nil {
		return n, nil
	}
	return nil, ErrNoNode
}
