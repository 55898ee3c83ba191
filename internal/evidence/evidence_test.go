package evidence_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/stanch/stanch/card/cardtest"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/evidence"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/store"
	"github.com/stanch/stanch/internal/store/storetest"
	"github.com/stanch/stanch/internal/tenant"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

var (
	anna  = record.Who{Tenant: tenant.Default, Actor: "account-1"}
	other = record.Who{Tenant: "other", Actor: "account-9"}
)

// A bench is a custodian over a real store, with a clock that can be set.
type bench struct {
	*evidence.Custodian
	store *store.Store
	key   storetest.Key
	now   time.Time
	sheet *evidence.Sheet
}

func newBench(t *testing.T, url string) *bench {
	t.Helper()
	b := &bench{key: storetest.NewKey(t), now: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return b.now }
	b.store = storetest.Open(t, url, b.key, clock)
	b.Custodian = &evidence.Custodian{Book: b.store, Store: b.store, Dir: filepath.Join(t.TempDir(), "evidence"), Now: clock}
	return b
}

func (b *bench) begin(t *testing.T) {
	t.Helper()
	var err error
	if b.sheet, err = b.MakeIdentity(t.Context(), anna); err != nil {
		t.Fatal(err)
	}
	if err := b.ConfirmIdentity(t.Context(), anna, b.sheet.Fingerprint); err != nil {
		t.Fatal(err)
	}
}

func original(content []byte) casefile.Original {
	return casefile.Original{Case: "c1", Name: "pos.log", Size: int64(len(content)), Meta: []byte(`{"mode":420}`), Content: bytes.NewReader(content)}
}

// leak returns a text that holds card numbers, larger than any buffer.
func leak() []byte {
	var out bytes.Buffer
	for n := range uint64(9000) {
		fmt.Fprintf(&out, "sale card=%s ok\n", cardtest.Number("visa", 16, n))
	}
	return out.Bytes()
}

func TestSealOpenVerify(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		b, ctx := newBench(t, url), t.Context()
		content := leak()
		if _, err := b.Seal(ctx, anna, original(content)); !errors.Is(err, evidence.ErrNoIdentity) {
			t.Fatalf("got %v before there is an identity, want %v", err, evidence.ErrNoIdentity)
		}
		b.begin(t)
		id, err := b.Seal(ctx, anna, original(content))
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Verify(ctx, anna, id); err != nil {
			t.Errorf("got %v, want an intact exhibit", err)
		}
		if err := b.Verify(ctx, other, id); !errors.Is(err, evidence.ErrNone) {
			t.Errorf("got %v for another tenant, want %v", err, evidence.ErrNone)
		}
		var got []byte
		err = b.Open(ctx, anna, id, strings.ToUpper(b.sheet.Passphrase()), "look at it", func(o casefile.Original) error {
			if string(o.Meta) != `{"mode":420}` && !strings.Contains(string(o.Meta), "420") {
				t.Errorf("got metadata %s", o.Meta)
			}
			got, err = io.ReadAll(o.Content)
			return err
		})
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("got %d bytes, %v; want the original", len(got), err)
		}
		x, err := b.Exhibit(ctx, anna.Tenant, id)
		if err != nil {
			t.Fatal(err)
		}
		var events []string
		for _, e := range x.Events {
			events = append(events, e.What)
		}
		if want := "sealed verified opened"; strings.Join(events, " ") != want {
			t.Errorf("got custody %v, want %s", events, want)
		}
		if list, err := b.Exhibits(ctx, anna.Tenant, "c1"); err != nil || len(list) != 1 {
			t.Errorf("got %d exhibits, %v; want 1", len(list), err)
		}
		if _, err := b.store.VerifyDeep(ctx); err != nil {
			t.Errorf("got %v, want a ledger that replays", err)
		}
	})
}

func sqlite(t *testing.T) *bench { return newBench(t, storetest.URL(t, "sqlite")) }

func TestPassphrase(t *testing.T) {
	b := sqlite(t)
	b.begin(t)
	groups := strings.Split(b.sheet.Passphrase(), "-")
	if len(groups) != 7 {
		t.Fatalf("got %d groups, want 7", len(groups))
	}
	slip := []byte(b.sheet.Passphrase())
	if slip[0]++; slip[0] == '9'+1 || slip[0] == 'z'+1 {
		slip[0] = 'a'
	}
	other := sqlite(t)
	other.begin(t)
	tests := []struct {
		name, typed string
		want        error
	}{
		{"as printed", b.sheet.Passphrase(), nil},
		{"spaces", strings.Join(groups, " "), nil},
		{"no separators, upper case", strings.ToUpper(strings.Join(groups, "")), nil},
		{"look-alikes", strings.NewReplacer("0", "O", "1", "l").Replace(b.sheet.Passphrase()), nil},
		{"a slip", string(slip), evidence.ErrMistyped},
		{"too short", "abcde", evidence.ErrMistyped},
		{"empty", "", evidence.ErrMistyped},
		{"another's", other.sheet.Passphrase(), evidence.ErrPassphrase},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := b.CheckPassphrase(t.Context(), anna.Tenant, tt.typed); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestIdentityIsMadeOnce(t *testing.T) {
	b := sqlite(t)
	if err := b.ConfirmIdentity(t.Context(), anna, "any"); !errors.Is(err, evidence.ErrNoIdentity) {
		t.Errorf("got %v, want %v", err, evidence.ErrNoIdentity)
	}
	first, err := b.MakeIdentity(t.Context(), anna)
	if err != nil {
		t.Fatal(err)
	}
	second, err := b.MakeIdentity(t.Context(), anna)
	if err != nil {
		t.Fatal(err)
	}
	// Whoever still holds the first sheet must not put the second to use.
	if err := b.ConfirmIdentity(t.Context(), anna, first.Fingerprint); !errors.Is(err, evidence.ErrOtherSheet) {
		t.Errorf("got %v for the first sheet, want %v", err, evidence.ErrOtherSheet)
	}
	if i, err := b.Identity(t.Context(), anna.Tenant); err != nil || i.Confirmed != 0 {
		t.Errorf("got %v, %v; want an identity that is not in use", i, err)
	}
	if err := b.ConfirmIdentity(t.Context(), anna, second.Fingerprint); err != nil {
		t.Fatal(err)
	}
	if err := b.ConfirmIdentity(t.Context(), anna, first.Fingerprint); !errors.Is(err, evidence.ErrOtherSheet) {
		t.Errorf("got %v for the first sheet, want %v", err, evidence.ErrOtherSheet)
	}
	if err := b.CheckPassphrase(t.Context(), anna.Tenant, first.Passphrase()); !errors.Is(err, evidence.ErrPassphrase) {
		t.Errorf("got %v for the lost sheet, want %v", err, evidence.ErrPassphrase)
	}
	if _, err := b.MakeIdentity(t.Context(), anna); !errors.Is(err, evidence.ErrIdentity) {
		t.Errorf("got %v, want %v", err, evidence.ErrIdentity)
	}
}

// TestNothingInClear looks for a card number and the passphrase in every file
// below the evidence folder and the database.
func TestNothingInClear(t *testing.T) {
	url := storetest.URL(t, "sqlite")
	b := newBench(t, url)
	b.begin(t)
	number := cardtest.Number("visa", 16, 0)
	o := original(leak())
	o.Name = "list-" + number + ".txt"
	if _, err := b.Seal(t.Context(), anna, o); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{b.Dir, filepath.Dir(strings.TrimPrefix(url, "sqlite:"))} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			raw, err := os.ReadFile(path)
			if bytes.Contains(raw, []byte(number)) || bytes.Contains(raw, []byte(b.sheet.Groups[0])) || strings.Contains(path, number) {
				t.Errorf("%s holds a secret in clear", path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestDamageIsSeen(t *testing.T) {
	b := sqlite(t)
	b.begin(t)
	content := leak()
	id, err := b.Seal(t.Context(), anna, original(content))
	if err != nil {
		t.Fatal(err)
	}
	x, err := b.Exhibit(t.Context(), anna.Tenant, id)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(b.Dir, string(anna.Tenant), x.Cipher[:2], x.Cipher+".age")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)/2] ^= 1
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		if err := os.Chmod(path, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Verify(t.Context(), anna, id); !errors.Is(err, evidence.ErrDamaged) {
		t.Errorf("got %v, want %v", err, evidence.ErrDamaged)
	}
	err = b.Open(t.Context(), anna, id, b.sheet.Passphrase(), "look", func(o casefile.Original) error {
		_, err := io.Copy(io.Discard, o.Content)
		return err
	})
	if !errors.Is(err, evidence.ErrDamaged) {
		t.Errorf("got %v, want %v", err, evidence.ErrDamaged)
	}
}

func TestSealRefusesAnotherContent(t *testing.T) {
	content := leak()
	tests := map[string]func(*casefile.Original){
		"short":          func(o *casefile.Original) { o.Size++ },
		"another digest": func(o *casefile.Original) { o.SHA256 = strings.Repeat("0", 64) },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			b := sqlite(t)
			b.begin(t)
			o := original(content)
			change(&o)
			if _, err := b.Seal(t.Context(), anna, o); !errors.Is(err, evidence.ErrChanged) {
				t.Errorf("got %v, want %v", err, evidence.ErrChanged)
			}
			left, err := os.ReadDir(filepath.Join(b.Dir, string(anna.Tenant), "incoming"))
			if err != nil || len(left) != 0 {
				t.Errorf("got %d files left, %v; want none", len(left), err)
			}
		})
	}
}

func TestOutsideRecipientOpensWithoutUs(t *testing.T) {
	b := sqlite(t)
	b.begin(t)
	expert, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	b.Outside = func(context.Context, tenant.ID) ([]string, error) { return []string{expert.Recipient().String()}, nil }
	id, err := b.Seal(t.Context(), anna, original([]byte("x")))
	if err != nil {
		t.Fatal(err)
	}
	x, err := b.Exhibit(t.Context(), anna.Tenant, id)
	if err != nil || len(x.Recipients) != 2 {
		t.Fatalf("got recipients %v, %v; want 2", x.Recipients, err)
	}
	f, err := os.Open(filepath.Join(b.Dir, string(anna.Tenant), x.Cipher[:2], x.Cipher+".age"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := age.Decrypt(f, expert); err != nil {
		t.Errorf("got %v, want the expert to open it", err)
	}
}

func TestExportIsCheckedOffline(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		b := newBench(t, url)
		b.begin(t)
		id, err := b.Seal(t.Context(), anna, original(leak()))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		other := "00000-00000-00000-00000-00000-00000-00000"
		for typed, want := range map[string]error{"": evidence.ErrMistyped, other: evidence.ErrMistyped} {
			if err := b.Export(t.Context(), anna, id, typed, "for the expert", &out); !errors.Is(err, want) || out.Len() > 0 {
				t.Errorf("passphrase %q: got %v and %d bytes, want %v and none", typed, err, out.Len(), want)
			}
		}
		if x, err := b.Exhibit(t.Context(), anna.Tenant, id); err != nil || x.Events[len(x.Events)-1].What == "exported" {
			t.Errorf("got %v, %v; want no export on the record", x, err)
		}
		if err := b.Export(t.Context(), anna, id, b.sheet.Passphrase(), "for the expert", &out); err != nil {
			t.Fatal(err)
		}
		x, err := evidence.CheckExport(bytes.NewReader(out.Bytes()), b.key.Verifier)
		if err != nil || x.ID != id || x.Events[len(x.Events)-1].What != "exported" {
			t.Fatalf("got %+v, %v; want an intact export of %s", x, err, id)
		}
		if _, err := evidence.CheckExport(bytes.NewReader(out.Bytes()), storetest.NewKey(t).Verifier); !errors.Is(err, evidence.ErrDamaged) {
			t.Errorf("got %v under another key, want %v", err, evidence.ErrDamaged)
		}
		if _, err := evidence.CheckExport(strings.NewReader("no tar"), b.key.Verifier); !errors.Is(err, evidence.ErrUnreadable) {
			t.Errorf("got %v for another file, want %v", err, evidence.ErrUnreadable)
		}
		for _, at := range []int{600, out.Len() / 2} { // in exhibit.json, in the ciphertext
			bad := bytes.Clone(out.Bytes())
			bad[at] ^= 1
			if _, err := evidence.CheckExport(bytes.NewReader(bad), b.key.Verifier); err == nil {
				t.Errorf("got no error with byte %d changed", at)
			}
		}
	})
}

func TestDestroyAtItsDate(t *testing.T) {
	b := sqlite(t)
	b.begin(t)
	b.Keep = 30 * 24 * time.Hour
	id, err := b.Seal(t.Context(), anna, original(leak()))
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Destroy(t.Context(), anna, id, "no longer needed"); !errors.Is(err, evidence.ErrTooEarly) {
		t.Errorf("got %v, want %v", err, evidence.ErrTooEarly)
	}
	b.now = b.now.Add(b.Keep)
	if due, err := b.Due(t.Context(), anna.Tenant); err != nil || len(due) != 1 {
		t.Errorf("got %d due, %v; want 1", len(due), err)
	}
	if err := b.Destroy(t.Context(), anna, id, " "); !errors.Is(err, casefile.ErrReason) {
		t.Errorf("got %v, want %v", err, casefile.ErrReason)
	}
	if err := b.Destroy(t.Context(), anna, id, "no longer needed"); err != nil {
		t.Fatal(err)
	}
	x, err := b.Exhibit(t.Context(), anna.Tenant, id)
	if err != nil || x.Destroyed == 0 {
		t.Fatalf("got %+v, %v; want a destroyed exhibit", x, err)
	}
	if _, err := os.Stat(filepath.Join(b.Dir, string(anna.Tenant), x.Cipher[:2], x.Cipher+".age")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want the ciphertext gone", err)
	}
	if err := b.Verify(t.Context(), anna, id); !errors.Is(err, evidence.ErrDestroyed) {
		t.Errorf("got %v, want %v", err, evidence.ErrDestroyed)
	}
}

// A verdict is an examiner that says always the same.
type verdict struct{ holds, refused bool }

func (v verdict) HoldsCardData(context.Context, string, io.ReaderAt, int64) (bool, bool, error) {
	return v.holds, v.refused, nil
}

func TestAttach(t *testing.T) {
	b := sqlite(t)
	b.begin(t)
	var refusal *evidence.HoldsCards
	attach := func(v evidence.Examiner, name, text string) (evidence.ID, error) {
		b.Examiner = v
		return b.Attach(t.Context(), anna, "c1", name, strings.NewReader(text))
	}
	if _, err := attach(verdict{holds: true}, "a.txt", "x"); !errors.As(err, &refusal) || refusal.Unexamined {
		t.Errorf("got %v, want a refusal for card data", err)
	}
	if _, err := attach(verdict{refused: true}, "a.jpg", "x"); !errors.As(err, &refusal) || !refusal.Unexamined {
		t.Errorf("got %v, want a refusal for what cannot be examined", err)
	}
	if _, err := attach(verdict{}, cardtest.Number("visa", 16, 1)+".txt", "x"); !errors.As(err, &refusal) {
		t.Errorf("got %v, want a refusal for the name", err)
	}
	if _, err := attach(verdict{}, "big", strings.Repeat("x", evidence.MaxAttachment+1)); !errors.Is(err, evidence.ErrTooLarge) {
		t.Errorf("got %v, want %v", err, evidence.ErrTooLarge)
	}
	id, err := attach(verdict{}, "letter.txt", "clean")
	if err != nil {
		t.Fatal(err)
	}
	r, x, err := b.Attached(t.Context(), anna.Tenant, id)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || string(got) != "clean" || x.Name != "letter.txt" {
		t.Errorf("got %q, %v; want the attachment", got, err)
	}
	if id, err = b.AttachSealed(t.Context(), anna, "c1", "slip.jpg", strings.NewReader("picture")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.Attached(t.Context(), anna.Tenant, id); !errors.Is(err, evidence.ErrNone) {
		t.Errorf("got %v for a sealed attachment, want %v", err, evidence.ErrNone)
	}
	if err := b.Verify(t.Context(), anna, id); err != nil {
		t.Error(err)
	}
}

func TestSweep(t *testing.T) {
	b := sqlite(t)
	b.begin(t)
	if _, err := b.Seal(t.Context(), anna, original([]byte("x"))); err != nil {
		t.Fatal(err)
	}
	stray := filepath.Join(b.Dir, string(anna.Tenant), "incoming", "stray.age")
	if err := os.WriteFile(stray, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := b.Sweep(t.Context(), anna.Tenant); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(stray); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want the stray gone", err)
	}
}

// A fullBook enters nothing; if late, it does and fails all the same.
type fullBook struct {
	record.Book
	late bool
}

func (f fullBook) Update(ctx context.Context, who record.Who, change func(context.Context, record.Tx) error) error {
	if f.late {
		if err := f.Book.Update(ctx, who, change); err != nil {
			return err
		}
	}
	return errors.New("disk is full")
}

func (b *bench) blobs(t *testing.T) []string {
	t.Helper()
	kept, err := filepath.Glob(filepath.Join(b.Dir, string(anna.Tenant), "??", "*.age"))
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

func TestSweepTakesWhatNoExhibitNames(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		for _, late := range []bool{false, true} {
			b, ctx := newBench(t, storetest.URL(t, strings.Split(url, ":")[0])), t.Context()
			b.begin(t)
			b.Book = fullBook{b.store, late}
			for range 3 {
				if _, err := b.Seal(ctx, anna, original(leak())); err == nil {
					t.Fatal("got a seal that cannot be recorded")
				}
			}
			b.Book = b.store
			if err := b.Sweep(ctx, anna.Tenant); err != nil {
				t.Fatal(err)
			}
			want := 0
			if late {
				want = 3
			}
			if got := b.blobs(t); len(got) != want {
				t.Errorf("late %v: got %v, want %d", late, got, want)
			}
			all, err := b.Exhibits(ctx, anna.Tenant, "c1")
			if err != nil || len(all) != want {
				t.Errorf("late %v: got %d exhibits, %v; want %d", late, len(all), err, want)
			}
			for _, x := range all {
				if err := b.Verify(ctx, anna, x.ID); err != nil {
					t.Error(err)
				}
			}
		}
	})
}

// TestSweepKeepsASharedAttachment attaches the same file twice, the second time
// to no effect.
func TestSweepKeepsASharedAttachment(t *testing.T) {
	b, ctx := sqlite(t), t.Context()
	b.begin(t)
	b.Examiner = verdict{}
	id, err := b.Attach(ctx, anna, "c1", "letter.txt", strings.NewReader("clean"))
	if err != nil {
		t.Fatal(err)
	}
	b.Book = fullBook{b.store, false}
	if _, err := b.Attach(ctx, anna, "c1", "letter.txt", strings.NewReader("clean")); err == nil {
		t.Fatal("got an attachment that was not recorded")
	}
	b.Book = b.store
	if err := b.Sweep(ctx, anna.Tenant); err != nil {
		t.Fatal(err)
	}
	if err := b.Verify(ctx, anna, id); err != nil {
		t.Error(err)
	}
}

// A sweeper sweeps while a seal reads from it.
type sweeper struct {
	io.Reader
	sweep func() error
}

func (s sweeper) Read(p []byte) (int, error) {
	if err := s.sweep(); err != nil {
		return 0, err
	}
	return s.Reader.Read(p)
}

func TestSweepLeavesASealUnderWayAlone(t *testing.T) {
	b := sqlite(t)
	b.begin(t)
	o := original(leak())
	o.Content = sweeper{o.Content, func() error { return b.Sweep(t.Context(), anna.Tenant) }}
	id, err := b.Seal(t.Context(), anna, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Verify(t.Context(), anna, id); err != nil {
		t.Error(err)
	}
}
