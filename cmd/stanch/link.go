package main

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/stanch/stanch/internal/config"
)

// linkCmd makes a new link for the first run.
type linkCmd struct{ where }

// Run prints the link.
func (c *linkCmd) Run(io *stdio) error {
	if err := c.printLink(io, "/links/first-run", nil); err != nil {
		return fmt.Errorf("make link: %w", err)
	}
	return nil
}

// printLink asks for a link and prints it. A centre that runs says where it
// is; else the settings say where it will be.
func (w where) printLink(io *stdio, path string, in any) (err error) {
	c, err := w.reach(io.Ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	var out struct{ Secret string }
	if err := c.call(io.Ctx, http.MethodPost, path, in, &out); err != nil {
		return err
	}
	if c.address == "" {
		settings, err := w.settings()
		if err != nil {
			return err
		}
		c.address = address(settings)
		fmt.Fprintln(io.Err, "stanch: the centre does not run; start stanch serve within 15 minutes, then open the link")
	}
	_, err = fmt.Fprintln(io.Out, c.address+"/link/"+out.Secret)
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
	if err := c.printLink(io, "/links/recover", map[string]string{"login": c.Login}); err != nil {
		return fmt.Errorf("recover account: %w", err)
	}
	fmt.Fprintln(io.Err, "This is on the record: everyone who may read the ledger sees that the account was recovered. / 此操作已记入账本。")
	return nil
}
