package store

import (
	"strconv"
	"strings"
)

// A where gathers the conditions of a list that are set. One that is always
// there and says "or all" would keep SQLite from using an index.
type where struct {
	text strings.Builder
	args []any
}

// tenants begins the conditions of every list.
func tenants(t string) *where {
	w := &where{args: []any{t}}
	w.text.WriteString(` WHERE tenant_id = $1`)
	return w
}

// and adds a condition in which each ? stands for the next argument.
func (w *where) and(condition string, args ...any) *where {
	w.text.WriteString(` AND `)
	for i := range len(condition) {
		if condition[i] != '?' {
			w.text.WriteByte(condition[i])
			continue
		}
		w.args, args = append(w.args, args[0]), args[1:]
		w.text.WriteString("$" + strconv.Itoa(len(w.args)))
	}
	return w
}

// limit returns the whole tail of the statement with its arguments.
func (w *where) limit(order string, most int) (string, []any) {
	w.args = append(w.args, most)
	return w.text.String() + ` ORDER BY ` + order + ` LIMIT $` + strconv.Itoa(len(w.args)), w.args
}
