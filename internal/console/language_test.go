package console

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/carrier"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/containment"
	"github.com/stanch/stanch/internal/estate"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/notice"
	"github.com/stanch/stanch/packs"
)

func tongues(t *testing.T) (en, zh *tongue) {
	t.Helper()
	var err error
	if en, err = loadTongue("en"); err != nil {
		t.Fatal(err)
	}
	if zh, err = loadTongue("zh"); err != nil {
		t.Fatal(err)
	}
	return en, zh
}

func han(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// sameInBoth are sentences that are no words of a language.
var sameInBoth = []string{"exposure.moment", "brand.visa", "brand.discover", "brand.jcb", "brand.mir", "brand.maestro", "evidence.digest"}

func TestLanguagesAreComplete(t *testing.T) {
	en, zh := tongues(t)
	places := regexp.MustCompile(`\{\w+\}`)
	marks := func(s string) []string {
		all := places.FindAllString(s, -1)
		slices.Sort(all)
		return slices.Compact(all)
	}
	for key, sentence := range en.sentences {
		other, ok := zh.sentences[key]
		switch {
		case !ok:
			t.Errorf("zh lacks %s", key)
		case sentence == "" || other == "":
			t.Errorf("%s is empty in one language", key)
		case strings.HasSuffix(key, ".one"):
		case !slices.Equal(marks(sentence), marks(other)):
			t.Errorf("%s: places differ: %v and %v", key, marks(sentence), marks(other))
		}
		if key != "language.other" && han(sentence) {
			t.Errorf("en %s holds Chinese", key)
		}
	}
	for key, sentence := range zh.sentences {
		if _, ok := en.sentences[key]; !ok {
			t.Errorf("en lacks %s", key)
		}
		if letters := strings.ContainsFunc(places.ReplaceAllString(sentence, ""), unicode.IsLetter); letters && !han(sentence) && key != "language.other" && !slices.Contains(sameInBoth, key) {
			t.Errorf("zh %s holds no Chinese: %q", key, sentence)
		}
	}
}

// TestEveryKeyIsUsedAndThere reads the pages and the program for the keys they
// name.
func TestEveryKeyIsUsedAndThere(t *testing.T) {
	en, _ := tongues(t)
	text := sources(t)
	used := map[string]bool{}
	name := func(pattern string) []string {
		var found []string
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
			found = append(found, m[1])
		}
		return found
	}
	for _, key := range slices.Concat(name(`[{(\s]t "([^"]+)"`), name(`\.say\("([^"]+)"[,)]`)) {
		used[key] = true
	}
	for _, key := range slices.Concat(name(`[{(\s]tn "([^"]+)"`), name(`\.count\("([^"]+)"`)) {
		used[key+".one"], used[key+".many"] = true, true
	}
	for key := range used {
		if en.sentences[key] == "" {
			t.Errorf("the pages name %s, which no language has", key)
		}
	}
	prefixes := append(slices.Concat(name(`[{(\s]tk "([^"]+)"`), name(`\.sayOf\("([^"]+)"`)), "entry")
	for key := range en.sentences {
		if !used[key] && !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(key, strings.TrimSuffix(p, ".")+".") }) {
			t.Errorf("no page uses %s", key)
		}
	}
}

func sources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, pattern := range []string{"*.go", "pages/*.html"} {
		names, err := fs.Glob(os.DirFS("."), pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(data)
		}
	}
	return all.String()
}

// TestEveryValueHasWords walks the lists of values that pages say by prefix.
func TestEveryValueHasWords(t *testing.T) {
	en, _ := tongues(t)
	all, err := packs.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{
		"said": saidKeys, "case.tab": tabs, "record.show": recordShows, "house.kind": houseKinds, "house.kind.hint": houseKinds, "country": countries,
		"role": words(access.Roles()), "alarm.kind": alarmKinds, "alarm.trouble": words(notice.Words()), "plan.state": words(containment.States()),
		"trouble": words(carrier.Causes()), "node": words(estate.NodeKinds()), "import": words(estate.Causes()),
		"state":         words([]casefile.State{casefile.Suspected, casefile.Confirmed, casefile.RuledOut, casefile.Closed}),
		"finding.state": words([]finding.State{finding.Open, finding.Sealed, finding.Locked, finding.Clean, finding.Gone, finding.RuledOut}),
		"stage.state":   {"idle", "active", "done", "not_needed"}, "link.title": {"first_run", "invite", "recover"}, "root.state": {"starting", "live", "polling", "unreadable", "vanished"},
		"case.clock.after": {"opened", "confirmed", "contained", "closed_gate"}, "owner": {"owner", "responder", "auditor", "anyone"},
	}
	for _, m := range all.Classes.Maps {
		want["class"] = append(want["class"], m.Scan)
	}
	for _, f := range faces {
		want["fault"] = append(want["fault"], f.word+".title", f.word+".text")
	}
	for prefix, values := range want {
		for _, value := range values {
			if got := en.sayOf(prefix, value); strings.Contains(got, "⟦") {
				t.Errorf("%s has no words for %s", prefix, value)
			}
		}
	}
}

func words[T ~string](list []T) []string {
	var out []string
	for _, v := range list {
		out = append(out, string(v))
	}
	return out
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1234: "-1,234", -123: "-123"} {
		if got := grouped(n); got != want {
			t.Errorf("grouped(%d): got %q want %q", n, got, want)
		}
	}
}
