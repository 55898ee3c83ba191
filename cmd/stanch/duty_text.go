package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/stanch/stanch/internal/obligation"
)

// dutyText prints an answer for people.
type dutyText struct {
	out  io.Writer
	book *obligation.Rulebook
	lang string
	all  bool
	at   time.Time
	err  error
}

// dutyWords are the fixed words of the text form.
var dutyWords = map[string]obligation.Text{
	"grade":        {ZH: "网信分级", EN: "CAC grade"},
	"open_grade":   {ZH: "尚不能定，可能为", EN: "open, may be"},
	"now":          {ZH: "当前时间", EN: "now"},
	"look":         {ZH: "请核对", EN: "Look at this"},
	"line":         {ZH: "行", EN: "line"},
	"missing":      {ZH: "无法计算：缺少时钟或合同时限", EN: "Cannot be computed: a clock or a contract's time is missing"},
	"applies":      {ZH: "适用", EN: "Applies"},
	"possible":     {ZH: "可能适用：还有事实不清楚", EN: "May apply: something is not known"},
	"not":          {ZH: "不适用", EN: "Does not apply"},
	"before":       {ZH: "事前义务：有无事件都成立", EN: "Holds with or without an incident"},
	"none":         {ZH: "没有适用或可能适用的义务。", EN: "No duty applies or may apply."},
	"held":         {ZH: "未经核验而未列出（--preview 可看）", EN: "Held back until somebody verifies them (--preview shows them)"},
	"to":           {ZH: "对象", EN: "to"},
	"why":          {ZH: "理由", EN: "why"},
	"source":       {ZH: "依据", EN: "source"},
	"own":          {ZH: "自定目标（本单位政策，不是法律）", EN: "own target (policy of the house, not law)"},
	"review":       {ZH: "待复核：文本未完全核实", EN: "REVIEW: the text is not fully verified"},
	"block":        {ZH: "未核验：仅供预览", EN: "UNVERIFIED: for preview only"},
	"provisional":  {ZH: "暂定：当年节假日未公布或未收录", EN: "provisional: the holidays of a year are not known"},
	"shadow":       {ZH: "影子时钟：若适用则按此计算", EN: "shadow clock: it runs in case the duty applies"},
	"overdue":      {ZH: "已逾期", EN: "OVERDUE"},
	"from":         {ZH: "起算", EN: "counted from"},
	"next":         {ZH: "之后", EN: "then"},
	"staged":       {ZH: "首报可以只写", EN: "the first report may be limited to"},
	"every":        {ZH: "每隔", EN: "every"},
	"immediate":    {ZH: "立即", EN: "at once"},
	"none_stated":  {ZH: "未写时限", EN: "no time stated"},
	"standing":     {ZH: "持续", EN: "standing"},
	"unknown":      {ZH: "时限未能核实", EN: "number not read"},
	"ask-contract": {ZH: "看合同：请填写时限", EN: "ask the contract"},
	"no-clock":     {ZH: "起算时间未记录", EN: "clock not recorded"},
	"not_counted":  {ZH: "项不适用（--all 可看）", EN: "do not apply (--all shows them)"},
	"actions":      {ZH: "行动", EN: "Actions"},
	"ask":          {ZH: "接下来查清", EN: "Find out next"},
	"behind":       {ZH: "背后的义务", EN: "duties"},
	"untold":       {ZH: "无法计算", EN: "cannot be computed"},
	"maybe":        {ZH: "可能适用", EN: "may apply"},
	"reviewed":     {ZH: "背后有待复核的文本", EN: "REVIEW: a text behind it is not fully verified"},
	"advice":       {ZH: "这是计算结果，不是法律意见。", EN: "This is arithmetic over sources, not legal advice."},
}

func (p *dutyText) word(key string) string { return dutyWords[key].In(p.lang) }

func (p *dutyText) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.out, format+"\n", args...)
	}
}

func (p *dutyText) print(a *obligation.Answer) error {
	p.head(a)
	lists := map[string][]obligation.Duty{}
	for _, d := range a.Duties {
		section := sectionOf(d)
		lists[section] = append(lists[section], d)
	}
	for _, section := range []string{"missing", "applies", "possible"} {
		p.section(section, lists[section])
	}
	if len(lists["missing"])+len(lists["applies"])+len(lists["possible"]) == 0 {
		p.line("\n%s", p.word("none"))
	}
	p.section("before", lists["before"])
	if p.all {
		p.section("not", lists["not"])
	} else if n := len(lists["not"]); n > 0 {
		p.line("\n%d %s", n, p.word("not_counted"))
	}
	if len(a.Held) > 0 {
		p.line("%s: %s", p.word("held"), strings.Join(a.Held, ", "))
	}
	p.line("%s", p.word("advice"))
	return p.err
}

func (p *dutyText) head(a *obligation.Answer) {
	grade, ok := a.Grade("grading.cac")
	if !ok {
		grade = p.word("open_grade") + " " + strings.Join(a.Grades["grading.cac"], ", ")
	}
	p.line("%s: %s · %s: %s", p.word("grade"), grade, p.word("now"), stamp(p.at))
	if len(a.Notes) > 0 {
		p.line("\n%s", p.word("look"))
	}
	for _, n := range a.Notes {
		where := ""
		if n.Line > 0 {
			where = fmt.Sprintf(" (%s %d)", p.word("line"), n.Line)
		}
		p.line("  ! %s%s %s", n.About, where, n.Text.In(p.lang))
	}
}

// sectionOf says under which heading a duty stands: what lacks its clock comes first.
func sectionOf(d obligation.Duty) string {
	missing := d.Due.Word == obligation.NoClock || d.Due.Word == obligation.AskContract
	switch {
	case d.Status == obligation.NotApplicable:
		return "not"
	case d.Phase == "before":
		return "before"
	case d.Status == obligation.Possible:
		return "possible"
	case missing:
		return "missing"
	}
	return "applies"
}

func (p *dutyText) section(name string, list []obligation.Duty) {
	if len(list) == 0 {
		return
	}
	p.line("\n%s (%d)", p.word(name), len(list))
	slices.SortStableFunc(list, func(x, y obligation.Duty) int { return cmp.Compare(urgency(x), urgency(y)) })
	for _, d := range list {
		p.duty(d)
	}
}

// urgency puts what has to be done at once before what has a time, and that before
// the rest.
func urgency(d obligation.Duty) int {
	return slices.Index([]string{obligation.Immediate, "", obligation.NoClock, obligation.AskContract, obligation.NoneStated, obligation.Unread, obligation.Standing}, d.Due.Word)
}

func (p *dutyText) duty(d obligation.Duty) {
	due := stamp(d.Due.At)
	if d.Due.Word != "" {
		due = p.word(d.Due.Word)
	}
	if d.Overdue {
		due += "  " + p.word("overdue")
	}
	p.line("  %s  %s", due, d.Title.In(p.lang))
	if d.Status == obligation.NotApplicable {
		p.line("      %s · %s: %s", d.Rule, p.word("why"), d.Why)
		return
	}
	p.line("      %s%s · %s", d.Rule, p.addressees(d), d.DueText.In(p.lang))
	p.marks(d)
	p.line("      %s: %s", p.word("why"), d.Why)
	p.line("      %s: %s", p.word("source"), cited(d.Citations))
}

// marks prints what keeps the due time from being taken for more than it is.
func (p *dutyText) marks(d obligation.Duty) {
	for _, mark := range []struct {
		on   bool
		word string
	}{{d.Gate == "review", "review"}, {d.Gate == "block", "block"}, {d.Provisional, "provisional"}, {d.Shadow, "shadow"}} {
		if mark.on {
			p.line("      %s", p.word(mark.word))
		}
	}
	if d.CalendarNote != "" {
		p.line("      %s", d.CalendarNote)
	}
	for _, s := range d.Starts {
		p.line("      %s %s %s: %s", p.word("from"), s.Clock, stamp(s.At), stamp(s.Due.At))
	}
	if d.Every != "" {
		p.line("      %s %s", p.word("every"), d.Every)
	}
	if t := d.InternalTarget; t != nil {
		due := t.Duration.String()
		if t.Due.Word == "" {
			due = stamp(t.Due.At)
		}
		p.line("      %s: %s", p.word("own"), due)
	}
	if d.Staged != nil {
		p.line("      %s: %s", p.word("staged"), strings.Join(d.Staged.Initial, ", "))
	}
	if len(d.FollowUps) > 0 {
		p.line("      %s: %s", p.word("next"), strings.Join(d.FollowUps, ", "))
	}
}

func (p *dutyText) addressees(d obligation.Duty) string {
	var names []string
	for _, id := range d.Addressees {
		a := p.book.Addressees[id]
		names = append(names, obligation.Text{ZH: a.ZH, EN: a.EN}.In(p.lang))
	}
	if len(names) == 0 {
		return ""
	}
	return " · " + p.word("to") + ": " + strings.Join(names, "; ")
}

func cited(list []obligation.Citation) string {
	var parts []string
	for _, c := range list {
		parts = append(parts, strings.TrimSpace(c.Title+" "+c.Article))
	}
	return strings.Join(parts, "; ")
}

func stamp(t time.Time) string { return t.Format("2006-01-02 15:04:05 -07:00") }
