package casefile

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/ledger"
	"github.com/stanch/stanch/packs"
)

// TestStates walks every pair of state and command.
func TestStates(t *testing.T) {
	allowed := map[State][]Command{
		Suspected: {CmdConfirm, CmdRuleOut, CmdWork, CmdAct},
		Confirmed: {CmdRuleOut, CmdClose, CmdWork, CmdAct},
		RuledOut:  {CmdReopen},
		Closed:    {CmdReopen},
		"":        {},
	}
	commands := []Command{CmdConfirm, CmdRuleOut, CmdClose, CmdReopen, CmdWork, CmdAct, "invented"}
	for state, may := range allowed {
		for _, command := range commands {
			if got, want := state.Allows(command), slices.Contains(may, command); got != want {
				t.Errorf("%q allows %q: got %v, want %v", state, command, got, want)
			}
		}
	}
}

func loadPacks(t *testing.T) *packs.Packs {
	t.Helper()
	p, err := packs.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestExposure(t *testing.T) {
	p := loadPacks(t)
	found := func(kinds map[string]int64, first, last int64) *finding.Finding {
		return &finding.Finding{State: finding.Open, Counts: finding.Counts{Matches: 5, Kinds: kinds}, FirstSeen: first, LastSeen: last}
	}
	ruledOut := found(map[string]int64{"track2": 9}, 1, 999)
	ruledOut.State = finding.RuledOut
	tests := []struct {
		name   string
		signs  []Sign
		cards  Union
		low    Estimate
		likely Estimate
		high   Estimate
	}{
		{"counted only", nil, Union{Low: 60, High: 60}, Estimate{60, "counted"}, Estimate{60, "counted"}, Estimate{60, "counted"}},
		{"typed range beside it", []Sign{{Cards: Range{10, 100}}}, Union{Low: 60, High: 60},
			Estimate{60, "counted"}, Estimate{60, "counted"}, Estimate{160, "no_overlap"}},
		{"reporter is sure of more", []Sign{{Cards: Range{200, 300}}}, Union{Low: 60, High: 60},
			Estimate{200, "reporter_sure"}, Estimate{250, "reporter_middle"}, Estimate{360, "no_overlap"}},
		{"nobody knows the end", []Sign{{Cards: Range{5, -1}}}, Union{Low: 60, High: 62},
			Estimate{60, "counted"}, Estimate{62, "counted"}, Estimate{-1, "reporter_unknown"}},
		{"unknown stays unknown", []Sign{{Cards: Range{5, -1}}, {Cards: Range{1, 2}}}, Union{},
			Estimate{5, "reporter_sure"}, Estimate{5, "reporter_sure"}, Estimate{-1, "reporter_unknown"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := &Case{Signs: test.signs}
			list := []*finding.Finding{found(map[string]int64{"pan": 5}, 100, 200), found(map[string]int64{"pan": 1, "cvv": 1}, 50, 150), ruledOut}
			x := expose(c, list, test.cards, p)
			got, want := []Estimate{x.Low, x.Likely, x.High}, []Estimate{test.low, test.likely, test.high}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if x.Places != 2 || x.First != 50 || x.Last != 200 || !slices.Equal(x.Elements, []string{"cvv2", "pan"}) {
				t.Errorf("got %d places, %d to %d, %v", x.Places, x.First, x.Last, x.Elements)
			}
		})
	}
}

// TestExposureOfTooManyPlaces says that a case with more places than are added
// up has no high end.
func TestExposureOfTooManyPlaces(t *testing.T) {
	p, err := packs.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	list := make([]*finding.Finding, findingsPerCase)
	for i := range list {
		list[i] = &finding.Finding{State: finding.Open}
	}
	x := expose(&Case{Signs: []Sign{{Cards: Range{1, 2}}}}, list, Union{Low: 60, High: 60}, p)
	if x.Counted != (Range{60, -1}) || x.Low.Cards != 60 || x.Likely.Cards != 60 || x.High != (Estimate{-1, "more_places"}) {
		t.Errorf("got %v, %v, %v, %v", x.Counted, x.Low, x.Likely, x.High)
	}
}

// TestApplyRefusesDisorder says that no entry but the first can begin a case.
func TestApplyRefusesDisorder(t *testing.T) {
	bodies := []ledger.Body{Joined{}, SignReported{}, Moved{}, SeenFirst{}, Noted{}, Marked{What: "task"}, CauseNamed{}, Exposed{}, Contained{}, ledger.Erased{}}
	for _, b := range bodies {
		var c Case
		if err := c.Apply(ledger.Entry{Kind: b.Kind(), Subject: "case:x", Body: []byte("{}")}); !errors.Is(err, ErrOrder) {
			t.Errorf("%s on nothing: got %v, want ErrOrder", b.Kind(), err)
		}
	}
	if len(bodies) != len(folds) {
		t.Errorf("%d kinds are folded, %d are tried here", len(folds), len(bodies))
	}
	var c Case
	opened := ledger.Entry{Kind: "case.opened", Subject: "case:x", Body: []byte(`{"number":1}`), At: time.Unix(1, 0)}
	if err := c.Apply(opened); err != nil {
		t.Fatal(err)
	}
	if err := c.Apply(opened); !errors.Is(err, ErrOrder) {
		t.Errorf("opened twice: got %v, want ErrOrder", err)
	}
}

func TestBoard(t *testing.T) {
	d := &Desk{Packs: loadPacks(t)}
	c := &Case{ID: "x", State: Suspected, Source: []string{"watch"}, Opened: time.Now().UnixMicro()}
	board := d.Board(c)
	if board.Next == nil || len(board.Missing()) != len(board.Stages)+len(board.Gates) {
		t.Fatalf("got next %v and %d gaps", board.Next, len(board.Missing()))
	}
	first := board.Next.ID
	c.Tasks = map[string]Mark{first: {State: "done"}}
	if board = d.Board(c); board.Next == nil || board.Next.ID == first {
		t.Errorf("next is still %s", first)
	}
	c.Stages, c.Gates = map[string]Mark{}, map[string]Mark{}
	for _, s := range board.Stages {
		c.Stages[s.ID] = Mark{State: "not_needed", Reason: "x"}
	}
	for _, g := range board.Gates {
		for _, a := range g.Answers {
			if a.Satisfies {
				c.Gates[g.ID] = Mark{State: a.ID}
			}
		}
	}
	if board = d.Board(c); len(board.Missing()) != 0 || board.Next != nil {
		t.Errorf("still missing %v, next %v", board.Missing(), board.Next)
	}
}

// TestAnswerAgainstFinding says that nobody closes the gate on authentication
// data with "none" where a scan found some.
func TestAnswerAgainstFinding(t *testing.T) {
	d := &Desk{Packs: loadPacks(t)}
	found, clean := &Case{Exposure: Exposure{SAD: true}}, &Case{}
	none := Marked{What: "gate", Item: "sad_stored", State: "none_found"}
	listed := Marked{What: "gate", Item: "sad_stored", State: "found_listed"}
	if err := d.checkAgainst(found, none); !errors.Is(err, ErrContradicts) {
		t.Errorf("none, where some was found: got %v, want ErrContradicts", err)
	}
	for _, ok := range []error{d.checkAgainst(found, listed), d.checkAgainst(clean, none), d.checkAgainst(found, Marked{What: "task", Item: "sad_stored", State: "none_found"})} {
		if ok != nil {
			t.Errorf("got %v, want no refusal", ok)
		}
	}
}

// TestNothingStoredAgainstFinding says that nobody closes the gate with
// "nothing was stored" where a scan found card data, before or after.
func TestNothingStoredAgainstFinding(t *testing.T) {
	d := &Desk{Packs: loadPacks(t)}
	nothing := Marked{What: "gate", Item: "sad_stored", State: "not_stored_at_all", Reason: "a skimmer"}
	tests := []struct {
		found Exposure
		want  error
	}{
		{Exposure{}, nil},
		{Exposure{Counted: Range{60, 60}}, ErrStored},
		{Exposure{Counted: Range{60, 60}, SAD: true}, ErrContradicts},
	}
	for _, test := range tests {
		c := &Case{Exposure: test.found, Gates: map[string]Mark{"sad_stored": {State: nothing.State}}}
		if err := d.checkAgainst(c, nothing); !errors.Is(err, test.want) {
			t.Errorf("%+v: got %v, want %v", test.found, err, test.want)
		}
		if got := d.Board(c).Gates[0]; got.ID != "sad_stored" || got.Satisfied != (test.want == nil) {
			t.Errorf("%+v: got gate %s satisfied %v", test.found, got.ID, got.Satisfied)
		}
	}
}

// TestStageSettledWhole says that a stage with open tasks is not done, whatever
// a person says, and that one that is not needed gives each task its reason.
func TestStageSettledWhole(t *testing.T) {
	d := &Desk{Packs: loadPacks(t)}
	c := &Case{ID: "x", State: Confirmed, Source: []string{"watch"}, Stages: map[string]Mark{"report": {State: "done", Reason: "x"}}}
	stage := func() *StageView { return &d.Board(c).Stages[1] }
	open := stage().Open()
	if stage().ID != "report" || len(open) == 0 || stage().State == "done" {
		t.Fatalf("got stage %s, %s, with %d open tasks", stage().ID, stage().State, len(open))
	}
	if _, err := d.withTasks(c, Marked{What: "stage", Item: "report", State: "done", Reason: "x"}); !errors.Is(err, ErrOpenTasks) {
		t.Errorf("done with open tasks: got %v, want ErrOpenTasks", err)
	}
	marks, err := d.withTasks(c, Marked{What: "stage", Item: "report", State: "not_needed", Reason: "a drill"})
	if err != nil || len(marks) != len(open) {
		t.Fatalf("got %d marks, %v, want %d", len(marks), err, len(open))
	}
	c.Tasks, c.Stages = map[string]Mark{}, map[string]Mark{"report": {State: "not_needed", Reason: "a drill"}}
	for i, m := range marks {
		if m.What != "task" || m.Item != open[i].ID || m.State != "not_needed" || m.Reason != "a drill" {
			t.Errorf("got %+v for task %s", m, open[i].ID)
		}
		c.Tasks[m.Item] = Mark{State: m.State, Reason: m.Reason}
	}
	if back, err := d.withTasks(c, Marked{What: "stage", Item: "report", State: "open"}); err != nil || len(back) != len(open) || back[0].State != "open" {
		t.Errorf("opened again: got %+v, %v, want %d marks", back, err, len(open))
	}
	c.Stages = nil
	if got := stage().State; got != "not_needed" {
		t.Errorf("nothing of it was done: got %s, want not_needed", got)
	}
	if _, err := d.withTasks(c, Marked{What: "stage", Item: "report", State: "done", Reason: "x"}); err != nil {
		t.Errorf("done with no task open: %v", err)
	}
}

// TestNothingIsDueOnceEnded says that the clocks of an ended case stand still.
func TestNothingIsDueOnceEnded(t *testing.T) {
	for state, due := range map[State]bool{Suspected: true, Confirmed: true, RuledOut: false, Closed: false} {
		c := &Case{State: state, Opened: time.Now().UnixMicro()}
		if got := !c.due(packs.Due{After: "opened", Within: packs.Span(time.Hour)}).IsZero(); got != due {
			t.Errorf("%s: got due %v, want %v", state, got, due)
		}
	}
}
