package console_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/stanch/stanch/internal/console"
	"github.com/stanch/stanch/internal/tenant"
)

// A browser is a real one, with everything it complained about.
type browser struct {
	t     *testing.T
	s     *shop
	ctx   context.Context
	axe   string
	begun bool
	mu    sync.Mutex // guards said
	said  []string
}

// openBrowser starts Chromium; without one there is no saying that pages work.
func openBrowser(t *testing.T, s *shop) *browser {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Fatal("there is no Chromium on this machine; make test installs it")
	}
	axe, err := os.ReadFile(filepath.Join("testdata", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("hide-scrollbars", true), chromedp.Flag("disable-dev-shm-usage", true),
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	b := &browser{t: t, s: s, ctx: ctx, axe: string(axe)}
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatal(err)
	}
	b.run(call(log.Enable, cdp.Empty{}), call(runtime.Enable, cdp.Empty{}))
	return b
}

// call makes an action of a command of the browser's protocol.
func call[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	})
}

// ask evaluates a script and returns what it gives.
func ask[T any](b *browser, script string, o ...chromedp.EvaluateOption) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script, o...))
	if err != nil {
		b.t.Fatalf("evaluate script: %v", err)
	}
	return v
}

// hear keeps what a person would see red in the console.
func (b *browser) hear(event any) {
	var text string
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			for _, a := range e.Args {
				text += string(a.Value) + a.Description + " "
			}
		}
	case *runtime.EventExceptionThrown:
		text = e.ExceptionDetails.Text
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Source == log.EntrySourceSecurity {
			text = e.Entry.Text + " " + e.Entry.URL
		}
	}
	if text != "" {
		b.mu.Lock()
		b.said = append(b.said, text)
		b.mu.Unlock()
	}
}

// calm fails the test if the browser complained since the last call.
func (b *browser) calm(where string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, text := range b.said {
		b.t.Errorf("%s: the browser says: %s", where, text)
	}
	b.said = nil
}

func (b *browser) run(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx := b.ctx
	if b.begun { // a deadline on the first use would end the browser with it
		short, stop := context.WithTimeout(b.ctx, 60*time.Second)
		defer stop()
		ctx = short
	}
	b.begun = true
	if err := chromedp.Do(ctx, actions...); err != nil {
		where, _ := chromedp.Run(b.ctx, chromedp.Location()) // only to say where
		b.t.Fatalf("at %s: %v", where, err)
	}
}

func (b *browser) open(path string) {
	b.t.Helper()
	b.run(chromedp.Navigate(b.s.server.URL+path), chromedp.WaitReady(chromedp.CSS("main")))
}

// press clicks what is named and waits for the page behind it.
func (b *browser) press(selector, then string) {
	b.t.Helper()
	b.run(chromedp.WaitVisible(chromedp.CSS(selector)), chromedp.Click(chromedp.CSS(selector)), chromedp.WaitVisible(chromedp.CSS(then)))
}

// look sets the size of the window and the colours of the system.
func (b *browser) look(width int64, scheme string) {
	b.t.Helper()
	height := map[bool]int64{true: 844, false: 900}[width < 600]
	b.run(chromedp.EmulateViewport(width, height), call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}))
}

// as takes over the session of a person.
func (b *browser) as(p *person) {
	b.t.Helper()
	u, err := url.Parse(b.s.server.URL)
	b.s.must(err)
	for _, c := range p.client.Jar.Cookies(u) {
		b.run(call(network.SetCookie, network.SetCookieParams{Name: c.Name, Value: c.Value, URL: b.s.server.URL}))
	}
}

// shoot keeps a picture of the whole page where STANCH_SCREENSHOTS says.
func (b *browser) shoot(name string) {
	b.t.Helper()
	dir := os.Getenv("STANCH_SCREENSHOTS")
	if dir == "" {
		return
	}
	// The window is made as high as the page, so that what sticks to its
	// bottom stands at the bottom of the picture.
	size := ask[[]int64](b, `[innerWidth, Math.max(innerHeight, document.documentElement.scrollHeight), innerHeight]`)
	b.run(chromedp.EmulateViewport(size[0], size[1]))
	picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	b.s.must(err)
	b.run(chromedp.EmulateViewport(size[0], size[2]))
	b.s.must(os.MkdirAll(dir, 0o755))
	b.s.must(os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644))
}

// fits fails the test if the page is wider than the window.
func (b *browser) fits(where string) {
	b.t.Helper()
	over := ask[string](b, `(() => {
		const wide = document.documentElement.clientWidth;
		if (document.documentElement.scrollWidth <= wide) return "";
		const out = [...document.querySelectorAll("main *")].filter((e) => e.getBoundingClientRect().right > wide + 1).slice(0, 3);
		return document.documentElement.scrollWidth + " > " + wide + ": " + out.map((e) => e.outerHTML.slice(0, 160)).join(" | ");
	})()`)
	if over != "" {
		b.t.Errorf("%s: the page is wider than the window: %s", where, over)
	}
}

// accessible runs axe-core over the page.
func (b *browser) accessible(where string) {
	b.t.Helper()
	found := ask[string](b, b.axe+`; axe.run(document, {resultTypes: ["violations"]}).then((r) => JSON.stringify(r.violations.filter((v) => v.impact === "serious" || v.impact === "critical").map((v) => ({id: v.id, help: v.help, nodes: v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200) + " :: " + n.failureSummary.slice(0, 300))}))))`, chromedp.EvalAwaitPromise)
	var faults []struct {
		ID, Help string
		Nodes    []string
	}
	if err := json.Unmarshal([]byte(found), &faults); err != nil {
		b.t.Fatal(err)
	}
	for _, f := range faults {
		b.t.Errorf("%s: %s: %s\n\t%s", where, f.ID, f.Help, strings.Join(f.Nodes, "\n\t"))
	}
}

// TestBrowserWalk goes from the printed link to a closed case, as a person
// with a mouse and a keyboard does.
func TestBrowserWalk(t *testing.T) {
	s := newShop(t)
	b := openBrowser(t, s)
	b.look(1440, "light")
	link, err := s.door.FirstRunLink(context.Background(), tenant.Default)
	s.must(err)
	b.open("/link/" + link)
	b.shoot("walk-1-link")
	b.press("main form button", "input[name=again]")
	b.run(chromedp.SendKeys(chromedp.CSS("input[name=login]"), "lin"), chromedp.SendKeys(chromedp.CSS("input[name=password]"), password), chromedp.SendKeys(chromedp.CSS("input[name=again]"), password))
	b.press("main form button", "input[name=acquirer]")
	b.accessible("welcome house")
	b.run(chromedp.SendKeys(chromedp.CSS("input[name=name]"), "Corner"), chromedp.Click(chromedp.CSS("input[value=shop]")), chromedp.Click(chromedp.CSS("input[name=one_person]")), chromedp.SendKeys(chromedp.CSS("input[name=acquirer]"), "Acquirer"), chromedp.SendKeys(chromedp.CSS("input[name=acquirer_phone]"), "95516"))
	b.shoot("walk-2-house")
	b.press("button[value=go]", "button[value=make]")
	b.press("button[value=make]", "input[name=group]")
	b.shoot("walk-3-sheet")
	b.accessible("recovery sheet")
	groups := ask[[]string](b, `[...document.querySelectorAll(".groups code")].map((e) => e.textContent)`)
	n := ask[int](b, `Number(/\d+/.exec(document.querySelector("input[name=group]").parentElement.textContent)[0])`)
	b.run(chromedp.SendKeys(chromedp.CSS("input[name=group]"), groups[n-1]))
	b.press("button[value=check]", ".offers")
	b.shoot("walk-4-ready")
	b.run(chromedp.SendKeys(chromedp.CSS("input[name=path]"), s.root))
	b.press(".offers .primary", ".verdict")
	b.calm("first run")
	s.watch.roots = []console.Root{{Path: s.root, State: "live", Files: 214, Walked: time.Now()}}
	// What the tones are played by is counted: no machine here has a speaker.
	ask[bool](b, `window.rung = []; AudioBufferSourceNode.prototype.start = function () { window.rung.push(this.buffer.duration); }; true`)
	b.run(chromedp.KeyEvent("x")) // a page may make no sound before somebody touched it
	f := s.leak("pos-debug.log", 23, "cvv", "expiry")
	// The overview changes by itself: nobody reloads it.
	b.run(chromedp.WaitVisible(chromedp.CSS(".verdict.bad")), chromedp.WaitVisible(chromedp.CSS(".casecard.leaking")))
	b.run(chromedp.Poll[chromedp.Void](`document.title.startsWith("(1) ")`), chromedp.Poll[chromedp.Void](`window.rung.length === 1 && window.rung[0] > 0.5`))
	b.press(".casecard", ".stepper")
	b.press("#case-head ~ .columns summary:has(+ form[action$=confirm]), #next .act > summary:not(.button)", "#next form[action$=confirm] button, #next .act[open] summary.button.primary")
	b.walkOn(f.Case)
	b.calm("case")
}

// walkOn confirms, settles and closes the case, the last step by mouse.
func (b *browser) walkOn(id string) {
	b.t.Helper()
	p := b.s.nobody("en")
	p.to("/", "/signin", "login", "lin", "password", password)
	p.to("/cases/", "/cases/"+id+"/confirm")
	settle(b.s, p, id)
	b.open("/cases/" + id)
	b.run(chromedp.WaitVisible(chromedp.CSS("textarea[name=summary]")), chromedp.SendKeys(chromedp.CSS("textarea[name=summary]"), "The debug log was switched off."))
	b.press(".close form button", ".said")
	words := ask[string](b, `document.querySelector("main").innerText`)
	if !strings.Contains(words, "This case is closed") {
		b.t.Errorf("got %.300q, want the case closed", words)
	}
}

// gallery are the pages that are pictured and examined.
func gallery(f string, id string, plan string) map[string]string {
	return map[string]string{
		"overview": "/", "cases": "/cases", "case": "/cases/" + id, "case-tasks": "/cases/" + id + "?tab=tasks", "case-exposure": "/cases/" + id + "?tab=exposure",
		"case-evidence": "/cases/" + id + "?tab=evidence", "case-notices": "/cases/" + id + "?tab=notices", "findings": "/findings", "finding": "/findings/" + f,
		"report": "/cases/new", "sheet": "/sheet", "case-sheet": "/cases/" + id + "/sheet", "plans": "/plans", "plan": plan, "ledger": "/ledger", "entry": "/ledger/3",
		"estate": "/estate", "settings": "/settings", "help": "/help", "fault": "/nothing",
	}
}

// TestBrowserGallery looks at every page at both widths, in both languages and
// both colours: it fits, axe-core finds nothing serious, the console is quiet.
func TestBrowserGallery(t *testing.T) {
	if testing.Short() {
		t.Skip("make test runs this without the race detector, under which TestBrowserWalk opens the pages")
	}
	for _, lang := range []string{"zh", "en"} {
		t.Run(lang, func(t *testing.T) {
			s := newShop(t)
			p := s.owner(lang)
			confirmAny(s, p)
			id, f, plan := furnish(s, p)
			b := openBrowser(t, s)
			b.as(p)
			for _, scheme := range []string{"light", "dark"} {
				for _, width := range []int64{390, 1440} {
					b.look(width, scheme)
					for name, path := range gallery(f, id, plan) {
						where := fmt.Sprintf("%s-%s-%d-%s", name, lang, width, scheme)
						b.open(path)
						b.fits(where)
						if (scheme == "dark") == (width == 390) {
							b.accessible(where)
						}
						b.shoot(where)
						if name != "fault" {
							b.calm(where)
						}
						b.forget()
					}
				}
			}
		})
	}
}

func (b *browser) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.said = []string{}
}

// confirmAny makes the recovery sheet without looking at the words.
func confirmAny(s *shop, p *person) (passphrase string) {
	s.t.Helper()
	sheet, err := s.custodian.MakeIdentity(context.Background(), s.who(p))
	s.must(err)
	s.must(s.custodian.ConfirmIdentity(context.Background(), s.who(p), sheet.Fingerprint))
	return sheet.Passphrase()
}

// furnish fills a shop so that its pages have something to show.
func furnish(s *shop, p *person) (id, f, plan string) {
	s.t.Helper()
	s.watch.roots = []console.Root{
		{Path: s.root, State: "live", Files: 1284, Walked: time.Now()}, {Path: "/srv/pos/export", State: "polling", Reasons: []string{"network_mount"}, Files: 310, Walked: time.Now()},
		{Path: "/srv/pos/backup", State: "unreadable", Unreadable: 3},
	}
	s.watch.troubles = []console.Trouble{{Path: "/srv/pos/export/2026-11.zip", Cause: "encrypted"}, {Path: "/srv/pos/scan.jpg", Cause: "picture"}}
	lock := s.leak("orders-2026-11.csv", 7)
	found := s.leak("pos-debug.log", 23, "cvv", "expiry")
	s.leak("receipt.txt", 2)
	text := map[string][2]string{"en": {"Till 3", "The vendor says that the debug log was left on after the visit of last week."}, "zh": {"3号收银台", "厂商说上周上门后忘了关调试日志。"}}[p.lang]
	p.to("/cases/", "/cases/new", "kind", "skimmer", "reporter", "customer", "place", text[0], "low", "10", "data", "track", "text", text[1])
	page := "/cases/" + found.Case
	p.to(page, page+"/note", "text", text[1])
	p.to(page, page+"/mark", "what", "task", "item", "protect.scene", "state", "done", "reason", text[1])
	p.to(page, page+"/mark", "what", "stage", "item", "experts", "state", "not_needed", "reason", text[1])
	plan = strings.Split(p.to("/plans/", page+"/plan", "action", "lock", "mode", "remove", "finding", string(lock.ID)), "?")[0]
	p.to(plan, plan+"/request", "reason", text[1])
	return found.Case, string(found.ID), plan
}
