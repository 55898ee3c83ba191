package estate_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
	"github.com/stanch/stanch/internal/estate"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/store"
	"github.com/stanch/stanch/internal/store/storetest"
	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/ledger"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

var (
	owner = record.Who{Tenant: tenant.Default, Actor: "account-1"}
	other = record.Who{Tenant: "other", Actor: "account-2"}
)

func open(t *testing.T, url string) (*estate.Registrar, *store.Store) {
	t.Helper()
	s := storetest.Open(t, url, storetest.NewKey(t), nil)
	return &estate.Registrar{Book: s, Store: s}, s
}

func good() estate.Settings {
	return estate.Settings{Name: "Corner shop", Kind: estate.Shop, Country: "cn", Lang: "zh", Zone: "Asia/Shanghai", Acquirer: "UnionPay", AcquirerPhone: "95516"}
}

func TestHouse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r, s := open(t, url)
		ctx := t.Context()
		if h, err := r.House(ctx, tenant.Default); err != nil || h.Kind != "" {
			t.Fatalf("got %+v, %v; want the zero house", h, err)
		}
		if err := r.Describe(ctx, owner, good()); err != nil {
			t.Fatal(err)
		}
		id, key, err := r.AddChannel(ctx, owner, estate.DingTalk, "https://oapi.dingtalk.example/robot/send?access_token=0f0f0f", "SECabc")
		if err != nil || key != "SECabc" {
			t.Fatalf("got key %q, %v", key, err)
		}
		h, err := r.House(ctx, tenant.Default)
		if err != nil || h.Country != "CN" || h.Repeat != 15 || len(h.Channels) != 1 {
			t.Fatalf("got %+v, %v", h, err)
		}
		if c, ok := h.Channel(id); !ok || c.Host != "oapi.dingtalk.example" || !c.Signed {
			t.Errorf("got channel %+v", c)
		}
		secret, err := s.Secret(ctx, tenant.Default, id)
		if err != nil || !strings.Contains(secret.Address, "0f0f0f") || secret.Key != "SECabc" || secret.Fingerprint() != h.Channels[0].Fingerprint {
			t.Errorf("secret did not come back: %v", err)
		}
		checkSecretHidden(t, s, secret)
		checkOtherTenant(t, r, s, id)
		if err := r.RemoveChannel(ctx, owner, id); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Secret(ctx, tenant.Default, id); !errors.Is(err, record.ErrNone) {
			t.Errorf("secret after removal: got %v, want ErrNone", err)
		}
		if err := r.RemoveChannel(ctx, owner, id); !errors.Is(err, estate.ErrNoChannel) {
			t.Errorf("remove again: got %v, want ErrNoChannel", err)
		}
		if n, err := s.VerifyDeep(ctx); err != nil || n == 0 {
			t.Errorf("got %d rows, %v", n, err)
		}
	})
}

// checkSecretHidden looks for a channel's secret where it must not be.
func checkSecretHidden(t *testing.T, s *store.Store, secret estate.Secret) {
	t.Helper()
	entries, err := s.Entries(t.Context(), tenant.Default, store.EntryFilter{})
	if err != nil || len(entries) == 0 {
		t.Fatalf("got %d entries, %v", len(entries), err)
	}
	var shown strings.Builder
	for _, e := range entries {
		shown.Write(e.Body)
	}
	house, err := s.Read(t.Context(), tenant.Default, estate.HouseSubject)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&shown, "%+v %v %+v %#v %s", house, secret, secret, secret, &secret)
	for _, word := range []string{"0f0f0f", "SECabc"} {
		if strings.Contains(shown.String(), word) {
			t.Errorf("%q stands in an entry, the house or a print", word)
		}
	}
}

func checkOtherTenant(t *testing.T, r *estate.Registrar, s *store.Store, id estate.ChannelID) {
	t.Helper()
	if h, err := r.House(t.Context(), other.Tenant); err != nil || len(h.Channels) != 0 {
		t.Errorf("other tenant: got %+v, %v", h, err)
	}
	if _, err := s.Secret(t.Context(), other.Tenant, id); !errors.Is(err, record.ErrNone) {
		t.Errorf("other tenant's secret: got %v, want ErrNone", err)
	}
	if err := r.RemoveChannel(t.Context(), other, id); !errors.Is(err, estate.ErrNoChannel) {
		t.Errorf("other tenant removes: got %v, want ErrNoChannel", err)
	}
}

func TestSettingsRefused(t *testing.T) {
	r, _ := open(t, storetest.URL(t, "sqlite"))
	pan := cardtest.Number(card.Visa, 16, 7)
	for _, test := range []struct {
		name string
		edit func(*estate.Settings)
		want error
	}{
		{"kind", func(s *estate.Settings) { s.Kind = "bank" }, estate.ErrKind},
		{"country", func(s *estate.Settings) { s.Country = "China" }, estate.ErrCountry},
		{"language", func(s *estate.Settings) { s.Lang = "fr" }, estate.ErrLang},
		{"zone", func(s *estate.Settings) { s.Zone = "Asia/Nowhere" }, estate.ErrZone},
		{"this machine's zone", func(s *estate.Settings) { s.Zone = "Local" }, estate.ErrZone},
		{"repeat", func(s *estate.Settings) { s.Repeat = -1 }, estate.ErrRepeat},
		{"address", func(s *estate.Settings) { s.Address = "shop.example" }, estate.ErrAddress},
		{"user in address", func(s *estate.Settings) { s.Address = "https://a:b@shop.example" }, estate.ErrAddress},
		{"two lines", func(s *estate.Settings) { s.Name = "a\nb" }, estate.ErrName},
		{"card in name", func(s *estate.Settings) { s.Name = "shop " + pan }, estate.ErrCardData},
		{"card as phone", func(s *estate.Settings) { s.AcquirerPhone = pan }, estate.ErrCardData},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := good()
			test.edit(&s)
			err := r.Describe(t.Context(), owner, s)
			if !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), pan) {
				t.Error("error holds the number")
			}
		})
	}
}

func TestChannelKeys(t *testing.T) {
	r, _ := open(t, storetest.URL(t, "sqlite"))
	for _, test := range []struct {
		kind         estate.ChannelKind
		address, key string
		want         error
	}{
		{estate.Webhook, "https://hook.example/a", "", nil},
		{estate.Webhook, "https://hook.example/a", "whsec_c2hvcnQ=", estate.ErrKey},
		{estate.Webhook, "https://hook.example/a", "no prefix", estate.ErrKey},
		{estate.WeCom, "https://qyapi.example/send?key=1", "", nil},
		{estate.WeCom, "https://qyapi.example/send?key=1", "x", estate.ErrKey},
		{estate.DingTalk, "https://ding.example/", "", nil},
		{"pager", "https://hook.example/a", "", estate.ErrKind},
		{estate.Webhook, "file:///etc/passwd", "", estate.ErrAddress},
		{estate.Webhook, "https://user@hook.example/", "", estate.ErrAddress},
		{estate.Webhook, "hook.example/a", "", estate.ErrAddress},
	} {
		_, key, err := r.AddChannel(t.Context(), owner, test.kind, test.address, test.key)
		if !errors.Is(err, test.want) {
			t.Errorf("%s %s: got %v, want %v", test.kind, test.address, err, test.want)
		}
		if test.kind == estate.Webhook && err == nil && !strings.HasPrefix(key, "whsec_") {
			t.Errorf("webhook: got key without its prefix")
		}
	}
}

func TestRecipients(t *testing.T) {
	r, _ := open(t, storetest.URL(t, "sqlite"))
	ctx := t.Context()
	if _, err := r.AddRecipient(ctx, owner, "lab", "age1nonsense"); !errors.Is(err, estate.ErrRecipient) {
		t.Errorf("got %v, want ErrRecipient", err)
	}
	key := newRecipientKey(t)
	id, err := r.AddRecipient(ctx, owner, "lab", key)
	if err != nil {
		t.Fatal(err)
	}
	if h, err := r.House(ctx, tenant.Default); err != nil || len(h.Keys()) != 1 || h.Keys()[0] != key {
		t.Errorf("got %v, %v; want the key", h.Keys(), err)
	}
	if err := r.RemoveRecipient(ctx, owner, id); err != nil {
		t.Fatal(err)
	}
	if err := r.RemoveRecipient(ctx, owner, id); !errors.Is(err, estate.ErrNoSuch) {
		t.Errorf("got %v, want ErrNoSuch", err)
	}
}

// shopNo is a merchant number that no institution gives out.
const shopNo = "99900000" + "0000001"

const whole = "\ufeff类型,编号,名称,商户号,上级编号,位置,启用\n" +
	"终端,00000001,前台 1," + shopNo + ",S1,/pos/s1,是\n" +
	"门店,S1,人民路店," + shopNo + ",,/pos/s1,是\n" +
	"商户," + shopNo + ",\"老张, 面馆\",,,,是\n" +
	"操作员,07,王," + shopNo + ",S1,,是\n" +
	"系统,=1+1,@SUM(A1),,,host:back-*,否\n"

func nodesByCode(t *testing.T, r *estate.Registrar) map[string]*estate.Node {
	t.Helper()
	all, err := r.Nodes(t.Context(), tenant.Default, estate.NodeFilter{})
	if err != nil {
		t.Fatal(err)
	}
	byCode := map[string]*estate.Node{}
	for _, n := range all {
		byCode[n.Code] = n
	}
	return byCode
}

func TestImport(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r, s := open(t, url)
		ctx := t.Context()
		report, err := r.Import(ctx, owner, strings.NewReader(whole))
		if err != nil || report.Added != 5 || report.Refused != 0 {
			t.Fatalf("got %+v, %v; want 5 added", report, err)
		}
		byCode := nodesByCode(t, r)
		merchant, shop, till := byCode[shopNo], byCode["S1"], byCode["00000001"]
		if merchant.Name != "老张, 面馆" || shop.Parent != merchant.ID || till.Parent != shop.ID || till.Merchant != merchant.ID {
			t.Errorf("got %+v, %+v, %+v", merchant, shop, till)
		}
		if formula := byCode["=1+1"]; formula == nil || formula.Name != "@SUM(A1)" || formula.Active {
			t.Errorf("formula cells: got %+v; want them as text", formula)
		}
		size, _ := s.Size(ctx)
		report, err = r.Import(ctx, owner, strings.NewReader(whole))
		if err != nil || report.Same != 5 {
			t.Errorf("second time: got %+v, %v; want 5 the same", report, err)
		}
		if after, _ := s.Size(ctx); after != size {
			t.Errorf("second time recorded %d entries, want none", after-size)
		}
		report, err = r.Import(ctx, owner, strings.NewReader("kind,merchant,code,name\nstore,"+shopNo+",S1,New Road\n"))
		if err != nil || report.Changed != 1 {
			t.Errorf("change: got %+v, %v; want 1 changed", report, err)
		}
		if n := nodesByCode(t, r)["S1"]; n.Name != "New Road" || n.Place != "/pos/s1" || n.Parent != merchant.ID {
			t.Errorf("got %+v; want what the file does not speak of kept", n)
		}
		if n, err := r.At(ctx, tenant.Default, "/pos/s1/logs/a.log"); err != nil || n.Place != "/pos/s1" {
			t.Errorf("got %+v, %v; want the node of the folder", n, err)
		}
		if _, err := r.At(ctx, tenant.Default, "/pos/s10/a.log"); !errors.Is(err, estate.ErrNoNode) {
			t.Errorf("neighbour folder: got %v, want ErrNoNode", err)
		}
		if all, err := r.Nodes(ctx, other.Tenant, estate.NodeFilter{}); err != nil || len(all) != 0 {
			t.Errorf("other tenant: got %d nodes, %v", len(all), err)
		}
		checkErasure(t, r, s, byCode["07"].ID)
	})
}

// checkErasure takes a person's name away and replays.
func checkErasure(t *testing.T, r *estate.Registrar, s *store.Store, id estate.NodeID) {
	t.Helper()
	ctx := t.Context()
	if n, err := r.Node(ctx, tenant.Default, id); err != nil || n.Name != "王" {
		t.Fatalf("got %+v, %v", n, err)
	}
	if err := r.EraseName(ctx, owner, id, "left the house"); err != nil {
		t.Fatal(err)
	}
	if n, err := r.Node(ctx, tenant.Default, id); err != nil || n.Name != "" {
		t.Errorf("got %+v, %v; want no name", n, err)
	}
	entries, err := s.Entries(ctx, tenant.Default, store.EntryFilter{Subject: id.Subject()})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.Contains(string(e.Body), "王") {
			t.Errorf("entry %d still holds the name", e.Index)
		}
	}
	if _, err := s.VerifyDeep(ctx); err != nil {
		t.Error(err)
	}
}

func TestImportGBK(t *testing.T) {
	r, _ := open(t, storetest.URL(t, "sqlite"))
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(strings.TrimPrefix(whole, "\ufeff"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Import(t.Context(), owner, strings.NewReader(gbk)); err != nil {
		t.Fatal(err)
	}
	if n := nodesByCode(t, r)["S1"]; n == nil || n.Name != "人民路店" {
		t.Errorf("got %+v", n)
	}
}

func TestImportRefused(t *testing.T) {
	r, s := open(t, storetest.URL(t, "sqlite"))
	pan := cardtest.Number(card.Visa, 16, 3)
	union := cardtest.Number(card.UnionPay, 19, 3)
	const head = "kind,code,name,merchant,parent,place,active\n"
	for _, test := range []struct {
		name, text string
		want       []estate.BadLine
	}{
		{"every bad line", head + "store,,x\nshed,1\nstore,2,a,,,,maybe\nterminal,3,,nowhere\n", []estate.BadLine{
			{2, estate.CauseCode}, {3, estate.CauseKind}, {4, estate.CauseActive}, {5, estate.CauseMerchant}}},
		{"card as name", head + "store,1,\n\nstore,2,paid with " + pan + "\n", []estate.BadLine{{4, estate.CauseCard}}},
		{"card as code", head + "terminal," + pan + "\n", []estate.BadLine{{2, estate.CauseCard}}},
		{"card in groups as code", head + "terminal," + pan[:4] + " " + pan[4:8] + " " + pan[8:12] + " " + pan[12:] + "\n", []estate.BadLine{{2, estate.CauseCard}}},
		{"UnionPay as parent", head + "terminal,1,,," + union + "\n", []estate.BadLine{{2, estate.CauseCard}}},
		{"card in a column of no name", "kind,code,remark\nstore,1," + pan + "\n", []estate.BadLine{{2, estate.CauseCard}}},
		{"card in the header", "kind,code," + pan + "\nstore,1\n", []estate.BadLine{{1, estate.CauseCard}}},
		{"the same twice", head + "store,1\nstore,１\n", []estate.BadLine{{3, estate.CauseTwice}}},
		{"too many cells", head + "store,1,,,,,,more\n", []estate.BadLine{{2, estate.CauseColumns}}},
		{"quote out of place", head + "store,1\nstore,\"2\"x\n", []estate.BadLine{{3, estate.CauseQuotes}}},
		{"store below a store", head + "store,1\nstore,2,,,1\n", []estate.BadLine{{3, estate.CauseParent}}},
		{"merchant below another", head + "merchant,1\nmerchant,2,,,1\n", []estate.BadLine{{3, estate.CauseParent}}},
		{"parent that could be two", head + "merchant,1\nstore,1\nterminal,9,,,1\n", []estate.BadLine{{4, estate.CauseAmbiguous}}},
		{"two lines in a cell", head + "store,1,\"a\nb\"\n", []estate.BadLine{{2, estate.CauseText}}},
		{"no header", "store,1\n", []estate.BadLine{{1, estate.CauseHeader}}},
		{"empty", "", []estate.BadLine{{1, estate.CauseEmpty}}},
		{"header alone", head, []estate.BadLine{{1, estate.CauseEmpty}}},
		{"neither UTF-8 nor GBK", "\xff\xfek\x00i\x00", []estate.BadLine{{1, estate.CauseEncoding}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			report, err := r.Import(t.Context(), owner, strings.NewReader(test.text))
			if !errors.Is(err, estate.ErrImport) || fmt.Sprint(report.Bad) != fmt.Sprint(test.want) || report.Refused != len(test.want) {
				t.Errorf("got %+v, %v; want %v", report, err, test.want)
			}
			if strings.Contains(fmt.Sprint(report, err), pan) {
				t.Error("the report holds the number")
			}
		})
	}
	if n, err := s.Size(context.Background()); err != nil || n != 0 {
		t.Errorf("got %d entries, %v; want none: refused imports change nothing", n, err)
	}
}

// TestImportMerchantNumbers takes numbers of 15 digits that begin as cards do.
func TestImportMerchantNumbers(t *testing.T) {
	r, _ := open(t, storetest.URL(t, "sqlite"))
	var text strings.Builder
	text.WriteString("kind,code\n")
	n := 0
	for _, institution := range []string{"301", "305", "622", "898", "501"} {
		for i := range 40 {
			fmt.Fprintf(&text, "merchant,%s310154%06d\n", institution, 110000+i)
			n++
		}
	}
	if report, err := r.Import(t.Context(), owner, strings.NewReader(text.String())); err != nil || report.Added != n {
		t.Errorf("got %d added, %v, first %v; want %d", report.Added, err, report.Bad[:min(3, len(report.Bad))], n)
	}
	amex := cardtest.Number(card.Amex, 15, 1)
	if _, err := r.Import(t.Context(), owner, strings.NewReader("kind,code\nmerchant,"+amex+"\n")); !errors.Is(err, estate.ErrImport) {
		t.Errorf("American Express number: got %v, want ErrImport", err)
	}
}

func TestImportLimits(t *testing.T) {
	r, _ := open(t, storetest.URL(t, "sqlite"))
	big := strings.NewReader("kind,code\n" + strings.Repeat("store,1,\n", 1<<20))
	if report, err := r.Import(t.Context(), owner, big); !errors.Is(err, estate.ErrImport) || report.Bad[0].Cause != estate.CauseTooLarge {
		t.Errorf("bytes: got %v, %v", report.Bad, err)
	}
	var lines strings.Builder
	lines.WriteString("kind,code\n")
	for i := range 10_001 {
		fmt.Fprintf(&lines, "x,%d\n", i)
	}
	report, err := r.Import(t.Context(), owner, strings.NewReader(lines.String()))
	if !errors.Is(err, estate.ErrImport) || report.Refused != 10_001 || len(report.Bad) != 1000 {
		t.Errorf("lines: got %d refused, %d listed, %v", report.Refused, len(report.Bad), err)
	}
}

func TestRegister(t *testing.T) {
	r, _ := open(t, storetest.URL(t, "sqlite"))
	ctx := t.Context()
	merchant, err := r.Register(ctx, owner, estate.Draft{Kind: estate.Merchant, Code: "M1", Active: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Register(ctx, owner, estate.Draft{Kind: estate.Store, Merchant: "n-none", Code: "S"}); !errors.Is(err, estate.ErrParent) {
		t.Errorf("got %v, want ErrParent", err)
	}
	shop, err := r.Register(ctx, owner, estate.Draft{Kind: estate.Store, Merchant: merchant, Code: "S", Active: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Register(ctx, owner, estate.Draft{Kind: estate.Terminal, Parent: shop, Code: "T"}); !errors.Is(err, estate.ErrParent) {
		t.Errorf("store of another merchant: got %v, want ErrParent", err)
	}
	if err := r.SetActive(ctx, owner, shop, false); err != nil {
		t.Fatal(err)
	}
	if n, err := r.Node(ctx, tenant.Default, shop); err != nil || n.Active || n.Parent != merchant {
		t.Errorf("got %+v, %v", n, err)
	}
	if err := r.SetActive(ctx, other, shop, true); !errors.Is(err, estate.ErrNoNode) {
		t.Errorf("other tenant: got %v, want ErrNoNode", err)
	}
	if err := (&estate.Node{}).Apply(ledger.Entry{Kind: "node.named", Subject: shop.Subject()}); !errors.Is(err, estate.ErrOrder) {
		t.Errorf("named before registered: got %v, want ErrOrder", err)
	}
}

func FuzzImport(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte("kind,code\nstore,\"1\n"))
	f.Add([]byte("\xff\xfe"))
	r := &estate.Registrar{Book: noBook{}}
	f.Fuzz(func(t *testing.T, text []byte) {
		_, err := r.Import(context.Background(), owner, strings.NewReader(string(text)))
		if err != nil && !errors.Is(err, estate.ErrImport) && !errors.Is(err, errNoBook) {
			t.Errorf("got %v", err)
		}
	})
}

var errNoBook = errors.New("no book")

// noBook takes no change: reading comes before it.
type noBook struct{}

func (noBook) Update(context.Context, record.Who, func(context.Context, record.Tx) error) error {
	return errNoBook
}

func (noBook) Read(context.Context, tenant.ID, ledger.Subject) (record.Thing, error) {
	return nil, record.ErrNone
}
