package obligation

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Calendar says which days are business days. China works on some weekend
// days to make up for holidays, so both lists are data.
type Calendar struct {
	Weekend      []string      `yaml:"weekend"`
	Timezone     string        `yaml:"timezone"` // in which days are counted; local is the case's
	Years        map[int]*Year `yaml:"years"`
	Source       string        `yaml:"source"`
	Verification *Verification `yaml:"verification"`
	Note         string        `yaml:"note"`

	zone    *time.Location // nil is the case's
	weekend [7]bool
}

// A Year lists what differs from the week.
type Year struct {
	Holidays     []string      `yaml:"holidays"` // dates, or spans as in 2026-10-01..2026-10-07
	Workdays     []string      `yaml:"workdays"` // of the weekend, and worked
	Source       string        `yaml:"source"`
	Verification *Verification `yaml:"verification"`
	Missing      bool          `yaml:"missing"` // not announced when this was written
	Rule         string        `yaml:"rule"`
	Note         string        `yaml:"note"`

	days map[time.Time]bool // whether a date is a business day, where it differs
}

var weekdays = map[string]time.Weekday{
	"sun": time.Sunday, "mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday,
	"thu": time.Thursday, "fri": time.Friday, "sat": time.Saturday,
}

// works reports whether a date is a business day, and whether its year is known.
func (c *Calendar) works(date time.Time) (works, known bool) {
	year := c.Years[date.Year()]
	known = year != nil && !year.Missing
	if known {
		if works, differs := year.days[date]; differs {
			return works, true
		}
	}
	return !c.weekend[date.Weekday()], known
}

// after returns the nth business day after a date. It is provisional if a year
// on the way is not known, since its holidays and working weekends are not.
func (c *Calendar) after(date time.Time, n int) (end time.Time, provisional bool) {
	for n > 0 {
		date = date.AddDate(0, 0, 1)
		works, known := c.works(date)
		provisional = provisional || !known
		if works {
			n--
		}
	}
	return date, provisional
}

// check reads the calendar's words into what days are counted by.
func (c *Calendar) check(r *findings, key string) {
	if c == nil {
		r.faultf(key, "is empty; give weekend and timezone")
		return
	}
	for i, name := range c.Weekend {
		weekday, ok := weekdays[name]
		r.need(ok, fmt.Sprintf("%s.weekend[%d]", key, i), "is no day of the week; use sun, mon, … sat")
		c.weekend[weekday] = c.weekend[weekday] || ok
	}
	r.need(c.weekend != [7]bool{true, true, true, true, true, true, true}, key+".weekend", "leaves no day to work on")
	if c.Timezone != "local" {
		zone, ok := loadZone(c.Timezone)
		r.need(ok, key+".timezone", "is no time zone; write it like Asia/Shanghai, or local")
		c.zone = zone
	}
	for number, year := range c.Years {
		if year == nil {
			r.faultf(fmt.Sprintf("%s.years.%d", key, number), "is empty; list holidays, or say missing: true")
			continue
		}
		year.days = map[time.Time]bool{}
		for i, span := range year.Holidays {
			c.mark(r, fmt.Sprintf("%s.years.%d.holidays[%d]", key, number, i), number, span, false)
		}
		for i, span := range year.Workdays {
			c.mark(r, fmt.Sprintf("%s.years.%d.workdays[%d]", key, number, i), number, span, true)
		}
	}
}

func (c *Calendar) mark(r *findings, key string, number int, span string, works bool) {
	first, last, ok := dates(span)
	if !ok || first.Year() != number || last.Year() != number {
		r.faultf(key, "is no date of its year; write it like 2026-10-01 or 2026-10-01..2026-10-07")
		return
	}
	days := c.Years[number].days
	for date := first; !date.After(last); date = date.AddDate(0, 0, 1) {
		if _, twice := days[date]; twice {
			r.warnf(key, "has a date that the calendar lists twice; keep one")
		}
		if works && !c.weekend[date.Weekday()] {
			r.warnf(key, "is a working weekend day that is not at the weekend; check the date")
		}
		days[date] = works
	}
}

// dates reads a date or a span of dates.
func dates(span string) (first, last time.Time, ok bool) {
	from, to, ranged := strings.Cut(span, "..")
	if !ranged {
		to = from
	}
	first, err := time.Parse(time.DateOnly, from)
	if err != nil {
		return first, last, false
	}
	last, err = time.Parse(time.DateOnly, to)
	return first, last, err == nil && !last.Before(first)
}

// loadZone finds a time zone by its name. The machine's own zone is none.
func loadZone(name string) (*time.Location, bool) {
	if slices.Contains([]string{"", "Local", "localtime", "posixrules"}, name) {
		return nil, false
	}
	zone, err := time.LoadLocation(name)
	return zone, err == nil
}
