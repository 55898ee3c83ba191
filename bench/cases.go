//go:build linux

package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/config"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/server"
	"github.com/stanch/stanch/internal/tenant"
)

const (
	listRounds  = 500
	listSize    = 50
	serveMemory = 400 * mebi // that a centre and its workers may hold, whatever they look at
)

// cases measures the list of many cases, and what serving it takes.
func (b *bench) cases(ctx context.Context) error {
	in, err := b.manyCases(ctx)
	if err != nil {
		return err
	}
	c, err := b.serve(ctx, in)
	if err != nil {
		return err
	}
	defer c.kill()
	ours, err := c.timeLists(ctx)
	if err != nil {
		return err
	}
	peak := c.peak.Load()
	if err := c.stop(); err != nil {
		return err
	}
	theirs, err := timeSelects(ctx, filepath.Join(in.data(), "stanch.db"), b.stock)
	if err != nil {
		return err
	}
	for _, q := range []struct {
		name string
		at   float64
	}{{"case_list_p50", 0.5}, {"case_list_p95", 0.95}} {
		b.add("cases", q.name, ratio(quantile(ours, q.at), quantile(theirs, q.at)), "ratio",
			"the same SELECT by database/sql: %.2f ms; GET /api/v1/cases, %d of %d cases a page: %.2f ms; %d pages each",
			ms(quantile(theirs, q.at)), listSize, b.stock, ms(quantile(ours, q.at)), listRounds)
	}
	if n := len(b.opened); n > 1 {
		first, last := b.opened[0], b.opened[n-1]-b.opened[n-2]
		b.add("cases", "case_open_growth", ratio(last, first), "ratio", "the first %d cases opened, noted, and most ruled out: %.1f s; the last %d of %d: %.1f s; 1 in %d stays live",
			signsTimed, first.Seconds(), signsTimed, b.stock, last.Seconds(), liveOneIn)
	}
	b.atMost(serveMemory/mebi, "cases", "case_list_memory", float64(peak)/mebi, "MiB", "peak of the serving process with %d cases, %d pages read", b.stock, listRounds)
	return nil
}

// timeLists reads page after page, from the newest case to the oldest.
func (c *centre) timeLists(ctx context.Context) ([]time.Duration, error) {
	var took []time.Duration
	cursor := ""
	for range listRounds {
		var page struct {
			Items []struct{ Number int64 }
			Next  string
		}
		began := time.Now()
		if err := c.call(ctx, http.MethodGet, fmt.Sprintf("/cases?limit=%d&cursor=%s", listSize, url.QueryEscape(cursor)), "", nil, &page); err != nil {
			return nil, err
		}
		if len(page.Items) == 0 && cursor == "" {
			return nil, errors.New("list cases: the first page is empty")
		}
		if len(page.Items) > 0 {
			took = append(took, time.Since(began))
		}
		cursor = page.Next
	}
	return took, nil
}

// timeSelects reads the same pages from the database alone.
func timeSelects(ctx context.Context, path string, cases int) ([]time.Duration, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=query_only(1)")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	var took []time.Duration
	below := cases + 1
	for range listRounds {
		began := time.Now()
		n, err := selectPage(ctx, db, below)
		if err != nil {
			return nil, err
		}
		took = append(took, time.Since(began))
		if below -= n; n < listSize || below <= listSize {
			below = cases + 1
		}
	}
	return took, nil
}

func selectPage(ctx context.Context, db *sql.DB, below int) (n int, err error) {
	rows, err := db.QueryContext(ctx, `SELECT body FROM cases WHERE tenant_id = $1 AND number < $2 ORDER BY number DESC LIMIT $3`, string(tenant.Default), below, listSize)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var body string
		if err := rows.Scan(&body); err != nil {
			return 0, err
		}
		n++
	}
	return n, rows.Err()
}

// manyCases makes an installation with many cases, once, by the desk that a
// centre has.
func (b *bench) manyCases(ctx context.Context) (*installation, error) {
	if b.many != nil {
		return b.many, nil
	}
	in, err := b.installation("cases")
	if err != nil {
		return nil, err
	}
	settings := &config.Config{Data: in.data(), Keys: in.keys(), Listen: "127.0.0.1:0"}
	if err := settings.Complete(); err != nil {
		return nil, err
	}
	opened, err := server.Open(ctx, settings, true, nil, time.Now)
	if err != nil {
		return nil, err
	}
	desk, err := server.NewCentre(opened, server.Options{Worker: []string{b.stanch}})
	if err != nil {
		return nil, errors.Join(err, opened.Close())
	}
	began := time.Now()
	err = errors.Join(reportSigns(ctx, desk.Desk, b.stock, func(done int) {
		b.opened = append(b.opened, time.Since(began))
		b.say("cases: %d made in %.0f s", done, time.Since(began).Seconds())
	}), desk.Close())
	if err != nil {
		return nil, fmt.Errorf("make cases: %w", err)
	}
	if info, err := os.Stat(filepath.Join(in.data(), "stanch.db")); err == nil {
		b.say("cases: database of %d MiB", info.Size()/mebi)
	}
	b.many = in
	return in, nil
}

const (
	signsTimed = 1000 // cases made between two looks at the clock
	liveOneIn  = 8    // of the cases made; the rest is ruled out
)

// reportSigns opens cases at different places, many at a time, each with a
// note. Most are over, as in a house of some age.
func reportSigns(ctx context.Context, desk *casefile.Desk, n int, told func(int)) error {
	for from := 0; from < n; from += signsTimed {
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(64)
		for i := from; i < min(from+signsTimed, n); i++ {
			group.Go(func() error { return reportSign(ctx, desk, i) })
		}
		if err := group.Wait(); err != nil {
			return err
		}
		told(min(from+signsTimed, n))
	}
	return nil
}

func reportSign(ctx context.Context, desk *casefile.Desk, i int) error {
	who := record.Who{Tenant: tenant.Default, Actor: record.System}
	id, joined, err := desk.Report(ctx, who, casefile.Sign{
		Kind: "other", Reporter: "staff", Place: fmt.Sprintf("store %d, till %d", i/4, i%4), Cards: casefile.Range{Low: 1, High: 40},
		Data: []string{"pan"}, Text: "a printout with numbers lay beside the till when the shift began",
	}, "")
	if err == nil && joined {
		err = errors.New("a sign joined a case of another place")
	}
	if err != nil {
		return err
	}
	if err := desk.Note(ctx, who, id, "photographed, put into an envelope, both names on it", "", time.Time{}); err != nil {
		return err
	}
	if i%liveOneIn == 0 {
		return nil
	}
	return desk.RuleOut(ctx, who, id, "the numbers are orders and no cards")
}
