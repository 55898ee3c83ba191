package main

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// caseCmd opens and lists cases.
type caseCmd struct {
	Open caseOpenCmd `cmd:"" help:"Report a sign; opens or joins a case. / 上报征兆，立案或并入已有案件。"`
	List caseListCmd `cmd:"" help:"List cases. / 列出案件。"`
}

// caseOpenCmd reports a sign that no scanner sees.
type caseOpenCmd struct {
	where
	Kind     string   `help:"skimmer, lost_device, slip_photo, chat_message, shared_password, odd_transactions, sluggish_pos or other. / 征兆类别。" required:""`
	Reporter string   `help:"acquirer, bank, police, customer or staff. / 由谁提出。" required:""`
	Place    string   `help:"Where. / 地点。"`
	From     string   `help:"Begin of the window, RFC 3339. / 起始时间。"`
	To       string   `help:"End of the window, RFC 3339. / 截止时间。"`
	Element  []string `help:"Kind of data that may be exposed, such as pan or cvv2; repeatable. / 可能涉及的数据类别。"`
	Cards    string   `help:"How many cards: N, LOW-HIGH, or LOW- if nobody knows the upper end. / 涉及卡数。"`
	Text     string   `help:"What was said. Never type a card number. / 情况说明（切勿填写卡号）。"`
	Case     string   `help:"Case to add it to. / 并入的案件编号。"`
	JSON     bool     `help:"Print JSON. / 输出 JSON。"`
}

var errCards = errors.New("--cards: want N, LOW-HIGH or LOW-")

// Run reports the sign.
func (c *caseOpenCmd) Run(io *stdio) error {
	in := map[string]any{"kind": c.Kind, "reporter": c.Reporter}
	for name, text := range map[string]string{"place": c.Place, "text": c.Text, "case": c.Case} {
		if text != "" {
			in[name] = text
		}
	}
	for name, text := range map[string]string{"from": c.From, "to": c.To} {
		if text == "" {
			continue
		}
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return &exitError{exitUsage, fmt.Errorf("--%s: want a time like 2026-11-22T09:00:00+08:00", name)}
		}
		in[name] = at
	}
	if len(c.Element) > 0 {
		in["data"] = c.Element
	}
	if err := c.addCards(in); err != nil {
		return &exitError{exitUsage, err}
	}
	var out struct {
		Case   string `json:"case"`
		Joined bool   `json:"joined"`
	}
	var refused *refusal
	err := c.ask(io.Ctx, http.MethodPost, "/cases", in, &out)
	if errors.As(err, &refused) && refused.Type == "/faults/unknown_item" {
		return errors.New("open case: --kind, --reporter or --element is no word of the packs; see stanch case open --help")
	}
	if err != nil {
		return fmt.Errorf("open case: %w", err)
	}
	if c.JSON {
		return printJSON(io.Out, out)
	}
	done := "opened case"
	if out.Joined {
		done = "added to case"
	}
	_, err = fmt.Fprintln(io.Out, done, out.Case)
	return err
}

func (c *caseOpenCmd) addCards(in map[string]any) error {
	if c.Cards == "" {
		return nil
	}
	first, second, isRange := strings.Cut(c.Cards, "-")
	low, err := strconv.ParseInt(strings.TrimSpace(first), 10, 64)
	if err != nil || low < 0 {
		return errCards
	}
	in["cards_low"] = low
	switch high, err := strconv.ParseInt(strings.TrimSpace(second), 10, 64); {
	case !isRange:
		in["cards_high"] = low
	case strings.TrimSpace(second) == "":
	case err != nil || high < low:
		return errCards
	default:
		in["cards_high"] = high
	}
	return nil
}

// A codename is what a case is called where nothing else may be said.
type codename struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// caseListCmd lists the newest cases.
type caseListCmd struct {
	where
	Limit int  `help:"How many at most. / 最多条数。" default:"20"`
	JSON  bool `help:"Print JSON. / 输出 JSON。"`
}

// Run lists the cases.
func (c *caseListCmd) Run(io *stdio) error {
	var out struct {
		Items []struct {
			ID       string   `json:"id"`
			Number   int64    `json:"number"`
			State    string   `json:"state"`
			Severity int      `json:"severity"`
			Opened   string   `json:"opened"`
			Codename codename `json:"codename"`
		} `json:"items"`
	}
	if err := c.ask(io.Ctx, http.MethodGet, "/cases?limit="+strconv.Itoa(c.Limit), nil, &out); err != nil {
		return fmt.Errorf("list cases: %w", err)
	}
	if c.JSON {
		return printJSON(io.Out, out.Items)
	}
	for _, x := range out.Items {
		fmt.Fprintf(io.Out, "%4d  %s  %-9s  severity %d  %s  %s / %s\n", x.Number, x.ID, x.State, x.Severity, x.Opened, x.Codename.EN, x.Codename.ZH)
	}
	return nil
}
