package obligation_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/stanch/stanch/internal/obligation"
)

// drawValue draws something that a fact may be known to be; nil is unknown.
func drawValue(t *rapid.T, name string, fact obligation.Fact) obligation.Value {
	if rapid.IntRange(0, 2).Draw(t, name+" known") == 0 {
		return nil
	}
	switch fact.Type {
	case "bool":
		return obligation.Truth(rapid.Bool().Draw(t, name))
	case "int":
		return drawRange(t, name)
	case "int_by_region":
		regions := obligation.Regions{}
		for _, region := range []string{"US-CA", "US-TX", "US-FL", "US-NY"} {
			if rapid.Bool().Draw(t, name+region) {
				regions[region] = drawRange(t, name+region)
			}
		}
		return regions
	case "enum":
		return obligation.Words{rapid.SampledFrom(fact.Values).Draw(t, name)}
	case "set":
		words := fact.Values
		if len(words) == 0 {
			words = []string{"CN", "US", "EU", "GB", "HK", "SG", "JP", "KR", "AU", "US-CA", "pan", "phone"}
		}
		return obligation.Set{Members: rapid.SliceOfN(rapid.SampledFrom(words), 0, 5).Draw(t, name), Whole: rapid.Bool().Draw(t, name+" whole")}
	}
	period, _ := obligation.ParsePeriod(rapid.SampledFrom([]string{"PT1H", "PT24H", "P3D", "P1M"}).Draw(t, name))
	return period
}

func drawRange(t *rapid.T, name string) obligation.Range {
	bound := rapid.SampledFrom([]int64{0, 1, 249, 250, 499, 500, 501, 9999, 10000, 100000, 999999, 1000000, 10000000, 100000000, obligation.Endless})
	low, high := bound.Draw(t, name+" low"), bound.Draw(t, name+" high")
	return obligation.Range{Low: min(low, high), High: max(low, high)}
}

func drawFacts(t *rapid.T, b *obligation.Rulebook) *obligation.Facts {
	f := obligation.NewFacts(time.FixedZone("", 8*3600))
	for _, name := range sortedNames(b.Facts) {
		f.Set(name, drawValue(t, name, b.Facts[name]))
	}
	start := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	for _, name := range sortedNames(b.Clocks) {
		if rapid.Bool().Draw(t, name) {
			f.Record(name, start.Add(time.Duration(rapid.IntRange(-5000, 5000).Draw(t, name))*time.Minute))
		}
	}
	return f
}

func sortedNames[V any](m map[string]V) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// learn makes one thing about a fact better known than it is.
func learn(t *rapid.T, f *obligation.Facts, name string, fact obligation.Fact) {
	switch v := f.Value(name).(type) {
	case nil:
		for f.Value(name) == nil {
			f.Set(name, drawValue(t, name+" learnt", fact))
		}
	case obligation.Range:
		f.Set(name, narrower(t, v))
	case obligation.Set:
		if !v.Whole {
			f.Set(name, obligation.Set{Members: append(slices.Clone(v.Members), "CN", "visa"), Whole: true})
		}
	case obligation.Regions:
		more := obligation.Regions{"US-CA": drawRange(t, "learnt")}
		for region, count := range v {
			more[region] = narrower(t, count)
		}
		f.Set(name, more)
	}
}

func narrower(t *rapid.T, r obligation.Range) obligation.Range {
	low := rapid.Int64Range(r.Low, r.High).Draw(t, "low")
	return obligation.Range{Low: low, High: rapid.Int64Range(low, r.High).Draw(t, "high")}
}

// Learning more never turns a decided answer over, and never opens it again. What
// the answer itself names as open is not decided.
func TestLearningNeverTurnsADecision(t *testing.T) {
	b := rulebook(t)
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t, b)
		before := b.Eval(f, obligation.Options{Before: true, Preview: true})
		more := f.Clone()
		name := rapid.SampledFrom(sortedNames(b.Facts)).Draw(t, "fact")
		if b.Facts[name].Computed != "" {
			t.Skip("a grade given by hand replaces the computed one")
		}
		learn(t, more, name, b.Facts[name])
		after := b.Eval(more, obligation.Options{Before: true, Preview: true})
		was := byRule(before)
		for rule, now := range byRule(after) {
			then := was[rule]
			if len(then.Open) == 0 && then.Status != now.Status {
				t.Fatalf("%s: %s (%s) became %s (%s) by learning %s", rule, then.Status, then.Why, now.Status, now.Why, name)
			}
			if len(then.Open) == 0 && len(now.Open) > 0 {
				t.Fatalf("%s: was decided, and is open to %v", rule, now.Open)
			}
		}
	})
}

func byRule(a *obligation.Answer) map[string]obligation.Duty {
	m := map[string]obligation.Duty{}
	for _, d := range a.Duties {
		m[d.Rule] = d
	}
	return m
}

// A clock that starts later never makes anything due earlier.
func TestLaterStartIsNeverDueEarlier(t *testing.T) {
	b := rulebook(t)
	zones := []string{"Asia/Shanghai", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia", "UTC"}
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		early, late := obligation.NewFacts(zone), obligation.NewFacts(zone)
		for _, name := range sortedNames(b.Clocks) {
			// all rules are in force by then, and both edges of summer time are met
			at := time.Date(2026, 10, 20, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 200*24*60).Draw(t, name)) * time.Minute)
			early.Record(name, at)
			late.Record(name, at.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, name+" later"))*time.Minute))
		}
		period, _ := obligation.ParsePeriod(rapid.SampledFrom([]string{"PT12H", "P1D", "P1M", "P1Y2M3DT4H"}).Draw(t, "contract"))
		for _, name := range []string{"contract.acquirer_notice", "contract.insurer_notice", "contract.principal_notice"} {
			early.Set(name, period)
			late.Set(name, period)
		}
		before := byRule(b.Eval(early, obligation.Options{Preview: true}))
		for rule, d := range byRule(b.Eval(late, obligation.Options{Preview: true})) {
			was := before[rule].Due
			if was.Word != d.Due.Word {
				t.Fatalf("%s: got %s and %s", rule, was, d.Due)
			}
			if d.Due.At.Before(was.At) {
				t.Fatalf("%s: due %s, and by a later start %s", rule, was, d.Due)
			}
		}
	})
}

// Duties come in the order of status, time, word and rule, whatever is known.
func TestDutiesAreInOrder(t *testing.T) {
	b := rulebook(t)
	rank := []obligation.Status{obligation.Applies, obligation.Possible, obligation.NotApplicable}
	rapid.Check(t, func(t *rapid.T) {
		a := b.Eval(drawFacts(t, b), obligation.Options{Preview: true})
		less := func(x, y obligation.Duty) int {
			return cmp.Or(cmp.Compare(slices.Index(rank, x.Status), slices.Index(rank, y.Status)),
				cmp.Compare(x.Due.Word, y.Due.Word), x.Due.At.Compare(y.Due.At), cmp.Compare(x.Rule, y.Rule))
		}
		if !slices.IsSortedFunc(a.Duties, less) || len(byRule(a)) != len(a.Duties) {
			t.Fatal("got duties out of order, or one twice")
		}
	})
}

// The answer of every rule is one of the words of the contract, whatever is known.
func TestAnswersKeepToTheirWords(t *testing.T) {
	b := rulebook(t)
	words := []string{obligation.Immediate, obligation.NoneStated, obligation.Standing, obligation.Unread, obligation.AskContract, obligation.NoClock}
	rapid.Check(t, func(t *rapid.T) {
		a := b.Eval(drawFacts(t, b), obligation.Options{At: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), Before: true, Preview: true})
		if got := len(a.Duties); got != len(b.Rules) {
			t.Fatalf("got %d answers for %d rules", got, len(b.Rules))
		}
		for _, d := range a.Duties {
			_, err := time.Parse(time.RFC3339, d.Due.String())
			if err != nil && !slices.Contains(words, d.Due.String()) {
				t.Fatalf("%s: due %q", d.Rule, d.Due)
			}
			if d.Why == "" || len(d.Citations) == 0 || d.Citations[0].Title == "" {
				t.Fatalf("%s: got why %q and citations %v", d.Rule, d.Why, d.Citations)
			}
			if d.InternalTarget != nil && fmt.Sprint(d.InternalTarget.Duration) == "" {
				t.Fatalf("%s: target without a duration", d.Rule)
			}
		}
	})
}
