package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/rest"
	"github.com/stanch/stanch/internal/tenant"
)

func brandOf(name string) card.Brand { return card.Brand(name) }

// An actor is a person of the drill with a session of their own.
type actor struct {
	*centre
	password string
}

// A found is a finding as the drill reads it.
type found struct {
	ID        string           `json:"id"`
	Path      string           `json:"path"`
	State     string           `json:"state"`
	Case      string           `json:"case"`
	Sensitive bool             `json:"sensitive"`
	Cards     int64            `json:"cards_high"`
	Kinds     map[string]int64 `json:"kinds"`
}

// people makes an owner, a responder, and the case identity, by the same
// doors that people come in by.
func (x *exercise) people(ctx context.Context) (string, error) {
	door := x.centre.Door
	secret, err := door.FirstRunLink(ctx, tenant.Default)
	if err != nil {
		return "", err
	}
	pass, _, err := door.Follow(ctx, tenant.Default, secret)
	if err != nil {
		return "", err
	}
	const first, second = "drill-owner-passphrase-1", "drill-responder-passphrase-2"
	visit, err := door.CreateOwner(ctx, tenant.Default, pass, access.Newcomer{Login: "drill-owner", Lang: "en", Password: first, Address: "127.0.0.1"})
	if err != nil {
		return "", err
	}
	x.owner = x.actor(visit.Secret, first)
	secret, _, err = door.Invite(ctx, visit.Principal, access.Responder, "Drill responder")
	if err != nil {
		return "", err
	}
	if pass, _, err = door.Follow(ctx, tenant.Default, secret); err != nil {
		return "", err
	}
	joined, err := door.Join(ctx, tenant.Default, pass, access.Newcomer{Login: "drill-responder", Lang: "en", Password: second, Address: "127.0.0.1"})
	if err != nil {
		return "", err
	}
	x.responder = x.actor(joined.Secret, second)
	who := record.Who{Tenant: tenant.Default, Actor: string(visit.Principal.Account)}
	sheet, err := x.centre.Custodian.MakeIdentity(ctx, who)
	if err != nil {
		return "", err
	}
	if err := x.centre.Custodian.ConfirmIdentity(ctx, who, sheet.Fingerprint); err != nil {
		return "", err
	}
	x.passphrase = strings.Join(sheet.Groups, "-")
	return "owner, responder, scratch identity " + sheet.Fingerprint, nil
}

// actor returns a client that holds a person's session.
func (x *exercise) actor(session, password string) *actor {
	jar, _ := cookiejar.New(nil) // cannot fail without options
	client := &http.Client{Jar: jar, Transport: cookied{session, x.base}}
	return &actor{&centre{client: client}, password}
}

// cookied sends requests to the drill's centre with a session.
type cookied struct{ session, base string }

// RoundTrip implements [http.RoundTripper].
func (t cookied) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Host = strings.TrimPrefix(t.base, "http://")
	r.Host = r.URL.Host // the centre answers to its own names only
	r.AddCookie(&http.Cookie{Name: rest.SessionCookie, Value: t.session})
	return http.DefaultTransport.RoundTrip(r)
}

// prove shows that the person is there.
func (a *actor) prove(ctx context.Context) error {
	return a.call(ctx, http.MethodPost, "/presence", map[string]string{"password": a.password}, nil)
}

func (x *exercise) shop() string { return filepath.Join(x.dir, "shop") }

func (x *exercise) plant(context.Context) (string, error) {
	leaks, err := mistakes()
	if err != nil {
		return "", err
	}
	x.leaks, x.leaked = leaks, time.Now()
	for i := range x.leaks {
		if err := x.leaks[i].plant(x.shop()); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%d kinds of mistake", len(leaks)), nil
}

// poll is the time between two looks at what the centre knows.
const poll = 20 * time.Millisecond

// until looks again until done says so, for at most half a minute.
func until(ctx context.Context, done func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		ok, err := done()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.New("nothing came of it in 30 seconds")
		case <-tick.C:
		}
	}
}

func (x *exercise) list(ctx context.Context) ([]found, error) {
	var out struct{ Items []found }
	err := x.owner.call(ctx, http.MethodGet, "/findings?limit=200", nil, &out)
	x.findings = out.Items
	return out.Items, err
}

// find waits until every leak is a finding with as many cards as were planted.
func (x *exercise) find(ctx context.Context) (string, error) {
	seen := map[string]time.Duration{}
	err := until(ctx, func() (bool, error) {
		list, err := x.list(ctx)
		if err != nil {
			return false, err
		}
		for _, l := range x.leaks {
			for _, f := range list {
				file, _, _ := strings.Cut(f.Path, "!")
				if strings.HasSuffix(filepath.ToSlash(file), l.path) && f.Cards == int64(len(l.cards)) && seen[l.path] == 0 {
					seen[l.path] = time.Since(l.at)
				}
			}
		}
		return len(seen) == len(x.leaks), nil
	})
	if err != nil {
		return "", fmt.Errorf("found %d of %d leaks: %w", len(seen), len(x.leaks), err)
	}
	x.result.ToDetect = seen[x.leaks[0].path].Seconds()
	var each []string
	for _, l := range x.leaks {
		each = append(each, fmt.Sprintf("%s %.2f s", l.what, seen[l.path].Seconds()))
	}
	return strings.Join(each, ", "), nil
}

// open waits until the debug log, which holds tracks, has a case.
func (x *exercise) open(ctx context.Context) (string, error) {
	var cases []string
	err := until(ctx, func() (bool, error) {
		list, err := x.list(ctx)
		if err != nil {
			return false, err
		}
		cases = cases[:0]
		for _, f := range list {
			if f.Case == "" {
				return false, nil
			}
			if !slices.Contains(cases, f.Case) {
				cases = append(cases, f.Case)
			}
		}
		return len(list) > 0, nil
	})
	if err != nil {
		return "", err
	}
	x.result.ToOpen = time.Since(x.leaked).Seconds()
	x.cases = cases
	return fmt.Sprintf("%d findings in %d cases", len(x.findings), len(cases)), nil
}

func (x *exercise) confirm(ctx context.Context) (string, error) {
	for _, id := range x.cases {
		if err := x.responder.call(ctx, http.MethodPost, "/cases/"+id+"/seen", nil, nil); err != nil {
			return "", err
		}
		if err := x.responder.call(ctx, http.MethodPost, "/cases/"+id+"/confirm", reason("drill: planted"), nil); err != nil {
			return "", err
		}
	}
	return "", nil
}

func reason(text string) map[string]string { return map[string]string{"reason": text} }

// A drilledPlan is a plan as the drill reads it.
type drilledPlan struct {
	ID    string `json:"id"`
	State string `json:"state"`
	Hash  string `json:"hash"`
	Why   string `json:"why"`
}

// carryOut takes a plan from draft to done: one person asks, another one
// agrees and proves to be there.
func (x *exercise) carryOut(ctx context.Context, caseID string, in map[string]any) (*drilledPlan, error) {
	in["case"], in["reason"] = caseID, "drill"
	var p drilledPlan
	if err := x.responder.call(ctx, http.MethodPost, "/plans", in, &p); err != nil {
		return nil, fmt.Errorf("draft: %w", err)
	}
	at := "/plans/" + p.ID
	if err := x.responder.call(ctx, http.MethodPost, at+"/dry-run", nil, &p); err != nil {
		return nil, fmt.Errorf("dry-run: %w", err)
	}
	if err := x.responder.call(ctx, http.MethodPost, at+"/request", reason("drill"), &p); err != nil {
		return nil, fmt.Errorf("request: %w", err)
	}
	if err := x.refuseOwn(ctx, at, p.Hash); err != nil {
		return nil, err
	}
	if err := x.owner.prove(ctx); err != nil {
		return nil, fmt.Errorf("prove presence: %w", err)
	}
	if err := x.owner.call(ctx, http.MethodPost, at+"/approve", map[string]string{"hash": p.Hash}, &p); err != nil {
		return nil, fmt.Errorf("approve: %w", err)
	}
	if err := x.responder.call(ctx, http.MethodPost, at+"/execute", nil, &p); err != nil {
		return nil, fmt.Errorf("execute: %w", err)
	}
	if p.State != "active" && p.State != "permanent" && p.State != "verified" {
		return nil, fmt.Errorf("plan ended %s: %s", p.State, p.Why)
	}
	return &p, nil
}

// refuseOwn expects that nobody can approve what they asked for.
func (x *exercise) refuseOwn(ctx context.Context, at, hash string) error {
	if err := x.responder.prove(ctx); err != nil {
		return fmt.Errorf("prove presence: %w", err)
	}
	var refused *refusal
	err := x.responder.call(ctx, http.MethodPost, at+"/approve", map[string]string{"hash": hash}, nil)
	if !errors.As(err, &refused) || refused.Status != http.StatusConflict {
		return fmt.Errorf("approve own request: want a refusal, got %w", err)
	}
	return nil
}

// idsOf returns the findings of a case that hold data still.
func (x *exercise) idsOf(ctx context.Context, caseID string) ([]string, error) {
	list, err := x.list(ctx)
	var ids []string
	for _, f := range list {
		if f.Case == caseID && (f.State == "open" || f.State == "sealed") {
			ids = append(ids, f.ID)
		}
	}
	return ids, err
}

func (x *exercise) seal(ctx context.Context) (string, error) {
	for _, id := range x.cases {
		ids, err := x.idsOf(ctx, id)
		if err != nil {
			return "", err
		}
		p, err := x.carryOut(ctx, id, map[string]any{"action": "seal", "findings": ids})
		if err != nil {
			return "", err
		}
		x.plans = append(x.plans, p.ID)
	}
	return fmt.Sprintf("%d plans", len(x.plans)), nil
}

// lockOne locks the first leak alone, so that it can be brought back.
func (x *exercise) lockOne(ctx context.Context) (string, error) {
	list, err := x.list(ctx)
	if err != nil {
		return "", err
	}
	for _, f := range list {
		if !strings.HasSuffix(filepath.ToSlash(f.Path), x.leaks[0].path) {
			continue
		}
		p, err := x.carryOut(ctx, f.Case, map[string]any{"action": "lock", "mode": "remove", "findings": []string{f.ID}})
		if err != nil {
			return "", err
		}
		if exists(filepath.Join(x.shop(), filepath.FromSlash(x.leaks[0].path))) {
			return "", errors.New("the file is still there")
		}
		x.undone = p.ID
		return x.leaks[0].path, nil
	}
	return "", errors.New("its finding is gone")
}

func (x *exercise) undo(ctx context.Context) (string, error) {
	if err := x.owner.prove(ctx); err != nil {
		return "", err
	}
	var p drilledPlan
	in := map[string]string{"passphrase": x.passphrase, "reason": "drill"}
	if err := x.owner.call(ctx, http.MethodPost, "/plans/"+x.undone+"/rollback", in, &p); err != nil {
		return "", err
	}
	content, err := os.ReadFile(filepath.Join(x.shop(), filepath.FromSlash(x.leaks[0].path)))
	if err != nil {
		return "", err
	}
	if sha256.Sum256(content) != x.leaks[0].sum {
		return "", errors.New("what came back differs from what was taken")
	}
	return "bit for bit, with the passphrase", nil
}

func (x *exercise) lockAll(ctx context.Context) (string, error) {
	for _, id := range x.cases {
		ids, err := x.idsOf(ctx, id)
		if err != nil {
			return "", err
		}
		p, err := x.carryOut(ctx, id, map[string]any{"action": "lock", "mode": "remove", "findings": ids})
		if err != nil {
			return "", err
		}
		x.plans = append(x.plans, p.ID)
	}
	for _, l := range x.leaks {
		if exists(filepath.Join(x.shop(), filepath.FromSlash(l.path))) {
			return "", fmt.Errorf("%s is still there", l.path)
		}
	}
	return "", nil
}
