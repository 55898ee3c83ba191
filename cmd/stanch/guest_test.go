package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// A guest is a person with a browser of their own, or a program with a token,
// at a centre that runs as another process.
type guest struct {
	t        testing.TB
	base     string
	client   *http.Client
	password string
	token    string
	heard    func(what string, said []byte) // sees everything that comes back; may be nil
}

func newGuest(t testing.TB, base, lang string, heard func(string, []byte)) *guest {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	g := &guest{t: t, base: base, client: &http.Client{Jar: jar, CheckRedirect: stay, Timeout: time.Minute}, heard: heard}
	g.speak(lang)
	return g
}

// speak picks the language of the pages.
func (g *guest) speak(lang string) {
	g.t.Helper()
	g.form("/language", "lang", lang, "next", "/")
}

// A reply is an answer with its body read.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// do sends one request and lets heard see the whole answer.
func (g *guest) do(r *http.Request) (reply, error) {
	if g.token != "" {
		r.Header.Set("Authorization", "Bearer "+g.token)
	}
	answer, err := g.client.Do(r)
	if err != nil {
		return reply{}, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if g.heard != nil {
		var head bytes.Buffer
		_ = answer.Header.Write(&head) // to memory
		g.heard(r.Method+" "+r.URL.Path, append(head.Bytes(), body...))
	}
	return reply{answer.StatusCode, answer.Header, body}, err
}

func (g *guest) must(r *http.Request, err error) reply {
	g.t.Helper()
	if err != nil {
		g.t.Fatal(err)
	}
	got, err := g.do(r)
	if err != nil {
		g.t.Fatal(err)
	}
	return got
}

// get fetches a page.
func (g *guest) get(path string) reply {
	g.t.Helper()
	return g.must(http.NewRequest(http.MethodGet, g.base+path, nil))
}

// form posts a form, given as names and values in turn.
func (g *guest) form(path string, fields ...string) reply {
	g.t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		values.Add(fields[i], fields[i+1])
	}
	r, err := http.NewRequest(http.MethodPost, g.base+path, strings.NewReader(values.Encode()))
	if err == nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return g.must(r, err)
}

// upload posts a form with a file.
func (g *guest) upload(path, name string, content []byte, fields ...string) reply {
	g.t.Helper()
	var sent bytes.Buffer
	w := multipart.NewWriter(&sent)
	for i := 0; i+1 < len(fields); i += 2 {
		_ = w.WriteField(fields[i], fields[i+1]) // to memory
	}
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		g.t.Fatal(err)
	}
	_, _ = part.Write(content) // to memory
	_ = w.Close()
	r, err := http.NewRequest(http.MethodPost, g.base+path, &sent)
	if err == nil {
		r.Header.Set("Content-Type", w.FormDataContentType())
	}
	return g.must(r, err)
}

// onward posts a form that has to be taken, and returns where it leads.
func (g *guest) onward(path string, fields ...string) string {
	g.t.Helper()
	got := g.form(path, fields...)
	if got.status != http.StatusSeeOther {
		g.t.Fatalf("post %s: got %d: %.2000s", path, got.status, got.body)
	}
	return got.header.Get("Location")
}

// try calls the API and returns the answer.
func (g *guest) try(method, path string, in any, headers ...string) reply {
	g.t.Helper()
	var sent []byte
	if in != nil {
		var err error
		if sent, err = json.Marshal(in); err != nil {
			g.t.Fatal(err)
		}
	}
	r, err := http.NewRequest(method, g.base+"/api/v1"+path, bytes.NewReader(sent))
	if err == nil && in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; err == nil && i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return g.must(r, err)
}

// call calls the API, which has to take it, and reads the answer into out.
func (g *guest) call(method, path string, in, out any) {
	g.t.Helper()
	got := g.try(method, path, in)
	if got.status >= http.StatusMultipleChoices {
		g.t.Fatalf("%s %s: got %d: %s", method, path, got.status, got.body)
	}
	if out != nil {
		if err := json.Unmarshal(got.body, out); err != nil {
			g.t.Fatalf("%s %s: %v", method, path, err)
		}
	}
}

// prove shows that the person is there.
func (g *guest) prove() {
	g.t.Helper()
	g.call(http.MethodPost, "/presence", map[string]string{"password": g.password}, nil)
}

// settle follows a single-use link and makes the account behind it.
func (g *guest) settle(link, login, password string) {
	g.t.Helper()
	g.get(link)
	behind := g.onward(link)
	g.onward(behind, "login", login, "name", login, "password", password, "again", password)
	g.password = password
}

var (
	sheetGroup = regexp.MustCompile(`<li><code>([^<]+)</code></li>`)
	sheetAsked = regexp.MustCompile(`name="group"`)
	linkShown  = regexp.MustCompile(`/link/[a-z0-9]+`)
)

// identity makes the case identity and returns its passphrase. Which group is
// asked for is tried out: the page names it in words.
func (g *guest) identity() (passphrase string) {
	g.t.Helper()
	g.onward("/welcome/sheet", "do", "make")
	page := g.get("/welcome/sheet").body
	if !sheetAsked.Match(page) {
		g.t.Fatalf("no recovery sheet: %s", page)
	}
	var groups []string
	for _, m := range sheetGroup.FindAllSubmatch(page, -1) {
		groups = append(groups, string(m[1]))
	}
	for _, group := range groups {
		if g.form("/welcome/sheet", "do", "check", "group", group).status == http.StatusSeeOther {
			return strings.Join(groups, "-")
		}
	}
	g.t.Fatalf("no group of the sheet was taken: %s", page)
	return ""
}

// invite makes a link for another person.
func (g *guest) invite(role, name string) string {
	g.t.Helper()
	got := g.form("/settings/people/invite", "role", role, "name", name)
	link := linkShown.Find(got.body)
	if link == nil {
		g.t.Fatalf("invite: got %d: %.2000s", got.status, got.body)
	}
	return string(link)
}

// found lists all findings.
func (g *guest) found() (all []found) {
	g.t.Helper()
	for next := "/findings?limit=200"; ; {
		var page struct {
			Items []found
			Next  string
		}
		g.call(http.MethodGet, next, nil, &page)
		if all = append(all, page.Items...); page.Next == "" {
			return all
		}
		next = "/findings?limit=200&cursor=" + url.QueryEscape(page.Next)
	}
}

// eventually looks again until done says so.
func eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	for limit := time.Now().Add(time.Minute); time.Now().Before(limit); time.Sleep(poll) {
		if done() {
			return
		}
	}
	t.Fatal(fmt.Sprint("never came: ", what))
}
