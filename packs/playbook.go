package packs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Playbook is what is to be done in a case: stages that run side by side, their
// tasks, and the gates that hold a case open.
type Playbook struct {
	Header `yaml:",inline"`
	Stages []Stage `yaml:"stages"`
	Gates  []Gate  `yaml:"gates"`
	Tasks  []Task  `yaml:"tasks"`
}

// A Stage is one step of the guide.
type Stage struct {
	ID    string `yaml:"id"`
	Title Text   `yaml:"title"`
	Goal  Text   `yaml:"goal"` // what is true when the stage is done
}

// A Task is one thing a person does. Within is our own target, never a legal
// deadline: those come from duties.
type Task struct {
	ID        string `yaml:"id"`
	Stage     string `yaml:"stage"`
	Guide     string `yaml:"guide"` // row of the guide, 1.1 to 8
	Owner     string `yaml:"owner"` // owner, responder, auditor or anyone
	Due       Due    `yaml:"due"`
	Next      int    `yaml:"next"`      // lower is more urgent
	Automated string `yaml:"automated"` // none, seal, lock, rescan or exposure: the built-in action that does it
	Guided    bool   `yaml:"guided"`    // a person does it by hand for now, and the console says so
	When      *Cond  `yaml:"when"`      // nil: always
	Title     Text   `yaml:"title"`
	Why       Text   `yaml:"why"`
	How       Text   `yaml:"how"` // one step a line; see [Text.Lines]
	Attach    Text   `yaml:"attach"`
}

// A Due is a target counted from a moment of the case.
type Due struct {
	After  string `yaml:"after"` // opened, confirmed, contained or closed_gate
	Within Span   `yaml:"within"`
}

// A Gate holds a case open until it is answered with evidence.
type Gate struct {
	ID       string   `yaml:"id"`
	Clause   string   `yaml:"clause"`
	Question Text     `yaml:"question"`
	Asks     Text     `yaml:"asks"`     // what the clause asks for, in our words
	Evidence Text     `yaml:"evidence"` // what has to be attached
	Tasks    []string `yaml:"tasks"`    // tasks that bring the evidence
	Answers  []Answer `yaml:"answers"`
}

// An Answer is a choice at a gate. Only one that satisfies lets the case close.
type Answer struct {
	ID        string `yaml:"id"`
	Satisfies bool   `yaml:"satisfies"`
	Evidence  bool   `yaml:"evidence"` // needs evidence attached
	Reason    bool   `yaml:"reason"`   // needs a reason in words
	SAD       Tri    `yaml:"sad"`      // what the answer says of the fact sad_present; omitted, nothing
	Unstored  bool   `yaml:"unstored"` // says that no card data was stored; omitted, nothing
	Text      Text   `yaml:"text"`
}

// A Choice is a task as it stands for one case: True applies, Unknown may come to
// apply when more is known.
type Choice struct {
	Task    *Task
	Applies Tri
}

// Choose returns the tasks that apply or may apply to a case, most urgent first.
// The tasks are the playbook's own and are not to be changed.
func (p *Playbook) Choose(f Facts) []Choice {
	var out []Choice
	for i := range p.Tasks {
		if t := p.Tasks[i].When.Eval(f); t != False {
			out = append(out, Choice{&p.Tasks[i], t})
		}
	}
	slices.SortStableFunc(out, func(a, b Choice) int { return cmp.Compare(a.Task.Next, b.Task.Next) })
	return out
}

// Task finds a task by id.
func (p *Playbook) Task(id string) (*Task, bool) {
	i := slices.IndexFunc(p.Tasks, func(t Task) bool { return t.ID == id })
	if i < 0 {
		return nil, false
	}
	return &p.Tasks[i], true
}

// Gate finds a gate by id.
func (p *Playbook) Gate(id string) (*Gate, bool) {
	i := slices.IndexFunc(p.Gates, func(g Gate) bool { return g.ID == id })
	if i < 0 {
		return nil, false
	}
	return &p.Gates[i], true
}

// Answer finds an answer by id.
func (g *Gate) Answer(id string) (Answer, bool) {
	i := slices.IndexFunc(g.Answers, func(a Answer) bool { return a.ID == id })
	if i < 0 {
		return Answer{}, false
	}
	return g.Answers[i], true
}

// What the program relies on by name. A playbook may reword these, not rename them.
var (
	stageIDs   = []string{"scope", "report", "protect", "stop", "experts", "tell", "recover", "cause", "strengthen", "measures", "review"}
	gateIDs    = []string{"sad_stored", "source_found", "removal_decided", "rescan_clean"}
	guideRows  = []string{"1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4", "3.1", "3.2", "3.3", "4", "5", "6", "7", "8"}
	owners     = []string{"owner", "responder", "auditor", "anyone"}
	moments    = []string{"opened", "confirmed", "contained", "closed_gate"}
	automation = []string{"none", "seal", "lock", "rescan", "exposure"}
)

func idsOf[T any](list []T, id func(T) string) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = id(v)
	}
	return out
}

func (p *Packs) checkPlaybook(r *report) {
	b := &p.Playbook
	stages := idsOf(b.Stages, func(s Stage) string { return s.ID })
	gates := idsOf(b.Gates, func(g Gate) string { return g.ID })
	r.need(slices.Equal(stages, stageIDs), "stages", "are not the stages of a case; keep exactly %v in this order", stageIDs)
	r.need(slices.Equal(gates, gateIDs), "gates", "are not the gates of a case; keep exactly %v in this order", gateIDs)
	r.ids("tasks", idsOf(b.Tasks, func(t Task) string { return t.ID }))
	for i := range b.Gates {
		b.checkGate(r, i)
	}
	for i := range b.Tasks {
		p.checkTask(r, &b.Tasks[i], fmt.Sprintf("tasks[%d]", i))
	}
	for _, row := range guideRows {
		covered := slices.ContainsFunc(b.Tasks, func(t Task) bool { return t.Guide == row })
		r.need(covered, "tasks", "have none for row %s of the guide; add one", row)
	}
}

func (b *Playbook) checkGate(r *report, i int) {
	g, key := &b.Gates[i], fmt.Sprintf("gates[%d]", i)
	r.need(g.Clause != "", key+".clause", "is missing; name the requirement")
	r.need(len(g.Tasks) > 0, key+".tasks", "is empty; name the tasks that bring the evidence")
	for j, id := range g.Tasks {
		_, ok := b.Task(id)
		r.need(ok, fmt.Sprintf("%s.tasks[%d]", key, j), "names no task of this file")
	}
	r.ids(key+".answers", idsOf(g.Answers, func(a Answer) string { return a.ID }))
	opens := slices.ContainsFunc(g.Answers, func(a Answer) bool { return a.Satisfies })
	holds := slices.ContainsFunc(g.Answers, func(a Answer) bool { return !a.Satisfies })
	r.need(opens && holds, key+".answers", "need at least one that satisfies and one that does not")
	for j, a := range g.Answers {
		r.need(!a.Satisfies || a.Evidence || a.Reason, fmt.Sprintf("%s.answers[%d]", key, j),
			"satisfies without evidence or reason; ask for one")
	}
}

func (p *Packs) checkTask(r *report, t *Task, key string) {
	oneOf := func(value string, allowed []string, name string) {
		r.need(slices.Contains(allowed, value), key+"."+name, "is not one of %v", allowed)
	}
	oneOf(t.Stage, stageIDs, "stage")
	oneOf(t.Guide, guideRows, "guide")
	oneOf(t.Owner, owners, "owner")
	oneOf(t.Due.After, moments, "due.after")
	oneOf(t.Automated, automation, "automated")
	r.need(t.Due.Within > 0, key+".due.within", "is missing; write it like PT15M or P3D")
	r.need(t.Next > 0, key+".next", "is missing; give a whole number above zero, lower is more urgent")
	r.need(!t.Guided || t.Automated == "none", key+".guided", "contradicts automated; a built-in action does this task")
	zh, en := t.How.Lines("zh"), t.How.Lines("en")
	r.need(len(zh) == len(en), key+".how", "has %d steps in Chinese and %d in English; make them the same", len(zh), len(en))
	t.When.leaves(key+".when", func(leaf *Cond, at string) { p.checkValue(r, leaf, at) })
}

// checkValue holds a condition to values that exist: one that asks for a
// misspelt kind would never apply, and nobody would see it.
func (p *Packs) checkValue(r *report, leaf *Cond, key string) {
	var allowed []string
	switch leaf.Fact {
	case "kinds":
		allowed = p.DataClasses.ids()
	case "sign_kinds":
		allowed = p.Signs.kindIDs()
	case "source":
		allowed = sourceValues
	case "state":
		allowed = stateValues
	case "country":
		r.need(len(leaf.Has) == 2 && strings.Trim(leaf.Has, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "", key+".has", "is not a country of two capital letters")
		return
	default:
		return
	}
	r.need(slices.Contains(allowed, leaf.Has), key+".has", "is not one of %v", allowed)
}
