package packs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// scanClasses reads the constants of type Class from the scanner's source, so
// that a class added there fails here until it is mapped.
func scanClasses(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../scan/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok {
				if typ, ok := spec.Type.(*ast.Ident); ok && typ.Name == "Class" {
					for _, v := range spec.Values {
						if lit, ok := v.(*ast.BasicLit); ok {
							s, _ := strconv.Unquote(lit.Value)
							out = append(out, s)
						}
					}
				}
			}
			return true
		})
	}
	return out
}

func TestEveryScanClassIsMapped(t *testing.T) {
	p := load(t)
	contract := []string{"pan", "track1", "track2", "cvv", "expiry", "pin_block", "emv", "resident_id", "phone", "bank_account", "secret"}
	fromSource := scanClasses(t)
	for _, class := range contract {
		if !slices.Contains(fromSource, class) {
			t.Errorf("got no constant for %s in package scan", class)
		}
	}
	for _, class := range slices.Concat(contract, fromSource) {
		m, ok := p.Classes.Map(class)
		if !ok || len(m.Data) == 0 {
			t.Errorf("scan class %s is not mapped", class)
		}
		for _, id := range m.Data {
			if _, ok := p.DataClasses.Class(id); !ok {
				t.Errorf("scan class %s maps to %s, which does not exist", class, id)
			}
		}
	}
	for _, m := range p.Classes.Maps {
		if !slices.Contains(contract, m.Scan) && !slices.Contains(fromSource, m.Scan) {
			t.Errorf("classes.yaml maps %s, which no scanner reports", m.Scan)
		}
	}
}

func TestSAD(t *testing.T) {
	p := load(t)
	for class, want := range map[string]bool{"track1": true, "track2": true, "cvv": true, "pin_block": true, "emv": true,
		"pan": false, "expiry": false, "resident_id": false, "secret": false, "nothing": false} {
		if got := p.SAD(class); got != want {
			t.Errorf("%s: got %v, want %v", class, got, want)
		}
	}
}

func TestSeverity(t *testing.T) {
	d := load(t).DataClasses
	tests := []struct {
		ids    []string
		want   int
		combos int
	}{
		{nil, 0, 0},
		{[]string{"nothing"}, 0, 0},
		{[]string{"pan"}, 4, 0},
		{[]string{"phone"}, 3, 0},
		{[]string{"phone", "otp"}, 4, 1},
		{[]string{"pin_block", "terminal_key"}, 5, 1},
		{[]string{"pan", "expiry", "cvv2", "track"}, 5, 2},
	}
	for _, tt := range tests {
		got, combos := d.Severity(tt.ids)
		if got != tt.want || len(combos) != tt.combos {
			t.Errorf("%v: got %d with %d combos, want %d with %d", tt.ids, got, len(combos), tt.want, tt.combos)
		}
	}
}

func TestJudge(t *testing.T) {
	y := load(t).Policy
	tests := []struct {
		sad      bool
		cards    int
		open     bool
		severity int
	}{
		{false, 0, false, 0},
		{false, 1, false, 2},
		{false, 4, false, 2},
		{false, 5, true, 3},
		{false, 99, true, 3},
		{false, 100, true, 4},
		{false, 1000, true, 5},
		{true, 0, true, 5},
		{true, 1, true, 5},
	}
	for _, tt := range tests {
		got := y.Judge(tt.sad, tt.cards)
		if got.Open != tt.open || got.Severity != tt.severity {
			t.Errorf("sad %v, %d cards: got %+v, want open %v severity %d", tt.sad, tt.cards, got, tt.open, tt.severity)
		}
		if (len(got.Rules) > 0) != (tt.severity > 0) {
			t.Errorf("sad %v, %d cards: got rules %v", tt.sad, tt.cards, got.Rules)
		}
	}
	if y.CountsTestNumbers() {
		t.Error("got test numbers counted, want them ignored unless set")
	}
	if !y.Counts("pan") || y.Counts("phone") {
		t.Error("got phone counted or pan not")
	}
}
