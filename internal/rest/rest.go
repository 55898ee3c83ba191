// Package rest is the API under /api/v1: the same decisions as the console's,
// for programs. In go requests with a token, a session or the admin socket
// behind them; out come JSON and problem details. It decides nothing, never
// quotes a request in an error, and answers nobody it does not know.
package rest

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"path"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/containment"
	"github.com/stanch/stanch/internal/evidence"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/ledger"
)

// Deps are what the API speaks to.
type Deps struct {
	Desk      *casefile.Desk
	Door      *access.Door
	Planner   *containment.Planner
	Custodian *evidence.Custodian
	Lists     Lists
	Watch     Watch
	Answers   Answers
	Digest    func([]byte) []byte // keyed; of requests that are kept with an Idempotency-Key
	Version   string
	Secure    bool // served by TLS: cookies are marked so
	Now       func() time.Time
	Log       *slog.Logger
}

// An API answers requests.
type API struct {
	Deps
	huma huma.API
}

// maxBody bounds a JSON request.
const maxBody = 1 << 20

// New returns the handler of everything under /api/.
func New(d Deps) http.Handler {
	mux := http.NewServeMux()
	config := huma.DefaultConfig("Stanch", d.Version)
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "/api/openapi", "", ""
	config.CreateHooks = nil
	config.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	config.Transformers = []huma.Transformer{discreet}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token": {Type: "http", Scheme: "bearer"},
	}
	config.Security = []map[string][]string{{"token": {}}}
	a := &API{Deps: d, huma: humago.New(mux, config)}
	a.routes()
	guard := http.NewCrossOriginProtection()
	return guard.Handler(plain(a.identify(a.once(http.MaxBytesHandler(mux, maxBody)))))
}

// schemaName names a schema by its package and type: two packages may have a
// type of the same name.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	folder := path.Base(t.PkgPath())
	if folder == "rest" || folder == "." || t.Name() == "" {
		return name
	}
	return strings.ToUpper(folder[:1]) + folder[1:] + name
}

// routes lists every route with the action it takes.
func (a *API) routes() {
	a.caseRoutes()
	a.findingRoutes()
	a.planRoutes()
	a.evidenceRoutes()
	a.ledgerRoutes()
	a.accessRoutes()
	a.watchRoutes()
}

// route registers one operation. No operation is registered but through it,
// so each states who may call it.
func route[In, Out any](a *API, method, path, id, summary string, action access.Action, handle func(context.Context, access.Principal, *In) (*Out, error)) {
	op := huma.Operation{
		OperationID: id, Method: method, Path: "/api/v1" + path, Summary: summary, MaxBodyBytes: maxBody,
		Extensions: map[string]any{"x-stanch-action": string(action)},
	}
	if method == http.MethodPost && !holdsSecret(path) {
		op.Parameters = []*huma.Param{{Name: "Idempotency-Key", In: "header", Description: "Makes a repeated call have one effect.", Schema: &huma.Schema{Type: "string"}}}
	}
	op.Middlewares = huma.Middlewares{a.allow(action)}
	huma.Register(a.huma, op, func(ctx context.Context, in *In) (*Out, error) {
		p, ok := principalOf(ctx)
		if !ok {
			return nil, errNobody()
		}
		out, err := handle(ctx, p, in)
		if err != nil {
			return nil, a.explain(ctx, err)
		}
		return out, nil
	})
}

func errNobody() *huma.ErrorModel {
	return fault(http.StatusUnauthorized, "not_signed_in", "send a bearer token")
}

// allow lets those on who may take the action, before anything of the request
// is read.
func (a *API) allow(action access.Action) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		p, ok := principalOf(ctx.Context())
		f := errNobody()
		if ok {
			err := p.Allow(action, a.Now())
			if err == nil {
				next(ctx)
				return
			}
			if !errors.As(a.explain(ctx.Context(), err), &f) {
				f = fault(http.StatusForbidden, "forbidden", access.ErrForbidden.Error())
			}
		}
		ctx.SetHeader("Content-Type", "application/problem+json")
		ctx.SetStatus(f.Status)
		_ = json.NewEncoder(ctx.BodyWriter()).Encode(f) // the client is gone if this fails
	}
}

// A body is an answer that is JSON.
type body[T any] struct{ Body T }

func answer[T any](v T) *body[T] { return &body[T]{v} }

// A page is a part of a list. Next is empty on the last one.
type page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty" doc:"cursor of the next page"`
}

// none is an answer without content.
type none struct{}

// Lists finds things. Its implementation is in internal/store.
type Lists interface {
	// Cases lists cases with numbers below this one, newest first; 0 begins
	// at the newest. An empty state keeps all.
	Cases(ctx context.Context, t tenant.ID, below int64, state casefile.State, limit int) ([]*casefile.Case, error)
	// Findings lists findings, the latest seen first, after a finding seen at
	// before (Unix microseconds) with id after.
	Findings(ctx context.Context, t tenant.ID, of casefile.ID, before int64, after finding.ID, limit int) ([]*finding.Finding, error)
	// Entries lists entries with indexes below this one, newest first. An
	// empty case keeps all.
	Entries(ctx context.Context, t tenant.ID, of casefile.ID, below int64, limit int) ([]ledger.Entry, error)
	// Entry returns one entry, or [record.ErrNone].
	Entry(ctx context.Context, t tenant.ID, index int64) (ledger.Entry, error)
	// Checkpoint returns the newest signed checkpoint.
	Checkpoint(ctx context.Context) ([]byte, error)
	// Proof shows that an entry is in the tree of this size.
	Proof(ctx context.Context, size, index int64) ([]ledger.Hash, error)
	// Plans lists the plans of a case, oldest first.
	Plans(ctx context.Context, t tenant.ID, of casefile.ID) ([]*containment.Plan, error)
}

// Watch says how the watched folders are.
type Watch interface {
	Status() []WatchedRoot
	// Rescan examines the places of findings whole, as they are now, and
	// returns those where no card data is left.
	Rescan(ctx context.Context, who record.Who, ids []finding.ID) ([]finding.ID, error)
}

// A WatchedRoot is a watched folder as it stands.
type WatchedRoot struct {
	Root       string    `json:"root"`
	State      string    `json:"state" doc:"starting, live, polling, unreadable or vanished"`
	Reasons    []string  `json:"reasons,omitempty"`
	Files      int       `json:"files"`
	Unreadable int       `json:"unreadable"`
	Queued     int       `json:"queued"`
	Since      time.Time `json:"since"`
}
