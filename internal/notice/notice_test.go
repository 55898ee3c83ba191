package notice_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/estate"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/notice"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/store"
	"github.com/stanch/stanch/internal/store/storetest"
	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/packs"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

var (
	owner  = record.Who{Tenant: tenant.Default, Actor: "account-1"}
	system = record.Who{Tenant: tenant.Default, Actor: record.System}
)

// a sent is one message with where and when it went.
type sent struct {
	to notice.Route
	m  notice.Message
	at time.Time
}

// a mailbox is a sender that keeps what it is given, and fails as told.
type mailbox struct {
	mu    sync.Mutex
	got   []sent
	fault map[estate.ChannelKind]*notice.Fault
	after func() // runs once a message was taken, before Send returns
}

func (b *mailbox) Send(_ context.Context, to notice.Route, m notice.Message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if f := b.fault[to.Channel.Kind]; f != nil {
		return f
	}
	b.got = append(b.got, sent{to, m, time.Now()})
	if b.after != nil {
		b.after()
	}
	return nil
}

func (b *mailbox) fail(kind estate.ChannelKind, f *notice.Fault) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fault = map[estate.ChannelKind]*notice.Fault{kind: f}
}

// taken returns what was sent since the last call.
func (b *mailbox) taken() []sent {
	b.mu.Lock()
	defer b.mu.Unlock()
	got := b.got
	b.got = nil
	return got
}

func reasons(got []sent) string {
	var all []string
	for _, s := range got {
		all = append(all, string(s.m.Reason))
	}
	return strings.Join(all, " ")
}

// noCards counts the cards of segments as they say of themselves.
type noCards struct{}

func (noCards) Union(_ context.Context, segments []finding.Segment) (casefile.Union, error) {
	return casefile.Union{Low: int64(len(segments)), High: int64(len(segments))}, nil
}

// a house is a store with a desk, a registrar and a ringer over it.
type house struct {
	t      *testing.T
	store  *store.Store
	desk   *casefile.Desk
	estate *estate.Registrar
	box    *mailbox
	ringer *notice.Ringer
}

func newHouse(t *testing.T, url string, kinds ...estate.ChannelKind) *house {
	t.Helper()
	s := storetest.Open(t, url, storetest.NewKey(t), nil)
	p, err := packs.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, store: s, desk: &casefile.Desk{Store: s, Cards: noCards{}, Packs: p}, estate: &estate.Registrar{Book: s, Store: s}, box: &mailbox{}}
	h.restart()
	settings := estate.Settings{Name: "shop", Kind: estate.Shop, Country: "CN", Lang: "en", Zone: "Asia/Shanghai", Address: "https://stanch.example/"}
	if err := h.estate.Describe(t.Context(), owner, settings); err != nil {
		t.Fatal(err)
	}
	for _, kind := range kinds {
		h.channel(kind)
	}
	return h
}

// restart gives the house a ringer that remembers nothing.
func (h *house) restart() {
	h.ringer = &notice.Ringer{Tenant: tenant.Default, Book: h.store, Store: h.store, Sender: h.box}
}

func (h *house) channel(kind estate.ChannelKind) estate.ChannelID {
	h.t.Helper()
	id, _, err := h.estate.AddChannel(h.t.Context(), owner, kind, "https://"+string(kind)+".example/send?access_token=sesame", "")
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

// open makes a case by a finding in a folder of its own.
func (h *house) open(folder string) casefile.ID {
	h.t.Helper()
	seen := finding.Seen{
		Place:    finding.Place{Root: folder, Path: folder + "/a.log", File: "file-" + folder},
		Counts:   finding.Counts{Matches: 60, Low: 60, High: 60, Judged: 60, Kinds: map[string]int64{"pan": 60}},
		Segments: []finding.Segment{{Digest: "d-" + folder, Cards: 60}},
	}
	if err := h.desk.Take(h.t.Context(), system, casefile.Batch{Seen: []finding.Seen{seen}}); err != nil {
		h.t.Fatal(err)
	}
	cases, err := h.store.Cases(h.t.Context(), tenant.Default, store.CaseFilter{Limit: 1})
	if err != nil || len(cases) != 1 {
		h.t.Fatalf("got %d cases, %v", len(cases), err)
	}
	return cases[0].ID
}

// run runs the ringer until the function it returns is called.
func (h *house) run() (stop func()) {
	ctx, cancel := context.WithCancel(h.t.Context())
	done := make(chan error, 1)
	go func() { done <- h.ringer.Run(ctx) }()
	return func() {
		h.t.Helper()
		cancel()
		if err := <-done; err != nil {
			h.t.Errorf("run: %v", err)
		}
	}
}

func (h *house) alarm(id casefile.ID) *notice.Alarm {
	h.t.Helper()
	thing, err := h.store.Read(h.t.Context(), tenant.Default, notice.ID(id).Subject())
	if err != nil {
		h.t.Fatal(err)
	}
	return thing.(*notice.Alarm)
}

func (h *house) result(kind estate.ChannelKind) notice.Result {
	h.t.Helper()
	results, err := h.ringer.Results(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	settings, err := h.estate.House(h.t.Context(), tenant.Default)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, c := range settings.Channels {
		if c.Kind == kind {
			return results[c.ID]
		}
	}
	return notice.Result{}
}

// inBubble runs a test under fake time, on SQLite: PostgreSQL is spoken to
// over a socket, at which fake time stands still.
func inBubble(t *testing.T, kinds []estate.ChannelKind, test func(t *testing.T, h *house)) {
	url := storetest.URL(t, "sqlite")
	synctest.Test(t, func(t *testing.T) { test(t, newHouse(t, url, kinds...)) })
}

func TestNewThenUnseen(t *testing.T) {
	inBubble(t, []estate.ChannelKind{estate.Webhook}, func(t *testing.T, h *house) {
		defer h.run()()
		id := h.open("/pos/one")
		time.Sleep(5 * time.Second)
		got := h.box.taken()
		if reasons(got) != "new_case" || got[0].m.ID != string(id)+".1" || got[0].m.Link != "https://stanch.example/cases/"+string(id) {
			t.Fatalf("got %+v; want one for the new case", got)
		}
		time.Sleep(14 * time.Minute)
		if got := h.box.taken(); len(got) != 0 {
			t.Errorf("before 15 minutes: got %s", reasons(got))
		}
		time.Sleep(2 * time.Minute)
		if got := h.box.taken(); reasons(got) != "unseen_case" || got[0].m.ID != string(id)+".2" {
			t.Errorf("after 15 minutes: got %s", reasons(got))
		}
		time.Sleep(16 * time.Minute)
		if got := h.box.taken(); reasons(got) != "unseen_case" {
			t.Errorf("after 30 minutes: got %s, want it once more", reasons(got))
		}
		if err := h.desk.See(t.Context(), owner, id); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if got := h.box.taken(); len(got) != 0 {
			t.Errorf("once seen: got %s", reasons(got))
		}
	})
}

func TestUnseenAfterRepeat(t *testing.T) {
	inBubble(t, []estate.ChannelKind{estate.Webhook}, func(t *testing.T, h *house) {
		settings, err := h.estate.House(t.Context(), tenant.Default)
		if err != nil {
			t.Fatal(err)
		}
		s := settings.Settings
		s.Repeat = 2
		if err := h.estate.Describe(t.Context(), owner, s); err != nil {
			t.Fatal(err)
		}
		defer h.run()()
		h.open("/pos/one")
		time.Sleep(3 * time.Minute)
		if got := h.box.taken(); reasons(got) != "new_case unseen_case" {
			t.Errorf("got %s; want the house's own interval", reasons(got))
		}
	})
}

func TestLeaking(t *testing.T) {
	inBubble(t, []estate.ChannelKind{estate.Webhook}, func(t *testing.T, h *house) {
		defer h.run()()
		id := h.open("/pos/one")
		if err := h.desk.See(t.Context(), owner, id); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		h.box.taken()
		for turn := range 2 {
			leak(t, h, id)
			time.Sleep(20 * time.Minute)
			if got := h.box.taken(); reasons(got) != "leaking" {
				t.Errorf("turn %d: got %q, want one for the leak", turn, reasons(got))
			}
		}
		// A ringer that remembers nothing must not tell it again.
		h.restart()
		defer h.run()()
		time.Sleep(time.Minute)
		if got := h.box.taken(); len(got) != 0 {
			t.Errorf("after a restart: got %s", reasons(got))
		}
	})
}

func leak(t *testing.T, h *house, id casefile.ID) {
	t.Helper()
	err := h.store.Update(t.Context(), system, func(ctx context.Context, tx record.Tx) error { return h.desk.Leaks(ctx, tx, id, "plan-1") })
	if err != nil {
		t.Fatal(err)
	}
}

// TestLeakIsToldOnce lets a case that nobody opens ring again after its leak
// was told.
func TestLeakIsToldOnce(t *testing.T) {
	inBubble(t, []estate.ChannelKind{estate.Webhook}, func(t *testing.T, h *house) {
		stop := h.run()
		id := h.open("/pos/one")
		time.Sleep(10 * time.Second)
		leak(t, h, id)
		time.Sleep(40 * time.Minute)
		stop()
		if got := reasons(h.box.taken()); got != "new_case leaking unseen_case unseen_case" {
			t.Errorf("got %s", got)
		}
		h.restart()
		defer h.run()()
		time.Sleep(time.Minute)
		if got := reasons(h.box.taken()); got != "" {
			t.Errorf("after a restart: got %s", got)
		}
	})
}

// TestLeakOutranksUnseen lets a leak wait for a dead channel while the case
// rings again.
func TestLeakOutranksUnseen(t *testing.T) {
	inBubble(t, []estate.ChannelKind{estate.Webhook}, func(t *testing.T, h *house) {
		defer h.run()()
		id := h.open("/pos/one")
		time.Sleep(10 * time.Second)
		h.box.taken()
		h.box.fail(estate.Webhook, &notice.Fault{Word: notice.Unreachable})
		leak(t, h, id)
		time.Sleep(20 * time.Minute)
		h.box.fail(estate.Webhook, nil)
		time.Sleep(16 * time.Minute)
		if got := h.box.taken(); len(got) == 0 || got[0].m.Reason != notice.Leaking {
			t.Errorf("got %s; want the leak first", reasons(got))
		}
	})
}

func TestTroubleInDigest(t *testing.T) {
	inBubble(t, []estate.ChannelKind{estate.DingTalk}, func(t *testing.T, h *house) {
		for i := range 6 {
			h.open(fmt.Sprintf("/pos/%d", i))
		}
		if _, err := h.ringer.Trouble(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer h.run()()
		time.Sleep(10 * time.Second)
		got := h.box.taken()
		if len(got) != 1 || !strings.Contains(got[0].m.Markdown(), "[the watch needs attention") {
			t.Errorf("got %+v; want the trouble among the cases", got)
		}
	})
}

// TestNoteIsNoLeak types the text that marks a leak in a case's JSON.
func TestNoteIsNoLeak(t *testing.T) {
	inBubble(t, []estate.ChannelKind{estate.Webhook}, func(t *testing.T, h *house) {
		defer h.run()()
		id := h.open("/pos/one")
		if err := h.desk.Note(t.Context(), owner, id, `"leaking":true`, "", time.Time{}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if got := h.box.taken(); reasons(got) != "new_case" {
			t.Errorf("got %s, want no leak", reasons(got))
		}
	})
}

func TestNoChannelThenOne(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		defer h.run()()
		seen := h.open("/pos/seen")
		if err := h.desk.See(t.Context(), owner, seen); err != nil {
			t.Fatal(err)
		}
		unseen := h.open("/pos/unseen")
		time.Sleep(time.Minute)
		h.channel(estate.WeCom)
		time.Sleep(time.Minute)
		got := h.box.taken()
		if reasons(got) != "new_case" || !strings.HasPrefix(got[0].m.ID, string(unseen)) {
			t.Errorf("got %s; want the one that nobody has seen", reasons(got))
		}
	})
}

func TestFailureIsSeenAndRetried(t *testing.T) {
	inBubble(t, []estate.ChannelKind{estate.Webhook, estate.DingTalk}, func(t *testing.T, h *house) {
		h.box.fail(estate.Webhook, &notice.Fault{Word: notice.Refused, Code: 500})
		defer h.run()()
		id := h.open("/pos/one")
		if err := h.desk.See(t.Context(), owner, id); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if got := h.box.taken(); len(got) != 1 || got[0].to.Channel.Kind != estate.DingTalk {
			t.Fatalf("got %+v; want the other channel unharmed", got)
		}
		bad := h.result(estate.Webhook)
		if bad.OK || bad.Word != notice.Refused || bad.Code != 500 || bad.Failing == 0 {
			t.Errorf("got %+v; want the failure to show", bad)
		}
		if tries := attempts(h.alarm(id)); tries < 2 || tries > 5 {
			t.Errorf("got %d attempts in a minute; want a few, further and further apart", tries)
		}
		h.box.fail(estate.Webhook, nil)
		time.Sleep(20 * time.Minute)
		if got := h.box.taken(); len(got) != 1 || got[0].m.ID != string(id)+".1" {
			t.Errorf("got %+v; want the same message once it works", got)
		}
		if good := h.result(estate.Webhook); !good.OK || good.Failing != 0 {
			t.Errorf("got %+v; want no failure any more", good)
		}
		if a := h.alarm(id); a.Waiting() != 0 {
			t.Errorf("got %+v; want nothing waiting", a)
		}
	})
}

func attempts(a *notice.Alarm) int {
	most := 0
	for _, d := range a.Deliveries {
		most = max(most, d.Attempts)
	}
	return most
}

func TestGivenUpAfterADay(t *testing.T) {
	if testing.Short() {
		t.Skip("make test runs this without the race detector: it has the size of others, and takes no other path")
	}
	inBubble(t, []estate.ChannelKind{estate.Webhook}, func(t *testing.T, h *house) {
		h.box.fail(estate.Webhook, &notice.Fault{Word: notice.Unreachable})
		stop := h.run()
		id := h.open("/pos/one")
		if err := h.desk.See(t.Context(), owner, id); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		stop()
		if h.alarm(id).Waiting() != 1 || attempts(h.alarm(id)) > 15 {
			t.Errorf("after an hour: got %+v; want it waiting, tried now and then", h.alarm(id))
		}
		time.Sleep(23 * time.Hour)
		h.restart()
		defer h.run()()
		time.Sleep(time.Minute)
		for _, d := range h.alarm(id).Deliveries {
			if d.State != notice.Failed || d.Word != notice.Expired {
				t.Errorf("got %+v; want it given up, and said so", d)
			}
		}
	})
}

// TestCrashBetweenIntentAndResult ends a ringer right after the message went
// out, before its result is recorded.
func TestCrashBetweenIntentAndResult(t *testing.T) {
	inBubble(t, []estate.ChannelKind{estate.Webhook}, func(t *testing.T, h *house) {
		book := &dyingBook{Book: h.store, store: h.store}
		h.ringer.Book = book
		h.box.after = book.die
		stop := h.run()
		id := h.open("/pos/one")
		time.Sleep(3 * time.Second)
		stop()
		first := h.box.taken()
		if len(first) != 1 || h.alarm(id).Waiting() != 1 {
			t.Fatalf("got %d messages, %+v; want one sent and none settled", len(first), h.alarm(id))
		}
		h.box.after = nil
		h.restart()
		defer h.run()()
		time.Sleep(3 * time.Second)
		again := h.box.taken()
		if len(again) != 1 || again[0].m.ID != first[0].m.ID {
			t.Fatalf("got %+v; want the same message again", again)
		}
		if h.alarm(id).Waiting() != 0 {
			t.Error("still waiting after its result")
		}
	})
}

// a dyingBook takes no change once it died.
type dyingBook struct {
	record.Book
	store *store.Store
	mu    sync.Mutex
	dead  bool
}

func (b *dyingBook) die() { b.mu.Lock(); b.dead = true; b.mu.Unlock() }

func (b *dyingBook) Update(ctx context.Context, who record.Who, change func(context.Context, record.Tx) error) error {
	b.mu.Lock()
	dead := b.dead
	b.mu.Unlock()
	if dead {
		return errors.New("power is gone")
	}
	return b.Book.Update(ctx, who, change)
}

// TestCrashBeforeSending ends a ringer after the intent and before the message.
func TestCrashBeforeSending(t *testing.T) {
	inBubble(t, []estate.ChannelKind{estate.Webhook}, func(t *testing.T, h *house) {
		h.box.fail(estate.Webhook, &notice.Fault{Word: notice.Unreachable})
		stop := h.run()
		id := h.open("/pos/one")
		time.Sleep(3 * time.Second)
		stop()
		h.box.fail(estate.Webhook, nil)
		h.restart()
		defer h.run()()
		time.Sleep(3 * time.Second)
		if got := h.box.taken(); len(got) != 1 || got[0].m.ID != string(id)+".1" {
			t.Errorf("got %+v; want it sent after the restart", got)
		}
	})
}

func TestDigest(t *testing.T) {
	inBubble(t, []estate.ChannelKind{estate.DingTalk, estate.Webhook}, func(t *testing.T, h *house) {
		for i := range 12 {
			h.open(fmt.Sprintf("/pos/%d", i))
		}
		defer h.run()()
		time.Sleep(30 * time.Second)
		robot, hooks := split(h.box.taken())
		if len(robot) != 1 || len(robot[0].m.Items) != 12 || robot[0].m.Link != "https://stanch.example/cases" {
			t.Errorf("got %d messages to the group; want one for 12 cases", len(robot))
		}
		if len(hooks) != 12 {
			t.Errorf("got %d webhooks, want 12", len(hooks))
		}
	})
}

func split(got []sent) (robot, hooks []sent) {
	for _, s := range got {
		if s.to.Channel.Kind == estate.Webhook {
			hooks = append(hooks, s)
		} else {
			robot = append(robot, s)
		}
	}
	return robot, hooks
}

// TestRate opens a case each second for five minutes.
func TestRate(t *testing.T) {
	if testing.Short() {
		t.Skip("make test runs this without the race detector: it has the size of others, and takes no other path")
	}
	inBubble(t, []estate.ChannelKind{estate.DingTalk}, func(t *testing.T, h *house) {
		defer h.run()()
		for i := range 300 {
			h.open(fmt.Sprintf("/pos/%d", i))
			time.Sleep(time.Second)
		}
		time.Sleep(2 * time.Minute)
		got := h.box.taken()
		told := 0
		for i, s := range got {
			told += max(1, len(s.m.Items)+int(s.m.More))
			minute := 0
			for _, later := range got[i:] {
				if later.at.Sub(s.at) < time.Minute {
					minute++
				}
			}
			if minute > 20 {
				t.Fatalf("got %d messages within a minute, want at most 20", minute)
			}
		}
		if told != 300 {
			t.Errorf("got %d cases told, want 300", told)
		}
	})
}

func TestCrowd(t *testing.T) {
	inBubble(t, []estate.ChannelKind{estate.WeCom}, func(t *testing.T, h *house) {
		for i := range 50 {
			h.open(fmt.Sprintf("/pos/%d", i))
		}
		defer h.run()()
		time.Sleep(time.Minute)
		got := h.box.taken()
		if len(got) != 1 || got[0].m.More != 50 || got[0].m.Reason != notice.NewCase {
			t.Fatalf("got %+v; want one alarm for 50 cases", got)
		}
		late := h.open("/pos/late")
		time.Sleep(time.Minute)
		if got := h.box.taken(); len(got) != 1 || got[0].m.ID != string(late)+".1" {
			t.Errorf("got %+v; want the 51st case by itself", got)
		}
		time.Sleep(15 * time.Minute)
		got = h.box.taken()
		if len(got) == 0 || got[0].m.Reason != notice.UnseenCase || got[0].m.More < 50 {
			t.Errorf("got %+v; want the crowd again, unseen", got)
		}
	})
}

func TestTroubleOnceAnHour(t *testing.T) {
	inBubble(t, []estate.ChannelKind{estate.Webhook}, func(t *testing.T, h *house) {
		defer h.run()()
		for range 90 {
			if _, err := h.ringer.Trouble(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
		}
		if got := h.box.taken(); reasons(got) != "watch_trouble watch_trouble" {
			t.Errorf("got %s; want it twice in 90 minutes", reasons(got))
		}
	})
}

func TestTest(t *testing.T) {
	inBubble(t, []estate.ChannelKind{estate.WeCom}, func(t *testing.T, h *house) {
		defer h.run()()
		settings, err := h.estate.House(t.Context(), tenant.Default)
		if err != nil {
			t.Fatal(err)
		}
		id := settings.Channels[0].ID
		if r, err := h.ringer.Test(t.Context(), owner, id); err != nil || !r.OK {
			t.Errorf("got %+v, %v", r, err)
		}
		h.box.fail(estate.WeCom, &notice.Fault{Word: notice.Refused, Code: 93000})
		if r, err := h.ringer.Test(t.Context(), owner, id); err != nil || r.OK || r.Code != 93000 {
			t.Errorf("got %+v, %v; want what the vendor said", r, err)
		}
		h.box.fail(estate.WeCom, nil)
		time.Sleep(time.Hour)
		if got := h.box.taken(); reasons(got) != "test" {
			t.Errorf("got %s; want the good test alone: a failed one is not tried again", reasons(got))
		}
		if _, err := h.ringer.Test(t.Context(), owner, "none"); !errors.Is(err, estate.ErrNoChannel) {
			t.Errorf("got %v, want ErrNoChannel", err)
		}
	})
}

func TestChannelTakenAway(t *testing.T) {
	inBubble(t, []estate.ChannelKind{estate.Webhook}, func(t *testing.T, h *house) {
		h.box.fail(estate.Webhook, &notice.Fault{Word: notice.Unreachable})
		defer h.run()()
		id := h.open("/pos/one")
		time.Sleep(10 * time.Second)
		settings, _ := h.estate.House(t.Context(), tenant.Default)
		if err := h.estate.RemoveChannel(t.Context(), owner, settings.Channels[0].ID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		for _, d := range h.alarm(id).Deliveries {
			if d.State != notice.Dropped {
				t.Errorf("got %+v, want dropped", d)
			}
		}
	})
}

// TestCanary opens a case in a folder and with a sign that hold card numbers
// and places, and looks for them in all that leaves and all that is recorded.
func TestCanary(t *testing.T) {
	pan := cardtest.Number(card.UnionPay, 19, 42)
	inBubble(t, []estate.ChannelKind{estate.Webhook, estate.DingTalk, estate.WeCom}, func(t *testing.T, h *house) {
		defer h.run()()
		id := h.open("/pos/secret-folder/" + pan)
		leak(t, h, id)
		if _, err := h.ringer.Trouble(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(40 * time.Minute)
		var out strings.Builder
		got := h.box.taken()
		for _, s := range got {
			raw, err := json.Marshal(s.m)
			if err != nil {
				t.Fatal(err)
			}
			out.Write(raw)
			for _, lang := range []string{"zh", "en"} {
				s.m.Lang = lang
				out.WriteString(s.m.Title() + s.m.Markdown())
			}
		}
		alarms, err := h.ringer.Recent(t.Context(), 100)
		if err != nil || len(alarms) == 0 || len(got) < 6 {
			t.Fatalf("got %d alarms, %d messages, %v", len(alarms), len(got), err)
		}
		for _, a := range alarms {
			entries, err := h.store.Entries(t.Context(), tenant.Default, store.EntryFilter{Subject: a.ID.Subject()})
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				out.Write(e.Body)
			}
		}
		for _, word := range []string{pan, pan[:6], pan[len(pan)-4:], "secret-folder", "/pos", "a.log", "sesame"} {
			if strings.Contains(out.String(), word) {
				t.Errorf("%q stands in an alarm", word)
			}
		}
	})
}

// TestEngines runs one alarm from case to result on both databases.
func TestEngines(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		h := newHouse(t, url, estate.Webhook, estate.WeCom)
		for i := range 25 {
			h.open(fmt.Sprintf("/pos/%d", i))
		}
		stop := h.run()
		waitFor(t, func() bool { h.ringer.Nudge(); return len(h.peek()) >= 2 })
		id := h.open("/pos/more")
		waitFor(t, func() bool { h.ringer.Nudge(); return len(h.peek()) >= 4 })
		leak(t, h, id)
		waitFor(t, func() bool { h.ringer.Nudge(); return len(h.peek()) >= 6 })
		stop()
		got := h.box.taken()
		if len(got) < 6 || len(got[2].m.Items) == 0 || got[0].m.More != 25 || got[2].m.Items[0].Number != 26 || got[4].m.Reason != notice.Leaking {
			t.Errorf("got %+v", got)
		}
		if r := h.result(estate.WeCom); !r.OK {
			t.Errorf("got result %+v", r)
		}
		if _, err := h.store.VerifyDeep(t.Context()); err != nil {
			t.Error(err)
		}
		other, total, err := h.store.DueAlarms(t.Context(), "other", notice.Cutoffs{}, 20)
		if err != nil || len(other) != 0 || total.Count != 0 {
			t.Errorf("other tenant: got %v, %v, %v", other, total, err)
		}
		if a, err := h.store.Alarms(t.Context(), "other", 20); err != nil || len(a) != 0 {
			t.Errorf("other tenant: got %v, %v", a, err)
		}
		if a, err := h.store.PendingAlarms(t.Context(), "other", 20); err != nil || len(a) != 0 {
			t.Errorf("other tenant: got %v, %v", a, err)
		}
		if r, err := h.store.AlarmResults(t.Context(), "other"); err != nil || len(r) != 0 {
			t.Errorf("other tenant: got %v, %v", r, err)
		}
	})
}

func (h *house) peek() []sent {
	h.box.mu.Lock()
	defer h.box.mu.Unlock()
	return h.box.got
}

func waitFor(t *testing.T, ready func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ready(); {
		if time.Now().After(deadline) {
			t.Fatal("it did not come in 30 seconds")
		}
		<-time.After(20 * time.Millisecond)
	}
}

func TestTexts(t *testing.T) {
	for _, reason := range notice.Reasons() {
		for lang, end := range map[string]string{"zh": "打开止漏", "en": "Open Stanch"} {
			m := notice.Message{Lang: lang, Reason: reason, Link: "https://stanch.example/"}
			title := m.Title()
			if !strings.HasPrefix(title, "Stanch") || strings.HasSuffix(title, ": ") || strings.HasSuffix(title, "：") || !strings.Contains(m.Markdown(), end) {
				t.Errorf("%s in %s: got %q", reason, lang, m.Markdown())
			}
		}
	}
}
