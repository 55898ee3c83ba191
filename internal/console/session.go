package console

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/stanch/stanch/internal/access"
)

const sessionCookie = "stanch_session"

// authenticate finds who is visiting by the session's cookie. A cookie that
// opens nothing is as good as none.
func (v *visit) authenticate() error {
	cookie, err := v.r.Cookie(sessionCookie)
	if err != nil {
		return nil
	}
	who, err := v.c.Door.Resume(v.ctx(), v.c.Tenant, cookie.Value)
	if errors.Is(err, access.ErrSession) {
		return nil
	}
	if err != nil {
		return err
	}
	v.who = &who
	v.tongue = v.c.tongue[languageOf(shortLang(who.Lang), v.r)]
	return nil
}

// shortLang returns the language of a tag as pages know it.
func shortLang(tag string) string {
	if tag == "zh-CN" {
		return "zh"
	}
	return tag
}

// longLang is the tag that accounts keep.
func longLang(lang string) string {
	if lang == "zh" {
		return "zh-CN"
	}
	return "en"
}

// enter hands the session to the browser.
func (v *visit) enter(in access.Visit) {
	http.SetCookie(v.w, &http.Cookie{
		Name: sessionCookie, Value: in.Secret, Path: "/", HttpOnly: true, Secure: v.c.Secure, SameSite: http.SameSiteLaxMode,
		MaxAge: int((7 * 24 * time.Hour).Seconds()),
	})
	v.who = &in.Principal
}

func (v *visit) leave() {
	http.SetCookie(v.w, &http.Cookie{Name: sessionCookie, Path: "/", HttpOnly: true, Secure: v.c.Secure, SameSite: http.SameSiteLaxMode, MaxAge: -1})
}

// askSignIn sends a visitor who is not signed in to the door. A fragment or a
// stream cannot be sent anywhere.
func (v *visit) askSignIn() {
	if v.r.Method != http.MethodGet || v.r.URL.Path == "/events" || v.r.Header.Get("HX-Request") != "" {
		v.w.Header().Set("HX-Redirect", "/signin")
		v.c.fault(v, errSignedOut)
		return
	}
	to := "/signin"
	if here := address(v.r.URL); here != "/" {
		to += "?next=" + url.QueryEscape(here)
	}
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
}

var errSignedOut = errors.New("not signed in")

// prove takes the password that came with a form as proof that its person is
// there.
func (v *visit) prove() error {
	who, err := v.c.Door.ProvePresence(v.ctx(), *v.who, v.r.PostFormValue("password"), v.r.RemoteAddr)
	if errors.Is(err, access.ErrSignIn) {
		return errPassword
	}
	if err != nil {
		return err
	}
	v.who = &who
	return nil
}

// presence takes the password alone, for what needs a proof in the next five
// minutes.
func presence(v *visit) error {
	err := v.prove()
	if err == nil {
		return v.onward(next(v.form("next")), "")
	}
	if sentence, status, ok := v.problem(err); ok {
		page := &Fault{Word: "presence", Back: next(v.form("next")), Ask: true}
		page.Title, page.Problem = v.tongue.say("fault.presence.title"), sentence
		return v.render("fault", status, page)
	}
	return err
}

var errPassword = errors.New("password is wrong")

// SignIn is the door.
type SignIn struct {
	Frame
	Next  string
	Login string
	Fresh bool // nobody has an account yet
}

func signInPage(v *visit) error {
	if v.who != nil {
		return v.onward(next(v.r.URL.Query().Get("next")), "")
	}
	return v.signInForm("", http.StatusOK)
}

func (v *visit) signInForm(problem string, status int) error {
	over, err := v.c.Door.FirstRunOver(v.ctx(), v.c.Tenant)
	if err != nil {
		return err
	}
	page := &SignIn{Frame: Frame{Title: v.tongue.say("signin.title"), Bare: true, Problem: problem}, Next: next(v.r.FormValue("next")), Fresh: !over}
	if !holdsPAN(v.form("login")) {
		page.Login = v.form("login")
	}
	return v.render("signin", status, page)
}

func signIn(v *visit) error {
	in, err := v.c.Door.SignIn(v.ctx(), v.c.Tenant, access.Attempt{Login: v.form("login"), Password: v.r.PostFormValue("password"), Address: v.r.RemoteAddr})
	if err == nil {
		v.enter(in)
		return v.onward(next(v.form("next")), "")
	}
	if sentence, status, ok := v.problem(err); ok {
		return v.signInForm(sentence, status)
	}
	return err
}

func signOut(v *visit) error {
	if cookie, err := v.r.Cookie(sessionCookie); err == nil {
		if err := v.c.Door.SignOut(v.ctx(), v.c.Tenant, cookie.Value); err != nil {
			return err
		}
	}
	v.leave()
	return v.onward("/signin", "")
}

// pickLanguage sets the language in the browser, and for who is signed in, in
// the account.
func pickLanguage(v *visit) error {
	lang := known(languages, v.form("lang"))
	if lang == "" {
		return errField
	}
	http.SetCookie(v.w, &http.Cookie{Name: langCookie, Value: lang, Path: "/", HttpOnly: true, Secure: v.c.Secure, SameSite: http.SameSiteLaxMode, MaxAge: 365 * 24 * 3600})
	if v.who != nil {
		if err := v.c.Door.SetLang(v.ctx(), *v.who, longLang(lang)); err != nil {
			return err
		}
	}
	return v.onward(next(v.form("next")), "")
}
