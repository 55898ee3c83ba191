package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/stanch/stanch/internal/config"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/server"
	"github.com/stanch/stanch/internal/tenant"
)

// serveCmd runs the centre.
type serveCmd struct {
	where
	Listen        string   `help:"Address of console and API. / 监听地址。" placeholder:"ADDR"`
	Watch         []string `help:"Folder to watch; repeatable. / 监视的目录（可重复）。" placeholder:"DIR"`
	Demonstration string   `help:"Also run a made-up estate of three shops in this folder. / 同时运行演示门店（虚构数据）。" placeholder:"DIR"`
}

// Run serves until the program is told to stop.
func (c *serveCmd) Run(io *stdio) (err error) {
	settings, err := c.complete()
	if err != nil {
		return &exitError{exitUsage, err}
	}
	level, err := settings.Level()
	if err != nil {
		return &exitError{exitUsage, err}
	}
	log := newLog(io.Err, level)
	in, err := server.Open(io.Ctx, settings, true, log, time.Now)
	if err != nil {
		return fmt.Errorf("start centre: %w", err)
	}
	centre, err := server.NewCentre(in, server.Options{Log: log, Version: version(), Demonstration: c.Demonstration != "", Drill: drillReport})
	if err != nil {
		return errors.Join(fmt.Errorf("start centre: %w", err), in.Close())
	}
	defer func() { err = errors.Join(err, centre.Close()) }()
	if err := c.run(io, centre); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// complete reads the settings and adds what the command line says.
func (c *serveCmd) complete() (*config.Config, error) {
	settings, err := c.settings()
	if err != nil {
		return nil, err
	}
	if c.Listen != "" {
		settings.Listen = c.Listen
	}
	for _, dir := range c.Watch {
		settings.Watch = append(settings.Watch, config.Root{Path: dir})
	}
	if c.Demonstration != "" {
		whole, err := filepath.Abs(c.Demonstration)
		if err != nil {
			return nil, err
		}
		c.Demonstration = whole
		settings.Watch = append(settings.Watch, config.Root{Path: (&demonstration{dir: whole}).root()})
	}
	if err := settings.Complete(); err != nil {
		return nil, err
	}
	return settings, folders(settings.Watch)
}

// folders refuses what is there and is no folder. One that is missing may
// come, as a disk that is mounted later does: it is watched for, and shown red.
func folders(roots []config.Root) error {
	for _, root := range roots {
		if info, err := os.Stat(root.Path); err == nil && !info.IsDir() {
			return fmt.Errorf("watch: %s is not a folder; name the folder that holds it", root.Path)
		}
	}
	return nil
}

// run runs the centre, and the demonstration beside it.
func (c *serveCmd) run(io *stdio, centre *server.Centre) error {
	group, ctx := errgroup.WithContext(io.Ctx)
	if c.Demonstration != "" {
		shops := &demonstration{dir: c.Demonstration, now: time.Now}
		if err := shops.lay(); err != nil {
			return err
		}
		if err := c.register(ctx, centre, shops); err != nil {
			return err
		}
		group.Go(func() error {
			// The shops are made up: what ends them must not end the centre.
			if err := shops.Run(ctx); err != nil && ctx.Err() == nil {
				fmt.Fprintf(io.Err, "stanch: the demonstration's shops write no more: %s\n", printable(err.Error()))
			}
			return nil
		})
	}
	group.Go(func() error { return centre.Run(ctx, func(s server.Started) { c.greet(io, s) }) })
	return group.Wait()
}

// register puts the demonstration's shops into the registry.
func (c *serveCmd) register(ctx context.Context, centre *server.Centre, shops *demonstration) error {
	who := record.Who{Tenant: tenant.Default, Actor: record.System}
	return centre.ImportEstate(ctx, who, shops.registry())
}

// greet says how to reach the centre. The link is a secret that works once.
func (c *serveCmd) greet(io *stdio, s server.Started) {
	switch {
	case s.Link != "":
		fmt.Fprintf(io.Out, "\n  Open this link to begin (works once, for 15 minutes):\n  打开此链接开始使用（15 分钟内有效，仅一次）：\n\n    %s\n\n", s.Link)
	default:
		fmt.Fprintf(io.Out, "\n  Stanch is running / 止漏已启动：\n\n    %s\n\n", s.Address)
	}
	if s.Fingerprint != "" {
		fmt.Fprintf(io.Out, "  The certificate is self-made; compare its SHA-256 fingerprint in the browser:\n  证书为自签，请在浏览器中核对 SHA-256 指纹：\n    %s\n\n", s.Fingerprint)
	}
	if c.Demonstration != "" {
		fmt.Fprintf(io.Out, "  Demonstration: three made-up shops, synthetic cards. The first leak comes in %d seconds.\n  演示：三家虚构门店，卡号均为合成。%d 秒后出现第一处泄露。\n\n", int(firstLeak.Seconds()), int(firstLeak.Seconds()))
	}
}
