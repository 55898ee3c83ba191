package store

import (
	"fmt"
	"strings"

	"github.com/stanch/stanch/internal/record"
)

// A noun is a kind of thing that is folded from entries and kept as a row:
// tenant, id, version, the thing as JSON, and copies of what lists are
// ordered and filtered by.
type noun struct {
	name    string // before the colon of a subject
	table   string
	columns []string // the copies
	zero    func() record.Thing
	values  func(record.Thing) []any // of the copies, in order

	selectSQL, insertSQL, updateSQL string
}

// nouns returns every folded noun by name. A noun has a file of its own, with
// its queries, and a migration that makes its table.
func nouns() map[string]noun {
	all := map[string]noun{}
	for _, n := range []noun{caseNoun(), findingNoun(), accountNoun(), tokenNoun(), planNoun(), exhibitNoun(), identityNoun(), houseNoun(), nodeNoun(), alarmNoun()} {
		all[n.name] = n.prepared()
	}
	return all
}

// prepared returns n with its statements written out.
func (n noun) prepared() noun {
	var names, places, sets strings.Builder
	for i, c := range n.columns {
		fmt.Fprintf(&names, ", %s", c)
		fmt.Fprintf(&places, ", $%d", i+5)
		fmt.Fprintf(&sets, ", %s = $%d", c, i+5)
	}
	n.selectSQL = `SELECT version, body FROM ` + n.table + ` WHERE tenant_id = $1 AND id = $2`
	n.insertSQL = `INSERT INTO ` + n.table + ` (tenant_id, id, version, body` + names.String() + `) VALUES ($1, $2, $3, $4` + places.String() + `)`
	n.updateSQL = `UPDATE ` + n.table + ` SET version = $3, body = $4` + sets.String() + ` WHERE tenant_id = $1 AND id = $2`
	return n
}
