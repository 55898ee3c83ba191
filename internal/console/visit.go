package console

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/estate"
	"github.com/stanch/stanch/internal/record"
)

// A visit is one request with what is known of who makes it.
type visit struct {
	c      *Console
	w      http.ResponseWriter
	r      *http.Request
	who    *access.Principal // nil if nobody is signed in
	house  *estate.House
	tongue *tongue
	names  map[string]string // of people, by account id; read once
	places map[string]string // of findings, by id, for the record of a case
}

// visit begins one, in the language that the request alone asks for.
func (c *Console) visit(w http.ResponseWriter, r *http.Request) *visit {
	v := &visit{c: c, w: w, r: r, house: c.readHouse(r.Context())}
	v.tongue = c.tongue[languageOf("", r)]
	return v
}

func (v *visit) ctx() context.Context { return v.r.Context() }

// actor is on whose behalf a decision of this visit runs.
func (v *visit) actor() record.Who { return v.who.Who() }

// zone is the time zone that times are shown and typed in.
func (v *visit) zone() *time.Location {
	if zone, err := time.LoadLocation(v.house.Zone); err == nil && v.house.Zone != "" {
		return zone
	}
	return time.UTC
}

func (v *visit) may(a access.Action) bool { return v.who != nil && v.who.Role.May(a) }

// fill sets what the layout shows.
func (v *visit) fill(f *Frame) error {
	f.Lang, f.Zone, f.Now = v.tongue.lang, v.zone(), v.c.Now().UnixMicro()
	f.Other = map[string]string{"zh": "en", "en": "zh"}[f.Lang]
	if f.Said == "" {
		f.Said = known(saidKeys, v.r.URL.Query().Get("said"))
	}
	f.May = map[string]bool{}
	if v.who == nil {
		f.Bare = true
		return nil
	}
	for _, a := range access.Actions() {
		f.May[string(a)] = v.may(a)
	}
	f.Role, f.Person, f.OnePerson = string(v.who.Role), v.person(string(v.who.Account)), v.house.OnePerson
	f.Absent = !v.who.Present(v.c.Now())
	unseen, err := v.c.Lists.CountUnseen(v.ctx(), v.c.Tenant)
	f.Unseen = unseen
	return err
}

// person returns what people call an account.
func (v *visit) person(id string) string {
	if id == record.System {
		return v.tongue.say("person.system")
	}
	if v.names == nil {
		v.names = map[string]string{}
		people, err := v.c.Door.Accounts(v.ctx(), *v.who)
		if err != nil {
			v.c.Log.ErrorContext(v.ctx(), "people not listed", "err", err)
		}
		for _, p := range people {
			v.names[string(p.ID)] = cmp.Or(p.Name, p.Login)
		}
	}
	if name := v.names[id]; name != "" {
		return name
	}
	return v.tongue.say("person.unknown")
}

// known returns the word if it is one of the list, so that an address cannot
// put words of its own on a page.
func known(list []string, word string) string {
	for _, k := range list {
		if k == word {
			return word
		}
	}
	return ""
}

// form returns a field as typed, without the space around it.
func (v *visit) form(name string) string { return strings.TrimSpace(v.r.PostFormValue(name)) }

// happened reads a time typed in the site's zone. Empty is no time.
func (v *visit) happened(name string) (time.Time, error) {
	text := v.form(name)
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if at, err := time.ParseInLocation(layout, text, v.zone()); err == nil {
			if at.After(v.c.Now().Add(5 * time.Minute)) {
				return time.Time{}, errFuture
			}
			return at.UTC(), nil
		}
	}
	return time.Time{}, errTime
}

// onward sends the browser on after a post; said is the key of what was done.
func (v *visit) onward(path, said string) error {
	if said != "" {
		join := "?"
		if strings.Contains(path, "?") {
			join = "&"
		}
		fragment := ""
		if i := strings.IndexByte(path, '#'); i >= 0 {
			path, fragment = path[:i], path[i:]
		}
		path += join + "said=" + url.QueryEscape(said) + fragment
	}
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
	return nil
}

// next returns the address a person wanted before signing in, if it is one of
// our own pages.
func next(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(raw, "//") || strings.Contains(raw, `\`) {
		return "/"
	}
	return address(u)
}

// address is where a page is, to come back to. An address that holds a card
// number is not repeated: what a person typed into it is left out.
func address(u *url.URL) string {
	whole := u.RequestURI()
	plain, err := url.QueryUnescape(whole)
	switch {
	case err == nil && !holdsPAN(whole) && !holdsPAN(plain):
		return whole
	case holdsPAN(u.Path):
		return "/"
	}
	return u.EscapedPath()
}

var (
	errCrossOrigin = errors.New("request came from another site")
	errFuture      = errors.New("time is in the future")
	errTime        = errors.New("time cannot be read")
	errMay         = errors.New("role does not allow this")
	errNoPage      = errors.New("no such page")
	errField       = errors.New("a field is missing or wrong")
	errAgain       = errors.New("the two passwords differ")
)

// saidKeys are what can be said to be done, as the address of a page says it.
var saidKeys = []string{
	"opened", "joined", "confirmed", "ruled_out", "closed", "reopened", "noted", "erased", "marked", "cause", "rescan", "attached", "verified", "sheet",
	"drafted", "drafted_several", "requested", "approved", "executed", "kept", "rolled_back", "void", "sheet_ok", "watching", "imported",
	"password", "saved", "revoked", "alarm", "removed",
}

// still reports whether the visitor is still signed in, for a stream that
// outlives the check at its start.
func (v *visit) still() bool {
	before := v.who
	v.who = nil
	if err := v.authenticate(); err != nil || v.who == nil {
		return false
	}
	return v.who.Account == before.Account
}
