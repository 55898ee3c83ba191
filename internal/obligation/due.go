package obligation

import (
	"time"
)

// The words that stand where no time can.
const (
	Immediate   = "immediate"    // the text says at once and gives no number
	NoneStated  = "none_stated"  // a duty without a time
	Standing    = "standing"     // holds as long as its condition does
	Unread      = "unknown"      // the text gives a number that nobody could read
	AskContract = "ask-contract" // the contract's own time was not typed in
	NoClock     = "no-clock"     // the event it is counted from was not recorded
)

// A Due is when a duty falls due: a time, or one of the words.
type Due struct {
	At   time.Time // zero if Word is set
	Word string
}

func (d Due) String() string {
	if d.Word != "" {
		return d.Word
	}
	return d.At.Format(time.RFC3339)
}

// MarshalText writes the time in RFC 3339 with its offset, or the word.
func (d Due) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// A Start is an event that a deadline was counted from, and what that gives.
type Start struct {
	Clock string    `json:"clock"`
	At    time.Time `json:"at"`
	Due   Due       `json:"due"`
}

// reckoning is one deadline being worked out for one case.
type reckoning struct {
	deadline *Deadline
	calendar *Calendar // nil unless business days are counted
	zone     *time.Location
	facts    *Facts
	at       time.Time // now, for what recurs; may be zero

	starts      []Start
	provisional bool
}

func (v view) reckon(d *Deadline) reckoning {
	k := reckoning{deadline: d, zone: v.facts.Zone, facts: v.facts, at: v.at}
	k.calendar = v.book.businessCalendar(d.Calendar)
	if k.calendar != nil && k.calendar.zone != nil {
		k.zone = k.calendar.zone
	}
	if zone, ok := loadZone(d.Timezone); ok {
		k.zone = zone
	}
	return k
}

// due works the deadline out.
func (k *reckoning) due() Due {
	d := k.deadline
	switch d.Kind {
	case "immediate":
		return Due{Word: Immediate}
	case "none_stated":
		return Due{Word: NoneStated}
	case "unknown":
		return Due{Word: Unread}
	case "standing":
		return Due{Word: Standing}
	case "recurring":
		if d.Clock == "" {
			return Due{Word: Standing}
		}
	}
	period, ok := k.period()
	if !ok {
		return Due{Word: AskContract}
	}
	return k.capped(k.planned(period))
}

// period returns how long the duty has, which contracts leave to be typed in.
func (k *reckoning) period() (Period, bool) {
	if k.deadline.Duration != nil {
		return *k.deadline.Duration, true
	}
	period, ok := k.facts.values[k.deadline.DurationFrom].(Period)
	return period, ok
}

// planned counts from the deadline's clock. Where suspicion and discovery are both
// recorded the earlier counts, and both are shown.
func (k *reckoning) planned(period Period) Due {
	own, recorded := k.facts.clocks[k.deadline.Clock]
	for _, clock := range rivals(k.deadline.Clock) {
		if m, ok := k.facts.clocks[clock]; ok {
			k.starts = append(k.starts, Start{clock, m.At, Due{At: k.next(m.At, period)}})
		}
	}
	if !recorded {
		return Due{Word: NoClock}
	}
	due := k.next(own.At, period)
	for _, start := range k.starts {
		if start.Due.At.Before(due) {
			due = start.Due.At
		}
	}
	return Due{At: due}
}

// choice reports whether the deadline could have been counted from elsewhere, so
// that both have to be shown.
func (k *reckoning) choice() bool {
	for _, s := range k.starts {
		if s.Clock != k.deadline.Clock && !s.At.Equal(k.facts.clocks[k.deadline.Clock].At) {
			return true
		}
	}
	return false
}

// rivals returns the clocks that a plan goes by when a deadline hangs from one.
func rivals(clock string) []string {
	if clock == suspected || clock == discovered {
		return []string{suspected, discovered}
	}
	return []string{clock}
}

// capped brings a due forward to the text's second limit.
func (k *reckoning) capped(due Due) Due {
	limit := k.deadline.NotAfter
	if limit == nil {
		return due
	}
	start, ok := k.facts.clocks[limit.Clock]
	if !ok {
		return due
	}
	last := k.add(start.At, limit.Duration)
	k.starts = append(k.starts, Start{limit.Clock, start.At, Due{At: last}})
	if due.Word == NoClock || last.Before(due.At) {
		return Due{At: last}
	}
	return due
}

// next returns start and a period, or for what recurs the first time after now.
func (k *reckoning) next(start time.Time, period Period) time.Time {
	due := k.add(start, period)
	if k.deadline.Kind != "recurring" {
		return due
	}
	// no period is longer than this, so that the guess is never too far on
	longest := time.Duration(31*period.Months+period.Days)*24*time.Hour + period.Clock
	n := 1
	if k.at.After(due) {
		n = max(1, int(k.at.Sub(start)/longest)-1)
	}
	const steps = 10_000 // more than months differ from 31 days in any time we read
	for i := 0; i < steps; i++ {
		if due = k.add(start, period.times(n+i)); due.After(k.at) {
			break
		}
	}
	return due
}

// add counts a period from start by the deadline's calendar.
func (k *reckoning) add(start time.Time, p Period) time.Time {
	start = start.In(k.zone)
	date, whole := day(start), false
	if p.Months != 0 {
		end := addMonths(date, p.Months)
		date, whole = end, end.Day() < date.Day()
	}
	var due time.Time
	switch {
	case k.calendar != nil:
		works, _ := k.calendar.works(date)
		end, provisional := k.calendar.after(date, p.Days)
		k.provisional = k.provisional || provisional
		date, whole = end, whole || !works
		due = onDate(start, date)
	case k.deadline.Calendar == "calendar":
		date = date.AddDate(0, 0, p.Days)
		due = onDate(start, date)
	case p.Months != 0:
		due = onDate(start, date).Add(time.Duration(p.Days) * 24 * time.Hour)
	default:
		due = start.Add(time.Duration(p.Days) * 24 * time.Hour)
	}
	if whole {
		// a start between two days that count runs to the end of the day, so
		// that a later start never falls due earlier
		due = lastSecond(date, k.zone)
	}
	due = due.Add(p.Clock)
	if k.deadline.EndOfDay {
		due = lastSecond(due, k.zone)
	}
	return due
}
