package obligation_test

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/stanch/stanch/internal/datafile"
	"github.com/stanch/stanch/internal/obligation"
	"github.com/stanch/stanch/packs"
)

// edited returns an embedded file with one passage changed, as an override.
func edited(t testing.TB, name, old, new string) fstest.MapFS {
	t.Helper()
	data, err := fs.ReadFile(packs.Obligations(), name)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), old) {
		t.Fatalf("%s no longer holds %q; fix the test", name, old)
	}
	return fstest.MapFS{name: {Data: []byte(strings.Replace(string(data), old, new, 1))}}
}

// TestShipped holds what is built in to be whole: 116 rules in seven packs, nothing
// wrong in them, four of them held back.
func TestShipped(t *testing.T) {
	b, found, err := obligation.Read(packs.Obligations(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(found, b.Lint(time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC))...) {
		if f.Gravity != obligation.Remark {
			t.Errorf("%s: %s %s:%d %s %s", f.Gravity, f.File, f.File, f.Line, f.Key, f.Text)
		}
	}
	if len(b.Packs) != 7 || len(b.Rules) != 116 {
		t.Errorf("got %d packs and %d rules", len(b.Packs), len(b.Rules))
	}
	a := b.Eval(obligation.NewFacts(time.UTC), obligation.Options{})
	if len(a.Duties) != 116 {
		t.Errorf("got %d answers, want one for each rule", len(a.Duties))
	}
	for _, d := range a.Duties {
		if aside := d.Gate == "block" || d.Phase == "before"; aside && (d.Status != obligation.NotApplicable || d.Why == "") {
			t.Errorf("%s: got %s (%s), want it set aside with the reason", d.Rule, d.Status, d.Why)
		}
	}
	held := a.Held
	want := []string{"card.discover.notify", "card.jcb.notify", "card.mastercard.pfi-72h", "cn.acq2013.incident-2wd"}
	if !slices.Equal(held, want) {
		t.Errorf("got held %v, want %v", held, want)
	}
	for id, v := range b.Versions() {
		if _, sum, ok := strings.Cut(v, " sha256:"); !ok || len(sum) != 64 {
			t.Errorf("%s: got version %q", id, v)
		}
	}
}

func TestBadPacksAreNamed(t *testing.T) {
	if testing.Short() {
		t.Skip("make test runs this without the race detector: one goroutine reads the packs again and again")
	}
	const core, pay, cards = "pack-cn-core.yaml", "pack-cn-payments.yaml", "pack-card-brands.yaml"
	tests := []struct{ what, file, old, new, key string }{
		{"unknown key", core, "    kind: notify", "    kinds: notify", "kinds"},
		{"wrong kind of value", core, "obligated: [controller]", "obligated: {a: 1}", ""},
		{"no such kind", core, "    kind: notify", "    kind: shout", "rules[0].kind"},
		{"no such phase", core, "    phase: during", "    phase: later", "rules[0].phase"},
		{"no such fact", core, "fact: incident.personal_info", "fact: incident.personal_data", "rules[0].when.all[0].fact"},
		{"op that does not fit", core, "fact: incident.personal_info, op: 'true'", "fact: incident.personal_info, op: has, value: x", "rules[0].when.all[0].op"},
		{"value that is none", core, "op: in, value: [suspected, confirmed]", "op: in, value: [supected]", "rules[0].when.all[1].value"},
		{"op without a value", core, "op: in, value: [suspected, confirmed]", "op: in", "rules[0].when.all[1].value"},
		{"two forms", core, "when: {all: [", "when: {fact: incident.state, op: eq, value: confirmed, all: [", "rules[0].when"},
		{"number for a word", core, "op: in, value: [suspected, confirmed]", "op: eq, value: 3", "rules[0].when.all[1].value"},
		{"no such addressee", core, "addressees: [cn.pi.authority]", "addressees: [cn.pi.authoritee]", "rules[0].addressees[0]"},
		{"no such source", core, "citations: [{source: pipl,", "citations: [{source: pipel,", "rules[0].citations[0].source"},
		{"no source", core, "citations: [{source: pipl, article: 第五十一条}]", "citations: []", "rules[2].citations"},
		{"no such form", core, "form: form.cn.pi-authority", "form: form.cn.pi-authorities", "rules[0].form"},
		{"no such clock", core, "clock: discovered_at", "clock: noticed_at", "rules[0].deadline.clock"},
		{"no such follow-up", core, "follow_ups: [cn.cac.incident.other.4h,", "follow_ups: [cn.cac.incident.other.5h,", "rules[6].follow_ups[0]"},
		{"nobody obliged", core, "obligated: [controller]", "obligated: []", "rules[0].obligated"},
		{"unknown obliged", core, "obligated: [controller]", "obligated: [owner]", "rules[0].obligated[0]"},
		{"within what", core, "kind: within, duration: PT24H,", "kind: within, duration: null,", "rules[12].deadline"},
		{"length that is not used", core, "kind: immediate, duration: null,", "kind: immediate, duration: PT1H,", "rules[0].deadline"},
		{"bad length", core, "duration: PT24H", "duration: 24h", "duration"},
		{"no such calendar", core, "calendar: business:CN", "calendar: business:XX", "rules[24].deadline.calendar"},
		{"business hours", core, "duration: P15D", "duration: P15DT1H", "rules[24].deadline.duration"},
		{"bad date", core, "effective: {from: '2021-11-01'", "effective: {from: '1 Nov 2021'", "rules[0].effective.from"},
		{"no English", core, "en: Tell the individuals", "en: 通知 Tell", "rules[1].title.en"},
		{"no Chinese", core, "zh: 通知个人, en", "zh: Tell, en", "rules[1].title.zh"},
		{"no such reading", core, "state: primary_copy, checked", "state: hearsay, checked", "rules[0].verification.state"},
		{"no such gate", core, "release_gate: ok", "release_gate: maybe", "rules[0].release_gate"},
		{"bad pack id", core, "  id: cn-core", "  id: CN core", "pack.id"},
		{"pack id twice", pay, "  id: cn-payments", "  id: cn-core", "pack.id"},
		{"rule id twice", pay, "id: cn.pboc.incident.route", "id: cn.pipl.57.authority", "rules[0].id"},
		{"bad version", cards, "version: 2026.11.0-draft2", "version: newest", "pack.version"},
		{"other schema", cards, "schema: stanch.obligation-pack/v1", "schema: stanch.obligation-pack/v9", "schema"},
		{"anchor", core, "obligated: [controller]", "obligated: &o [controller]", "obligated"},
		{"unknown group rule", "actions.yaml", "cn.pipl.57.individuals", "cn.pipl.57.people", "groups[0].rules[0]"},
		{"grade that is none", "gradings.yaml", "grade: extreme", "grade: gravest", "gradings[0].levels[0].grade"},
		{"no last level", "gradings.yaml", "{grade: general, zh: 一般, otherwise: true}", "{grade: general, zh: 一般, any: [{fact: incident.people, op: gte, value: 1}]}", "gradings[0].levels[3]"},
		{"holiday of no year", "calendars.yaml", "'2026-05-01..2026-05-05'", "'2025-05-01..2025-05-05'", "calendars.CN.years.2026.holidays[3]"},
		{"empty form", "forms.yaml", "need: i, fact: org.profile", "need: now, fact: org.profile", "forms.'form.cn.cac-incident'.fields[0].need"},
		{"no such grading", "facts.yaml", "computed: grading.cac", "computed: grading.cca", "facts.'grade.cac'.computed"},
		{"fact of no type", "facts.yaml", "org.cn.ciio: {type: bool", "org.cn.ciio: {type: boolean", "facts.'org.cn.ciio'.type"},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			_, err := obligation.Load(packs.Obligations(), edited(t, tt.file, tt.old, tt.new))
			var fault *datafile.FileError
			if !errors.As(err, &fault) {
				t.Fatalf("got %v, want a FileError", err)
			}
			if fault.File != tt.file || fault.Line == 0 || tt.key != "" && fault.Key != tt.key {
				t.Errorf("got %s:%d key %s, want %s key %s (%v)", fault.File, fault.Line, fault.Key, tt.file, tt.key, err)
			}
			if s := err.Error(); strings.Contains(s, "\n") || !strings.HasPrefix(s, "load packs: read pack "+tt.file) {
				t.Errorf("got %q, want one line that names the file", s)
			}
		})
	}
}

func TestOverrideFolder(t *testing.T) {
	own := `schema: stanch.obligation-pack/v1
pack: {id: own, version: 2026.11.1, as_of: '2026-11-22', review_by: '2027-11-22', jurisdictions: [INTL], status: released, title: {zh: 自有合同, en: Own contracts}}
rules:
  - id: own.landlord
    kind: notify
    phase: during
    jurisdiction: INTL
    force: contract
    title: {zh: 通知房东, en: Tell the landlord}
    obligated: [merchant]
    deadline: {kind: within, duration: P2D, clock: discovered_at, calendar: calendar, end_of_day: true, text: {zh: 两日内, en: within two days}}
    citations: [{source: own-contract}]
    effective: {from: null}
    confidence: high
    verification: {state: primary_copy, checked: '2026-11-22'}
`
	b, err := obligation.Load(packs.Obligations(), fstest.MapFS{"pack-own.yaml": {Data: []byte(own)}, "README.md": {Data: []byte("notes")}})
	if err != nil {
		t.Fatal(err)
	}
	f := read(t, b, "tz: Asia/Shanghai\nfacts: {org.type: merchant}\nclocks: {discovered_at: '2026-11-20T08:00:00'}\n")
	if d := byRule(b.Eval(f, obligation.Options{}))["own.landlord"]; d.Status != obligation.Applies || d.Due.String() != "2026-11-22T23:59:59+08:00" {
		t.Errorf("got %s %s", d.Status, d.Due)
	}
	for _, name := range []string{"fact.yaml", "pack-own.yml", "own.yaml"} {
		if _, err := obligation.Load(packs.Obligations(), fstest.MapFS{name: {Data: []byte(own)}}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v, want it refused", name, err)
		}
	}
}

// A circle of follow-ups is a problem of the packs and a note to the case; the
// clock goes on.
func TestCircleOfFollowUps(t *testing.T) {
	circle := edited(t, "pack-card-brands.yaml", "    follow_ups: [card.visa.report-3d]\n", "    follow_ups: [card.visa.report-3d, card.visa.acquirer.now]\n")
	b, err := obligation.Load(packs.Obligations(), circle)
	if err != nil {
		t.Fatal(err)
	}
	a := b.Eval(read(t, b, "tz: UTC\nclocks: {suspected_at: '2026-11-20T08:00:00'}\n"), obligation.Options{})
	for _, id := range []string{"card.visa.acquirer.now", "card.visa.notify-3d"} {
		if !slices.ContainsFunc(a.Notes, func(n obligation.Note) bool { return n.Code == "cyclic" && n.About == id }) {
			t.Errorf("got notes %v, want the circle through %s named", a.Notes, id)
		}
	}
	if d := byRule(a)["card.visa.notify-3d"]; d.Due.String() != "2026-11-23T23:59:59Z" {
		t.Errorf("got due %s", d.Due)
	}
	wrong := b.Lint(time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC))
	if n := count(wrong, obligation.Problem); n != 2 {
		t.Errorf("got %d problems, want both rules of the circle", n)
	}
}

func count(all []obligation.Finding, g obligation.Gravity) int {
	n := 0
	for _, f := range all {
		if f.Gravity == g {
			n++
		}
	}
	return n
}

func TestLintByDay(t *testing.T) {
	ended := edited(t, "pack-cn-core.yaml", "effective: {from: '2021-11-01', to: null}", "effective: {from: '2021-11-01', to: '2026-12-01'}")
	b, err := obligation.Load(packs.Obligations(), ended)
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string]int{"2026-11-30": 0, "2026-12-01": 1, "2027-05-21": 1, "2027-05-22": 8} {
		at, _ := time.Parse(time.DateOnly, day)
		if got := count(b.Lint(at), obligation.Problem); got != want {
			t.Errorf("%s: got %d problems, want %d", day, got, want)
		}
	}
	ungated := edited(t, "pack-cn-core.yaml", "confidence: high\n    verification: {state: primary_copy", "confidence: high\n    verification: {state: general_knowledge")
	if b, err = obligation.Load(packs.Obligations(), ungated); err != nil {
		t.Fatal(err)
	}
	if got := count(b.Lint(time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)), obligation.Problem); got != 1 {
		t.Errorf("got %d problems, want the rule that rests on memory and has no gate", got)
	}
}

func TestCompare(t *testing.T) {
	old := rulebook(t)
	if got := obligation.Compare(old, rulebook(t)); len(got) != 0 {
		t.Errorf("got %v between the same packs", got)
	}
	sooner := edited(t, "pack-cn-core.yaml", "duration: PT4H, clock: discovered_at, clock_basis: text", "duration: PT1H, clock: discovered_at, clock_basis: text")
	b, err := obligation.Load(packs.Obligations(), sooner)
	if err != nil {
		t.Fatal(err)
	}
	changes := obligation.Compare(old, b)
	if len(changes) != 1 || changes[0].ID != "cn.cac.incident.other.4h" || !slices.Equal(changes[0].Parts, []string{"deadline"}) {
		t.Errorf("got %v, want one changed deadline", changes)
	}
	f := read(t, b, "tz: Asia/Shanghai\nfacts: {}\nclocks: {discovered_at: '2026-11-20T08:00:00'}\n")
	shifts := obligation.Shifts(old.Eval(f, obligation.Options{}), b.Eval(f, obligation.Options{}))
	if len(shifts) != 1 || shifts[0].OldDue != "2026-11-20T12:00:00+08:00" || shifts[0].NewDue != "2026-11-20T09:00:00+08:00" {
		t.Errorf("got %v", shifts)
	}
	more := obligation.Shifts(&obligation.Answer{}, old.Eval(f, obligation.Options{}))
	less := obligation.Shifts(old.Eval(f, obligation.Options{}), &obligation.Answer{})
	if len(more) == 0 || len(more) != len(less) || more[0].OldStatus != "" || less[0].NewStatus != "" || less[0].Why == "" {
		t.Errorf("got %v and %v for rules that come and go", more, less)
	}
	gone := fstest.MapFS{}
	data, _ := fs.ReadFile(packs.Obligations(), "actions.yaml")
	gone["actions.yaml"] = &fstest.MapFile{Data: data[:strings.LastIndex(string(data), "  - {id: act.close")]}
	if b, err = obligation.Load(packs.Obligations(), gone); err != nil {
		t.Fatal(err)
	}
	if changes = obligation.Compare(old, b); len(changes) != 1 || changes[0].How != "removed" {
		t.Errorf("got %v, want one group removed", changes)
	}
}

func TestSeal(t *testing.T) {
	secret, public, err := note.GenerateKey(rand.Reader, "house")
	if err != nil {
		t.Fatal(err)
	}
	signer, _ := note.NewSigner(secret)
	key, _ := note.NewVerifier(public)
	folder := edited(t, "pack-cn-core.yaml", "PT4H", "PT3H")
	if err := obligation.CheckSeal(folder, key); !errors.Is(err, obligation.ErrUnsealed) {
		t.Errorf("got %v, want %v", err, obligation.ErrUnsealed)
	}
	signed, err := obligation.Seal(folder, signer)
	if err != nil {
		t.Fatal(err)
	}
	folder[obligation.SealName] = &fstest.MapFile{Data: signed}
	if err := obligation.CheckSeal(folder, key); err != nil {
		t.Errorf("got %v for what was just signed", err)
	}
	_, stranger, _ := note.GenerateKey(rand.Reader, "house")
	other, _ := note.NewVerifier(stranger)
	if err := obligation.CheckSeal(folder, other); !errors.Is(err, obligation.ErrSeal) {
		t.Errorf("got %v by another key of the same name", err)
	}
	folder["pack-more.yaml"] = &fstest.MapFile{Data: []byte("a: 1")}
	if err := obligation.CheckSeal(folder, key); !errors.Is(err, obligation.ErrSeal) {
		t.Errorf("got %v with a file more", err)
	}
	delete(folder, "pack-more.yaml")
	folder["pack-cn-core.yaml"].Data = append(folder["pack-cn-core.yaml"].Data, '\n')
	if err := obligation.CheckSeal(folder, key); !errors.Is(err, obligation.ErrSeal) {
		t.Errorf("got %v with a byte more", err)
	}
	delete(folder, "pack-cn-core.yaml")
	if err := obligation.CheckSeal(folder, key); !errors.Is(err, obligation.ErrSeal) {
		t.Errorf("got %v with a file less", err)
	}
}
