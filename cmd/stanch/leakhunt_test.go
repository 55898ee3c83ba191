package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/store/storetest"
)

// TestLeakHunt walks a whole case with numbers that were planted, in content,
// in names and in requests, and looks for each of them in everything that
// Stanch said, sent, logged, wrote and kept. Nothing is left out: sealed
// evidence is encrypted, so it is searched as well.
func TestLeakHunt(t *testing.T) {
	if testing.Short() {
		t.Skip("make test runs this without the race detector, under which TestTour carries a case through")
	}
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			x := newChase(t, engine)
			x.start()
			x.people()
			x.plantAll()
			x.find()
			x.typeNumbers()
			x.act()
			x.look()
			x.finish()
			x.verdict()
		})
	}
}

// A chase is one leak hunt.
type chase struct {
	t        *testing.T
	hunter   *hunter
	dir      string
	database string // empty for SQLite
	config   string
	env      []string
	seat     *seat
	next     uint64 // of the numbers to come

	owner, responder *guest
	passphrase       string
	files            int            // planted files that hold numbers
	done             map[string]int // plans carried out, by what they do
	findings         []found
	endGlimpse       func() // what the hunt knows is one goroutine's from then on

	mu    sync.Mutex // guards what follows
	seen  int        // bytes searched
	leaks []string
}

func newChase(t *testing.T, engine string) *chase {
	dir := t.TempDir()
	x := &chase{t: t, hunter: newHunter(), done: map[string]int{}, dir: dir, config: filepath.Join(dir, "stanch.yaml"), next: 4_000_000}
	for _, sub := range []string{"tmp", "home", "shop"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	x.env = append(os.Environ(), "TMPDIR="+filepath.Join(dir, "tmp"), "HOME="+filepath.Join(dir, "home"), "XDG_CONFIG_HOME="+filepath.Join(dir, "home"))
	settings := "data: data\nkeys: keys\nlisten: 127.0.0.1:0\nlog_level: debug\nallow_outgoing: [127.0.0.1]\nwatch: [{path: shop}]\n"
	if engine == "postgres" {
		x.database = storetest.Postgres(t)
		settings += "database: " + x.database + "\n"
	}
	if err := os.WriteFile(x.config, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	return x
}

// number makes a number that is hunted for from now on.
func (x *chase) number(brand, where string) string {
	x.next++
	n := drillCards(brand, x.next, 1)[0]
	x.hunt(n, where)
	return n
}

// hunt has a number looked for from now on.
func (x *chase) hunt(n, where string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.hunter.add(n, where)
}

// heard searches something that came out. It is called while the centre runs,
// so what it finds is judged at the end.
func (x *chase) heard(where string, text []byte) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.seen += len(text)
	if what := x.hunter.look(text); what != "" && len(x.leaks) < 100 {
		x.leaks = append(x.leaks, fmt.Sprintf("%s: %s", card.MaskText(where), what))
	}
}

func (x *chase) start() {
	x.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var err error
	x.seat, err = takeSeat(ctx, program(x.t), x.dir, x.env, "serve", "--config", x.config)
	x.t.Cleanup(func() {
		cancel()
		if x.seat != nil {
			<-x.seat.over
		}
	})
	if err != nil {
		x.t.Fatalf("start: %v: %s", err, x.seat.errs.String())
	}
	x.watchTemp()
}

// program is the binary that testscript made of this test.
func program(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("stanch")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// watchTemp glimpses until endGlimpse is called, at the end of the test at the
// latest.
func (x *chase) watchTemp() {
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	group.Go(func() { x.glimpse(ctx) })
	x.endGlimpse = func() { cancel(); group.Wait() }
	x.t.Cleanup(x.endGlimpse)
}

// glimpse looks into the folder for temporary files while the centre runs: what
// is gone at the end was there too.
func (x *chase) glimpse(ctx context.Context) {
	for {
		x.search(filepath.Join(x.dir, "tmp"))
		select {
		case <-ctx.Done():
			return
		case <-time.After(poll):
		}
	}
}

// search looks through the names and the content of every file below dir.
func (x *chase) search(dir string) {
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // it was there a moment ago
		}
		name, _ := filepath.Rel(x.dir, path)
		x.heard("name of file", []byte(name))
		if d.Type().IsRegular() {
			if content, err := os.ReadFile(path); err == nil {
				x.heard("file "+name, content)
			}
		}
		return nil
	})
}

func (x *chase) people() {
	const first, second = "first long passphrase 1", "second long passphrase 2"
	x.owner = newGuest(x.t, x.seat.base, "en", x.heard)
	x.owner.settle(x.seat.link, "hunt-owner", first)
	x.owner.onward("/welcome/house", "name", "Corner shop", "kind", "shop", "country", "CN", "zone", "Asia/Shanghai")
	x.passphrase = x.owner.identity()
	x.responder = newGuest(x.t, x.seat.base, "zh", x.heard)
	x.responder.settle(x.owner.invite("responder", "Second"), "hunt-second", second)
	x.alarms()
	x.listen()
}

// alarms has the centre send its alarms to a receiver that searches them.
func (x *chase) alarms() {
	taken := make(chan struct{}, 100)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var head strings.Builder
		_ = r.Header.Write(&head) // to memory
		body, _ := io.ReadAll(r.Body)
		x.heard("alarm", append([]byte(r.URL.String()+"\n"+head.String()), body...))
		select {
		case taken <- struct{}{}:
		default:
		}
	}))
	x.t.Cleanup(receiver.Close)
	if got := x.owner.form("/settings/alarms", "alarm_kind", "webhook", "alarm_url", receiver.URL+"/hook"); got.status != http.StatusOK {
		x.t.Fatalf("add alarm: got %d: %s", got.status, got.body)
	}
	x.t.Cleanup(func() {
		if len(taken) == 0 {
			x.t.Error("no alarm was sent, so none was searched")
		}
	})
}

// listen keeps a stream of events open to the end.
func (x *chase) listen() {
	ctx, cancel := context.WithCancel(context.Background())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, x.seat.base+"/events", nil)
	if err != nil {
		x.t.Fatal(err)
	}
	stream, err := (&http.Client{Jar: x.owner.client.Jar}).Do(r)
	if err != nil || stream.StatusCode != http.StatusOK {
		x.t.Fatalf("open stream: %v %v", stream, err)
	}
	var all tape
	over := make(chan struct{})
	go func() {
		defer close(over)
		_, _ = io.Copy(&all, stream.Body) // ends with the centre
	}()
	x.t.Cleanup(func() {
		cancel()
		<-over
		stream.Body.Close()
		text := all.String()
		x.mu.Lock()
		leak := x.hunter.look([]byte(text))
		x.mu.Unlock()
		if leak != "" || !strings.Contains(text, "finding:") {
			x.t.Errorf("stream of events: got %s in %.300s", leak, card.MaskText(text))
		}
	})
}

// find waits until all that was planted is known, and nothing new comes.
func (x *chase) find() {
	var last []byte
	since := time.Now()
	eventually(x.t, "all findings", func() bool {
		x.findings = x.owner.found()
		now, err := json.Marshal(x.findings)
		if err != nil || string(now) != string(last) {
			last, since = now, time.Now()
		}
		return len(x.findings) >= x.files && time.Since(since) > 2*time.Second
	})
	if len(x.findings) < x.files {
		x.t.Fatalf("got %d findings, want %d", len(x.findings), x.files)
	}
	if !slices.ContainsFunc(x.findings, func(f found) bool { return strings.Contains(f.Path, "***") }) {
		x.t.Error("no path is masked, so no number in a name was met")
	}
}

// act carries the cases through: confirm, seal, lock by removing and by
// masking, undo, re-scan, rule out, close.
func (x *chase) act() {
	byCase := map[string][]string{}
	for _, f := range x.findings {
		if f.Case != "" && (f.State == "open" || f.State == "sealed") {
			byCase[f.Case] = append(byCase[f.Case], f.ID)
		}
	}
	if len(byCase) == 0 {
		x.t.Fatal("no case was opened")
	}
	for id, findings := range byCase {
		x.responder.call(http.MethodPost, "/cases/"+id+"/seen", nil, nil)
		x.responder.call(http.MethodPost, "/cases/"+id+"/confirm", reason("planted"), nil)
		x.plan(map[string]any{"case": id, "action": "seal", "findings": findings})
		for i, f := range findings {
			masked := x.plan(map[string]any{"case": id, "action": "lock", "mode": "mask", "findings": []string{f}, "writers": true})
			removed := x.plan(map[string]any{"case": id, "action": "lock", "mode": "remove", "findings": []string{f}, "writers": true})
			if p := cmp.Or(removed, masked); p != "" && i%3 == 0 {
				x.owner.prove()
				x.count("undo", x.owner.try(http.MethodPost, "/plans/"+p+"/rollback", map[string]string{"passphrase": x.passphrase, "reason": "hunt"}))
			}
		}
		x.responder.call(http.MethodPost, "/cases/"+id+"/rescan", nil, nil)
		x.owner.try(http.MethodPost, "/cases/"+id+"/close", reason("too early"))
	}
	for _, what := range []string{"seal ", "lock mask", "lock remove", "undo"} {
		if x.done[what] == 0 {
			x.t.Errorf("no plan was carried out to %s: %v", what, x.done)
		}
	}
	var out struct{ Case string }
	x.owner.call(http.MethodPost, "/cases", map[string]any{"kind": "skimmer", "reporter": "bank", "text": "two slips", "place": "till"}, &out)
	x.owner.call(http.MethodPost, "/cases/"+out.Case+"/rule-out", reason("our own test"), nil)
}

// plan carries a plan out, as far as the planner lets it, and returns its id if
// it came to the end.
func (x *chase) plan(in map[string]any) string {
	in["reason"] = "hunt"
	var p drilledPlan
	got := x.responder.try(http.MethodPost, "/plans", in)
	if json.Unmarshal(got.body, &p) != nil || p.ID == "" {
		return ""
	}
	at := "/plans/" + p.ID
	x.responder.try(http.MethodPost, at+"/dry-run", nil)
	got = x.responder.try(http.MethodPost, at+"/request", reason("hunt"))
	if got.status != http.StatusOK || json.Unmarshal(got.body, &p) != nil {
		return ""
	}
	x.owner.prove()
	x.owner.try(http.MethodPost, at+"/approve", map[string]string{"hash": p.Hash})
	got = x.responder.try(http.MethodPost, at+"/execute", nil)
	mode, _ := in["mode"].(string)
	if !x.count(fmt.Sprintf("%s %s", in["action"], mode), got) {
		return ""
	}
	return p.ID
}

// count notes a plan that was carried out.
func (x *chase) count(what string, got reply) bool {
	var p drilledPlan
	if got.status != http.StatusOK || json.Unmarshal(got.body, &p) != nil || !slices.Contains([]string{"active", "permanent", "verified", "rolled_back"}, p.State) {
		return false
	}
	x.done[what]++
	return true
}

// look fetches everything that can be fetched.
func (x *chase) look() {
	x.apiPages()
	for _, person := range []*guest{x.owner, x.responder} {
		for _, lang := range []string{"en", "zh"} {
			person.form("/settings/me", "lang", lang)
			if n := x.crawl(person); n < 20 {
				x.t.Errorf("crawl in %s: got %d pages, want more", lang, n)
			}
		}
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/api/openapi.json"} {
		if got := x.owner.get(path); got.status != http.StatusOK {
			x.t.Errorf("%s: got %d", path, got.status)
		}
	}
}

var (
	linked = regexp.MustCompile(`(?:href|src|hx-get)="(/[^"]*)"`)
	blank  = regexp.MustCompile(`\{[a-z]+\}`)
)

// crawl follows every link from the first page. Forms are left alone.
func (x *chase) crawl(person *guest) int {
	seen, queue := map[string]bool{"/": true}, []string{"/"}
	for len(queue) > 0 && len(seen) < 3000 {
		path := queue[0]
		queue = queue[1:]
		got := person.get(path)
		if got.status >= http.StatusInternalServerError {
			x.t.Errorf("%s: got %d", path, got.status)
		}
		for _, m := range linked.FindAllSubmatch(got.body, -1) {
			to, _, _ := strings.Cut(strings.ReplaceAll(string(m[1]), "&amp;", "&"), "#")
			if !seen[to] && to != "/events" && !strings.HasPrefix(to, "//") {
				seen[to] = true
				queue = append(queue, to)
			}
		}
	}
	return len(seen)
}

// apiPages calls every route of the document that only reads, with each id
// that the lists name.
func (x *chase) apiPages() {
	var doc struct {
		Paths map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(x.owner.get("/api/openapi.json").body, &doc); err != nil {
		x.t.Fatal(err)
	}
	ids := x.ids()
	called := 0
	for path, methods := range doc.Paths {
		if _, reads := methods["get"]; !reads {
			continue
		}
		noun := strings.Split(strings.TrimPrefix(path, "/api/v1/"), "/")[0]
		fill := ids[noun]
		if !blank.MatchString(path) {
			fill = []string{""}
		}
		if path == "/api/v1/plans" {
			path += "?state=active"
		}
		if len(fill) == 0 {
			x.t.Errorf("%s: nothing to fill it with", path)
		}
		for _, id := range fill {
			if got := x.owner.get(blank.ReplaceAllString(path, id)); got.status != http.StatusOK && got.status != http.StatusNotFound {
				x.t.Errorf("%s with %s: got %d", path, id, got.status)
			}
			called++
		}
	}
	if called < 30 {
		x.t.Errorf("got %d calls, want more", called)
	}
}

// ids lists what the centre knows, by the word that its path begins with.
func (x *chase) ids() map[string][]string {
	all := map[string][]string{}
	list := func(noun, path string) []string {
		var page struct {
			Items []struct {
				ID    string
				Index int64
			}
		}
		x.owner.call(http.MethodGet, path, nil, &page)
		for _, item := range page.Items {
			if item.ID == "" {
				item.ID = fmt.Sprint(item.Index)
			}
			all[noun] = append(all[noun], item.ID)
		}
		return all[noun]
	}
	list("findings", "/findings?limit=200")
	list("ledger", "/ledger/entries?limit=200")
	list("tokens", "/tokens")
	for _, id := range list("cases", "/cases?limit=200") {
		list("plans", "/cases/"+id+"/plans")
		list("evidence", "/cases/"+id+"/evidence")
	}
	return all
}

// finish exports what can be exported, stops the centre, and searches files,
// logs and the database.
func (x *chase) finish() {
	for _, words := range [][]string{
		{"case", "list"}, {"case", "list", "--json"}, {"token", "list"}, {"token", "create", "--role", "auditor"},
		{"ledger", "verify", "--deep"}, {"ledger", "verify", "--json"}, {"ledger", "export", filepath.Join(x.dir, "export")},
	} {
		code, out, errs := runOnce(x.t.Context(), program(x.t), x.dir, x.env, append(words, "--config", x.config)...)
		x.heard("stanch "+strings.Join(words, " "), []byte(out+errs))
		if code != 0 {
			x.t.Errorf("stanch %s: got exit %d: %s", words, code, errs)
		}
	}
	x.evidence()
	x.responder.form("/signout")
	if err := x.seat.leave(); err != nil {
		x.t.Errorf("stop: %v", err)
	}
	x.heard("standard output", []byte(x.seat.out.String()))
	x.heard("log", []byte(x.seat.errs.String()))
	for _, dir := range []string{"data", "keys", "export", "tmp", "home"} {
		x.search(filepath.Join(x.dir, dir))
	}
	if x.database != "" {
		x.dump()
	}
}

// evidence exports some exhibits, sealed as they are; each takes the slow check
// of a passphrase. All ciphertexts are searched as files.
func (x *chase) evidence() {
	all := x.ids()["evidence"]
	for _, id := range all[:min(3, len(all))] {
		var exhibit struct{ Case string }
		x.owner.call(http.MethodGet, "/evidence/"+id, nil, &exhibit)
		at := "/cases/" + exhibit.Case + "/exhibits/" + id
		if got := x.owner.form(at+"/export", "reason", "hunt", "password", x.owner.password, "passphrase", x.passphrase); got.status != http.StatusOK || len(got.body) == 0 {
			x.t.Errorf("export exhibit: got %d", got.status)
		}
		x.owner.form(at + "/verify")
		x.owner.get(at + "/file")
	}
}

// dump searches the whole PostgreSQL database as text and as its own form.
func (x *chase) dump() {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/pg_dump")
	if err != nil || len(found) == 0 {
		x.t.Fatal("no pg_dump under /usr/lib/postgresql")
	}
	out, err := exec.Command(found[len(found)-1], "--inserts", x.database).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		x.t.Fatalf("pg_dump: %s", exit.Stderr)
	}
	if err != nil || !strings.Contains(string(out), "ledger_entries") {
		x.t.Fatalf("pg_dump: %v, %d bytes", err, len(out))
	}
	x.heard("pg_dump", out)
	// A dump shows bytes as hex of hex; what was bytes is searched as bytes.
	for _, digits := range regexp.MustCompile(`\\x[0-9a-f]{16,}`).FindAll(out, -1) {
		x.heard("bytes of pg_dump", unhex(string(digits[2:])))
	}
}

// verdict reports every leak, and looks that the hunt could have found one.
func (x *chase) verdict() {
	x.endGlimpse()
	if x.seen < 1<<20 {
		x.t.Errorf("got %d bytes searched, want more", x.seen)
	}
	slices.Sort(x.leaks)
	for _, leak := range slices.Compact(x.leaks) {
		x.t.Error(leak)
	}
	before := len(x.leaks)
	x.leaks = nil
	x.search(filepath.Join(x.dir, "control"))
	if len(x.leaks) == 0 {
		x.t.Error("the planted files themselves were searched, and nothing was found")
	}
	x.t.Logf("%d numbers looked for in %d bytes, %d leaks", len(x.hunter.known), x.seen, before)
}
