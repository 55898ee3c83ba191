package packs

import (
	"slices"
	"testing"
)

func TestGuideIsCovered(t *testing.T) {
	b := load(t).Playbook
	for _, row := range guideRows {
		if !slices.ContainsFunc(b.Tasks, func(t Task) bool { return t.Guide == row }) {
			t.Errorf("got no task for row %s of the guide", row)
		}
	}
}

// A stage with nothing that always applies could never be done.
func TestEveryStageHasATaskForEveryCase(t *testing.T) {
	b := load(t).Playbook
	for _, s := range b.Stages {
		if !slices.ContainsFunc(b.Tasks, func(t Task) bool { return t.Stage == s.ID && t.When == nil }) {
			t.Errorf("stage %s has no unconditional task", s.ID)
		}
	}
}

func TestUrgencyIsUnambiguous(t *testing.T) {
	seen := map[int]string{}
	for _, task := range load(t).Playbook.Tasks {
		if other, ok := seen[task.Next]; ok {
			t.Errorf("%s and %s both have next %d", other, task.ID, task.Next)
		}
		seen[task.Next] = task.ID
	}
}

// Each of these brings its own tasks, and another kind of case does not see them.
func TestTasksOfEachSign(t *testing.T) {
	tests := map[string][]string{
		"skimmer":          {"protect.skimmer", "protect.video", "stop.terminal", "report.police", "recover.replace-terminal"},
		"lost_device":      {"stop.lost-device", "stop.terminal", "recover.replace-terminal"},
		"shared_password":  {"stop.shared-password", "stop.network"},
		"slip_photo":       {"stop.slip-photo", "strengthen.photo-rule"},
		"chat_message":     {"protect.chat", "stop.chat", "strengthen.photo-rule"},
		"odd_transactions": {"scope.odd-transactions", "stop.odd-transactions", "strengthen.statement-check"},
		"sluggish_pos":     {"scope.sluggish-pos", "stop.network", "experts.access"},
	}
	b := load(t).Playbook
	for kind, want := range tests {
		f := Facts{Source: Set{[]string{"sign"}, true}, SignKinds: Set{[]string{kind}, true}, State: "confirmed"}
		got := applying(b.Choose(f))
		for _, id := range want {
			if !slices.Contains(got, id) {
				t.Errorf("%s: got no %s", kind, id)
			}
		}
		for _, id := range []string{"protect.seal", "stop.lock", "stop.writer", "strengthen.settings"} {
			if slices.Contains(got, id) {
				t.Errorf("%s: got %s, which is for found files only", kind, id)
			}
		}
	}
	logLeak := Facts{Source: Set{[]string{"watch"}, true}, SignKinds: Set{Whole: true}, Kinds: Set{[]string{"pan"}, true}, CardsKnown: True, OnePerson: False, State: "confirmed"}
	got := applying(b.Choose(logLeak))
	for _, id := range []string{"protect.seal", "stop.lock", "stop.writer", "stop.copies", "recover.backups-clean", "tell.accounts-at-risk"} {
		if !slices.Contains(got, id) {
			t.Errorf("log leak: got no %s", id)
		}
	}
	for _, id := range []string{"protect.skimmer", "stop.lost-device", "protect.chat", "scope.estimate-cards", "stop.keys", "review.one-person"} {
		if slices.Contains(got, id) {
			t.Errorf("log leak: got %s, which does not belong to it", id)
		}
	}
}

func applying(choices []Choice) []string {
	var ids []string
	for _, c := range choices {
		if c.Applies == True {
			ids = append(ids, c.Task.ID)
		}
	}
	return ids
}

func TestChooseOrdersAndKeepsPossible(t *testing.T) {
	b := load(t).Playbook
	all := b.Choose(Facts{})
	if len(all) != len(b.Tasks) {
		t.Errorf("got %d tasks for a case of which nothing is known, want all %d", len(all), len(b.Tasks))
	}
	possible := false
	for i, c := range all {
		possible = possible || c.Applies == Unknown
		if i > 0 && all[i-1].Task.Next > c.Task.Next {
			t.Fatalf("%s comes after %s", c.Task.ID, all[i-1].Task.ID)
		}
	}
	if !possible {
		t.Error("got no possible task, want conditional ones to be possible")
	}
	if first := all[0].Task.ID; first != "protect.scene" {
		t.Errorf("got %s first, want the scene", first)
	}
}

func TestBuiltInActionsAreUsed(t *testing.T) {
	b := load(t).Playbook
	for _, action := range automation {
		if !slices.ContainsFunc(b.Tasks, func(t Task) bool { return t.Automated == action }) {
			t.Errorf("got no task done by %s", action)
		}
	}
}

func TestGates(t *testing.T) {
	b := load(t).Playbook
	for _, id := range gateIDs {
		g, ok := b.Gate(id)
		if !ok || g.Clause != "PCI DSS 12.10.7" {
			t.Errorf("gate %s: got %v %+v", id, ok, g)
			continue
		}
		if _, ok := g.Answer("no-such-answer"); ok {
			t.Errorf("gate %s: got an answer that is not there", id)
		}
	}
	g, _ := b.Gate("sad_stored")
	for id, want := range map[string]Tri{"none_found": False, "found_listed": True, "not_stored_at_all": Unknown, "not_yet_known": Unknown} {
		if a, ok := g.Answer(id); !ok || a.SAD != want {
			t.Errorf("answer %s: got %v %v, want %v", id, ok, a.SAD, want)
		}
	}
}

func TestTaxonomyAndSigns(t *testing.T) {
	p := load(t)
	for _, id := range []string{"debug_log", "export_kept", "shared_password", "open_backup", "remote_tool", "default_password",
		"phone_photo", "chat_sent", "wrong_recipient", "vendor_access", "skimmer", "malware"} {
		if _, ok := p.Taxonomy.Cause(id); !ok {
			t.Errorf("got no cause %s", id)
		}
	}
	kinds := []string{"skimmer", "lost_device", "slip_photo", "chat_message", "shared_password", "odd_transactions", "sluggish_pos", "other"}
	if got := p.Signs.kindIDs(); !slices.Equal(got, kinds) {
		t.Errorf("got kinds %v, want %v", got, kinds)
	}
	for _, id := range []string{"acquirer", "bank", "police", "customer", "staff"} {
		if _, ok := p.Signs.Reporter(id); !ok {
			t.Errorf("got no reporter %s", id)
		}
	}
	// What a sign shows first has to apply to a case that came from that sign.
	for _, k := range p.Signs.Kinds {
		f := Facts{Source: Set{[]string{"sign"}, true}, SignKinds: Set{[]string{k.ID}, true}, CardsKnown: False, State: "suspected"}
		for _, id := range k.First {
			task, _ := p.Playbook.Task(id)
			if got := task.When.Eval(f); got != True {
				t.Errorf("sign %s: first task %s is %v for it", k.ID, id, got)
			}
		}
	}
}

func TestSheetHoldsTheEssentials(t *testing.T) {
	p := load(t)
	for id, number := range map[string]string{"dont.power": "", "do.cable": "", "dont.password": "", "do.photo": "", "head.scribe": "",
		"calls.acquirer": "{acquirer_phone}", "calls.police": "110", "calls.cac": "12387"} {
		box, ok := p.Sheet.Box(id)
		if !ok || box.Number != number {
			t.Errorf("box %s: got %v %q, want number %q", id, ok, box.Number, number)
		}
	}
	if _, ok := p.Sheet.Box("none"); ok {
		t.Error("got a box that is not there")
	}
}

func TestCodenames(t *testing.T) {
	c := load(t).Codenames
	if n := len(c.Names); n < 120 {
		t.Errorf("got %d codenames, want 120", n)
	}
	if a, b := c.Nth(3), c.Nth(3+uint64(len(c.Names))); a != b {
		t.Errorf("got %v and %v, want the list to start again", a, b)
	}
}
