package console

import (
	"cmp"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/evidence"
	"github.com/stanch/stanch/packs"
)

// tabs are the parts of a case below its next step.
var tabs = []string{"record", "tasks", "exposure", "evidence", "notices"}

// CasePage is one case on one screen.
type CasePage struct {
	Frame
	Case     CaseRow
	Reason   string // for the last change of state
	Closed   int64
	Sources  []string
	Words    string // the exposure in a sentence
	Stages   []StageDot
	Done     int // stages done or not needed
	Clocks   []TaskRow
	Next     *TaskRow
	Skipped  int // open tasks that people put off
	Missing  []MissingRow
	Ready    bool // nothing is missing
	Tab      string
	Tabs     []Tab
	Rail     []FindingRow
	RailMore int64
	Plans    []PlanRow
	Open     int // findings that a plan can act on

	Record   RecordTab
	Groups   []TaskGroup       // tab tasks, tab notices
	Kept     map[string]string // what was typed into a form that was refused, masked, by what it does and to which item
	Gates    []GateRow
	Proofs   []Proof
	Causes   []CauseGroup
	Cause    *packs.Cause
	Exposure ExposureTab
	Exhibits []ExhibitRow
	Refused  bool // an attachment held card data
	Phone    string
	Acquirer string
}

// A Tab is a link to a part of the page.
type Tab struct {
	ID    string
	Count int
	On    bool
}

// A StageDot is a stage in the stepper.
type StageDot struct {
	ID, Title, Goal, State, Reason string
	Settled, Total, Number         int
	Current                        bool
	Open                           []string // titles of the tasks still to do
}

// A TaskRow is a task as it is shown.
type TaskRow struct {
	ID, Stage, StageTitle, Title, Why, Attach, Owner, Automated, Guide string
	How                                                                []string
	Guided, Possible                                                   bool
	State                                                              string // open, done, not_needed, later
	Reason                                                             string
	By                                                                 string
	At, Happened                                                       int64
	Clock                                                              Clock
	After                                                              string // which moment its target counts from
}

// A TaskGroup is a stage with its tasks.
type TaskGroup struct {
	Stage StageDot
	Tasks []TaskRow
}

// A MissingRow is a stage or gate that keeps the case open.
type MissingRow struct {
	What, Item, Title string
	Left              int
}

// A CauseGroup is a family of causes to choose from.
type CauseGroup struct {
	Title  string
	Causes []packs.Cause
}

// An ExhibitRow is an exhibit with who had a hand in it.
type ExhibitRow struct {
	evidence.Exhibit
	Short  string // of the digest
	Due    bool   // its destroy-by date has come
	Events []EventRow
}

// An EventRow is a hand laid on an exhibit.
type EventRow struct {
	What, By, Why string
	At            int64
}

// clocksShown is how many targets the strip shows; the rest are with the tasks.
const clocksShown = 4

func casePage(v *visit) error {
	id := casefile.ID(v.r.PathValue("id"))
	if v.may("work_case") {
		if err := v.c.Desk.See(v.ctx(), v.actor(), id); err != nil {
			return err
		}
	}
	return v.caseWith(id, v.refusedFile(), http.StatusOK)
}

// refusedFile says that a sign was taken in without the file that came with it,
// if the address says so.
func (v *visit) refusedFile() string {
	word := v.r.URL.Query().Get("refused")
	if _, ok := v.tongue.sentences["fault."+word+".text"]; !ok {
		return ""
	}
	return v.tongue.say("report.file_refused", "why", v.tongue.sayOf("fault", word+".text"))
}

// caseWith shows the case with what went wrong at its head, if anything did.
func (v *visit) caseWith(id casefile.ID, problem string, status int) error {
	c, err := v.c.Desk.Case(v.ctx(), v.c.Tenant, id)
	if err != nil {
		return err
	}
	page := &CasePage{Case: v.row(c), Reason: c.Reason, Closed: c.Closed, Sources: c.Source, Words: v.exposureWords(c.Exposure)}
	page.Tab = cmp.Or(known(tabs, v.r.URL.Query().Get("tab")), known(tabs, v.r.PostFormValue("tab")), "record")
	page.Frame = Frame{Title: page.Case.Name, Nav: "cases", Self: "/cases/" + string(id) + "?tab=" + page.Tab, Problem: problem}
	if v.r.URL.Query().Has("show") {
		page.Self += "&show=" + known(recordShows, v.r.URL.Query().Get("show"))
	}
	page.Kept = v.kept(problem)
	page.Acquirer, page.Phone = v.house.Acquirer, v.house.AcquirerPhone
	v.fillBoard(page, c)
	if err := v.fillRail(page, c); err != nil {
		return err
	}
	if err := v.fillTab(page, c); err != nil {
		return err
	}
	return v.render("case", status, page)
}

// kept returns the text of a form that was refused, so that nobody types it
// twice: as "note", "mark scope.sad", "put off scope.sad" and the like.
func (v *visit) kept(problem string) map[string]string {
	if problem == "" || v.r.Method != http.MethodPost {
		return nil
	}
	act := path.Base(v.r.URL.Path)
	if act == "mark" && v.form("what") == "task" && v.form("state") != "done" {
		act = "put off"
	}
	key := strings.TrimSpace(act + " " + v.form("item"))
	return map[string]string{key: cmp.Or(v.masked("text"), v.masked("reason"), v.masked("summary"))}
}

// fillBoard sets what follows from the playbook.
func (v *visit) fillBoard(page *CasePage, c *casefile.Case) {
	board := v.c.Desk.Board(c)
	for i, s := range board.Stages {
		page.Stages = append(page.Stages, v.dot(i, s))
		if s.State == "done" || s.State == "not_needed" {
			page.Done++
		}
	}
	if c.State.Live() {
		if next := v.nextTask(board, c); next != nil {
			row := v.taskRow(*next, c)
			at := slices.IndexFunc(board.Stages, func(s casefile.StageView) bool { return s.ID == next.Stage })
			page.Stages[at].Current, row.StageTitle = true, page.Stages[at].Title
			page.Next = &row
		}
		for _, task := range openTasks(board) {
			if row := v.taskRow(task, c); !task.Due.IsZero() {
				page.Clocks = append(page.Clocks, row)
			}
		}
		slices.SortStableFunc(page.Clocks, func(a, b TaskRow) int { return cmp.Compare(a.Clock.At, b.Clock.At) })
		page.Clocks = page.Clocks[:min(len(page.Clocks), clocksShown)]
	}
	v.fillMissing(page, board)
	page.Gates = v.gateRows(board)
}

func (v *visit) dot(i int, s casefile.StageView) StageDot {
	d := StageDot{ID: s.ID, Title: s.Title.In(v.tongue.lang), Goal: s.Goal.In(v.tongue.lang), State: s.State, Reason: s.Mark.Reason, Number: i + 1}
	for _, t := range s.Tasks {
		if t.Applies != packs.True && !t.Settled() {
			continue
		}
		d.Total++
		if t.Settled() {
			d.Settled++
		}
	}
	for _, t := range s.Open() {
		d.Open = append(d.Open, t.Title.In(v.tongue.lang))
	}
	return d
}

func (v *visit) fillMissing(page *CasePage, board *casefile.Board) {
	for _, gap := range board.Missing() {
		row := MissingRow{What: gap.What, Item: gap.Item}
		for _, s := range page.Stages {
			if gap.What == "stage" && s.ID == gap.Item {
				row.Title, row.Left = s.Title, s.Total-s.Settled
			}
		}
		for _, g := range board.Gates {
			if gap.What == "gate" && g.ID == gap.Item {
				row.Title = g.Question.In(v.tongue.lang)
			}
		}
		page.Missing = append(page.Missing, row)
	}
	page.Ready = len(page.Missing) == 0
}

// openTasks returns the tasks that apply and are not settled.
func openTasks(board *casefile.Board) []casefile.TaskView {
	var open []casefile.TaskView
	for _, s := range board.Stages {
		if s.State == "done" || s.State == "not_needed" {
			continue
		}
		open = append(open, s.Open()...)
	}
	return open
}

// putOff reports whether a person said "not now" to a task, with a reason.
func putOff(t casefile.TaskView) bool { return t.Mark.State == "open" && t.Mark.Reason != "" }

// nextTask returns the one step to do now: the most urgent open task that
// nobody put off, or if all were, the most urgent of those.
func (v *visit) nextTask(board *casefile.Board, c *casefile.Case) *casefile.TaskView {
	open := openTasks(board)
	slices.SortStableFunc(open, func(a, b casefile.TaskView) int {
		if putOff(a) != putOff(b) {
			if putOff(a) {
				return 1
			}
			return -1
		}
		return cmp.Compare(a.Task.Next, b.Task.Next)
	})
	if len(open) == 0 {
		return nil
	}
	return &open[0]
}

func (v *visit) taskRow(t casefile.TaskView, c *casefile.Case) TaskRow {
	lang := v.tongue.lang
	row := TaskRow{
		ID: t.ID, Stage: t.Stage, Title: t.Title.In(lang), Why: t.Why.In(lang), How: t.How.Lines(lang), Attach: t.Attach.In(lang),
		Owner: t.Owner, Automated: t.Automated, Guide: t.Guide, Guided: t.Guided, Possible: t.Applies == packs.Unknown,
		State: cmp.Or(t.Mark.State, "open"), Reason: t.Mark.Reason, At: t.Mark.At, Happened: t.Mark.Happened, After: t.Task.Due.After,
	}
	if putOff(t) {
		row.State = "later"
	}
	if t.Mark.By != "" {
		row.By = v.person(t.Mark.By)
	}
	if !t.Settled() {
		row.Clock = v.clock(t, c)
	}
	return row
}

// railShown is how many places the rail lists.
const railShown = 12

// fillRail sets the containment of each file and the plans under way.
func (v *visit) fillRail(page *CasePage, c *casefile.Case) error {
	found, err := v.c.Lists.Findings(v.ctx(), v.c.Tenant, FindingFilter{Case: c.ID, Limit: 200})
	if err != nil {
		return err
	}
	for i, f := range found {
		if f.State == "open" || f.State == "sealed" {
			page.Open++
		}
		if i < railShown {
			page.Rail = append(page.Rail, v.findingRow(f))
		}
	}
	page.RailMore = max(c.Findings-int64(len(page.Rail)), 0)
	list, err := v.c.Planner.Store.PlansOf(v.ctx(), v.c.Tenant, c.ID)
	if err != nil {
		return err
	}
	for _, p := range list {
		page.Plans = append(page.Plans, v.planRow(p))
	}
	slices.Reverse(page.Plans)
	return nil
}

// fillTab sets only what the tab in view shows.
func (v *visit) fillTab(page *CasePage, c *casefile.Case) (err error) {
	board := v.c.Desk.Board(c)
	switch page.Tab {
	case "record":
		page.Record, err = v.recordTab(c)
	case "tasks":
		err = v.fillProofs(page, c)
		page.Groups = v.groups(page, board, c, nil)
		v.fillCauses(page, c)
	case "exposure":
		page.Exposure = v.exposureTab(c)
	case "evidence":
		page.Exhibits, err = v.exhibits(c.ID)
	case "notices":
		page.Groups = v.groups(page, board, c, []string{"report", "tell"})
	}
	for _, id := range tabs {
		page.Tabs = append(page.Tabs, Tab{ID: id, On: id == page.Tab})
	}
	return err
}

func (v *visit) groups(page *CasePage, board *casefile.Board, c *casefile.Case, only []string) []TaskGroup {
	var groups []TaskGroup
	for i, s := range board.Stages {
		if only != nil && !slices.Contains(only, s.ID) {
			continue
		}
		g := TaskGroup{Stage: page.Stages[i]}
		for _, t := range s.Tasks {
			g.Tasks = append(g.Tasks, v.taskRow(t, c))
		}
		groups = append(groups, g)
	}
	return groups
}

func (v *visit) fillCauses(page *CasePage, c *casefile.Case) {
	all := v.c.Desk.Packs.Taxonomy
	for _, g := range all.Groups {
		group := CauseGroup{Title: g.Title.In(v.tongue.lang)}
		for _, cause := range all.Causes {
			if cause.Group == g.ID {
				group.Causes = append(group.Causes, cause)
			}
		}
		page.Causes = append(page.Causes, group)
	}
	if cause, ok := all.Cause(c.Cause); ok {
		page.Cause = &cause
	}
}

func (v *visit) exhibits(id casefile.ID) ([]ExhibitRow, error) {
	list, err := v.c.Custodian.Exhibits(v.ctx(), v.c.Tenant, id)
	if err != nil {
		return nil, err
	}
	var rows []ExhibitRow
	for _, x := range list {
		row := ExhibitRow{Exhibit: *x, Short: x.SHA256[:min(len(x.SHA256), 16)], Due: x.Destroyed == 0 && x.DestroyBy <= v.c.Now().UnixMicro()}
		for _, e := range x.Events {
			row.Events = append(row.Events, EventRow{e.What, v.person(e.By), e.Why, e.At})
		}
		rows = append(rows, row)
	}
	return rows, nil
}
