package console

import "strings"

// Visible is visible, for the tests outside the package.
func Visible(s string) string { return visible(s) }

// Next is next, for the tests outside the package.
func Next(s string) string { return next(s) }

// A Row is a line of the route table.
type Row struct {
	Pattern string
	Action  string
	Open    bool
}

// Rows returns the route table.
func (c *Console) Rows() []Row {
	var rows []Row
	for _, r := range c.routes() {
		rows = append(rows, Row{r.Pattern, string(r.Action), r.Open})
	}
	return rows
}

// Guarded lists the patterns of posts that a proof of presence is asked for
// before anything of them is read.
func Guarded(c *Console) []string {
	var all []string
	for _, r := range c.routes() {
		if strings.HasPrefix(r.Pattern, "POST ") && r.Action.NeedsPresence() && !r.Proves {
			all = append(all, r.Pattern)
		}
	}
	return all
}
