package casefile

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/stanch/stanch/card/cardtest"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/ledger"
)

var errKept = errors.New("the store was asked to keep it")

// A keeper says that a decision got as far as the store.
type keeper struct{ Store }

func (keeper) Update(context.Context, record.Who, func(context.Context, record.Tx) error) error {
	return errKept
}

// A deed is what a person does, with the body that the desk records of it.
type deed struct {
	name string
	body any // a pointer to a body that is accepted as it is
	do   func(d *Desk, ctx context.Context, who record.Who) error
	ours []string // fields that the desk fills in itself
}

func deeds() []deed {
	moved := &Moved{Reason: "seen"}
	noted := &Noted{Text: "called the bank"}
	marked := &Marked{What: "stage", Item: "scope", State: "not_needed", Reason: "x", Owner: "account-1", Evidence: []string{"n-1"}}
	cause := &CauseNamed{Cause: "debug_log"}
	erased := &ledger.Erased{Items: []string{"n-1"}, Reason: "x"}
	sign := &Sign{Kind: "skimmer", Reporter: "staff", Place: "till 3", Store: "s-1", Data: []string{"pan"}, Text: "seen", Exhibits: []string{"x-1"}}
	return []deed{
		{"report", sign, func(d *Desk, ctx context.Context, who record.Who) error {
			_, _, err := d.Report(ctx, who, *sign, "")
			return err
		}, []string{"ID", "By"}},
		{"confirm", moved, func(d *Desk, ctx context.Context, who record.Who) error {
			return d.Confirm(ctx, who, "c", moved.Reason)
		}, []string{"To"}},
		{"rule out", moved, func(d *Desk, ctx context.Context, who record.Who) error {
			return d.RuleOut(ctx, who, "c", moved.Reason)
		}, []string{"To"}},
		{"close", moved, func(d *Desk, ctx context.Context, who record.Who) error { return d.Close(ctx, who, "c", moved.Reason) }, []string{"To"}},
		{"reopen", moved, func(d *Desk, ctx context.Context, who record.Who) error { return d.Reopen(ctx, who, "c", moved.Reason) }, []string{"To"}},
		{"note", noted, func(d *Desk, ctx context.Context, who record.Who) error {
			return d.Note(ctx, who, "c", noted.Text, noted.Box, time.Time{})
		}, []string{"ID"}},
		{"mark", marked, func(d *Desk, ctx context.Context, who record.Who) error {
			return d.Mark(ctx, who, "c", *marked, time.Time{})
		}, nil},
		{"cause", cause, func(d *Desk, ctx context.Context, who record.Who) error {
			return d.NameCause(ctx, who, "c", cause.Cause)
		}, nil},
		// An item is looked up in the case before it is written.
		{"erase", erased, func(d *Desk, ctx context.Context, who record.Who) error {
			return d.Erase(ctx, who, "c", erased.Items[0], erased.Reason)
		}, []string{"Items"}},
	}
}

// texts calls try for each string in v with a way to change it.
func texts(v reflect.Value, path string, try func(path string, text reflect.Value)) {
	switch v.Kind() {
	case reflect.String:
		try(path, v)
	case reflect.Struct:
		for i := range v.NumField() {
			texts(v.Field(i), strings.TrimPrefix(path+"."+v.Type().Field(i).Name, "."), try)
		}
	case reflect.Slice:
		for i := range v.Len() {
			texts(v.Index(i), path, try)
		}
	}
}

// TestNoFieldTakesACardNumber puts a card number into every text that a
// person can send to the desk, one at a time.
func TestNoFieldTakesACardNumber(t *testing.T) {
	d := &Desk{Store: keeper{}, Packs: loadPacks(t)}
	who := record.Who{Tenant: tenant.Default, Actor: "account-1"}
	canary := cardtest.Number("visa", 16, 4711)
	tried := 0
	for _, deed := range deeds() {
		if err := deed.do(d, t.Context(), who); !errors.Is(err, errKept) {
			t.Errorf("%s: got %v, want it accepted without a card number", deed.name, err)
		}
		texts(reflect.ValueOf(deed.body).Elem(), "", func(path string, text reflect.Value) {
			if slices.Contains(deed.ours, path) {
				return
			}
			tried++
			before := text.String()
			for _, planted := range []string{canary, "till " + canary, "id-" + canary, canary[:4] + "-" + canary[4:8] + "-" + canary[8:12] + "-" + canary[12:]} {
				text.SetString(planted)
				if err := deed.do(d, t.Context(), who); err == nil || errors.Is(err, errKept) {
					t.Errorf("%s: %s takes a card number", deed.name, path)
				}
			}
			text.SetString(before)
		})
	}
	if tried < 12 {
		t.Errorf("got %d fields, want them all", tried)
	}
}

func TestCheckIDs(t *testing.T) {
	for range 100_000 {
		if id := uuid.Must(uuid.NewV7()).String(); checkIDs(id) != nil {
			t.Fatalf("%s is refused", id)
		}
	}
	good := []string{string(finding.Place{Root: "/pos", File: "x"}.ID()), "account-1", "apitoken:" + uuid.Must(uuid.NewV7()).String(), "system"}
	if err := checkIDs(good...); err != nil {
		t.Errorf("got %v, want all of them accepted", err)
	}
	canary := cardtest.Number("visa", 16, 4711)
	for _, bad := range []string{"", "two words", "a\x00b", strings.Repeat("a", 65), "卡", canary, "f" + canary} {
		if checkIDs(bad) == nil {
			t.Errorf("%d characters are accepted that name nothing", len(bad))
		}
	}
}
