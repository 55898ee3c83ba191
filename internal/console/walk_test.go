package console_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/containment"
	"github.com/stanch/stanch/internal/evidence"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
)

var (
	groups = regexp.MustCompile(`<li><code>([^<]+)</code></li>`)
	asked  = regexp.MustCompile(`Type group (\d+)`)
	hashes = regexp.MustCompile(`name="hash" value="([0-9a-f]{64})"`)
)

// TestFirstRun goes from the printed link to the overview, without script.
func TestFirstRun(t *testing.T) {
	s := newShop(t)
	link, err := s.door.FirstRunLink(context.Background(), tenant.Default)
	s.must(err)
	p := s.nobody("en")
	p.see("/signin", "Nobody has an account yet")
	p.see("/link/"+link, "Begin")
	p.see("/link/"+link, "Begin") // looking uses nothing up
	form := p.to("/link/", "/link/"+link)
	if status, _ := p.get("/link/" + link); status != http.StatusGone {
		t.Errorf("a used link: got status %d, want 410", status)
	}
	p.see(form, "Password again")
	if status, body := p.post(form, "login", "lin", "password", "short", "again", "short"); status != http.StatusUnprocessableEntity || !strings.Contains(body, "at least 12") {
		t.Errorf("weak password: got %d %.200s", status, plain(body))
	}
	p.to("/welcome/house", form, "login", "lin", "name", "Lin", "password", password, "again", password)
	p.see("/welcome/house", "Who are you?")
	if status, _ := p.post("/welcome/house", "name", "Corner"); status != http.StatusUnprocessableEntity {
		t.Errorf("incomplete form: got status %d, want 422", status)
	}
	for _, zone := range regexp.MustCompile(`<option[^>]*>(\w+/[\w/]+)</option>`).FindAllStringSubmatch(p.see("/welcome/house", "Pacific/Auckland", "America/Chicago"), -1) {
		if _, err := time.LoadLocation(zone[1]); err != nil {
			t.Errorf("offered zone: %v", err)
		}
	}
	p.to("/welcome/sheet", "/welcome/house", "name", "Corner", "kind", "shop", "country", "CN", "zone", "Asia/Shanghai", "one_person", "yes", "acquirer", "Acquirer", "acquirer_phone", "95516")
	confirmSheet(t, p)
	p.see("/welcome/ready", "What first?")
	if _, body := p.post("/welcome/drill"); !strings.Contains(body, "The drill passed") {
		t.Errorf("drill: got %.300s", plain(body))
	}
	if status, _ := p.post("/welcome/watch", "path", "nowhere"); status != http.StatusUnprocessableEntity {
		t.Errorf("bad folder: got status %d, want 422", status)
	}
	p.to("/?said=watching", "/welcome/watch", "path", s.root)
	p.see("/", "Is anything leaking now?", s.root, "95516"[:0])
}

// confirmSheet makes the recovery sheet and types back the group asked for.
func confirmSheet(t *testing.T, p *person) (passphrase string) {
	t.Helper()
	p.see("/welcome/sheet", "Make the sheet")
	p.to("/welcome/sheet", "/welcome/sheet", "do", "make")
	body := p.see("/welcome/sheet", "never again")
	var all []string
	for _, m := range groups.FindAllStringSubmatch(body, -1) {
		all = append(all, m[1])
	}
	n := int(asked.FindStringSubmatch(body)[1][0] - '0')
	if status, _ := p.post("/welcome/sheet", "do", "check", "group", "wrong"); status != http.StatusUnprocessableEntity {
		t.Errorf("wrong group: got status %d, want 422", status)
	}
	p.to("/welcome/ready", "/welcome/sheet", "do", "check", "group", all[n-1])
	if again := p.see("/welcome/sheet"); strings.Contains(again, all[0]) {
		t.Error("the passphrase is shown again after it was confirmed")
	}
	return strings.Join(all, "-")
}

// TestCaseToClosed walks one case by its page: confirm, note, tasks, gates,
// cause, close, reopen.
func TestCaseToClosed(t *testing.T) {
	s := newShop(t)
	p := s.owner("en")
	f := s.leak("pos-debug.log", 12, "cvv")
	page := "/cases/" + f.Case
	p.see("/", "Yes. Card data lies open.", "12 cards")
	p.see(page, "Next step", "12 cards", "Lies open")
	p.to(page+"?said=confirmed", page+"/confirm", "reason", "compared with slips")
	p.to(page, page+"/note", "text", "the vendor answered", "happened", time.Now().UTC().Add(-time.Hour).Format("2006-01-02T15:04"))
	p.see(page+"?tab=record", "the vendor answered", "happened")
	if status, body := p.post(page+"/close", "summary", "done"); status != http.StatusConflict || !strings.Contains(body, "cannot close") && !strings.Contains(body, "not settled") {
		t.Errorf("early close: got %d %.300s", status, plain(body))
	}
	if status, _ := p.post(page+"/mark", "what", "task", "item", "protect.log", "state", "not_needed"); status != http.StatusUnprocessableEntity {
		t.Errorf("not needed without a reason: got %d, want 422", status)
	}
	settle(s, p, f.Case)
	p.to(page, page+"/cause", "cause", s.desk.Packs.Taxonomy.Causes[0].ID)
	p.see(page, "Everything is done. Close the case.")
	p.to(page+"?said=closed", page+"/close", "summary", "debug log switched off")
	p.see(page, "This case is closed", "debug log switched off")
	p.to(page+"?said=reopened", page+"/reopen", "reason", "again")
	p.see(page, "Confirmed because:")
}

// settle marks every stage and answers every gate so that the case can close.
func settle(s *shop, p *person, id string) {
	s.t.Helper()
	first := s.desk.Packs.Playbook.Stages[1].ID
	if status, _ := p.post("/cases/"+id+"/mark", "what", "stage", "item", first, "state", "done", "reason", "by hand"); status != http.StatusConflict {
		s.t.Errorf("stage %s done with open tasks: got %d, want 409", first, status)
	}
	p.see("/cases/"+id+"?tab=tasks", "The reason you give is recorded for each of them")
	for _, stage := range s.desk.Packs.Playbook.Stages {
		p.to("/cases/"+id+"?tab=tasks&said=marked", "/cases/"+id+"/mark", "what", "stage", "item", stage.ID, "state", "not_needed", "reason", "by hand", "tab", "tasks")
	}
	for _, gate := range s.desk.Packs.Playbook.Gates {
		for _, answer := range gate.Answers {
			if answer.Satisfies && answer.ID != "none_found" { // a scan found some
				p.to("/cases/"+id, "/cases/"+id+"/mark", "what", "gate", "item", gate.ID, "state", answer.ID, "reason", "see the list", "tab", "tasks")
				break
			}
		}
	}
}

// TestNotNow puts the next step off and gets another one.
func TestNotNow(t *testing.T) {
	s := newShop(t)
	p := s.owner("en")
	f := s.leak("a.log", 6)
	title := regexp.MustCompile(`class="next-title">([^<]+)<`)
	first := title.FindStringSubmatch(p.see("/cases/" + f.Case))[1]
	item := regexp.MustCompile(`name="item" value="([^"]+)"`).FindStringSubmatch(p.see("/cases/" + f.Case))[1]
	if status, _ := p.post("/cases/"+f.Case+"/mark", "what", "task", "item", item, "state", "later"); status != http.StatusUnprocessableEntity {
		t.Errorf("not now without a reason: got %d, want 422", status)
	}
	p.to("/cases/", "/cases/"+f.Case+"/mark", "what", "task", "item", item, "state", "later", "reason", "nobody is there")
	if second := title.FindStringSubmatch(p.see("/cases/" + f.Case))[1]; second == first {
		t.Errorf("got %q again after it was put off", second)
	}
}

// TestPlan seals and locks the files of a case, and takes the lock back.
func TestPlan(t *testing.T) {
	s := newShop(t)
	p := s.owner("en")
	passphrase := confirmSheet(t, p)
	f := s.leak("export.csv", 7)
	path := filepath.Join(s.root, "export.csv")
	before, err := os.ReadFile(path)
	s.must(err)
	plan := strings.Split(p.to("/plans/", "/cases/"+f.Case+"/plan", "action", "lock", "mode", "remove"), "?")[0]
	p.see(plan, "export.csv", "1 file", "One-person mode")
	p.to(plan, plan+"/request", "reason", "the file lies open")
	hash := hashes.FindStringSubmatch(p.see(plan, "Approval: 0 of 1"))[1]
	if status, _ := p.post(plan+"/approve", "hash", hash, "password", "wrong wrong wrong"); status != http.StatusUnprocessableEntity {
		t.Errorf("approve with a wrong password: got %d, want 422", status)
	}
	if status, _ := p.post(plan+"/approve", "hash", strings.Repeat("0", 64), "password", password); status != http.StatusConflict {
		t.Errorf("approve another hash: got %d, want 409", status)
	}
	p.to(plan, plan+"/approve", "hash", hash, "password", password)
	p.to(plan, plan+"/execute")
	p.see(plan, "Active", "passed")
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Fatalf("got %v, want the file gone", err)
	}
	p.see("/cases/"+f.Case, "Locked away")
	p.see("/cases/"+f.Case+"?tab=evidence", "export.csv", "Sealed original")
	if status, _ := p.post(plan+"/rollback", "passphrase", "wrong", "password", password, "reason", "needed again"); status != http.StatusUnprocessableEntity {
		t.Errorf("roll back with a wrong passphrase: got %d, want 422", status)
	}
	// As a crash leaves it: the plan says that it is being taken back, and nobody is at it.
	id := containment.ID(strings.TrimPrefix(plan, "/plans/"))
	s.must(s.store.Update(context.Background(), access.Principal{Tenant: tenant.Default, Account: "system"}.Who(), func(ctx context.Context, tx record.Tx) error {
		return tx.Record(ctx, id.Subject(), containment.Moved{To: containment.RollingBack, Why: "needed"}, record.About{})
	}))
	p.see(plan, "Taking it back was cut off", `action="`+plan+`/rollback"`)
	p.to(plan, plan+"/rollback", "passphrase", passphrase, "password", password, "reason", "needed again")
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the file did not come back as it was: %v", err)
	}
}

// TestEvidencePastItsDate marks what is still kept after its destroy-by date.
func TestEvidencePastItsDate(t *testing.T) {
	s, ctx := newShop(t), context.Background()
	p := s.owner("en")
	confirmSheet(t, p)
	f := s.leak("export.csv", 7)
	who := record.Who{Tenant: tenant.Default, Actor: record.System}
	_, err := s.custodian.Seal(ctx, who, casefile.Original{Case: casefile.ID(f.Case), Name: "a.log", Content: strings.NewReader("")})
	s.must(err)
	const mark = "Past its destroy-by date"
	if page := p.see("/cases/" + f.Case + "?tab=evidence"); strings.Contains(page, mark) {
		t.Error("got evidence called past its date before it is")
	}
	s.custodian.Keep = time.Nanosecond
	_, err = s.custodian.Seal(ctx, who, casefile.Original{Case: casefile.ID(f.Case), Name: "b.log", Content: strings.NewReader("")})
	s.must(err)
	p.see("/cases/"+f.Case+"?tab=evidence", mark)
}

// TestPlanOverManyFiles locks a case with more open files than a list or a plan
// holds. Each of them is in one of the plans.
func TestPlanOverManyFiles(t *testing.T) {
	s, ctx := newShop(t), context.Background()
	p := s.owner("zh")
	f := s.leak("export.csv", 7)
	var batch casefile.Batch
	for n := range 2 * containment.MaxTargets {
		path := filepath.Join(s.root, fmt.Sprintf("%04d.csv", n))
		s.must(os.WriteFile(path, []byte("sale\n"), 0o640))
		batch.Seen = append(batch.Seen, finding.Seen{
			Place:  finding.Place{Root: s.root, Path: path, File: "inode:" + path},
			Counts: finding.Counts{Matches: 7, Low: 7, High: 7, Judged: 7, Kinds: map[string]int64{"pan": 7}},
		})
	}
	s.must(s.desk.Take(ctx, record.Who{Tenant: tenant.Default, Actor: record.System}, batch))
	p.see(p.to("/plans", "/cases/"+f.Case+"/plan", "action", "lock", "mode", "remove"), "已分成几份计划")
	plans, err := s.store.PlansIn(ctx, tenant.Default, containment.States()...)
	s.must(err)
	covered := map[finding.ID]bool{}
	for _, plan := range plans {
		if plan.State != containment.DryRun || len(plan.Terms.Targets) > containment.MaxTargets {
			t.Errorf("got plan %s over %d files, want it run dry and within the limit", plan.State, len(plan.Terms.Targets))
		}
		for _, target := range plan.Terms.Targets {
			for _, id := range target.Findings {
				covered[id] = true
			}
		}
	}
	if want := 2*containment.MaxTargets + 1; len(plans) != 3 || len(covered) != want {
		t.Errorf("got %d plans over %d findings, want 3 over %d", len(plans), len(covered), want)
	}
}

// A noSeal has no room for what it is to seal.
type noSeal struct{ containment.Custody }

func (noSeal) Seal(context.Context, record.Who, casefile.Original) (casefile.ExhibitID, error) {
	return "", evidence.ErrNoSpace
}

// TestFailedPlanSoundsLikeNoSuccess carries out a plan whose file cannot be
// sealed.
func TestFailedPlanSoundsLikeNoSuccess(t *testing.T) {
	s := newShop(t)
	p := s.owner("en")
	confirmSheet(t, p)
	f := s.leak("export.csv", 7)
	plan := strings.Split(p.to("/plans/", "/cases/"+f.Case+"/plan", "action", "lock", "mode", "remove"), "?")[0]
	p.to(plan, plan+"/request", "reason", "the file lies open")
	hash := hashes.FindStringSubmatch(p.see(plan))[1]
	p.to(plan, plan+"/approve", "hash", hash, "password", password)
	s.planner.Custody = noSeal{s.planner.Custody}
	page := p.see(p.to(plan, plan+"/execute"), "Failed")
	if strings.Contains(page, "It was carried out") {
		t.Error("a failed plan is said to be carried out")
	}
}

// TestPlanOfNothing plans over a file that has gone: there is nothing to ask
// for, and the page says so.
func TestPlanOfNothing(t *testing.T) {
	s := newShop(t)
	p := s.owner("en")
	f := s.leak("export.csv", 7)
	draft := []string{"action", "lock", "mode", "remove", "finding", string(f.ID)}
	s.must(os.Remove(filepath.Join(s.root, "export.csv")))
	plan := strings.Split(p.to("/plans/", "/cases/"+f.Case+"/plan", draft...), "?")[0]
	page := p.see(plan, "There is nothing to approve", "Left alone")
	if strings.Contains(page, `action="`+plan+`/request"`) {
		t.Error("a plan of no file is offered to be asked for")
	}
	if status, _ := p.post(plan+"/request", "reason", "the file lies open"); status != http.StatusConflict {
		t.Errorf("ask for a plan of no file: got %d, want 409", status)
	}
	s.with(access.Responder, "qian", "zh").see(plan, "没有可批准的内容")
}

// TestApprovalByAnother needs a second person where the house has more than one.
func TestApprovalByAnother(t *testing.T) {
	s := newShop(t)
	p := s.owner("en")
	h, err := s.registrar.House(context.Background(), tenant.Default)
	s.must(err)
	h.OnePerson = false
	s.must(s.registrar.Describe(context.Background(), access.Principal{Tenant: tenant.Default, Account: "system"}.Who(), h.Settings))
	confirmSheet(t, p)
	f := s.leak("export.csv", 7)
	plan := strings.Split(p.to("/plans/", "/cases/"+f.Case+"/plan", "action", "seal"), "?")[0]
	p.to(plan, plan+"/request", "reason", "the file lies open")
	page := p.see(plan, "somebody else has to approve")
	if hashes.MatchString(page) {
		t.Error("the requester is offered to approve")
	}
	other := s.with(access.Responder, "qian", "zh")
	other.see("/approvals", "待批准")
	hash := hashes.FindStringSubmatch(other.see(plan))[1]
	other.to(plan, plan+"/approve", "hash", hash, "password", password)
	other.to(plan, plan+"/execute")
	p.see(plan, "It stands for good", "Permanent")
}

// TestReportAndSheet opens a case from what somebody said, and types the paper
// sheet in.
func TestReportAndSheet(t *testing.T) {
	s := newShop(t)
	p := s.owner("zh")
	to := p.to("/cases/", "/cases/new", "kind", "skimmer", "reporter", "staff", "place", "3号收银台", "low", "10", "high", "200", "data", "pan", "data", "track", "text", "插卡口松动")
	page := strings.Split(to, "?")[0]
	p.see(page, "疑似", "约10至200张卡")
	if again := p.to("/cases/", "/cases/new", "kind", "skimmer", "reporter", "staff", "place", "3号收银台"); !strings.Contains(again, "said=joined") {
		t.Errorf("got %s, want the second report at the place to join", again)
	}
	box := s.desk.Packs.Sheet.Sections[1].Boxes[0]
	p.to(page, page+"/sheet", "tick."+box.ID, "1", "who."+box.ID, "小王", "time."+box.ID, "2026-01-02T03:04")
	p.see(page+"?tab=record", "小王", "发生于")
	c, err := s.desk.Case(context.Background(), tenant.Default, casefile.ID(strings.TrimPrefix(page, "/cases/")))
	s.must(err)
	if got := c.Tasks[box.Task].State; got != "done" {
		t.Errorf("task %s: got state %q, want done", box.Task, got)
	}
	want := time.Date(2026, 1, 1, 19, 4, 0, 0, time.UTC).UnixMicro()
	if got := c.Tasks[box.Task].Happened; got != want {
		t.Errorf("got happened %d, want %d: typed in the site's zone", got, want)
	}
}

// TestEvents hears of a change by the stream, and of what it missed when it
// comes again.
func TestEvents(t *testing.T) {
	s := newShop(t)
	p := s.owner("en")
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
	defer stop()
	lines := p.listen(ctx, "")
	f := s.leak("a.log", 6)
	var last string
	for line := range lines {
		if id, ok := strings.CutPrefix(line, "id: "); ok {
			last = id
		}
		if strings.HasPrefix(line, "data: case:"+f.Case) {
			break
		}
		if strings.Contains(line, s.root) {
			t.Error("the stream names a place")
		}
	}
	if last == "" {
		t.Fatal("the stream ended without an event")
	}
	missed := s.leak("b.log", 6)
	for line := range p.listen(ctx, last) {
		if line == "data: "+string(missed.ID.Subject()) {
			return
		}
	}
	t.Error("the stream did not resume from the last event")
}

// listen opens the stream and returns its lines.
func (p *person) listen(ctx context.Context, last string) <-chan string {
	p.s.t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.s.server.URL+"/events", nil)
	p.s.must(err)
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	answer, err := p.client.Do(r)
	p.s.must(err)
	p.s.t.Cleanup(func() { answer.Body.Close() })
	if got := answer.Header.Get("Content-Type"); got != "text/event-stream" {
		p.s.t.Fatalf("got content type %q", got)
	}
	lines := make(chan string, 64)
	go func() {
		defer close(lines)
		for scan := bufio.NewScanner(answer.Body); scan.Scan(); {
			select {
			case lines <- scan.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	return lines
}

func TestSettings(t *testing.T) {
	s := newShop(t)
	p := s.owner("en")
	_, body := p.post("/settings/people/invite", "role", "auditor", "name", "Wu")
	link := regexp.MustCompile(`/link/[a-z2-7]+`).FindString(body)
	guest := s.nobody("en")
	form := guest.to("/link/", link)
	guest.to("/", form, "login", "wu", "password", password, "again", password)
	guest.see("/cases")
	if status, _ := guest.get("/cases/new"); status != http.StatusForbidden {
		t.Errorf("an auditor reports: got %d, want 403", status)
	}
	_, body = p.post("/settings/tokens", "label", "till", "role", "responder", "days", "30")
	if !strings.Contains(body, "stn_") {
		t.Error("the new token is not shown")
	}
	if strings.Contains(p.see("/settings", "till"), "stn_") {
		t.Error("the token is shown twice")
	}
	p.to("/settings?said=alarm", "/settings/alarms", "alarm_kind", "wecom", "alarm_url", "https://qyapi.example/cgi-bin/webhook/send?key=secretkey")
	settings := p.see("/settings", "qyapi.example")
	if strings.Contains(settings, "secretkey") {
		t.Error("the settings show the secret of the alarm channel")
	}
	id := regexp.MustCompile(`/settings/alarms/test"><button class="button small" name="id" value="([^"]+)"`).FindStringSubmatch(settings)[1]
	if _, body := p.post("/settings/alarms/test", "id", id); !strings.Contains(body, "reached qyapi.example") {
		t.Errorf("test alarm: got %.300s", plain(body))
	}
	p.to("/settings", "/settings/password", "old", password, "password", "other words that fit", "again", "other words that fit")
	p.see("/settings")
	p.to("/signin", "/signout")
	if status, _ := p.get("/cases"); status != http.StatusSeeOther {
		t.Errorf("after signing out: got %d, want to be sent to the door", status)
	}
	p.to("/cases", "/signin", "login", "lin", "password", "other words that fit", "next", "/cases")
}

func TestLanguagePicked(t *testing.T) {
	s := newShop(t)
	p := s.nobody("en")
	p.see("/signin", "Sign in")
	p.to("/signin", "/language", "lang", "zh", "next", "/signin")
	p.see("/signin", "登录名")
}

// TestPeopleOfTheSettings walks an account from its invitation to the erasing
// of its name.
func TestPeopleOfTheSettings(t *testing.T) {
	s := newShop(t)
	p := s.owner("en")
	p.post("/settings/people/invite", "role", "auditor", "name", "Wu")
	id := regexp.MustCompile(`/settings/people/again"><button class="button small" name="id" value="([^"]+)"`).FindStringSubmatch(p.see("/settings", "Wu"))[1]
	_, body := p.post("/settings/people/again", "id", id)
	link := regexp.MustCompile(`/link/[a-z2-7]+`).FindString(body)
	guest := s.nobody("en")
	guest.to("/", guest.to("/link/", link), "login", "wu", "password", password, "again", password)
	if status, _ := p.post("/settings/people/again", "id", id); status != http.StatusConflict {
		t.Errorf("a link for who is set up: got %d, want 409", status)
	}
	p.to("/settings?said=saved", "/settings/people/change", "id", id, "role", "responder", "name", "Wu Min")
	p.see("/settings", "Wu Min")
	if status, _ := guest.get("/cases/new"); status != http.StatusOK {
		t.Errorf("a responder reports: got %d, want 200", status)
	}
	s.ahead.Store(int64(6 * time.Minute)) // past the time for which a password counts
	if status, _ := p.post("/settings/people/erase", "id", id, "reason", "asked for"); status != http.StatusUnprocessableEntity {
		t.Errorf("erase a name without a password: got %d, want 422", status)
	}
	if status, _ := p.post("/settings/people/erase", "id", id, "reason", "asked for", "password", password); status != http.StatusConflict {
		t.Errorf("erase the name of who is here: got %d, want 409", status)
	}
	p.to("/settings?said=saved", "/settings/people/disable", "id", id, "do", "disable", "reason", "left")
	p.to("/settings?said=erased", "/settings/people/erase", "id", id, "reason", "asked for", "password", password)
	if body := p.see("/settings", "The name was erased"); strings.Contains(body, "Wu Min") || strings.Contains(body, ">wu<") {
		t.Error("the settings still name who was erased")
	}
}

// TestLanguageOfALink changes the language at each page of a first-run link,
// which must not use the link up.
func TestLanguageOfALink(t *testing.T) {
	s := newShop(t)
	link, err := s.door.FirstRunLink(context.Background(), tenant.Default)
	s.must(err)
	guest := s.nobody("en")
	at := "/link/" + link
	next := regexp.MustCompile(`name="next" value="([^"]+)"`)
	for range 2 {
		if got := next.FindStringSubmatch(guest.see(at))[1]; got != at {
			t.Errorf("the language button goes to %s, want %s", got, at)
		}
		guest.to(at, "/language", "lang", "zh", "next", at)
		if body := guest.see(at); !strings.Contains(body, `lang="zh-CN"`) {
			t.Errorf("got %.300s, want Chinese", plain(body))
		}
		guest.to(at, "/language", "lang", "en", "next", at)
		if at == "/link/"+link {
			at = guest.to("/link/", at)
		}
	}
	guest.to("/welcome/house", at, "login", "lin", "password", password, "again", password)
}

// TestNobodyCounted wants "not known" and no nought for a sign without a count.
func TestNobodyCounted(t *testing.T) {
	s := newShop(t)
	p := s.owner("en")
	at := p.to("/cases/", "/cases/new", "kind", "skimmer", "reporter", "staff", "place", "till 3", "text", "a sign")
	for _, path := range []string{"/", at} {
		if body := plain(p.see(path)); strings.Contains(body, "0 cards") {
			t.Errorf("%s: the page says 0 cards", path)
		}
	}
	if body := p.see("/"); !strings.Contains(body, `data-words-on="Sound is on.`) {
		t.Error("the words of the sound button do not stand as they are")
	}
}

// TestRescanOfAFolderThatIsAway says what to do in place of a reference.
func TestRescanOfAFolderThatIsAway(t *testing.T) {
	s := newShop(t)
	p := s.owner("en")
	f := s.leak("a.log", 9)
	p.to("/cases/", "/cases/"+f.Case+"/confirm")
	s.watch.fault = fmt.Errorf("scan again: /pos: %w", casefile.ErrAway)
	status, body := p.post("/cases/"+f.Case+"/rescan", "tab", "tasks")
	if words := plain(body); status != http.StatusConflict || !strings.Contains(words, "cannot be reached now") {
		t.Errorf("got %d %.300s, want 409 and what to do", status, words)
	}
}

// TestOtherCountries shows the numbers of China in China alone, and the task
// of the authority there.
func TestOtherCountries(t *testing.T) {
	s := newShop(t)
	p := s.owner("en")
	s.desk.Country = func() string {
		h, err := s.registrar.House(context.Background(), tenant.Default)
		s.must(err)
		return h.Country
	}
	f := s.leak("export.csv", 7)
	tasks := "/cases/" + f.Case + "?tab=tasks"
	look := func(country string, china bool) {
		h, err := s.registrar.House(context.Background(), tenant.Default)
		s.must(err)
		h.Country = country
		s.must(s.registrar.Describe(context.Background(), s.who(p), h.Settings))
		for path, word := range map[string]string{"/help": "12387", "/sheet": "12387", tasks: "through 12387"} {
			if got := strings.Contains(plain(p.see(path)), word); got != china {
				t.Errorf("%s, %s: %q is shown %t, want %t", country, path, word, got, china)
			}
		}
		if got := strings.Contains(plain(p.see(tasks)), "data protection authority of your country"); got == china {
			t.Errorf("%s: the authority there is named %t", country, got)
		}
	}
	look("CN", true)
	look("NZ", false)
}
