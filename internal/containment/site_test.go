package containment_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stanch/stanch/card/cardtest"
	"github.com/stanch/stanch/internal/actuator/filelock"
	"github.com/stanch/stanch/internal/carrier"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/containment"
	"github.com/stanch/stanch/internal/evidence"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/keyring"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/store"
	"github.com/stanch/stanch/internal/store/storetest"
	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/packs"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("CONTAINMENT_CHILD"); dir != "" {
		os.Exit(child(dir))
	}
	os.Exit(storetest.Main(m))
}

var system = record.Who{Tenant: tenant.Default, Actor: record.System}

// A site is a shop with a leak, and everything that acts on it, but for the
// watcher.
type site struct {
	*containment.Planner
	store      *store.Store
	custodian  *evidence.Custodian
	passphrase string
	root       string
	now        func() time.Time
}

// openSite opens what is under dir, or makes it.
func openSite(ctx context.Context, dir, url string) (*site, error) {
	keys := filepath.Join(dir, "keys")
	fresh := !keyring.Present(keys)
	ring, err := keyring.Open(keys)
	if fresh {
		ring, err = keyring.Create(keys, "stanch/test")
	}
	if err != nil {
		return nil, err
	}
	s := &site{root: filepath.Join(dir, "pos"), now: time.Now}
	clock := func() time.Time { return s.now() }
	if s.store, err = store.Open(ctx, url, store.Options{Signer: ring.Signer, Fresh: fresh, Now: clock}); err != nil {
		return nil, err
	}
	p, err := packs.Load(nil)
	if err != nil {
		return nil, err
	}
	s.custodian = &evidence.Custodian{Book: s.store, Store: s.store, Dir: filepath.Join(dir, "evidence"), Now: clock}
	desk := &casefile.Desk{Store: s.store, Cards: noCards{}, Packs: p}
	s.Planner = &containment.Planner{
		Book: s.store, Store: s.store, Desk: desk, Custody: s.custodian, Prober: prober{s.store}, Now: clock,
		Files: &filelock.Lock{Roots: func() []string { return []string{s.root} }, Own: []string{filepath.Join(dir, "evidence"), keys}},
	}
	if !fresh {
		raw, err := os.ReadFile(filepath.Join(dir, "sheet"))
		s.passphrase = string(raw)
		return s, err
	}
	sheet, err := s.custodian.MakeIdentity(ctx, system)
	if err != nil {
		return nil, err
	}
	s.passphrase = sheet.Passphrase()
	return s, errors.Join(s.custodian.ConfirmIdentity(ctx, system, sheet.Fingerprint), os.MkdirAll(s.root, 0o755),
		os.WriteFile(filepath.Join(dir, "sheet"), []byte(s.passphrase), 0o600))
}

func newSite(t *testing.T, url string) *site {
	t.Helper()
	s, err := openSite(t.Context(), t.TempDir(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.store.Close() })
	return s
}

// person is somebody who is there.
func (s *site) person(id string) containment.Person {
	return containment.Person{Who: record.Who{Tenant: tenant.Default, Actor: id}, Presence: s.now(), Method: "password"}
}

// noCards counts nothing: what the exposure says is not tested here.
type noCards struct{}

func (noCards) Union(context.Context, []finding.Segment) (casefile.Union, error) {
	return casefile.Union{}, nil
}

// A prober looks at the file of each finding as it is now.
type prober struct{ store *store.Store }

func (p prober) Rescan(ctx context.Context, who record.Who, ids []finding.ID) (clean []finding.ID, err error) {
	for _, id := range ids {
		thing, err := p.store.Read(ctx, who.Tenant, id.Subject())
		if err != nil {
			return nil, err
		}
		file, err := os.Open(thing.(*finding.Finding).Place.Path)
		if errors.Is(err, os.ErrNotExist) {
			clean = append(clean, id)
			continue
		}
		if err != nil {
			return nil, err
		}
		found := 0
		_, err = carrier.Examine(ctx, carrier.Input{R: file, Size: size(file)}, carrier.Options{}, func(*carrier.Match) { found++ })
		file.Close()
		if err != nil {
			return nil, err
		}
		if found == 0 {
			clean = append(clean, id)
		}
	}
	return clean, nil
}

func size(file *os.File) int64 {
	info, err := file.Stat()
	if err != nil {
		return -1
	}
	return info.Size()
}

func leak() string {
	var out strings.Builder
	for n := range uint64(20) {
		fmt.Fprintf(&out, "sale %d card %s\n", n, cardtest.Number("visa", 16, n))
	}
	return out.String()
}

// plant writes leaking files and reports them as the watcher would.
func (s *site) plant(ctx context.Context, names ...string) (ids []finding.ID, id casefile.ID, err error) {
	return s.plantTexts(ctx, nil, names...)
}

// plantTexts does so with texts by name.
func (s *site) plantTexts(ctx context.Context, texts map[string]string, names ...string) (ids []finding.ID, id casefile.ID, err error) {
	var batch casefile.Batch
	for _, name := range names {
		path := filepath.Join(s.root, name)
		text, ok := texts[name]
		if !ok {
			text = leak()
		}
		if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
			return nil, "", err
		}
		place := finding.Place{Root: s.root, Path: path, File: "id-" + name}
		counts := finding.Counts{Matches: 20, Low: 20, High: 20, Judged: 20, Kinds: map[string]int64{"pan": 20}}
		batch.Seen = append(batch.Seen, finding.Seen{Place: place, Counts: counts})
		ids = append(ids, place.ID())
	}
	if err := s.Desk.Take(ctx, system, batch); err != nil {
		return nil, "", err
	}
	thing, err := s.store.Read(ctx, tenant.Default, ids[0].Subject())
	if err != nil {
		return nil, "", err
	}
	return ids, casefile.ID(thing.(*finding.Finding).Case), nil
}

// approved brings a draft to the point where it can be carried out.
func (s *site) approved(ctx context.Context, d containment.Draft) (*containment.Plan, error) {
	anna, ben := s.person("anna"), s.person("ben")
	plan, err := s.Draft(ctx, anna, d)
	if err != nil {
		return nil, err
	}
	if plan, err = s.DryRun(ctx, anna, plan.ID); err != nil {
		return nil, err
	}
	if err := s.Request(ctx, anna, plan.ID, "stop it"); err != nil {
		return nil, err
	}
	return s.Approve(ctx, ben, plan.ID, plan.Hash)
}
