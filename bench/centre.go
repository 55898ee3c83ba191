//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// An installation is the folders of one centre.
type installation struct {
	dir   string // parent of data, keys and watched
	token string // of an owner; kept over restarts
}

func (b *bench) installation(name string) (*installation, error) {
	dir, err := b.scratch(name)
	if err != nil {
		return nil, err
	}
	in := &installation{dir: dir}
	return in, os.Mkdir(in.watched(), 0o755)
}

func (in *installation) data() string    { return filepath.Join(in.dir, "data") }
func (in *installation) keys() string    { return filepath.Join(in.dir, "keys") }
func (in *installation) watched() string { return filepath.Join(in.dir, "watched") }

// folder makes a folder below the watched one.
func (in *installation) folder(name string) (string, error) {
	dir := filepath.Join(in.watched(), name)
	return dir, os.MkdirAll(dir, 0o755)
}

// A centre is a running one, started as a person starts it.
type centre struct {
	*installation
	cmd    *exec.Cmd
	base   string
	ready  time.Duration // from the start to the first answer that it is ready
	client *http.Client
	ended  chan struct{}
	peak   atomic.Int64 // most memory of it and its workers together, as far as seen
	dying  atomic.Bool
}

var addressed = regexp.MustCompile(`https?://[0-9.:]+`)

// startLimit is how long a centre may take to answer.
const startLimit = time.Minute

// serve starts a centre over an installation and waits until it is ready.
func (b *bench) serve(ctx context.Context, in *installation) (*centre, error) {
	c := &centre{installation: in, client: &http.Client{Timeout: startLimit, Transport: &http.Transport{MaxIdleConnsPerHost: 16}}, ended: make(chan struct{})}
	c.cmd = exec.CommandContext(ctx, b.stanch, "serve", "--data", in.data(), "--keys", in.keys(), "--listen", "127.0.0.1:0", "--watch", in.watched())
	log, err := os.OpenFile(filepath.Join(in.dir, "log.txt"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	c.cmd.Stderr = log
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	found := make(chan string, 1)
	go c.follow(out, found)
	select {
	case c.base = <-found:
	case <-c.ended:
	case <-time.After(startLimit):
	}
	if c.base == "" {
		c.kill()
		return nil, fmt.Errorf("the centre did not start: %s", lastLine(filepath.Join(in.dir, "log.txt")))
	}
	if err := c.untilReady(ctx); err != nil {
		c.kill()
		return nil, err
	}
	c.ready = time.Since(began)
	go c.weigh()
	if in.token == "" {
		err = in.makeToken(ctx, b.stanch)
	}
	if err != nil {
		c.kill()
		return nil, err
	}
	return c, nil
}

// follow reads what the centre prints until it ends.
func (c *centre) follow(out io.Reader, found chan<- string) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if base := addressed.FindString(lines.Text()); base != "" {
			select {
			case found <- base:
			default:
			}
		}
	}
	_ = c.cmd.Wait() // a killed one ends with an error
	close(c.ended)
}

func lastLine(path string) string {
	text, _ := os.ReadFile(path)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return lines[len(lines)-1]
}

func (c *centre) untilReady(ctx context.Context) error {
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+"/readyz", nil)
		if err != nil {
			return err
		}
		answer, err := c.client.Do(r)
		if err != nil {
			return fmt.Errorf("ask whether it is ready: %w", err)
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
		if answer.StatusCode == http.StatusOK {
			return nil
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func (in *installation) makeToken(ctx context.Context, stanch string) error {
	out, err := exec.CommandContext(ctx, stanch, "token", "create", "--role", "owner", "--data", in.data(), "--keys", in.keys()).Output()
	if err != nil {
		return fmt.Errorf("make token: %w", err)
	}
	in.token = strings.TrimSpace(string(out))
	return nil
}

// weigh keeps the most memory seen of the centre and its workers.
func (c *centre) weigh() {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		sum := peakMemory(c.cmd.Process.Pid)
		for _, worker := range children(c.cmd.Process.Pid) {
			sum += peakMemory(worker)
		}
		c.peak.Store(max(c.peak.Load(), sum))
		select {
		case <-c.ended:
			return
		case <-tick.C:
		}
	}
}

// stop ends the centre as Ctrl-C does.
func (c *centre) stop() error {
	_ = c.cmd.Process.Signal(syscall.SIGINT) // one that has ended already is found out below
	select {
	case <-c.ended:
	case <-time.After(startLimit):
		c.kill()
		return errors.New("the centre did not stop when it was told to")
	}
	if code := c.cmd.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("the centre ended with %d: %s", code, lastLine(filepath.Join(c.dir, "log.txt")))
	}
	return nil
}

// kill ends the centre without a word.
func (c *centre) kill() {
	c.dying.Store(true)
	_ = c.cmd.Process.Kill()
	<-c.ended
}

// A refusal is an answer of the API that is not a success.
type refusal struct {
	Status int
	Type   string `json:"type"`
}

func (e *refusal) Error() string { return fmt.Sprintf("the API answered %d %s", e.Status, e.Type) }

// call asks the API. A key makes the call safe to repeat.
func (c *centre) call(ctx context.Context, method, path, key string, in, out any) error {
	var sent io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		sent = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, c.base+"/api/v1"+path, sent)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("Content-Type", "application/json")
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	answer, err := c.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	if answer.StatusCode >= http.StatusBadRequest {
		refused := &refusal{Status: answer.StatusCode}
		_ = json.Unmarshal(text, refused) // its status says enough
		return refused
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(text, out)
}

// A found is a finding as the API shows it.
type found struct {
	ID      string `json:"id"`
	Path    string `json:"path"`
	Case    string `json:"case"`
	Matches int64  `json:"matches"`
	Low     int64  `json:"cards_low"`
	High    int64  `json:"cards_high"`
}

// findings returns one page of findings, the latest seen first, and the
// cursor of the next.
func (c *centre) findings(ctx context.Context, cursor string, limit int) ([]found, string, error) {
	var out struct {
		Items []found
		Next  string
	}
	err := c.call(ctx, http.MethodGet, fmt.Sprintf("/findings?limit=%d&cursor=%s", limit, url.QueryEscape(cursor)), "", nil, &out)
	return out.Items, out.Next, err
}
