package main

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strconv"

	"github.com/stanch/stanch/internal/carrier"
	"github.com/stanch/stanch/internal/finding"
)

// A resultDigest says in one line what a scan found and could not examine, so
// that two scans can be held to be the same: over the matches that are
// reported, in their order, and then over what was not examined.
type resultDigest struct {
	sum     hash.Hash
	lasting bool // tokens mean the same in the next run, and so count
	line    []byte
}

func newResultDigest(lasting bool) *resultDigest {
	return &resultDigest{sum: sha256.New(), lasting: lasting}
}

// match takes in a match. Fields end in a zero byte, which none of them holds.
func (d *resultDigest) match(m *finding.Match) {
	b := d.line[:0]
	text := func(s string) { b = append(append(b, s...), 0) }
	number := func(n int64) { b = append(strconv.AppendInt(b, n, 10), 0) }
	text(m.Class)
	for _, class := range m.Also {
		text(class)
	}
	text(m.Path)
	number(m.Line)
	number(m.Column)
	number(m.Offset)
	number(m.Length)
	text(m.Encoding)
	text(m.Masked)
	text(m.Confidence)
	for _, word := range m.Context {
		text(word)
	}
	if d.lasting {
		text(string(m.Token))
	}
	d.line = append(b, '\n')
	d.sum.Write(d.line)
}

// report takes in what was not examined.
func (d *resultDigest) report(r carrier.Report) {
	for _, u := range r.Unexamined {
		d.sum.Write([]byte(u.Path + "\x00" + string(u.Cause) + "\x00" + strconv.FormatInt(u.Bytes, 10) + "\n"))
	}
	d.sum.Write(strconv.AppendInt(nil, r.Beyond, 10))
}

// String returns the digest in hex.
func (d *resultDigest) String() string { return hex.EncodeToString(d.sum.Sum(nil)) }
