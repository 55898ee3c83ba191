package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/actuator/filelock"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/cell"
	"github.com/stanch/stanch/internal/config"
	"github.com/stanch/stanch/internal/console"
	"github.com/stanch/stanch/internal/containment"
	"github.com/stanch/stanch/internal/courier"
	"github.com/stanch/stanch/internal/estate"
	"github.com/stanch/stanch/internal/evidence"
	"github.com/stanch/stanch/internal/notice"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/rest"
	"github.com/stanch/stanch/internal/segment"
	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/packs"
)

// Options are what a centre works with besides its settings. The zero value
// is a centre as people run it.
type Options struct {
	Now           func() time.Time // nil is time.Now
	Log           *slog.Logger     // nil discards
	Version       string
	Worker        []string    // starts a worker process; empty is this program
	Packs         fs.FS       // in place of the settings' folder
	Cost          access.Cost // of a password hash; zero is the usual
	Demonstration bool        // the estate on show is a made-up one
	Drill         Drill       // nil: the console offers none
}

// A Drill runs the live-fire exercise in a scratch folder.
type Drill func(context.Context) (report string, passed bool, err error)

// A Centre is everything one installation does.
type Centre struct {
	*Installation
	Desk      *casefile.Desk
	Door      *access.Door
	Custodian *evidence.Custodian
	Planner   *containment.Planner
	Registrar *estate.Registrar
	Ringer    *notice.Ringer
	Packs     *packs.Packs

	options  Options
	now      func() time.Time
	log      *slog.Logger
	examiner *cell.Examiner
	watch    *Watch
	patrol   *patrol
	api      http.Handler
	pages    http.Handler
	secure   bool
}

// NewCentre introduces the parts of an installation to each other. Nothing
// runs yet. Close the centre in place of the installation.
func NewCentre(in *Installation, o Options) (*Centre, error) {
	c := &Centre{Installation: in, options: o, now: o.Now, log: o.Log}
	if c.now == nil {
		c.now = time.Now
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if err := errors.Join(c.loadPacks(), c.buildDuties(), c.buildWatch(), c.buildFaces()); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Centre) loadPacks() (err error) {
	over := c.options.Packs
	if over == nil && c.Config.Packs != "" {
		over = os.DirFS(c.Config.Packs)
	}
	c.Packs, err = packs.Load(over)
	return err
}

// buildDuties makes what decides and acts.
func (c *Centre) buildDuties() error {
	if c.Packs == nil {
		return nil // the error is on its way
	}
	segments, err := segment.Open(filepath.Join(c.Config.Data, "segments"), segment.Options{Now: c.now})
	if err != nil {
		return err
	}
	s := c.Store
	c.examiner = cell.New(cell.Options{Tokenizer: c.Keys.Tokenizer, Tenant: string(tenant.Default), Command: c.options.Worker})
	c.Registrar = &estate.Registrar{Book: s, Store: s}
	c.Desk = &casefile.Desk{Store: s, Cards: segments, Packs: c.Packs, OnePerson: func() bool { return c.onePerson(context.Background(), tenant.Default) }, Country: c.country}
	c.Door = access.NewDoor(s, access.Options{Now: c.now, Logger: c.log, Cost: c.options.Cost})
	c.Custodian = &evidence.Custodian{
		Book: s, Store: s, Dir: filepath.Join(c.Config.Data, "evidence"), Outside: c.outside, Examiner: attachments{c.examiner}, Now: c.now,
	}
	c.watch, err = NewWatch(WatchOptions{
		Tenant: tenant.Default, Store: s, Desk: c.Desk, Segments: segments, Examiner: c.examiner, Tokenizer: c.Keys.Tokenizer,
		Packs: c.Packs, Now: c.now, Logger: c.log,
	})
	return err
}

// buildWatch makes what looks at and changes files.
func (c *Centre) buildWatch() error {
	if c.watch == nil {
		return nil
	}
	own := c.ownFolders()
	roots, err := c.roots()
	if err != nil {
		return err
	}
	c.patrol = newPatrol(c.watch, roots, own, c.now, c.log)
	files := &filelock.Lock{Roots: c.patrol.paths, Own: own, Apart: c.examiner.Inside}
	c.Planner = &containment.Planner{
		Book: c.Store, Store: c.Store, Desk: c.Desk, Files: files, Custody: c.Custodian, Prober: c.watch, Follower: c.watch, OnePerson: c.onePerson, Now: c.now, Log: c.log,
	}
	return nil
}

// roots returns the folders of the settings file and those that people added.
func (c *Centre) roots() ([]config.Root, error) {
	house, err := c.Registrar.House(context.Background(), tenant.Default)
	if err != nil {
		return nil, err
	}
	roots := slices.Clone(c.Config.Watch)
	for _, path := range house.Roots {
		if !slices.ContainsFunc(roots, func(r config.Root) bool { return config.Within(path, r.Path) }) {
			roots = append(roots, config.Root{Path: path})
		}
	}
	return roots, nil
}

// buildFaces makes the API, the console and the alarms.
func (c *Centre) buildFaces() (err error) {
	if c.Planner == nil {
		return nil
	}
	local, err := c.Config.Loopback()
	if err != nil {
		return err
	}
	c.secure = !local || c.Config.TLS.Cert != ""
	sender, err := courier.New(courier.Options{Allow: c.Config.AllowOutgoing, Now: c.now})
	if err != nil {
		return err
	}
	c.Ringer = &notice.Ringer{Tenant: tenant.Default, Book: c.Store, Store: c.Store, Sender: sender, Now: c.now, Base: c.Address(), Log: c.log}
	c.api = rest.New(rest.Deps{
		Desk: c.Desk, Door: c.Door, Planner: c.Planner, Custodian: c.Custodian, Lists: restLists{c.Store}, Watch: c.patrol,
		Digest:  func(sum []byte) []byte { return []byte(c.Keys.Tokenizer.Token("\x00answers", sum)) }, // no tenant is named so
		Answers: restAnswers{c.Store}, Version: c.options.Version, Secure: c.secure, Now: c.now, Log: c.log,
	})
	c.pages, err = console.New(console.Deps{
		Tenant: tenant.Default, Desk: c.Desk, Door: c.Door, Planner: c.Planner, Custodian: c.Custodian,
		Registrar: c.Registrar, Ringer: c.Ringer, Lists: consoleLists{c.Store}, Watch: consoleWatch{c}, Machine: machine{c}, Now: c.now, Log: c.log,
		Public: c.Keys.Public, Secure: c.secure,
	})
	return err
}

// ImportEstate puts a registry into the house, as an upload would.
func (c *Centre) ImportEstate(ctx context.Context, who record.Who, sheet []byte) error {
	_, err := c.Registrar.Import(ctx, who, bytes.NewReader(sheet))
	return err
}

// ownFolders lists what is never scanned and never acted on.
func (c *Centre) ownFolders() []string {
	own := []string{c.Config.Data, c.Config.Keys}
	if c.Config.Packs != "" {
		own = append(own, c.Config.Packs)
	}
	return own
}

// country returns where the house is, empty if nobody said. ZZ stands for
// somewhere else, as ISO 3166 leaves it to users.
func (c *Centre) country() string {
	house, err := c.Registrar.House(context.Background(), tenant.Default)
	if err != nil {
		c.log.Error("house not read", "err", err)
		return ""
	}
	return house.Country
}

func (c *Centre) onePerson(ctx context.Context, t tenant.ID) bool {
	house, err := c.Registrar.House(ctx, t)
	if err != nil {
		c.log.ErrorContext(ctx, "house not read", "err", err)
		return false // the stricter rule
	}
	return house.OnePerson
}

// outside returns to whom evidence is sealed besides the case identity.
func (c *Centre) outside(ctx context.Context, t tenant.ID) ([]string, error) {
	house, err := c.Registrar.House(ctx, t)
	if err != nil {
		return nil, fmt.Errorf("read outside recipients: %w", err)
	}
	return house.Keys(), nil
}

// Close ends what the centre started and closes the installation.
func (c *Centre) Close() error {
	if c.examiner != nil {
		c.examiner.Close()
	}
	return c.Installation.Close()
}

// A LocalCentre answers the API in this process, on a folder that no running
// centre holds.
type LocalCentre struct {
	*Centre
	handler http.Handler
}

// Local opens an installation for one command. It watches nothing and
// listens nowhere.
func Local(ctx context.Context, cfg *config.Config) (*LocalCentre, error) {
	in, err := Open(ctx, cfg, false, nil, time.Now)
	if err != nil {
		return nil, err
	}
	c, err := NewCentre(in, Options{})
	if err != nil {
		return nil, errors.Join(err, in.Close())
	}
	return &LocalCentre{c, c.api}, nil
}

// ServeHTTP answers as the admin socket would.
func (l *LocalCentre) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.handler.ServeHTTP(w, r.WithContext(rest.WithPrincipal(r.Context(), access.Socket(tenant.Default))))
}
