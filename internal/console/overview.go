package console

import (
	"cmp"
	"slices"
	"time"

	"github.com/stanch/stanch/internal/casefile"
)

// An Overview is the first page: is anything leaking now, and what to do.
type Overview struct {
	Frame
	Verdict Verdict
	Next    *Step // of the most urgent case; nil if there is nothing to do
	Cases   []CaseRow
	More    int64 // live cases that the page has no room for
	Due     []DueTask
	Roots   []Root
	Trouble []Trouble
	Unread  int // how many could not be examined
	Loose   int64
	Demo    bool
	Channel []Channel
	Plans   int // waiting for approval
}

// A Verdict answers whether anything is leaking now.
type Verdict struct {
	Word  string // leaking, held, suspected, blind, starting or quiet
	Tone  string // bad, warn, good
	Icon  string
	Cases int64 // live ones, all of them
	Files int64
	Roots int
}

// A Step is the one thing to do now, with the case it belongs to.
type Step struct {
	Case  CaseRow
	Title string
	Why   string
	Due   Clock
}

// A DueTask is a task whose target is near or past.
type DueTask struct {
	Case  CaseRow
	Title string
	Owner string
	Clock Clock
}

// dueShown is how many tasks the overview lists.
const dueShown = 6

func overview(v *visit) error {
	if v.house.Kind == "" && v.may("manage_settings") {
		return v.onward("/welcome/house", "")
	}
	page := &Overview{Frame: Frame{Title: v.tongue.say("overview.title"), Nav: "overview", Self: "/"}}
	live, count, err := v.urgent()
	if err != nil {
		return err
	}
	page.More = count - int64(len(live))
	page.Roots = v.c.Watch.Roots()
	page.Trouble, page.Unread = v.c.Watch.Troubles(5)
	page.Demo = v.c.Machine.Demonstration()
	v.gatherDue(page, live)
	lying, loose, err := v.c.Lists.CountLying(v.ctx(), v.c.Tenant)
	if err != nil {
		return err
	}
	page.Verdict, page.Loose = verdict(lying+loose, count, live, page.Roots), loose
	if page.Channel, err = v.channels(); err != nil {
		return err
	}
	waiting, err := v.waitingPlans()
	page.Plans = len(waiting)
	if err != nil {
		return err
	}
	return v.show("overview", page)
}

// casesShown is how many cases the overview lists.
const casesShown = 50

// urgent returns the most urgent live cases, and how many live ones there are.
func (v *visit) urgent() (live []*casefile.Case, count int64, err error) {
	states, err := v.c.Lists.CountCases(v.ctx(), v.c.Tenant)
	if err != nil {
		return nil, 0, err
	}
	for state, n := range states {
		if state.Live() {
			count += n
		}
	}
	taken := map[casefile.ID]bool{}
	for _, f := range []CaseFilter{{Lying: true, Grave: true}, {Unseen: true, Grave: true}, {Grave: true}} {
		f.Live, f.Limit = true, casesShown
		list, err := v.c.Lists.Cases(v.ctx(), v.c.Tenant, f)
		if err != nil {
			return nil, 0, err
		}
		for _, c := range list {
			if !taken[c.ID] {
				taken[c.ID] = true
				live = append(live, c)
			}
		}
	}
	slices.SortStableFunc(live, func(a, b *casefile.Case) int { return cmp.Compare(urgency(b), urgency(a)) })
	live = live[:min(len(live), casesShown)]
	return live, max(count, int64(len(live))), nil
}

// gatherDue lists the most urgent cases and, over those, what is due first.
func (v *visit) gatherDue(page *Overview, live []*casefile.Case) {
	for _, c := range live {
		row := v.row(c)
		board := v.c.Desk.Board(c)
		if task := v.nextTask(board, c); task != nil {
			row.Next = task.Title.In(v.tongue.lang)
			if page.Next == nil {
				page.Next = &Step{row, row.Next, task.Why.In(v.tongue.lang), v.clock(*task, c)}
			}
		}
		page.Cases = append(page.Cases, row)
		for _, task := range openTasks(board) {
			if !task.Due.IsZero() {
				page.Due = append(page.Due, DueTask{row, task.Title.In(v.tongue.lang), task.Owner, v.clock(task, c)})
			}
		}
	}
	slices.SortStableFunc(page.Due, func(a, b DueTask) int { return cmp.Compare(a.Clock.At, b.Clock.At) })
	page.Due = page.Due[:min(len(page.Due), dueShown)]
}

// urgency orders live cases: leaking first, then unseen, then the gravest.
func urgency(c *casefile.Case) int {
	n := c.Severity
	if c.Seen == 0 {
		n += 10
	}
	if c.Contained == 0 && c.Findings > 0 {
		n += 20
	}
	if c.Leaking {
		n += 40
	}
	return n
}

// verdict says whether anything is leaking, from what is known and no more.
func verdict(lying, count int64, live []*casefile.Case, roots []Root) Verdict {
	d := Verdict{Cases: count, Files: lying, Roots: len(roots)}
	blind, starting := false, false
	for _, r := range roots {
		blind = blind || r.State == "vanished" || r.State == "unreadable" || r.Unreadable > 0
		starting = starting || r.State == "starting" || r.Walking && r.Walked.IsZero()
	}
	switch {
	case lying > 0:
		d.Word, d.Tone, d.Icon = "leaking", "bad", "drop"
	case slices.ContainsFunc(live, func(c *casefile.Case) bool { return c.Findings == 0 && c.Contained == 0 }):
		d.Word, d.Tone, d.Icon = "suspected", "warn", "eye"
	case len(live) > 0:
		d.Word, d.Tone, d.Icon = "held", "warn", "shield"
	case len(roots) == 0:
		d.Word, d.Tone, d.Icon = "unwatched", "warn", "eye"
	case blind:
		d.Word, d.Tone, d.Icon = "blind", "warn", "eye"
	case starting:
		d.Word, d.Tone, d.Icon = "starting", "warn", "clock"
	default:
		d.Word, d.Tone, d.Icon = "quiet", "good", "shield"
	}
	return d
}

// A Clock is one of our own targets: when, how much is left, and how near.
type Clock struct {
	At    int64
	Left  string // "12 minutes"
	Late  bool
	Tone  string // calm, half, fifth or late
	Share int    // of the time that is left, 0 to 100
}

// clock tells how a task stands to its target.
func (v *visit) clock(task casefile.TaskView, c *casefile.Case) Clock {
	if task.Due.IsZero() {
		return Clock{}
	}
	left, whole := task.Due.Sub(v.c.Now()), task.Task.Due.Within.Duration()
	k := Clock{At: task.Due.UnixMicro(), Left: v.tongue.span(left), Late: left < 0}
	if !k.Late && whole > 0 {
		k.Share = int(min(100, left*100/max(whole, time.Second)))
	}
	switch {
	case k.Late:
		k.Tone = "late"
	case k.Share < 20:
		k.Tone = "fifth"
	case k.Share < 50:
		k.Tone = "half"
	default:
		k.Tone = "calm"
	}
	return k
}
