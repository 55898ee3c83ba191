package obligation

import (
	"slices"
	"time"
)

// A Moment is when a clock event happened.
type Moment struct {
	At   time.Time
	Note string // a code of [Note] if the time was given in a way that leaves a choice
}

// The layouts in which a time may be written.
var (
	zonedLayouts = []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04Z07:00"}
	naiveLayouts = []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04"}
)

// ParseMoment reads a time. One without an offset is in zone; one without a time
// of day is taken for the start of its day, so that no deadline comes too late.
func ParseMoment(s string, zone *time.Location) (Moment, bool) {
	m, ok := parseMoment(s, zone)
	if year := m.At.Year(); ok && (year < 1970 || year > 2200) {
		return Moment{}, false
	}
	return m, ok
}

func parseMoment(s string, zone *time.Location) (Moment, bool) {
	for _, layout := range zonedLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return Moment{At: t.In(zone)}, true
		}
	}
	for _, layout := range naiveLayouts {
		if w, err := time.Parse(layout, s); err == nil {
			return onWall(w, zone), true
		}
	}
	if w, err := time.Parse(time.DateOnly, s); err == nil {
		return Moment{firstInstant(w, zone), "day_only"}, true
	}
	return Moment{}, false
}

// onWall returns when a wall clock in zone shows w, of which only the reading
// counts. If it does so twice, it is the first time; if it never does, it is the
// moment at which the clock was put forward.
func onWall(w time.Time, zone *time.Location) Moment {
	found, forward := instants(w, zone)
	switch len(found) {
	case 0:
		return Moment{forward, "no_such_time"}
	case 1:
		return Moment{At: found[0]}
	}
	return Moment{found[0], "twice"}
}

// instants returns every instant at which a wall clock in zone shows w, in
// order, and if there is none when the clock jumps over it.
func instants(w time.Time, zone *time.Location) (found []time.Time, forward time.Time) {
	w = reading(w)
	for _, side := range []time.Duration{-26 * time.Hour, 26 * time.Hour} {
		_, offset := w.Add(side).In(zone).Zone()
		t := w.Add(-time.Duration(offset) * time.Second).In(zone)
		if reading(t).Equal(w) {
			found = append(found, t)
		} else if side < 0 {
			// by the offset of the day before it lies past the jump
			forward, _ = t.ZoneBounds()
		}
	}
	slices.SortFunc(found, time.Time.Compare)
	return slices.CompactFunc(found, time.Time.Equal), forward
}

// reading returns what a clock on the wall shows at t, as a time in UTC.
func reading(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// day returns the date of t as a time in UTC, for arithmetic on dates alone.
func day(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }

// firstInstant returns when a date begins in zone.
func firstInstant(date time.Time, zone *time.Location) time.Time {
	return onWall(day(date), zone).At
}

// lastSecond returns the last whole second of a date in zone.
func lastSecond(date time.Time, zone *time.Location) time.Time {
	return firstInstant(date.AddDate(0, 0, 1), zone).Add(-time.Second)
}

// onDate returns the time of day of start on another date. A start in an hour
// that the clock shows twice counts as the end of that hour when it is the second
// time, so that a later start never falls due earlier.
func onDate(start, date time.Time) time.Time {
	w := reading(start)
	if found, _ := instants(start, start.Location()); len(found) == 2 && start.Equal(found[1]) {
		back, _ := start.ZoneBounds()
		_, before := back.Add(-time.Second).Zone()
		w = reading(back.In(time.FixedZone("", before)))
		if day(w).After(day(start)) {
			date = date.AddDate(0, 0, 1)
		}
	}
	w = time.Date(date.Year(), date.Month(), date.Day(), w.Hour(), w.Minute(), w.Second(), w.Nanosecond(), time.UTC)
	return onWall(w, start.Location()).At
}

// addMonths adds months to a date; the 31st of a short month is its last day.
func addMonths(date time.Time, months int) time.Time {
	first := time.Date(date.Year(), date.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(date.Day(), last)-1)
}
