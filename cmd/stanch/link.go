package main

import (
	"fmt"
	"net/http"

	"github.com/stanch/stanch/internal/config"
)

// linkCmd makes a new link for the first run.
type linkCmd struct{ where }

// Run prints the link.
func (c *linkCmd) Run(io *stdio) error {
	var out struct{ Secret string }
	if err := c.ask(io.Ctx, http.MethodPost, "/links/first-run", nil, &out); err != nil {
		return fmt.Errorf("make link: %w", err)
	}
	return c.printLink(io, out.Secret)
}

func (w where) printLink(io *stdio, secret string) error {
	settings, err := w.settings()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(io.Out, address(settings)+"/link/"+secret)
	return err
}

// address is how a browser on this machine reaches the centre.
func address(c *config.Config) string {
	scheme := "https"
	if local, err := c.Loopback(); err == nil && local && c.TLS.Cert == "" {
		scheme = "http"
	}
	return scheme + "://" + c.Listen
}

// accountCmd helps people who are locked out.
type accountCmd struct {
	Recover accountRecoverCmd `cmd:"" help:"Make a link to choose a new password; recorded. / 为忘记密码的人生成重设链接（会留下记录）。"`
}

// accountRecoverCmd makes a link for a person who lost the password.
type accountRecoverCmd struct {
	where
	Login string `arg:"" help:"Login of the account. / 登录名。"`
}

// Run prints the link.
func (c *accountRecoverCmd) Run(io *stdio) error {
	var out struct{ Secret string }
	if err := c.ask(io.Ctx, http.MethodPost, "/links/recover", map[string]string{"login": c.Login}, &out); err != nil {
		return fmt.Errorf("recover account: %w", err)
	}
	fmt.Fprintln(io.Err, "This is on the record: everyone who may read the ledger sees that the account was recovered. / 此操作已记入账本。")
	return c.printLink(io, out.Secret)
}
