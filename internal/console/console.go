// Package console is what people see and press: pages made on the server in
// Chinese and in English, over the desk, the door and the planner that it is
// given. In go requests of a browser; out come pages, fragments and a stream
// that says that something changed. It never opens a file or a database,
// never holds clear card data, and shows nothing of an error it does not know.
package console

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/containment"
	"github.com/stanch/stanch/internal/estate"
	"github.com/stanch/stanch/internal/evidence"
	"github.com/stanch/stanch/internal/notice"
	"github.com/stanch/stanch/internal/tenant"
)

// Deps are what the console needs from the rest of the program.
type Deps struct {
	Tenant    tenant.ID
	Desk      *casefile.Desk
	Door      *access.Door
	Planner   *containment.Planner
	Custodian *evidence.Custodian
	Registrar *estate.Registrar
	Ringer    *notice.Ringer
	Lists     Lists
	Watch     Watch
	Machine   Machine
	Now       func() time.Time
	Log       *slog.Logger
	Public    string // the ledger key's public form, for its fingerprint
	Secure    bool   // served by TLS: cookies are marked so
}

// A Console answers every request for a page. It is safe for concurrent use.
type Console struct {
	Deps
	assets *assets
	pages  map[string]*pages
	tongue map[string]*tongue
	mux    *http.ServeMux
	live   *live
	sheets *sheets
}

// bodyLimit bounds what a form may send; uploads have a limit of their own.
const (
	bodyLimit   = 256 << 10
	uploadLimit = 64 << 20
)

// New returns the console. It fails only if its own files are damaged.
func New(d Deps) (*Console, error) {
	c := &Console{Deps: d, pages: map[string]*pages{}, tongue: map[string]*tongue{}, mux: http.NewServeMux()}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	var err error
	if c.assets, err = loadAssets(); err != nil {
		return nil, err
	}
	for _, lang := range languages {
		if c.tongue[lang], err = loadTongue(lang); err != nil {
			return nil, err
		}
		if c.pages[lang], err = loadPages(c.tongue[lang], c.assets); err != nil {
			return nil, err
		}
	}
	c.live = newLive(d.Lists, d.Tenant)
	c.sheets = newSheets(c.Now)
	c.mux.Handle("GET /assets/{name}", c.assets)
	for _, r := range c.routes() {
		c.mux.Handle(r.Pattern, c.serve(r))
	}
	return c, nil
}

// policy is what a page may load: our own files and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// ServeHTTP answers one request.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
	if c.Secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.fault(c.visit(w, r), errCrossOrigin)
	}))
	if !sensible(r) {
		c.fault(c.visit(w, r), errNoPage)
		return
	}
	guard.Handler(c.mux).ServeHTTP(w, r)
}

// sensible reports whether an address may name something of ours. One with
// bytes that are no text names nothing, and a database may refuse it with an
// error in place of finding nothing.
func sensible(r *http.Request) bool {
	text := func(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }
	for name, values := range r.URL.Query() {
		if !text(name) || slices.ContainsFunc(values, func(s string) bool { return !text(s) }) {
			return false
		}
	}
	return text(r.URL.Path)
}
