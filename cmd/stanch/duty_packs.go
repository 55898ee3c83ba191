package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/durable"
	"github.com/stanch/stanch/internal/obligation"
	"github.com/stanch/stanch/packs"
)

// dutyLintCmd checks packs. Exit 0 is nothing wrong, 1 something is, 3 they cannot
// be read.
type dutyLintCmd struct {
	rulebooks
	Packs string `arg:"" optional:"" help:"Folder whose files replace or add packs; without it the built-in packs. / 覆盖或增加义务包的文件夹；不给则检查内置包。" type:"path"`
	At    string `help:"Check as of this day. / 以此日期检查。" placeholder:"DAY"`
	JSON  bool   `help:"Print JSON. / 输出 JSON。"`
}

// A lintReport is what duty lint prints as JSON.
type lintReport struct {
	OK       bool                 `json:"ok"`
	Packs    int                  `json:"packs"`
	Rules    int                  `json:"rules"`
	Findings []obligation.Finding `json:"findings"`
}

// Run checks the packs.
func (c *dutyLintCmd) Run(io *stdio) error {
	folder, err := c.folder(c.Packs)
	if err != nil {
		return err
	}
	at, err := moment(c.At, time.UTC)
	if err != nil {
		return err
	}
	book, found, err := obligation.Read(packs.Obligations(), folder)
	if err != nil {
		return err
	}
	out := lintReport{OK: true, Packs: len(book.Packs), Rules: len(book.Rules), Findings: append([]obligation.Finding{}, found...)}
	out.Findings = append(out.Findings, book.Lint(at)...)
	wrong := 0
	for _, f := range out.Findings {
		if f.Gravity != obligation.Remark {
			wrong++
		}
	}
	out.OK = wrong == 0
	if c.JSON {
		err = printJSON(io.Out, out)
	} else {
		printLint(io, out, wrong)
	}
	if err != nil || out.OK {
		return err
	}
	return &exitError{1, fmt.Errorf("check packs: %d things are wrong", wrong)}
}

func printLint(io *stdio, out lintReport, wrong int) {
	for _, f := range out.Findings {
		where := f.File
		if f.Line > 0 {
			where += fmt.Sprintf(":%d", f.Line)
		}
		if where != "" {
			where += ": "
		}
		fmt.Fprintf(io.Out, "%-8s %s%s %s\n", f.Gravity, where, f.Key, f.Text)
	}
	fmt.Fprintf(io.Out, "%d packs, %d rules: %d wrong, %d remarks\n", out.Packs, out.Rules, wrong, len(out.Findings)-wrong)
}

// dutyDiffCmd compares packs. Exit 0 is no difference, 1 a difference.
type dutyDiffCmd struct {
	rulebooks
	Old   string   `arg:"" help:"Folder of packs as they were; builtin for the built-in ones. / 旧义务包文件夹；builtin 为内置。"`
	New   string   `arg:"" help:"Folder of packs as they become; builtin for the built-in ones. / 新义务包文件夹；builtin 为内置。"`
	Facts []string `arg:"" optional:"" help:"Facts files to decide under both. / 用两版分别计算的事实文件。" type:"path"`
	At    string   `help:"Decide as of this time. / 以此时间计算。" placeholder:"TIME"`
	JSON  bool     `help:"Print JSON. / 输出 JSON。"`
}

// A caseDiff is how one facts file comes out otherwise.
type caseDiff struct {
	File   string             `json:"file"`
	Shifts []obligation.Shift `json:"shifts"`
}

// A packDiff is what duty diff prints as JSON.
type packDiff struct {
	Changes []obligation.Change `json:"changes"`
	Cases   []caseDiff          `json:"cases"`
}

// Run compares the packs, and what they say of each facts file.
func (c *dutyDiffCmd) Run(io *stdio) error {
	var books [2]*obligation.Rulebook
	for i, dir := range []string{c.Old, c.New} {
		if dir == "builtin" {
			dir = ""
		}
		book, err := c.load(dir)
		if err != nil {
			return err
		}
		books[i] = book
	}
	out := packDiff{Changes: append([]obligation.Change{}, obligation.Compare(books[0], books[1])...), Cases: []caseDiff{}}
	differs := len(out.Changes) > 0
	for _, file := range c.Facts {
		shifts, err := c.shifts(io, books, file)
		if err != nil {
			return err
		}
		out.Cases = append(out.Cases, caseDiff{card.MaskText(file), append([]obligation.Shift{}, shifts...)})
		differs = differs || len(shifts) > 0
	}
	if c.JSON {
		if err := printJSON(io.Out, out); err != nil {
			return err
		}
	} else {
		printDiff(io, out)
	}
	if differs {
		return &exitError{1, errors.New("compare packs: they differ")}
	}
	return nil
}

func (c *dutyDiffCmd) shifts(io *stdio, books [2]*obligation.Rulebook, file string) ([]obligation.Shift, error) {
	var answers [2]*obligation.Answer
	for i, book := range books {
		facts, err := readFacts(io, book, file)
		if err != nil {
			return nil, err
		}
		at, err := moment(c.At, facts.Zone)
		if err != nil {
			return nil, err
		}
		answers[i] = book.Eval(facts, obligation.Options{At: at, Before: true})
	}
	return obligation.Shifts(answers[0], answers[1]), nil
}

func printDiff(io *stdio, out packDiff) {
	for _, change := range out.Changes {
		fmt.Fprintf(io.Out, "%-8s %s %s %s\n", change.How, change.What, change.ID, strings.Join(change.Parts, ", "))
	}
	fmt.Fprintf(io.Out, "%d changes\n", len(out.Changes))
	for _, one := range out.Cases {
		fmt.Fprintf(io.Out, "%s: %d duties come out otherwise\n", one.File, len(one.Shifts))
		for _, s := range one.Shifts {
			fmt.Fprintf(io.Out, "  %s: %s -> %s\n      why: %s\n", s.Rule, side(s.OldStatus, s.OldDue), side(s.NewStatus, s.NewDue), s.Why)
		}
	}
}

func side(status obligation.Status, due string) string {
	if status == "" {
		return "no such rule"
	}
	return string(status) + " " + due
}

// dutySignCmd signs a folder of packs.
type dutySignCmd struct {
	Dir     string `arg:"" help:"Folder of packs. / 义务包文件夹。" type:"path"`
	Key     string `help:"File with the signer's key. / 签名私钥文件。" required:"" placeholder:"FILE" type:"path"`
	MakeKey string `help:"Make the key first, under this name; FILE.pub is for those who check. / 先以此名生成密钥；FILE.pub 给核验者。" placeholder:"NAME"`
}

// Run writes the folder's note.
func (c *dutySignCmd) Run(io *stdio) error {
	if info, err := os.Stat(c.Dir); err != nil || !info.IsDir() {
		return fmt.Errorf("sign packs %s: is no folder that can be read; name a folder of pack files", c.Dir)
	}
	if c.MakeKey != "" {
		if err := c.makeKey(); err != nil {
			return err
		}
	}
	secret, err := os.ReadFile(c.Key)
	if err != nil {
		return fmt.Errorf("sign packs: %w; --make-key NAME makes one", err)
	}
	signer, err := note.NewSigner(strings.TrimSpace(string(secret)))
	if err != nil {
		return errors.New("sign packs: --key holds no signer's key; --make-key NAME makes one in a new file")
	}
	folder := os.DirFS(c.Dir)
	if _, _, err := obligation.Read(packs.Obligations(), folder); err != nil {
		return err
	}
	signed, err := obligation.Seal(folder, signer)
	if err != nil {
		return err
	}
	path := filepath.Join(c.Dir, obligation.SealName)
	if err := durable.WriteFile(path, signed, 0o644); err != nil {
		return err
	}
	fmt.Fprintf(io.Out, "signed: %s by %s\n", path, signer.Name())
	return nil
}

// makeKey writes a new key pair and never replaces one.
func (c *dutySignCmd) makeKey() error {
	secret, public, err := note.GenerateKey(rand.Reader, c.MakeKey)
	if err != nil {
		return fmt.Errorf("make key: %w", err)
	}
	if _, err := note.NewSigner(secret); err != nil {
		return errors.New("make key: the name may hold no space and no +; choose another")
	}
	for _, file := range []struct {
		path, text string
		mode       os.FileMode
	}{{c.Key, secret, 0o400}, {c.Key + ".pub", public, 0o644}} {
		f, err := os.OpenFile(file.path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, file.mode)
		if err != nil {
			return fmt.Errorf("make key: %w", err)
		}
		_, err = f.WriteString(file.text + "\n")
		if err := errors.Join(err, f.Close()); err != nil {
			return fmt.Errorf("make key: %w", err)
		}
	}
	return nil
}
