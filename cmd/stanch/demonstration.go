package main

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/stanch/stanch/card/cardtest"
	"github.com/stanch/stanch/internal/durable"
)

// A demonstration is a made-up estate of three shops whose operators make
// mistakes. Everything in it is a real file, and every card number is
// synthetic: the watcher that finds them is the one that real shops run.
type demonstration struct {
	dir string
	now func() time.Time
}

// The shops of the demonstration, by what their operator got wrong.
const (
	shopLog    = "shop-0021" // a debug log left on: tracks and verification codes
	shopExport = "shop-0022" // an export of card numbers in a spreadsheet folder
	shopBackup = "shop-0023" // an open backup: a zip of receipts
)

// firstLeak is how long the estate is clean after a start, so that a person
// sees the finding arrive.
const firstLeak = 12 * time.Second

// pace is the time between two sales at the tills.
const pace = 4 * time.Second

// logLimit is where a till's log is rotated, as a real one would be.
const logLimit = 256 << 10

// registry describes the estate to the centre.
func (d *demonstration) registry() []byte {
	var out bytes.Buffer
	out.WriteString("kind,code,name,parent,place\nmerchant,M-DEMO,Demonstration merchant 演示商户,,\n")
	for shop, name := range map[string]string{shopLog: "Noodle house 面馆", shopExport: "Bookshop 书店", shopBackup: "Grill 烧烤店"} {
		fmt.Fprintf(&out, "store,%s,%s,M-DEMO,%s\n", shop, name, d.path(shop))
	}
	return out.Bytes()
}

// root is the folder to watch.
func (d *demonstration) root() string { return filepath.Join(d.dir, "shops") }

func (d *demonstration) path(parts ...string) string {
	return filepath.Join(append([]string{d.root()}, parts...)...)
}

// lay makes the estate's folders and the files of an ordinary day. What is
// there already stays.
func (d *demonstration) lay() error {
	for _, shop := range []string{shopLog, shopExport, shopBackup} {
		files := map[string]string{
			"pos/config.ini":     "[till]\nname = " + shop + "\nlog_level = info\nprinter = usb0\n",
			"pos/menu.csv":       "code,name,price\n1001,beef noodles,18.00\n1002,dumplings,12.00\n1003,tea,3.00\n",
			"pos/logs/till.log":  "2026-01-05 08:00:00 INFO till started, printer ready\n",
			"office/opening.txt": "Mon-Sun 10:00-21:30\n",
		}
		for name, text := range files {
			if err := d.place(text, shop, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// place writes a file unless there is one.
func (d *demonstration) place(text, shop, name string) error {
	path := d.path(shop, filepath.FromSlash(name))
	if exists(path) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("lay out demonstration: %w", err)
	}
	return os.WriteFile(path, []byte(text), 0o644)
}

// Run lets the shops trade and, one after another, leak. It ends with ctx.
func (d *demonstration) Run(ctx context.Context) error {
	leaks := []func() error{d.leakLog, d.leakExport, d.leakBackup}
	next := time.NewTimer(firstLeak)
	defer next.Stop()
	sale := time.NewTicker(pace)
	defer sale.Stop()
	for n := uint64(0); ; n++ {
		select {
		case <-ctx.Done():
			return nil
		case <-sale.C:
			if err := d.sell(n); err != nil {
				return err
			}
		case <-next.C:
			if err := leaks[0](); err != nil {
				return fmt.Errorf("demonstrate leak: %w", err)
			}
			if leaks = leaks[1:]; len(leaks) > 0 {
				next.Reset(firstLeak)
			}
		}
	}
}

// sell writes the lines of an ordinary sale: masked, as they should be.
func (d *demonstration) sell(n uint64) error {
	for _, shop := range []string{shopLog, shopExport, shopBackup} {
		path := d.path(shop, "pos", "logs", "till.log")
		if info, err := os.Stat(path); err == nil && info.Size() > logLimit {
			if err := os.Rename(path, path+".1"); err != nil {
				return fmt.Errorf("rotate till log: %w", err)
			}
		}
		pan := cardtest.Number("unionpay", 16, 500_000+n)
		line := fmt.Sprintf("%s INFO sale ok amount=%d.00 card=%s******%s auth=%06d\n", d.stamp(), 8+n%90, pan[:6], pan[12:], n%1_000_000)
		if err := appendTo(path, line); err != nil {
			return err
		}
	}
	return nil
}

func (d *demonstration) stamp() string { return d.now().UTC().Format("2006-01-02 15:04:05") }

func appendTo(path, text string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // somebody took the shop away; the watcher will say so
	}
	if err != nil {
		return fmt.Errorf("write till log: %w", err)
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// leakLog is a debug log left on: whole tracks and codes of a lunch hour.
func (d *demonstration) leakLog() error {
	path := d.path(shopLog, "pos", "logs", "debug.log")
	if exists(path) || exists(d.mark(shopLog)) {
		return nil
	}
	var out bytes.Buffer
	for n := range uint64(24) {
		pan := cardtest.Number("unionpay", 16, n)
		fmt.Fprintf(&out, "%s DEBUG reader track2=%s cvn2=%s amount=%d.00\n", d.stamp(), cardtest.Track2(pan, n), cardtest.CVV(n), 12+n)
	}
	return errors.Join(os.WriteFile(path, out.Bytes(), 0o644), d.leaked(shopLog))
}

// leakExport is a spreadsheet that somebody kept to work on at home.
func (d *demonstration) leakExport() error {
	path := d.path(shopExport, "office", "members-export.csv")
	if exists(path) || exists(d.mark(shopExport)) {
		return nil
	}
	var out bytes.Buffer
	out.WriteString("member,card number,valid thru,points\n")
	for n := range uint64(60) {
		pan := cardtest.Number("visa", 16, 1000+n)
		fmt.Fprintf(&out, "A%04d,%s,%s,%d\n", n, pan, cardtest.Expiry(n), n*7)
	}
	return errors.Join(os.WriteFile(path, out.Bytes(), 0o644), d.leaked(shopExport))
}

// leakBackup is a backup that lies where everybody can read it.
func (d *demonstration) leakBackup() error {
	path := d.path(shopBackup, "backup", "receipts.zip")
	if exists(path) || exists(d.mark(shopBackup)) {
		return nil
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for day := range uint64(3) {
		w, err := z.Create(fmt.Sprintf("receipts/day-%d.txt", day+1))
		if err != nil {
			return err
		}
		for n := range uint64(15) {
			fmt.Fprintf(w, "receipt %d card %s total %d.00\n", n, cardtest.Number("mastercard", 16, 2000+day*100+n), 20+n)
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return errors.Join(durable.WriteFile(path, out.Bytes(), 0o644), d.leaked(shopBackup))
}

// mark is a file outside the estate that says that a shop has leaked, so that
// a leak which somebody locked does not come back at the next start.
func (d *demonstration) mark(shop string) string { return filepath.Join(d.dir, "leaked-"+shop) }

func (d *demonstration) leaked(shop string) error {
	return durable.WriteFile(d.mark(shop), []byte(d.stamp()+"\n"), 0o644)
}
