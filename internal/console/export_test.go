package console

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
