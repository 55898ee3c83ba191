package obligation

import (
	"maps"
	"slices"
	"time"
)

// Facts is what is known of one case: values of facts, and when its clock events
// happened. What is not in it is unknown.
type Facts struct {
	Zone   *time.Location // of the case; days without a zone of their own are its days
	Notes  []Note         // what was odd about how they were given
	values map[string]Value
	clocks map[string]Moment
}

// NewFacts returns a case of which nothing is known. No zone is UTC.
func NewFacts(zone *time.Location) *Facts {
	if zone == nil {
		zone = time.UTC
	}
	return &Facts{Zone: zone, values: map[string]Value{}, clocks: map[string]Moment{}}
}

// Set records a fact; nil makes it unknown.
func (f *Facts) Set(name string, value Value) {
	if value == nil {
		delete(f.values, name)
		return
	}
	f.values[name] = value
}

// Value returns what is known of a fact, nil if nothing is.
func (f *Facts) Value(name string) Value { return f.values[name] }

// Record says when a clock event happened.
func (f *Facts) Record(clock string, at time.Time) { f.clocks[clock] = Moment{At: at} }

// Clock returns when a clock event happened.
func (f *Facts) Clock(name string) (time.Time, bool) {
	m, ok := f.clocks[name]
	return m.At, ok
}

// Clone returns a copy that can be changed by itself.
func (f *Facts) Clone() *Facts {
	return &Facts{f.Zone, slices.Clone(f.Notes), maps.Clone(f.values), maps.Clone(f.clocks)}
}

// A Note names something odd about a case's facts. It never stops an answer.
type Note struct {
	Code  string `json:"code"`
	About string `json:"about"` // a fact, a clock, a key or a rule
	Line  int    `json:"line,omitempty"`
	Text  Text   `json:"text"`
}

// The codes of notes, with what each says.
var noteTexts = map[string]Text{
	"unknown_fact":   {ZH: "没有这个事实名，未采用；请检查拼写", EN: "is no known fact and was left out; check the spelling"},
	"unknown_clock":  {ZH: "没有这个时钟名，未采用；请检查拼写", EN: "is no known clock and was left out; check the spelling"},
	"unknown_key":    {ZH: "没有这个键，未采用；只读 tz、facts、clocks", EN: "is no known key and was left out; tz, facts and clocks are read"},
	"stated_unknown": {ZH: "写明尚不清楚；依赖它的义务按可能适用显示，时钟照走", EN: "is stated to be unknown; duties that hang on it are shown as possible, and their clocks run"},
	"inverted_range": {ZH: "下限高于上限，已对调；请核对", EN: "has a lower bound above its upper one; they were swapped, check them"},
	"wrong_kind":     {ZH: "值的种类不对，未采用", EN: "has a value of another kind and was left out"},
	"unknown_value":  {ZH: "有不在取值表里的值；请检查拼写", EN: "has a value that is not in its list; check the spelling"},
	"day_only":       {ZH: "只写了日期，按当天开始计算；请补上钟点", EN: "has no time of day; it counts from the start of the day, add the hour"},
	"twice":          {ZH: "这一钟点因夏令时结束出现两次，按较早的一次计算；写上时区偏移可消除", EN: "falls in an hour that the clock showed twice; the earlier counts, write the offset to settle it"},
	"no_such_time":   {ZH: "这一钟点因夏令时开始并不存在，按拨快的时刻计算；请核对", EN: "falls in an hour that the clock skipped; the moment of the change counts, check it"},
	"future":         {ZH: "晚于当前时间；照写计算，请核对", EN: "lies in the future; it counts as written, check it"},
	"out_of_order":   {ZH: "早于按理在它之前的事件；照写计算，请核对", EN: "is earlier than an event that comes before it; both count as written, check them"},
	"contradiction":  {ZH: "与其他事实矛盾；照写计算，请核对", EN: "contradicts another fact; both count as written, check them"},
	"typed_grade":    {ZH: "手工填写的级别与计算结果不同，按手工填写的级别处理", EN: "was graded by hand otherwise than computed; the grade given by hand counts"},
	"grade_too_low":  {ZH: "手工填写的级别低于数字已达到的级别，按计算结果处理", EN: "was graded by hand below what the numbers reach; the computed grade counts"},
	"cyclic":         {ZH: "后续义务互相循环；每条照常计算", EN: "is in a circle of follow-ups; each rule is worked out by itself"},
}

func remark(code, about string) Note { return Note{Code: code, About: about, Text: noteTexts[code]} }
