package console

import (
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/stanch/stanch/ledger"
)

// A LedgerPage lists what happened, with what is needed to check it.
type LedgerPage struct {
	Frame
	Rows       []EntryRow
	Older      int64
	Kind       string
	Subject    string
	Kinds      []string
	Size       int64
	Checkpoint string
	Public     string
	Print      string // fingerprint of the key
}

// An EntryPage is one entry whole.
type EntryPage struct {
	Frame
	Row  EntryRow
	Body string
	Leaf string
	Salt string
}

// entryKinds are the kinds that the filter offers.
var entryKinds = []string{
	"case.opened", "case.moved", "case.marked", "case.noted", "case.sign_reported", "case.contained", "case.exposed",
	"finding.seen", "finding.settled", "account.created", "account.signed_in", "identity.made", "exhibit.sealed",
}

func ledgerPage(v *visit) error {
	query := v.r.URL.Query()
	below, _ := strconv.ParseInt(query.Get("below"), 10, 64) // nonsense begins at the newest
	page := &LedgerPage{Kind: known(entryKinds, query.Get("kind")), Subject: strings.TrimSpace(query.Get("subject")), Kinds: entryKinds}
	page.Frame = Frame{Title: v.tongue.say("ledger.title"), Nav: "ledger", Self: address(v.r.URL)}
	entries, err := v.c.Lists.Entries(v.ctx(), v.c.Tenant, EntryFilter{Kind: page.Kind, Subject: ledger.Subject(page.Subject), Below: max(below, 0), Limit: rowsShown + 1})
	if err != nil {
		return err
	}
	if len(entries) > rowsShown {
		entries = entries[:rowsShown]
		page.Older = entries[rowsShown-1].Index
	}
	page.Rows = v.entryRows(entries)
	if page.Size, err = v.c.Lists.Size(v.ctx()); err != nil {
		return err
	}
	head, err := v.c.Lists.Head(v.ctx())
	if err != nil {
		return err
	}
	page.Checkpoint, page.Public, page.Print = string(head), v.c.Public, ledger.Fingerprint(v.c.Public)
	return v.show("ledger", page)
}

func entryPage(v *visit) error {
	index, err := strconv.ParseInt(v.r.PathValue("index"), 10, 64)
	if err != nil || index < 0 {
		return errNoPage
	}
	entries, err := v.c.Lists.Entries(v.ctx(), v.c.Tenant, EntryFilter{Below: index + 1, Limit: 1})
	if err != nil {
		return err
	}
	if len(entries) == 0 || entries[0].Index != index {
		return errNoPage
	}
	e := entries[0]
	page := &EntryPage{Row: v.entryRows(entries)[0], Leaf: hex.EncodeToString(e.Leaf[:]), Salt: hex.EncodeToString(e.Salt)}
	page.Frame = Frame{Title: v.tongue.say("entry.title", "n", index), Nav: "ledger"}
	if e.Body != nil {
		if text, err := json.MarshalIndent(e.Body, "", "  "); err == nil {
			page.Body = string(text)
		}
	}
	return v.show("entry", page)
}
