package packs

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stanch/stanch/internal/datafile"
)

func load(t *testing.T) *Packs {
	t.Helper()
	p, err := Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// edited returns the embedded file with one passage changed, as an override.
func edited(t *testing.T, name, old, new string) fs.FS {
	t.Helper()
	data, err := fs.ReadFile(embedded, name)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), old) {
		t.Fatalf("%s no longer holds %q; fix the test", name, old)
	}
	return fstest.MapFS{name: {Data: []byte(strings.Replace(string(data), old, new, 1))}}
}

func TestBadOverrideIsNamed(t *testing.T) {
	tests := []struct {
		what, file, old, new string
		key                  string
		line                 bool
	}{
		{"unknown key", "policy.yaml", "min_confidence: medium", "min_confidense: medium", "min_confidense", true},
		{"unknown key in a task", "playbook.yaml", "    guided: false", "    guideded: false", "guideded", true},
		{"key twice", "policy.yaml", "min_confidence: medium", "test_numbers: count", "test_numbers", true},
		{"wrong kind", "policy.yaml", "severity: 5", "severity: high", "severity", true},
		{"wrong kind of list", "policy.yaml", "classes: [pan", "classes: {a: [pan", "", true},
		{"bad span", "policy.yaml", "within: PT72H", "within: 72 hours", "within", true},
		{"no time at all", "policy.yaml", "within: PT72H", "within: PT0H", "within", true},
		{"out of range", "policy.yaml", "severity: 2", "severity: 9", "rules[1].severity", true},
		{"two triggers", "policy.yaml", "when: {sad: true}", "when: {sad: true, distinct_cards_at_least: 3}", "rules[0].when", true},
		{"unknown scan class", "policy.yaml", "classes: [pan", "classes: [plan", "classes[0]", true},
		{"no Chinese", "policy.yaml", "zh: 同一处出现5张及以上不同的卡，立案", "zh: Five cards", "rules[2].title.zh", true},
		{"no English", "policy.yaml", "en: Five or more", "en: 五张 Five or more", "rules[2].title.en", true},
		{"missing text", "taxonomy.yaml", ", en: Settings}", "}", "groups[0].title.en", true},
		{"unknown stage", "playbook.yaml", "    stage: scope\n", "    stage: scopes\n", "tasks[0].stage", true},
		{"stage renamed", "playbook.yaml", "  - id: scope\n", "  - id: extent\n", "stages", true},
		{"gate task gone", "playbook.yaml", "tasks: [scope.sad, scope.exposure]", "tasks: [scope.sad, scope.gone]", "gates[0].tasks[1]", true},
		{"misspelt sign in a condition", "playbook.yaml", "has: odd_transactions", "has: odd_transaction", "tasks[2].when.has", true},
		{"misspelt fact", "playbook.yaml", "fact: sign_kinds", "fact: signkinds", "tasks[2].when.fact", true},
		{"truth that is none", "playbook.yaml", "{fact: cards_known, is: true}", "{fact: cards_known, is: maybe}", "is", true},
		{"guided and automated", "playbook.yaml", "automated: exposure\n    guided: false", "automated: exposure\n    guided: true", "tasks[4].guided", true},
		{"id used twice", "playbook.yaml", "id: review.drill", "id: review.close", "", true},
		{"unknown target", "classes.yaml", "data: [pan]", "data: [pans]", "classes[0].data[0]", true},
		{"choice without choose", "classes.yaml", "choose: true, ", "", "classes[10].choose", true},
		{"unknown data class", "signs.yaml", "implies: [pan, expiry, service_code", "implies: [pin_number, expiry, service_code", "kinds[0].implies[0]", true},
		{"unknown first task", "signs.yaml", "first: [protect.skimmer", "first: [protect.skinner", "kinds[0].first[0]", true},
		{"unknown box task", "sheet.yaml", "task: protect.log", "task: protect.logs", "sections[0].boxes[2].task", true},
		{"unknown setting", "sheet.yaml", "'{acquirer_phone}'", "'{aquirer_phone}'", "sections[3].boxes[0].number", true},
		{"codename twice", "codenames.yaml", "zh: 芦苇渡, en: Reed Ferry", "zh: 白鹭湾, en: Egret Bay", "names[1]", true},
		{"unknown group", "taxonomy.yaml", "group: setting", "group: settings", "causes[0].group", true},
		{"combo of nothing", "data-classes.yaml", "all: [phone, otp]", "all: [phone, otpp]", "combos[2]", true},
		{"other schema", "policy.yaml", "schema: stanch.policy/v1", "schema: stanch.policy/v9", "schema", true},
		{"no version", "policy.yaml", "version: 2026.11.1", "version: latest", "version", true},
		{"anchor", "policy.yaml", "min_confidence: medium", "min_confidence: &m medium", "min_confidence", true},
		{"alias", "policy.yaml", "min_confidence: medium", "min_confidence: *m", "min_confidence", true},
		{"tag", "policy.yaml", "min_confidence: medium", "min_confidence: !!str medium", "min_confidence", true},
		{"malformed tag", "policy.yaml", "classes: [pan,", "rules:\n  ! 00000\nclasses: [pan,", "", false},
		{"second document", "policy.yaml", "\njoin:", "\n---\njoin:", "", false},
		{"not YAML", "policy.yaml", "rules:\n", "rules: [\n", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			_, err := Load(edited(t, tt.file, tt.old, tt.new))
			var fault *FileError
			if !errors.As(err, &fault) {
				t.Fatalf("got error %v, want a FileError", err)
			}
			if fault.File != tt.file || fault.Key != tt.key && tt.key != "" {
				t.Errorf("got file %s key %s, want %s %s (%v)", fault.File, fault.Key, tt.file, tt.key, err)
			}
			if tt.line && fault.Line == 0 {
				t.Errorf("got no line: %v", err)
			}
			if text := err.Error(); strings.Contains(text, "\n") || !strings.HasPrefix(text, "load packs: read pack "+tt.file) {
				t.Errorf("got %q, want one line that names the file", text)
			}
		})
	}
}

func TestFaultLineIsRight(t *testing.T) {
	_, err := Load(edited(t, "policy.yaml", "severity: 2", "severity: 9"))
	var fault *FileError
	if !errors.As(err, &fault) {
		t.Fatal(err)
	}
	data, _ := fs.ReadFile(embedded, "policy.yaml")
	before, _, _ := strings.Cut(string(data), "severity: 2")
	if want := strings.Count(before, "\n") + 1; fault.Line != want {
		t.Errorf("got line %d, want %d", fault.Line, want)
	}
}

func TestFaultNeverQuotesValues(t *testing.T) {
	const canary = "canaryvalue"
	for _, old := range []string{"ignore\n", "medium\n", "PT72H", "severity: 5", "{sad: true}", "2026.11.1", "stanch.policy/v1"} {
		for _, form := range []string{canary, "[" + canary, "&x " + canary, "!!int " + canary, "*" + canary} {
			_, err := Load(edited(t, "policy.yaml", old, strings.Replace(old, strings.TrimSpace(old), form, 1)))
			if err != nil && strings.Contains(err.Error(), canary) {
				t.Errorf("for %q as %q got %q, which quotes the file", old, form, err)
			}
		}
	}
}

func TestOverride(t *testing.T) {
	fsys := edited(t, "policy.yaml", "test_numbers: ignore", "test_numbers: count")
	p, err := Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	if !p.Policy.CountsTestNumbers() {
		t.Error("got test numbers ignored, want the override's count")
	}
	plain := load(t)
	for name, v := range p.Versions() {
		if same := v == plain.Versions()[name]; same != (name != "policy.yaml") {
			t.Errorf("%s: got version %s beside embedded %s", name, v, plain.Versions()[name])
		}
	}
	if got, want := len(p.Versions()), len(p.files()); got != want {
		t.Errorf("got %d versions, want %d", got, want)
	}
}

func TestOverrideRefused(t *testing.T) {
	big := append([]byte("schema: stanch.policy/v1\n#"), slices.Repeat([]byte("x"), datafile.MaxSize)...)
	tests := map[string]fstest.MapFS{
		"polcy.yaml":    {"polcy.yaml": {Data: []byte("a: 1")}},
		"policy.yml":    {"policy.yml": {Data: []byte("a: 1")}},
		"policy.yaml":   {"policy.yaml": {Data: nil}},
		"signs.yaml":    {"signs.yaml": {Data: []byte("# only a comment\n")}},
		"sheet.yaml":    {"sheet.yaml": {Data: big}},
		"taxonomy.yaml": {"taxonomy.yaml": {Data: []byte("\x00\xff")}},
	}
	for name, fsys := range tests {
		_, err := Load(fsys)
		var fault *FileError
		if !errors.As(err, &fault) || fault.File != name {
			t.Errorf("%s: got %v, want a FileError for it", name, err)
		}
	}
	if _, err := Load(fstest.MapFS{"README.md": {Data: []byte("notes")}, "old/policy.yaml": {Data: []byte("a: 1")}}); err != nil {
		t.Errorf("got %v for other files and folders, want them left alone", err)
	}
}

func TestVersionsShape(t *testing.T) {
	for name, v := range load(t).Versions() {
		edition, sum, _ := strings.Cut(v, " sha256:")
		if !datafile.IsVersion(edition) || len(sum) != 64 {
			t.Errorf("%s: got %q, want an edition and a SHA-256", name, v)
		}
	}
	v := load(t).Versions()
	v["policy.yaml"] = "changed"
	if load(t).Versions()["policy.yaml"] == "changed" {
		t.Error("a caller changed the versions")
	}
}

func TestText(t *testing.T) {
	text := Text{ZH: "一\n二\n", EN: "one\ntwo\n"}
	for lang, want := range map[string]string{"zh": "一\n二", "zh-CN": "一\n二", "en": "one\ntwo", "en-GB": "one\ntwo", "": "one\ntwo", "zhx": "one\ntwo"} {
		if got := text.In(lang); got != want {
			t.Errorf("%s: got %q, want %q", lang, got, want)
		}
	}
	if got := fmt.Sprint(text.Lines("zh")); got != "[一 二]" {
		t.Errorf("got lines %s", got)
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := Load(nil); err != nil {
			b.Fatal(err)
		}
	}
}
