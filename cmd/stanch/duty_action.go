package main

import (
	"strings"

	"github.com/stanch/stanch/internal/obligation"
)

// printActions prints the acts of a case and what to find out next.
func (p *dutyText) printActions(a *obligation.Answer) error {
	p.head(a)
	actions := p.book.Actions(a)
	if len(actions) == 0 {
		p.line("\n%s", p.word("none"))
	} else {
		p.line("\n%s", p.word("actions"))
	}
	for _, x := range actions {
		p.action(x)
	}
	if asked := a.Questions(); len(asked) > 0 {
		p.line("\n%s", p.word("ask"))
		for _, q := range asked {
			p.question(q)
		}
	}
	p.line("\n%s", p.word("advice"))
	return p.err
}

func (p *dutyText) action(x obligation.Action) {
	p.line("  %s  %s", p.actionDue(x), x.Title.In(p.lang))
	if x.Status == obligation.Possible {
		p.line("    %s", p.word("maybe"))
	}
	if x.Shadow != nil {
		p.line("    %s: %s", p.word("shadow"), p.clock(x.Shadow))
	}
	if len(x.Untold) > 0 {
		p.line("    %s: %s", p.word("untold"), strings.Join(x.Untold, ", "))
	}
	if x.Review {
		p.line("    %s", p.word("reviewed"))
	}
	p.line("    %s: %s", p.word("behind"), strings.Join(x.Rules, ", "))
}

// actionDue says when what applies is due; a shadow clock is never shown as that.
func (p *dutyText) actionDue(x obligation.Action) string {
	var parts []string
	if x.AtOnce {
		parts = append(parts, p.word(obligation.Immediate))
	}
	if x.Due != nil {
		parts = append(parts, p.clock(x.Due))
	}
	if len(parts) == 0 {
		return "-"
	}
	return strings.Join(parts, "; ")
}

func (p *dutyText) clock(due *obligation.Due) string {
	text := stamp(due.At)
	if due.At.Before(p.at) {
		text += " " + p.word("overdue")
	}
	return text
}

func (p *dutyText) question(q obligation.Question) {
	if q.Shadow == nil {
		p.line("  %s: %s", q.Fact, strings.Join(q.Rules, ", "))
		return
	}
	p.line("  %s  %s: %s", p.clock(q.Shadow), q.Fact, strings.Join(q.Rules, ", "))
}
