package packs

import "fmt"

// Codenames are what cases are called where anyone may listen: alarms, page
// titles, phone calls. None says what happened or where.
type Codenames struct {
	Header `yaml:",inline"`
	Names  []Text `yaml:"names"`
}

// Nth returns the codename for the nth case, counting from 0. After the last it
// starts again, so a case is known by codename and number together.
func (c *Codenames) Nth(n uint64) Text {
	return c.Names[n%uint64(len(c.Names))]
}

func (c *Codenames) check(r *report) {
	r.need(len(c.Names) >= 20, "names", "are fewer than 20; open cases would share one")
	zh, en := map[string]bool{}, map[string]bool{}
	for i, n := range c.Names {
		r.need(!zh[n.ZH] && !en[n.EN], fmt.Sprintf("names[%d]", i), "is there twice; codenames are unique in both languages")
		zh[n.ZH], en[n.EN] = true, true
	}
}
