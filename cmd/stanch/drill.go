package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing/fstest"
	"time"

	"github.com/stanch/stanch/internal/config"
	"github.com/stanch/stanch/internal/server"
)

// drillCmd is a live-fire exercise: real files, the real watcher, two people,
// synthetic cards, a scratch folder. It proves on this machine that a leak is
// found, taken away with somebody's agreement, brought back bit for bit where
// asked, and on the record. Exit 1 if any step fails.
type drillCmd struct {
	JSON     bool   `help:"Print JSON. / 输出 JSON。"`
	Database string `help:"Empty PostgreSQL database to run on in place of SQLite. / 改用此空数据库。" placeholder:"URL"`
	Keep     string `help:"New folder to keep what the drill made. / 保留演练现场的新目录。" placeholder:"DIR" type:"path"`
}

// A drillStep is one line of the timeline.
type drillStep struct {
	Name    string  `json:"name"`
	OK      bool    `json:"ok"`
	Seconds float64 `json:"seconds"` // that the step took
	At      float64 `json:"at"`      // seconds from the first leak; below zero before it
	Detail  string  `json:"detail,omitempty"`
}

// A drillReport is what the exercise showed.
type drillResult struct {
	Passed    bool        `json:"passed"`
	Engine    string      `json:"engine"`
	ToDetect  float64     `json:"seconds_to_detect"`  // from the first leak to its finding
	ToOpen    float64     `json:"seconds_to_open"`    // to the case
	ToContain float64     `json:"seconds_to_contain"` // to the proof that all of it is gone
	Steps     []drillStep `json:"steps"`
}

// Run runs the exercise.
func (c *drillCmd) Run(io *stdio) error {
	result, err := runDrill(io.Ctx, c.Keep, c.Database)
	if err != nil {
		return fmt.Errorf("drill: %w", err)
	}
	if c.JSON {
		if err := printJSON(io.Out, result); err != nil {
			return err
		}
	} else {
		result.print(io.Out)
	}
	if !result.Passed {
		return &exitError{1, errors.New("drill: a step failed; see the timeline")}
	}
	return nil
}

func (r *drillResult) print(w io.Writer) {
	for _, s := range r.Steps {
		mark := "pass"
		if !s.OK {
			mark = "FAIL"
		}
		fmt.Fprintf(w, "%s  %8.2f s  %-28s %6.2f s  %s\n", mark, s.At, s.Name, s.Seconds, s.Detail)
	}
	fmt.Fprintf(w, "\nto detect %.2f s, to open %.2f s, to contain %.2f s (%s)\n", r.ToDetect, r.ToOpen, r.ToContain, r.Engine)
	if r.Passed {
		fmt.Fprintln(w, "The drill passed. / 演练通过。")
	} else {
		fmt.Fprintln(w, "The drill FAILED. / 演练未通过。")
	}
}

// drillReport runs the exercise for the console.
func drillReport(ctx context.Context) (report string, passed bool, err error) {
	result, err := runDrill(ctx, "", "")
	if err != nil {
		return "", false, err
	}
	var out bytes.Buffer
	result.print(&out)
	return out.String(), result.Passed, nil
}

// drillTime bounds the whole exercise.
const drillTime = 3 * time.Minute

// runDrill runs the exercise in keep, or in a scratch folder that it removes.
func runDrill(ctx context.Context, keep, database string) (result *drillResult, err error) {
	dir := keep
	if dir == "" {
		if dir, err = os.MkdirTemp("", "stanch-drill-"); err != nil {
			return nil, fmt.Errorf("make scratch folder: %w", err)
		}
		defer os.RemoveAll(dir)
	} else if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, drillTime)
	defer cancel()
	x := &exercise{dir: dir, database: database, result: &drillResult{Passed: true, Engine: "sqlite"}, begun: time.Now()}
	if database != "" {
		x.result.Engine = "postgres"
	}
	if err := x.start(ctx); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, x.stop()) }()
	x.run(ctx)
	return x.result, nil
}

// An exercise is one run of the drill.
type exercise struct {
	dir      string
	database string
	result   *drillResult
	begun    time.Time
	leaked   time.Time // when the first leak was planted

	centre *server.Centre
	cancel context.CancelFunc
	ended  chan error
	base   string

	owner, responder *actor
	passphrase       string
	leaks            []leak
	cases            []string
	undone           string // plan that was rolled back
	findings         []found
	plans            []string
}

// start starts a centre in the scratch folder, as a new user would.
func (x *exercise) start(ctx context.Context) error {
	shop := filepath.Join(x.dir, "shop")
	if err := os.MkdirAll(shop, 0o755); err != nil {
		return err
	}
	settings := &config.Config{
		Data: filepath.Join(x.dir, "data"), Keys: filepath.Join(x.dir, "keys"), Listen: "127.0.0.1:0", Database: x.database,
		Watch: []config.Root{{Path: shop}},
	}
	if err := settings.Complete(); err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(x.dir, "log.txt"))
	if err != nil {
		return err
	}
	logger := newLog(log, slog.LevelInfo)
	in, err := server.Open(ctx, settings, true, logger, time.Now)
	if err != nil {
		return errors.Join(err, log.Close())
	}
	if x.centre, err = server.NewCentre(in, server.Options{Log: logger, Version: version(), Packs: fstest.MapFS{}}); err != nil {
		return errors.Join(err, in.Close(), log.Close())
	}
	return x.serve(ctx, log)
}

// serve runs the centre until stop, and waits until it answers.
func (x *exercise) serve(ctx context.Context, log io.Closer) error {
	ctx, x.cancel = context.WithCancel(ctx)
	x.ended = make(chan error, 1)
	answers := make(chan string, 1)
	go func() {
		err := x.centre.Run(ctx, func(s server.Started) { answers <- s.Address })
		x.ended <- errors.Join(err, x.centre.Close(), log.Close())
	}()
	select {
	case x.base = <-answers:
		return nil
	case err := <-x.ended:
		x.ended <- nil
		return errors.Join(errors.New("the centre ended at once"), err)
	}
}

func (x *exercise) stop() error {
	x.cancel()
	return <-x.ended
}

// step runs one step, times it, and notes how it ended. After a failure the
// rest still runs where it can, so that the report shows all that is wrong.
func (x *exercise) step(name string, do func() (detail string, err error)) bool {
	began := time.Now()
	detail, err := do()
	s := drillStep{Name: name, OK: err == nil, Seconds: time.Since(began).Seconds(), Detail: detail}
	if !x.leaked.IsZero() {
		s.At = time.Since(x.leaked).Seconds()
	} else {
		s.At = -1
	}
	if err != nil {
		s.Detail, x.result.Passed = err.Error(), false
	}
	x.result.Steps = append(x.result.Steps, s)
	return err == nil
}

// run runs every step in order and stops where nothing can follow.
func (x *exercise) run(ctx context.Context) {
	steps := []struct {
		name string
		do   func(context.Context) (string, error)
	}{
		{"people and identity", x.people},
		{"plant leaks", x.plant},
		{"find every leak", x.find},
		{"a case opens", x.open},
		{"confirm the case", x.confirm},
		{"seal, with approval", x.seal},
		{"lock one file", x.lockOne},
		{"undo brings it back", x.undo},
		{"lock all files", x.lockAll},
		{"re-scan finds nothing", x.rescan},
		{"answer gates, close", x.close},
		{"ledger is intact", x.verify},
		{"nothing leaked by Stanch", x.hunt},
	}
	for _, s := range steps {
		if !x.step(s.name, func() (string, error) { return s.do(ctx) }) {
			return
		}
	}
}
