package obligation_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stanch/stanch/internal/obligation"
	"github.com/stanch/stanch/packs"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func due(hours int) obligation.Due {
	return obligation.Due{At: noon.Add(time.Duration(hours) * time.Hour)}
}

func duty(rule string, status obligation.Status, d obligation.Due, actions ...string) obligation.Duty {
	return obligation.Duty{Rule: rule, Status: status, Due: d, Gate: "ok", Actions: actions}
}

func actionBook() *obligation.Rulebook {
	return &obligation.Rulebook{Groups: []obligation.Group{{ID: "act.tell", ZH: "通知", EN: "Tell"}, {ID: "act.may", ZH: "或", EN: "May"}}}
}

// TestActionsKeepClocksApart holds an action to the law's earliest time, beside the
// shadow clock and the house's own target, which are earlier here.
func TestActionsKeepClocksApart(t *testing.T) {
	shadow := duty("r.shadow", obligation.Possible, due(1), "act.tell")
	shadow.Shadow = true
	own := duty("r.late", obligation.Applies, due(9), "act.tell")
	own.InternalTarget = &obligation.OwnTarget{Due: due(0)}
	own.Gate = "review"
	got := actionBook().Actions(&obligation.Answer{Duties: []obligation.Duty{
		own, duty("r.early", obligation.Applies, due(4), "act.tell"), shadow, duty("r.not", obligation.NotApplicable, due(0), "act.tell"),
	}})
	if len(got) != 1 || got[0].Title.EN != "Tell" || got[0].Status != obligation.Applies || !got[0].Review {
		t.Fatalf("got %+v, want one action that applies, with a text to review", got)
	}
	if x := got[0]; x.Due == nil || *x.Due != due(4) || x.Shadow == nil || *x.Shadow != due(1) {
		t.Errorf("got due %v shadow %v, want %v and %v", x.Due, x.Shadow, due(4), due(1))
	}
	if want := []string{"r.late", "r.early", "r.shadow"}; !slices.Equal(got[0].Rules, want) {
		t.Errorf("got rules %v, want %v", got[0].Rules, want)
	}
}

func TestActionsByUrgency(t *testing.T) {
	may := duty("r.may", obligation.Possible, due(1), "act.may")
	may.Shadow = true
	got := actionBook().Actions(&obligation.Answer{Duties: []obligation.Duty{
		may,
		duty("r.standing", obligation.Applies, obligation.Due{Word: obligation.Standing}),
		duty("r.later", obligation.Applies, due(8)),
		duty("r.sooner", obligation.Applies, due(2)),
		duty("r.untold", obligation.Applies, obligation.Due{Word: obligation.NoClock}),
		duty("r.now", obligation.Applies, obligation.Due{Word: obligation.Immediate}),
	}})
	var ids []string
	for _, x := range got {
		ids = append(ids, x.ID)
	}
	if want := []string{"r.now", "r.untold", "r.sooner", "r.later", "r.standing", "act.may"}; !slices.Equal(ids, want) {
		t.Errorf("got %v, want %v", ids, want)
	}
}

func TestQuestionsByClock(t *testing.T) {
	ask := func(rule string, hours int, shadow bool, open ...string) obligation.Duty {
		d := duty(rule, obligation.Possible, due(hours))
		d.Shadow, d.Open = shadow, open
		return d
	}
	known := duty("r.known", obligation.Applies, due(0))
	known.Open = []string{"settled"}
	a := &obligation.Answer{Duties: []obligation.Duty{
		ask("r1", 1, false, "no.clock"), ask("r2", 9, true, "late", "soon"), ask("r3", 3, true, "soon", "soon"),
		ask("r4", 1, false, "two"), ask("r5", 1, false, "two"), known,
	}}
	var facts []string
	for _, q := range a.Questions() {
		facts = append(facts, q.Fact)
		if q.Fact == "soon" && (*q.Shadow != due(3) || !slices.Equal(q.Rules, []string{"r2", "r3"})) {
			t.Errorf("got %v by %v, want r2 and r3 by %v", q.Rules, q.Shadow, due(3))
		}
	}
	if want := []string{"soon", "late", "two", "no.clock"}; !slices.Equal(facts, want) {
		t.Errorf("got %v, want %v", facts, want)
	}
}

// TestActionsLoseNoDuty holds the built-in packs to it, with nothing known.
func TestActionsLoseNoDuty(t *testing.T) {
	b, err := obligation.Load(packs.Obligations(), nil)
	if err != nil {
		t.Fatal(err)
	}
	a := b.Eval(obligation.NewFacts(nil), obligation.Options{At: noon})
	behind := map[string]bool{}
	for _, x := range b.Actions(a) {
		for _, rule := range x.Rules {
			behind[rule] = true
		}
	}
	for _, d := range a.Duties {
		if owed := d.Status != obligation.NotApplicable; owed != behind[d.Rule] {
			t.Errorf("%s: got behind an action %v, want %v", d.Rule, behind[d.Rule], owed)
		}
	}
}
