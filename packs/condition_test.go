package packs

import (
	"strings"
	"testing"

	"github.com/stanch/stanch/internal/datafile"
)

// parse reads a condition as the playbook's reader would, checks included.
func parse(text string) (*Cond, error) {
	src := &datafile.File{Name: "test.yaml", Data: []byte(text)}
	var c Cond
	if err := src.Decode(&c); err != nil {
		return nil, err
	}
	r := &report{src: src}
	c.check(r, "")
	if r.fault != nil {
		return nil, r.fault
	}
	return &c, nil
}

var truths = []Tri{False, Unknown, True}

func TestConnectives(t *testing.T) {
	tests := []struct {
		a, b, all, any Tri
	}{
		{False, False, False, False},
		{False, Unknown, False, Unknown},
		{False, True, False, True},
		{Unknown, Unknown, Unknown, Unknown},
		{Unknown, True, Unknown, True},
		{True, True, True, True},
	}
	a := Cond{Fact: "sad_present", Is: new(Tri)}
	*a.Is = True
	b := Cond{Fact: "cards_known", Is: a.Is}
	for _, tt := range tests {
		for _, f := range []Facts{{SADPresent: tt.a, CardsKnown: tt.b}, {SADPresent: tt.b, CardsKnown: tt.a}} {
			if got := (&Cond{All: []Cond{a, b}}).Eval(f); got != tt.all {
				t.Errorf("all of %v, %v: got %v, want %v", f.SADPresent, f.CardsKnown, got, tt.all)
			}
			if got := (&Cond{Any: []Cond{a, b}}).Eval(f); got != tt.any {
				t.Errorf("any of %v, %v: got %v, want %v", f.SADPresent, f.CardsKnown, got, tt.any)
			}
		}
	}
}

func TestLeaves(t *testing.T) {
	tests := []struct {
		cond  string
		facts Facts
		want  Tri
	}{
		{"{fact: sad_present, is: true}", Facts{SADPresent: True}, True},
		{"{fact: sad_present, is: true}", Facts{SADPresent: False}, False},
		{"{fact: sad_present, is: true}", Facts{}, Unknown},
		{"{fact: sad_present, is: false}", Facts{SADPresent: False}, True},
		{"{fact: sad_present, is: false}", Facts{SADPresent: True}, False},
		{"{fact: sad_present, is: false}", Facts{}, Unknown},
		{"{fact: sad_present, is: unknown}", Facts{}, True},
		{"{fact: sad_present, is: unknown}", Facts{SADPresent: True}, False},
		{"{fact: one_person, is: true}", Facts{OnePerson: True}, True},
		{"{not: {fact: cards_known, is: true}}", Facts{CardsKnown: True}, False},
		{"{not: {fact: cards_known, is: true}}", Facts{}, Unknown},
		{"{fact: kinds, has: pan}", Facts{Kinds: Set{Values: []string{"pan"}}}, True},
		{"{fact: kinds, has: pan}", Facts{Kinds: Set{Values: []string{"track"}}}, Unknown},
		{"{fact: kinds, has: pan}", Facts{Kinds: Set{Values: []string{"track"}, Whole: true}}, False},
		{"{fact: sign_kinds, has: skimmer}", Facts{SignKinds: Set{Whole: true}}, False},
		{"{fact: source, has: watch}", Facts{Source: Set{Values: []string{"watch", "sign"}, Whole: true}}, True},
		{"{fact: state, has: confirmed}", Facts{State: "confirmed"}, True},
		{"{fact: state, has: confirmed}", Facts{State: "closed"}, False},
		{"{fact: state, has: confirmed}", Facts{}, Unknown},
	}
	for _, tt := range tests {
		c, err := parse(tt.cond)
		if err != nil {
			t.Fatalf("%s: %v", tt.cond, err)
		}
		if got := c.Eval(tt.facts); got != tt.want {
			t.Errorf("%s over %+v: got %v, want %v", tt.cond, tt.facts, got, tt.want)
		}
	}
	if got := (*Cond)(nil).Eval(Facts{}); got != True {
		t.Errorf("no condition: got %v, want true", got)
	}
}

func TestConditionRefused(t *testing.T) {
	for _, text := range []string{
		"{}", "{all: []}", "{any: []}", "{fact: kinds}", "{fact: kinds, is: true}", "{fact: sad_present, has: pan}",
		"{fact: sad_present, is: 1}", "{fact: sad_present, is: 'true'}", "{fact: sad_present, is: true, has: pan}",
		"{fact: weather, is: true}", "{not: {}}", "{is: true}", "{has: pan}",
		"{all: [{fact: one_person, is: true}], any: [{fact: one_person, is: true}]}",
		"{fact: one_person, is: true, not: {fact: one_person, is: true}}", "{none: []}",
		strings.Repeat("{not: ", maxDepth+2) + "{fact: one_person, is: true}" + strings.Repeat("}", maxDepth+2),
	} {
		if c, err := parse(text); err == nil {
			t.Errorf("%s: got %+v, want it refused", text, c)
		}
	}
}

// FuzzCondition holds the reader to its word: what it accepts can be judged over
// any facts and keeps to the three truths.
func FuzzCondition(f *testing.F) {
	f.Add("{fact: sad_present, is: true}")
	f.Add("{all: [{fact: kinds, has: pan}, {not: {fact: state, has: closed}}]}")
	f.Add("any:\n  - {fact: one_person, is: unknown}\n  - {fact: source, has: watch}\n")
	f.Add("not: &a {not: *a}")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4096 {
			return
		}
		c, err := parse(text)
		if err != nil {
			return
		}
		for _, v := range truths {
			facts := Facts{SADPresent: v, CardsKnown: v.Not(), OnePerson: v, State: "closed", Kinds: Set{Whole: v == True}}
			got := c.Eval(facts)
			if got < False || got > True {
				t.Fatalf("got %d, want one of three", got)
			}
			if inverse := (&Cond{Not: c}).Eval(facts); inverse != -got {
				t.Fatalf("got %v and inverse %v", got, inverse)
			}
		}
	})
}
