package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"time"
	"unicode/utf16"

	"github.com/stanch/stanch/card/cardtest"
)

// A leak is a mistake that the drill plants.
type leak struct {
	path  string // below the shop
	what  string
	cards []string
	bytes []byte
	sum   [sha256.Size]byte
	at    time.Time // when it was planted
}

// drillCards makes n synthetic numbers that no other leak has.
func drillCards(brand string, from, n uint64) []string {
	out := make([]string, 0, n)
	for i := range n {
		out = append(out, cardtest.Number(brandOf(brand), 16, from+i))
	}
	return out
}

// mistakes are the leaks of the drill: one of each kind that a shop makes.
func mistakes() ([]leak, error) {
	logged, exported, kept, noted := drillCards("unionpay", 9100, 12), drillCards("visa", 9200, 30), drillCards("mastercard", 9300, 20), drillCards("visa", 9400, 8)
	var log, export, zipped, note bytes.Buffer
	for i, pan := range logged {
		fmt.Fprintf(&log, "2026-01-05 12:00:%02d DEBUG reader track2=%s cvn2=%s\n", i, cardtest.Track2(pan, uint64(i)), cardtest.CVV(uint64(i)))
	}
	export.WriteString("name,card number,valid thru\n")
	for i, pan := range exported {
		fmt.Fprintf(&export, "guest %d,%s,%s\n", i, pan, cardtest.Expiry(uint64(i)))
	}
	z := zip.NewWriter(&zipped)
	w, err := z.Create("till/receipts.txt")
	if err != nil {
		return nil, err
	}
	for _, pan := range kept {
		fmt.Fprintf(w, "card %s total 18.00\n", pan)
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	text := "\ufeff"
	for _, pan := range noted {
		text += "card number " + pan + "\r\n"
	}
	for _, unit := range utf16.Encode([]rune(text)) {
		note.Write([]byte{byte(unit), byte(unit >> 8)})
	}
	return []leak{
		{path: "pos/logs/debug.log", what: "debug log with tracks", cards: logged, bytes: log.Bytes()},
		{path: "office/export.csv", what: "export of card numbers", cards: exported, bytes: export.Bytes()},
		{path: "backup/receipts.zip", what: "open backup", cards: kept, bytes: zipped.Bytes()},
		{path: "office/notes.txt", what: "note in UTF-16", cards: noted, bytes: note.Bytes()},
	}, nil
}

// plant writes one leak as an operator would: a plain write, no ceremony.
func (l *leak) plant(shop string) error {
	path := filepath.Join(shop, filepath.FromSlash(l.path))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	l.sum, l.at = sha256.Sum256(l.bytes), time.Now()
	return os.WriteFile(path, l.bytes, 0o644)
}
