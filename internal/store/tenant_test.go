package store_test

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"iter"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/evidence"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/store"
	"github.com/stanch/stanch/internal/store/storetest"
	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/ledger"
)

// TestEverySQLNamesATenant reads the SQL of this package: a text that touches
// a tenant's table has to say whose rows it means.
func TestEverySQLNamesATenant(t *testing.T) {
	var owned []string
	for name, class := range store.Tables() {
		if class != store.Record && !strings.HasPrefix(name, "schema_") || name == "ledger_entries" {
			owned = append(owned, name)
		}
	}
	touches := regexp.MustCompile(`(?i)\b(FROM|INTO|UPDATE|JOIN)\s+(` + strings.Join(owned, "|") + `)\b`)
	// The ledger is checked, copied and exported whole, over all tenants.
	whole := []string{"verify.go", "copy.go", "walk.go"}
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	texts := 0
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") || slices.Contains(whole, path) {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			if err != nil || !touches.MatchString(text) {
				return true
			}
			texts++
			snapshot := path == "entries.go" && strings.Contains(text, "WHERE idx > $1 ORDER BY idx")
			gathered := regexp.MustCompile(`^SELECT body FROM \w+$|^ FROM ledger_entries$`).MatchString(text) // goes on with tenants(t)
			if !strings.Contains(text, "tenant_id") && !snapshot && !gathered {
				t.Errorf("%s: this text names no tenant: %s", path, text)
			}
			return true
		})
	}
	if texts < 30 {
		t.Errorf("looked at %d texts only; does the pattern still fit?", texts)
	}
}

// TestSecondTenant fills a store for one tenant and calls every method that
// takes a tenant for another one: there is nothing.
func TestSecondTenant(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url, storetest.NewKey(t), nil)
		desk := newDesk(t, s)
		system := record.Who{Tenant: tenant.Default, Actor: record.System}
		if err := desk.Take(t.Context(), system, casefile.Batch{Seen: []finding.Seen{seen("/pos", "/pos/a.log", 60)}}); err != nil {
			t.Fatal(err)
		}
		cases, err := s.Cases(t.Context(), tenant.Default, store.CaseFilter{})
		if err != nil || len(cases) != 1 {
			t.Fatal(len(cases), err)
		}
		id := cases[0].ID
		known := map[reflect.Type]any{
			reflect.TypeFor[casefile.ID]():    id,
			reflect.TypeFor[ledger.Subject](): id.Subject(),
			reflect.TypeFor[string]():         "/pos",
		}
		called := 0
		v := reflect.ValueOf(s)
		for i := range v.NumMethod() {
			method := v.Type().Method(i)
			if method.Type.NumIn() < 3 || method.Type.In(2) != reflect.TypeFor[tenant.ID]() {
				continue
			}
			called++
			args := []reflect.Value{reflect.ValueOf(t.Context()), reflect.ValueOf(tenant.ID("other"))}
			for n := 3; n < method.Type.NumIn(); n++ {
				args = append(args, argument(method.Type.In(n), known))
			}
			for _, result := range call(v.Method(i), method.Type.IsVariadic(), args) {
				checkNothing(t, method.Name, result)
			}
		}
		if called < 15 {
			t.Errorf("called %d methods only", called)
		}
		err = s.Update(t.Context(), record.Who{Tenant: "other", Actor: "x"}, func(ctx context.Context, tx record.Tx) error {
			if _, err := tx.Load(ctx, id.Subject()); !errors.Is(err, record.ErrNone) {
				t.Errorf("load in a transaction: got %v, want ErrNone", err)
			}
			live, err := s.Live(ctx, tx, "/pos", "/pos")
			if len(live) != 0 {
				t.Errorf("live: got %v", live)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := desk.Confirm(t.Context(), record.Who{Tenant: "other", Actor: "x"}, id, "mine"); !errors.Is(err, casefile.ErrNoCase) {
			t.Errorf("confirm: got %v, want ErrNoCase", err)
		}
	})
}

func argument(kind reflect.Type, known map[reflect.Type]any) reflect.Value {
	if v, ok := known[kind]; ok {
		return reflect.ValueOf(v)
	}
	if kind.Kind() == reflect.Int {
		return reflect.ValueOf(100)
	}
	return reflect.Zero(kind)
}

func call(f reflect.Value, variadic bool, args []reflect.Value) []reflect.Value {
	if variadic {
		return f.CallSlice(args)
	}
	return f.Call(args)
}

// checkNothing fails the test for a result that tells something.
func checkNothing(t *testing.T, name string, v reflect.Value) {
	t.Helper()
	if err, ok := v.Interface().(error); ok {
		if !errors.Is(err, record.ErrNone) {
			t.Errorf("%s: got error %v, want none or ErrNone", name, err)
		}
		return
	}
	if history, ok := v.Interface().(evidence.History); ok {
		v = reflect.ValueOf(history.Entries) // the checkpoint is the installation's
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Map:
		if v.Len() != 0 {
			t.Errorf("%s: got %d items of another tenant", name, v.Len())
		}
	case reflect.Func:
		if marks, ok := v.Interface().(iter.Seq2[store.Mark, error]); ok {
			for range marks {
				t.Errorf("%s: yields another tenant's", name)
			}
		}
	default:
		if !v.IsZero() {
			t.Errorf("%s: got %v of another tenant", name, v)
		}
	}
}
