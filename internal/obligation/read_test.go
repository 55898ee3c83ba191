package obligation_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
	"github.com/stanch/stanch/internal/datafile"
	"github.com/stanch/stanch/internal/obligation"
)

func read(t testing.TB, b *obligation.Rulebook, text string) *obligation.Facts {
	t.Helper()
	f, err := b.ReadFacts("case.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Each bad facts file gives one clear line: the file, where, what to do. It names
// the key and never quotes the value.
func TestBadFactsAreNamed(t *testing.T) {
	b := rulebook(t)
	const head = "tz: Asia/Shanghai\nfacts:\n  "
	tests := []struct {
		what, text, key string
		line            int
	}{
		{"empty", "", "", 0},
		{"not YAML", "tz: [", "", 1},
		{"a word", "hello", "", 1},
		{"a list", "- tz\n", "", 1},
		{"no tz", "facts: {incident.state: confirmed}", "tz", 0},
		{"no such tz", "tz: Asia/Shangahi", "tz", 1},
		{"the machine's tz", "tz: Local", "tz", 1},
		{"the machine's tz by its file", "tz: localtime", "tz", 1},
		{"tz that climbs out", "tz: ../../etc/passwd", "tz", 1},
		{"tz that is no word", "tz: 8", "tz", 1},
		{"facts that are a list", "tz: UTC\nfacts: [a]", "facts", 2},
		{"clocks that are a word", "tz: UTC\nclocks: now", "clocks", 2},
		{"truth", head + "incident.personal_info: maybe", "incident.personal_info", 3},
		{"truth as a number", head + "incident.personal_info: 1", "incident.personal_info", 3},
		{"count in words", head + "incident.people: many", "incident.people", 3},
		{"count below zero", head + "incident.people: -4", "incident.people", 3},
		{"count with a fraction", head + "incident.people: 4.5", "incident.people", 3},
		{"count too large", head + "incident.people: 99999999999999999999", "incident.people", 3},
		{"count as long as a card number", head + "incident.people: 1000000000000", "incident.people", 3},
		{"bound as long as a card number", head + "incident.people: [1, 1000000000000]", "incident.people", 3},
		{"endless bound in digits", head + "incident.people: [1, 9223372036854775807]", "incident.people", 3},
		{"range of three", head + "incident.people: [1, 2, 3]", "incident.people", 3},
		{"range of words", head + "incident.people: [a, b]", "incident.people", 3},
		{"no such value", head + "incident.state: sort_of", "incident.state", 3},
		{"set that is a word", head + "org.brands: visa", "org.brands", 3},
		{"set of numbers", head + "org.brands: [1]", "org.brands", 3},
		{"regions that are a number", head + "incident.people_in: 7", "incident.people_in", 3},
		{"region's count", head + "incident.people_in: {US-CA: lots}", "incident.people_in", 3},
		{"duration", head + "contract.acquirer_notice: 12 hours", "contract.acquirer_notice", 3},
		{"no time at all", head + "contract.acquirer_notice: PT0H", "contract.acquirer_notice", 3},
		{"time", "tz: UTC\nclocks:\n  discovered_at: yesterday", "discovered_at", 3},
		{"time as a number", "tz: UTC\nclocks:\n  discovered_at: 1763600000", "discovered_at", 3},
		{"date that is none", "tz: UTC\nclocks:\n  discovered_at: '2026-02-30T08:00:00'", "discovered_at", 3},
		{"key twice", "tz: UTC\nfacts:\n  incident.people: 1\n  incident.people: 2", "incident.people", 4},
		{"alias", "tz: UTC\nfacts: &a {}\nclocks: *a", "facts", 2},
		{"second document", "tz: UTC\n---\ntz: UTC", "", 0},
		{"deep", "tz: " + strings.Repeat("[", 4000), "", 1},
		{"large", "tz: UTC\n#" + strings.Repeat("x", datafile.MaxSize), "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			_, err := b.ReadFacts("case.yaml", []byte(tt.text))
			var fault *datafile.FileError
			if !errors.As(err, &fault) {
				t.Fatalf("got %v, want a FileError", err)
			}
			if fault.Key != tt.key || fault.Line != tt.line {
				t.Errorf("got line %d key %q, want %d %q (%v)", fault.Line, fault.Key, tt.line, tt.key, err)
			}
			if s := err.Error(); strings.Contains(s, "\n") || !strings.HasPrefix(s, "read facts case.yaml") || len(s) > 300 {
				t.Errorf("got %q, want one line that names the file", s)
			}
		})
	}
}

// What is odd is named and stops nothing.
func TestOddFactsAreNamedAndCount(t *testing.T) {
	b := rulebook(t)
	const head = "tz: Asia/Shanghai\nfacts:\n  org.type: merchant\n  org.role: controller\n  org.jurisdictions: [CN]\n  incident.state: confirmed\n  "
	const clocks = "\nclocks:\n  discovered_at: '2026-11-20T08:00:00'\n  suspected_at: '2026-11-20T08:00:00'\n"
	tests := []struct{ what, text, code, about string }{
		{"unknown fact", head + "incident.poeple: 3" + clocks, "unknown_fact", "incident.poeple"},
		{"unknown clock", head + "incident.people: 3" + clocks + "  found_at: '2026-11-20T08:00:00'\n", "unknown_clock", "found_at"},
		{"unknown key", head + "incident.people: 3" + clocks + "clock:\n  discovered_at: '2026-11-20T08:00:00'\n", "unknown_key", "clock"},
		{"unknown again", head + "incident.people: unknown" + clocks, "stated_unknown", "incident.people"},
		{"null", head + "incident.people:" + clocks, "stated_unknown", "incident.people"},
		{"range turned round", head + "incident.people: [900, 3]" + clocks, "inverted_range", "incident.people"},
		{"unknown brand", head + "org.brands: [vista]" + clocks, "unknown_value", "org.brands"},
		{"only a day", head + "incident.people: 3" + clocks + "  confirmed_at: '2026-11-21'\n", "day_only", "confirmed_at"},
		{"in the future", head + "incident.people: 3" + clocks + "  confirmed_at: '2027-11-21T00:00:00'\n", "future", "confirmed_at"},
		{"out of order", head + "incident.people: 3" + clocks + "  confirmed_at: '2026-11-19T00:00:00'\n", "out_of_order", "confirmed_at"},
		{"cards without account data", head + "incident.account_data: false\n  incident.cards: 7" + clocks, "contradiction", "incident.account_data"},
		{"pan without account data", head + "incident.account_data: false\n  incident.data_classes: [pan]" + clocks, "contradiction", "incident.account_data"},
		{"people without personal information", head + "incident.personal_info: false\n  incident.people: [1, 9]" + clocks, "contradiction", "incident.personal_info"},
		{"more in regions than in all", head + "incident.people: 5\n  incident.people_in: {US-CA: 4, US-TX: [2, 9]}" + clocks, "contradiction", "incident.people_in"},
		{"grade too low", head + "incident.people: 2000000\n  grade.cac: general" + clocks, "grade_too_low", "grade.cac"},
		{"grade by hand", head + "incident.people: 3\n  grade.cac: major" + clocks, "typed_grade", "grade.cac"},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			at := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
			a := b.Eval(read(t, b, tt.text), obligation.Options{At: at})
			i := slices.IndexFunc(a.Notes, func(n obligation.Note) bool { return n.Code == tt.code && n.About == tt.about })
			if i < 0 {
				t.Fatalf("got notes %v, want %s about %s", a.Notes, tt.code, tt.about)
			}
			if part, problem := a.Notes[i].Text.Fault(); part != "" {
				t.Errorf("note %s: %s %s", tt.code, part, problem)
			}
			if d := byRule(a)["cn.dsl.29"]; d.Status != obligation.Applies || d.Due.Word != obligation.Immediate {
				t.Errorf("the clock stood still: got %s %s", d.Status, d.Due)
			}
		})
	}
}

func TestHandGradeCounts(t *testing.T) {
	b := rulebook(t)
	const text = "tz: Asia/Shanghai\nfacts:\n  org.type: merchant\n  org.role: controller\n  org.jurisdictions: [CN]\n  org.cn.ciio: false\n  org.cn.central_state_organ: false\n  incident.state: confirmed\n  incident.people: 3\n  incident.direct_loss_cny: 0\n  incident.cii_outage_min: 0\n  incident.cii_main_outage_min: 0\n  incident.daily_life_people: 0\n"
	const clock = "clocks: {discovered_at: '2026-11-20T08:00:00'}\n"
	for grade, want := range map[string]obligation.Status{"": obligation.NotApplicable, "  grade.cac: general\n": obligation.NotApplicable, "  grade.cac: larger\n": obligation.Applies} {
		a := b.Eval(read(t, b, text+grade+clock), obligation.Options{})
		if d := byRule(a)["cn.cac.incident.other.4h"]; d.Status != want {
			t.Errorf("%q: got %s (%s), want %s", grade, d.Status, d.Why, want)
		}
	}
}

// Where suspicion and discovery differ, the plan goes by the earlier and both are shown.
func TestEarlierOfSuspicionAndDiscovery(t *testing.T) {
	b := rulebook(t)
	f := read(t, b, "tz: Asia/Shanghai\nfacts: {}\nclocks: {suspected_at: '2026-11-19T08:00:00', discovered_at: '2026-11-20T08:00:00'}\n")
	d := byRule(b.Eval(f, obligation.Options{}))["cn.cac.incident.other.4h"]
	if got := d.Due.String(); got != "2026-11-19T12:00:00+08:00" {
		t.Errorf("got due %s, want four hours from suspicion", got)
	}
	if len(d.Starts) != 2 || d.Starts[1].Due.String() != "2026-11-20T12:00:00+08:00" {
		t.Errorf("got starts %v, want both", d.Starts)
	}
	f = read(t, b, "tz: Asia/Shanghai\nclocks: {suspected_at: '2026-11-19T08:00:00'}\n")
	d = byRule(b.Eval(f, obligation.Options{}))["cn.cac.incident.other.4h"]
	if d.Due.Word != obligation.NoClock || len(d.Starts) != 1 {
		t.Errorf("got %s %v, want no-clock and what suspicion would give", d.Due, d.Starts)
	}
}

// A second limit in the text counts even while the first clock is not recorded.
func TestSecondLimit(t *testing.T) {
	b := rulebook(t)
	for clocks, want := range map[string]string{
		"{discovered_at: '2026-11-20T08:00:00'}":                                             "2026-11-21T08:00:00+08:00",
		"{discovered_at: '2026-11-20T08:00:00', classified_major_at: '2026-11-20T10:00:00'}": "2026-11-20T14:00:00+08:00",
		"{discovered_at: '2026-11-20T08:00:00', classified_major_at: '2026-11-21T07:00:00'}": "2026-11-21T08:00:00+08:00",
		"{classified_major_at: '2026-11-21T07:00:00'}":                                       "2026-11-21T11:00:00+08:00",
		"{}": obligation.NoClock,
	} {
		f := read(t, b, "tz: Asia/Shanghai\nclocks: "+clocks+"\n")
		if got := byRule(b.Eval(f, obligation.Options{}))["eu.dora.19.initial"].Due.String(); got != want {
			t.Errorf("%s: got %s, want %s", clocks, got, want)
		}
	}
}

// A card number that was pasted into a facts file is in no answer and no error.
func TestPastedCardNumberStaysHidden(t *testing.T) {
	b := rulebook(t)
	number := cardtest.Number(card.UnionPay, 16, 7)
	f := read(t, b, "tz: UTC\nfacts: {'"+number+"': 1, incident.data_classes: [pan, '"+number+"'], incident.people_in: {'"+number+"': 3}}\n'"+number+"': 1\n")
	out, err := json.Marshal(b.Eval(f, obligation.Options{Before: true, Preview: true}))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(out), number) {
		t.Error("got an answer that holds the number")
	}
	_, err = b.ReadFacts("case.yaml", []byte("tz: UTC\nfacts: {incident.people: '"+number+"'}\n"))
	if err == nil || strings.Contains(err.Error(), number) {
		t.Errorf("got %v", err)
	}
}

// Where the text counts from the event, discovery counts only while the time of
// the event is not known.
func TestCountsFromTheEventWhereItIsKnown(t *testing.T) {
	b := rulebook(t)
	for clocks, want := range map[string]string{
		"{discovered_at: '2026-11-20T08:00:00'}":                                     "2026-11-20T10:00:00+08:00",
		"{discovered_at: '2026-11-20T08:00:00', occurred_at: '2026-11-20T07:30:00'}": "2026-11-20T09:30:00+08:00",
	} {
		f := read(t, b, "tz: Asia/Shanghai\nclocks: "+clocks+"\n")
		d := byRule(b.Eval(f, obligation.Options{}))["cn.nfra.data.report-2h"]
		if d.Due.String() != want {
			t.Errorf("%s: got %s, want %s", clocks, d.Due, want)
		}
	}
}

// A fact that becomes unknown again opens what hung on it, and the shift is named.
func TestUnknownAgain(t *testing.T) {
	b := rulebook(t)
	data, err := os.ReadFile("testdata/golden/noodle-shop-skimmer.yaml")
	if err != nil {
		t.Fatal(err)
	}
	known := read(t, b, string(data))
	lost := known.Clone()
	lost.Set("incident.crime_suspected", nil)
	shifts := obligation.Shifts(b.Eval(known, obligation.Options{}), b.Eval(lost, obligation.Options{}))
	if len(shifts) != 1 || shifts[0].Rule != "cn.ndsr.11.police" || shifts[0].NewStatus != obligation.Possible {
		t.Errorf("got %v, want the police report to be possible", shifts)
	}
}

// A rulebook serves many at once; the race detector is the judge.
func TestEvalAtOnce(t *testing.T) {
	b := rulebook(t)
	f := read(t, b, "tz: Asia/Shanghai\nfacts: {org.type: acquirer, incident.people: [1, 9000000]}\nclocks: {discovered_at: '2026-11-20T08:00:00'}\n")
	want := b.Eval(f, obligation.Options{Preview: true})
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if got := b.Eval(f, obligation.Options{Preview: true}); !reflect.DeepEqual(got, want) {
				t.Error("got another answer to the same facts")
			}
		})
	}
	all.Wait()
}

func TestInForce(t *testing.T) {
	b := rulebook(t)
	const facts = "tz: Asia/Seoul\nfacts: {org.type: merchant, org.role: controller, org.jurisdictions: [KR], incident.personal_info: true}\n"
	for day, want := range map[string]obligation.Status{"2026-09-10": obligation.NotApplicable, "2026-09-11": obligation.Applies} {
		f := read(t, b, facts+"clocks: {discovered_at: '"+day+"T08:00:00'}\n")
		if d := byRule(b.Eval(f, obligation.Options{}))["kr.pipa.72h"]; d.Status != want {
			t.Errorf("%s: got %s (%s), want %s", day, d.Status, d.Why, want)
		}
	}
}

// FuzzFacts holds the reader to its word: it ends, it never panics, an error is one
// line, and what it accepts can be evaluated.
func FuzzFacts(f *testing.F) {
	files, _ := filepath.Glob("testdata/golden/*.yaml")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("tz: UTC\nfacts: {incident.people: [1, unknown], org.brands: [visa, unknown], incident.people_in: {US-CA: 1}, contract.acquirer_notice: P1Y2M3DT4H}\nclocks: {discovered_at: '2026-11-01'}"))
	f.Add([]byte("tz: America/New_York\nfacts: {grade.cac: larger, grade.miit: none}\nclocks: {initial_report_at: '2026-11-01T01:30:00', suspected_at: 2026-03-08T02:30:00}"))
	b := rulebook(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		facts, err := b.ReadFacts("f.yaml", data)
		if err != nil {
			if strings.Contains(err.Error(), "\n") || !strings.HasPrefix(err.Error(), "read facts f.yaml") {
				t.Fatalf("got error %q", err)
			}
			return
		}
		a := b.Eval(facts, obligation.Options{At: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), Before: true, Preview: true})
		if len(a.Duties) != len(b.Rules) {
			t.Fatalf("got %d answers", len(a.Duties))
		}
	})
}
