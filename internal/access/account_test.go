package access

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
	"github.com/stanch/stanch/ledger"
)

func TestParseLogin(t *testing.T) {
	tests := map[string]struct {
		in, want string
		err      error
	}{
		"plain":      {"anna", "anna", nil},
		"case":       {" Anna.Berg@shop ", "anna.berg@shop", nil},
		"full width": {"ａｎｎａ", "anna", nil},
		"chinese":    {"李雷", "李雷", nil},
		"phone":      {"13800138000", "13800138000", nil},
		"one":        {"a", "", ErrLogin},
		"space":      {"anna berg", "", ErrLogin},
		"long":       {strings.Repeat("a", 65), "", ErrLogin},
		"control":    {"an\x00na", "", ErrLogin},
		"direction":  {"an\u202ena", "", ErrLogin},
		"system":     {"System", "", ErrLogin},
		"card":       {cardtest.Number(card.Brand("visa"), 16, 7), "", ErrLogin},
		"empty":      {"", "", ErrLogin},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ParseLogin(test.in)
			if err == nil && got != test.want || !errors.Is(err, test.err) {
				t.Errorf("got %q, %v; want %q, %v", got, err, test.want, test.err)
			}
		})
	}
}

func TestParseName(t *testing.T) {
	for in, want := range map[string]error{
		"Anna Berg":                    nil,
		"李雷":                           nil,
		"":                             ErrName,
		"two\nlines":                   ErrName,
		"turned \u202e round":          ErrName,
		"zero\u200bwidth":              ErrName,
		strings.Repeat("n", 81):        ErrName,
		"bad \xff":                     ErrName,
		cardtest.Number("visa", 16, 3): ErrName,
	} {
		if _, err := parseName(in); !errors.Is(err, want) {
			t.Errorf("name of %d bytes: got %v, want %v", len(in), err, want)
		}
	}
}

// apply folds bodies into a zero account as the store would.
func apply(t *testing.T, bodies ...ledger.Body) (*Account, error) {
	t.Helper()
	a := &Account{}
	for i, body := range bodies {
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		e := ledger.Entry{Index: int64(i + 10), Kind: body.Kind(), Subject: ID("a-1").Subject(), Body: raw, At: time.UnixMicro(int64(i + 1)).UTC()}
		if err := a.Apply(e); err != nil {
			return a, err
		}
	}
	return a, nil
}

func TestApply(t *testing.T) {
	begun := Created{Owner, FirstRun}
	tests := map[string]struct {
		bodies []ledger.Body
		want   Account
	}{
		"created":  {[]ledger.Body{begun}, Account{ID: "a-1", Role: Owner, Created: 1}},
		"set up":   {[]ledger.Body{begun, Named{"anna", "Anna"}, PasswordSet{FirstRun}}, Account{ID: "a-1", Login: "anna", Name: "Anna", Role: Owner, Created: 1, PasswordSet: 3, Naming: []int64{11}}},
		"renamed":  {[]ledger.Body{begun, Named{"anna", "Anna"}, Named{Name: "A."}}, Account{ID: "a-1", Login: "anna", Name: "A.", Role: Owner, Created: 1, Naming: []int64{11, 12}}},
		"demoted":  {[]ledger.Body{begun, RoleChanged{Auditor}}, Account{ID: "a-1", Role: Auditor, Created: 1}},
		"shut":     {[]ledger.Body{begun, Disabled{"left"}}, Account{ID: "a-1", Role: Owner, Created: 1, Disabled: true}},
		"reopened": {[]ledger.Body{begun, Disabled{"left"}, Enabled{}}, Account{ID: "a-1", Role: Owner, Created: 1}},
		"came in":  {[]ledger.Body{begun, CameIn{"local"}, LangChosen{"zh-CN"}, Missed{10}, LinkMade{Recover, 5}, SessionsEnded{"revoked"}}, Account{ID: "a-1", Role: Owner, Created: 1, SignedIn: 2, From: "local", Lang: "zh-CN"}},
		"erased": {[]ledger.Body{begun, Named{"anna", "Anna"}, Disabled{"left"}, ledger.Erased{Entries: []int64{11}, Items: []string{"name"}}},
			Account{ID: "a-1", Role: Owner, Created: 1, Disabled: true, Erased: true}},
		// Replay never sees the erased entry and comes to the same account.
		"erased, replayed": {[]ledger.Body{begun, Disabled{"left"}, ledger.Erased{Entries: []int64{11}, Items: []string{"name"}}},
			Account{ID: "a-1", Role: Owner, Created: 1, Disabled: true, Erased: true}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := apply(t, test.bodies...)
			if err != nil || !reflect.DeepEqual(*got, test.want) {
				t.Errorf("got %+v, %v; want %+v", *got, err, test.want)
			}
		})
	}
	for name, bodies := range map[string][]ledger.Body{
		"not begun":    {Named{"anna", "Anna"}},
		"begun twice":  {begun, begun},
		"no such role": {Created{"admin", FirstRun}},
		"role unknown": {begun, RoleChanged{"admin"}},
		"after erase":  {begun, ledger.Erased{Items: []string{"name"}}, Enabled{}},
		"other kind":   {begun, TokenRevoked{}},
	} {
		if _, err := apply(t, bodies...); !errors.Is(err, ErrOrder) {
			t.Errorf("%s: got %v, want ErrOrder", name, err)
		}
	}
}

func TestTruncated(t *testing.T) {
	for in, want := range map[string]string{
		"203.0.113.77":            "203.0.113.0/24",
		"203.0.113.77:4711":       "203.0.113.0/24",
		"::ffff:203.0.113.77":     "203.0.113.0/24",
		"[2001:db8:1:2:3::4]:443": "2001:db8:1::/48",
		"127.0.0.1:9":             "local",
		"::1":                     "local",
		"fe80::1%eth0":            "fe80::/48",
		"@":                       "",
		"":                        "",
	} {
		if got := Truncated(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	if counted("2001:db8::1") != counted("[2001:db8::ffff]:80") {
		t.Error("one customer's IPv6 addresses count apart")
	}
	if counted("203.0.113.77") == counted("203.0.113.78") {
		t.Error("two IPv4 addresses count as one")
	}
}
