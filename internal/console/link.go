package console

import (
	"net/http"

	"github.com/stanch/stanch/internal/access"
)

// A LinkPage stands behind a single-use link: first a button, so that a
// program that looks at links uses nothing up, and then a form.
type LinkPage struct {
	Frame
	Purpose string // first_run, invite or recover
	Secret  string
	Form    bool // the button was pressed
	Login   string
	Name    string
}

func linkPage(v *visit) error { return v.linkWith("", http.StatusOK) }

func (v *visit) linkWith(problem string, status int) error {
	secret := v.r.PathValue("secret")
	link, err := v.c.Door.Peek(v.ctx(), v.c.Tenant, secret)
	if err != nil {
		return err
	}
	page := &LinkPage{Purpose: string(link.Purpose), Secret: secret, Form: link.Pass}
	page.Frame = Frame{Title: v.tongue.sayOf("link.title", link.Purpose), Bare: true, Self: "/link/" + secret, Problem: problem}
	if problem != "" && !holdsPAN(v.form("login")+" "+v.form("name")) {
		page.Login, page.Name = v.form("login"), v.form("name")
	}
	v.who = nil // the page is the newcomer's, whoever else is signed in here
	return v.render("link", status, page)
}

// linkUse takes the button, and then the form.
func linkUse(v *visit) error {
	secret := v.r.PathValue("secret")
	link, err := v.c.Door.Peek(v.ctx(), v.c.Tenant, secret)
	if err != nil {
		return err
	}
	if !link.Pass {
		pass, _, err := v.c.Door.Follow(v.ctx(), v.c.Tenant, secret)
		if err != nil {
			return err
		}
		return v.onward("/link/"+pass, "")
	}
	in, err := v.settleIn(link, secret)
	if err == nil {
		v.enter(in)
		to := "/"
		if link.Purpose == access.FirstRun {
			to = "/welcome/house"
		}
		return v.onward(to, "")
	}
	if sentence, status, ok := v.problem(err); ok {
		return v.linkWith(sentence, status)
	}
	return err
}

func (v *visit) settleIn(link access.Link, pass string) (access.Visit, error) {
	password := v.r.PostFormValue("password")
	if password != v.r.PostFormValue("again") {
		return access.Visit{}, errAgain
	}
	n := access.Newcomer{Login: v.form("login"), Name: v.form("name"), Lang: longLang(v.tongue.lang), Password: password, Address: v.r.RemoteAddr}
	switch link.Purpose {
	case access.FirstRun:
		return v.c.Door.CreateOwner(v.ctx(), v.c.Tenant, pass, n)
	case access.Invite:
		return v.c.Door.Join(v.ctx(), v.c.Tenant, pass, n)
	}
	return v.c.Door.Reset(v.ctx(), v.c.Tenant, pass, password, v.r.RemoteAddr)
}
