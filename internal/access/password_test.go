package access

import (
	"errors"
	"strings"
	"testing"
)

func TestCheckPassword(t *testing.T) {
	tests := map[string]struct{ password, login, want string }{
		"empty":             {"", "anna", WeakShort},
		"eleven":            {"kv7-Rt9-xQ2", "anna", WeakShort},
		"twelve":            {"kv7-Rt9-xQ2m", "anna", ""},
		"words":             {"copper lantern visits Oslo", "anna", ""},
		"chinese":           {"雨后山路很滑小心慢走别急", "anna", ""},
		"chinese repeated":  {"我爱你我爱你我爱你我爱你", "anna", WeakCommon},
		"mostly signs":      {`7#k!9&2x$8.q`, "anna", ""},
		"book":              {strings.Repeat("kv7-Rt9-xQ2m", 22), "anna", WeakLong},
		"not text":          {"kv7-Rt9-xQ2m\xff", "anna", WeakLong},
		"common":            {"password2026!", "anna", WeakCommon},
		"leet":              {"P@ssw0rd1234", "anna", WeakCommon},
		"two words":         {"WelcomeAdmin2026", "anna", WeakCommon},
		"pinyin":            {"woaini1314520", "anna", WeakCommon},
		"keyboard":          {"1qaz2wsx3edc4rfv", "anna", WeakCommon},
		"keyboard row":      {"qwertyuiop[]12", "anna", WeakCommon},
		"digits":            {"138001380013", "anna", WeakCommon},
		"date and phone":    {"1990-06-15-8613", "anna", WeakCommon},
		"run":               {"abcdefghijkl", "anna", WeakCommon},
		"letters repeated":  {"aaaabbbbcccc", "anna", WeakCommon},
		"login":             {"annaliese.berg", "annaliese.berg", WeakLogin},
		"login and a year":  {"AnnalieseBerg26", "annalieseberg", WeakLogin},
		"login twice":       {"annabergannaberg", "annaberg", WeakLogin},
		"login in a phrase": {"annaberg visits Oslo", "annaberg", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := CheckPassword(test.password, test.login)
			var weak *WeakPassword
			got := ""
			if errors.As(err, &weak) {
				got = weak.Why
			}
			if got != test.want {
				t.Fatalf("got %q, want %q", got, test.want)
			}
			if err != nil && len(test.password) > 4 && strings.Contains(err.Error(), test.password) {
				t.Errorf("error quotes the password")
			}
		})
	}
}

func TestHash(t *testing.T) {
	d := NewDoor(nil, Options{Cost: Cost{Memory: 64, Passes: 1, Threads: 1}})
	const password = "copper lantern visits Oslo"
	one, err := d.hash(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	two, err := d.hash(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	if one == two {
		t.Error("two hashes of one password are equal: there is no salt")
	}
	if strings.Contains(one, password) {
		t.Error("hash holds the password")
	}
	tests := map[string]struct {
		stored, password string
		want             bool
	}{
		"right":            {one, password, true},
		"wrong":            {one, password + "!", false},
		"empty":            {one, "", false},
		"no account":       {"", password, false},
		"no account empty": {"", "", false},
		"full width":       {one, "copper　lantern visits Oslo", true}, // an ideographic space is a space
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := d.verify(t.Context(), test.stored, test.password)
			if err != nil || got != test.want {
				t.Errorf("got %t, %v; want %t", got, err, test.want)
			}
		})
	}
	if d.aged(one) {
		t.Error("a hash of today's cost is aged")
	}
	if d.cost.Passes++; !d.aged(one) {
		t.Error("a hash of another cost is not aged")
	}
}

func TestDamagedHash(t *testing.T) {
	good := passwordHash{cost: Cost{64, 1, 1}, salt: make([]byte, saltSize), key: make([]byte, keySize)}.String()
	if _, err := parseHash(good); err != nil {
		t.Fatalf("good hash: %v", err)
	}
	for name, bad := range map[string]string{
		"empty":       "",
		"other kind":  strings.Replace(good, "argon2id", "argon2i", 1),
		"huge memory": strings.Replace(good, "m=64", "m=4294967295", 1),
		"no passes":   strings.Replace(good, "t=1", "t=0", 1),
		"no threads":  strings.Replace(good, "p=1", "p=0", 1),
		"short key":   good[:len(good)-4],
		"bad salt":    strings.Replace(good, "$AAAA", "$!!!!", 1),
	} {
		if _, err := parseHash(bad); !errors.Is(err, errHash) {
			t.Errorf("%s: got %v, want errHash", name, err)
		}
	}
}

func BenchmarkHash(b *testing.B) {
	d := NewDoor(nil, Options{})
	for b.Loop() {
		if _, err := d.hash(b.Context(), "copper lantern visits Oslo"); err != nil {
			b.Fatal(err)
		}
	}
}
