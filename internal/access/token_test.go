package access

import (
	"errors"
	"strings"
	"testing"
)

func TestParseToken(t *testing.T) {
	const id = TokenID("0198c0de-0000-7000-8000-00000000abcd")
	secret, _ := newSecret(tokenSecret)
	whole := FormatToken(id, secret)
	gotID, gotSecret, err := ParseToken(whole)
	if err != nil || gotID != id || gotSecret != secret {
		t.Fatalf("got %s, %v; want %s", gotID, err, id)
	}
	for name, bad := range map[string]string{
		"empty":         "",
		"prefix only":   "stn_",
		"no prefix":     strings.TrimPrefix(whole, "stn_"),
		"upper case":    strings.ToUpper(whole),
		"cut":           whole[:len(whole)-1],
		"longer":        whole + "a",
		"space":         whole + " ",
		"no secret":     whole[:len("stn_")+33],
		"id with sign":  "stn_" + strings.Repeat("-", 32) + "_" + secret,
		"third part":    whole + "_",
		"secret spaced": "stn_" + whole[4:37] + strings.Repeat(" ", len(secret)),
	} {
		_, _, err := ParseToken(bad)
		if !errors.Is(err, ErrToken) {
			t.Errorf("%s: got %v, want ErrToken", name, err)
		}
	}
}

func FuzzParseToken(f *testing.F) {
	secret, _ := newSecret(tokenSecret)
	f.Add(FormatToken("0198c0de-0000-7000-8000-00000000abcd", secret))
	f.Add("stn_")
	f.Add("stn__")
	f.Add("stn_0198c0de000070008000 0000000abcd_" + secret)
	f.Fuzz(func(t *testing.T, s string) {
		id, secret, err := ParseToken(s)
		if err != nil {
			if id != "" || secret != "" || err.Error() != ErrToken.Error() {
				t.Errorf("refused, and gave %q, %q, %v", id, secret, err)
			}
			return
		}
		if got := FormatToken(id, secret); got != s {
			t.Errorf("round trip changed the token: %d bytes, was %d", len(got), len(s))
		}
	})
}
