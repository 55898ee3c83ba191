package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/stanch/stanch/internal/containment"
	"github.com/stanch/stanch/internal/tenant"
)

// checkpointEvery is how often the ledger's head is kept for witnesses.
const checkpointEvery = time.Minute

// housekeepingEvery is how often what has run out is removed.
const housekeepingEvery = time.Minute

// takeUpEvery is how often plans that were cut off are tried after a start, and
// takeUpTries how often at most.
const (
	takeUpEvery = time.Second
	takeUpTries = 60
)

// stopWithin is how long open requests may take once the centre is told to stop.
const stopWithin = 5 * time.Second

// A Started is what a person has to know of a centre that answers.
type Started struct {
	Address     string // how a browser on this machine reaches it
	Link        string // single-use link of the first run; empty once there is an owner
	Fingerprint string // of a certificate that the centre made itself
}

// Run serves until ctx ends. It calls started once the centre answers.
func (c *Centre) Run(ctx context.Context, started func(Started)) error {
	if err := c.Planner.Resume(ctx, tenant.Default); err != nil {
		// What a crash cut off stays on the record; housekeeping tries again.
		c.log.ErrorContext(ctx, "plans not resumed", "err", err)
	}
	cert, made, err := certificate(c.Config, c.now())
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Config.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w; name another address with --listen", err)
	}
	c.Config.Listen = listener.Addr().String()
	admin, err := listenAdmin(c.Config.Data)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer os.Remove(SocketPath(c.Config.Data))
	info := Started{Address: c.Address()}
	if made {
		info.Fingerprint = fingerprint(cert)
	}
	if info.Link, err = c.firstLink(ctx); err != nil {
		return errors.Join(err, listener.Close(), admin.Close())
	}
	return c.runAll(ctx, listener, admin, cert, func() { started(info) })
}

// firstLink returns the link of the first run while there is no owner.
func (c *Centre) firstLink(ctx context.Context) (string, error) {
	over, err := c.Door.FirstRunOver(ctx, tenant.Default)
	if err != nil || over {
		return "", err
	}
	secret, err := c.Door.FirstRunLink(ctx, tenant.Default)
	return c.Address() + "/link/" + secret, err
}

// runAll runs the parts in one group. The watcher's findings are saved after
// the watcher has ended, so it gets a context of its own.
func (c *Centre) runAll(ctx context.Context, listener, admin net.Listener, cert *tls.Certificate, started func()) error {
	group, ctx := errgroup.WithContext(ctx)
	saving, stopSaving := context.WithCancel(context.WithoutCancel(ctx))
	saved := make(chan error, 1)
	go func() { saved <- c.watch.Run(saving) }()
	group.Go(func() error { return c.patrol.Run(ctx) })
	group.Go(func() error { return c.Ringer.Run(ctx) })
	group.Go(func() error { return c.takeUp(ctx) })
	group.Go(func() error { return c.keepHouse(ctx) })
	group.Go(func() error { return serve(ctx, c.webServer(cert), listener) })
	group.Go(func() error { return serve(ctx, adminServer(c.api, c.Address()), admin) })
	started()
	err := group.Wait()
	stopSaving()
	err = errors.Join(err, <-saved)
	if _, last := c.Store.Checkpoint(context.WithoutCancel(ctx)); last != nil {
		err = errors.Join(err, last)
	}
	return err
}

func (c *Centre) webServer(cert *tls.Certificate) *http.Server {
	s := &http.Server{
		Handler: c.Handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 5 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
	}
	if cert != nil {
		s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*cert}, MinVersion: tls.VersionTLS12}
	}
	return s
}

// serve answers on a listener until ctx ends, and lets open requests finish.
func serve(ctx context.Context, s *http.Server, l net.Listener) error {
	ended := make(chan struct{})
	base, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	s.BaseContext = func(net.Listener) context.Context { return base }
	go func() {
		defer close(ended)
		<-ctx.Done()
		cancel() // streams end; other requests do not look at it before they commit
		last, stop := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
		defer stop()
		if s.Shutdown(last) != nil {
			_ = s.Close() // those who still talk are cut off
		}
	}()
	var err error
	if s.TLSConfig != nil {
		err = s.ServeTLS(l, "", "")
	} else {
		err = s.Serve(l)
	}
	if !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	}
	<-ended
	return nil
}

// rootsEvery is how often the watched folders are asked how they are.
const rootsEvery = 5 * time.Second

// takeUp goes on with plans that a crash cut off, as soon as the watcher can
// prove how they ended. What is left after a while is housekeeping's.
func (c *Centre) takeUp(ctx context.Context) error {
	tick := time.NewTicker(takeUpEvery)
	defer tick.Stop()
	for range takeUpTries {
		left, err := c.Store.PlansIn(ctx, tenant.Default, containment.Executing)
		if err == nil && len(left) == 0 {
			return nil
		}
		if err = errors.Join(err, c.Planner.Resume(ctx, tenant.Default)); err != nil && ctx.Err() == nil {
			c.log.ErrorContext(ctx, "plans not resumed", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
	return nil
}

// keepHouse keeps checkpoints, removes what has run out, and rings when a
// watched folder can no longer be read.
func (c *Centre) keepHouse(ctx context.Context) error {
	check, clean, look := time.NewTicker(checkpointEvery), time.NewTicker(housekeepingEvery), time.NewTicker(rootsEvery)
	defer check.Stop()
	defer clean.Stop()
	defer look.Stop()
	told := map[string]bool{} // blind folders that an alarm was rung for
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
			told, err = tellBlind(ctx, c.patrol.blind(), told, c.Ringer.Trouble)
		case <-check.C:
			_, err = c.Store.Checkpoint(ctx)
		case <-clean.C:
			err = errors.Join(c.Store.Tidy(ctx), c.Planner.Expire(ctx, tenant.Default), c.Door.Sweep(ctx, tenant.Default), c.Custodian.Sweep(ctx, tenant.Default))
		}
		if err != nil && ctx.Err() == nil {
			c.log.ErrorContext(ctx, "housekeeping failed", "err", err)
		}
	}
}

// tellBlind rings if a folder is blind that nobody was told of, and returns
// those that somebody was. One that a ring did not go out for is told later.
func tellBlind(ctx context.Context, blind, told map[string]bool, ring func(context.Context) (bool, error)) (map[string]bool, error) {
	maps.DeleteFunc(told, func(root string, _ bool) bool { return !blind[root] })
	if len(told) == len(blind) {
		return told, nil
	}
	rang, err := ring(ctx)
	if rang {
		told = blind
	}
	return told, err
}
