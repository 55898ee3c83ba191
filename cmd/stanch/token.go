package main

import (
	"fmt"
	"net/http"
)

// tokenCmd makes and ends tokens for programs.
type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Make an API token and print it, once. / 新建 API 令牌（只显示一次）。"`
	List   tokenListCmd   `cmd:"" help:"List API tokens. / 列出令牌。"`
	Revoke tokenRevokeCmd `cmd:"" help:"Revoke an API token. / 吊销令牌。"`
}

// tokenCreateCmd prints a new token and nothing else.
type tokenCreateCmd struct {
	where
	Role  string `help:"owner, responder or auditor. / 角色。" enum:"owner,responder,auditor" required:""`
	Label string `help:"What it is for. / 用途。" default:"command line"`
}

// Run makes the token.
func (c *tokenCreateCmd) Run(io *stdio) error {
	var out struct{ Token string }
	in := map[string]any{"role": c.Role, "label": c.Label}
	if err := c.ask(io.Ctx, http.MethodPost, "/tokens", in, &out); err != nil {
		return fmt.Errorf("create token: %w", err)
	}
	_, err := fmt.Fprintln(io.Out, out.Token)
	return err
}

// tokenListCmd lists tokens without their secrets.
type tokenListCmd struct {
	where
	JSON bool `help:"Print JSON. / 输出 JSON。"`
}

// Run lists the tokens.
func (c *tokenListCmd) Run(io *stdio) error {
	var out struct {
		Items []struct {
			ID      string  `json:"id"`
			Label   string  `json:"label"`
			Role    string  `json:"role"`
			Expires string  `json:"expires"`
			Revoked *string `json:"revoked,omitempty"`
		} `json:"items"`
	}
	if err := c.ask(io.Ctx, http.MethodGet, "/tokens", nil, &out); err != nil {
		return fmt.Errorf("list tokens: %w", err)
	}
	if c.JSON {
		return printJSON(io.Out, out.Items)
	}
	for _, t := range out.Items {
		state := "until " + t.Expires
		if t.Revoked != nil {
			state = "revoked " + *t.Revoked
		}
		fmt.Fprintf(io.Out, "%s  %-9s  %s  %s\n", t.ID, t.Role, state, t.Label)
	}
	return nil
}

// tokenRevokeCmd ends a token.
type tokenRevokeCmd struct {
	where
	ID string `arg:"" help:"Id of the token, from token list. / 令牌编号。"`
}

// Run revokes the token.
func (c *tokenRevokeCmd) Run(io *stdio) error {
	if err := c.ask(io.Ctx, http.MethodPost, "/tokens/"+c.ID+"/revoke", nil, nil); err != nil {
		return fmt.Errorf("revoke token: %w", err)
	}
	return nil
}
