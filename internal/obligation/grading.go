package obligation

import (
	"fmt"
	"slices"

	"github.com/stanch/stanch/internal/datafile"
)

// A Grading is a table by which incidents are graded. Only one with thresholds is
// computed; the others help whoever grades by hand.
type Grading struct {
	ID            string            `yaml:"id"`
	Title         Text              `yaml:"title"`
	Source        string            `yaml:"source"`
	Verification  Verification      `yaml:"verification"`
	Note          string            `yaml:"note"`
	Use           string            `yaml:"use"`
	Levels        []Level           `yaml:"levels"` // the gravest first
	Qualitative   Text              `yaml:"qualitative"`
	Floor         []Floor           `yaml:"floor"`
	DraftOnly     string            `yaml:"draft_only"`
	InsiderFactor float64           `yaml:"insider_factor"`
	Classes       []IncidentClass   `yaml:"classes"`
	POSMapping    map[string]string `yaml:"pos_mapping"`
}

// A Level is one grade and what reaches it. Tables for advice have tiers with
// counts instead.
type Level struct {
	Grade     string `yaml:"grade"`
	ZH        string `yaml:"zh"`
	EN        string `yaml:"en"`
	Any       []Cond `yaml:"any"`
	Otherwise bool   `yaml:"otherwise"`

	Tier        string `yaml:"tier"`
	Serious     int64  `yaml:"serious"`
	VerySerious int64  `yaml:"very_serious"`
}

// A Floor describes a grade in words.
type Floor struct {
	Grade string `yaml:"grade"`
	ZH    string `yaml:"zh"`
	EN    string `yaml:"en"`
}

// An IncidentClass is one class of a classification.
type IncidentClass struct {
	ID string `yaml:"id"`
	ZH string `yaml:"zh"`
	EN string `yaml:"en"`
}

// grade returns the grades that the incident may have, the gravest first. A level
// that is surely reached ends the list: nothing below it is possible.
func (g *Grading) grade(v view) Words {
	var possible Words
	for i := range g.Levels {
		level := &g.Levels[i]
		truth := datafile.True
		if !level.Otherwise {
			truth, _ = join(level.Any, v, datafile.True)
		}
		if truth > datafile.False {
			possible = append(possible, level.Grade)
		}
		if truth == datafile.True {
			break
		}
	}
	return possible
}

// rank returns how far down the table a grade stands; -1 if it is not in it.
func (g *Grading) rank(grade string) int {
	return slices.IndexFunc(g.Levels, func(l Level) bool { return l.Grade == grade })
}

// check holds the table to be one that always gives a grade of its fact.
func (g *Grading) check(facts map[string]Fact, r *findings, key string) {
	name := g.fact(facts)
	if name == "" {
		return
	}
	r.need(len(g.Levels) > 0, key+".levels", "is empty; a fact is computed by this grading")
	for i := range g.Levels {
		level, at := &g.Levels[i], fmt.Sprintf("%s.levels[%d]", key, i)
		r.need(slices.Contains(facts[name].Values, level.Grade), at+".grade", "is not one of the values of %s", name)
		r.need(level.Otherwise == (i == len(g.Levels)-1), at, "needs thresholds under any, and the last level otherwise: true")
		r.need(level.Otherwise != (len(level.Any) > 0), at, "needs exactly one of any, otherwise")
		for j := range level.Any {
			cond, of := &level.Any[j], fmt.Sprintf("%s.any[%d]", at, j)
			cond.check(facts, r, of, 0)
			r.need(facts[cond.Fact].Computed == "", of, "asks about a grade that is computed itself")
		}
	}
}

// fact returns the fact that the grading computes; empty if none.
func (g *Grading) fact(facts map[string]Fact) string {
	for name, fact := range facts {
		if fact.Computed == g.ID {
			return name
		}
	}
	return ""
}
