package console

import (
	"errors"
	"net/http"
	"time"

	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/estate"
	"github.com/stanch/stanch/internal/evidence"
)

// SettingsPage holds what can be set, each part for who may see it.
type SettingsPage struct {
	Frame
	House    estate.Settings
	Zones    []string
	Kinds    []string
	Country  []string
	Channels []Channel
	Roots    []Root
	People   []PersonRow
	Sessions []SessionRow
	Tokens   []access.ListedToken
	Roles    []access.Role
	Link     string // of an invitation, shown once
	LinkFor  string
	Token    string // a new token, shown once
	Key      string // of a new webhook, shown once
	Tested   *Channel
	Identity *evidence.Identity
}

// A PersonRow is an account in a list.
type PersonRow struct {
	ID, Name, Login, Role, Via string
	Disabled, Waiting, Self    bool
	Erased                     bool // its login and name are gone
	SignedIn                   int64
}

// A SessionRow is a browser that is signed in.
type SessionRow struct {
	ID, From      string
	Created, Seen int64
	This          bool
}

func settings(v *visit) error { return v.settingsWith(&SettingsPage{}, http.StatusOK) }

func (v *visit) settingsWith(page *SettingsPage, status int) error {
	page.Title, page.Nav = v.tongue.say("settings.title"), "settings"
	page.House, page.Zones, page.Kinds, page.Country, page.Roles = v.house.Settings, zones, houseKinds, countries, access.Roles()
	page.Roots = v.c.Watch.Roots()
	sessions, err := v.c.Door.Sessions(v.ctx(), *v.who, v.who.Account)
	if err != nil {
		return err
	}
	for _, s := range sessions {
		page.Sessions = append(page.Sessions, SessionRow{string(s.ID), s.From, s.Created, s.Seen, s.ID == v.who.Session})
	}
	if page.Channels, err = v.channels(); err != nil {
		return err
	}
	if v.may(access.ManageTokens) {
		if page.Tokens, err = v.c.Door.Tokens(v.ctx(), *v.who); err != nil {
			return err
		}
	}
	identity, err := v.c.Custodian.Identity(v.ctx(), v.c.Tenant)
	if err != nil && !errors.Is(err, evidence.ErrNoIdentity) {
		return err
	}
	if identity != nil && identity.Confirmed != 0 {
		page.Identity = identity
	}
	return v.fillPeople(page, status)
}

func (v *visit) fillPeople(page *SettingsPage, status int) error {
	people, err := v.c.Door.Accounts(v.ctx(), *v.who)
	if err != nil {
		return err
	}
	for _, p := range people {
		page.People = append(page.People, PersonRow{
			ID: string(p.ID), Name: v.person(string(p.ID)), Login: p.Login, Role: string(p.Role), Disabled: p.Disabled, Waiting: p.PasswordSet == 0, Erased: p.Erased,
			Self: p.ID == v.who.Account, SignedIn: p.SignedIn,
		})
	}
	return v.render("settings", status, page)
}

// onSettings runs an act and goes back to the settings.
func (v *visit) onSettings(said string, act func() error) error {
	err := act()
	if err == nil {
		return v.onward("/settings", said)
	}
	if sentence, status, ok := v.problem(err); ok {
		page := &SettingsPage{}
		page.Problem = sentence
		return v.settingsWith(page, status)
	}
	return err
}

func changePassword(v *visit) error {
	return v.onSettings("password", func() error {
		if v.r.PostFormValue("password") != v.r.PostFormValue("again") {
			return errAgain
		}
		err := v.c.Door.ChangePassword(v.ctx(), *v.who, v.r.PostFormValue("old"), v.r.PostFormValue("password"), v.r.RemoteAddr)
		if errors.Is(err, access.ErrSignIn) {
			return errPassword
		}
		return err
	})
}

func changeMe(v *visit) error {
	return v.onSettings("saved", func() error { return v.c.Door.SetLang(v.ctx(), *v.who, longLang(v.form("lang"))) })
}

func revokeSession(v *visit) error {
	return v.onSettings("revoked", func() error {
		return v.c.Door.EndSession(v.ctx(), *v.who, v.who.Account, access.SessionID(v.form("id")))
	})
}

func changeHouse(v *visit) error {
	return v.onSettings("saved", func() error {
		h, err := v.readForm()
		if err != nil {
			return err
		}
		return v.c.Registrar.Describe(v.ctx(), v.actor(), h)
	})
}

func addAlarm(v *visit) error {
	_, key, err := v.addChannel()
	if err == nil && key != "" {
		return v.settingsWith(&SettingsPage{Key: key}, http.StatusOK)
	}
	return v.onSettings("alarm", func() error { return err })
}

func removeAlarm(v *visit) error {
	return v.onSettings("removed", func() error { return v.c.Registrar.RemoveChannel(v.ctx(), v.actor(), estate.ChannelID(v.form("id"))) })
}

func testAlarm(v *visit) error {
	tested, err := v.test(estate.ChannelID(v.form("id")))
	if err != nil {
		return err
	}
	return v.settingsWith(&SettingsPage{Tested: tested}, http.StatusOK)
}

func addWatch(v *visit) error {
	return v.onSettings("watching", func() error { return v.c.Watch.Add(v.ctx(), v.actor(), v.form("path")) })
}

// invite makes a link and shows it once; it is not kept anywhere.
func invite(v *visit) error {
	secret, _, err := v.c.Door.Invite(v.ctx(), *v.who, access.Role(v.form("role")), v.form("name"))
	return v.showLink(secret, err)
}

func inviteAgain(v *visit) error {
	secret, err := v.c.Door.InviteAgain(v.ctx(), *v.who, access.ID(v.form("id")))
	return v.showLink(secret, err)
}

// showLink shows an invitation, once.
func (v *visit) showLink(secret string, err error) error {
	if sentence, status, ok := v.problem(err); err != nil && ok {
		page := &SettingsPage{}
		page.Problem = sentence
		return v.settingsWith(page, status)
	}
	if err != nil {
		return err
	}
	return v.settingsWith(&SettingsPage{Link: v.origin() + "/link/" + secret, LinkFor: v.form("name")}, http.StatusOK)
}

// origin is how the browser reached us.
func (v *visit) origin() string {
	scheme := "http://"
	if v.c.Secure {
		scheme = "https://"
	}
	return scheme + v.r.Host
}

func disable(v *visit) error {
	return v.onSettings("saved", func() error {
		if v.form("do") == "enable" {
			return v.c.Door.Enable(v.ctx(), *v.who, access.ID(v.form("id")))
		}
		return v.c.Door.Disable(v.ctx(), *v.who, access.ID(v.form("id")), v.form("reason"))
	})
}

// changePerson gives a person another name and role.
func changePerson(v *visit) error {
	return v.onSettings("saved", func() error {
		id := access.ID(v.form("id"))
		if err := v.c.Door.SetRole(v.ctx(), *v.who, id, access.Role(v.form("role"))); err != nil {
			return err
		}
		return v.c.Door.Rename(v.ctx(), *v.who, id, v.form("name"))
	})
}

// erasePerson takes the login and name of somebody who left out of the record.
func erasePerson(v *visit) error {
	return v.onSettings("erased", func() error {
		if err := v.prove(); err != nil {
			return err
		}
		return v.c.Door.EraseName(v.ctx(), *v.who, access.ID(v.form("id")), v.form("reason"))
	})
}

func makeToken(v *visit) error {
	var expires time.Time
	if days, err := count(v.form("days"), 0); err == nil && days > 0 {
		expires = v.c.Now().Add(time.Duration(days) * 24 * time.Hour)
	}
	token, _, err := v.c.Door.IssueToken(v.ctx(), *v.who, access.Role(v.form("role")), v.form("label"), expires)
	if sentence, status, ok := v.problem(err); err != nil && ok {
		page := &SettingsPage{}
		page.Problem = sentence
		return v.settingsWith(page, status)
	}
	if err != nil {
		return err
	}
	return v.settingsWith(&SettingsPage{Token: token}, http.StatusOK)
}

func revokeToken(v *visit) error {
	return v.onSettings("revoked", func() error {
		return v.c.Door.RevokeToken(v.ctx(), *v.who, access.TokenID(v.form("id")))
	})
}
