package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/cell"
	"github.com/stanch/stanch/internal/console"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/source/filetree"
	"github.com/stanch/stanch/internal/store"
	"github.com/stanch/stanch/internal/tenant"
)

// Handler answers everything that comes by the network.
func (c *Centre) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/api/", c.api)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", c.ready)
	mux.Handle("GET /metrics", c.guarded(c.metrics()))
	mux.Handle("/", c.pages)
	return hostGuard(c.Config, mux)
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n") // the client is gone if this fails
}

// ready says whether the database answers. That it takes no more, because the
// disk is full, is said where something is to be recorded.
func (c *Centre) ready(w http.ResponseWriter, r *http.Request) {
	if err := c.Store.Ping(r.Context()); err != nil {
		c.log.ErrorContext(r.Context(), "not ready", "err", err)
		say(w, http.StatusServiceUnavailable, "the database does not answer")
		return
	}
	say(w, http.StatusOK, "ready")
}

// guarded lets in who is on this machine, or shows a token.
func (c *Centre) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		if ip, bad := netip.ParseAddr(host); err == nil && bad == nil && ip.IsLoopback() {
			next.ServeHTTP(w, r)
			return
		}
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		p, err := c.Door.Authenticate(r.Context(), tenant.Default, token)
		if err != nil || p.Allow(access.View, c.now()) != nil {
			say(w, http.StatusUnauthorized, "send a bearer token")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// metrics are counts only: nothing that names a place or a person.
func (c *Centre) metrics() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), &gauges{c})
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}

// gauges reads the counts when they are asked for.
type gauges struct{ c *Centre }

func description(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("stanch_"+name, help, labels, nil)
}

// Describe implements [prometheus.Collector].
func (g *gauges) Describe(out chan<- *prometheus.Desc) { prometheus.DescribeByCollect(g, out) }

// Collect implements [prometheus.Collector].
func (g *gauges) Collect(out chan<- prometheus.Metric) {
	ctx := context.Background()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	if counts, err := g.c.Store.CountCases(ctx, tenant.Default); err == nil {
		for _, s := range []casefile.State{casefile.Suspected, casefile.Confirmed, casefile.RuledOut, casefile.Closed} {
			gauge(description("cases", "Cases by state.", "state"), float64(counts[s]), string(s))
		}
	}
	if counts, err := g.c.Store.CountFindings(ctx, tenant.Default); err == nil {
		for _, s := range []finding.State{finding.Open, finding.Sealed, finding.Locked, finding.Clean, finding.Gone, finding.RuledOut} {
			gauge(description("findings", "Findings by state.", "state"), float64(counts[s]), string(s))
		}
	}
	if size, err := g.c.Store.Size(ctx); err == nil {
		gauge(description("ledger_entries", "Entries of the ledger."), float64(size))
	}
	statuses := g.c.patrol.statuses()
	labels := rootLabels(statuses)
	for i, s := range statuses {
		live := 0.0
		if s.State == "live" {
			live = 1
		}
		gauge(description("watch_root_live", "Whether a watched folder is followed by events.", "root"), live, labels[i])
		gauge(description("watch_root_queued", "Files of a watched folder that wait to be read.", "root"), float64(s.Queued), labels[i])
	}
}

// rootLabels names watched folders for the metrics: masked, in valid UTF-8,
// no two alike. A name that breaks these rules would end the whole answer.
func rootLabels(statuses []filetree.RootStatus) []string {
	labels := make([]string, 0, len(statuses))
	for _, s := range statuses {
		plain := strings.ToValidUTF8(card.MaskText(s.Root), "\ufffd")
		label := plain
		for n := 2; slices.Contains(labels, label); n++ {
			label = fmt.Sprintf("%s (%d)", plain, n)
		}
		labels = append(labels, label)
	}
	return labels
}

// consoleWatch shows the patrol to the console.
type consoleWatch struct{ c *Centre }

// Roots implements [console.Watch].
func (w consoleWatch) Roots() []console.Root {
	var out []console.Root
	for _, s := range w.c.patrol.statuses() {
		r := console.Root{
			Path: s.Root, State: string(s.State), Files: s.Files, Queued: s.Queued, Unreadable: s.Unreadable, Troubles: s.Troubles,
			Walking: s.Walking, Walked: s.LastReconcile,
		}
		for _, reason := range s.Reasons {
			r.Reasons = append(r.Reasons, string(reason))
		}
		out = append(out, r)
	}
	return out
}

// Troubles implements [console.Watch].
func (w consoleWatch) Troubles(most int) (list []console.Trouble, total int) {
	ctx := context.Background()
	kept, counts, err := w.c.watch.Troubles(ctx, most)
	if err != nil {
		w.c.log.ErrorContext(ctx, "troubles not read", "err", err)
		return nil, 0
	}
	for _, t := range kept {
		path := t.Path
		if t.Member != "" {
			path += "!" + t.Member
		}
		list = append(list, console.Trouble{Path: path, Cause: t.Cause, At: time.UnixMicro(t.Since).UTC()})
	}
	for _, n := range counts {
		total += int(n)
	}
	return list, total
}

// Add implements [console.Watch].
func (w consoleWatch) Add(ctx context.Context, who record.Who, path string) error {
	return w.c.patrol.add(path, func(path string) error { return w.c.Registrar.AddRoot(ctx, who, path) })
}

// Rescan implements [console.Watch].
func (w consoleWatch) Rescan(ctx context.Context, who record.Who, id casefile.ID) error {
	for before, after := int64(0), finding.ID(""); ; {
		found, err := w.c.Store.Findings(ctx, who.Tenant, store.FindingFilter{Case: id, Before: before, After: after})
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return w.c.Desk.Rescanned(ctx, who, id)
		}
		ids := make([]finding.ID, 0, len(found))
		for _, f := range found {
			ids = append(ids, f.ID)
			before, after = f.LastSeen, f.ID
		}
		if _, err := w.c.watch.Rescan(ctx, who, ids); err != nil {
			return err
		}
	}
}

// errNoDrill says that this centre was built without a drill.
var errNoDrill = errors.New("this centre runs no drill")

// machine tells the console about the machine.
type machine struct{ c *Centre }

// Drill implements [console.Machine].
func (m machine) Drill(ctx context.Context) (report string, passed bool, err error) {
	if m.c.options.Drill == nil {
		return "", false, errNoDrill
	}
	return m.c.options.Drill(ctx)
}

// Demonstration implements [console.Machine].
func (m machine) Demonstration() bool { return m.c.options.Demonstration }

// attachments looks through what people hand in, by the cell.
type attachments struct{ examiner *cell.Examiner }

// HoldsCardData implements [evidence.Examiner].
func (a attachments) HoldsCardData(ctx context.Context, name string, r io.ReaderAt, size int64) (holds, refused bool, err error) {
	report, _, err := a.examiner.Examine(ctx, cell.Input{Name: name, R: r, Size: size}, func(finding.Match) { holds = true })
	return holds, len(report.Unexamined) > 0, err
}
