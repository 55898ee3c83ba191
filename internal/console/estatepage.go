package console

import (
	"net/http"

	"github.com/stanch/stanch/internal/estate"
)

// EstatePage is the registry as a tree, with its import.
type EstatePage struct {
	Frame
	Rows    []NodeRow
	Bad     []estate.BadLine
	BadMore int
}

// A NodeRow is a place in the tree.
type NodeRow struct {
	*estate.Node
	Depth int
}

// nodesShown bounds how many nodes the page lists.
const nodesShown = 5000

func estatePage(v *visit) error { return v.estateWith(&EstatePage{}, http.StatusOK) }

func (v *visit) estateWith(page *EstatePage, status int) error {
	nodes, err := v.allNodes()
	if err != nil {
		return err
	}
	page.Title, page.Nav = v.tongue.say("estate.title"), "estate"
	page.Rows = tree(nodes)
	return v.render("estate", status, page)
}

// allNodes reads the registry page by page.
func (v *visit) allNodes() ([]*estate.Node, error) {
	var all []*estate.Node
	for after := estate.NodeID(""); len(all) < nodesShown; {
		some, err := v.c.Registrar.Nodes(v.ctx(), v.c.Tenant, estate.NodeFilter{After: after, Limit: 500})
		if err != nil || len(some) == 0 {
			return all, err
		}
		all, after = append(all, some...), some[len(some)-1].ID
	}
	return all, nil
}

// tree lists the nodes depth first. One whose parent is not there stands at
// the top, and one that is its own ancestor is listed once.
func tree(nodes []*estate.Node) []NodeRow {
	there, under := map[estate.NodeID]bool{}, map[estate.NodeID][]*estate.Node{}
	for _, n := range nodes {
		there[n.ID] = true
	}
	for _, n := range nodes {
		above := n.Parent
		if !there[above] {
			above = ""
		}
		under[above] = append(under[above], n)
	}
	var rows []NodeRow
	seen := map[estate.NodeID]bool{}
	var walk func(parent estate.NodeID, depth int)
	walk = func(parent estate.NodeID, depth int) {
		for _, n := range under[parent] {
			if !seen[n.ID] {
				seen[n.ID] = true
				rows = append(rows, NodeRow{n, min(depth, 5)})
				walk(n.ID, depth+1)
			}
		}
	}
	walk("", 0)
	return rows
}

// badShown bounds how many bad lines the page lists.
const badShown = 50

// importEstate takes a CSV whole, or shows every line that is wrong.
func importEstate(v *visit) error {
	file, _, err := v.r.FormFile("file")
	if err != nil {
		return v.estateProblem(errField, estate.Report{})
	}
	defer file.Close()
	report, err := v.c.Registrar.Import(v.ctx(), v.actor(), file)
	if err == nil {
		return v.onward("/estate", "imported")
	}
	return v.estateProblem(err, report)
}

func (v *visit) estateProblem(err error, report estate.Report) error {
	sentence, status, ok := v.problem(err)
	if !ok {
		return err
	}
	page := &EstatePage{Bad: report.Bad[:min(len(report.Bad), badShown)]}
	page.BadMore = report.Refused - len(page.Bad)
	page.Problem = sentence
	return v.estateWith(page, status)
}
