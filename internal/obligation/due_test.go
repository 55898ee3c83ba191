package obligation

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/stanch/stanch/internal/datafile"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// counted gives the due time of one deadline over one clock.
func counted(t testing.TB, calendar *Calendar, d Deadline, in, at, now string) (string, reckoning) {
	t.Helper()
	f := NewFacts(zone(t, in))
	m, ok := ParseMoment(at, f.Zone)
	if !ok {
		t.Fatalf("no time: %s", at)
	}
	f.clocks["discovered_at"] = m
	b := &Rulebook{Calendars: map[string]*Calendar{"T": calendar}}
	v := view{book: b, facts: f}
	if now != "" {
		m, _ := ParseMoment(now, f.Zone)
		v.at = m.At
	}
	d.Clock = "discovered_at"
	if d.Kind == "" {
		d.Kind = "within"
	}
	k := v.reckon(&d)
	return k.due().String(), k
}

func length(t testing.TB, s string) *Period {
	t.Helper()
	p, ok := ParsePeriod(s)
	if !ok {
		t.Fatalf("no period: %s", s)
	}
	return &p
}

func TestDueAcrossSummerTime(t *testing.T) {
	const ny = "America/New_York" // forward on 2026-03-08 at 2, back on 2026-11-01 at 2
	tests := []struct {
		what     string
		deadline Deadline
		zone, at string
		want     string
	}{
		{"hours pass, whatever the clock shows", Deadline{Duration: length(t, "PT24H")}, ny, "2026-03-07T12:00:00", "2026-03-08T13:00:00-04:00"},
		{"hours over the hour that comes twice", Deadline{Duration: length(t, "PT24H")}, ny, "2026-10-31T12:00:00", "2026-11-01T11:00:00-05:00"},
		{"days keep the hour of the day", Deadline{Duration: length(t, "P1D"), Calendar: "calendar"}, ny, "2026-03-07T12:00:00", "2026-03-08T12:00:00-04:00"},
		{"days in elapsed time are 24 hours", Deadline{Duration: length(t, "P1D")}, ny, "2026-03-07T12:00:00", "2026-03-08T13:00:00-04:00"},
		{"into the hour that is skipped", Deadline{Duration: length(t, "P1D"), Calendar: "calendar"}, ny, "2026-03-07T02:30:00", "2026-03-08T03:00:00-04:00"},
		{"into the hour that comes twice", Deadline{Duration: length(t, "P1D"), Calendar: "calendar"}, ny, "2026-10-31T01:30:00", "2026-11-01T01:30:00-04:00"},
		{"out of the first of the two", Deadline{Duration: length(t, "P1D"), Calendar: "calendar"}, ny, "2026-11-01T01:30:00-04:00", "2026-11-02T01:30:00-05:00"},
		{"out of the second of the two", Deadline{Duration: length(t, "P1D"), Calendar: "calendar"}, ny, "2026-11-01T01:10:00-05:00", "2026-11-02T02:00:00-05:00"},
		{"a written time that comes twice is the first", Deadline{Duration: length(t, "PT1H")}, ny, "2026-11-01T01:30:00", "2026-11-01T01:30:00-05:00"},
		{"a written time that never comes", Deadline{Duration: length(t, "PT1H")}, ny, "2026-03-08T02:30:00", "2026-03-08T04:00:00-04:00"},
		{"end of a day of 25 hours", Deadline{Duration: length(t, "P1D"), Calendar: "calendar", EndOfDay: true}, ny, "2026-10-31T12:00:00", "2026-11-01T23:59:59-05:00"},
		{"end of a day whose midnight is skipped", Deadline{Duration: length(t, "P1D"), Calendar: "calendar", EndOfDay: true}, "America/Sao_Paulo", "2018-11-02T12:00:00", "2018-11-03T23:59:59-03:00"},
		{"end of a day whose last hour comes twice", Deadline{Duration: length(t, "P1D"), Calendar: "calendar", EndOfDay: true}, "America/Sao_Paulo", "2019-02-15T12:00:00", "2019-02-16T23:59:59-03:00"},
		{"a day that was skipped whole", Deadline{Duration: length(t, "P1D"), Calendar: "calendar", EndOfDay: true}, "Pacific/Apia", "2011-12-29T12:00:00", "2011-12-31T23:59:59+14:00"},
		{"half an hour forward", Deadline{Duration: length(t, "PT1H")}, "Australia/Lord_Howe", "2026-10-04T01:59:00", "2026-10-04T03:29:00+11:00"},
		{"a month from the 31st ends with the month", Deadline{Duration: length(t, "P1M"), Calendar: "calendar"}, "Asia/Shanghai", "2027-01-31T12:00:00", "2027-02-28T23:59:59+08:00"},
		{"a month from the 28th", Deadline{Duration: length(t, "P1M"), Calendar: "calendar"}, "Asia/Shanghai", "2027-01-28T12:00:00", "2027-02-28T12:00:00+08:00"},
		{"two years from the leap day", Deadline{Duration: length(t, "P2Y"), Calendar: "calendar", EndOfDay: true}, "Asia/Shanghai", "2028-02-29T12:00:00", "2030-02-28T23:59:59+08:00"},
		{"weeks", Deadline{Duration: length(t, "P2W"), Calendar: "calendar", EndOfDay: true}, "Asia/Shanghai", "2026-11-20T12:00:00", "2026-12-04T23:59:59+08:00"},
		{"a zone of the deadline's own", Deadline{Duration: length(t, "P1D"), Calendar: "calendar", EndOfDay: true, Timezone: "America/Chicago"}, "Asia/Shanghai", "2026-11-20T12:00:00", "2026-11-20T23:59:59-06:00"},
		{"a day without its hour", Deadline{Duration: length(t, "PT4H")}, "Asia/Shanghai", "2026-11-20", "2026-11-20T04:00:00+08:00"},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			if got, _ := counted(t, nil, tt.deadline, tt.zone, tt.at, ""); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestRecurring(t *testing.T) {
	tests := []struct{ every, calendar, at, now, want string }{
		{"PT2H", "", "2026-11-20T08:00:00", "", "2026-11-20T10:00:00+08:00"},
		{"PT2H", "", "2026-11-20T08:00:00", "2026-11-20T09:00:00", "2026-11-20T10:00:00+08:00"},
		{"PT2H", "", "2026-11-20T08:00:00", "2026-11-20T10:00:00", "2026-11-20T12:00:00+08:00"},
		{"PT2H", "", "2026-11-20T08:00:00", "2026-11-23T11:59:59", "2026-11-23T12:00:00+08:00"},
		{"PT2H", "", "2026-11-20T08:00:00", "2026-11-19T00:00:00", "2026-11-20T10:00:00+08:00"},
		{"P1M", "calendar", "2026-01-31T08:00:00", "2026-05-30T00:00:00", "2026-05-31T08:00:00+08:00"},
		{"P1Y", "calendar", "1980-02-29T08:00:00", "2026-05-30T00:00:00", "2027-02-28T23:59:59+08:00"},
		{"PT1S", "", "1980-02-29T08:00:00", "2026-05-30T00:00:00", "2026-05-30T00:00:01+08:00"},
	}
	for _, tt := range tests {
		d := Deadline{Kind: "recurring", Duration: length(t, tt.every), Calendar: tt.calendar}
		if got, _ := counted(t, nil, d, "Asia/Shanghai", tt.at, tt.now); got != tt.want {
			t.Errorf("every %s from %s, now %s: got %s, want %s", tt.every, tt.at, tt.now, got, tt.want)
		}
	}
}

// chinese is a calendar with holidays, working weekends and a year that nobody has
// announced.
func chinese(t testing.TB) *Calendar {
	t.Helper()
	c := &Calendar{
		Weekend: []string{"sat", "sun"}, Timezone: "Asia/Shanghai",
		Years: map[int]*Year{
			2026: {Holidays: []string{"2026-01-01..2026-01-03", "2026-02-15..2026-02-23", "2026-10-01..2026-10-07"}, Workdays: []string{"2026-01-04", "2026-02-14", "2026-02-28", "2026-10-10"}},
			2027: {Missing: true},
		},
	}
	var found []Finding
	c.check(&findings{src: &datafile.File{}, all: &found}, "")
	for _, f := range found {
		t.Fatal(f.Text)
	}
	return c
}

func TestBusinessDays(t *testing.T) {
	tests := []struct {
		what, at, days, want string
		provisional          bool
	}{
		{"over a weekend", "2026-11-20T15:00:00", "P5D", "2026-11-27T23:59:59+08:00", false},
		{"from a Saturday", "2026-11-21T15:00:00", "P1D", "2026-11-23T23:59:59+08:00", false},
		{"over the long holiday to a working Saturday", "2026-09-30T15:00:00", "P3D", "2026-10-10T23:59:59+08:00", false},
		{"a working Saturday before the holiday counts", "2026-02-13T15:00:00", "P2D", "2026-02-24T23:59:59+08:00", false},
		{"into a year without its calendar", "2026-12-30T15:00:00", "P3D", "2027-01-04T23:59:59+08:00", true},
		{"ends before that year", "2026-12-30T15:00:00", "P1D", "2026-12-31T23:59:59+08:00", false},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			d := Deadline{Duration: length(t, tt.days), Calendar: "business:T", Count: "exclude_start_day", EndOfDay: true}
			// the calendar's own zone counts, wherever the case lies
			got, k := counted(t, chinese(t), d, "Asia/Shanghai", tt.at, "")
			if got != tt.want || k.provisional != tt.provisional {
				t.Errorf("got %s (provisional %v), want %s (%v)", got, k.provisional, tt.want, tt.provisional)
			}
		})
	}
	d := Deadline{Duration: length(t, "P1D"), Calendar: "business:T", EndOfDay: true}
	if got, _ := counted(t, chinese(t), d, "America/New_York", "2026-11-20T15:00:00", ""); got != "2026-11-23T23:59:59+08:00" {
		t.Errorf("got %s: the 20th in New York is the 21st in Shanghai", got)
	}
}

// TestBusinessDayModel holds the arithmetic to a slow and obvious one: the nth
// business day is the first date with n business days after the start, counted
// one by one from written lists.
func TestBusinessDayModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		c := &Calendar{Weekend: rapid.SampledFrom([][]string{{"sat", "sun"}, {"fri", "sat"}, {"sun"}, nil}).Draw(t, "weekend"), Timezone: "local"}
		holidays, workdays := map[string]bool{}, map[string]bool{}
		y := &Year{}
		for range rapid.IntRange(0, 40).Draw(t, "differs") {
			date := start.AddDate(0, 0, rapid.IntRange(0, 364).Draw(t, "date")).Format(time.DateOnly)
			switch {
			case holidays[date] || workdays[date]:
			case rapid.Bool().Draw(t, "works"):
				workdays[date], y.Workdays = true, append(y.Workdays, date)
			default:
				holidays[date], y.Holidays = true, append(y.Holidays, date)
			}
		}
		c.Years = map[int]*Year{2026: y}
		var found []Finding
		c.check(&findings{src: &datafile.File{}, all: &found}, "")
		from := start.AddDate(0, 0, rapid.IntRange(0, 200).Draw(t, "from"))
		n := rapid.IntRange(1, 60).Draw(t, "n")
		got, provisional := c.after(from, n)

		want, left := from, n
		for left > 0 {
			want = want.AddDate(0, 0, 1)
			name := strings.ToLower(want.Weekday().String()[:3])
			off := strings.Contains(strings.Join(c.Weekend, " "), name)
			date := want.Format(time.DateOnly)
			if workdays[date] || !off && !holidays[date] {
				left--
			}
		}
		if !got.Equal(want) || provisional != (want.Year() != 2026) {
			t.Fatalf("%d days after %s: got %s (%v), want %s", n, from, got, provisional, want)
		}
	})
}

func TestCalendarFaults(t *testing.T) {
	tests := []struct {
		what     string
		calendar Calendar
		gravity  Gravity
	}{
		{"no such day", Calendar{Weekend: []string{"saturday"}, Timezone: "local"}, Fault},
		{"no day to work on", Calendar{Weekend: []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}, Timezone: "local"}, Fault},
		{"no zone", Calendar{Timezone: "Shanghai"}, Fault},
		{"the machine's zone", Calendar{Timezone: "Local"}, Fault},
		{"another year", Calendar{Timezone: "local", Years: map[int]*Year{2026: {Holidays: []string{"2027-01-01"}}}}, Fault},
		{"backwards", Calendar{Timezone: "local", Years: map[int]*Year{2026: {Holidays: []string{"2026-01-03..2026-01-01"}}}}, Fault},
		{"no date", Calendar{Timezone: "local", Years: map[int]*Year{2026: {Workdays: []string{"New Year"}}}}, Fault},
		{"empty year", Calendar{Timezone: "local", Years: map[int]*Year{2026: nil}}, Fault},
		{"twice", Calendar{Timezone: "local", Years: map[int]*Year{2026: {Holidays: []string{"2026-01-01", "2026-01-01..2026-01-03"}}}}, Problem},
		{"works anyway", Calendar{Weekend: []string{"sun"}, Timezone: "local", Years: map[int]*Year{2026: {Workdays: []string{"2026-01-02"}}}}, Problem},
	}
	for _, tt := range tests {
		var found []Finding
		tt.calendar.check(&findings{src: &datafile.File{}, all: &found}, "")
		if len(found) == 0 || found[0].Gravity != tt.gravity {
			t.Errorf("%s: got %v, want a %s", tt.what, found, tt.gravity)
		}
	}
}

func TestPeriods(t *testing.T) {
	for _, s := range []string{"PT4H", "P3D", "P2W", "P1M", "P2Y", "P1Y2M3W4DT5H6M7S", "PT90S"} {
		if p, ok := ParsePeriod(s); !ok || p.String() != s {
			t.Errorf("%s: got %v %v", s, p, ok)
		}
	}
	for _, s := range []string{"", "P", "PT", "P0D", "PT0H", "4H", "P1.5D", "-P1D", "P999999D", "P99999D", "P101Y", "p3d", "P3D ", "P1H"} {
		if _, ok := ParsePeriod(s); ok {
			t.Errorf("%q: taken for a length of time", s)
		}
	}
}

func TestMoments(t *testing.T) {
	shanghai := zone(t, "Asia/Shanghai")
	for s, want := range map[string]string{
		"2026-11-20T08:00:00":       "2026-11-20T08:00:00+08:00",
		"2026-11-20 08:00":          "2026-11-20T08:00:00+08:00",
		"2026-11-20T08:00":          "2026-11-20T08:00:00+08:00",
		"2026-11-20":                "2026-11-20T00:00:00+08:00",
		"2026-11-20T00:00:00Z":      "2026-11-20T08:00:00+08:00",
		"2026-11-19T19:00:00-05:00": "2026-11-20T08:00:00+08:00",
	} {
		if m, ok := ParseMoment(s, shanghai); !ok || m.At.Format(time.RFC3339) != want {
			t.Errorf("%s: got %v %v, want %s", s, m.At, ok, want)
		}
	}
	for _, s := range []string{"", "now", "2026-02-30", "2026-11-20T25:00:00", "20/11/2026", "1969-12-31", "9999-01-01T00:00:00", "2026-11-20T08:00:00 CST"} {
		if m, ok := ParseMoment(s, shanghai); ok {
			t.Errorf("%q: taken for %v", s, m.At)
		}
	}
}
