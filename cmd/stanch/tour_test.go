package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// A tour is the program as a new user has it: the real binary with its
// demonstration, and a real browser.
type tour struct {
	t    *testing.T
	dir  string
	bin  string
	ctx  context.Context
	link string
	base string
}

// TestTour does what the README's five minutes say: from the printed link to a
// finding that the real watcher made, and on to a closed case. The finding has
// to be on the page within sixty seconds of the start, which is what the
// README promises.
func TestTour(t *testing.T) {
	x := newTour(t)
	began := time.Now()
	stop := x.serve()
	x.firstRun()
	x.run(chromedp.Navigate(x.base+"/"), chromedp.WaitVisible(chromedp.CSS(".verdict.bad")), chromedp.WaitVisible(chromedp.CSS(".casecard")))
	if took := time.Since(began); took > 60*time.Second {
		t.Errorf("the first finding was on the page after %v, want 60 seconds", took)
	}
	x.shoot("tour-overview")
	x.run(chromedp.Click(chromedp.CSS(".casecard")), chromedp.WaitVisible(chromedp.CSS(".stepper")))
	x.shoot("tour-case")
	where := x.where()
	x.confirm()
	x.lock()
	x.shoot("tour-plan")
	x.settle(strings.TrimPrefix(where, "/cases/"))
	x.run(chromedp.Navigate(x.base+where), chromedp.WaitVisible(chromedp.CSS("textarea[name=summary]")),
		chromedp.SendKeys(chromedp.CSS("textarea[name=summary]"), "The debug log is off, its file is locked away."),
		chromedp.Click(chromedp.CSS(".close form button")), chromedp.WaitVisible(chromedp.CSS(".said")))
	x.shoot("tour-closed")
	stop()
	// A second start finds all of it again.
	again := x.serve()
	defer again()
	if x.link != "" {
		t.Error("the second start prints a link of the first run")
	}
	x.run(chromedp.Navigate(x.base+where), chromedp.WaitVisible(chromedp.CSS("#case-head")))
	if words := x.words(); !strings.Contains(words, "Closed") {
		t.Errorf("after a restart the case page does not say that it is closed: %.200q", words)
	}
}

func newTour(t *testing.T) *tour {
	t.Helper()
	dir, err := os.MkdirTemp("", "tour")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	x := &tour{t: t, dir: dir, bin: filepath.Join(dir, "stanch")}
	build := exec.Command("go", "build", "-o", x.bin, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("find chromium (make test installs it): %v", err)
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(), chromedp.ExecPath(chromium), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.NoFirstRun, chromedp.UserDataDir(filepath.Join(dir, "profile")), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("lang", "en"))
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	x.ctx = ctx
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1440, 900)); err != nil {
		t.Fatalf("start browser: %v", err)
	}
	return x
}

var printed = regexp.MustCompile(`http://[0-9.:]+(/link/\S+)?`)

// serve starts the centre and returns what stops it, as Ctrl-C would.
func (x *tour) serve() (stop func()) {
	x.t.Helper()
	cmd := exec.Command(x.bin, x.args("serve", "--listen", "127.0.0.1:0", "--demonstration", filepath.Join(x.dir, "estate"))...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		x.t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		x.t.Fatal(err)
	}
	ended := make(chan error, 1)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if found := printed.FindStringSubmatch(lines.Text()); found != nil {
			x.link, x.base = found[0], strings.TrimSuffix(found[0], found[1])
			if found[1] == "" {
				x.link = ""
			}
			break
		}
	}
	go func() {
		for lines.Scan() { // so that the program never waits for a reader
		}
		ended <- cmd.Wait()
	}()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			x.t.Errorf("interrupt: %v", err)
		}
		select {
		case err := <-ended:
			if err != nil {
				x.t.Errorf("serve did not end cleanly: %v", err)
			}
		case <-time.After(30 * time.Second):
			_ = cmd.Process.Kill()
			x.t.Error("serve did not end within 30 seconds of an interrupt")
		}
	}
	x.t.Cleanup(stop)
	return stop
}

func (x *tour) args(words ...string) []string {
	return append(words, "--data", filepath.Join(x.dir, "data"), "--keys", filepath.Join(x.dir, "keys"))
}

func (x *tour) run(actions ...chromedp.Action[chromedp.Void]) {
	x.t.Helper()
	ctx, cancel := context.WithTimeout(x.ctx, 60*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		x.shoot("tour-stuck")
		x.t.Fatalf("at %s: %v\n%.600s", x.where(), err, x.words())
	}
}

// ask evaluates a script in the page.
func ask[T any](x *tour, script string) T {
	x.t.Helper()
	v, err := chromedp.Run(x.ctx, chromedp.Evaluate[T](script))
	if err != nil {
		x.t.Fatalf("evaluate script: %v", err)
	}
	return v
}

func (x *tour) where() string { return ask[string](x, `location.pathname`) }

func (x *tour) words() string { return ask[string](x, `document.body.innerText`) }

// shoot keeps a picture where STANCH_SCREENSHOTS says.
func (x *tour) shoot(name string) {
	dir := os.Getenv("STANCH_SCREENSHOTS")
	if dir == "" {
		return
	}
	picture, err := chromedp.Run(x.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644)
	}
	if err != nil {
		x.t.Errorf("keep picture: %v", err)
	}
}

const tourPassword = "harbour-lantern-42-osprey"

// firstRun makes the owner, describes a shop with one person, and makes the
// recovery sheet.
func (x *tour) firstRun() {
	x.t.Helper()
	x.run(chromedp.Navigate(x.link), chromedp.WaitVisible(chromedp.CSS("main form button")), chromedp.Click(chromedp.CSS("main form button")), chromedp.WaitVisible(chromedp.CSS("input[name=again]")))
	x.run(chromedp.SendKeys(chromedp.CSS("input[name=login]"), "owner"), chromedp.SendKeys(chromedp.CSS("input[name=password]"), tourPassword),
		chromedp.SendKeys(chromedp.CSS("input[name=again]"), tourPassword), chromedp.Click(chromedp.CSS("main form button")), chromedp.WaitVisible(chromedp.CSS("input[name=acquirer]")))
	x.run(chromedp.SendKeys(chromedp.CSS("input[name=name]"), "Demonstration"), chromedp.Click(chromedp.CSS("input[value=shop]")), chromedp.Click(chromedp.CSS("input[name=one_person]")),
		chromedp.SendKeys(chromedp.CSS("input[name=acquirer_phone]"), "95516"), chromedp.Click(chromedp.CSS("button[value=go]")), chromedp.WaitVisible(chromedp.CSS("button[value=make]")))
	x.run(chromedp.Click(chromedp.CSS("button[value=make]")), chromedp.WaitVisible(chromedp.CSS("input[name=group]")))
	groups := ask[[]string](x, `[...document.querySelectorAll(".groups code")].map((e) => e.textContent)`)
	n := ask[int](x, `Number(/\d+/.exec(document.querySelector("input[name=group]").parentElement.textContent)[0])`)
	x.run(chromedp.SendKeys(chromedp.CSS("input[name=group]"), groups[n-1]), chromedp.Click(chromedp.CSS("button[value=check]")), chromedp.WaitVisible(chromedp.CSS(".offers")))
}

// submit fills in the form with this action as a person would and sends it.
func (x *tour) submit(action, then string) {
	x.t.Helper()
	selector := fmt.Sprintf(`form[action$="%s"]`, action)
	x.run(chromedp.WaitReady(chromedp.CSS(selector)))
	ask[bool](x, fmt.Sprintf(`(() => {
		const form = document.querySelector('%s');
		for (const d of document.querySelectorAll("details")) if (d.contains(form)) d.open = true;
		for (const field of form.querySelectorAll("textarea")) field.value = "seen in the demonstration";
		for (const field of form.querySelectorAll("input[type=password]")) field.value = %q;
		form.querySelector("button").click();
		return true;
	})()`, selector, tourPassword))
	x.run(chromedp.WaitVisible(chromedp.CSS(then)))
}

func (x *tour) confirm() {
	x.t.Helper()
	x.submit("/confirm", ".said")
}

// lock takes the file away: plan, request, approval with the password, work.
func (x *tour) lock() {
	x.t.Helper()
	ask[bool](x, `(() => { [...document.querySelectorAll('form[action$="/plan"]')].find((f) => f.mode.value === "remove").querySelector("button").click(); return true; })()`)
	x.submit("/request", `form[action$="/approve"]`)
	x.submit("/approve", `form[action$="/execute"]`)
	x.submit("/execute", ".said")
	if exists(filepath.Join(x.dir, "estate", "shops", shopLog, "pos", "logs", "debug.log")) {
		x.t.Errorf("the file is still there: %.600s", x.words())
	}
}

// settle answers what keeps the case open, by the API, as a program would.
func (x *tour) settle(id string) {
	x.t.Helper()
	w := where{Data: filepath.Join(x.dir, "data"), Keys: filepath.Join(x.dir, "keys")}
	var plans struct{ Items []struct{ ID string } }
	if err := w.ask(x.t.Context(), http.MethodGet, "/cases/"+id+"/plans", nil, &plans); err != nil || len(plans.Items) == 0 {
		x.t.Fatalf("list plans: %d, %v", len(plans.Items), err)
	}
	e := &exercise{owner: nil, plans: []string{plans.Items[0].ID}}
	c, err := w.reach(x.t.Context())
	if err != nil {
		x.t.Fatal(err)
	}
	e.owner = &actor{centre: c}
	if err := e.settle(x.t.Context(), id); err != nil {
		x.t.Fatal(err)
	}
	if err := c.close(); err != nil {
		x.t.Fatal(err)
	}
}
