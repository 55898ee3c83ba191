package server

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/stanch/stanch/card/cardtest"
	"github.com/stanch/stanch/internal/source/filetree"
)

// gathered offers one gauge for each label, as the metrics do.
type gathered []string

// Describe implements [prometheus.Collector].
func (g gathered) Describe(out chan<- *prometheus.Desc) { prometheus.DescribeByCollect(g, out) }

// Collect implements [prometheus.Collector].
func (g gathered) Collect(out chan<- prometheus.Metric) {
	for _, label := range g {
		out <- prometheus.MustNewConstMetric(description("watch_root_live", "x", "root"), prometheus.GaugeValue, 1, label)
	}
}

func TestRootLabels(t *testing.T) {
	pan, other := cardtest.Number("visa", 16, 12_000), cardtest.Number("visa", 16, 12_000)
	roots := []filetree.RootStatus{{Root: "/srv/pos"}, {Root: "/srv/\xff\xfe"}, {Root: "/srv/" + pan}, {Root: "/srv/\xfe\xff"}, {Root: "/srv/" + other}}
	labels := rootLabels(roots)
	registry := prometheus.NewRegistry()
	if err := registry.Register(gathered(labels)); err != nil {
		t.Fatal(err)
	}
	families, err := registry.Gather()
	if err != nil || len(families) != 1 || len(families[0].GetMetric()) != len(roots) {
		t.Errorf("got %d families, %v; want one with %d folders", len(families), err, len(roots))
	}
	if labels[0] != "/srv/pos" {
		t.Errorf("got %q, want a plain name as it is", labels[0])
	}
	if all := strings.Join(labels, " "); strings.Contains(all, pan) {
		t.Error("a label holds a card number")
	}
}
