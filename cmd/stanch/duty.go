package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/stanch/stanch/internal/datafile"
	"github.com/stanch/stanch/internal/obligation"
	"github.com/stanch/stanch/packs"
)

// dutyCmd works duties out and looks after their packs.
type dutyCmd struct {
	Eval dutyEvalCmd `cmd:"" help:"Who has to be told what by when, from a facts file. / 由事实文件算出该告诉谁、说什么、何时之前。"`
	Lint dutyLintCmd `cmd:"" help:"Check packs: schema, references, sources, reviews that are due. / 检查义务包：结构、引用、来源、到期复核。"`
	Diff dutyDiffCmd `cmd:"" help:"Which rules changed, and which cases come out otherwise. / 哪些规则变了、哪些案件的结论会变。"`
	Sign dutySignCmd `cmd:"" help:"Sign a folder of packs. / 给义务包文件夹签名。"`
}

// rulebooks says where packs come from.
type rulebooks struct {
	PacksKey string `help:"Take folders of packs only if this verifier key, or the key in this file, signed them. / 只接受由此公钥签名的义务包文件夹。" placeholder:"K"`
}

// folder opens a folder of packs, "" being none, and holds it to its signature.
func (r *rulebooks) folder(dir string) (fs.FS, error) {
	if dir == "" {
		return nil, nil
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("open packs %s: is no folder that can be read; name a folder of pack files", dir)
	}
	folder := os.DirFS(dir)
	if r.PacksKey == "" {
		return folder, nil
	}
	public := r.PacksKey
	if exists(public) {
		text, err := os.ReadFile(public)
		if err != nil {
			return nil, err
		}
		public = strings.TrimSpace(string(text))
	}
	key, err := note.NewVerifier(public)
	if err != nil {
		return nil, errors.New("open packs: --packs-key is not a verifier key, nor a file that holds one")
	}
	if err := obligation.CheckSeal(folder, key); err != nil {
		return nil, fmt.Errorf("open packs %s: %w; sign it with stanch duty sign, or leave --packs-key out", dir, err)
	}
	return folder, nil
}

// load reads the packs that a folder makes of the embedded ones.
func (r *rulebooks) load(dir string) (*obligation.Rulebook, error) {
	folder, err := r.folder(dir)
	if err != nil {
		return nil, err
	}
	return obligation.Load(packs.Obligations(), folder)
}

// readFacts reads a facts file; "-" is standard input.
func readFacts(streams *stdio, b *obligation.Rulebook, path string) (*obligation.Facts, error) {
	in, name := streams.In, "standard input"
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("read facts: %w", err)
		}
		defer f.Close()
		in, name = f, path
	}
	data, err := io.ReadAll(io.LimitReader(in, datafile.MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read facts: %w", err)
	}
	return b.ReadFacts(name, data)
}

// moment reads --at; empty is now.
func moment(at string, zone *time.Location) (time.Time, error) {
	if at == "" {
		return time.Now().Truncate(time.Second).In(zone), nil
	}
	m, ok := obligation.ParseMoment(at, zone)
	if !ok {
		return time.Time{}, errors.New("read --at: is not a time; write it like 2026-11-20T10:00:00+08:00, or without the offset in the tz of the facts")
	}
	return m.At, nil
}

// dutyEvalCmd answers for one case.
type dutyEvalCmd struct {
	rulebooks
	Facts   string `arg:"" help:"Facts file, - for standard input. / 事实文件，- 为标准输入。"`
	At      string `help:"Work it out as of this time; without an offset it is in the tz of the facts. / 以此时间计算；不带偏移按事实文件的时区。" placeholder:"TIME"`
	JSON    bool   `help:"Print JSON. / 输出 JSON。"`
	Packs   string `help:"Folder whose files replace or add packs. / 覆盖或增加义务包的文件夹。" placeholder:"DIR" type:"path"`
	Before  bool   `help:"Also work out what holds before any incident. / 也列出事前义务。"`
	Preview bool   `help:"Also work out rules that nobody has verified yet. / 也列出尚未有人核验的规则。"`
	All     bool   `help:"Also what does not apply, with the reason. / 也列出不适用的及原因。"`
	Actions bool   `help:"Print acts with their earliest clock, and what to find out next, instead of duties. / 不列义务，改列行动及最早时限，以及接下来该查清什么。"`
	Lang    string `help:"Language of the text: en or zh. / 文字语言：en 或 zh。" enum:"en,zh" default:"en"`
}

// A dutyAnswer is what duty eval prints as JSON.
type dutyAnswer struct {
	GradeCAC *string                     `json:"grade_cac"` // null: more than one is possible
	Grades   map[string]obligation.Words `json:"grades_possible"`
	At       time.Time                   `json:"at"`
	TZ       string                      `json:"tz"`
	Duties   []obligation.Duty           `json:"duties"`
	Actions  []obligation.Action         `json:"actions"`   // the most urgent first
	Asked    []obligation.Question       `json:"questions"` // the one that matters soonest to a clock first
	Held     []string                    `json:"held"`
	Notes    []obligation.Note           `json:"notes"`
	Packs    map[string]string           `json:"packs"`
}

// Run prints every duty of the case.
func (c *dutyEvalCmd) Run(io *stdio) error {
	book, err := c.load(c.Packs)
	if err != nil {
		return err
	}
	facts, err := readFacts(io, book, c.Facts)
	if err != nil {
		return err
	}
	at, err := moment(c.At, facts.Zone)
	if err != nil {
		return err
	}
	answer := book.Eval(facts, obligation.Options{At: at, Before: c.Before, Preview: c.Preview})
	if !c.JSON {
		text := &dutyText{out: io.Out, book: book, lang: c.Lang, all: c.All, at: at}
		if c.Actions {
			return text.printActions(answer)
		}
		return text.print(answer)
	}
	out := dutyAnswer{
		Grades: answer.Grades, At: at, TZ: facts.Zone.String(), Duties: answer.Duties,
		Actions: book.Actions(answer), Asked: answer.Questions(),
		Held: append([]string{}, answer.Held...), Notes: append([]obligation.Note{}, answer.Notes...), Packs: book.Versions(),
	}
	if grade, ok := answer.Grade("grading.cac"); ok {
		out.GradeCAC = &grade
	}
	return printJSON(io.Out, out)
}
