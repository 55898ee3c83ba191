package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"syscall"
	"time"

	"github.com/stanch/stanch/internal/config"
	"github.com/stanch/stanch/internal/server"
	"github.com/stanch/stanch/internal/store"
)

// where names an installation on the command line.
type where struct {
	Data   string `help:"Folder of the installation's data. / 数据目录。" placeholder:"DIR"`
	Keys   string `help:"Folder of its keys. / 密钥目录。" placeholder:"DIR"`
	Config string `help:"Settings file. / 配置文件。" placeholder:"FILE"`
}

// reader opens the database of the installation to look at it; a centre may be
// at work on it.
func (w where) reader(ctx context.Context) (*store.Store, error) {
	settings, err := w.settings()
	if err != nil {
		return nil, err
	}
	url, err := settings.DatabaseURL()
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, url, store.Options{})
}

// settings reads the settings file and lets the command line take precedence.
func (w where) settings() (*config.Config, error) {
	c, err := config.Read(w.Config)
	if err != nil {
		return nil, err
	}
	if w.Data != "" {
		c.Data = w.Data
	}
	if w.Keys != "" {
		c.Keys = w.Keys
	}
	return c, c.Complete()
}

// A centre is an installation that commands speak to: the one that runs, by
// its admin socket, or else the data folder itself under its lock.
type centre struct {
	client  *http.Client
	close   func() error
	address string // of a running one, once it has answered
}

// reach finds the running centre of an installation, or opens its folder.
func (w where) reach(ctx context.Context) (*centre, error) {
	c, err := w.settings()
	if err != nil {
		return nil, err
	}
	path := server.SocketPath(c.Data)
	conn, err := net.DialTimeout("unix", path, 5*time.Second)
	switch {
	case err == nil:
		_ = conn.Close() // it only showed that somebody listens
		dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", path)
		}
		return &centre{client: &http.Client{Transport: &http.Transport{DialContext: dial}}, close: func() error { return nil }}, nil
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("reach the running centre at %s: it belongs to another user; run this as that user", path)
	case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ECONNREFUSED):
		return nil, fmt.Errorf("reach the running centre: %w", err)
	}
	local, err := server.Local(ctx, c)
	if err != nil {
		return nil, err
	}
	return &centre{client: &http.Client{Transport: inProcess{local}}, close: local.Close}, nil
}

// inProcess serves requests by a handler without a network.
type inProcess struct{ handler http.Handler }

// RoundTrip implements [http.RoundTripper].
func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.RequestURI, r.RemoteAddr = r.URL.RequestURI(), "local"
	if r.Body == nil {
		r.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	t.handler.ServeHTTP(w, r)
	return w.Result(), nil
}

// A refusal is a problem that the API answered with.
type refusal struct {
	Type   string `json:"type"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Errors []struct {
		Message  string `json:"message"`
		Location string `json:"location"`
	} `json:"errors"`
}

func (e *refusal) Error() string {
	text := e.Detail
	for _, more := range e.Errors {
		text += ": " + more.Location + ": " + more.Message
	}
	return text
}

// call sends in as JSON and reads the answer into out; both may be nil.
func (c *centre) call(ctx context.Context, method, path string, in, out any) error {
	var sent io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		sent = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, "http://centre/api/v1"+path, sent)
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := c.client.Do(r)
	if err != nil {
		return fmt.Errorf("ask the centre: %w", err)
	}
	defer answer.Body.Close()
	c.address = answer.Header.Get(server.AddressHeader)
	if answer.StatusCode >= http.StatusBadRequest {
		refused := &refusal{Status: answer.StatusCode}
		if err := json.NewDecoder(answer.Body).Decode(refused); err != nil {
			return fmt.Errorf("ask the centre: it answered %s", answer.Status)
		}
		return refused
	}
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(answer.Body).Decode(out); err != nil {
		return errors.New("ask the centre: its answer cannot be read; is it of the same version?")
	}
	return nil
}

// ask reaches the centre, calls it once, and lets it go.
func (w where) ask(ctx context.Context, method, path string, in, out any) (err error) {
	c, err := w.reach(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	return c.call(ctx, method, path, in, out)
}

// printJSON writes v as indented JSON.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// exists reports whether a path is there.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
